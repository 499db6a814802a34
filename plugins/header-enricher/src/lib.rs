//! The `header-enricher` interceptor: writes headers from constants and templates, renames and removes them.
//!
//! Within a record the order is: renames (all at once), then the entries of `headers` one after the other, each seeing
//! what those above it wrote, then removals.

mod config;
mod entry;
mod lookup;
mod matching;
mod plan;
mod rename;
#[cfg(test)]
mod tests;

pub use config::{Config, Header, Missing, Rename};
use weir_sdk::{Batch, Edits, Files, Interceptor, Mistake, Plan};

use crate::{entry::Entry, lookup::View, matching::Matching, rename::Renames};

/// Writes, renames and removes headers.
#[derive(Debug)]
pub struct Enricher {
    renames: Renames,
    entries: Vec<Entry>,
    remove: Vec<String>,
    matching: Option<Matching>,
}

impl Interceptor for Enricher {
    type Config = Config;

    const NAME: &'static str = "header-enricher";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Writes headers from constants and templates, renames and removes them.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        plan::build(config, files)
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let moved = self.renames.apply(batch, edits)?;
        let mut written = Vec::with_capacity(self.entries.len());
        for entry in &mut self.entries {
            let view = View { batch, moved: &moved, written: &written };
            let wrote = entry.write(view, edits)?;
            written.push(wrote);
        }
        for name in &self.remove {
            edits.remove_header(name).all();
        }
        if let Some(matching) = &mut self.matching {
            matching.remove(batch, edits)?;
        }
        Ok(())
    }
}

weir_sdk::export!(Enricher);
