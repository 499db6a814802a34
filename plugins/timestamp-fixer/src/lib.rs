//! The `timestamp-fixer` interceptor: the client's time where it can be believed, the server's where not.

mod config;
mod counts;
mod digits;
mod plan;
mod span;
#[cfg(test)]
mod tests;
mod texts;
mod window;

pub use config::{Config, Reference};
use weir_sdk::{
    Batch, Cells, Edits, Files, Interceptor, Mistake, Plan,
    part::PartReader,
    times::{Reader, thirteen_digits},
};

use crate::{
    counts::Counts,
    digits::digits,
    texts::{Made, Texts},
    window::{Outcome, Said, Window},
};

/// Sets the record's time from what the client said, or from the reference where that cannot be believed.
#[derive(Debug)]
pub struct Fixer {
    /// What the client said.
    said: PartReader,
    /// The column of the reference.
    reference: usize,
    reference_is_record: bool,
    reader: Reader,
    window: Window,
    keep_original: Option<String>,
    set_header: Option<String>,
}

impl Interceptor for Fixer {
    type Config = Config;

    const NAME: &'static str = "timestamp-fixer";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str =
        "Takes the record's time from the client where it can be believed, else from the server.";

    fn new(config: Config, _files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        plan::build(config)
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let part = self.said.within(batch)?;
        match part.column() {
            Some(column) => self.fix(batch, &column, edits),
            None => self.fix(batch, &Made::of(&part, batch.len()), edits),
        }
    }
}

impl Fixer {
    fn fix(&self, batch: &Batch, said: &impl Texts, edits: &mut Edits) -> Result<(), String> {
        let references = batch.ints(self.reference)?;
        let mut counts = Counts::new(self.reader.units());
        let (sets, keeps) = (self.set_header.is_some(), self.keep_original.is_some());
        let mut kept = Cells::new();
        // What is to be written to all other rows is written down already.
        let mut unusual: Vec<(usize, Option<i64>)> = Vec::with_capacity(if sets { batch.len() / 4 } else { 0 });
        let (usual_unit, mut usuals) = (self.reader.usual(), 0);
        edits.timestamps(batch.rows().map(
            #[inline(always)]
            |row| {
                let text = said.get(row);
                let usual = text.filter(|_| usual_unit.is_some()).and_then(thirteen_digits);
                // Kafka writes "no timestamp" as -1.
                let reference = references.get(row).filter(|&ms| ms >= 0);
                if let (Some(ms), Some(reference)) = (usual, reference)
                    && self.window.holds(ms, reference)
                {
                    // As nearly all rows.
                    counts.add(Outcome::Kept(ms));
                    usuals += 1;
                    return self.moved(ms, Some(reference));
                }
                let (time, unit) = self.said(usual, text, reference);
                let outcome = self.window.judge(time, reference);
                counts.add(outcome);
                counts.read(unit);
                let ms = match outcome {
                    Outcome::Kept(ms) | Outcome::Unchecked(ms) => ms,
                    Outcome::Replaced(ms, _) => {
                        if keeps {
                            said.copy(row, &mut kept);
                        }
                        ms
                    }
                    Outcome::Untimed => {
                        unusual.extend(sets.then_some((row, None)));
                        return None;
                    }
                };
                unusual.extend(sets.then_some((row, Some(ms))));
                self.moved(ms, reference)
            },
        ));
        if let Some(name) = &self.set_header {
            match said.column().filter(|_| unusual.is_empty()) {
                Some(column) => edits.set_header_column(name, column),
                None => edits.set_header_cells(name, times(said, batch.len(), &unusual)),
            }
        }
        if let Some(name) = &self.keep_original {
            edits.set_header_cells(name, kept);
        }
        if let Some(unit) = usual_unit {
            counts.read_often(unit, usuals);
        }
        counts.tell();
        Ok(())
    }

    /// The time to set, unless the record has it already.
    #[inline(always)]
    fn moved(&self, ms: i64, reference: Option<i64>) -> Option<i64> {
        Some(ms).filter(|_| !(self.reference_is_record && reference == Some(ms)))
    }

    /// What a text says, of which `usual` is known already, and which unit says it.
    #[inline(always)]
    fn said(&self, usual: Option<i64>, text: Option<&[u8]>, reference: Option<i64>) -> (Said, Option<usize>) {
        match (usual, text) {
            (Some(ms), _) => (Said::Time(ms), self.reader.usual()),
            (None, Some(text)) => match self.reader.read(text, reference) {
                Some((unit, ms)) => (Said::Time(ms), Some(unit)),
                None => (Said::Unreadable, None),
            },
            (None, None) => (Said::Nothing, None),
        }
    }
}

/// What the rows' clients said, but for the `unusual` rows, ascending: their times, or nothing.
fn times(said: &impl Texts, rows: usize, unusual: &[(usize, Option<i64>)]) -> Cells {
    // A time in milliseconds has 13 digits for centuries to come.
    let mut times = Cells::with_room(rows, rows * 13);
    let mut next = 0;
    for (row, ms) in unusual {
        said.copy_rows(next..*row, &mut times);
        if let Some(ms) = ms {
            times.row(*row, digits(*ms, &mut [0; 24]));
        }
        next = row + 1;
    }
    said.copy_rows(next..rows, &mut times);
    times
}

weir_sdk::export!(Fixer);
