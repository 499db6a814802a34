//! A table under the eyes of its reader: what was asked for is known, the rest is a mistake.

use super::{
    foreign::{self, Foreign},
    keys::{self, Kind, TABLES},
    nearest::nearest,
    reading::Reading,
    tree::{Entry, Node},
};

/// Keys that a pipeline's table knows, and beside `plugin` were meant for the plugin: a pipeline has its own already.
const OF_PLUGINS: &[&str] = &["from"];

/// A table and what was asked of it.
#[derive(Debug)]
pub(super) struct Table<'n> {
    pub(super) node: &'n Node,
    entries: &'n [Entry],
    kind: Kind,
    /// As an operator writes it: `[kafka]`.
    pub(super) name: String,
    known: Vec<&'static str>,
}

impl<'n> Table<'n> {
    /// Opens `node`; none, with a mistake, where it is no table.
    pub(super) fn open(reading: &mut Reading, node: &'n Node, kind: Kind, name: String) -> Option<Self> {
        let Some(entries) = node.table() else {
            let help = (kind != Kind::Other).then(|| format!("begin one with {name}"));
            reading.wrong(node, format!("expected a table, found {}", node.kind()), help);
            return None;
        };
        Some(Self { node, entries, kind, name, known: Vec::new() })
    }

    /// What stands under `key`.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        debug_assert!(self.kind == Kind::Other || keys::knows(self.kind, key), "`{key}` stands in no table of keys.rs");
        self.known.push(key);
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// As [`Table::take`]; that there is none is a mistake.
    pub(super) fn need(&mut self, reading: &mut Reading, key: &'static str, example: &str) -> Option<&'n Node> {
        let found = self.take(key);
        // A misspelt key is told as one; in a file that could not be read whole, the key may stand unread.
        let mut unknown = self.entries.iter().filter(|entry| !keys::knows(self.kind, &entry.key));
        let misspelt = found.is_none() && unknown.any(|entry| nearest(&entry.key, [key]).is_some());
        if found.is_none() && !misspelt && !reading.torn.contains(&self.node.source) {
            let message = format!("{} has no `{key}`", self.name);
            reading.wrong(self.node, message, format!("write `{key} = {example}`"));
        }
        found
    }

    /// Whatever was not asked for is a mistake.
    pub(super) fn close(self, reading: &mut Reading) {
        for entry in self.entries {
            if self.known.contains(&entry.key.as_str()) {
                continue;
            }
            let foreign = if self.is_misplaced(entry) || reading.mistakes.is_full() {
                None
            } else {
                foreign::of(entry, self.kind)
            };
            let span = foreign.as_ref().map_or(entry.key_span.clone(), |foreign| foreign.span.clone());
            let span = if reading.is_one_line(entry.node.source, &span) { span } else { entry.key_span.clone() };
            reading.wrong_with(entry.node.source, span, || self.unknown(entry, foreign));
        }
    }

    /// Whether another kind of table has this very key.
    fn is_misplaced(&self, entry: &Entry) -> bool {
        let key = entry.key.as_str();
        let plugins = self.kind == Kind::Interceptor && OF_PLUGINS.contains(&key);
        let elsewhere = TABLES.iter().any(|(kind, _)| *kind != self.kind && keys::knows(*kind, key));
        plugins || (elsewhere && self.kind != Kind::Other)
    }

    /// What to say of a key that was not asked for.
    fn unknown(&self, entry: &Entry, foreign: Option<Foreign>) -> (String, Option<String>) {
        let key = foreign.as_ref().map_or(&entry.key, |foreign| &foreign.name);
        if self.kind == Kind::Interceptor && OF_PLUGINS.contains(&key.as_str()) {
            let own = self.name.trim_matches(['[', ']']);
            return (format!("`{key}` belongs in [{own}.config], not in {}", self.name), None);
        }
        let home = TABLES.iter().find(|(kind, _)| *kind != self.kind && keys::knows(*kind, key));
        if let Some((kind, _)) = home.filter(|_| self.kind != Kind::Other) {
            let here = if self.kind == Kind::Top { "above every table" } else { &format!("in {}", self.name) };
            return (format!("`{key}` belongs {}, not {here}", self.home(*kind)), None);
        }
        let message = match self.kind {
            Kind::Top => format!("unknown key `{key}` above every table"),
            _ => format!("unknown key `{key}` in {}", self.name),
        };
        if let Some(foreign) = &foreign {
            return (message, Some(foreign.write.clone()));
        }
        if let Some(name) = nearest(key, self.known.iter().copied()) {
            return (message, Some(format!("did you mean `{name}`?")));
        }
        let help = match self.kind {
            Kind::Interceptor => {
                format!("what the plugin is to read belongs in [{}.config]", self.name.trim_matches(['[', ']']))
            }
            _ => format!("known here: {}", self.known.join(", ")),
        };
        (message, Some(help))
    }

    /// How the right table is written, seen from this one.
    fn home(&self, kind: Kind) -> String {
        let own = self.name.trim_matches(['[', ']']);
        let pipeline = match self.kind {
            Kind::Pipeline => own,
            Kind::Interceptor => own.strip_suffix(".interceptors").unwrap_or(own),
            _ => "pipelines.NAME",
        };
        match kind {
            Kind::Top | Kind::Other => "above every table".to_owned(),
            Kind::Kafka => "in [kafka]".to_owned(),
            Kind::Admin => "in [admin]".to_owned(),
            Kind::Pipeline => format!("in [{pipeline}]"),
            Kind::Interceptor => format!("in [[{pipeline}.interceptors]]"),
        }
    }
}
