//! The interfaces that a plugin imports.

use tracing::Level;

use super::bindings::weir::interceptor::{host, lookup, types};
use crate::wasm::host_imports::State;

impl types::Host for State {}

impl host::Host for State {
    fn log(&mut self, level: host::Level, message: String) {
        let level = match level {
            host::Level::Debug => Level::DEBUG,
            host::Level::Info => Level::INFO,
            host::Level::Warn => Level::WARN,
            host::Level::Error => Level::ERROR,
        };
        self.keep_log(level, message);
    }

    fn count(&mut self, name: String, by: u32) {
        self.keep_count(&name, by);
    }
}

impl lookup::Host for State {
    fn get(&mut self, name: String) -> wasmtime::Result<Option<Vec<u8>>> {
        self.file(&name)
    }
}
