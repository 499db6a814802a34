//! The `splitter` interceptor: makes several records of one.

mod parts;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, ops::Range};

use parts::Splits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{
    Batch, Cells, Edits, Effects, Files, Interceptor, Mistake, Plan, check_header, check_json_array_pointer, count,
    json::Pointer,
    part::{Part, PartReader},
};

/// Makes several records of one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What it is split by.
    by: By,
    /// The part of the record that is split: each of its parts becomes the value of a record. Left out: the value.
    #[serde(default)]
    from: Option<Part>,
    /// A header that gets the part's number within its record, from 0.
    #[serde(default)]
    position_header: Option<String>,
    /// A header that gets the number of parts of the record.
    #[serde(default)]
    count_header: Option<String>,
    /// What becomes of a record in which `from` is not there or null, as the value is in a tombstone, or stands in no valid JSON.
    #[serde(default)]
    missing: Missing,
    /// What becomes of a record that has no part: an empty text, an empty array, line ends only.
    #[serde(default)]
    empty: Empty,
    /// What becomes of a record that cannot be split: no valid JSON, no array there, or more parts than `max_parts`.
    #[serde(default)]
    invalid: Invalid,
    /// The most parts that a record may have, 1 to 16384.
    #[serde(default = "max_parts")]
    #[schemars(range(min = 1, max = 16_384))]
    max_parts: u32,
}

fn max_parts() -> u32 {
    ROWS as u32
}

/// Rows that weir takes as the answer for one batch.
const ROWS: usize = 16_384;

/// What it is split by.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// JSON documents that stand one after the other, with white space between them (NDJSON) or without.
    Documents,
    /// Lines, which end in `\n` or `\r\n`. Empty ones are left out.
    Lines,
    /// The items of a JSON array, by a pointer to it: `{ array = "/items" }`, or `{ array = "" }` where it is the document.
    Array(String),
}

/// What becomes of a record in which there is nothing to split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// It goes on as it came.
    #[default]
    Keep,
    /// It is set aside.
    DeadLetter,
    /// It is dropped.
    Drop,
}

/// What becomes of a record without parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// It is dropped.
    #[default]
    Drop,
    /// It is set aside.
    DeadLetter,
    /// It goes on as it came.
    Keep,
}

/// What becomes of a record that cannot be split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Invalid {
    /// It is set aside, with the reason.
    #[default]
    DeadLetter,
    /// It goes on as it came.
    Keep,
}

/// The interceptor.
#[derive(Debug)]
pub struct Splitter {
    part: PartReader,
    /// The part, as a reason says it.
    named: String,
    by: Splits,
    position_header: Option<String>,
    count_header: Option<String>,
    missing: Missing,
    empty: Empty,
    invalid: Invalid,
    max_parts: usize,
}

/// What becomes of a record.
#[derive(Debug)]
enum Fate {
    /// It stays as it is.
    Stay,
    Drop,
    DeadLetter(String),
    /// It becomes these parts, by their numbers among those of the batch.
    Split(Range<usize>),
}

impl Fate {
    /// How many records come of it.
    fn rows(&self) -> usize {
        match self {
            Self::Split(parts) => parts.len(),
            _ => 1,
        }
    }
}

impl Interceptor for Splitter {
    type Config = Config;
    const NAME: &'static str = "splitter";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Makes several records of one: JSON documents, lines, or the items of an array.";

    fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let Config { by, from, position_header, count_header, missing, empty, invalid, max_parts } = config;
        let mut mistakes = Vec::new();
        let mut plan = Plan::new().effects(Effects::VALUE | Effects::EXPAND);
        let from = from.unwrap_or_else(Part::of_value);
        let part = from.declare(&mut plan, "/from").map_err(|wrong| mistakes.extend(wrong)).ok();
        if let By::Array(pointer) = &by {
            mistakes.extend(check_json_array_pointer(pointer, "/by/array"));
        }
        for (place, header) in [("/position_header", &position_header), ("/count_header", &count_header)] {
            mistakes.extend(header.as_deref().and_then(|header| check_header(header, place)));
        }
        if position_header.is_some() && position_header == count_header {
            mistakes.push(Mistake::new(
                "/count_header",
                "is the header that gets the position already; choose another name",
            ));
        }
        if max_parts == 0 || max_parts as usize > ROWS {
            mistakes.push(Mistake::new("/max_parts", format!("{max_parts} parts: write a number from 1 to {ROWS}")));
        }
        let Some(part) = part.filter(|_| mistakes.is_empty()) else { return Err(mistakes) };
        if empty == Empty::Drop || missing == Missing::Drop {
            plan = plan.effects(Effects::DROP);
        }
        if empty == Empty::DeadLetter || invalid == Invalid::DeadLetter || missing == Missing::DeadLetter {
            plan = plan.effects(Effects::DEAD_LETTER);
        }
        let plan = plan.header_names(position_header.iter().chain(&count_header));
        let by = match by {
            By::Documents => Splits::Documents,
            By::Lines => Splits::Lines,
            By::Array(pointer) => Splits::Array(Pointer::new(&pointer), pointer),
        };
        let (named, max_parts) = (from.to_string(), max_parts as usize);
        Ok((Self { part, named, by, position_header, count_header, missing, empty, invalid, max_parts }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let part = self.part.within(batch)?;
        let texts: Vec<Option<Cow<'_, [u8]>>> = batch.rows().map(|row| part.get(row)).collect();
        let mut parts = Vec::new();
        let (mut missing, mut empty, mut invalid, mut split) = (0, 0, 0, 0);
        let mut fates = Vec::with_capacity(batch.len());
        for text in &texts {
            let Some(text) = text else {
                missing += 1;
                fates.push(match self.missing {
                    Missing::Keep => Fate::Stay,
                    Missing::DeadLetter => Fate::DeadLetter(format!("nothing to split: no {}", self.named)),
                    Missing::Drop => Fate::Drop,
                });
                continue;
            };
            let first = parts.len();
            let fate = match self.by.split(text, self.max_parts, &mut parts) {
                Ok(()) if parts.len() == first => {
                    empty += 1;
                    match self.empty {
                        Empty::Drop => Fate::Drop,
                        Empty::DeadLetter => Fate::DeadLetter(format!("{} has no part", self.named)),
                        Empty::Keep => Fate::Stay,
                    }
                }
                Ok(()) => {
                    split += 1;
                    Fate::Split(first..parts.len())
                }
                Err(reason) => {
                    parts.truncate(first);
                    invalid += 1;
                    match self.invalid {
                        Invalid::DeadLetter => Fate::DeadLetter(reason),
                        Invalid::Keep => Fate::Stay,
                    }
                }
            };
            fates.push(fate);
        }
        let rows: usize = fates.iter().map(Fate::rows).sum();
        if rows > ROWS && fates.len() > 1 {
            // weir then asks about half of the batch at a time.
            return Err(format!("{rows} records would come of this batch, and {ROWS} may"));
        }
        if rows > fates.len() {
            let sources = fates.iter().enumerate();
            edits.expand(sources.flat_map(|(row, fate)| std::iter::repeat_n(row, fate.rows())));
        }
        self.write(&fates, &parts, &texts, edits);
        count("missing", missing);
        count("split", split);
        count("empty", empty);
        count("invalid", invalid);
        Ok(())
    }
}

impl Splitter {
    /// Writes the rows that come of a batch.
    fn write(&self, fates: &[Fate], parts: &[Range<usize>], texts: &[Option<Cow<'_, [u8]>>], edits: &mut Edits) {
        let bytes = parts.iter().map(Range::len).sum();
        let rows = edits.rows();
        let mut cells = Cells::with_room(rows, bytes);
        let numbers = |header: &Option<String>| header.as_ref().map(|_| Cells::with_room(rows, rows));
        let (mut positions, mut counts) = (numbers(&self.position_header), numbers(&self.count_header));
        let (mut position_digits, mut count_digits) = (itoa::Buffer::new(), itoa::Buffer::new());
        let mut row = 0;
        for (text, fate) in texts.iter().zip(fates) {
            match fate {
                Fate::Stay => {}
                Fate::Drop => edits.drop(row),
                Fate::DeadLetter(reason) => edits.dead_letter(row, reason),
                Fate::Split(of_record) => {
                    let text = text.as_deref().unwrap_or_default();
                    let frame = self.by.frame(text);
                    let count = count_digits.format(of_record.len()).as_bytes();
                    for (position, part) in parts.get(of_record.clone()).into_iter().flatten().enumerate() {
                        let part = text.get(part.clone()).unwrap_or_default();
                        let row = row + position;
                        if frame.is_empty() {
                            cells.row(row, part);
                        } else {
                            cells.row_parts(row, [frame, part]);
                        }
                        if let Some(positions) = &mut positions {
                            positions.row(row, position_digits.format(position).as_bytes());
                        }
                        if let Some(counts) = &mut counts {
                            counts.row(row, count);
                        }
                    }
                }
            }
            row += fate.rows();
        }
        if cells.is_empty() {
            return;
        }
        *edits.value() = cells;
        for (header, numbers) in [(&self.position_header, positions), (&self.count_header, counts)] {
            if let (Some(header), Some(numbers)) = (header, numbers) {
                edits.set_header_cells(header, numbers);
            }
        }
    }
}

weir_sdk::export!(Splitter);
