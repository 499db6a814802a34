//! Mistakes and warnings: what is wrong, where, and what to write instead.

use std::{fmt, ops::Range, sync::Arc};

use super::{Source, key_path, render};

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    /// weir does not start with it.
    Mistake,
    /// weir starts with it, and it is hardly what was meant.
    Warning,
}

/// How mistakes are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are used.
    pub colour: bool,
    /// Columns of the terminal; none where it is not for one.
    pub columns: Option<usize>,
}

impl From<bool> for Style {
    /// Colours or none, for no terminal.
    fn from(colour: bool) -> Self {
        Self { colour, columns: None }
    }
}

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

impl Mistake {
    /// The place as an operator reads it, `weir.toml:12:8`; none where the mistake stands in no file.
    pub fn place(&self) -> Option<String> {
        let (source, range) = self.at.as_ref()?;
        let (line, column) = source.line_and_column(range.start);
        Some(format!("{}:{line}:{column}", source.path.display()))
    }

    /// Returns the key of what is wrong, such as `pipelines.p.interceptors[0].config`; none where it is under none.
    pub fn key(&self) -> Option<String> {
        let (source, range) = self.at.as_ref()?;
        key_path::of(&source.text, range.start)
    }

    /// The same without what references at its place stand for: that may be a secret, whoever quotes it.
    fn without_resolved(self) -> Self {
        let Some((source, range)) = &self.at else { return self };
        let message = source.without_resolved(range, self.message);
        let help = self.help.map(|help| source.without_resolved(range, help));
        Self { message, help, at: self.at }
    }

    /// The place, the message, and the help in parentheses, in one line.
    pub fn line(&self) -> String {
        let mut text = self.place().map(|place| format!("{place}: ")).unwrap_or_default();
        text.push_str(&self.message);
        if let Some(help) = &self.help {
            text.push_str(" (");
            text.push_str(help);
            text.push(')');
        }
        text
    }
}

/// The first few hundred of a kind: who made twenty thousand reads no more of them, and describing each would take longer
/// than all the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct List {
    listed: Vec<Mistake>,
    /// Bytes of the listed texts: a message may quote what is as long as a file.
    bytes: usize,
    unlisted: usize,
}

impl List {
    const BYTES: usize = 1 << 20;

    fn push_with(&mut self, describe: impl FnOnce() -> Mistake) {
        if self.is_full() {
            self.unlisted += 1;
            return;
        }
        let mistake = describe().without_resolved();
        self.bytes += mistake.message.len() + mistake.help.as_ref().map_or(0, String::len);
        self.listed.push(mistake);
    }

    fn is_full(&self) -> bool {
        self.listed.len() >= Mistakes::LISTED || self.bytes >= Self::BYTES
    }

    fn append(&mut self, other: Self) {
        self.unlisted += other.unlisted;
        other.listed.into_iter().for_each(|mistake| self.push_with(|| mistake));
    }

    fn count(&self) -> usize {
        self.listed.len() + self.unlisted
    }

    /// Puts what is listed in the order of the files, and takes out what is said twice at one place.
    fn sort_by_place<K: Ord>(&mut self, order: impl Fn(&Source) -> K) {
        self.listed.sort_by_cached_key(|mistake| {
            mistake.at.as_ref().map(|(source, range)| (order(source), range.start, range.end))
        });
        self.listed.dedup();
    }
}

/// What does not keep weir from starting and is hardly what was meant; as many are listed as of [`Mistakes`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings(List);

impl Warnings {
    /// Adds a warning: to the list, or to the number of those that are not listed.
    pub fn push(&mut self, warning: Mistake) {
        self.0.push_with(|| warning);
    }

    /// Adds another list behind this one.
    pub fn append(&mut self, other: Self) {
        self.0.append(other.0);
    }

    /// Returns those that are listed.
    pub fn listed(&self) -> &[Mistake] {
        &self.0.listed
    }

