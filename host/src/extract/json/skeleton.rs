//! What stands between two scalars of a document, as it stood in earlier documents.
//!
//! Documents of one topic mostly have the same names in the same order, with the same brackets and spaces around them.
//! What stands from the end of one string, number or word to the beginning of the next one is therefore compared with
//! what stood there the last time, whole; where it is the same bytes at the same place of the grammar, it is as valid as
//! it was then, and means the same.

use super::{
    super::chunk::Chunk,
    hits::Hits,
    length_guess::LengthGuess,
    path::Paths,
    scan::Document,
    templates::{self, Place, Templates},
};

/// Skeletons that are remembered at most.
const SKELETONS: usize = 512;
/// Bytes of one skeleton that is remembered at most.
pub(super) const LONG: usize = 128;
/// Skeletons that may not be remembered before all are forgotten.
const UNKNOWN_MOST: u32 = 4096;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// From the end of a scalar, or the document's beginning, to the beginning of the next one, or the document's end.
#[derive(Clone, Debug)]
pub(super) struct Skeleton {
    /// Its first bytes.
    head: Chunk,
    /// Its last bytes, where it is longer than the head.
    tail: Chunk,
    /// Of a chunk those places that belong to the head.
    mask: u32,
    pub(super) length: u32,
    /// The skeleton that followed the last time, and the one that followed the last time that it was another one.
    pub(super) next: [u32; 2],
    /// The number of the pointer that the scalar behind it belongs to, [`NONE`] of none.
    pub(super) want: u32,
    /// The name of a key-anchored pattern that the scalar belongs to, [`NONE`] of none.
    pub(super) key_anchored: u32,
    /// Where the quote stands that opens that name, from the skeleton's beginning.
    pub(super) quote: u32,
    /// The path to the scalar.
    pub(super) path: u32,
    /// Whether it, or the scalar, means something for what is extracted.
    pub(super) tells: bool,
    /// Whether the document ends with it.
    pub(super) ends: bool,
    /// Whether a container that is wanted ends in it.
    pub(super) closes: bool,
    /// Whether a template begins with it, or could.
    pub(super) is_steady: bool,
    /// Of the scalar.
    pub(super) length_guess: LengthGuess,
    /// What happens in it, in that order.
    pub(super) steps: Vec<Step>,
    from: u32,
    bytes: Box<[u8]>,
}

/// Something that a skeleton means for what is extracted. Places are counted from the skeleton's beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The name of a member that has members that are wanted: of a name that stands twice the last counts, and nothing
    /// below the first. The pointer's number.
    Forget(u32),
    /// A value has ended that has no such member: of a name that stands twice the first counts. The pointer's number.
    Miss(u32),
    /// A container that is wanted begins: the pointer's number, and where.
    Open(u32, u32),
    /// It ends: the pointer's number, and behind what place.
    Close(u32, u32),
    /// The name of a key-anchored pattern, and where the quote stands that opens it.
    Meet(u32, u32),
}

impl Default for Skeleton {
    fn default() -> Self {
        Self {
            head: Chunk::new([0; Chunk::LEN]),
            tail: Chunk::new([0; Chunk::LEN]),
            mask: 0,
            length: 0,
            next: [NONE; 2],
            want: NONE,
            key_anchored: NONE,
            quote: 0,
            path: Paths::DOCUMENT,
            tells: false,
            ends: false,
            closes: false,
            is_steady: false,
            length_guess: LengthGuess::default(),
            steps: Vec::new(),
            from: Paths::DOCUMENT,
            bytes: Box::default(),
        }
    }
}

impl Skeleton {
    /// Forgets what it was; it begins in `path`.
    pub(super) fn begin(&mut self, path: u32) {
        let mut steps = std::mem::take(&mut self.steps);
        steps.clear();
        *self = Self { steps, from: path, path, ..Self::default() };
    }

