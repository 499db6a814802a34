//! What was met in a document and means something.

use super::{
    super::capture::Watched,
    gap::{Gap, NONE, Step},
    scan::Found,
};

/// Marks that are kept before they are told.
const MANY: usize = 32;

/// A gap and the scalar behind it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    /// The gap's number.
    pub(super) gap: u32,
    /// Where the gap begins in the document.
    pub(super) at: u32,
    /// Of the scalar, in bytes.
    pub(super) length: u32,
    /// Whether it is a string with escapes.
    pub(super) escaped: bool,
}

/// Marks in the order of the document.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    marks: [Mark; MANY],
    count: usize,
}

impl Marks {
    /// Forgets them.
    pub(super) fn begin(&mut self) {
        self.count = 0;
    }

    /// Whether there is no room for more now.
    #[inline(always)]
    pub(super) fn add(&mut self, mark: Mark) -> bool {
        self.marks[self.count % MANY] = mark;
        self.count += 1;
        self.count == MANY
    }

    /// Takes them all.
    pub(super) fn drain(&mut self) -> &[Mark] {
        let count = std::mem::take(&mut self.count);
        self.marks.get(..count).unwrap_or_default()
    }
}

/// Tells what a mark means.
#[inline(always)]
pub(super) fn tell(gap: &Gap, mark: &Mark, text: &[u8], found: &mut [Found], mut watched: Option<&mut Watched>) {
    if !gap.steps.is_empty() {
        take(&gap.steps, mark.at as usize, text, found, watched.as_deref_mut());
    }
    let from = mark.at + gap.length;
    let to = from + mark.length;
    if let Some(found) = found.get_mut(gap.want as usize) {
        *found = Found { from, to, escaped: mark.escaped };
    }
    if gap.watched != NONE
        && let Some(watched) = &mut watched
    {
        let (from, to) = (from as usize, to as usize);
        let is_plain = text.get(from) == Some(&b'"') && !mark.escaped;
        watched.meet(gap.watched, text, mark.at as usize + gap.quote as usize, is_plain.then(|| (from + 1, to - 1)));
    }
}

/// Takes the steps of a gap that stands at `at`.
#[inline(never)]
pub(super) fn take(steps: &[Step], at: usize, text: &[u8], found: &mut [Found], mut watched: Option<&mut Watched>) {
    for step in steps {
        let at = at as u32;
        let (want, now) = match *step {
            Step::Forget(want) => (want, Found::default()),
            Step::Open(want, from) => (want, Found { from: at + from, to: at + from, escaped: false }),
            Step::Close(want, to) => match found.get(want as usize) {
                Some(open) => (want, Found { to: at + to, ..*open }),
                None => continue,
            },
            Step::Meet(name, quote) => {
                if let Some(watched) = &mut watched {
                    watched.meet(name, text, (at + quote) as usize, None);
                }
                continue;
            }
        };
        if let Some(found) = found.get_mut(want as usize) {
            *found = now;
        }
    }
}
