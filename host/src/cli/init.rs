//! `weir init`.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{Outcome, say};

/// What is written: file and text.
const FILES: [(&str, &str); 2] =
    [("weir.toml", include_str!("init/weir.toml")), ("records.ndjson", include_str!("init/records.ndjson"))];

/// Writes a configuration to begin with, and records to try it on.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The folder, which may be there already; no file in it is overwritten.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    // All of them or none.
    for (name, _) in FILES {
        let path = folder.join(name);
        anyhow::ensure!(!path.exists(), "`{}` is there already: name another folder", path.display());
    }
    for (name, text) in FILES {
        write(&folder.join(name), text)?;
    }
    let shown = folder.display();
    say(&format!(
        "wrote {shown}/weir.toml and {shown}/records.ndjson; now\n  \
         weir check -c {shown}/weir.toml\n  \
         weir replay -c {shown}/weir.toml --input {shown}/records.ndjson\n  \
         weir dev -c {shown}/weir.toml --input {shown}/records.ndjson --once\n  \
         weir plugins\n",
    ));
    Ok(Outcome::Done)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = made.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => anyhow::anyhow!("`{}` is there already", path.display()),
        _ => anyhow::Error::new(error).context(format!("cannot write `{}`", path.display())),
    })?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))
}
