//! Configurations of other systems, and what is made of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod any;
mod connect;
mod examples;
mod flume;

use super::*;

/// The text as weir's own loader takes it: plugins that this build does not have become a file, and the host's name a text.
/// Returns the mistakes.
fn mistakes(config: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("other.wat"), "(component)").unwrap();
    let mut text = config.replace("{ env = \"HOSTNAME\" }", "\"host\"");
    for plugin in ["filter", "topic-router", "key-setter", "value-editor", "splitter"] {
        if weir_plugins::find(plugin).is_none() {
            text = text
                .replace(&format!("plugin = \"{plugin}\""), &format!("name = \"{plugin}\"\nplugin = \"./other.wat\""));
        }
    }
    let path = folder.path().join("weir.toml");
    std::fs::write(&path, &text).unwrap();
    crate::config::load(&path).err().map(|mistakes| format!("{}\n{text}", mistakes.render(false)))
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
