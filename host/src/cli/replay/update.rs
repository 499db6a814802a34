//! An expectation that is written anew.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::output::Output;

/// The new expectation, beside the old one's place until it is whole; removed where it does not become so.
pub(super) struct Update {
    output: Output,
    beside: PathBuf,
    path: PathBuf,
}

impl Update {
    /// Begins to write what is to stand at `path`.
    ///
    /// # Errors
    /// It cannot be written, or the file beside it is the input.
    pub(super) fn create(path: &Path, is_input: impl Fn(&Path) -> bool) -> anyhow::Result<Self> {
        let mut beside = path.to_path_buf().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        if is_input(&beside) {
            bail!("`{}` is the input itself, and written to before it becomes `{}`", beside.display(), path.display());
        }
        Ok(Self { output: Output::create(&beside)?, beside, path: path.to_path_buf() })
    }

    pub(super) fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Puts the new expectation in the old one's place, which it returns.
    pub(super) fn replace(mut self) -> anyhow::Result<PathBuf> {
        self.output.finish()?;
        fs::rename(&self.beside, &self.path).with_context(|| format!("cannot write `{}`", self.path.display()))?;
        Ok(self.path.clone())
    }
}

impl Drop for Update {
    fn drop(&mut self) {
        // Once it has its place there is none.
        let _ = fs::remove_file(&self.beside);
    }
}
