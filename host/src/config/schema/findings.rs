//! What a schema objects to.

use std::{borrow::Cow, collections::BTreeSet, ops::Bound};

use weir_rules::json_pointer;

use super::super::Mistakes;

/// A JSON pointer, what is wrong there, and what to write instead. A pointer that ends in `#` names a key, not its value.
type Finding = (String, String, Option<String>);

/// Findings in the order of the config, as many as will be shown.
#[derive(Debug, Default)]
pub struct Findings {
    listed: Vec<Finding>,
    /// Of what is listed, without `#`.
    pointers: BTreeSet<String>,
    bytes: usize,
    unlisted: usize,
}

impl Findings {
    const LISTED_BYTES: usize = 1 << 20;

    /// Adds one; `describe` is called only if it will be listed.
    pub(super) fn push_with(&mut self, describe: impl FnOnce() -> Finding) {
        if self.listed.len() >= Mistakes::LISTED || self.bytes >= Self::LISTED_BYTES {
            self.unlisted += 1;
            return;
        }
        self.push(describe());
    }

    /// Adds all of another list.
    pub(super) fn append(&mut self, other: Self) {
        self.unlisted += other.unlisted;
        other.listed.into_iter().for_each(|finding| self.push_with(|| finding));
    }

    fn push(&mut self, finding: Finding) {
        self.bytes += finding.0.len() + finding.1.len() + finding.2.as_ref().map_or(0, String::len);
        self.pointers.insert(finding.0.trim_end_matches('#').to_owned());
        self.listed.push(finding);
    }

    /// Returns those that are listed: a JSON pointer, what is wrong there, and what to write instead. A pointer that ends
    /// in `#` names a key, not its value.
    pub fn listed(&self) -> &[(String, String, Option<String>)] {
        &self.listed
    }

    /// Returns how many more there are.
    pub fn unlisted(&self) -> usize {
        self.unlisted
    }

    /// Returns how many there are, listed or not.
    pub(super) fn count(&self) -> usize {
        self.listed.len() + self.unlisted
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Whether a finding is about what `pointer` names, about something in it, or about what it is in.
    pub fn speaks_of(&self, pointer: &str) -> bool {
        let mut around = pointer;
        loop {
            if self.pointers.contains(around) {
                return true;
            }
            match around.rfind('/') {
                Some(end) => around = &around[..end],
                None => break,
            }
        }
        let within = format!("{pointer}/");
        let next = self.pointers.range::<str, _>((Bound::Included(within.as_str()), Bound::Unbounded)).next();
        next.is_some_and(|next| next.starts_with(&within))
    }
}

/// Where a value stands, as the chain of those around it: written down as a pointer only where something is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum At<'a> {
    Root,
    Member(&'a At<'a>, &'a str),
    Item(&'a At<'a>, usize),
}

impl At<'_> {
    pub(super) fn is_root(self) -> bool {
        matches!(self, Self::Root)
    }

    pub(super) fn pointer(self) -> String {
        let mut parts: Vec<Cow<'_, str>> = Vec::new();
        let mut at = self;
        loop {
            at = match at {
                Self::Root => break,
                Self::Member(around, name) => {
                    parts.push(name.into());
                    *around
                }
                Self::Item(around, index) => {
                    parts.push(index.to_string().into());
                    *around
                }
            };
        }
        let mut pointer = String::new();
        parts.iter().rev().for_each(|part| json_pointer::push(&mut pointer, part));
        pointer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_speaks_of_what_is_around_it_and_within_it() {
        let mut findings = Findings::default();
        for pointer in ["/rules/1/pattern", "/a#", "/a-b"] {
            findings.push_with(|| (pointer.to_owned(), String::new(), None));
        }
        for pointer in ["", "/rules", "/rules/1", "/rules/1/pattern", "/rules/1/pattern/x", "/a", "/a/0", "/a-b"] {
            assert!(findings.speaks_of(pointer), "{pointer}");
        }
        for pointer in ["/rules/10", "/rules/1/p", "/a-", "/a-c", "/b"] {
            assert!(!findings.speaks_of(pointer), "{pointer}");
        }
        assert!(!Findings::default().speaks_of(""));
    }
}
