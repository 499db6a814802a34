//! The adapter that a core module with imports of WASI preview 1 is joined with: `preview1.wat`, and the functions that it
//! only refuses.

use std::{fmt::Write as _, sync::OnceLock};

use anyhow::Context as _;
use wit_component::StringEncoding;
use wit_parser::Resolve;

use super::{CLOCK_RESOLUTION, MONOTONIC_CLOCK, SEED, WALL_CLOCK};

/// The module of the imports.
pub(in crate::wasm) const MODULE: &str = "wasi_snapshot_preview1";

/// What a component that the adapter is part of imports besides weir's interface.
pub(super) const INTERFACE: &str = "weir:wasi/preview1@0.1.0";

/// Functions of [`INTERFACE`] that are there for the plugin's output and its end; every other is a refusal.
pub(super) const PRINT: &str = "print";
pub(super) const EXIT: &str = "exit";

/// What speaks of a file that is open already, with its parameters: none but the standard streams ever is.
const OF_OPEN_FILES: &[(&str, &str)] = &[
    ("fd_advise", "i32 i64 i64 i32"),
    ("fd_allocate", "i32 i64 i64"),
    ("fd_fdstat_set_rights", "i32 i64 i64"),
    ("fd_filestat_set_size", "i32 i64"),
    ("fd_filestat_set_times", "i32 i64 i64 i32"),
    ("fd_pread", "i32 i32 i32 i64 i32"),
    ("fd_prestat_dir_name", "i32 i32 i32"),
    ("fd_prestat_get", "i32 i32"),
    ("fd_pwrite", "i32 i32 i32 i64 i32"),
    ("fd_readdir", "i32 i32 i32 i64 i32"),
    ("fd_renumber", "i32 i32"),
];

/// What reaches for the world, with its parameters.
const REFUSED: &[(&str, &str)] = &[
    ("path_create_directory", "i32 i32 i32"),
    ("path_filestat_get", "i32 i32 i32 i32 i32"),
    ("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"),
    ("path_link", "i32 i32 i32 i32 i32 i32 i32"),
    ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
    ("path_readlink", "i32 i32 i32 i32 i32 i32"),
    ("path_remove_directory", "i32 i32 i32"),
    ("path_rename", "i32 i32 i32 i32 i32 i32"),
    ("path_symlink", "i32 i32 i32 i32 i32"),
    ("path_unlink_file", "i32 i32 i32"),
    ("proc_raise", "i32"),
    ("sock_accept", "i32 i32 i32"),
    ("sock_recv", "i32 i32 i32 i32 i32 i32"),
    ("sock_send", "i32 i32 i32 i32 i32"),
    ("sock_shutdown", "i32 i32"),
];

/// EBADF of preview 1.
const BAD_FILE: u32 = 8;

/// Returns the adapter as Wasm, with the description of what it imports itself.
pub(in crate::wasm) fn adapter() -> anyhow::Result<&'static [u8]> {
    static ADAPTER: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(adapter) = ADAPTER.get() {
        return Ok(adapter);
    }
    let adapter = assemble().context("assembling the adapter for WASI preview 1")?;
    Ok(ADAPTER.get_or_init(|| adapter))
}

/// The function of preview 1 that a function of [`INTERFACE`] is there for.
pub(super) fn named(function: &str) -> String {
    match function {
        PRINT => "fd_write".to_owned(),
        EXIT => "proc_exit".to_owned(),
        refused => refused.replace('-', "_"),
    }
}

fn assemble() -> anyhow::Result<Vec<u8>> {
    let mut module = wat::parse_str(text())?;
    let mut resolve = Resolve::default();
    let package = resolve.push_str("preview1.wit", &wit())?;
    let world = resolve.select_world(&[package], Some("adapter"))?;
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(module)
}

/// [`INTERFACE`] as WIT. One function for each that is refused, so that a component's imports tell which of them it has.
fn wit() -> String {
    // Writing into a String cannot fail, here and below.
    let mut wit = "package weir:wasi@0.1.0;\ninterface preview1 {\n".to_owned();
    let _ = writeln!(wit, "{PRINT}: func(%stream: u32, text: list<u8>);");
    let _ = writeln!(wit, "{EXIT}: func(status: u32);");
    for (name, _) in REFUSED {
        let _ = writeln!(wit, "{}: func();", name.replace('_', "-"));
    }
    wit.push_str("}\nworld adapter { import preview1; }\n");
    wit
}

/// The adapter's own text; not yet assembled, so that asking for it costs a start nothing.
pub(in crate::wasm) fn text() -> String {
    let mut imports = String::new();
    let mut functions = String::new();
    for (name, _) in REFUSED {
        let _ = writeln!(imports, r#"(import "{INTERFACE}" "{}" (func $refuse_{name}))"#, name.replace('_', "-"));
    }
    for (name, parameters) in REFUSED {
        let body = format!("(call $refuse_{name}) (unreachable)");
        let _ = writeln!(functions, r#"(func (export "{name}") (param {parameters}) (result i32) {body})"#);
    }
    for (name, parameters) in OF_OPEN_FILES {
        let body = format!("(i32.const {BAD_FILE})");
        let _ = writeln!(functions, r#"(func (export "{name}") (param {parameters}) (result i32) {body})"#);
    }
    let text = include_str!("preview1.wat");
    text.replace("(;imports;)", &imports)
        .replace("(;functions;)", &functions)
        .replace("@INTERFACE@", INTERFACE)
        .replace("@WALL@", &(WALL_CLOCK * 1_000_000_000).to_string())
        .replace("@MONOTONIC@", &MONOTONIC_CLOCK.to_string())
        .replace("@RESOLUTION@", &CLOCK_RESOLUTION.to_string())
        .replace("@SEED@", &SEED.to_string())
}
