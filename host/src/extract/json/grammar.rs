//! Reads what stands between two scalars of a document and has not stood there before.

use super::{
    super::{Reading, capture::KeyAnchored},
    escape,
    path::{Container, Paths},
    pointer::Trie,
    skeleton::{Follows, LONG, NONE, Skeleton, Step},
    text::{Text, text},
};

/// What a reader of skeletons needs.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) document: &'a [u8],
    /// The same with what follows it.
    pub(super) padded: &'a [u8],
    pub(super) trie: &'a Trie,
    pub(super) key_anchored: Option<&'a KeyAnchored>,
    pub(super) paths: &'a mut Paths,
    pub(super) scratch: &'a mut Vec<u8>,
    /// What is read.
    pub(super) skeleton: &'a mut Skeleton,
    /// Where it begins.
    pub(super) start: usize,
    pub(super) reading: Reading,
}

/// What a skeleton leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// To a scalar, or to the document's end.
    On,
    /// It is long, and goes on after these bytes and after a whole value.
    Further,
}

/// A value that is due.
#[derive(Clone, Copy, Debug)]
struct Due {
    /// Its place among the pointers.
    node: u32,
    /// The name of a key-anchored pattern that it belongs to, and where that name's quote stands.
    key_anchored: u32,
    quote: u32,
}

impl Due {
    fn item(node: u32) -> Self {
        Self { node, key_anchored: NONE, quote: 0 }
    }
}

impl Reader<'_> {
    /// Reads a skeleton that begins in `path`, with the whole document's value if `begins`, else after a value; none: the
    /// document is not valid.
    pub(super) fn read(&mut self, path: u32, begins: bool) -> Option<Leads> {
        self.skeleton.begin(path);
        let (mut at, mut due) = (self.start, begins.then_some(Due::item(Trie::ROOT)));
        loop {
            at = space(self.document, at);
            self.skeleton.length = (at - self.start) as u32;
            if let Some(value) = due {
                if Follows::from_byte(*self.document.get(at)?).is_some() {
                    self.skeleton.want = self.trie.node(value.node).want.unwrap_or(NONE);
                    (self.skeleton.key_anchored, self.skeleton.quote) = (value.key_anchored, value.quote);
                    self.miss_below(value.node);
                    return Some(Leads::On);
                }
                (at, due) = self.open(at, value)?;
                continue;
            }
            let path = self.paths.get(self.skeleton.path);
            if self.skeleton.length as usize > LONG {
                return Some(Leads::Further);
            }
            (at, due) = match (path.container, self.document.get(at)) {
                (Container::Document, None) => {
                    self.skeleton.ends = true;
                    return Some(Leads::On);
                }
                (Container::Object, Some(b'}')) | (Container::Array(_), Some(b']')) => self.close(at),
                (Container::Object, Some(b',')) => self.name(space(self.document, at + 1))?,
                (Container::Array(index), Some(b',')) => {
                    let index = (index + 1).min(self.trie.node(path.node).items);
                    self.skeleton.path = self.paths.next_item(self.skeleton.path, index);
                    (at + 1, Some(Due::item(self.trie.item(path.node, index))))
                }
                _ => return None,
            };
        }
    }

    /// A container begins at `at`, if one does.
    fn open(&mut self, at: usize, value: Due) -> Option<(usize, Option<Due>)> {
        let (container, closes) = match self.document.get(at)? {
            b'{' => (Container::Object, b'}'),
            b'[' => (Container::Array(0), b']'),
            _ => return None,
        };
        if value.key_anchored != NONE {
            self.skeleton.steps.push(Step::Meet(value.key_anchored, value.quote));
        }
        let node = self.trie.node(value.node);
        if let Some(want) = node.want {
            self.skeleton.steps.push(Step::Open(want, (at - self.start) as u32));
        }
        // Where nothing is wanted all containers are alike.
        let node = if node.is_leaf() && node.want.is_none() { Trie::NOWHERE } else { value.node };
        self.skeleton.path = self.paths.within(self.skeleton.path, container, node)?;
        let first = space(self.document, at + 1);
        if *self.document.get(first)? == closes {
            return Some(self.close(first));
        }
        match container {
            Container::Object => self.name(first),
            _ => Some((first, Some(Due::item(self.trie.item(node, 0))))),
        }
    }

    /// The container around ends at `at`.
    fn close(&mut self, at: usize) -> (usize, Option<Due>) {
        let path = self.paths.get(self.skeleton.path);
        if let Some(want) = self.trie.node(path.node).want {
            self.skeleton.steps.push(Step::Close(want, (at + 1 - self.start) as u32));
            self.skeleton.closes = true;
        }
        self.miss_below(path.node);
        self.skeleton.path = path.parent;
        (at + 1, None)
    }

    /// The value at `node` ends, or is a scalar: where the first of a name counts, what it does not hold is nowhere.
    fn miss_below(&mut self, node: u32) {
        // Nothing follows the document.
        if self.reading == Reading::First && node != Trie::ROOT && !self.trie.node(node).is_leaf() {
            let own = self.trie.node(node).want;
            let mut miss = |want| {
                if own != Some(want) {
                    self.skeleton.steps.push(Step::Miss(want));
                }
            };
            self.trie.each_below(node, &mut miss);
        }
    }

    /// A name stands at `at`, and a colon behind it.
    fn name(&mut self, at: usize) -> Option<(usize, Option<Due>)> {
        if self.document.get(at) != Some(&b'"') {
            return None;
        }
        let Text { end, holds } = text(self.padded, at + 1)?;
        let raw = self.document.get(at + 1..end)?;
        let around = self.paths.get(self.skeleton.path).node;
        let node = if holds.escapes() {
            escape::unescape(raw, self.scratch);
            self.trie.member(around, self.scratch)
        } else {
            self.trie.member(around, raw)
        };
        if !self.trie.node(node).is_leaf() && self.reading == Reading::Whole {
            self.trie.each_below(node, &mut |want| self.skeleton.steps.push(Step::Forget(want)));
        }
        // KeyAnchored patterns have the colon right behind the name.
        let key_anchored = self.key_anchored.filter(|_| self.document.get(end + 1) == Some(&b':'));
        let key_anchored = key_anchored.and_then(|key_anchored| key_anchored.name(raw));
        let (key_anchored, quote) =
            key_anchored.map_or((NONE, 0), |(number, quote)| (number, (at + quote - self.start) as u32));
        let colon = space(self.document, end + 1);
        (self.document.get(colon) == Some(&b':')).then_some((colon + 1, Some(Due { node, key_anchored, quote })))
    }
}

fn space(document: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = document.get(at) {
        at += 1;
    }
    at
}
