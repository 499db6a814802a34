//! Names as they stood in earlier documents.
//!
//! Documents of one topic mostly have the same names in the same order, with the same spaces around them. What stands
//! from the end of one value to the beginning of the next one is therefore compared with what stood there the last time,
//! whole; where it is the same bytes at the same place of the grammar, it is as valid as it was then and names the same.

use super::super::chunk::Chunk;

/// Texts that are remembered at most.
const TEXTS: usize = 512;
/// Bytes of one text at most.
const LONG: usize = 64;
/// Texts that may not be remembered before all are forgotten.
const STRANGERS: u32 = 4096;

/// Where in the grammar a name stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The object's place among the pointers.
    pub(super) node: u32,
    /// Whether it is the object's first.
    pub(super) first: bool,
}

/// What a name leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// The member's place among the pointers.
    pub(super) child: u32,
    /// Where the quote stands that opens the name, from the text's beginning.
    pub(super) quote: u32,
    /// The watched name that it is, [`NONE`] of none.
    pub(super) watched: u32,
}

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// Names, with what stands around them.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// The first stands for the document's beginning.
    texts: Vec<Text>,
    /// Texts by their hash.
    table: Vec<u32>,
    /// The text before this one.
    last: u32,
    strangers: u32,
}

/// From the end of a value, or an object's brace, to the value that the name stands for.
#[derive(Clone, Debug, Default)]
struct Text {
    place: Place,
    length: u32,
    /// The text that followed the last time.
    next: u32,
    head: u128,
    /// Of the head's bytes those that belong to it.
    mask: u128,
    /// Its last bytes, where it is longer than the head.
    tail: u128,
    name: Name,
    bytes: Box<[u8]>,
}

impl Default for Seen {
    fn default() -> Self {
        // No name stands at the beginning's place: it is never what is expected.
        let beginning = Text { place: Place { node: NONE, first: false }, ..Text::default() };
        Self { texts: vec![beginning], table: vec![0; 4 * TEXTS], last: 0, strangers: 0 }
    }
}

impl Seen {
    /// A document begins.
    pub(super) fn begin(&mut self) {
        self.last = 0;
    }

    /// Where the value of the name begins that stands at `at`, if it is the one that is expected there.
    #[inline(always)]
    pub(super) fn expected(&mut self, document: &[u8], at: usize, place: Place) -> Option<(Name, usize)> {
        let next = self.texts.get(self.last as usize)?.next;
        let text = self.texts.get(next as usize)?;
        if text.place == place && text.stands(document, at) {
            self.last = next;
            return Some((text.name, at + text.length as usize));
        }
        None
    }

    /// Notes what stood in an object, up to a value; it is valid there.
    pub(super) fn learn(&mut self, bytes: &[u8], place: Place, name: Name) {
        let Some(at) = self.find(bytes, place) else {
            self.strangers += 1;
            if self.strangers == STRANGERS {
                *self = Self::default();
            }
            return;
        };
        let known = self.table[at];
        let number = if known > 0 {
            known
        } else {
            let number = self.texts.len() as u32;
            self.table[at] = number;
            self.texts.push(Text::new(bytes, place, name));
            number
        };
        self.texts[self.last as usize].next = number;
        self.last = number;
    }

    /// Its place in the table, or one that it can get.
    fn find(&self, bytes: &[u8], place: Place) -> Option<usize> {
        if bytes.len() > LONG {
            return None;
        }
        let (head, _) = head(bytes);
        // A product whose halves are folded together: every bit of the text counts in every bit of the hash.
        let extra = u64::from(place.node) << 32 ^ u64::from(place.first) << 16 ^ bytes.len() as u64;
        let (low, high) = (head as u64 ^ 0x9e37_79b9_7f4a_7c15, (head >> 64) as u64 ^ extra ^ 0xd1b5_4a32_d192_ed03);
        let product = u128::from(low) * u128::from(high);
        let mut at = (product as u64 ^ (product >> 64) as u64) as usize % self.table.len();
        for _ in 0..8 {
            let known = self.table[at];
            if known == 0 {
                return (self.texts.len() < TEXTS).then_some(at);
            }
            let text = &self.texts[known as usize];
            if text.place == place && *text.bytes == *bytes {
                return Some(at);
            }
            at = (at + 1) % self.table.len();
        }
        None
    }
}

impl Text {
    fn new(bytes: &[u8], place: Place, name: Name) -> Self {
        let (head, mask) = head(bytes);
        let tail = bytes.last_chunk().map_or(0, |tail| u128::from_le_bytes(*tail));
        Self { place, length: bytes.len() as u32, next: 0, head, mask, tail, name, bytes: bytes.into() }
    }

    #[inline(always)]
    fn stands(&self, document: &[u8], at: usize) -> bool {
        let rest = document.get(at..).unwrap_or_default();
        let length = self.length as usize;
        let Some(head) = rest.first_chunk::<{ Chunk::LEN }>() else { return rest.starts_with(&self.bytes) };
        if (u128::from_le_bytes(*head) ^ self.head) & self.mask != 0 {
            return false;
        }
        // A text that is longer than two chunks is compared whole.
        length <= Chunk::LEN
            || rest.get(length - Chunk::LEN..).and_then(<[u8]>::first_chunk).is_some_and(|tail| {
                u128::from_le_bytes(*tail) == self.tail && (length <= 2 * Chunk::LEN || rest.starts_with(&self.bytes))
            })
    }
}

fn head(bytes: &[u8]) -> (u128, u128) {
    let (mut head, mut mask) = (0, 0);
    for (at, byte) in bytes.iter().take(Chunk::LEN).enumerate() {
        head |= u128::from(*byte) << (8 * at);
        mask |= 0xFF << (8 * at);
    }
    (head, mask)
}