    /// Takes the bytes that it has.
    fn hold(&mut self, bytes: &[u8]) {
        self.head = Chunk::at(bytes, 0);
        self.tail = bytes.last_chunk().map_or(self.head, |tail| Chunk::new(*tail));
        self.mask = (1 << bytes.len().min(Chunk::LEN)) - 1;
        self.bytes = bytes.into();
    }

    /// What follows it, if the rest of a document begins with it, and behind it a scalar begins, or the document ends, as it
    /// says.
    #[inline(always)]
    fn stands<'a>(&self, rest: &'a [u8]) -> Option<(&'a [u8], Follows)> {
        if Chunk::new(*rest.first_chunk()?).is_as(self.head) & self.mask != self.mask {
            return None;
        }
        let length = self.length as usize;
        let value = rest.get(length..)?;
        let follows = if self.ends {
            (value.len() == Document::PADDING).then_some(Follows::Nothing)?
        } else {
            value.get(Document::PADDING)?;
            Follows::from_byte(value[0])?
        };
        (length <= Chunk::LEN || self.rest_stands(rest)).then_some((value, follows))
    }

    /// As [`stands`](Self::stands), of one that is longer than its head.
    #[inline(never)]
    fn rest_stands(&self, rest: &[u8]) -> bool {
        let Some(bytes) = rest.get(..self.length as usize) else { return false };
        let tail = bytes.last_chunk().map_or(0, |tail| Chunk::new(*tail).is_as(self.tail));
        tail == (1 << Chunk::LEN) - 1 && (bytes.len() <= 2 * Chunk::LEN || *bytes == *self.bytes)
    }
}

/// What follows a skeleton.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    /// A string.
    Text,
    /// A number.
    Number,
    /// `null`, `true` or `false`.
    Word,
    /// Nothing: the document ends.
    Nothing,
}

impl Follows {
    /// The scalar that begins with that byte, if one does.
    #[inline(always)]
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        const SCALARS: [Option<Follows>; 256] = {
            let mut scalars = [None; 256];
            scalars[b'"' as usize] = Some(Follows::Text);
            scalars[b'-' as usize] = Some(Follows::Number);
            let mut digit = b'0';
            while digit <= b'9' {
                scalars[digit as usize] = Some(Follows::Number);
                digit += 1;
            }
            scalars[b'n' as usize] = Some(Follows::Word);
            scalars[b't' as usize] = Some(Follows::Word);
            scalars[b'f' as usize] = Some(Follows::Word);
            scalars
        };
        SCALARS[usize::from(byte)]
    }
}

/// Skeletons by their numbers. The document's beginning has a number, too, and so has the skeleton that is not remembered.
#[derive(Clone, Debug)]
pub(super) struct Skeletons {
    skeletons: Vec<Skeleton>,
    /// By the skeletons' numbers.
    templates: Vec<Templates>,
    /// Numbers by their skeletons' hashes; 0 none.
    table: Vec<u32>,
    unknown: u32,
}

impl Default for Skeletons {
    fn default() -> Self {
        let (skeletons, templates) = (vec![Skeleton::default(); 2], vec![Templates::Varies; 2]);
        Self { skeletons, templates, table: vec![0; 4 * SKELETONS], unknown: 0 }
    }
}

impl Skeletons {
    /// The number of what stands before a document.
    pub(super) const BEGINNING: u32 = 0;
    /// The number of the skeleton that was read last.
    pub(super) const READ: u32 = 1;

    pub(super) fn get(&self, number: u32) -> Option<&Skeleton> {
        self.skeletons.get(number as usize)
    }

    /// The skeleton to read the next one into.
    pub(super) fn read(&mut self) -> &mut Skeleton {
        &mut self.skeletons[Self::READ as usize]
    }

    #[cfg(test)]
    pub(super) fn templates(&self) -> &[Templates] {
        &self.templates
    }

