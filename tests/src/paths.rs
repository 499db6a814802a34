//! Where things stand: the project, the build's folder, the binary under test.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The project's root.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the project")
}

/// The folder of this build's profile, such as `target/debug`.
fn profile() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    // target/<profile>/deps/<test>, and a program one folder higher
    let folder = test.parent().expect("a test stands in a folder");
    let deps = folder.file_name().is_some_and(|name| name == "deps");
    if deps {
        folder.parent().expect("a test stands in target/<profile>/deps").to_path_buf()
    } else {
        folder.to_path_buf()
    }
}

/// The build's folder, `target` unless cargo was told otherwise.
pub fn target() -> PathBuf {
    profile().parent().expect("a profile stands in the target folder").to_path_buf()
}

/// The `weir` binary, of the same profile as this test and up to date; or the one that `WEIR_BIN` names.
pub fn weir() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("WEIR_BIN") {
            return PathBuf::from(given);
        }
        let folder = profile();
        let name = folder.file_name().and_then(|name| name.to_str()).expect("the profile's name");
        // cargo builds another package's binary for nobody's test: ask for it, in the profile that the test was built in.
        let profile = if name == "debug" { "dev" } else { name };
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "--package", "weir", "--bin", "weir", "--profile", profile])
            .arg("--target-dir")
            .arg(target())
            .current_dir(project())
            .status()
            .expect("cargo runs");
        assert!(built.success(), "cargo could not build weir");
        folder.join("weir")
    })
}

/// A file or folder that stands beside the project (`../shared`); none on a machine that does not have it.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = project().join("../shared").join(name);
    path.exists().then_some(path)
}

/// A file or folder of the test data beside the project (`../shared/data`); none on a machine that does not have it.
pub fn shared_data(name: &str) -> Option<PathBuf> {
    shared(&format!("data/{name}"))
}
