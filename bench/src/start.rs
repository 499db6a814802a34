//! Section `start`: the program cold and warm, a fresh chain, memory of a chain.

use crate::{Context, Options, report::Report};

pub(crate) fn run(_options: &Options, _context: &Context, _report: &mut Report) -> anyhow::Result<()> {
    Ok(())
}
