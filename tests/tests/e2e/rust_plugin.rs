//! A plugin as cargo builds it, replaced while records flow.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use weir_tests::{
    Broker, Gateway, Load, Record, Topic, eventually, load::source, paths::project, stamp, unique, within,
};

use super::reload::{PARTITIONS, carried};

/// A plugin in Rust that writes `version` into the header `user`, and panics at a value that begins with `T`, as a
/// component's bytes. The project is the example's, with other sources.
fn build(version: &str) -> Vec<u8> {
    let example = project().join("examples/plugin-rust");
    // All builds have one output: until it is read, no other test builds.
    let (home, _lock) = stamp::home("weir-tests/rust-plugin");
    let folder: PathBuf = home.join(version);
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = fs::read_to_string(example.join("Cargo.toml")).unwrap();
    let sdk = project().join("guest-sdk");
    fs::write(folder.join("Cargo.toml"), manifest.replace("../../guest-sdk", sdk.to_str().unwrap())).unwrap();
    fs::copy(example.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let code = r#"//! Says which build it is.
use weir_sdk::{Batch, Edits, Files, Input, Interceptor, Mistake, Plan};

/// Nothing to configure.
#[derive(Debug, serde::Deserialize, schemars::JsonSchema)]
pub struct Config {}

/// The interceptor.
#[derive(Debug)]
pub struct User;

impl Interceptor for User {
    type Config = Config;
    const NAME: &'static str = "user";
    const VERSION: &'static str = "VERSION";
    const SUMMARY: &'static str = "Says which build it is.";

    fn new(_: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        Ok((Self, Plan::new().input(Input::value()).header_names(["user"])))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let values = batch.bytes(0)?;
        for row in batch.rows() {
            let value = values.text(row).unwrap_or_default();
            assert!(!value.starts_with('T'), "no way with {value:?}");
            edits.set_header("user").row(row, Self::VERSION.as_bytes());
        }
        Ok(())
    }
}

weir_sdk::export!(User);
"#;
    fs::write(folder.join("src/lib.rs"), code.replace("VERSION\"", &format!("{version}\""))).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--release", "--target", "wasm32-unknown-unknown", "--target-dir"]);
    cargo.arg(home.join("target")).current_dir(&folder);
    // It is a project of its own, not a part of what runs this test.
    for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    let ended = cargo.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    fs::read(home.join("target/wasm32-unknown-unknown/release/robots.wasm")).unwrap()
}

fn version(record: &Record) -> String {
    record.text("user").unwrap_or_else(|| panic!("no header `user`: {record:?}"))
}

#[test]
fn a_new_build_on_disk_takes_effect_while_records_flow_and_none_is_lost() {
    let builds = ["1", "2", "3"].map(|number| (number, build(number)));
    within(120, move || {
        let broker = Broker::shared();
        let (from, to) = (unique("build"), unique("build-out"));
        broker.oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\ndelivery = \"at-least-once\"\n\
                 [[pipelines.p.interceptors]]\nplugin = \"./user.wasm\"\n"
            ),
        );
        let [(_, first), ..] = &builds;
        gateway.write("user.wasm", first);
        let running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, 2000);
        for (number, build) in &builds {
            gateway.write("user.wasm", build);
            eventually(30, &format!("records show build {number}"), || {
                broker.oracle.last(&to).iter().any(|record| version(record) == *number).then_some(())
            });
        }
        let outputs = carried(broker, running, load, (&from, &to));
        // Within a source partition, an older build never follows a newer one.
        let mut by_source: Vec<&Record> = outputs.iter().collect();
        by_source.sort_by_key(|record| source(record));
        let mut last: BTreeMap<i32, String> = BTreeMap::new();
        for record in by_source {
            let now = version(record);
            let before = last.insert(source(record).0, now.clone()).unwrap_or_default();
            assert!(before <= now, "build {now} after {before}: {record:?}");
        }
    });
}

#[test]
fn a_panic_stands_with_its_text_and_place_in_the_dead_letter() {
    let build = build("panics");
    within(120, move || {
        let oracle = &Broker::shared().oracle;
        let [from, to, dead] = ["panics", "panics-out", "panics-dead"].map(unique);
        oracle.create([&from, &to, &dead].map(|topic| Topic::new(topic, 1)));
        let gateway = Gateway::against(
            Broker::shared(),
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ndead_letter = \"{dead}\"\ngroup = \"{from}\"\n\
                 [[pipelines.p.interceptors]]\nplugin = \"./user.wasm\"\n"
            ),
        );
        gateway.write("user.wasm", build);
        let running = gateway.run();
        oracle.produce(["a", "Trouble", "b"].map(|value| Record::to(&from).value(value)));
        eventually(60, "one is dead, and the others are out", || {
            (oracle.count(&[&dead]) == 1 && oracle.count(&[&to]) == 2).then_some(())
        });
        let letters = oracle.read(&[&dead]);
        let message = letters[0].text("weir.error.message").unwrap();
        assert!(message.contains("no way with \"Trouble\"") && message.contains("src/lib.rs:"), "{message}");
        assert_eq!(letters[0].value.as_deref(), Some(&b"Trouble"[..]));
        assert!(running.stop().0.success());
    });
}