    /// All of them, by their numbers.
    pub(super) fn as_mut_slice(&mut self) -> &mut [Skeleton] {
        &mut self.skeletons
    }

    /// Passes over templates as long as one stands at a place of a document that has `length` bytes with its padding; where the
    /// last of them ends.
    #[inline(always)]
    pub(super) fn pass<'a>(&mut self, hits: &mut Hits, length: usize, place: Place<'a>) -> Place<'a> {
        templates::pass(&mut self.skeletons, &mut self.templates, hits, length, place)
    }

    /// The number of the skeleton at `at` if it is the one that followed skeleton number `last` before the one that did the last
    /// time. From now on it is expected.
    pub(super) fn expected_before(&mut self, last: u32, document: Document<'_>, at: usize) -> Option<u32> {
        let next = self.get(last)?.next[1];
        standing(self.as_mut_slice(), next, document.padded.get(at..)?)?;
        self.follow(last, next);
        Some(next)
    }

    /// Notes that skeleton number `next` came behind `last`.
    fn follow(&mut self, last: u32, next: u32) {
        // What follows the skeleton that is not remembered says nothing.
        if last != Self::READ {
            let expected = &mut self.skeletons[last as usize].next;
            *expected = [next, expected[0]];
        }
    }

    /// Remembers the skeleton that was read behind skeleton number `last`, which has these bytes: its number from now on.
    pub(super) fn learn(&mut self, last: u32, bytes: &[u8]) -> u32 {
        let read = self.read();
        read.tells = read.want & read.key_anchored != NONE || !read.steps.is_empty();
        let Some(at) = self.find(bytes) else {
            self.unknown += 1;
            if self.unknown == UNKNOWN_MOST {
                self.forget();
            }
            return Self::READ;
        };
        if self.table[at] == 0 {
            self.table[at] = self.skeletons.len() as u32;
            let mut skeleton = self.read().clone();
            skeleton.hold(bytes);
            skeleton.is_steady = true;
            self.skeletons.push(skeleton);
            self.templates.push(Templates::Unknown(0));
        }
        let number = self.table[at];
        self.follow(last, number);
        number
    }

    /// Forgets all of them but the one that was read last.
    pub(super) fn forget(&mut self) {
        let read = std::mem::take(self.read());
        *self = Self::default();
        *self.read() = read;
    }

    /// The place in the table of the skeleton that was read, or one that it can get.
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        if bytes.len() > LONG {
            return None;
        }
        let read = &self.skeletons[Self::READ as usize];
        let mut at = hash(bytes, read.from) as usize % self.table.len();
        for _ in 0..8 {
            let known = self.table[at];
            if known == 0 {
                return (self.skeletons.len() < SKELETONS).then_some(at);
            }
            let skeleton = &self.skeletons[known as usize];
            if skeleton.from == read.from && skeleton.ends == read.ends && *skeleton.bytes == *bytes {
                return Some(at);
            }
            at = (at + 1) % self.table.len();
        }
        None
    }
}

/// Skeleton number `expected`, and what follows it, if the rest of a document, with its padding, begins with it.
#[inline(always)]
pub(super) fn standing<'s, 'a>(
    skeletons: &'s mut [Skeleton],
    expected: u32,
    rest: &'a [u8],
) -> Option<(&'s mut Skeleton, &'a [u8], Follows)> {
    let skeleton = skeletons.get_mut(expected as usize)?;
    skeleton.stands(rest).map(|(value, follows)| (skeleton, value, follows))
}

/// A product whose halves are folded together for every eight bytes: each bit counts in all of the result's.
fn hash(bytes: &[u8], path: u32) -> u64 {
    let fold = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(0x9e37_79b9_7f4a_7c15_u64);
        product as u64 ^ (product >> 64) as u64
    };
    let word = |chunk: &[u8]| chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    bytes.chunks(8).map(word).fold(u64::from(path) << 32 | bytes.len() as u64, fold)
}
