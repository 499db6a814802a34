//! Files that the configuration names, and references to what is better not written down in it.

use std::{
    collections::btree_map::Entry,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};
use weir_plugins::BuiltIn;
use weir_rules::hex;

use super::{
    super::tree::{Node, Value},
    Reading, References,
};
use crate::bounded_file::{self, Unreadable};

/// Bytes of the largest plugin.
pub const PLUGIN_LIMIT: u64 = 64 << 20;
/// The largest file for `lookup.get`.
pub(in crate::config) const LOOKUP_LIMIT: u64 = 256 << 20;
/// The largest configuration file or secret.
pub(in crate::config) const TEXT_LIMIT: u64 = 1 << 20;

impl Reading {
    /// A path that is written at `node`, relative to the file that it stands in.
    pub(in crate::config) fn resolve_path(&self, node: &Node, written: &str) -> PathBuf {
        let folder = self.sources.get(node.source).and_then(|source| source.path.parent());
        folder.unwrap_or(Path::new("")).join(written)
    }

    /// The bytes of a file whose path is written at `node`, relative to the file that it stands in; read once however
    /// often it is named. What cannot be read is a mistake.
    pub(in crate::config) fn bytes(&mut self, node: &Node, written: &str, limit: u64) -> Option<(Arc<[u8]>, PathBuf)> {
        let path = self.resolve_path(node, written);
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
    pub(in crate::config) fn open(&mut self, path: &Path, limit: u64) -> Result<Arc<[u8]>, Unreadable> {
        if !self.opened.contains_key(path) {
            self.note_version(path);
        }
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
    pub(in crate::config) fn resolve(&mut self, node: &Node) -> Option<String> {
        let value = self.look_up(node)?;
        if self.references == References::Resolve
            && let Some(source) = self.sources.get(node.source)
        {
            source.note_resolved(node.span.start, &value);
        }
        Some(value)
    }

    fn look_up(&mut self, node: &Node) -> Option<String> {
        let (kind, name) = node.reference()?;
        let Value::Text(written) = &name.value else {
            self.wrong(name, format!("expected a string, found {}", name.kind()), None);
            return None;
        };
        if self.references == References::AsGiven {
            return Some(stand_in(written));
        }
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

    /// A built-in's bytes, shared by all interceptors that run it.
    pub(in crate::config) fn built_in(&mut self, built_in: &BuiltIn) -> Arc<[u8]> {
        Arc::clone(self.built_ins.entry(built_in.name).or_insert_with(|| built_in.bytes.into()))
    }

    /// The digest of bytes that this reading holds, made once however many interceptors run them.
    pub(in crate::config) fn sha256(&mut self, bytes: &Arc<[u8]>) -> String {
        let digest = self.digests.entry(Arc::as_ptr(bytes).cast());
        digest.or_insert_with(|| hex(&Sha256::digest(bytes))).clone()
    }
}

/// What stands in for the value of a reference: where a topic's name is wanted it is one, and the same for the same reference.
fn stand_in(written: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let name = written.chars().take(200).map(|letter| if fits(letter) { letter } else { '_' });
    std::iter::once("given-".to_owned()).chain(name.map(String::from)).collect()
}
