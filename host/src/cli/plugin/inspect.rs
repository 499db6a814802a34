//! `weir plugin inspect`.

mod cost;
mod report;

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use weir_rules::hex;

use super::{LimitArguments, read_plugin};
use crate::{
    cli::{Outcome, set_up},
    wasm::{Anatomy, Engine, Setup, SetupError},
};

use report::Report;

/// Tells what a plugin is, what it reads and may change, what it imports, and what it costs.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The plugin: a component, a core module, or the text of either.
    #[arg(value_name = "FILE")]
    plugin: PathBuf,
    /// Its config, for what depends on it.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    config: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    limits: LimitArguments,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let shown = || arguments.plugin.display().to_string();
    let bytes = read_plugin(&arguments.plugin)?;
    let config: serde_json::Value = serde_json::from_str(&arguments.config).context("--config is no JSON")?;
    let limits = arguments.limits.limits();
    let anatomy = Anatomy::of(&bytes).with_context(shown)?;
    let engine = set_up::engine()?;
    let begin = Instant::now();
    let plugin = engine.load(&bytes).with_context(shown)?;
    let loaded_in = begin.elapsed();
    let description = plugin.describe(limits).with_context(|| format!("{}: it cannot describe itself", shown()))?;
    let setup = Setup { config: config.to_string(), files: BTreeMap::new(), limits };
    let begin = Instant::now();
    let configured = plugin.set_up(&setup);
    let set_up_in = begin.elapsed();
    let (configured, mistakes, warnings) = match configured {
        Ok((mut instance, plan)) => {
            let warnings = instance.take_warnings();
            (Some((instance, plan)), Vec::new(), warnings)
        }
        Err(SetupError::Config { mistakes, warnings }) => (None, mistakes, warnings),
        Err(SetupError::Fault(fault)) => {
            return Err(fault).with_context(|| format!("{}: it cannot be configured", shown()));
        }
    };
    let cost = match &configured {
        Some((_, plan)) => Some(cost::of(&Engine::counting()?.load(&bytes).with_context(shown)?, &setup, plan)?),
        None => None,
    };
    let report = Report {
        file: shown(),
        bytes: bytes.len(),
        sha256: hex(&Sha256::digest(&bytes)),
        anatomy,
        wasi: plugin.wasi_imports().to_vec(),
        description,
        loaded_in,
        set_up_in,
        memory: configured.as_ref().map(|(instance, _)| instance.memory()),
        plan: configured.map(|(_, plan)| plan),
        mistakes,
        warnings,
        cost,
    };
    let text = if arguments.json { report.json() } else { report.text() };
    std::io::Write::write_all(&mut std::io::stdout().lock(), text.as_bytes())?;
    Ok(if report.mistakes.is_empty() { Outcome::Done } else { Outcome::Different })
}
