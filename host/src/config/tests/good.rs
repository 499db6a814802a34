//! What is written is what is read.

use std::time::Duration;

use weir_rules::json;

use super::*;

#[test]
fn a_small_file_gets_every_default() {
    let config = load_text(
        "[kafka]\nbrokers = 'localhost:9092'\n[pipelines.a]\nfrom = ['x', '^y-[0-9]+$']\ngroup = 'g'\nto = 'z'\n",
    )
    .unwrap();
    let a = &config.pipelines["a"];
    assert_eq!(config.kafka.brokers, "localhost:9092");
    assert_eq!(a.from, ["x", "^y-[0-9]+$"]);
    assert_eq!((a.to.as_deref(), a.dead_letter.as_deref()), (Some("z"), None));
    assert_eq!((a.delivery, a.start, a.on_gap), (Delivery::AtLeastOnce, Start::Earliest, OnGap::Stop));
    assert_eq!((a.batch, a.partition_by, a.workers), (Cut::default(), PartitionBy::Key, None));
    assert_eq!((config.shutdown_timeout, config.on_stop), (Duration::from_secs(30), OnStop::Exit));
    assert_eq!(a.json, json::Reading::Whole);
    assert!(a.interceptors.is_empty());
    assert_eq!(config.files.len(), 1);
}

const RECOM: &str = r#"
[kafka]
brokers = "localhost:9092"
# [kafka.options] takes librdkafka properties from an allow-list; secrets as { env = "NAME" } or { file = "PATH" }

[pipelines.recom]
from        = ["client-events"]          # names, or a regular expression that begins with ^
group       = "weir-recom"
to          = "client-events-clean"      # where a record goes that nothing routed; left out: a dead letter (`unrouted`)
topics      = ["events-*"]               # where interceptors may route
dead_letter = "client-events-dead"
delivery    = "exactly-once"             # or "at-least-once"
start       = "earliest"                 # a new group: "earliest" (default), "latest", or an RFC 3339 time
on_gap      = "stop"                     # committed offset gone (retention, topic made anew): "stop" (default) or "earliest"; the gap is reported and counted as lost
breaker     = { faults = "1%", over = "1m", min = 100 }   # faults, not rejections by a plugin's verdict

[[pipelines.recom.interceptors]]
plugin = "regex-extractor"               # built in; or "./my.wasm", pinned by sha256 = "…"
[pipelines.recom.interceptors.config]
rules = [
  { pattern = '"actionTime":(\d+)',   headers = ["timestamp"] },
  { pattern = '"businessId":"(.+?)"', headers = ["customName"] },
  { pattern = '"sceneId":"(.+?)"',    headers = ["sceneId"] },
]

[[pipelines.recom.interceptors]]
plugin = "header-enricher"
[pipelines.recom.interceptors.config]
headers = [ { name = "dc", value = "hz1" }, { name = "path", value = "/recom/log/{customName}/{sceneId}" } ]
preserve_existing = true

[[pipelines.recom.interceptors]]
plugin = "timestamp-fixer"
on_fault = "dead-letter"                 # "dead-letter" | "stop" | "pass" (skips this interceptor for the record); default dead-letter where there is a topic for it, else stop
deadline = "50ms"                        # thread CPU time
allow    = { inputs = ["timestamp", "header:*"], effects = ["timestamp", "headers"] }   # optional fence round the plugin's plan: inputs, effects, headers, topics
memory   = "32MiB"
[pipelines.recom.interceptors.config]
from       = { header = "timestamp" }    # or { json = "/actionTime" }
unit       = "auto"                      # s, ms, us, ns, rfc3339, or a strftime format with zone
reference  = "record"                    # server time: the record's timestamp (default), or "received" (for topics that clients write themselves; wrong when weir lags)
max_ahead  = "5m"
max_behind = "24h"
keep_original = "client-timestamp"       # header that keeps what the client said, where it was replaced
set_header    = "timestamp"              # besides the record's timestamp

[[pipelines.recom.interceptors]]
plugin = "mod-router"
[pipelines.recom.interceptors.config]
from    = { json = "/userId" }           # or { header = … } or { key = true }
buckets = 12
topic   = "events-{bucket:02}"
hash    = "none"                         # integers: Euclidean modulo; "murmur2" (Kafka's own) for any text
missing = "dead-letter"                  # no id or not an integer: "dead-letter", "keep", or { topic = "…" }
tombstone = "missing"                    # a null value without an id: "missing", or "all-buckets" (deletes must reach everyone)
"#;

