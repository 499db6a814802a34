//! Changes to some bytes of a text, collected first and applied at once.

use std::ops::Range;

/// Ranges of a text and what comes in their place: ascending, none within another.
#[derive(Debug, Default)]
pub(crate) struct Splices {
    cuts: Vec<Cut>,
    /// What is written, one after the other.
    text: Vec<u8>,
}

#[derive(Debug)]
struct Cut {
    from: usize,
    to: usize,
    /// Where in `text` its replacement ends; it begins where the one before ends.
    text_end: usize,
}

impl Splices {
    pub(crate) fn clear(&mut self) {
        self.cuts.clear();
        self.text.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// Takes a range out.
    pub(crate) fn cut(&mut self, range: Range<usize>) {
        self.put_with(range, |_| {});
    }

    /// Writes bytes in place of a range.
    pub(crate) fn put(&mut self, range: Range<usize>, bytes: &[u8]) {
        self.put_with(range, |text| text.extend_from_slice(bytes));
    }

    /// Writes what `write` appends in place of a range.
    pub(crate) fn put_with(&mut self, range: Range<usize>, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.text);
        self.cuts.push(Cut { from: range.start, to: range.end, text_end: self.text.len() });
    }

    /// Writes the text with all changes into `out`, which is emptied first.
    pub(crate) fn apply(&self, text: &[u8], out: &mut Vec<u8>) {
        out.clear();
        out.reserve(text.len() + self.text.len());
        let (mut copied, mut written) = (0, 0);
        for cut in &self.cuts {
            out.extend_from_slice(text.get(copied..cut.from).unwrap_or_default());
            out.extend_from_slice(self.text.get(written..cut.text_end).unwrap_or_default());
            (copied, written) = (cut.to, cut.text_end);
        }
        out.extend_from_slice(text.get(copied..).unwrap_or_default());
    }
}
