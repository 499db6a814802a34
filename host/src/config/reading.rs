//! One reading of a configuration: what was found wrong so far, and every file that was opened.

mod files;

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use weir_rules::topic_name_fault;

use super::{
    Mistake, Mistakes, Source, Warnings,
    file_version::FileVersion,
    nearest::{either, nearest},
    tree::{Node, Value},
    units,
};
use crate::bounded_file::Unreadable;

pub use files::PLUGIN_LIMIT;
pub(super) use files::{LOOKUP_LIMIT, TEXT_LIMIT};

/// What becomes of `{ env = "NAME" }` and `{ file = "PATH" }`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// They stand for their values.
    #[default]
    Resolve,
    /// They are taken as given: something stands in that means nothing, and no environment and no secret is needed.
    AsGiven,
}

/// What becomes of `probe`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Probes {
    /// Its files are read.
    #[default]
    Read,
    /// No pipeline has one: for what makes a probe's files.
    LeaveOut,
}

/// What readers share.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) sources: Vec<Arc<Source>>,
    pub(super) mistakes: Mistakes,
    pub(super) references: References,
    pub(super) probes: Probes,
    /// Files that could not be parsed whole: what seems to be missing in them may only be unreadable.
    pub(super) torn: Vec<usize>,
    /// Every file opened, each once, by its path as resolved.
    pub(super) opened: BTreeMap<PathBuf, Result<Arc<[u8]>, Unreadable>>,
    /// What stood at each of these paths, and at the directory of the configuration, right before it was read.
    versions: BTreeMap<PathBuf, Option<FileVersion>>,
    /// Every built-in plugin named, each once.
    pub(super) built_ins: BTreeMap<&'static str, Arc<[u8]>>,
    /// SHA-256 in hex, by where the bytes stand: `opened` and `built_ins` keep them there.
    pub(super) digests: BTreeMap<*const u8, String>,
}

impl Reading {
    /// One that has read nothing yet.
    pub(super) fn new(references: References, probes: Probes) -> Self {
        Self { references, probes, ..Self::default() }
    }

    /// Notes a mistake at a value.
    pub(super) fn wrong(&mut self, node: &Node, message: impl Into<String>, help: impl Into<Option<String>>) {
        self.wrong_at(node.source, node.span.clone(), message, help);
    }

    /// Notes a mistake at bytes of a file.
    pub(super) fn wrong_at(
        &mut self,
        source: usize,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.wrong_with(source, span, || (message.into(), help.into()));
    }

    /// As [`Reading::wrong_at`]; message and help are made only if they will be read. For what may be wrong twenty
    /// thousand times and takes a search for the right name.
    pub(super) fn wrong_with(
        &mut self,
        source: usize,
        span: Range<usize>,
        describe: impl FnOnce() -> (String, Option<String>),
    ) {
        let sources = &self.sources;
        self.mistakes.push_with(|| {
            let at = sources.get(source).map(|source| (Arc::clone(source), span));
            let (message, help) = describe();
            Mistake { at, message, help }
        });
    }

    /// Notes a warning at bytes of a file.
    pub(super) fn warn(
        &mut self,
        source: usize,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        let at = self.sources.get(source).map(|source| (Arc::clone(source), span));
        let mut warnings = Warnings::default();
        warnings.push(Mistake { at, message: message.into(), help: help.into() });
        self.mistakes.warn(warnings);
    }

    /// Whether bytes of a file stand on one line.
    pub(super) fn is_one_line(&self, source: usize, span: &Range<usize>) -> bool {
        let text = self.sources.get(source).and_then(|source| source.text.get(span.clone()));
        text.is_some_and(|text| !text.contains('\n'))
    }

    /// Whether the value of `node` is a reference that is not asked for.
    pub(super) fn is_given(&self, node: &Node) -> bool {
        self.references == References::AsGiven && node.reference().is_some()
    }

    /// Notes what stands at `path`, which is read next.
    pub(super) fn note_version(&mut self, path: &Path) {
        self.versions.insert(path.to_owned(), FileVersion::of(path));
    }

    /// Whether any of what was read is another by now: then the files were perhaps never together what was read.
    pub(super) fn is_overtaken(&self) -> bool {
        self.versions.iter().any(|(path, version)| FileVersion::of(path) != *version)
    }

    /// Every mistake, in the order of the files.
    pub(super) fn into_mistakes(mut self) -> Mistakes {
        self.mistakes.sort_by_place(|source| self.sources.iter().position(|other| std::ptr::eq(&**other, source)));
        self.mistakes
    }

