//! Section `chain`: the recom job in the sandbox and natively, and what a no-op interceptor and single built-ins cost.

mod built_ins;
mod columns;
pub(crate) mod configs;
mod idle;
pub(crate) mod job;
mod recom;
mod rows;
pub(crate) mod sandbox;
mod scan;
mod sink;

use crate::{Context, Options, report::Report};

/// The section's name in the report.
pub(crate) const SECTION: &str = "chain";

/// Runs the section.
///
/// # Errors
/// A chain cannot be made, or variants that shall do the same do not.
pub(crate) fn run(options: &Options, context: &Context, report: &mut Report) -> anyhow::Result<()> {
    let configs = configs::Configs::new(&context.scratch()?)?;
    recom::run(options, &configs, report)?;
    idle::run(options, &configs, report)?;
    built_ins::run(options, &configs, report)
}
