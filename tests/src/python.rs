//! OpenMetrics as its reference implementation reads it, a package of Python that is fetched once into `target`.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{paths::project, stamp};

/// One sample: the name and type of its family, its own name, its labels and its value, as Python writes it.
pub type Sample = (String, String, String, BTreeMap<String, String>, String);

/// Reads a whole exposition; none where this machine has no Python.
///
/// # Panics
/// The package cannot be fetched, or it refuses the text.
pub fn read_open_metrics(text: &str) -> Option<Vec<Sample>> {
    let found = Command::new("python3").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        return None;
    }
    let source = project().join("tests/open_metrics");
    let mut python = Command::new(installed(&source))
        .arg(source.join("parse.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python");
    python.stdin.take().expect("its input").write_all(text.as_bytes()).expect("it reads");
    let output = python.wait_with_output().expect("Python");
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("text");
    Some(lines.lines().map(|line| serde_json::from_str(line).expect("a sample")).collect())
}

/// Python with the package.
fn installed(source: &Path) -> PathBuf {
    let (home, _lock) = stamp::home("open-metrics");
    let (folder, requirements) = (home.join("venv"), source.join("requirements.txt"));
    let python = folder.join("bin/python");
    stamp::once(&folder, &fs::read(&requirements).expect("the requirements"), || {
        let needs = "Python with its module venv";
        stamp::run(Command::new("python3").args(["-m", "venv"]).arg(&folder), needs);
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        stamp::run(Command::new(&python).args(install).arg(&requirements), needs);
    });
    python
}
