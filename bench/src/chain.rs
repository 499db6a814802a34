//! Section `chain`: the recom job in the sandbox and natively, and what a no-op interceptor costs.

use crate::{Context, Options, report::Report};

pub(crate) fn run(_options: &Options, _context: &Context, _report: &mut Report) -> anyhow::Result<()> {
    Ok(())
}
