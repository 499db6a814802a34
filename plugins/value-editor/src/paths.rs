//! Removes what pointers lead to, or all else.

use weir_sdk::json::{Broken, Member, Pointer, Reader, Token};

use crate::{edit::Stop, splices::Splices};

/// Pointers as one tree, and whether what they lead to stays or goes.
#[derive(Debug)]
pub(crate) struct Paths {
    root: Node,
    keeps: bool,
}

#[derive(Debug, Default)]
struct Node {
    children: Vec<(Token, Node)>,
    /// A pointer ends here.
    is_end: bool,
}

impl Paths {
    /// What they lead to goes.
    pub(crate) fn remove(pointer: Pointer) -> Self {
        Self::new([pointer], false)
    }

    /// What they lead to stays.
    pub(crate) fn keep(pointers: impl IntoIterator<Item = Pointer>) -> Self {
        Self::new(pointers, true)
    }

    fn new(pointers: impl IntoIterator<Item = Pointer>, keeps: bool) -> Self {
        let mut root = Node::default();
        pointers.into_iter().for_each(|pointer| root.insert(pointer));
        Self { root, keeps }
    }

    /// # Errors
    /// There is nothing to remove, nothing that could have members, or no valid JSON.
    pub(crate) fn apply(&self, value: &[u8], splices: &mut Splices) -> Result<(), Stop> {
        let reader = Reader::new(value);
        let has_members = is_container(&reader);
        self.walk(value, reader, &self.root, splices)?.end()?;
        let is_done = if self.keeps { has_members } else { !splices.is_empty() };
        if is_done { Ok(()) } else { Err(Stop::Missing) }
    }

    /// Goes as deep as the pointers, which the config names. Returns the reader behind the value.
    fn walk<'a>(
        &self,
        value: &[u8],
        mut reader: Reader<'a>,
        node: &Node,
        splices: &mut Splices,
    ) -> Result<Reader<'a>, Broken> {
        let Some(mut inside) = reader.enter()? else {
            reader.skip()?;
            return Ok(reader);
        };
        let mut members = Members::default();
        while let Some(member) = reader.step(&mut inside)? {
            let child = node.child(value, &member);
            let stays = match child {
                None => !self.keeps,
                Some(child) if child.is_end => self.keeps,
                Some(_) => !self.keeps || is_container(&reader),
            };
            if !stays {
                members.remove(member.start, reader.skip()?.end);
                continue;
            }
            members.stay(member.start, splices);
            match child {
                Some(child) if !child.is_end => reader = self.walk(value, reader, child, splices)?,
                _ => {
                    reader.skip()?;
                }
            }
            members.stayed(reader.at());
        }
        members.close(splices);
        Ok(reader)
    }
}

impl Node {
    fn insert(&mut self, pointer: Pointer) {
        let mut node = self;
        for token in pointer.tokens {
            let known = node.children.iter().position(|(known, _)| *known == token);
            let at = known.unwrap_or(node.children.len());
            if known.is_none() {
                node.children.push((token, Node::default()));
            }
            node = &mut node.children[at].1;
        }
        node.is_end = true;
    }

    fn child(&self, value: &[u8], member: &Member) -> Option<&Self> {
        let child = self.children.iter().find(|(token, _)| token.is(value, member.name.as_ref(), member.index));
        child.map(|(_, node)| node)
    }
}

fn is_container(reader: &Reader<'_>) -> bool {
    matches!(reader.peek(), Some(b'{' | b'['))
}

/// The members of one container, some of which go: with each of them one comma and the white space beside it, so that what
/// is left is valid.
#[derive(Debug, Default)]
pub(crate) struct Members {
    /// Where those begin and end that go, since the last that stays.
    going: Option<(usize, usize)>,
    /// Where the last that stays ends.
    stay_end: Option<usize>,
}

impl Members {
    /// A member goes.
    pub(crate) fn remove(&mut self, start: usize, end: usize) {
        self.going = Some((self.going.map_or(start, |(first, _)| first), end));
    }

    /// A member that begins here stays. Comes before changes within it.
    pub(crate) fn stay(&mut self, start: usize, splices: &mut Splices) {
        if let Some((first, _)) = self.going.take() {
            splices.cut(first..start);
        }
    }

    /// The member that stays ends here.
    pub(crate) fn stayed(&mut self, end: usize) {
        self.stay_end = Some(end);
    }

    /// There are no more.
    pub(crate) fn close(self, splices: &mut Splices) {
        if let Some((first, last)) = self.going {
            splices.cut(self.stay_end.unwrap_or(first)..last);
        }
    }
}