    /// A string, or what a reference stands for.
    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ if node.reference().is_some() => self.resolve(node),
            _ => {
                let help = match node.value {
                    Value::Integer(Some(n)) => Some(format!("write it in quotation marks: \"{n}\"")),
                    _ => None,
                };
                self.wrong(node, format!("expected a string, found {}", node.kind()), help);
                None
            }
        }
    }

    /// A string with something in it.
    pub(super) fn name(&mut self, node: &Node, key: &str) -> Option<String> {
        let text = self.text(node)?;
        if text.is_empty() {
            self.wrong(node, format!("`{key}` is empty"), None);
            return None;
        }
        Some(text)
    }

    /// A Kafka topic's name.
    pub(super) fn topic(&mut self, node: &Node, key: &str) -> Option<String> {
        let text = self.name(node, key)?;
        match topic_name_fault(&text) {
            None => Some(text),
            Some(why) => {
                self.wrong(node, format!("`{text}` is not a valid topic name: {why}"), None);
                None
            }
        }
    }

    /// A list's items; a lone value where a list is wanted is a mistake that says so.
    pub(super) fn list<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            Value::Text(text) => {
                let help = format!("write `{key} = [\"{text}\"]`");
                self.wrong(node, format!("expected a list, found {}", node.kind()), help);
                None
            }
            _ => {
                self.wrong(node, format!("expected a list, found {}", node.kind()), None);
                None
            }
        }
    }

    /// A list of strings.
    pub(super) fn texts(&mut self, node: &Node, key: &str) -> Option<Vec<String>> {
        let items = self.list(node, key)?;
        let read: Vec<Option<String>> = items.iter().map(|item| self.text(item)).collect();
        read.into_iter().collect()
    }

    /// A whole number within bounds.
    pub(super) fn whole(&mut self, node: &Node, key: &str, min: i64, max: i64) -> Option<i64> {
        match node.value {
            Value::Integer(Some(n)) if (min..=max).contains(&n) => Some(n),
            Value::Integer(_) => {
                self.wrong(node, format!("`{key}` is out of bounds"), format!("from {min} to {max}"));
                None
            }
            _ => {
                let help = match &node.value {
                    Value::Text(text) if text.parse::<i64>().is_ok() => {
                        Some("leave out the quotation marks".to_owned())
                    }
                    _ => Some(format!("from {min} to {max}")),
                };
                self.wrong(node, format!("expected a whole number, found {}", node.kind()), help);
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, node: &Node, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        if self.is_given(node) {
            return words.first().map(|(_, value)| *value);
        }
        let text = self.text(node)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let help = match nearest(&text, names.iter().copied()) {
            Some(name) => format!("did you mean \"{name}\"? `{key}` is {}", either(&names)),
            None => format!("`{key}` is {}", either(&names)),
        };
        self.wrong(node, format!("`{key}` cannot be `{text}`"), help);
        None
    }

    /// A duration within bounds, both included.
    pub(super) fn duration(&mut self, node: &Node, key: &str, min: Duration, max: Duration) -> Option<Duration> {
        if self.is_given(node) {
            return Some(min);
        }
        let read =
            self.with_unit(node, key, "a duration", "ms", "\"50ms\", \"5m\" or \"1m30s\"", weir_rules::duration)?;
        if read < min || read > max {
            self.wrong(node, format!("`{key}` is out of bounds"), format!("from {min:?} to {max:?}"));
            return None;
        }
        Some(read)
    }

    /// A size in bytes within bounds, both included.
    pub(super) fn size(&mut self, node: &Node, key: &str, min: usize, max: usize) -> Option<usize> {
        if self.is_given(node) {
            // A plugin is loaded within it.
            return Some(max);
        }
        let read = self.with_unit(node, key, "a size", "MiB", "\"32MiB\", \"1MB\" or \"64KiB\"", units::size)?;
        if read < min || read > max {
            let help = format!("from {} to {}", bytes(min), bytes(max));
            self.wrong(node, format!("`{key}` is out of bounds"), help);
            return None;
        }
        Some(read)
    }

    /// A percentage as a share of 1.
    pub(super) fn share(&mut self, node: &Node, key: &str) -> Option<f64> {
        if self.is_given(node) {
            return Some(1.0);
        }
        self.with_unit(node, key, "a percentage above 0% and at most 100%", "%", "\"1%\"", units::share)
    }

    fn with_unit<T>(
        &mut self,
        node: &Node,
        key: &str,
        what: &str,
        unit: &str,
        examples: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        match &node.value {
            Value::Integer(Some(n)) => {
                // Nobody means four thousand megabytes.
                let unit = if unit == "MiB" && *n >= 4096 { "B" } else { unit };
                self.wrong(node, format!("`{key}` needs a unit"), format!("write `{key} = \"{n}{unit}\"`"));
                None
            }
            Value::Integer(None) | Value::Float(_) => {
                self.wrong(node, format!("`{key}` needs a unit"), format!("write {what} as {examples}"));
                None
            }
            _ => {
                let text = self.text(node)?;
                let value = read(&text);
                if value.is_none() {
                    self.wrong(node, format!("`{text}` is not {what}"), format!("write it as {examples}"));
                }
                value
            }
        }
    }
}

/// The largest unit without a rest.
fn bytes(n: usize) -> String {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] {
        if n >= 1 << shift && n.is_multiple_of(1 << shift) {
            return format!("{}{unit}", n >> shift);
        }
    }
    format!("{n}B")
}
