//! Files that the configuration names, and references to what is better not written down in it.

use std::{
    collections::btree_map::Entry,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    bounded_file::{self, Unreadable},
    reading::Reading,
    tree::{Node, Value},
};

/// The largest plugin.
pub(super) const PLUGIN_LIMIT: u64 = 64 << 20;
/// The largest file for `lookup.get`.
pub(super) const LOOKUP_LIMIT: u64 = 256 << 20;
/// The largest configuration file or secret.
pub(super) const TEXT_LIMIT: u64 = 1 << 20;

impl Reading {
    /// The bytes of a file whose path is written at `node`, relative to the file that it stands in; read once however
    /// often it is named. What cannot be read is a mistake.
    pub(super) fn bytes(&mut self, node: &Node, written: &str, limit: u64) -> Option<(Arc<[u8]>, PathBuf)> {
        let folder = self.sources.get(node.source).and_then(|source| source.path.parent());
        let path = folder.unwrap_or(Path::new("")).join(written);
        match self.open(&path, limit) {
            Ok(bytes) => Some((bytes, path)),
            Err(why) => {
                let relative = Path::new(written).is_relative();
                let help = relative.then(|| "paths are relative to the file that names them".to_owned());
                self.wrong(node, format!("`{written}` cannot be read: {why}"), help);
                None
            }
        }
    }

    /// As [`Reading::bytes`]; an error says why in a few words.
    pub(super) fn open(&mut self, path: &Path, limit: u64) -> Result<Arc<[u8]>, Unreadable> {
        let read = || bounded_file::read(path, limit).map(Arc::from);
        let opened = match self.opened.entry(path.to_owned()) {
            Entry::Vacant(entry) => entry.insert(read()),
            Entry::Occupied(entry) => {
                let opened = entry.into_mut();
                // Named a second time where it may be larger.
                if matches!(opened, Err(Unreadable::TooLarge(may)) if *may < limit) {
                    *opened = read();
                }
                opened
            }
        };
        match opened {
            Ok(bytes) if bytes.len() as u64 > limit => Err(Unreadable::TooLarge(limit)),
            Ok(bytes) => Ok(Arc::clone(bytes)),
            Err(why) => Err(why.clone()),
        }
    }

    /// What `{ env = "NAME" }` or `{ file = "PATH" }` stands for.
    pub(super) fn resolve(&mut self, node: &Node) -> Option<String> {
        let (kind, name) = node.reference()?;
        let Value::Text(written) = &name.value else {
            self.wrong(name, format!("expected a string, found {}", name.kind()), None);
            return None;
        };
        if kind == "env" {
            return match std::env::var(written) {
                Ok(value) => Some(value),
                Err(std::env::VarError::NotPresent) => {
                    self.wrong(name, format!("the environment has no `{written}`"), None);
                    None
                }
                Err(std::env::VarError::NotUnicode(_)) => {
                    self.wrong(name, format!("`{written}` of the environment is not UTF-8"), None);
                    None
                }
            };
        }
        let (bytes, _) = self.bytes(name, written, TEXT_LIMIT)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Some(text.trim_end_matches(['\n', '\r']).to_owned()),
            Err(_) => {
                self.wrong(name, format!("`{written}` is not UTF-8"), None);
                None
            }
        }
    }
}
