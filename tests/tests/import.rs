//! Configurations of other systems: what is made of them does what they did.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    collections::BTreeMap,
    io::Write as _,
    process::{Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use weir_tests::{Gateway, Record, jars, paths, rng::Rng};

const AGENT: &str = "\
a.sources = s
a.channels = c
a.sinks = k
a.sources.s.type = org.apache.flume.source.kafka.KafkaSource
a.sources.s.kafka.bootstrap.servers = localhost:9092
a.sources.s.kafka.topics = client-events
a.sources.s.channels = c
a.sources.s.interceptors = i1 i2
a.sources.s.interceptors.i1.type = regex_extractor
a.sources.s.interceptors.i1.regex = \\\"scene\\\":\\\"([a-z0-9]+)\\\"
a.sources.s.interceptors.i1.serializers = s1
a.sources.s.interceptors.i1.serializers.s1.name = scene
a.sources.s.interceptors.i2.type = static
a.sources.s.interceptors.i2.key = dc
a.sources.s.interceptors.i2.value = hz1
a.channels.c.type = memory
a.sinks.k.type = hdfs
a.sinks.k.channel = c
a.sinks.k.hdfs.path = /log/%{dc}/%{scene}/%{none}/%Y%m%d
";

#[test]
fn an_imported_agent_does_what_it_did() {
    let gateway = Gateway::new("");
    gateway.write("flume.conf", AGENT);
    let made = gateway.weir(&["import", "flume", "flume.conf", "--zone", "Asia/Shanghai", "--output", "weir.toml"]);
    assert!(made.expect(0).out.is_empty());
    gateway.weir(&["check", "-c", "weir.toml"]).expect(0);
    // 16:00 in UTC, and midnight in Shanghai.
    let record = Record::to("client-events").partition(0).value(r#"{"scene":"s7"}"#).at(1_700_064_000_000);
    gateway.write("in.ndjson", Record { offset: Some(0), ..record }.to_line());
    let out = gateway.weir(&["replay", "-c", "weir.toml", "--input", "in.ndjson"]).expect(0).out;
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains(r#""headers":["scene","s7","dc","hz1","path","/log/hz1/s7//20231116"]"#), "{out}");
}

#[test]
fn import_says_by_its_status_how_far_it_came() {
    let gateway = Gateway::new("");
    gateway.write("other.conf", AGENT.replace("= static", "= com.example.Mine"));
    let partly = gateway.weir(&["import", "flume", "other.conf"]).expect(1);
    assert!(String::from_utf8_lossy(&partly.out).contains("# MISSING: Flume's interceptor i2"));
    let report = gateway.weir(&["import", "flume", "other.conf", "--json"]).expect(1).err;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["complete"], false);
    let entries = report["entries"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["line"] == 13 && entry["grade"] == "impossible"), "{entries:?}");

    gateway.write("none.conf", "a = b\n");
    let none = gateway.weir(&["import", "flume", "none.conf"]).expect(78);
    assert!(none.err.contains("no agent in it"), "{}", none.err);
    gateway.weir(&["import", "connect", "none.conf"]).expect(78);
    gateway.weir(&["import", "flume", "missing.conf"]).expect(1);
    gateway.weir(&["import", "flume", "none.conf", "--zone", "Nowhere"]).expect(2);
}

/// What stands at the end of a way: header names with their values, and the body.
type Event = (BTreeMap<String, String>, Vec<u8>);

/// The events of each topic, in their order.
type Topics = BTreeMap<String, Vec<Event>>;

/// A Kafka source with interceptors, and Kafka sinks behind two channels. What cannot be equal (the clock and the machine's
/// name) is written into `seen` and `machine`.
fn agent(interceptors: &str, selector: &str) -> String {
    let base = "a.sources = s\na.channels = c1 c2\na.sinks = k1 k2\n\
        a.sources.s.type = org.apache.flume.source.kafka.KafkaSource\na.sources.s.kafka.topics = in\n\
        a.sources.s.kafka.bootstrap.servers = localhost:9092\na.sources.s.channels = c1 c2\n\
        a.channels.c1.type = memory\na.channels.c2.type = memory\n\
        a.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink\na.sinks.k1.channel = c1\na.sinks.k1.kafka.topic = c1\n\
        a.sinks.k2.type = org.apache.flume.sink.kafka.KafkaSink\na.sinks.k2.channel = c2\na.sinks.k2.kafka.topic = c2\n";
    let own: String =
        interceptors.lines().chain(selector.lines()).map(|line| format!("a.sources.s.{}\n", line.trim())).collect();
    format!("{base}{own}")
}

const HEADERS: &str = r#"interceptors = one two when where fixed kept gone
    interceptors.one.type = regex_extractor
    interceptors.one.regex = \"kind\":\"([a-z]*)\"
    interceptors.one.serializers = s
    interceptors.one.serializers.s.name = kind
    interceptors.two.type = regex_extractor
    interceptors.two.regex = id=([0-9]+)-([0-9]+)
    interceptors.two.serializers = a b
    interceptors.two.serializers.a.name = left
    interceptors.two.serializers.b.name = right
    interceptors.when.type = timestamp
    interceptors.when.headerName = seen
    interceptors.where.type = host
    interceptors.where.hostHeader = machine
    interceptors.fixed.type = static
    interceptors.fixed.key = dc
    interceptors.fixed.value = {hz}1
    interceptors.kept.type = static
    interceptors.kept.key = kind
    interceptors.kept.value = other
    interceptors.gone.type = remove_header
    interceptors.gone.fromList = left, none"#;

/// With what Java reads otherwise, and what changes or drops.
const BODIES: &str = r#"interceptors = f x r g
    interceptors.f.type = regex_filter
    interceptors.f.regex = DEBUG$
    interceptors.f.excludeEvents = true
    interceptors.x.type = regex_extractor
    interceptors.x.regex = user=(\\w+).*?n=(\\d+)
    interceptors.x.serializers = a b
    interceptors.x.serializers.a.name = user
    interceptors.x.serializers.b.name = n
    interceptors.r.type = search_replace
    interceptors.r.searchPattern = (card=\\d{2})\\d+
    interceptors.r.replaceString = $1**\\$
    interceptors.g.type = remove_header
    interceptors.g.matching = us.*"#;

/// Dates that become milliseconds, headers that are kept or replaced, and an expression that matches the empty text too.
const MORE: &str = r#"interceptors = when over keep own f r
    interceptors.when.type = regex_extractor
    interceptors.when.regex = at=(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d) (\\w)(\\w+)
    interceptors.when.serializers = ms first word
    interceptors.when.serializers.ms.type = org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer
    interceptors.when.serializers.ms.name = at
    interceptors.when.serializers.ms.pattern = yyyy-MM-dd HH:mm
    interceptors.when.serializers.first.name = first
    interceptors.when.serializers.word.name = word
    interceptors.over.type = static
    interceptors.over.key = first
    interceptors.over.value = over
    interceptors.over.preserveExisting = false
    interceptors.keep.type = static
    interceptors.keep.key = at
    interceptors.keep.value = never
    interceptors.keep.preserveExisting = true
    interceptors.own.type = timestamp
    interceptors.own.headerName = seen
    interceptors.own.preserveExisting = true
    interceptors.f.type = regex_filter
    interceptors.f.regex = ^$|kind|at=|[0-9]$
    interceptors.f.excludeEvents = false
    interceptors.r.type = search_replace
    interceptors.r.searchPattern = card=(?<start>\\d\\d)\\d*
    interceptors.r.replaceString = ${start}\\\\1"#;

const OPTIONAL: &str = "selector.type = replicating\nselector.optional = c2";

const OPTIONAL_MAPPED: &str = "selector.type = multiplexing\nselector.header = kind\nselector.mapping.buy = c1\n\
    selector.optional.buy = c2\nselector.optional.view = c2\nselector.default = c1";

const MULTIPLEXING: &str = "selector.type = multiplexing\nselector.header = kind\nselector.mapping.buy = c1\n\
    selector.mapping.view = c2\nselector.default = c1";

/// Lines that the expressions match, nearly match and do not match.
fn records(count: usize) -> Vec<Record> {
    let mut rng = Rng::new(16);
    let pieces = [
        "\"kind\":\"buy\"",
        "\"kind\":\"view\"",
        "\"kind\":\"\"",
        "\"kind\":\"Buy\"",
        " id=12-7 ",
        "id=1-",
        " DEBUG",
        "DEBUG\r\n",
        "\n",
        "user=tom登录 n=12",
        "user=a_1,n=１２",
        "card=4012888888881881",
        "card=40",
        "at=2023-11-14 22:13 noon",
        "at=1999-02-28 07:05 dawn",
        "text 日本",
        "{",
        "}",
        " ",
        "$1",
        "\\",
    ];
    let one = |at: usize| {
        let body: String = (0..rng.below(6)).map(|_| rng.pick(&pieces)).collect();
        let record = Record::to("in").partition(0).value(body).at(1_700_000_000_000 + at as i64 * 1000);
        // To Flume a tombstone is an event with an empty body.
        let value = record.value.clone().filter(|_| !at.is_multiple_of(17));
        Record { offset: Some(at as i64), value, ..record }
    };
    (0..count).map(one).collect()
}

/// Names of headers that Flume's Kafka source writes.
const OF_SOURCE: [&str; 4] = ["topic", "partition", "offset", "timestamp"];

/// What Flume makes of an event: the channels, the headers with those of its source, the body; none where it is dropped.
type Made = Option<(String, BTreeMap<String, String>, Vec<u8>)>;

/// What Flume makes of each record by `flume.conf`. `path`: that of an HDFS sink, which becomes a header.
fn by_flume(folder: &Gateway, records: &[Record], path: Option<&str>) -> Vec<Made> {
    let jars = jars::fetch("flume", &paths::project().join("tests/flume"), "Flume.java");
    let word = |text: &str| STANDARD.encode(text);
    let line = |record: &Record| {
        let of_source = [
            record.topic.clone(),
            "0".to_owned(),
            record.offset.unwrap().to_string(),
            record.timestamp.unwrap().to_string(),
        ];
        let headers = OF_SOURCE.iter().zip(&of_source).map(|(name, value)| format!(" {} {}", word(name), word(value)));
        let headers: String = headers.collect();
        format!("{}{headers}\n", STANDARD.encode(record.value.as_deref().unwrap_or_default()))
    };
    let mut java = Command::new("java");
    java.args(["-Duser.timezone=UTC", "-XX:TieredStopAtLevel=1", "-cp", &jars.class_path, "Flume", "flume.conf"]);
    java.args(path);
    let mut java =
        java.current_dir(folder.path("")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("java starts");
    let input: String = records.iter().map(line).collect();
    let mut stdin = java.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let out = java.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(out.status.success(), "Flume failed");
    let read = |word: &str| STANDARD.decode(word).unwrap();
    let text = |word: &str| String::from_utf8(read(word)).unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.lines().count(), records.len());
    let made = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let headers = words.get(2..)?.chunks(2).map(|pair| (text(pair[0]), text(pair[1]))).collect();
        Some((words[0].to_owned(), headers, read(words[1])))
    };
    out.lines().map(made).collect()
}

