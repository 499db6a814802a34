//! A file or standard output that records are written to.

use std::{fs::File, io, path::Path};

use anyhow::Context;

use super::write_behind::WriteBehind;

/// Takes lines and writes them behind whoever gives them.
pub(super) struct Output {
    /// Gone once it has told that it cannot be written, or is finished.
    to: Option<WriteBehind>,
    name: String,
    pub(super) is_stdout: bool,
}

impl Output {
    pub(super) fn stdout() -> anyhow::Result<Self> {
        let to = WriteBehind::start(io::stdout()).context("cannot start a thread")?;
        Ok(Self { to: Some(to), name: "standard output".into(), is_stdout: true })
    }

    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
        let to = WriteBehind::start(file).context("cannot start a thread")?;
        Ok(Self { to: Some(to), name: format!("`{}`", path.display()), is_stdout: false })
    }

    /// Takes a line, which `write` appends with its line feed.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> anyhow::Result<()> {
        let written = self.to.as_mut().map_or(Ok(()), |to| to.write(write));
        if written.is_err() {
            self.to = None;
        }
        written.with_context(|| format!("cannot write {}", self.name))
    }

    /// Writes out everything; nothing can be written afterwards.
    pub(super) fn finish(&mut self) -> anyhow::Result<()> {
        self.to.take().map_or(Ok(()), |mut to| to.finish()).with_context(|| format!("cannot write {}", self.name))
    }
}
