//! The interfaces that a plugin imports.

use tracing::Level;

use super::bindings::weir::interceptor::{host, lookup, types};
use crate::wasm::host_imports::State;

impl types::Host for State {}

impl host::Host for State {
    fn log(&mut self, level: host::Level, message: String) -> wasmtime::Result<()> {
        self.meter.host_call(message.len())?;
        let level = match level {
            host::Level::Debug => Level::DEBUG,
            host::Level::Info => Level::INFO,
            host::Level::Warn => Level::WARN,
            host::Level::Error => Level::ERROR,
        };
        self.log(level, message);
        Ok(())
    }

    fn count(&mut self, name: String, by: u32) -> wasmtime::Result<()> {
        self.meter.host_call(name.len())?;
        self.keep_count(&name, by);
        Ok(())
    }
}

impl lookup::Host for State {
    fn get(&mut self, name: String) -> wasmtime::Result<Option<Vec<u8>>> {
        self.file(&name)
    }
}
