//! What a Java pattern consists of.

use std::ops::Range;

/// A piece of a pattern. Flags are gone: what they change stands in the pieces.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Empty,
    /// One character; in the regex crate's syntax.
    Set(String),
    /// `\R`: as much of `\r\n` as what follows leaves to it; repeated, all of it.
    AnyLineEnd,
    /// `^`, `\A`
    Start,
    /// `\z`
    End,
    /// `$` and `\Z` without `(?m)`: before the last line end, or at the end.
    FinalEnd {
        unix: bool,
        at: Range<usize>,
    },
    /// `(?m)^`
    LineStart {
        unix: bool,
    },
    /// `(?m)$`
    LineEnd {
        unix: bool,
    },
    /// `\b`, `\B`
    Boundary {
        negated: bool,
    },
    Group {
        kind: GroupKind,
        inner: Box<Node>,
        at: Range<usize>,
    },
    /// Only where the search may go back.
    LookAround {
        ahead: bool,
        negated: bool,
        inner: Box<Node>,
    },
    /// Only where the search may go back.
    BackReference(u32),
    Concat(Vec<Node>),
    Alternation(Vec<Node>),
    Repeat {
        inner: Box<Node>,
        min: u32,
        max: Option<u32>,
        mode: Mode,
        at: Range<usize>,
    },
}

/// What parentheses do.
#[derive(Clone, Debug)]
pub(super) enum GroupKind {
    Capture(Option<String>),
    Plain,
    Atomic,
}

/// What a repetition prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Greedy,
    Lazy,
    Possessive,
}

impl Node {
    /// Whether one of its pieces, however deep, is such a one.
    pub(super) fn any(&self, is_wanted: &mut impl FnMut(&Self) -> bool) -> bool {
        if is_wanted(self) {
            return true;
        }
        match self {
            Self::Group { inner, .. } | Self::Repeat { inner, .. } | Self::LookAround { inner, .. } => {
                inner.any(is_wanted)
            }
            Self::Concat(parts) | Self::Alternation(parts) => parts.iter().any(|part| part.any(is_wanted)),
            _ => false,
        }
    }

    pub(super) fn is_capture(&self) -> bool {
        matches!(self, Self::Group { kind: GroupKind::Capture(_), .. })
    }
}
