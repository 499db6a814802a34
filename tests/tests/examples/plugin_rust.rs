//! A user's own plugin: built as its README says, tested natively, run by weir.

use std::process::Command;

use weir_tests::gateway::weir;

use super::example;

/// Runs cargo in the example as its user would.
fn cargo(arguments: &[&str]) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(arguments).arg("--quiet").current_dir(example("plugin-rust"));
    // It is a project of its own, not a part of what runs this test.
    for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    let ended = cargo.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn it_builds_tests_and_replays_as_its_readme_says() {
    cargo(&["build", "--locked", "--release", "--target", "wasm32-unknown-unknown"]);
    cargo(&["test", "--locked"]);
    let replay = ["replay", "-c", "weir.toml", "--input", "visits.ndjson", "--expect", "expected.ndjson"];
    let told = weir(&example("plugin-rust"), &replay, b"").expect(0);
    assert!(told.err.contains("6 records in: 4 out, 2 dropped, 0 dead"), "{}", told.err);
    assert!(told.err.contains("robots: robots 2"), "{}", told.err);
}
