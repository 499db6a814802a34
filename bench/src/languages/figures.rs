//! What a language's plugin costs.

use std::{
    fmt, fs,
    os::unix::fs::DirBuilderExt as _,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::project::Project;

/// Records of the longer replay.
const RECORDS: usize = 20_000;

/// Of one plugin.
pub(super) struct Figures {
    bytes: u64,
    /// `weir check` with nothing cached, on the wall.
    first_check: Duration,
    /// To make an instance and to configure it.
    start: Duration,
    /// Bytes of linear memory, configured.
    memory: u64,
    instructions: u64,
    /// On the wall, beyond what the same records take without it.
    record: Duration,
}

impl Figures {
    pub(super) const HEADING: &str =
        "language            size  first check     start    memory  instructions  time a record";

    /// Measures the plugin that stands in the project.
    ///
    /// # Errors
    /// A command fails.
    pub(super) fn of(project: &Project) -> Result<Self> {
        let fresh = project.folder.join("fresh-cache");
        fs::DirBuilder::new().mode(0o700).create(&fresh)?;
        let begin = Instant::now();
        project.run_with("weir check -c weir.toml", &fresh)?;
        let first_check = begin.elapsed();
        let inspected = project.run(&format!("weir plugin inspect --json {}", project.plugin()))?;
        let inspected: Value = serde_json::from_str(&inspected)?;
        let number = |key: &str| inspected[key].as_u64().with_context(|| format!("inspect tells no {key}"));
        let start = inspected["start_seconds"].as_f64().context("inspect tells no start_seconds")?;
        Ok(Self {
            bytes: number("bytes")?,
            first_check,
            start: Duration::from_secs_f64(start),
            memory: number("memory_bytes")?,
            instructions: number("instructions_per_record")?,
            record: time_a_record(project)?,
        })
    }
}

/// The time that the plugin adds to a replay, a record.
fn time_a_record(project: &Project) -> Result<Duration> {
    let events = fs::read_to_string(project.folder.join("events.ndjson"))?;
    let lines: Vec<&str> = events.lines().collect();
    let many: String = lines.iter().cycle().take(RECORDS).map(|line| format!("{line}\n")).collect();
    fs::write(project.folder.join("many.ndjson"), many)?;
    let config = fs::read_to_string(project.folder.join("weir.toml"))?;
    let without = config.split("[[pipelines").next().unwrap_or_default();
    fs::write(project.folder.join("without.toml"), without)?;
    let replay = |config: &str| -> Result<Duration> {
        let begin = Instant::now();
        project.run(&format!("weir replay -c {config} --input many.ndjson --output many.out 2>/dev/null"))?;
        Ok(begin.elapsed())
    };
    let with = replay("weir.toml")?.min(replay("weir.toml")?);
    let without = replay("without.toml")?.min(replay("without.toml")?);
    Ok(with.saturating_sub(without) / RECORDS as u32)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:5} KiB  {:9.2} s {:7.1} ms {:5} KiB  {:12}  {:10.2} us",
            self.bytes.div_ceil(1 << 10),
            self.first_check.as_secs_f64(),
            self.start.as_secs_f64() * 1e3,
            self.memory >> 10,
            self.instructions,
            self.record.as_secs_f64() * 1e6,
        )
    }
}
