//! Input that nobody made up, and answers computed without weir's code.

use std::{collections::BTreeMap, fs};

use serde_json::Value;
use weir_tests::{Broker, Gateway, Record, Topic, access_log, eventually, paths::shared_data, unique, within};

/// The file's text; none, with a word about it, on a machine that does not have it.
fn input(name: &str) -> Option<String> {
    let path = shared_data(name);
    #[allow(clippy::print_stderr, reason = "a test that cannot run here says why")]
    if path.is_none() {
        eprintln!("skipped: there is no ../shared/data/{name} beside the project");
    }
    path.map(|path| fs::read_to_string(path).unwrap())
}

fn access_pipeline(from: &str, to: &str) -> String {
    format!(
        r#"[pipelines.p]
from = ["{from}"]
topics = ["{to}-*"]
dead_letter = "{to}-dead"
group = "{from}"
delivery = "at-least-once"

[[pipelines.p.interceptors]]
plugin = "regex-extractor"
[pipelines.p.interceptors.config]
rules = [
  {{ pattern = '^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+)', headers = ["address", "time", "method", "path"] }},
  {{ pattern = '" ((\d)\d\d) ', headers = ["status", "class"] }},
  {{ pattern = '"([^"]*)"$', headers = ["agent"] }},
]

[[pipelines.p.interceptors]]
plugin = "timestamp-fixer"
config = {{ from = {{ header = "time" }}, unit = "%d/%b/%Y:%H:%M:%S %z" }}

[[pipelines.p.interceptors]]
plugin = "header-enricher"
config = {{ headers = [ {{ name = "day", value = "{{timestamp:%Y-%m-%d}}" }} ], remove = ["time"] }}

[[pipelines.p.interceptors]]
plugin = "header-router"
config = {{ header = "class", match = {{ 2 = "{to}-2", 3 = "{to}-3", 4 = "{to}-4" }}, default = "{to}-other" }}
"#
    )
}

/// What is to become of a line: its topic's end and its content.
fn expected(line: &str) -> (String, Record) {
    let found = access_log::read(line).unwrap_or_else(|| panic!("not in the combined format: {line}"));
    let class = &found.status[..1];
    let topic = if ["2", "3", "4"].contains(&class) { class } else { "other" };
    let mut record = Record::to("").at(found.millis).value(line);
    record = record.header("address", found.address).header("method", found.method).header("path", found.path);
    record = record.header("status", found.status).header("class", class);
    if let Some(agent) = found.agent {
        record = record.header("agent", agent);
    }
    let days = found.millis.div_euclid(86_400_000);
    // All of it is from four days in May 2015.
    let day = days - 16_556 + 1;
    assert!((1..=31).contains(&day), "{line}");
    (topic.to_owned(), record.header("day", format!("2015-05-{day:02}")))
}

/// By the topic's end: what is there, in order.
type Outputs = BTreeMap<String, Vec<Record>>;

fn ends(outputs: impl IntoIterator<Item = Record>) -> Outputs {
    let mut ends = Outputs::new();
    for output in outputs {
        let end = output.topic.rsplit_once('-').unwrap().1.to_owned();
        ends.entry(end).or_default().push(output.content());
    }
    ends
}

#[track_caller]
fn same(found: &Outputs, expected: &Outputs) {
    let counts =
        |outputs: &Outputs| outputs.iter().map(|(end, records)| (end.clone(), records.len())).collect::<Vec<_>>();
    assert_eq!(counts(found), counts(expected));
    for (end, expected) in expected {
        for (found, expected) in found[end].iter().zip(expected) {
            assert_eq!(found, expected, "in {end}");
        }
    }
}

