//! Jars and the classes compiled against them, fetched once into `target` and kept there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sha2::{Digest, Sha256};

use crate::paths;

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
    let home = paths::target().join(name);
    fs::create_dir_all(&home).expect("a folder in target");
    // Test binaries may run side by side: only one of them fetches.
    let lock = fs::File::create(home.join("lock")).expect("a lock file");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("the lock");
    let libs = home.join("libs");
    let classes = home.join("classes");
    let pom = fs::read(source.join("pom.xml")).expect("the pom");
    once(&libs, &pom, || {
        let mut maven = Command::new("mvn");
        maven.args(["--batch-mode", "--quiet", "--file"]).arg(source.join("pom.xml"));
        maven.arg("org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies");
        maven.arg(format!("-DoutputDirectory={}", libs.display()));
        run(maven.current_dir(&home));
    });
    let class_path = format!("{}/*", libs.display());
    let text = fs::read(source.join(java)).expect("the Java source");
    once(&classes, &[&pom[..], &text[..]].concat(), || {
        let mut javac = Command::new("javac");
        run(javac.args(["-nowarn", "-cp", &class_path, "-d"]).arg(&classes).arg(source.join(java)));
    });
    let class_path = format!("{}:{class_path}", classes.display());
    Jars { home, class_path }
}

/// Makes `folder` by `make` unless its stamp says that it was made of `source`.
fn once(folder: &PathBuf, source: &[u8], make: impl FnOnce()) {
    let digest: String = Sha256::digest(source).iter().map(|byte| format!("{byte:02x}")).collect();
    let stamp = folder.with_extension("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|known| known == digest) {
        return;
    }
    let _ = fs::remove_dir_all(folder);
    make();
    fs::write(&stamp, digest).expect("a stamp");
}

fn run(command: &mut Command) {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("the tests need a JDK 17 and Maven: `{name}`: {error}"));
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "`{name}` failed:\n{}", String::from_utf8_lossy(&said));
}
