//! What a hit means where the first of a name counts.
//!
//! A pointer's value is open as long as its [`Found`] has no bytes: it was not met yet, or is a container that has begun. What
//! is met when it is not open belongs to a name that stood there before.

use super::{
    super::capture::KeyAnchored,
    hits::Hit,
    scan::Found,
    skeleton::{NONE, Skeleton, Step},
};

/// What is not there, whatever follows.
const MISSED: Found = Found { from: 1, to: 0, escaped: false };

/// As [`super::hits::tell`]; returns how many values have ended that were missing.
#[inline(always)]
pub(super) fn tell(
    skeleton: &Skeleton,
    hit: &Hit,
    text: &[u8],
    found: &mut [Found],
    mut key_anchored: Option<&mut KeyAnchored>,
) -> usize {
    let mut ended = 0;
    if !skeleton.steps.is_empty() {
        ended = take(&skeleton.steps, hit.at as usize, text, found, key_anchored.as_deref_mut());
    }
    let from = hit.at + skeleton.length;
    let to = from + hit.length;
    // A skeleton may be told before its scalar is read, and a string may seem to end behind the document.
    if hit.length == 0 || to as usize > text.len() {
        return ended;
    }
    if let Some(found) = found.get_mut(skeleton.want as usize).filter(|found| is_open(**found)) {
        *found = Found { from, to, escaped: hit.holds.escapes() };
        ended += usize::from(has_ended(text, from as usize, to as usize));
    }
    if skeleton.key_anchored != NONE
        && let Some(key_anchored) = &mut key_anchored
    {
        let (from, to) = (from as usize, to as usize);
        let string = hit.holds.plain_text(text, from, to);
        key_anchored.meet(skeleton.key_anchored, text, hit.at as usize + skeleton.quote as usize, string);
    }
    ended
}

/// As [`super::hits::take`]; returns how many values have ended that were missing. To take steps twice changes nothing.
#[inline(never)]
pub(super) fn take(
    steps: &[Step],
    at: usize,
    text: &[u8],
    found: &mut [Found],
    mut key_anchored: Option<&mut KeyAnchored>,
) -> usize {
    let mut ended = 0;
    for step in steps {
        let at = at as u32;
        let (want, now) = match *step {
            Step::Open(want, from) => (want, Found { from: at + from, to: at + from, escaped: false }),
            Step::Close(want, to) => match found.get(want as usize) {
                Some(open) => (want, Found { to: at + to, ..*open }),
                None => continue,
            },
            Step::Miss(want) => (want, MISSED),
            Step::Forget(_) => continue,
            Step::Meet(name, quote) => {
                if let Some(key_anchored) = &mut key_anchored {
                    key_anchored.meet(name, text, (at + quote) as usize, None);
                }
                continue;
            }
        };
        if let Some(found) = found.get_mut(want as usize).filter(|found| is_open(**found)) {
            *found = now;
            ended += usize::from(matches!(step, Step::Close(..)));
        }
    }
    ended
}

fn is_open(found: Found) -> bool {
    found.from == found.to
}

/// Whether the scalar `text[from..to]` is known to end there: a number that is cut off is another number.
fn has_ended(text: &[u8], from: usize, to: usize) -> bool {
    let is_string = text.get(from) == Some(&b'"');
    is_string || matches!(text.get(to), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}'))
}

#[cfg(test)]
mod tests;