    /// Returns how many there are, listed or not.
    pub fn count(&self) -> usize {
        self.0.count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Puts what is listed in the order of the files' paths, and takes out what is said twice at one place.
    pub fn sort_by_path(&mut self) {
        self.0.sort_by_place(|source| source.path.clone());
    }

    /// Writes one line each into the log.
    pub fn log(&self) {
        for warning in self.listed() {
            let (place, key) = (warning.place(), warning.key());
            tracing::warn!(place, key, help = warning.help, "{}", warning.message);
        }
        if self.0.unlisted > 0 {
            tracing::warn!("and {} more warnings", self.0.unlisted);
        }
    }

    /// Returns each in one line, as many as are listed.
    pub fn lines(&self) -> Vec<String> {
        self.listed().iter().map(Mistake::line).collect()
    }

    /// As [`Mistakes::render`].
    pub fn render(&self, style: impl Into<Style>) -> String {
        render::render(Grade::Warning, self.listed(), self.0.unlisted, style.into())
    }

    /// An error for whoever lets no warning pass.
    pub fn denied(self) -> Mistakes {
        Mistakes { warnings: self, ..Mistakes::default() }
    }
}

/// Mistakes, as many of which are listed as people read, and the warnings that were found beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    list: List,
    warnings: Warnings,
}

impl Mistakes {
    /// So many are listed.
    pub const LISTED: usize = 300;

    /// Adds a mistake: to the list, or to the number of those that are not listed.
    pub fn push(&mut self, mistake: Mistake) {
        self.push_with(|| mistake);
    }

    /// As [`Mistakes::push`]; `describe` is called only if the mistake will be listed.
    pub fn push_with(&mut self, describe: impl FnOnce() -> Mistake) {
        self.list.push_with(describe);
    }

    /// Whether the next mistake will only be counted.
    pub fn is_full(&self) -> bool {
        self.list.is_full()
    }

    /// Adds mistakes that are counted and not listed.
    pub fn add_unlisted(&mut self, more: usize) {
        self.list.unlisted += more;
    }

    /// Adds another list behind this one, its warnings behind the warnings.
    pub fn append(&mut self, other: Self) {
        self.list.append(other.list);
        self.warnings.append(other.warnings);
    }

    /// Adds warnings.
    pub fn warn(&mut self, warnings: Warnings) {
        self.warnings.append(warnings);
    }

    /// Returns the warnings.
    pub fn warnings(&self) -> &Warnings {
        &self.warnings
    }

    /// Takes the warnings out.
    pub fn take_warnings(&mut self) -> Warnings {
        std::mem::take(&mut self.warnings)
    }

    /// Returns the mistakes that are listed.
    pub fn listed(&self) -> &[Mistake] {
        &self.list.listed
    }

    /// Returns how many mistakes there are, listed or not.
    pub fn count(&self) -> usize {
        self.list.count()
    }

    /// Whether there is no mistake. There may be warnings.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Puts what is listed in the order of the files, and takes out what is said twice at one place. `order` is a
    /// file's place among the files.
    pub(super) fn sort_by_place<K: Ord>(&mut self, order: impl Fn(&Source) -> K) {
        self.list.sort_by_place(&order);
        self.warnings.0.sort_by_place(order);
    }

    /// Puts what is listed in the order of the files' paths.
    pub fn sort_by_path(&mut self) {
        self.sort_by_place(|source| source.path.clone());
    }

    /// For people: each mistake with its file, line, column and a caret, in their order; then how many more there are.
    pub fn render(&self, style: impl Into<Style>) -> String {
        render::render(Grade::Mistake, self.listed(), self.list.unlisted, style.into())
    }

    /// How many mistakes and warnings there are, in words.
    pub fn counts(&self) -> String {
        let of = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let (mistakes, warnings) = (self.count(), self.warnings.count());
        match (mistakes, warnings) {
            (_, 0) => of(mistakes, "mistake"),
            (0, _) => of(warnings, "warning"),
            _ => format!("{} and {}", of(mistakes, "mistake"), of(warnings, "warning")),
        }
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
        f.write_str(self.render(Style::default()).trim_end())
    }
}

impl std::error::Error for Mistakes {}
