//! Where the figures come from.

use std::{fs, thread};

use serde::Serialize;

/// The kind of machine and build, as it stands in `bench.json`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    /// The processor's name.
    pub(super) cpu: String,
    /// Hardware threads that this process may use.
    pub(super) cores: usize,
    /// Memory in all.
    pub(super) memory_mib: u64,
    /// The system's name and release.
    pub(super) kernel: String,
    /// The compiler.
    pub(super) rustc: &'static str,
    /// Whether this is the profile `release`, with link-time optimisation; figures of another build are for tuning only.
    pub(super) optimised: bool,
    /// The version of weir.
    pub(super) weir: &'static str,
    /// When the run ended, UTC.
    pub(super) date: String,
}

impl Machine {
    /// This one, now.
    pub(super) fn here() -> Self {
        let system = rustix::system::uname();
        let kernel = format!("{} {}", system.sysname().to_string_lossy(), system.release().to_string_lossy());
        Self {
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_mib: memory_kib().unwrap_or(0) / 1024,
            kernel,
            rustc: env!("WEIR_BENCH_RUSTC"),
            optimised: env!("WEIR_BENCH_PROFILE") == "release",
            weir: env!("CARGO_PKG_VERSION"),
            date: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }
    }
}

fn memory_kib() -> Option<u64> {
    field("/proc/meminfo", "MemTotal")?.split_whitespace().next()?.parse().ok()
}

/// What stands behind `name:` in a file of the kernel's; none where the kernel tells it otherwise.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let (_, value) = text.lines().filter_map(|line| line.split_once(':')).find(|(found, _)| found.trim() == name)?;
    Some(value.trim().to_owned())
}
