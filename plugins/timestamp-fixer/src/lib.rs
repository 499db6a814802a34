//! The `timestamp-fixer` interceptor: the client's time where it can be believed, the server's where not.

mod config;
mod counts;
mod number;
mod plan;
mod rfc3339;
mod source;
mod span;
#[cfg(test)]
mod tests;
mod unit;
mod window;

pub use config::{Config, From, Reference, Source};
use weir_sdk::{Batch, Cells, Edits, Files, Interceptor, Mistake, Plan};

use crate::{
    counts::Counts,
    unit::Unit,
    window::{Outcome, Said, Window},
};

/// Sets the record's time from what the client said, or from the reference where that cannot be believed.
#[derive(Debug)]
pub struct Fixer {
    /// The column of what the client said.
    said: usize,
    /// The column of the reference.
    reference: usize,
    reference_is_record: bool,
    unit: Unit,
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
        let said = batch.bytes(self.said)?;
        let references = batch.ints(self.reference)?;
        let mut counts = Counts::default();
        let rows = if self.set_header.is_some() { batch.len() } else { 0 };
        // A time in milliseconds has 13 digits for centuries to come.
        let (mut set, mut kept) = (Cells::with_room(rows, rows * 13), Cells::new());
        for row in batch.rows() {
            let text = said.get(row);
            let usual = text.and_then(|text| self.unit.read_usual(text));
            let time = match (usual, text) {
                (Some(ms), _) => Said::Time(ms),
                (None, Some(text)) => self.unit.read(text).map_or(Said::Unreadable, Said::Time),
                (None, None) => Said::Nothing,
            };
            // Kafka writes "no timestamp" as -1.
            let reference = references.get(row).filter(|&ms| ms >= 0);
            let outcome = self.window.judge(time, reference);
            counts.add(outcome);
            let (Outcome::Kept(ms) | Outcome::Unchecked(ms) | Outcome::Replaced(ms, _)) = outcome else {
                continue;
            };
            if !(self.reference_is_record && reference == Some(ms)) {
                edits.timestamp(row, ms);
            }
            if self.set_header.is_some() {
                match (usual, text) {
                    // It is already written down.
                    (Some(said), Some(text)) if said == ms => set.row(row, text),
                    _ => set.row(row, digits(ms, &mut [b'0'; 20])),
                }
            }
            if let (Some(_), Outcome::Replaced(..), Some(text)) = (&self.keep_original, outcome, text) {
                kept.row(row, text);
            }
        }
        for (name, cells) in [(&self.set_header, set), (&self.keep_original, kept)] {
            if let Some(name) = name {
                edits.set_header_cells(name, cells);
            }
        }
        counts.tell();
        Ok(())
    }
}

/// A time, which is never negative here, in decimal: i64 has 19 digits at most. Two digits at a time; the buffer comes
/// filled with zeros.
fn digits(ms: i64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut rest = ms.unsigned_abs();
    let mut from = buffer.len();
    for pair in buffer.rchunks_exact_mut(2) {
        let two = (rest % 100) as u8;
        rest /= 100;
        pair.copy_from_slice(&[b'0' + two / 10, b'0' + two % 10]);
        from -= 2;
        if rest == 0 {
            break;
        }
    }
    // An odd number of digits has a zero in front.
    from += usize::from(buffer[from] == b'0' && from + 1 < buffer.len());
    &buffer[from..]
}

weir_sdk::export!(Fixer);
