//! Which characters may come next: what decides whether giving back could change a match.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

use super::{
    escape::VERTICAL,
    node::{Mode, Node},
};

/// What may follow a place of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Follow {
    /// The first characters of what may follow.
    pub(super) first: ClassUnicode,
    /// Whether nothing may follow.
    pub(super) can_end: bool,
    /// Whether `\b` or `\B` is asked there.
    pub(super) has_boundary: bool,
    /// Whether `\z` is asked there.
    pub(super) has_end: bool,
    /// Whether a group may begin there.
    pub(super) has_capture: bool,
}

impl Follow {
    /// The end of a pattern.
    pub(super) fn end() -> Self {
        Self { first: ClassUnicode::empty(), can_end: true, has_boundary: false, has_end: false, has_capture: false }
    }

    /// One of these characters, whatever comes then.
    fn only(first: ClassUnicode) -> Self {
        Self { first, can_end: false, ..Self::end() }
    }

    pub(super) fn or(mut self, other: &Self) -> Self {
        self.first.union(&other.first);
        self.can_end |= other.can_end;
        self.has_boundary |= other.has_boundary;
        self.has_end |= other.has_end;
        self.has_capture |= other.has_capture;
        self
    }

    /// What may follow the place before a piece that has this behind it.
    pub(super) fn before(&self, node: &Node) -> Self {
        match node {
            Node::Empty | Node::LookAround { .. } | Node::BackReference(_) => self.clone(),
            Node::Set(text) => Self::only(class_of(text)),
            Node::AnyLineEnd => Self::only(vertical()),
            Node::End => Self { has_end: true, has_capture: self.has_capture, ..Self::end() },
            Node::FinalEnd { .. } | Node::LineEnd { .. } | Node::LineStart { .. } => {
                let mut follow = self.clone();
                follow.first.union(&line_ends());
                follow
            }
            // `\B` holds within a run, as `^` may before it.
            Node::Start | Node::Boundary { negated: true } => {
                Self { first: class_of(r"[\s\S]"), has_boundary: true, ..self.clone() }
            }
            Node::Boundary { .. } => Self { has_boundary: true, ..self.clone() },
            Node::Group { inner, .. } => {
                let mut before = self.before(inner);
                before.has_capture |= node.is_capture();
                before
            }
            Node::Concat(parts) => parts.iter().rev().fold(self.clone(), |follow, part| follow.before(part)),
            Node::Alternation(branches) => {
                let mut befores = branches.iter().map(|branch| self.before(branch));
                let first = befores.next().unwrap_or_else(Self::end);
                befores.fold(first, |follow, before| follow.or(&before))
            }
            Node::Repeat { inner, min, .. } => {
                let inside = self.before(inner);
                if *min == 0 { inside.or(self) } else { inside }
            }
        }
    }

    /// What may follow the inside of a repetition that has this behind it.
    pub(super) fn inside(&self, inner: &Node, max: Option<u32>) -> Self {
        if max == Some(1) { self.clone() } else { self.before(inner).or(self) }
    }
}

/// What ends a line to Java.
pub(super) fn line_ends() -> ClassUnicode {
    class_of(r"[\n\r\x{85}\x{2028}\x{2029}]")
}

/// What `\v` is, and `\R` but for `\r\n`.
pub(super) fn vertical() -> ClassUnicode {
    class_of(&format!("[{VERTICAL}]"))
}

/// The characters of a class or a literal that this module's callers wrote.
pub(super) fn class_of(text: &str) -> ClassUnicode {
    let hir = regex_syntax::parse(text).map(regex_syntax::hir::Hir::into_kind);
    match hir {
        Ok(HirKind::Class(Class::Unicode(class))) => class,
        Ok(HirKind::Class(Class::Bytes(class))) => class.to_unicode_class().unwrap_or_else(ClassUnicode::empty),
        Ok(HirKind::Literal(literal)) => {
            let text = String::from_utf8_lossy(&literal.0).into_owned();
            ClassUnicode::new(text.chars().map(|character| ClassUnicodeRange::new(character, character)))
        }
        _ => ClassUnicode::empty(),
    }
}

pub(super) fn are_disjoint(one: &ClassUnicode, other: &ClassUnicode) -> bool {
    let mut both = one.clone();
    both.intersect(other);
    both.ranges().is_empty()
}

pub(super) fn is_nullable(node: &Node) -> bool {
    match node {
        Node::Set(_) | Node::AnyLineEnd => false,
        Node::Group { inner, .. } => is_nullable(inner),
        Node::Concat(parts) => parts.iter().all(is_nullable),
        Node::Alternation(branches) => branches.iter().any(is_nullable),
        Node::Repeat { inner, min, .. } => *min == 0 || is_nullable(inner),
        _ => true,
    }
}

/// Whether a piece matches in one way at most, with what follows: then giving back finds nothing new, and a possessive
/// or atomic piece is the same as a plain one.
pub(super) fn has_one_way(node: &Node, follow: &Follow) -> bool {
    match node {
        // It may leave the second half of `\r\n` to what follows.
        Node::AnyLineEnd => are_disjoint(&vertical(), &follow.first) && !follow.has_boundary,
        Node::Group { inner, .. } => has_one_way(inner, follow),
        Node::Concat(parts) => {
            let mut follow = follow.clone();
            parts.iter().rev().all(|part| {
                let is_one = has_one_way(part, &follow);
                follow = follow.before(part);
                is_one
            })
        }
        Node::Alternation(branches) => {
            let is_last = |at: usize| at + 1 == branches.len();
            let mut seen = ClassUnicode::empty();
            branches.iter().enumerate().all(|(at, branch)| {
                let nullable = is_nullable(branch);
                let before = follow.before(branch);
                let is_apart = are_disjoint(&seen, &before.first) && (!nullable || !before.has_boundary);
                seen.union(&before.first);
                has_one_way(branch, follow) && is_apart && (!nullable || is_last(at))
            })
        }
        Node::Repeat { min, max, inner, .. } if *max == Some(*min) => {
            !is_nullable(inner) && has_one_way(inner, &follow.inside(inner, *max))
        }
        Node::Repeat { mode: Mode::Lazy, .. } => false,
        Node::Repeat { inner, max, .. } => gives_nothing_back(inner, *max, follow),
        _ => true,
    }
}

/// Whether a greedy repetition that has taken all it can would gain nothing by giving back.
pub(super) fn gives_nothing_back(inner: &Node, max: Option<u32>, follow: &Follow) -> bool {
    let first = Follow::end().before(inner).first;
    let is_clear = match inner {
        _ if !follow.has_boundary => true,
        // Within a run of word characters only, or of others only, there is no `\b`.
        Node::Set(_) => {
            let word = class_of(r"\w");
            let mut others = first.clone();
            others.difference(&word);
            others.ranges().is_empty() || are_disjoint(&first, &word)
        }
        _ => false,
    };
    !is_nullable(inner)
        && is_clear
        && has_one_way(inner, &follow.inside(inner, max))
        && are_disjoint(&first, &follow.first)
}