/// What it makes of them by the topics of its channels' sinks, without the headers of its source.
fn by_channel(made: Vec<Made>) -> Topics {
    let mut topics = Topics::new();
    for (channels, mut headers, body) in made.into_iter().flatten() {
        headers.retain(|name, _| !OF_SOURCE.contains(&name.as_str()));
        for channel in channels.split(',').filter(|channel| *channel != "-") {
            topics.entry(channel.to_owned()).or_default().push((comparable(headers.clone()), body.clone()));
        }
    }
    topics
}

/// What weir makes of them by the imported configuration.
fn by_weir(folder: &Gateway, records: &[Record]) -> Topics {
    folder.weir(&["import", "flume", "flume.conf", "--output", "weir.toml"]).expect(0);
    let config = std::fs::read_to_string(folder.path("weir.toml")).unwrap();
    folder.write("weir.toml", config.replace("{ env = \"HOSTNAME\" }", "\"here\""));
    folder.weir(&["check", "--deny-warnings", "-c", "weir.toml"]).expect(0);
    let input: String = records.iter().map(|record| record.to_line() + "\n").collect();
    folder.write("in.ndjson", input);
    let config: toml::Table = config.parse().unwrap();
    let mut topics = Topics::new();
    for pipeline in config["pipelines"].as_table().unwrap().keys() {
        let out =
            folder.weir(&["replay", "-c", "weir.toml", "--input", "in.ndjson", "--pipeline", pipeline]).expect(0).out;
        for line in String::from_utf8(out).unwrap().lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let words: Vec<&str> =
                record["headers"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
            let headers = words.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
            let body = record["payload"].as_str().unwrap_or_default().as_bytes().to_vec();
            let topic = record["topic"].as_str().unwrap().to_owned();
            topics.entry(topic).or_default().push((comparable(headers), body));
        }
    }
    topics
}

