//! Logs: to standard error, as text or JSON.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

static JSON: AtomicBool = AtomicBool::new(false);

/// Whether the log is lines of JSON.
pub(super) fn is_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// How and how much is logged.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Form of the log; WEIR_LOG_FORMAT where it is not given, else text.
    #[arg(long, global = true, value_enum, value_name = "FORM")]
    log_format: Option<Format>,
    /// What is logged: a level, or levels by target as in `info,weir::kafka=debug`; WEIR_LOG where it is not given,
    /// else info.
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Arguments {
    /// Turns logging on.
    pub(super) fn init(&self) -> anyhow::Result<()> {
        let environment = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let filter = self.log.clone().or_else(|| environment("WEIR_LOG")).unwrap_or_else(|| "info".to_owned());
        let filter: EnvFilter = filter.parse().with_context(|| format!("`{filter}` is no filter for the log"))?;
        let format = match (self.log_format, environment("WEIR_LOG_FORMAT")) {
            (Some(format), _) => format,
            (None, None) => Format::Text,
            (None, Some(name)) => Format::from_str(&name, true)
                .map_err(|_| anyhow::anyhow!("WEIR_LOG_FORMAT is `text` or `json`, not `{name}`"))?,
        };
        JSON.store(format == Format::Json, Ordering::Relaxed);
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
        match format {
            Format::Text => log.with_ansi(super::is_coloured()).init(),
            Format::Json => log.json().flatten_event(true).init(),
        }
        Ok(())
    }
}
