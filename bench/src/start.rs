//! Section `start`: the program cold and warm, a fresh chain, memory of a chain.

mod fresh;
mod memory;
mod program;

use crate::{Context, Options, chain::configs::Configs, report::Report};

/// The section's name in the report.
const SECTION: &str = "start";

/// Runs the section.
///
/// # Errors
/// The program is not there or fails, or a chain cannot be made.
pub(crate) fn run(options: &Options, context: &Context, report: &mut Report) -> anyhow::Result<()> {
    let scratch = context.scratch()?;
    let configs = Configs::new(&scratch)?;
    program::run(options, &configs, &scratch, report)?;
    fresh::run(options, &configs, report)?;
    memory::run(options, &configs, report)
}