#[test]
fn the_recom_job_is_read_as_it_is_written() {
    let config = load_text(RECOM).unwrap();
    let recom = &config.pipelines["recom"];
    assert_eq!((recom.group.as_str(), &recom.from[..]), ("weir-recom", &["client-events".to_owned()][..]));
    assert_eq!(recom.to.as_deref(), Some("client-events-clean"));
    assert_eq!(recom.dead_letter.as_deref(), Some("client-events-dead"));
    assert_eq!(recom.topics, [TopicPattern("events-*".to_owned())]);
    assert_eq!((recom.delivery, recom.start, recom.on_gap), (Delivery::ExactlyOnce, Start::Earliest, OnGap::Stop));
    assert_eq!(recom.breaker, Some(Breaker { faults: 0.01, over: Duration::from_secs(60), min: 100 }));
    let names: Vec<&str> = recom.interceptors.iter().map(|interceptor| interceptor.name.as_str()).collect();
    assert_eq!(names, ["regex-extractor", "header-enricher", "timestamp-fixer", "mod-router"]);
    let [rules, _, fixer, router] = &recom.interceptors[..] else { panic!() };
    assert_eq!(rules.plugin.path, None);
    assert_eq!(
        (rules.on_fault, rules.deadline, rules.memory),
        (OnFault::DeadLetter, Duration::from_millis(50), 32 << 20)
    );
    assert!(rules.config.starts_with(r#"{"rules":[{"pattern":"\"actionTime\":(\\d+)","headers":["timestamp"]},"#));
    let texts = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let allow = Allow {
        inputs: texts(&["timestamp", "header:*"]),
        effects: texts(&["timestamp", "headers"]),
        headers: None,
        topics: None,
    };
    assert_eq!(fixer.allow, Some(allow));
    assert_eq!(
        router.config,
        r#"{"from":{"json":"/userId"},"buckets":12,"topic":"events-{bucket:02}","hash":"none","missing":"dead-letter","tombstone":"missing"}"#
    );
}

#[test]
fn places_name_every_value_below_an_interceptor() {
    let config = load_text(RECOM).unwrap();
    let place = &config.pipelines["recom"].interceptors[0].place;
    let source = &config.sources[place.source];
    assert_eq!(&source.text[place.range("/config/rules/1/pattern")], r#"'"businessId":"(.+?)"'"#);
    assert_eq!(&source.text[place.range("/config/rules/1/pattern#")], "pattern");
    assert_eq!(&source.text[place.range("/plugin")], "\"regex-extractor\"");
    let mistake = place.mistake(&config, "/config/rules/1/gone/deeper", "so it is", None);
    assert!(mistake.at.unwrap().1.start < place.range("/config/rules/1/pattern").start);
    let line = Mistakes::from(vec![place.mistake(&config, "/config/rules/1/headers#", "so it is", None)]).render(false);
    assert!(line.contains("weir.toml:22:39]"), "{line}");
}

#[test]
fn everything_else_is_read_too() {
    let config = load_text(
        "shutdown_timeout = '5s'\non_stop = 'hold'\n[kafka]\nbrokers = 'a:1,b:2'\n[kafka.options]\nlinger.ms = 7\nfetch.min.bytes = 1\n\
         'socket.keepalive.enable' = true\n[admin]\nlisten = '[::1]:9644'\n[pipelines.a]\nfrom = ['x']\ngroup = 'g'\n\
         instance = 'i'\nworkers = 3\npartition_by = 'source'\nledger_topic = 'l'\nstart = 2026-01-31T08:00:00+01:00\n\
         batch = { records = 7, bytes = '64KiB', age = '5ms' }\non_gap = 'earliest'\njson = 'first'\n\
         [pipelines.a.producer]\nlinger.ms = 9\n[pipelines.b]\nfrom = ['y']\ngroup = 'h'\nstart = '2026-01-31T08:00:00Z'\n\
         group_protocol = 'consumer'\n",
    )
    .unwrap();
    let (a, b) = (&config.pipelines["a"], &config.pipelines["b"]);
    let secret = |text: &str| Secret(text.to_owned());
    assert_eq!((config.shutdown_timeout, config.on_stop), (Duration::from_secs(5), OnStop::Hold));
    assert_eq!(config.admin.unwrap().listen, "[::1]:9644".parse().unwrap());
    assert_eq!(config.kafka.options.keys().collect::<Vec<_>>(), ["socket.keepalive.enable"]);
    // The pipeline's own word counts; what only one side knows goes to that side alone.
    assert_eq!((&a.producer["linger.ms"], &b.producer["linger.ms"]), (&secret("9"), &secret("7")));
    assert_eq!((&a.consumer["fetch.min.bytes"], a.consumer.len()), (&secret("1"), 1));
    assert_eq!((a.start, b.start), (Start::At(1_769_842_800_000), Start::At(1_769_846_400_000)));
    assert_eq!(a.batch, Cut { records: 7, bytes: 65_536, age: Duration::from_millis(5) });
    assert_eq!((a.workers, a.instance.as_deref(), a.ledger_topic.as_deref()), (Some(3), Some("i"), Some("l")));
    assert_eq!((a.partition_by, a.on_gap), (PartitionBy::Source, OnGap::Earliest));
    assert_eq!((a.json, b.json), (json::Reading::First, json::Reading::Whole));
    assert_eq!((a.group_protocol, b.group_protocol), (GroupProtocol::Classic, GroupProtocol::Consumer));
}
