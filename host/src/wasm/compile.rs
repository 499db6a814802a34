//! A plugin's bytes to machine code: in this process, or in a child process that is held to a budget.
//!
//! Cranelift cannot be stopped, and there are modules of some KiB that it works on for hours. So what is not weir's own
//! is compiled in a process that can be killed, after limits on its sizes have refused the known ways to get there.

mod budget;
mod child;
mod complexity;
mod exchange;
mod process;

use std::{ffi::OsString, path::PathBuf};

pub use child::serve as serve_compiler;

pub(super) use self::{budget::Budget, process::compile as compile_in_child};
use super::{
    Cancel, LoadError,
    code::TrustedCode,
    componentize,
    engine::{self, Profile},
};

/// A program that compiles when it is started with these arguments: it must call [`serve_compiler`].
#[derive(Clone, Debug)]
pub struct CompilerProgram {
    /// The program's file.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

impl CompilerProgram {
    /// The program that runs, started with `argument`.
    ///
    /// # Errors
    /// The system does not tell where it is.
    pub fn this_one(argument: &str) -> std::io::Result<Self> {
        // By this name it is the file that runs, also where another has taken its place since.
        let running = PathBuf::from("/proc/self/exe");
        let path = if running.exists() { running } else { std::env::current_exe()? };
        Ok(Self { path, arguments: vec![argument.into()] })
    }
}

/// Compiles `plugin`, a component, a core module or the text of either: in a child process where `program` is given and
/// the plugin is not built in.
///
/// # Errors
/// [`LoadError`].
pub(super) fn compile(
    engine: &wasmtime::Engine,
    profile: Profile,
    program: Option<&CompilerProgram>,
    plugin: &[u8],
    cancel: &Cancel,
) -> Result<TrustedCode, LoadError> {
    match program {
        Some(program) if !is_built_in(plugin) => {
            compile_in_child(program, profile, plugin, Budget::for_plugin(plugin.len()), cancel)
        }
        _ => compile_here(engine, plugin),
    }
}

/// Compiles on the threads of this process; nothing but the limits on sizes bounds it.
fn compile_here(engine: &wasmtime::Engine, plugin: &[u8]) -> Result<TrustedCode, LoadError> {
    let binary = componentize::to_binary(plugin)?;
    complexity::check(&binary)?;
    let component = componentize::to_component(&binary)?;
    TrustedCode::compile(engine, &component)
}

/// The engine of the child process: it compiles what the parent's engine runs.
fn engine_for(profile: Profile) -> anyhow::Result<wasmtime::Engine> {
    engine::compiling(profile)
}

fn is_built_in(plugin: &[u8]) -> bool {
    weir_plugins::BUILT_INS.iter().any(|built_in| built_in.bytes == plugin)
}
