//! What stands in the configuration's files at one moment.

use std::path::{Path, PathBuf};

use super::fingerprint;
use crate::config::{self, Config, Mistakes};

/// SHA-256 over all content that was read.
pub(super) type Content = [u8; 32];

/// A configuration that may take over.
pub(super) struct Candidate {
    pub(super) config: Result<Config, Mistakes>,
    content: Option<Content>,
}

impl Candidate {
    /// Reads the file or directory at `path`, and what it names.
    pub(super) fn read(path: &Path) -> Self {
        let config = config::load(path);
        let content = config.as_ref().ok().map(fingerprint::of);
        Self { config, content }
    }

    /// None where it cannot be read.
    pub(super) fn content(&self) -> Option<Content> {
        self.content
    }

    /// Every file that was read; none where one cannot be.
    pub(super) fn files(&self) -> Option<&[PathBuf]> {
        self.config.as_ref().ok().map(|config| &*config.files)
    }
}
