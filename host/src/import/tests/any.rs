//! Whatever is translated, weir can load what comes out of it.

use proptest::prelude::*;

use super::*;

/// Texts that stand in such files, honest ones and others.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "a",
            "b",
            "in",
            "out",
            "true",
            "false",
            "(a)(b)",
            "(?=a)",
            r"(\\d+)",
            "$1",
            "${2}",
            "%{x}/%Y%m%d",
            "%q%[h]",
            "{x}",
            "yyyy-MM",
            "YYYY",
            "c1 c2",
            "s1 s2",
            "i1 i2",
            "k1,k2",
            "a:string",
            "int8",
            "string",
            "unix",
            "seconds",
            "a:b",
            "a:b,b:a",
            r"\\1",
            "${x}",
            "topic",
            "key",
            "timestamp",
            "x'y\"z",
            "\\",
            "static",
            "timestamp",
            "host",
            "uuid",
            "remove_header",
            "search_replace",
            "regex_filter",
            "regex_extractor",
            "org.apache.flume.source.kafka.KafkaSource",
            "org.apache.flume.sink.kafka.KafkaSink",
            "hdfs",
            "avro",
            "memory",
            "org.apache.flume.channel.kafka.KafkaChannel",
            "multiplexing",
            "replicating",
            "in/valid",
            "",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,12}",
    ]
}

const FLUME_KEYS: &[&str] = &[
    "sources.s1.type",
    "sources.s1.kafka.topics",
    "sources.s1.kafka.topics.regex",
    "sources.s1.kafka.consumer.group.id",
    "sources.s1.channels",
    "sources.s1.interceptors",
    "sources.s1.selector.type",
    "sources.s1.selector.header",
    "sources.s1.selector.mapping.a",
    "sources.s1.selector.mapping.b",
    "sources.s1.selector.default",
    "sources.s1.port",
    "sources.s1.interceptors.i1.type",
    "sources.s1.interceptors.i1.regex",
    "sources.s1.interceptors.i1.serializers",
    "sources.s1.interceptors.i1.serializers.s1.name",
    "sources.s1.interceptors.i1.key",
    "sources.s1.interceptors.i1.value",
    "sources.s1.interceptors.i1.preserveExisting",
    "sources.s1.interceptors.i1.headerName",
    "sources.s1.interceptors.i2.type",
    "sources.s1.interceptors.i2.searchPattern",
    "sources.s1.interceptors.i2.replaceString",
    "sources.s1.interceptors.i2.withName",
    "sources.s1.interceptors.i2.matching",
    "sources.s1.interceptors.i2.regex",
    "channels.c1.type",
    "channels.c1.kafka.topic",
    "channels.c2.type",
    "sinks.k1.type",
    "sinks.k1.channel",
    "sinks.k1.kafka.topic",
    "sinks.k2.type",
    "sinks.k2.channel",
    "sinks.k2.hdfs.path",
    "sinks.k2.hdfs.useLocalTimeStamp",
    "sinks.k1.port",
    "sinks.k1.kafka.producer.linger.ms",
    "sources.s1.kafka.consumer.security.protocol",
];

const TRANSFORMS: &[&str] = &[
    "Cast$Key",
    "Cast$Value",
    "DropHeaders",
    "ExtractField$Value",
    "ExtractField$Key",
    "Filter",
    "Flatten$Key",
    "HeaderFrom$Key",
    "HeaderFrom$Value",
    "HoistField$Value",
    "HoistField$Key",
    "InsertField$Key",
    "InsertField$Value",
    "InsertHeader",
    "MaskField$Key",
    "MaskField$Value",
    "RegexRouter",
    "ReplaceField$Key",
    "ReplaceField$Value",
    "SetSchemaMetadata$Key",
    "TimestampConverter$Key",
    "TimestampConverter$Value",
    "TimestampRouter",
    "ValueToKey",
    "Other",
    "ExtractTopic$Value",
    "ExtractTopic$Header",
    "TombstoneHandler",
    "ByLogicalTableRouter",
];

const TRANSFORM_KEYS: &[&str] = &[
    "spec",
    "headers",
    "field",
    "fields",
    "predicate",
    "negate",
    "operation",
    "static.field",
    "static.value",
    "topic.field",
    "header",
    "value.literal",
    "replacement",
    "regex",
    "include",
    "exclude",
    "renames",
    "topic.format",
    "timestamp.format",
    "topic.regex",
    "topic.replacement",
    "delimiter",
    "target.type",
    "format",
    "unix.precision",
];

/// As a properties file has it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 400 }))]

    #[test]
    fn flume(lines in prop::collection::vec((prop::sample::select(FLUME_KEYS), value()), 0..40)) {
        let mut text = "a.sources = s1\na.channels = c1 c2\na.sinks = k1 k2\na.sources.s1.channels = c1\n".to_owned();
        for (key, value) in lines {
            text.push_str(&format!("a.{key} = {}\n", escaped(&value)));
        }
        let imported = match super::super::flume(&text, &Options::default()) {
            // A selector may name none of the channels that are there.
            Err(ImportError::Nothing(_)) if text.contains("multiplexing") => return Ok(()),
            imported => imported.unwrap(),
        };
        // An expression that reads whatever is written cannot be helped.
        if !imported.config.contains("from = [\"^") && !imported.config.contains("from = ['^") {
            prop_assert_eq!(mistakes(&imported.config), None, "{}", text);
        }
        for (at, line) in text.lines().enumerate() {
            prop_assert!(imported.report.entries.iter().any(|entry| entry.line == at + 1), "{} of\n{}", line, text);
        }
    }

    #[test]
    fn connect(
        topics in "[a-c]{1,3}(, [a-c]{1,3})?",
        classes in prop::collection::vec(prop::sample::select(TRANSFORMS), 1..4),
        lines in prop::collection::vec((0..4_usize, prop::sample::select(TRANSFORM_KEYS), value()), 0..20),
    ) {
        let aliases: Vec<String> = (0..classes.len()).map(|at| format!("t{at}")).collect();
        let mut text = format!("name = c\nconnector.class = x\ntopics = {topics}\ntransforms = {}\n", aliases.join(","));
        for (alias, class) in aliases.iter().zip(&classes) {
            text.push_str(&format!("transforms.{alias}.type = x.{class}\n"));
        }
        for (alias, key, value) in lines {
            text.push_str(&format!("transforms.t{alias}.{key} = {}\n", escaped(&value)));
        }
        let imported = super::super::connect(&text, &Options::default()).unwrap();
        prop_assert_eq!(mistakes(&imported.config), None, "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = super::super::flume(&text, &Options::default());
        let _ = super::super::connect(&text, &Options::default());
        let _ = super::super::connect(&format!("{{\"transforms\": {text:?}, \"x.y\": \"z\"}}"), &Options::default());
    }
}
