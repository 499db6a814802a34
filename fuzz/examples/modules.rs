//! Writes `tests/guests/random-modules.gz`: valid modules of random code that have what a plugin exports. In `fuzz`:
//! `cargo run --example modules`.
#![allow(clippy::unwrap_used, reason = "a tool")]

use std::{fs, io::Write as _};

use arbitrary::Unstructured;
use flate2::{Compression, write::GzEncoder};
use weir_tests::{paths::project, rng::Rng};

const MODULES: u64 = 100;
/// Bytes that a module is made of.
const ENTROPY: usize = 4096;

fn main() {
    let exports = r#"(module (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
        (func (export "weir:interceptor/plugin@0.1.0#describe") (result i32) unreachable)
        (func (export "weir:interceptor/plugin@0.1.0#configure") (param i32 i32) (result i32) unreachable)
        (func (export "weir:interceptor/plugin@0.1.0#process") (param i32) (result i32) unreachable))"#;
    let imports = r#"(module
        (import "weir:interceptor/host@0.1.0" "log" (func (param i32 i32 i32)))
        (import "weir:interceptor/host@0.1.0" "count" (func (param i32 i32 i32)))
        (import "weir:interceptor/lookup@0.1.0" "get" (func (param i32 i32 i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32))))"#;
    let (exports, imports) = (wat::parse_str(exports).unwrap(), wat::parse_str(imports).unwrap());
    let mut all = GzEncoder::new(Vec::new(), Compression::best());
    for number in 0..MODULES {
        let config = wasm_smith::Config {
            exports: Some(exports.clone()),
            available_imports: Some(imports.clone()),
            max_instructions: 400,
            // What the engine takes: the rest is refused at once. Every second knows objects and exceptions, as few languages do.
            exceptions_enabled: number % 2 == 1,
            gc_enabled: number % 2 == 1,
            threads_enabled: false,
            tail_call_enabled: false,
            relaxed_simd_enabled: false,
            ..wasm_smith::Config::default()
        };
        let mut rng = Rng::new(number);
        let bytes: Vec<u8> = (0..ENTROPY).map(|_| rng.next_u64() as u8).collect();
        let module = wasm_smith::Module::new(config, &mut Unstructured::new(&bytes)).unwrap().to_bytes();
        all.write_all(&(module.len() as u32).to_le_bytes()).unwrap();
        all.write_all(&module).unwrap();
    }
    fs::write(project().join("tests/guests/random-modules.gz"), all.finish().unwrap()).unwrap();
}
