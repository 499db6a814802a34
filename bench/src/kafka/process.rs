//! A process under measurement: started, looked at from outside, ended.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use weir_tests::child_process;

/// One that dies with us.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

/// What the kernel says of a process at a moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// User and system time of all its threads, seconds.
    pub(crate) cpu: f64,
    /// Resident memory, MiB.
    pub(crate) rss: f64,
    /// The most it ever was, MiB.
    pub(crate) peak: f64,
}

impl Process {
    /// Starts `program`; what it says goes to the file `log`.
    pub(crate) fn start(program: &Path, arguments: &[&str], folder: &Path, log: &Path) -> Result<Self> {
        let mut command: Command = child_process::command(program);
        let file = File::create(log)?;
        command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = child_process::spawn(command).with_context(|| format!("start {}", program.display()))?;
        Ok(Self { child, log: log.to_owned() })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails, with the end of what it said, where it has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("it ended ({status}):\n{}", self.said()),
        }
    }

    /// The end of what it said.
    pub(crate) fn said(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// SIGTERM, and waits until it has ended well.
    pub(crate) fn stop(mut self, limit: Duration) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process")?;
        kill_process(pid, Signal::TERM)?;
        let until = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                // A JVM that was asked to end says so by its status.
                if status.success() || status.code() == Some(143) {
                    return Ok(());
                }
                bail!("it ended badly ({status}):\n{}", self.said());
            }
            if Instant::now() > until {
                bail!("it did not end within {limit:?}:\n{}", self.said());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Where it has ended already, there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The `weir` program under measurement: the one that is asked for, else what WEIR_BIN names, else the one beside this
/// program.
pub(crate) fn weir_program(asked: Option<&Path>) -> Result<PathBuf> {
    let asked = asked.map(Path::to_owned).or_else(|| std::env::var_os("WEIR_BIN").map(PathBuf::from));
    let weir = match asked {
        Some(weir) => weir,
        None => std::env::current_exe()?.with_file_name("weir"),
    };
    weir.canonicalize().with_context(|| format!("no weir at {}: build it, or name it in WEIR_BIN", weir.display()))
}

/// Asks the kernel; fails where the process is gone.
pub(crate) fn usage(pid: u32) -> Result<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold anything; what follows it are numbers, from the third field on.
    let fields: Vec<&str> = stat.rsplit_once(')').context("/proc/PID/stat")?.1.split_whitespace().collect();
    let ticks = |at: usize| -> Result<f64> { Ok(fields.get(at - 3).context("/proc/PID/stat")?.parse::<u64>()? as f64) };
    let cpu = (ticks(14)? + ticks(15)?) / rustix::param::clock_ticks_per_second() as f64;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let size = |name: &str| -> Result<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("/proc/PID/status")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? as f64 / 1024.0)
    };
    Ok(Usage { cpu, rss: size("VmRSS:")?, peak: size("VmHWM:")? })
}

/// CPU seconds of all children that have ended, user and system.
pub(crate) fn children_cpu() -> Result<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // The name, in brackets, may hold anything; the fields behind it are numbers.
    let (_, fields) = text.rsplit_once(')').context("/proc/self/stat")?;
    let ticks = fields.split_whitespace().skip(13).take(2).map(str::parse::<u64>);
    let ticks: u64 = ticks.sum::<Result<u64, _>>()?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
