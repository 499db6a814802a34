//! How many resources an instance holds of the host's: each costs memory that its own limit does not count.

/// Resources that an instance may hold at once; a start-up takes some dozens.
const MOST: u32 = 1_000;

/// Resources of WASI that an instance holds.
#[derive(Debug, Default)]
pub(in crate::wasm) struct Resources(u32);

impl Resources {
    /// The instance gets one.
    ///
    /// # Errors
    /// It holds as many as it may.
    pub(super) fn add(&mut self) -> wasmtime::Result<()> {
        if self.0 >= MOST {
            return Err(wasmtime::Error::msg(format!("holds more than {MOST} streams and timers of WASI")));
        }
        self.0 += 1;
        Ok(())
    }

    /// It dropped one.
    pub(super) fn remove(&mut self) {
        self.0 = self.0.saturating_sub(1);
    }
}
