//! Cells made of texts and of other cells, one after the other.

use super::{Cells, LEFT};
use crate::{Bytes, batch::SHORT};

/// A piece of every row of [`Cells::joined`].
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// The same in every row.
    Text(&'a [u8]),
    /// The row's cell.
    Cells(Bytes<'a>),
}

/// A short text and what comes behind it: one step for two parts, since mostly they take turns.
#[derive(Clone, Copy)]
struct Step<'a> {
    /// With zeros behind it.
    text: [u8; SHORT],
    /// Of the text, [`SHORT`] at most.
    length: usize,
    data: &'a [u8],
    /// Where cells begin and end in `data`.
    offsets: &'a [u32],
    /// What of a row's number counts in `offsets`: all of it, or, where every row has the same, nothing.
    mask: usize,
}

/// Behind a text that is the last.
const NOTHING: Step<'_> = Step { text: [0; SHORT], length: 0, data: &[], offsets: &[0, 0], mask: 0 };

impl Step<'_> {
    /// Copies the row's bytes to `out`, where there is room for twice [`SHORT`] bytes at least, and answers where they end.
    #[inline(always)]
    fn copy(&self, row: usize, out: &mut [u8], at: usize) -> usize {
        let offsets = self.offsets.get(row & self.mask..).and_then(<[u32]>::first_chunk);
        let [from, to] = *offsets.unwrap_or(&[0, 0]);
        let (from, length) = (from as usize, to.saturating_sub(from) as usize);
        let place = out.get_mut(at..).unwrap_or_default();
        let bytes = self.data.get(from..).unwrap_or_default();
        let before = self.length.min(SHORT);
        // Copying a fixed number of bytes is a load and a store; copying so many as there are is a call of the engine.
        if let Some(place) = place.first_chunk_mut::<{ 2 * SHORT }>() {
            if let Some(place) = place.first_chunk_mut() {
                *place = self.text;
            }
            if length <= SHORT
                && let (Some(place), Some(bytes)) = (place[before..].first_chunk_mut::<SHORT>(), bytes.first_chunk())
            {
                *place = *bytes;
                return at + before + length;
            }
        }
        let place = place.get_mut(before..).unwrap_or_default();
        if let (Some(place), Some(bytes)) = (place.get_mut(..length), bytes.get(..length)) {
            place.copy_from_slice(bytes);
        }
        at + before + length
    }
}

/// The steps of all parts. `lengths`: of each part that is a text where it begins and ends.
fn steps<'a>(parts: &[Part<'a>], lengths: &'a [[u32; 2]]) -> Vec<Step<'a>> {
    let mut steps = Vec::with_capacity(parts.len());
    let mut next = NOTHING;
    for (part, offsets) in parts.iter().zip(lengths) {
        match *part {
            Part::Text(text) if text.len() <= SHORT => {
                if next.length > 0 {
                    steps.push(next);
                }
                next = NOTHING;
                next.text.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
                next.length = text.len();
            }
            Part::Text(data) => {
                steps.push(Step { data, offsets, ..next });
                next = NOTHING;
            }
            Part::Cells(cells) => {
                steps.push(Step { data: cells.data(), offsets: cells.offsets(), mask: usize::MAX, ..next });
                next = NOTHING;
            }
        }
    }
    if next.length > 0 {
        steps.push(next);
    }
    steps
}

impl Cells {
    /// Writes to each of the first `rows` rows what the parts have there, one after the other; a row in which a part's
    /// cell is null is left alone. Much faster than part by part.
    pub fn joined(rows: usize, parts: &[Part<'_>]) -> Self {
        if let [Part::Cells(only)] = parts
            && only.len() == rows
        {
            let mut cells = Self::new();
            cells.column(*only);
            return cells;
        }
        let mut holes = Vec::new();
        let mut lengths = Vec::with_capacity(parts.len());
        // What all rows may have together, and room to copy more than is needed behind the last.
        let mut room = 2 * SHORT;
        for part in parts {
            let length = match *part {
                Part::Text(text) => {
                    room += text.len() * rows;
                    text.len() as u32
                }
                Part::Cells(cells) => {
                    room += cells.data().len();
                    if cells.nulls() > 0 {
                        holes.push(cells);
                    }
                    0
                }
            };
            lengths.push([0, length]);
        }
        let steps = steps(parts, &lengths);
        let mut joined = Self { ends: Vec::with_capacity(rows + 1), data: vec![0; room], ..Self::default() };
        if !holes.is_empty() {
            joined.marks.reserve(rows);
        }
        let mut end = 0;
        for row in 0..rows {
            let is_left = holes.iter().any(|cells| cells.is_null(row));
            if !is_left {
                for step in &steps {
                    end = step.copy(row, &mut joined.data, end);
                }
                joined.written += 1;
            }
            joined.ends.push(end as u32);
            if !holes.is_empty() {
                joined.marks.push(if is_left { LEFT } else { 0 });
            }
        }
        joined.data.truncate(end);
        joined
    }
}
