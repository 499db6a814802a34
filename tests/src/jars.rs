//! Jars and the classes compiled against them, fetched once into `target` and kept there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    paths,
    stamp::{self, once},
};

/// What the commands here need.
const NEEDS: &str = "a JDK 17 and Maven";

/// Where things lie; see [`ready`] and [`fetch`].
#[derive(Debug)]
pub struct Jars {
    /// Such as `target/kafka`.
    pub home: PathBuf,
    /// For `java -cp`.
    pub class_path: String,
}

/// Kafka's jars and the oracle's classes. Fetches by Maven what the stamp of an earlier run does not vouch for; needs no
/// network afterwards.
pub fn ready() -> Jars {
    fetch("kafka", &paths::project().join("tests/oracle"), "Oracle.java")
}

/// The jars that `source`'s `pom.xml` names, with the classes of its file `java`, kept in `target/NAME`.
pub fn fetch(name: &str, source: &Path, java: &str) -> Jars {
    let (home, _lock) = stamp::home(name);
    let libs = home.join("libs");
    let classes = home.join("classes");
    let pom = fs::read(source.join("pom.xml")).expect("the pom");
    once(&libs, &pom, || {
        let mut maven = Command::new("mvn");
        maven.args(["--batch-mode", "--quiet", "--file"]).arg(source.join("pom.xml"));
        maven.arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies");
        maven.arg(format!("-DoutputDirectory={}", libs.display()));
        stamp::run(maven.current_dir(&home), NEEDS);
    });
    let class_path = format!("{}/*", libs.display());
    let text = fs::read(source.join(java)).expect("the Java source");
    once(&classes, &[&pom[..], &text[..]].concat(), || {
        let mut javac = Command::new("javac");
        let javac = javac.args(["-nowarn", "-cp", &class_path, "-d"]).arg(&classes).arg(source.join(java));
        stamp::run(javac, NEEDS);
    });
    let class_path = format!("{}:{class_path}", classes.display());
    Jars { home, class_path }
}
