//! Cells made of texts and of other cells, one after the other.

use super::{Cells, LEFT};
use crate::{Bytes, batch::SHORT};

/// A piece of every row of [`Cells::joined`].
#[derive(Clone, Copy, Debug)]
pub enum Segment<'a> {
    /// The same in every row.
    Text(&'a [u8]),
    /// The row's cell.
    Cells(Bytes<'a>),
}

/// What a step needs at least behind the place that it writes to: it copies more than is needed.
const ROOM: usize = 3 * SHORT;

/// A short text and the cells behind it: one step for two parts, since mostly they take turns. A long text is several.
struct Step<'a> {
    /// With zeros behind it.
    text: [u8; SHORT],
    /// Of the text, [`SHORT`] at most.
    length: usize,
    data: &'a [u8],
    /// Where cells begin and end in `data`; empty where there is only the text.
    offsets: &'a [u32],
    /// The last bytes of `data` from `last` on, [`SHORT`] at most, with zeros behind them.
    tail: [u8; ROOM],
    last: usize,
}

impl<'a> Step<'a> {
    fn new(short: &[u8], data: &'a [u8], offsets: &'a [u32]) -> Self {
        let last = data.len().saturating_sub(SHORT);
        let (mut text, mut tail) = ([0; SHORT], [0; ROOM]);
        text.iter_mut().zip(short).for_each(|(to, from)| *to = *from);
        tail.iter_mut().zip(data.iter().skip(last)).for_each(|(to, from)| *to = *from);
        Self { text, length: short.len().min(SHORT), data, offsets, tail, last }
    }

    /// Copies the row's bytes to the beginning of `out`, which has [`ROOM`] to spare, and answers what is behind them.
    ///
    /// Copying a fixed number of bytes is a load and a store; copying so many as there are is a call of the engine. The
    /// masks change nothing: they tell the compiler what fits.
    #[inline(always)]
    fn copy<'o>(&self, row: usize, out: &'o mut [u8]) -> &'o mut [u8] {
        let before = self.length & (2 * SHORT - 1);
        let [from, to] = *self.offsets.get(row..).and_then(<[u32]>::first_chunk).unwrap_or(&[0, 0]);
        let (from, length) = (from as usize, to.saturating_sub(from) as usize);
        if let Some(place) = out.first_chunk_mut::<ROOM>() {
            place[..SHORT].copy_from_slice(&self.text);
            if length <= SHORT {
                let behind = from.wrapping_sub(self.last) & (2 * SHORT - 1);
                let bytes = self.data.get(from..).and_then(<[u8]>::first_chunk::<SHORT>);
                place[before..before + SHORT].copy_from_slice(match bytes {
                    Some(bytes) => bytes,
                    None => &self.tail[behind..behind + SHORT],
                });
                return out.get_mut(before + length..).unwrap_or_default();
            }
        }
        let (place, rest) = out.split_at_mut_checked(before + length).unwrap_or_default();
        if let (Some(place), Some(bytes)) = (place.get_mut(before..), self.data.get(from..from + length)) {
            place.copy_from_slice(bytes);
        }
        rest
    }
}

/// The steps of all parts.
fn steps<'a>(parts: &[Segment<'a>]) -> Vec<Step<'a>> {
    let mut steps = Vec::with_capacity(parts.len());
    let mut text: &[u8] = &[];
    let alone = |text| Step::new(text, &[], &[]);
    for part in parts {
        match *part {
            Segment::Text(next) => {
                steps.extend((!text.is_empty()).then(|| alone(text)));
                let (whole, rest) = next.as_chunks::<SHORT>();
                steps.extend(whole.iter().map(|chunk| alone(chunk)));
                text = rest;
            }
            Segment::Cells(cells) => {
                steps.push(Step::new(text, cells.data(), cells.offsets()));
                text = &[];
            }
        }
    }
    steps.extend((!text.is_empty()).then(|| alone(text)));
    steps
}

impl Cells {
    /// Writes to each of the first `rows` rows what the parts have there, one after the other; a row in which a part's
    /// cell is null is left alone. Much faster than part by part.
    pub fn joined(rows: usize, parts: &[Segment<'_>]) -> Self {
        if let [Segment::Cells(only)] = parts
            && only.len() == rows
        {
            let mut cells = Self::new();
            cells.column(*only);
            return cells;
        }
        let mut holes = Vec::new();
        // What all rows may have together, and room to copy more than is needed behind the last.
        let mut room = ROOM;
        for part in parts {
            match *part {
                Segment::Text(text) => room += text.len() * rows,
                Segment::Cells(cells) => {
                    room += cells.data().len();
                    if cells.nulls() > 0 {
                        holes.push(cells);
                    }
                }
            }
        }
        let mut joined = Self { offsets: vec![0; rows + 1], data: vec![0; room], ..Self::default() };
        if !holes.is_empty() {
            joined.marks = (0..rows).map(|row| if holes.iter().any(|it| it.is_null(row)) { LEFT } else { 0 }).collect();
        }
        let left = joined.marks.iter().filter(|mark| **mark == LEFT).count();
        joined.written = rows - left;
        let end = copy_rows(&steps(parts), &joined.marks, &mut joined.offsets[1..], &mut joined.data);
        joined.data.truncate(end);
        joined
    }
}

/// Copies all rows but the marked ones to the beginning of `data`. Returns where they end there. In `ends` is then
/// where each row does.
///
/// A function of its own: with its caller's variables around it the loop would not have registers enough.
#[inline(never)]
fn copy_rows(steps: &[Step<'_>], marks: &[u8], ends: &mut [u32], data: &mut [u8]) -> usize {
    // Two in a round: the engine looks at its clock in each.
    let (pairs, last) = steps.as_chunks::<2>();
    let room = data.len();
    let mut rest = data;
    for (row, end) in ends.iter_mut().enumerate() {
        if marks.get(row).is_none_or(|mark| *mark == 0) {
            for [one, other] in pairs {
                rest = other.copy(row, one.copy(row, rest));
            }
            for step in last {
                rest = step.copy(row, rest);
            }
        }
        *end = (room - rest.len()) as u32;
    }
    room - rest.len()
}
