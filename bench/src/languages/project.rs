//! A project that `weir plugin new` made.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

/// What a failing command said is shown from so many bytes before its end.
const SHOWN: usize = 2_000;

/// The plugin's name: that of the conformance kit's, whose Go package it is.
const NAME: &str = "reference";

pub(super) struct Project {
    /// Its own folder.
    pub(super) folder: PathBuf,
    /// Where weir and its cache are.
    around: PathBuf,
}

impl Project {
    /// Has weir make it.
    ///
    /// # Errors
    /// It cannot.
    pub(super) fn make(language: &str, around: &Path) -> Result<Self> {
        let parent = around.join(language);
        fs::create_dir(&parent)?;
        let project = Self { folder: parent.clone(), around: around.to_owned() };
        project.run(&format!("weir plugin new --lang {language} {NAME}"))?;
        Ok(Self { folder: parent.join(NAME), ..project })
    }

    /// The commands of its README in their order: what stands in blocks marked `sh`.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn commands(&self) -> Result<Vec<String>> {
        commands_in(&fs::read_to_string(self.folder.join("README.md"))?)
    }

    /// The commands that build it: those of the README's section "Build".
    ///
    /// # Errors
    /// There is none.
    pub(super) fn build_commands(&self) -> Result<Vec<String>> {
        let readme = fs::read_to_string(self.folder.join("README.md"))?;
        let section = readme.split("\n## ").find(|section| section.starts_with("Build\n"));
        commands_in(section.unwrap_or_default())
    }

    /// Copies the files of a folder and of the folders in it over its own.
    ///
    /// # Errors
    /// One of them cannot be copied.
    pub(super) fn lay_over(&self, folder: &Path) -> Result<()> {
        copy(folder, &self.folder)
    }

    /// Its plugin.
    pub(super) fn plugin(&self) -> &'static str {
        if self.folder.join("plugin.wasm").is_file() { "plugin.wasm" } else { "plugin.wat" }
    }

    /// Runs a command of a shell in its folder; returns standard output.
    ///
    /// # Errors
    /// It fails; the end of what it said.
    pub(super) fn run(&self, command: &str) -> Result<String> {
        self.run_with(command, &self.around.join("cache"))
    }

    /// As [`Project::run`], with another cache of compiled plugins.
    ///
    /// # Errors
    /// As there.
    pub(super) fn run_with(&self, command: &str, cache: &Path) -> Result<String> {
        let mut paths = vec![self.around.join("bin")];
        paths.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let output = Command::new("sh")
            .args(["-e", "-c", command])
            .current_dir(&self.folder)
            .env("PATH", env::join_paths(paths)?)
            .env("WEIR_CACHE", cache)
            // What cargo told this program is not for the project.
            .env_remove("CARGO_TARGET_DIR")
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let said = text + &String::from_utf8_lossy(&output.stderr);
            let from = said.ceil_char_boundary(said.len().saturating_sub(SHOWN));
            bail!("{}\n{}", output.status, &said[from..]);
        }
        Ok(text)
    }
}

/// The commands of a text: what stands in blocks marked `sh`.
fn commands_in(text: &str) -> Result<Vec<String>> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let commands: Vec<String> = blocks.map(str::to_owned).collect();
    if commands.is_empty() {
        bail!("the README names no command");
    }
    Ok(commands)
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
