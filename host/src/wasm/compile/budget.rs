//! What compiling one plugin may cost.

use std::time::Duration;

/// CPU seconds for any plugin. A module of 100 KiB takes a tenth of a second.
const CPU_SECONDS: u64 = 10;
/// And for every MiB of it. Interpreters, the dearest of honest plugins, take up to 1.2 a MiB on a quiet machine
/// (SpiderMonkey: 14 s for 12 MiB, CPython: 11 s for 18 MiB), and took 2.7 on two cores that eleven others shared.
/// In a debug build the compiler itself is less optimised (CPython: 50 s beside one other process).
const CPU_SECONDS_A_MIB: u64 = if cfg!(debug_assertions) { 8 } else { 4 };
/// Bytes of address space. SpiderMonkey takes 400 MiB with the program itself.
const MEMORY: u64 = 1 << 30;

/// The limits of one child process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::wasm) struct Budget {
    /// CPU time of all its threads, in seconds.
    pub(in crate::wasm) cpu_seconds: u64,
    /// Bytes of address space.
    pub(in crate::wasm) memory: u64,
}

impl Budget {
    /// The budget of a plugin of `bytes`.
    pub(in crate::wasm) fn for_plugin(bytes: usize) -> Self {
        let mib = bytes.div_ceil(1 << 20) as u64;
        Self { cpu_seconds: CPU_SECONDS + CPU_SECONDS_A_MIB * mib, memory: MEMORY }
    }

    /// How long it may take on the wall: a machine with other work to do is slower, and a process that was stopped or
    /// swapped out must not hold up a reload for ever.
    pub(in crate::wasm) fn patience(self) -> Duration {
        Duration::from_secs(30 + 4 * self.cpu_seconds)
    }
}
