//! `weir plugin new`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::templates::{LANGUAGES, PLACEHOLDER};
use crate::cli::{Outcome, say};

/// Makes a project of a plugin: its source, the SDK, a build line, cases. It needs the language's own compiler and this weir.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The language.
    #[arg(long = "lang", value_name = "LANGUAGE", value_parser = languages())]
    language: String,
    /// The plugin's name: small letters, digits and hyphens. The project is made in a folder of that name.
    #[arg(value_name = "NAME", value_parser = parse_name)]
    name: String,
    /// The folder to make the project's folder in.
    #[arg(long, value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

fn languages() -> clap::builder::PossibleValuesParser {
    LANGUAGES.iter().map(|language| language.name).collect::<Vec<_>>().into()
}

/// Names that packages of all the languages may have.
fn parse_name(name: &str) -> Result<String, String> {
    let is_good = name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.ends_with('-')
        && !name.contains("--");
    if is_good {
        Ok(name.to_owned())
    } else {
        Err("write small letters, digits and hyphens, such as my-plugin".to_owned())
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let Some(language) = LANGUAGES.iter().find(|language| language.name == arguments.language) else {
        bail!("there is no template for `{}`", arguments.language);
    };
    let folder = arguments.folder.join(&arguments.name);
    make_folder(&folder)?;
    for (path, text) in language.files {
        let path = folder.join(path);
        let text = text.replace(PLACEHOLDER, &arguments.name);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    let shown = folder.display();
    say(&format!("made {shown}, a plugin in {}: {shown}/README.md says how to build and test it\n", language.title));
    Ok(Outcome::Done)
}

/// Makes a folder that holds nothing yet.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    match fs::create_dir(folder) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("`{}` is there already: choose another name, or remove it", folder.display())
        }
        Err(error) => Err(error).with_context(|| format!("cannot make `{}`", folder.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_name;

    #[test]
    fn a_name_is_one_that_packages_of_all_languages_may_have() {
        for name in ["a", "my-plugin", "x9", "route-by-user-2"] {
            assert_eq!(parse_name(name).as_deref(), Ok(name));
        }
        for name in ["", "-", "9x", "My", "a_b", "a--b", "a-", "../a", "ä", &"a".repeat(65)] {
            assert!(parse_name(name).is_err(), "{name}");
        }
    }
}
