//! The parent's side of a compilation: starts the child process, waits for it, kills it when it is given up.

use std::{
    fmt,
    io::{self, ErrorKind, Read as _, Write as _},
    os::{
        fd::OwnedFd,
        unix::{
            net::UnixStream,
            process::{CommandExt as _, ExitStatusExt as _},
        },
    },
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::Signal;

use super::{
    CompilerProgram,
    budget::Budget,
    exchange::{Answer, Request},
};
use crate::wasm::{Cancel, LoadError, code::TrustedCode, engine::Profile};

/// How often it is looked whether the compilation was given up.
const GLANCE: Duration = Duration::from_millis(10);
/// Larger than any code compiled from a plugin of the size limit.
const MAX_CODE: u64 = 1 << 30;
/// More threads need more memory, and the budget must not depend on the machine.
const THREADS: usize = 4;
/// Of what a child that crashed wrote to standard error.
const MAX_ERRORS: u64 = 64 << 10;

/// Compiles `plugin` in a child process within its budget.
///
/// # Errors
/// [`LoadError`]: what is wrong with the plugin, the limit that it hit, or that it was given up.
pub(in crate::wasm) fn compile(
    program: &CompilerProgram,
    profile: Profile,
    plugin: &[u8],
    budget: Budget,
    cancel: &Cancel,
) -> Result<TrustedCode, LoadError> {
    let mut compiler = Compiler::start(program, budget, cancel).map_err(LoadError::NoProcess)?;
    let sent = compiler
        .write(&Request::head(profile, budget, plugin.len()))
        .and_then(|()| compiler.write(plugin))
        .and_then(|()| compiler.read());
    match sent.map(Answer::parse) {
        Ok(Some((Answer::Code, code))) => Ok(TrustedCode::from_child(code)),
        Ok(Some((kind, text))) => {
            let text = String::from_utf8_lossy(&text).into_owned();
            Err(match kind {
                Answer::Import => LoadError::Import(text),
                Answer::TooComplex => LoadError::TooComplex(text),
                _ => LoadError::Invalid(text),
            })
        }
        // Where it breaks off, how the child ended tells why.
        Ok(None) | Err(Broken::Off) => Err(compiler.post_mortem(budget)),
        Err(Broken::GivenUp) => Err(LoadError::GivenUp),
        Err(Broken::TooLong) => Err(LoadError::CompileTime(budget.patience())),
    }
}

/// A child process that compiles. Dropped, it is killed and gone.
struct Compiler<'a> {
    child: Child,
    socket: UnixStream,
    errors: UnixStream,
    cancel: &'a Cancel,
    until: Instant,
}

/// Why no answer came.
enum Broken {
    Off,
    GivenUp,
    TooLong,
}

impl<'a> Compiler<'a> {
    fn start(program: &CompilerProgram, budget: Budget, cancel: &'a Cancel) -> io::Result<Self> {
        let (socket, request) = UnixStream::pair()?;
        let (errors, stderr) = UnixStream::pair()?;
        socket.set_read_timeout(Some(GLANCE))?;
        socket.set_write_timeout(Some(GLANCE))?;
        errors.set_read_timeout(Some(GLANCE))?;
        let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
        let mut command = Command::new(&program.path);
        command
            .arg0("weir")
            .args(&program.arguments)
            .env("RAYON_NUM_THREADS", threads.to_string())
            .stdin(Stdio::from(OwnedFd::from(request)))
            .stdout(Stdio::null())
            .stderr(Stdio::from(OwnedFd::from(stderr)))
            // Ctrl-C is for the parent, which gives up in its own way.
            .process_group(0);
        let child = command.spawn()?;
        Ok(Self { child, socket, errors, cancel, until: Instant::now() + budget.patience() })
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Broken> {
        while !bytes.is_empty() {
            let written = self.socket.write(bytes);
            match self.moved(written)? {
                Some(0) => return Err(Broken::Off),
                Some(written) => bytes = bytes.get(written..).unwrap_or_default(),
                None => {}
            }
        }
        Ok(())
    }

    /// All that the child sends until it closes its side.
    fn read(&mut self) -> Result<Vec<u8>, Broken> {
        let mut bytes = Vec::new();
        let mut piece = vec![0; 256 << 10];
        loop {
            let read = self.socket.read(&mut piece);
            match self.moved(read)? {
                Some(0) => return Ok(bytes),
                Some(read) if bytes.len() as u64 + read as u64 <= MAX_CODE => {
                    bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
                }
                Some(_) => return Err(Broken::Off),
                None => {}
            }
        }
    }

    /// How much was moved; none where the time for a glance has passed, and all is well.
    fn moved(&self, result: io::Result<usize>) -> Result<Option<usize>, Broken> {
        if self.cancel.is_cancelled() {
            return Err(Broken::GivenUp);
        }
        match result {
            Ok(moved) => Ok(Some(moved)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if Instant::now() < self.until { Ok(None) } else { Err(Broken::TooLong) }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
            Err(_) => Err(Broken::Off),
        }
    }

    /// Why the child ended without an answer.
    fn post_mortem(&mut self, budget: Budget) -> LoadError {
        let status = self.wait();
        let mut errors = Vec::new();
        // What it could still say is enough.
        let _ = (&mut self.errors).take(MAX_ERRORS).read_to_end(&mut errors);
        let errors = String::from_utf8_lossy(&errors);
        let signal = status.and_then(|status| status.signal());
        if signal == Some(Signal::XCPU.as_raw()) {
            return LoadError::CompileTime(Duration::from_secs(budget.cpu_seconds));
        }
        // The standard library's words where an allocation fails; threads that get no stack are told by the system's.
        if errors.contains("memory allocation of") || errors.contains("Cannot allocate memory") {
            return LoadError::CompileMemory(budget.memory);
        }
        LoadError::Compiler(Crash { status, errors: first_line(&errors) }.to_string())
    }

    /// Waits until the child is gone; kills it when the time is over.
    fn wait(&mut self) -> Option<ExitStatus> {
        while !self.cancel.is_cancelled() && Instant::now() < self.until {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(GLANCE),
                Ok(Some(status)) => return Some(status),
                Err(_) => break,
            }
        }
        None
    }
}

impl Drop for Compiler<'_> {
    fn drop(&mut self) {
        // An error of either says that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a child ended that should have answered.
struct Crash {
    status: Option<ExitStatus>,
    errors: String,
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "it ended with {status}")?,
            None => f.write_str("it did not end")?,
        }
        if self.errors.is_empty() { Ok(()) } else { write!(f, ": {}", self.errors) }
    }
}

/// The first line that is not about where a panic was.
fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("thread '"));
    super::super::one_line(&lines.next().unwrap_or_default())
}
