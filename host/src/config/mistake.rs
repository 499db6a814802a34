//! Mistakes: what is wrong, where, and what to write instead.

use std::{fmt, ops::Range, sync::Arc};

use super::{Source, render};

/// One mistake of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file's text and the byte range in it; none where the mistake stands in no file.
    pub at: Option<(Arc<Source>, Range<usize>)>,
    /// What is wrong; lower case, no full stop, values in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// Mistakes, the first few hundred of which are listed: who made twenty thousand reads no more of them, and describing
/// each would take longer than all the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    listed: Vec<Mistake>,
    /// Bytes of the listed texts: a message may quote what is as long as a file.
    bytes: usize,
    unlisted: usize,
}

impl Mistakes {
    /// So many are listed.
    pub const LISTED: usize = 300;
    const LISTED_BYTES: usize = 1 << 20;

    /// Adds a mistake: to the list, or to the number of those that are not listed.
    pub fn push(&mut self, mistake: Mistake) {
        self.push_with(|| mistake);
    }

    /// As [`Mistakes::push`]; `describe` is called only if the mistake will be listed.
    pub fn push_with(&mut self, describe: impl FnOnce() -> Mistake) {
        if self.is_full() {
            self.unlisted += 1;
            return;
        }
        let mistake = describe();
        self.bytes += mistake.message.len() + mistake.help.as_ref().map_or(0, String::len);
        self.listed.push(mistake);
    }

    /// Whether the next mistake will only be counted.
    pub fn is_full(&self) -> bool {
        self.listed.len() >= Self::LISTED || self.bytes >= Self::LISTED_BYTES
    }

    /// Adds mistakes that are counted and not listed.
    pub fn add_unlisted(&mut self, more: usize) {
        self.unlisted += more;
    }

    /// Adds another list behind this one.
    pub fn append(&mut self, other: Self) {
        self.unlisted += other.unlisted;
        other.listed.into_iter().for_each(|mistake| self.push(mistake));
    }

    /// Returns those that are listed.
    pub fn listed(&self) -> &[Mistake] {
        &self.listed
    }

    /// Returns how many there are, listed or not.
    pub fn count(&self) -> usize {
        self.listed.len() + self.unlisted
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Puts what is listed in the order of the files, and takes out what is said twice at one place. `order` is a
    /// file's place among the files.
    pub(super) fn sort_by_place<K: Ord>(&mut self, order: impl Fn(&Source) -> K) {
        self.listed.sort_by_cached_key(|mistake| {
            mistake.at.as_ref().map(|(source, range)| (order(source), range.start, range.end))
        });
        self.listed.dedup();
    }

    /// Puts what is listed in the order of the files' paths.
    pub fn sort_by_path(&mut self) {
        self.sort_by_place(|source| source.path.clone());
    }

    /// For people: each mistake with its file, line, column and a caret, in their order; then how many more there are.
    pub fn render(&self, colour: bool) -> String {
        render::render(&self.listed, self.unlisted, colour)
    }
}

impl From<Vec<Mistake>> for Mistakes {
    fn from(mistakes: Vec<Mistake>) -> Self {
        mistakes.into_iter().collect()
    }
}

impl FromIterator<Mistake> for Mistakes {
    fn from_iter<I: IntoIterator<Item = Mistake>>(mistakes: I) -> Self {
        let mut all = Self::default();
        all.extend(mistakes);
        all
    }
}

impl Extend<Mistake> for Mistakes {
    fn extend<I: IntoIterator<Item = Mistake>>(&mut self, mistakes: I) {
        mistakes.into_iter().for_each(|mistake| self.push(mistake));
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for Mistakes {}
