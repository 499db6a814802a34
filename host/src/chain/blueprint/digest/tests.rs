#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use super::*;

const CONFIG: &str = r#"
[kafka]
brokers = "localhost:9092"
[pipelines.p]
from = ["in"]
group = "g"
to = "out"
topics = ["route-*"]
dead_letter = "dead"
[[pipelines.p.interceptors]]
plugin = "header-enricher"
deadline = "20ms"
memory = "16MiB"
allow = { inputs = ["header:a\"b", "json"], effects = [], topics = ["route-1"] }
[[pipelines.p.interceptors]]
plugin = "header-enricher"
on_fault = "stop"
[[pipelines.p.interceptors]]
plugin = "header-enricher"
on_fault = "pass"
allow = { headers = ["x-*"] }
[pipelines.q]
from = ["in-2"]
group = "g-2"
partition_by = "source"
"#;

/// The pipelines of [`CONFIG`] with plugin bytes that no build changes.
fn config() -> config::Config {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weir.toml");
    std::fs::write(&path, CONFIG).unwrap();
    let mut config = config::load(&path).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    for pipeline in config.pipelines.values_mut() {
        for interceptor in &mut Arc::make_mut(pipeline).interceptors {
            interceptor.plugin.sha256 = "0".repeat(64);
            interceptor.config = r#"{"a":1}"#.to_owned();
        }
    }
    config
}

/// They stand in offsets that are committed: whatever is renamed, they stay. They change with the engine's version, and
/// with nothing else that stands here.
#[test]
fn the_digests_of_a_configuration_are_the_ones_they_always_were() {
    assert_eq!(wasm::ENGINE, "wasmtime 48.0.8", "another engine, other digests: pin them anew");
    let config = config();
    let of = |name: &str| {
        let pipeline = &config.pipelines[name];
        let instances: Vec<String> = pipeline.interceptors.iter().map(of_instance).collect();
        (of_pipeline(pipeline, &instances), instances)
    };
    let (p, instances) = of("p");
    assert_eq!(instances[0], "f35bca7e1507316e9107a2f1fc43da64ba04a3d9bb35939fa3096391497cd0a3");
    assert_eq!(instances[1], "9e6b18348a666078c7dc7e442f659a72712bc458ed496c85c44bbf9c6accbc9b");
    assert_eq!(instances[1], instances[2]);
    assert_eq!(p, "4447663ec739d092d38d4b9e3f27b786b05f8dd34453eba4f0de196ca09a5825");
    assert_eq!(of("q"), ("3891328203dfea50cc79649e3216ad106016765434fb1c09420a24a1499d30f2".to_owned(), Vec::new()));
}

#[test]
fn how_much_of_json_is_read_is_another_generation() {
    let mut config = config();
    let pipeline = config.pipelines.get_mut("p").unwrap();
    let whole = of_pipeline(pipeline, &[]);
    Arc::make_mut(pipeline).json = Reading::First;
    assert_ne!(of_pipeline(pipeline, &[]), whole);
}
