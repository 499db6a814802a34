//! RFC 6901 pointers, as a tree of reference tokens.

use weir_rules::json_pointer;

/// Several pointers as one tree.
#[derive(Clone, Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    wants: u32,
}

/// A place in a document.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// By their tokens: records may be made to ask for very many.
    children: Vec<Child>,
    /// The number of the pointer that ends here.
    pub(super) want: Option<u32>,
    /// So many items of an array may be named by pointers; those beyond are not.
    pub(super) items: u32,
}

#[derive(Clone, Debug)]
struct Child {
    token: Vec<u8>,
    node: u32,
}

impl Default for Trie {
    fn default() -> Self {
        Self { nodes: vec![Node::default(); 2], wants: 0 }
    }
}

impl Trie {
    /// The whole document.
    pub(super) const ROOT: u32 = 0;
    /// What no pointer leads to; nothing lies below it.
    pub(super) const NOWHERE: u32 = 1;

    /// The number of a pointer, which gets one if it has none; none: it is no pointer.
    pub(super) fn insert(&mut self, pointer: &str) -> Option<usize> {
        let mut at = Self::ROOT as usize;
        for token in tokens(pointer)? {
            let place = self.nodes[at].children.binary_search_by(|child| child.token.as_slice().cmp(&token));
            let node = match place {
                Ok(known) => self.nodes[at].children[known].node,
                Err(place) => {
                    let node = self.nodes.len() as u32;
                    self.nodes.push(Node::default());
                    let parent = &mut self.nodes[at];
                    parent.items = parent.items.max(index(&token).map_or(0, |index| index + 1));
                    parent.children.insert(place, Child { token, node });
                    node
                }
            };
            at = node as usize;
        }
        let want = *self.nodes[at].want.get_or_insert(self.wants);
        self.wants = self.wants.max(want + 1);
        Some(want as usize)
    }

    /// How many pointers there are; they have the numbers below.
    pub(super) fn wants(&self) -> usize {
        self.wants as usize
    }

    pub(super) fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    /// Calls `each` with every pointer that ends at this place or below.
    pub(super) fn each_below(&self, at: u32, each: &mut impl FnMut(u32)) {
        let node = self.node(at);
        node.want.iter().for_each(|want| each(*want));
        for child in &node.children {
            self.each_below(child.node, each);
        }
    }

    /// The place of a member of the object at `at`.
    pub(super) fn member(&self, at: u32, name: &[u8]) -> u32 {
        let children = &self.node(at).children;
        let child = children.binary_search_by(|child| child.token.as_slice().cmp(name));
        child.map_or(Self::NOWHERE, |child| children[child].node)
    }

    /// The place of an item of the array at `at`.
    pub(super) fn item(&self, at: u32, index: u32) -> u32 {
        // Its token is the number in digits, without leading zeros.
        let (mut digits, mut from, mut rest) = ([0; 10], 10, index);
        loop {
            from -= 1;
            digits[from] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                return self.member(at, &digits[from..]);
            }
        }
    }
}

impl Node {
    pub(super) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }
}

/// Whether it is an RFC 6901 pointer.
pub(in crate::extract) fn is_pointer(pointer: &str) -> bool {
    json_pointer::fault(pointer).is_none()
}

fn tokens(pointer: &str) -> Option<Vec<Vec<u8>>> {
    let tokens = || json_pointer::parts(pointer).map(|part| part.into_owned().into_bytes()).collect();
    is_pointer(pointer).then(tokens)
}

/// Digits without leading zeros.
fn index(token: &[u8]) -> Option<u32> {
    let canonical = token == b"0" || (token.first() != Some(&b'0') && token.iter().all(u8::is_ascii_digit));
    let index = if canonical { std::str::from_utf8(token).ok()?.parse().ok() } else { None };
    // No document is long enough for the last one.
    index.filter(|index| *index < u32::MAX)
}