/// The clock and the machine's name differ: only that they are there counts.
fn comparable(mut headers: BTreeMap<String, String>) -> BTreeMap<String, String> {
    for name in ["seen", "machine"] {
        if let Some(value) = headers.get_mut(name) {
            assert!(!value.is_empty());
            value.clear();
        }
    }
    headers
}

#[track_caller]
fn equal(interceptors: &str, selector: &str) {
    let folder = Gateway::new("");
    folder.write("flume.conf", agent(interceptors, selector));
    let records = records(500);
    let flume = by_channel(by_flume(&folder, &records, None));
    let weir = by_weir(&folder, &records);
    assert!(flume.len() == 2 && flume.values().all(|events| events.len() > 20), "{:?}", flume.keys());
    assert_eq!(flume.keys().collect::<Vec<_>>(), weir.keys().collect::<Vec<_>>());
    for (topic, events) in flume {
        let ours = &weir[&topic];
        assert_eq!(events.len(), ours.len(), "{topic}");
        for (at, (theirs, ours)) in events.iter().zip(ours).enumerate() {
            assert_eq!(theirs, ours, "event {at} of {topic}");
        }
    }
}

#[test]
fn headers_and_channels_are_those_of_flume_itself() {
    equal(HEADERS, "");
    equal(HEADERS, MULTIPLEXING);
    equal(HEADERS, OPTIONAL_MAPPED);
}