#[test]
fn ten_thousand_access_log_lines_through_kafka_and_through_replay() {
    within(180, || {
        let Some(text) = input("apache_access.log") else { return };
        let broker = Broker::shared();
        let (from, to) = (unique("access"), unique("access-out"));
        broker.oracle.create([Topic::new(&from, 1)]);
        let topics = ["2", "3", "4", "other", "dead"].map(|end| format!("{to}-{end}"));
        // One partition each: the order of the lines can be seen in every one of them.
        broker.oracle.create(topics.iter().map(|name| Topic::new(name, 1)));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 10_000);
        let mut wanted = Outputs::new();
        for line in &lines {
            let (end, record) = expected(line);
            wanted.entry(end).or_default().push(record);
        }
        broker.oracle.produce(lines.iter().map(|line| Record::to(&from).partition(0).value(*line)));
        let gateway = Gateway::against(broker, &access_pipeline(&from, &to));
        let mut running = gateway.run();
        eventually(90, "everything is settled", || {
            assert!(running.lives(), "weir ended");
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        assert!(running.stop().0.success());
        same(&ends(broker.oracle.read(&topics.each_ref().map(String::as_str))), &wanted);
        let replay = ["replay", "-c", "weir.toml", "--format", "lines", "--input", "-"];
        let replayed = gateway.weir_with(&replay, text.as_bytes()).expect(0).text();
        same(&ends(replayed.lines().map(Record::from_line)), &wanted);
    });
}

/// Replays JSON lines through a modulo of `id` and a clock; holds the answer against `time` and the id of each line.
fn json_lines(name: &str, id: &str, unit: &str, buckets: i64, time: impl Fn(&str) -> i64) {
    let Some(text) = input(name) else { return };
    let gateway = Gateway::new(&format!(
        r#"[kafka]
brokers = "localhost:9092"

[pipelines.p]
from = ["in"]
topics = ["out-*"]
dead_letter = "dead-dead"
group = "g"
delivery = "at-least-once"

[[pipelines.p.interceptors]]
plugin = "timestamp-fixer"
config = {{ from = {{ json = "/created_at" }}, unit = "{unit}", set_header = "created" }}

[[pipelines.p.interceptors]]
plugin = "header-enricher"
config = {{ headers = [ {{ name = "id", value = "{{json:{id}}}" }} ] }}

[[pipelines.p.interceptors]]
plugin = "mod-router"
config = {{ from = {{ json = "{id}" }}, buckets = {buckets}, topic = "out-{{bucket}}" }}
"#
    ));
    let mut wanted = Outputs::new();
    for line in text.lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        let id = document.pointer(id).unwrap().as_i64().unwrap();
        let millis = time(document["created_at"].as_str().unwrap());
        let record =
            Record::to("").at(millis).value(line).header("created", millis.to_string()).header("id", id.to_string());
        wanted.entry((id % buckets).to_string()).or_default().push(record);
    }
    assert!(wanted.len() > 1 && wanted.values().map(Vec::len).sum::<usize>() == text.lines().count());
    for cut in ["1", "7", "1024"] {
        let replay = ["replay", "-c", "weir.toml", "--format", "lines", "--input", "-", "--batch-records", cut];
        let replayed = gateway.weir_with(&replay, text.as_bytes()).expect(0).text();
        same(&ends(replayed.lines().map(Record::from_line)), &wanted);
    }
}

#[test]
fn github_events_by_actor_and_time() {
    within(60, || {
        json_lines("github_events.ndjson", "/actor/id", "rfc3339", 4, |time| {
            // 2013-01-10T07:58:30Z
            let (date, clock) = time.trim_end_matches('Z').split_once('T').unwrap();
            let date: Vec<&str> = date.split('-').collect();
            assert_eq!(date[..2], ["2013", "01"]);
            access_log::millis(&format!("{}/Jan/2013:{clock} +0000", date[2])).unwrap()
        });
    });
}

#[test]
fn tweets_by_user_and_time() {
    within(60, || {
        json_lines("twitter_statuses.ndjson", "/user/id", "%a %b %d %H:%M:%S %z %Y", 7, |time| {
            // Sun Aug 31 00:29:15 +0000 2014
            let words: Vec<&str> = time.split(' ').collect();
            let [_, month, day, clock, zone, year] = words[..] else { panic!("{time}") };
            access_log::millis(&format!("{day}/{month}/{year}:{clock} {zone}")).unwrap()
        });
    });
}
