//! The weir gateway (room table to come).

pub mod batch;
pub mod chain;
pub mod config;
pub mod record;
pub mod record_file;
pub mod wasm;