#[test]
fn bodies_are_those_of_flume_itself() {
    equal(BODIES, "");
    equal(MORE, OPTIONAL);
}

const LAST_MS_OF_9999: i64 = 253_402_300_799_999;

/// The six headers that the agent of the recommendation team extracts, and the path of its HDFS sink.
#[test]
fn the_recom_agent_is_imported_without_a_warning_and_does_what_it_did() {
    let Some(agent) = paths::shared_data("recom-flume.conf") else { return };
    let agent = std::fs::read_to_string(agent).unwrap();
    let path = agent.lines().find_map(|line| line.split_once("hdfs.path = ")).expect("the sink has a path").1;
    let events = std::fs::read_to_string(paths::project().join("examples/recom/events.ndjson")).unwrap();
    // Flume knows no null, its source writes the record's time, and it hands on none of Kafka's headers.
    let known =
        events.lines().map(Record::from_line).filter(|event| event.value.is_some() && event.timestamp.is_some());
    let placed =
        |(at, event): (usize, Record)| Record { offset: Some(at as i64), headers: Vec::new(), ..event.partition(0) };
    let records: Vec<Record> = known.enumerate().map(placed).collect();
    assert!(records.len() > 1000, "{}", records.len());
    let folder = Gateway::new("");
    folder.write("flume.conf", agent.replace("agent.sources.kafkaSource.", "a.sources.s."));
    let flume = by_flume(&folder, &records, Some(path));

    folder.write("flume.conf", &agent);
    let import = ["import", "flume", "flume.conf", "--zone", "UTC", "--time", "header", "--output", "weir.toml"];
    folder.weir(&import).expect(0);
    folder.weir(&["check", "--deny-warnings", "-c", "weir.toml"]).expect(0);
    folder.write("in.ndjson", records.iter().map(|record| record.to_line() + "\n").collect::<String>());
    let out = folder.weir(&["replay", "-c", "weir.toml", "--input", "in.ndjson"]).expect(0).out;
    let out: Vec<Record> = String::from_utf8(out).unwrap().lines().map(Record::from_line).collect();
    assert_eq!((out.len(), flume.len()), (records.len(), records.len()));
    let names = ["timestamp", "customName", "sceneId", "serviceName", "logType", "itemSetId", "path"];
    let mut with_all = 0;
    for (at, (ours, theirs)) in out.iter().zip(flume).enumerate() {
        let (_, mut theirs, body) = theirs.expect("it drops none");
        // Where it finds no time, the header that its source wrote stays.
        let received = records[at].timestamp.unwrap().to_string();
        let ours_of = |name: &str| match (name, ours.text(name)) {
            ("timestamp", None) => Some(received.clone()),
            (_, value) => value,
        };
        let found = names.map(ours_of);
        // To Flume microseconds are a day in the year 50000 and later; weir has no text for a day after the year 9999.
        let time: i64 = theirs["timestamp"].parse().unwrap();
        if time > LAST_MS_OF_9999 {
            let (before_day, _) = theirs["path"].rsplit_once('/').unwrap();
            let path = format!("{before_day}/");
            theirs.insert("path".to_owned(), path);
        }
        assert_eq!(found, names.map(|name| theirs.remove(name)), "event {at}");
        assert_eq!(ours.value.as_deref(), Some(&body[..]), "event {at}");
        with_all += usize::from(found.iter().all(Option::is_some));
    }
    assert!(with_all > records.len() / 2, "{with_all} of {} had all", records.len());
}
