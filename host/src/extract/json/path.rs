//! Where in a document values stand: the containers around them, each way down from the root as one number.

use super::pointer::Trie;

/// Containers within containers.
const DEPTH: u32 = 128;

/// No path.
const NONE: u32 = u32::MAX;

/// What values stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// The document itself, which has one.
    Document,
    Object,
    /// An array; its items counted as far as pointers name any.
    Array(u32),
}

/// A way down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path {
    pub(super) container: Container,
    /// The container's place among the pointers.
    pub(super) node: u32,
    /// The path to what the container stands in; the document's is its own.
    pub(super) parent: u32,
    depth: u32,
    /// The last found of the paths below, and before it in its parent's list.
    child: u32,
    sibling: u32,
    /// Of an array: the path of its next item, if a document had one.
    next: u32,
}

/// All ways down that documents had, few of which a topic's documents have: see [`Paths::keep`].
#[derive(Clone, Debug)]
pub(super) struct Paths(Vec<Path>);

impl Default for Paths {
    fn default() -> Self {
        let (container, node) = (Container::Document, Trie::ROOT);
        Self(vec![Path { container, node, parent: Self::DOCUMENT, depth: 0, child: NONE, sibling: NONE, next: NONE }])
    }
}

impl Paths {
    /// Around the value that is the whole document.
    pub(super) const DOCUMENT: u32 = 0;

    /// Against documents that are made to have ever new ones.
    const MANY: usize = 4096;

    pub(super) fn get(&self, at: u32) -> Path {
        self.0[at as usize]
    }

    /// The path within a container at `node` that stands in `parent`; none where that is too deep.
    pub(super) fn within(&mut self, parent: u32, container: Container, node: u32) -> Option<u32> {
        let Path { depth, child, .. } = self.get(parent);
        if depth == DEPTH {
            return None;
        }
        let mut at = child;
        while at != NONE {
            let path = self.get(at);
            if (path.container, path.node) == (container, node) {
                return Some(at);
            }
            at = path.sibling;
        }
        at = self.0.len() as u32;
        self.0.push(Path { container, node, parent, depth: depth + 1, child: NONE, sibling: child, next: NONE });
        self.0[parent as usize].child = at;
        Some(at)
    }

    /// The path of the next item of the array around `at`, whose number is `index`. No list is searched for it: an array
    /// may have as many items as the record has bytes.
    pub(super) fn next_item(&mut self, at: u32, index: u32) -> u32 {
        let path = self.get(at);
        if path.container == Container::Array(index) {
            return at;
        }
        if path.next != NONE {
            return path.next;
        }
        let next = self.0.len() as u32;
        self.0.push(Path { container: Container::Array(index), child: NONE, sibling: NONE, next: NONE, ..path });
        self.0[at as usize].next = next;
        next
    }

    /// Whether there are so many that [`Paths::keep`] is due.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() > Self::MANY
    }

    /// Forgets all paths but the one at `at` and those around it; the number that it has then.
    pub(super) fn keep(&mut self, mut at: u32) -> u32 {
        let mut way = Vec::new();
        while at != Self::DOCUMENT {
            let path = self.get(at);
            way.push(path);
            at = path.parent;
        }
        *self = Self::default();
        let down = way.iter().rev().try_fold(at, |at, path| self.within(at, path.container, path.node));
        // Nothing is deeper than it was.
        down.unwrap_or(Self::DOCUMENT)
    }
}
