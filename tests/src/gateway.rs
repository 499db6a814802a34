//! A folder with a configuration, and the `weir` processes that are run on it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{Broker, child_process, eventually, paths};

/// A configuration in a folder of its own, which goes away with it.
#[derive(Debug)]
pub struct Gateway {
    dir: TempDir,
}

impl Gateway {
    /// One whose `weir.toml` is `config`.
    pub fn new(config: &str) -> Self {
        let home = paths::target().join("weir-tests");
        fs::create_dir_all(&home).expect("a folder");
        let dir = TempDir::new_in(home).expect("a folder");
        let gateway = Self { dir };
        gateway.write("weir.toml", config);
        gateway
    }

    /// One that speaks to `broker`; `config` holds everything but the table `[kafka]`.
    pub fn against(broker: &Broker, config: &str) -> Self {
        Self::new(&Self::config(broker, config))
    }

    /// What [`Gateway::against`] writes.
    pub fn config(broker: &Broker, config: &str) -> String {
        format!("[kafka]\nbrokers = \"{}\"\n\n{config}", broker.address)
    }

    /// Puts a file into the folder, by a rename, as many editors do.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let new = self.path(&format!(".{name}.new"));
        fs::write(&new, content).expect("a file");
        fs::rename(new, self.path(name)).expect("a rename");
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Starts `weir run`.
    pub fn run(&self) -> Running {
        self.run_with(&[])
    }

    /// The same with something in its environment.
    pub fn run_with(&self, environment: &[(&str, &str)]) -> Running {
        let mut weir = child_process::command(paths::weir());
        weir.envs(environment.iter().copied());
        weir.args(["run", "-c"]).arg(self.path("weir.toml")).current_dir(self.dir.path());
        Running::start(weir)
    }

    /// Starts another command of weir and does not wait for it.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut weir = child_process::command(paths::weir());
        weir.args(arguments).current_dir(self.dir.path());
        Running::start(weir)
    }

    /// Runs another command of weir to its end, in the folder.
    pub fn weir(&self, arguments: &[&str]) -> Finished {
        self.weir_with(arguments, b"")
    }

    /// The same with something in its environment.
    pub fn weir_in(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Finished {
        finish(self.dir.path(), environment, arguments, b"")
    }

    /// The same with something on its standard input.
    pub fn weir_with(&self, arguments: &[&str], input: &[u8]) -> Finished {
        weir(self.dir.path(), arguments, input)
    }
}

/// Runs `weir` to its end in `folder`.
pub fn weir(folder: &Path, arguments: &[&str], input: &[u8]) -> Finished {
    finish(folder, &[], arguments, input)
}

fn finish(folder: &Path, environment: &[(&str, &str)], arguments: &[&str], input: &[u8]) -> Finished {
    let mut weir = child_process::command(paths::weir());
    weir.envs(environment.iter().copied());
    weir.args(arguments).current_dir(folder);
    weir.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child_process::spawn(weir).expect("weir starts");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_vec();
    // It may end without having read everything.
    let writer = thread::spawn(move || stdin.write_all(&input));
    let mut stderr = child.stderr.take().expect("its errors");
    let errors = thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).map(|_| text)
    });
    let mut out = Vec::new();
    child.stdout.take().expect("its output").read_to_end(&mut out).expect("its output");
    let err = errors.join().expect("its errors").expect("its errors");
    let _ = writer.join();
    let status = child.wait().expect("its end").code();
    Finished { status, out, err: String::from_utf8_lossy(&err).into_owned() }
}

/// How a command ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit status; none where a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: Vec<u8>,
    /// Standard error.
    pub err: String,
}

impl Finished {
    /// Panics, showing what was said, unless the exit status is `status`.
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        let Self { status: found, out, err } = &self;
        assert_eq!(*found, Some(status), "standard output:\n{}\nstandard error:\n{err}", String::from_utf8_lossy(out));
        self
    }

    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

/// What weir logs where records are missing from its own sums: of a worker while it runs, and of all at the end.
const UNACCOUNTED: [&str; 2] =
    ["records in flight are not those that were counted", "records were read and are nowhere"];

/// A `weir run`. Dropped, it is killed; and if a test fails meanwhile, its log is shown. However it ends: if it has said that
/// a record is not accounted for, the test fails.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: Arc<Mutex<String>>,
    /// Reads the log to its end.
    reader: Option<JoinHandle<()>>,
}

impl Running {
    fn start(mut weir: Command) -> Self {
        weir.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = child_process::spawn(weir).expect("weir starts");
        let log = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().expect("its errors"));
        let to = Arc::clone(&log);
        let reader = thread::spawn(move || {
            let mut line = Vec::new();
            // A plugin's words may be no text, and what follows them counts all the same.
            while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                to.lock().expect("the log").push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
        Self { child, log, reader: Some(reader) }
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Waits until it has said something.
    #[track_caller]
    pub fn says(&self, words: &str) {
        eventually(30, &format!("the log says `{words}`"), || self.log().contains(words).then_some(()));
    }

    /// Waits until it has said something in a line below the first `from` bytes of the log; returns the line.
    pub fn says_after(&self, from: usize, words: &str) -> String {
        eventually(30, &format!("the log says `{words}`"), || {
            let log = self.log();
            log.get(from..)?.lines().find(|line| line.contains(words)).map(str::to_owned)
        })
    }

    /// Whether it is still there.
    pub fn lives(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id() as i32).expect("a process");
        kill_process(pid, signal).expect("a signal");
    }

    /// kill -9, and waits until it is gone.
    pub fn kill(mut self) {
        self.child.kill().expect("a signal");
        let _ = self.child.wait();
    }

    /// SIGTERM; its exit status and how long it took. Panics when that is more than 30 s.
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        self.signal(Signal::TERM);
        (self.exit(30), start.elapsed())
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn exit(&mut self, seconds: u64) -> ExitStatus {
        let status = eventually(seconds, "weir ends", || self.child.try_wait().expect("its state"));
        self.read_to_end();
        self.assert_accounted();
        status
    }

    /// Waits until all that it has said is in the log.
    fn read_to_end(&mut self) {
        let end = Instant::now() + Duration::from_secs(10);
        // What it started to compile a plugin may have its standard error a little longer than it lives itself.
        while self.reader.as_ref().is_some_and(|reader| !reader.is_finished()) && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
        self.reader = None;
    }

    /// Panics where it has said that a record is not accounted for.
    #[track_caller]
    fn assert_accounted(&self) {
        let log = self.log();
        let line = log.lines().find(|line| UNACCOUNTED.iter().any(|words| line.contains(words)));
        assert_eq!(line, None, "weir's own sums are off");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.read_to_end();
        if !thread::panicking() {
            self.assert_accounted();
        } else {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(80)..];
            #[allow(clippy::print_stderr, reason = "shown beside the failed test")]
            {
                eprintln!("--- weir's log, its last {} lines of {} ---\n{}", tail.len(), lines.len(), tail.join("\n"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_for_in_every_log_is_what_weir_says() {
        for (words, file) in UNACCOUNTED.into_iter().zip(["pipeline/worker.rs", "app/activity.rs"]) {
            let source = fs::read_to_string(paths::project().join("host/src").join(file)).expect("a source");
            assert!(source.contains(words), "`{words}` stands nowhere in {file}");
        }
    }
}
