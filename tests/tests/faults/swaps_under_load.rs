//! The recom job under as much load as there is, while its configuration changes all the time and in every way.

use std::{
    fs,
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::Value;
use weir_tests::{
    Broker, Gateway, Record, Running, Topic,
    admin::{address, get, json, send},
    eventually,
    load::SOURCE,
    open_metrics,
    paths::project,
    unique, within,
};

use crate::{generations::Lineage, setting};

/// `WEIR_SWAPS` says otherwise.
const SWAPS: usize = 200;
/// From one change to the next, where the one before serves by then.
const PACE: Duration = Duration::from_millis(200);
/// Records a second that are written; what weir cannot take at once waits in the topic. `WEIR_SWAPS_RATE` says otherwise.
const RATE: u64 = 60_000;
const PARTITIONS: i32 = 6;
const BUCKETS: usize = 12;

/// What makes a change known, and how its file is written.
const TRIGGERS: [&str; 5] = ["a file written", "a file renamed", "SIGHUP", "POST /reload", "weir reload"];

/// The topics of this run.
struct Topics {
    from: String,
    dead: String,
    buckets: Vec<String>,
}

impl Topics {
    fn create() -> Self {
        let from = unique("swaps");
        let buckets = (0..BUCKETS).map(|bucket| format!("{from}-events-{bucket:02}")).collect();
        let topics = Self { dead: format!("{from}-dead"), buckets, from };
        let oracle = &Broker::shared().oracle;
        oracle.create([Topic::new(&topics.from, PARTITIONS), Topic::new(&topics.dead, 1)]);
        oracle.create(topics.buckets.iter().map(|name| Topic::new(name, 1)));
        topics
    }

    fn destinations(&self) -> Vec<&str> {
        self.buckets.iter().chain([&self.dead]).map(String::as_str).collect()
    }

    /// The example's configuration with these names, and `dc` as what tells its versions apart.
    fn config(&self, version: usize) -> String {
        let text = fs::read_to_string(project().join("examples/recom/weir.toml")).expect("the example");
        let (from, events) = (&self.from, format!("{}-events-", self.from));
        let names = [
            ("client-events-dead", self.dead.as_str()),
            ("client-events", from),
            ("events-", &events),
            ("weir-recom", from),
            ("localhost:9092", &Broker::shared().address),
            ("hz1", &version.to_string()),
        ];
        let text = names.iter().fold(text, |text, (old, new)| text.replace(&format!("\"{old}"), &format!("\"{new}")));
        let more = "[admin]\nlisten = \"127.0.0.1:0\"\n\n[pipelines.recom]\nstamp_generation = \"generation\"";
        text.replacen("[pipelines.recom]", more, 1)
    }
}

/// Makes a change and makes it known.
fn trigger(how: &str, config: &str, (gateway, running, address): (&Gateway, &Running, SocketAddr)) {
    match how {
        "a file written" => fs::write(gateway.path("weir.toml"), config).unwrap(),
        _ => gateway.write("weir.toml", config),
    }
    match how {
        "SIGHUP" => running.signal(Signal::HUP),
        "POST /reload" => assert_eq!(json(send(address, "POST", "/reload", "")).0, 200),
        "weir reload" => {
            gateway.weir(&["reload", "--admin", &format!("http://{address}")]).expect(0);
        }
        _ => {}
    }
}

#[test]
fn swaps_by_every_trigger_under_load_lose_and_repeat_nothing_and_no_generation_comes_back() {
    within(600, || {
        let (swaps, rate) = (setting("WEIR_SWAPS", SWAPS), setting("WEIR_SWAPS_RATE", RATE));
        let (topics, oracle) = (Topics::create(), &Broker::shared().oracle);
        let events = fs::read_to_string(project().join("examples/recom/events.ndjson")).expect("the example");
        // Without those that bear the header already, which is left alone then.
        let events = events.lines().map(Record::from_line).filter(|event| event.text("dc").is_none());
        let events: Vec<Record> = events.collect();
        let gateway = Gateway::new(&topics.config(0));
        let mut running = gateway.run();
        let address = address(&running);
        let pipeline = || json(get(address, "/status")).1["pipelines"][0].clone();
        let digest = |pipeline: &Value| pipeline["digest"].as_str().unwrap().to_owned();
        let flood = oracle.flood(&topics.from, PARTITIONS, rate, &events);
        let out = || oracle.count(&topics.destinations());
        eventually(60, "records flow", || (out() > 0).then_some(()));
        let mut digests = vec![digest(&pipeline())];
        let look = || Look { at: Instant::now(), out: out(), metrics: get(address, "/metrics").1 };
        let first = look();
        // What the swaps are compared with: the same time without one.
        thread::sleep(PACE * swaps as u32);
        let before = look();
        for swap in 1..=swaps {
            let (start, how) = (Instant::now(), TRIGGERS[swap % TRIGGERS.len()]);
            trigger(how, &topics.config(swap), (&gateway, &running, address));
            let serving = eventually(30, &format!("version {swap} serves, by {how}"), || {
                let pipeline = pipeline();
                (pipeline["generation"] == swap + 1).then_some(pipeline)
            });
            digests.push(digest(&serving));
            // The pace of the changes, not a wait for anything.
            thread::sleep(PACE.saturating_sub(start.elapsed()));
        }
        print_figures(swaps, [&first, &before, &look()]);
        let sent = flood.finish();
        eventually(300, "everything is settled", || {
            assert!(running.lives());
            (oracle.committed(&topics.from) == oracle.ends(&[&topics.from])).then_some(())
        });
        assert!(running.stop().0.success());
        let mut lineage = Lineage::new(&digests, PARTITIONS);
        let names = [SOURCE, "generation", "weir.error.generation", "dc"];
        oracle.read_headers(&topics.destinations(), &names, |headers| {
            let (partition, seq) = headers[0].unwrap().split_once(':').unwrap();
            let stamp = headers[1].or(headers[2]).expect("the stamp");
            let version = lineage.add((partition.parse().unwrap(), seq.parse().unwrap()), stamp);
            // A dead letter is the record as it came.
            let is_dead = headers[2].is_some();
            let version = version.to_string();
            assert_eq!(headers[3], (!is_dead).then_some(&*version), "record {partition}:{seq}, stamped {stamp}");
        });
        assert_eq!((lineage.lost(sent), lineage.duplicates), (0, 0), "of {sent} records");
        let used = lineage.used();
        assert!(used.iter().filter(|made| **made > 0).count() > swaps / 2, "most made nothing: {used:?}");
    });
}

/// What was there at a moment of the run.
struct Look {
    at: Instant,
    /// Records in all destinations.
    out: i64,
    metrics: String,
}

/// Tells how fast it went with and without swaps, which depends on the machine, and how long workers stood still.
#[allow(clippy::print_stderr, reason = "the figures, for whoever looks at a run")]
fn print_figures(swaps: usize, [first, before, after]: [&Look; 3]) {
    let rate = |from: &Look, to: &Look| (to.out - from.out) as f64 / (to.at - from.at).as_secs_f64();
    let (calm, swapping) = (rate(first, before), rate(before, after));
    eprintln!(
        "{swaps} swaps in {:?}: {swapping:.0} records a second, without swaps {calm:.0}: {:.2} of it",
        after.at - before.at,
        swapping / calm
    );
    for name in ["weir_chain_seconds", "weir_delivery_seconds"] {
        let within = |from: &Look, to: &Look| p99(&buckets(name, &from.metrics), &buckets(name, &to.metrics));
        let (calm, swapping) = (within(first, before), within(before, after));
        eprintln!("{name}: p99 at most {swapping} s, without swaps {calm} s: {:.2} of it", swapping / calm);
    }
    let still = p99(&[], &buckets("weir_swap_seconds", &after.metrics));
    eprintln!("weir_swap_seconds: p99 at most {still} s; each bucket:");
    let lines = after.metrics.lines().filter(|line| line.starts_with("weir_swap_seconds_"));
    lines.for_each(|line| eprintln!("{line}"));
}

/// A histogram's buckets, ascending: the upper end in seconds, and how many were at most that.
fn buckets(name: &str, metrics: &str) -> Vec<(f64, f64)> {
    let families = open_metrics::parse(metrics).unwrap_or_else(|why| panic!("{why}"));
    let family = families.iter().find(|family| family.name == name).expect(name);
    let mut buckets: Vec<(f64, f64)> = Vec::new();
    for sample in family.samples.iter().filter(|sample| sample.suffix == "_bucket") {
        let (_, end) = sample.labels.iter().find(|(label, _)| label == "le").expect("an upper end");
        let end = if end == "+Inf" { f64::INFINITY } else { end.parse().expect("a number") };
        match buckets.iter_mut().find(|(of, _)| *of == end) {
            Some((_, sum)) => *sum += sample.value,
            None => buckets.push((end, sample.value)),
        }
    }
    buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    buckets
}

/// The upper end of the bucket that holds the 99th percentile of what came between two looks.
fn p99(from: &[(f64, f64)], to: &[(f64, f64)]) -> f64 {
    let before = |end: f64| from.iter().find(|(of, _)| *of == end).map_or(0.0, |(_, count)| *count);
    let counts: Vec<(f64, f64)> = to.iter().map(|(end, count)| (*end, count - before(*end))).collect();
    let all = counts.last().map_or(0.0, |(_, all)| *all);
    counts.iter().find(|(_, count)| *count >= 0.99 * all).map_or(f64::NAN, |(end, _)| *end)
}
