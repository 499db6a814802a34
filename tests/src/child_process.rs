//! Processes that cannot outlive the tests, however the tests end.

use std::{
    ffi::OsStr,
    fs, io,
    process::{Child, Command},
    sync::{OnceLock, mpsc},
    thread,
};

type Order = (Command, mpsc::Sender<io::Result<Child>>);

/// A command whose process the kernel kills when this one ends, be it by a panic, by an abort or by a signal.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Starts a command made by [`command`].
///
/// # Errors
/// Whatever keeps it from starting.
pub fn spawn(command: Command) -> io::Result<Child> {
    static STARTER: OnceLock<mpsc::Sender<Order>> = OnceLock::new();
    // The kernel's parent is the thread that forked, and a test's thread ends with the test: one thread that never
    // ends starts them all.
    let starter = STARTER.get_or_init(|| {
        let (orders, queue) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in queue {
                let _ = answer.send(command.spawn());
            }
        });
        orders
    });
    let (answer, child) = mpsc::channel();
    starter.send((command, answer)).expect("the thread never ends");
    child.recv().expect("the thread answers")
}

/// The names of the threads of a process.
///
/// # Errors
/// There is no such process.
pub fn thread_names(pid: u32) -> io::Result<Vec<String>> {
    let threads = fs::read_dir(format!("/proc/{pid}/task"))?.flatten();
    // One that has ended meanwhile has none.
    let name = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
    Ok(threads.map(|thread| name(thread).trim().to_owned()).collect())
}
