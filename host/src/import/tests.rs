//! Configurations of other systems, and what is made of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod any;
mod connect;
mod documented;
mod examples;
mod flume;
mod values;

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
};

use super::*;
use crate::{
    app,
    chain::Blueprint,
    config::Cut,
    record_file::{Format, Reader},
    replay,
    wasm::Engine,
};

/// The configuration with the host's name as a text, and what `weir check --deny-warnings` says of it.
fn load(config: &str) -> Result<Loaded, String> {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(None).unwrap());
    static HELD: Mutex<Loaded> = Mutex::new(Loaded::new());
    let folder = tempfile::tempdir().unwrap();
    let text = config.replace("{ env = \"HOSTNAME\" }", "\"host\"");
    let path = folder.path().join("weir.toml");
    std::fs::write(&path, &text).unwrap();
    let told = |what: String| format!("{what}\n{text}");
    let config = crate::config::load(&path).map_err(|mistakes| told(mistakes.render(false)))?;
    let (blueprints, warnings) = app::blueprints(&ENGINE, &config).map_err(|mistakes| told(mistakes.render(false)))?;
    // The engine shares code that is in use: each plugin is compiled once.
    for blueprint in blueprints.values() {
        for (description, _) in blueprint.plans() {
            HELD.lock().unwrap().entry(description.name.clone()).or_insert_with(|| Arc::clone(blueprint));
        }
    }
    if warnings.is_empty() { Ok(blueprints) } else { Err(told(warnings.render(false))) }
}

type Loaded = BTreeMap<String, Arc<Blueprint>>;

fn mistakes(config: &str) -> Option<String> {
    load(config).err()
}

/// What the first pipeline makes of records of the topic `in`, each by its members without topic: topic, headers, payload.
/// Of dead letters only the topic counts.
fn run(imported: &Imported, records: &[&str]) -> Vec<String> {
    let loaded = load(&imported.config).unwrap();
    let (_, blueprint) = loaded.first_key_value().unwrap();
    let mut chain = blueprint.prepare(None).unwrap().adopt(None);
    let input: String = records.iter().map(|members| format!("{{\"topic\":\"in\",{members}}}\n")).collect();
    let mut reader = Reader::new(input.as_bytes(), Format::Records, "in");
    let mut made = Vec::new();
    replay::run(&mut chain, Cut::default(), &mut reader, |produced| -> Result<(), std::convert::Infallible> {
        let record = produced.record();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if produced.death().is_some() {
            made.push(record.topic);
        } else {
            let headers = record.headers.iter().map(|header| {
                format!(" {}={}", text(&header.name), header.value.as_deref().map_or("null".to_owned(), text))
            });
            let headers: String = headers.collect();
            let value = record.value.as_deref().map_or("null".to_owned(), text);
            made.push(format!("{}{headers} {value}", record.topic));
        }
        Ok(())
    })
    .unwrap();
    made
}

/// What `weir import flume` makes of a source with these properties below `a.sources.s.`, a memory channel and a Kafka sink.
fn with_source(lines: &str) -> Imported {
    let base = "a.sources = s\na.channels = c\na.sinks = k\n\
                a.sources.s.type = org.apache.flume.source.kafka.KafkaSource\na.sources.s.kafka.topics = in\n\
                a.sources.s.kafka.bootstrap.servers = b:9092\na.sources.s.channels = c\na.channels.c.type = memory\n\
                a.sinks.k.type = org.apache.flume.sink.kafka.KafkaSink\na.sinks.k.kafka.topic = out\na.sinks.k.channel = c\n\
                a.sinks.k.allowTopicOverride = false\n";
    let own: String = lines.lines().map(|line| format!("a.sources.s.{}\n", line.trim())).collect();
    let imported = super::flume(&format!("{base}{own}"), &Options::default()).unwrap();
    assert_eq!(mistakes(&imported.config), None);
    imported
}

/// What `weir import connect` makes of a sink connector of the topic `in` with these properties.
fn with_transforms(lines: &str) -> Imported {
    let base = "name = c\nconnector.class = x.Sink\ntopics = in\nbootstrap.servers = b:9092\n\
                value.converter = org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable = false\n";
    let own: String = lines.lines().map(|line| format!("{}\n", line.trim())).collect();
    let imported = super::connect(&format!("{base}{own}"), &Options::default()).unwrap();
    assert_eq!(mistakes(&imported.config), None);
    imported
}

/// The interceptors of a configuration: what stands behind the first `[[`, without comments and heads.
fn interceptors(imported: &Imported) -> String {
    let lines =
        imported.config.lines().skip_while(|line| !line.starts_with("[[")).filter(|line| !line.starts_with(['#', '[']));
    let text: Vec<&str> =
        lines.map(|line| line.strip_prefix("plugin = ").unwrap_or(line)).filter(|line| !line.is_empty()).collect();
    text.join("\n").replace(",\n]", "]").replace("[\n  ", "[").replace(",\n  ", ", ")
}

#[track_caller]
fn grade_of(imported: &Imported, key: &str) -> Grade {
    let grades = imported.report.entries.iter().filter(|entry| entry.key.ends_with(key)).map(|entry| entry.grade);
    grades.max().unwrap_or_else(|| panic!("nothing is said of `{key}`:\n{}", imported.report))
}
