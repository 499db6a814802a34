//! `weir plugin`: what authors of plugins need.

mod inspect;
mod junit;
mod new;
mod templates;
mod test;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;

use super::Outcome;
use crate::{bounded_file, config::PLUGIN_LIMIT, wasm::Limits};

/// Makes plugins' projects, looks into plugins, and tests them.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    New(new::Arguments),
    Inspect(inspect::Arguments),
    Test(test::Arguments),
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Command::New(arguments) => new::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Test(arguments) => test::run(arguments),
    }
}

/// What a plugin may use while it is tried: the defaults of an interceptor.
#[derive(Clone, Copy, Debug, clap::Args)]
struct LimitArguments {
    /// MiB of memory that the plugin may use; `memory` of an interceptor.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=4096))]
    memory_mib: u32,
    /// ms of CPU time that a call may take; `deadline` of an interceptor.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=600_000))]
    deadline_ms: u32,
}

impl LimitArguments {
    fn limits(self) -> Limits {
        Limits { deadline: Duration::from_millis(self.deadline_ms.into()), memory: (self.memory_mib as usize) << 20 }
    }
}

fn read_plugin(path: &Path) -> anyhow::Result<Arc<[u8]>> {
    let bytes = bounded_file::read(path, PLUGIN_LIMIT);
    Ok(Arc::from(bytes.with_context(|| format!("cannot read `{}`", path.display()))?))
}
