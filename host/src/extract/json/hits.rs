//! What was met in a document and means something.

use super::{
    super::capture::KeyAnchored,
    scan::Found,
    skeleton::{NONE, Skeleton, Step},
    template::PARTS,
    text::Holds,
};

/// Hits that are kept before they are told.
const MANY: usize = 32;

/// A skeleton and the scalar behind it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hit {
    /// The skeleton's number.
    pub(super) skeleton: u32,
    /// Where the skeleton begins in the document.
    pub(super) at: u32,
    /// Of the scalar, in bytes.
    pub(super) length: u32,
    /// Whether it is a string, and of what.
    pub(super) holds: Holds,
}

/// Hits in the order of the document.
#[derive(Clone, Debug, Default)]
pub(super) struct Hits {
    hits: [Hit; MANY],
    count: usize,
}

impl Hits {
    /// Forgets them.
    pub(super) fn begin(&mut self) {
        self.count = 0;
    }

    /// Whether there is no room for more now.
    #[inline(always)]
    pub(super) fn add(&mut self, hit: Hit) -> bool {
        self.hits[self.count % MANY] = hit;
        self.count += 1;
        self.count == MANY
    }

    /// Whether there is room for those of a template, and for one more behind them: they are told where one more fills it.
    #[inline(always)]
    pub(super) fn have_room(&self) -> bool {
        self.count < MANY - PARTS
    }

    /// Takes them all.
    pub(super) fn drain(&mut self) -> &[Hit] {
        let count = std::mem::take(&mut self.count);
        self.hits.get(..count).unwrap_or_default()
    }
}

/// Tells what a hit means.
#[inline(always)]
pub(super) fn tell(
    skeleton: &Skeleton,
    hit: &Hit,
    text: &[u8],
    found: &mut [Found],
    mut key_anchored: Option<&mut KeyAnchored>,
) {
    if !skeleton.steps.is_empty() {
        take(&skeleton.steps, hit.at as usize, text, found, key_anchored.as_deref_mut());
    }
    let from = hit.at + skeleton.length;
    let to = from + hit.length;
    if let Some(found) = found.get_mut(skeleton.want as usize) {
        *found = Found { from, to, escaped: hit.holds.escapes() };
    }
    if skeleton.key_anchored != NONE
        && let Some(key_anchored) = &mut key_anchored
    {
        let (from, to) = (from as usize, to as usize);
        let string = hit.holds.plain_text(text, from, to);
        key_anchored.meet(skeleton.key_anchored, text, hit.at as usize + skeleton.quote as usize, string);
    }
}

/// Takes the steps of a skeleton that stands at `at`.
#[inline(never)]
pub(super) fn take(
    steps: &[Step],
    at: usize,
    text: &[u8],
    found: &mut [Found],
    mut key_anchored: Option<&mut KeyAnchored>,
) {
    for step in steps {
        let at = at as u32;
        let (want, now) = match *step {
            Step::Forget(want) => (want, Found::default()),
            Step::Miss(_) => continue,
            Step::Open(want, from) => (want, Found { from: at + from, to: at + from, escaped: false }),
            Step::Close(want, to) => match found.get(want as usize) {
                Some(open) => (want, Found { to: at + to, ..*open }),
                None => continue,
            },
            Step::Meet(name, quote) => {
                if let Some(key_anchored) = &mut key_anchored {
                    key_anchored.meet(name, text, (at + quote) as usize, None);
                }
                continue;
            }
        };
        if let Some(found) = found.get_mut(want as usize) {
            *found = now;
        }
    }
}
