//! The child process: reads a plugin, holds itself to the budget, compiles, sends the code back.

use std::{
    io::{self, Write as _},
    os::{fd::AsFd as _, unix::net::UnixStream},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{
    budget::Budget,
    compile_here, engine_for,
    exchange::{Answer, Request},
};
use crate::wasm::LoadError;

/// Compiles one plugin for the parent process, which is connected to standard input: what a [`super::CompilerProgram`]
/// does. Returns the exit status.
pub fn serve() -> u8 {
    match answer() {
        Ok(()) => 0,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            1
        }
    }
}

fn answer() -> io::Result<()> {
    end_with_parent()?;
    let mut socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let request = Request::receive(&mut socket)?;
    hold_to(request.budget)?;
    let engine = engine_for(request.profile).map_err(io::Error::other)?;
    let answer = match compile_here(&engine, &request.plugin) {
        Ok(code) => return Answer::Code.send(&mut socket, code.bytes()),
        Err(LoadError::Import(import)) => (Answer::Import, import),
        Err(LoadError::TooComplex(text)) => (Answer::TooComplex, text),
        Err(error) => (Answer::Invalid, error.to_string()),
    };
    answer.0.send(&mut socket, answer.1.as_bytes())
}

/// No process stays behind where the parent is killed.
fn end_with_parent() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}

/// From here on the kernel holds this process to its budget. A crash writes no core file: it would be of that size.
fn hold_to(budget: Budget) -> io::Result<()> {
    limit(Resource::Core, 0, 0)?;
    limit(Resource::As, budget.memory, budget.memory)?;
    // At the first the kernel sends SIGXCPU, at the second SIGKILL.
    limit(Resource::Cpu, budget.cpu_seconds, budget.cpu_seconds + 1)
}

fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let within = |wanted: u64| now.maximum.map_or(wanted, |may| may.min(wanted));
    setrlimit(resource, Rlimit { current: Some(within(soft)), maximum: Some(within(hard)) })?;
    Ok(())
}
