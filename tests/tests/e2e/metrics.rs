//! What a running weir serves as OpenMetrics is read by a reader of its own, and is what docs/metrics.md says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use weir_tests::{
    Broker, Gateway, Guest, Record, Topic,
    admin::{address, get, send},
    eventually,
    open_metrics::{self, Family},
    paths::project,
    python::read_open_metrics,
    unique, within,
};

/// What no healthy weir has a series of.
const RARE: [&str; 5] = [
    "weir_records_lost",
    "weir_interceptor_recovered_faults",
    "weir_ledger_waiting_seconds",
    "weir_producers_replaced",
    "weir_group_members_replaced",
];

/// Type and labels by name, as the page has them.
fn documented() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let page = fs::read_to_string(project().join("docs/metrics.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `weir_"));
    rows.filter_map(|row| {
        let cells: Vec<String> = row.split(" | ").map(|cell| cell.trim_start_matches("| ").replace('`', "")).collect();
        // The other table is of alerts.
        let [name, kind, labels, _] = cells.as_slice() else { return None };
        Some((name.clone(), (kind.clone(), labels.split(", ").map(str::to_owned).collect())))
    })
    .collect()
}

fn names<'a>(labels: impl IntoIterator<Item = &'a (String, String)>) -> BTreeSet<String> {
    labels.into_iter().map(|(name, _)| name.clone()).collect()
}

/// The reference implementation's reader takes the text for the same samples.
#[expect(clippy::print_stderr, reason = "whoever reads the test's output has to know what it did not check")]
fn assert_reference_reads(text: &str, families: &[Family]) {
    let Some(read) = read_open_metrics(text) else {
        eprintln!("skipped: there is no python3 to read OpenMetrics with");
        return;
    };
    let ours = families.iter().flat_map(|family| {
        family.samples.iter().map(|sample| {
            let labels: BTreeMap<String, String> = sample.labels.iter().cloned().collect();
            (
                family.name.clone(),
                family.kind.clone(),
                format!("{}{}", family.name, sample.suffix),
                labels,
                sample.value,
            )
        })
    });
    let theirs: Vec<_> = read
        .into_iter()
        .map(|(family, kind, name, labels, value)| (family, kind, name, labels, value.parse::<f64>().unwrap()))
        .collect();
    assert_eq!(theirs, ours.collect::<Vec<_>>());
}

#[test]
fn what_is_served_is_open_metrics_with_the_names_types_and_labels_of_the_page() {
    within(180, || {
        let broker = Broker::shared();
        let [from, to, dead, ledger] = ["metrics", "metrics-out", "metrics-dead", "metrics-ledger"].map(unique);
        broker.oracle.create([&from, &to, &dead, &ledger].map(|topic| Topic::new(topic, 1)));
        broker.oracle.create([Topic::new(&format!("{to}-0"), 1)]);
        let config = format!(
            r#"[admin]
listen = "127.0.0.1:0"
[pipelines.p]
from = ["{from}"]
to = "{to}"
group = "{from}"
dead_letter = "{dead}"
ledger_topic = "{ledger}"
topics = ["{to}-*"]
[[pipelines.p.interceptors]]
plugin = "./user.wat"
[[pipelines.p.interceptors]]
plugin = "filter"
config = {{ drop = {{ header = "drop", matches = "." }} }}
[[pipelines.p.interceptors]]
plugin = "mod-router"
config = {{ from = {{ json = "/id" }}, buckets = 2, topic = "{to}-{{bucket}}" }}
"#
        );
        let gateway = Gateway::against(broker, &config);
        gateway.write("user.wat", Guest::named("user").when('T', "(unreachable)").text());
        let running = gateway.run();
        let address = address(&running);
        let of = |value: &str| Record::to(&from).value(value);
        broker.oracle.produce([
            of("{\"id\":4}"),
            of("T"),
            of("{\"id\":4").header("drop", "x"),
            of("{\"id\":4"),
            of("{\"id\":5}"),
        ]);
        eventually(60, "each record has its fate", || (broker.oracle.count(&[&dead]) == 3).then_some(()));
        assert_eq!(send(address, "POST", "/reload", "").0, 200);
        let stamped = config.replacen("group =", "stamp_generation = \"generation\"\ngroup =", 1);
        gateway.write("weir.toml", Gateway::config(broker, &stamped));
        assert_eq!(send(address, "POST", "/reload", "").0, 200);

        let documented = documented();
        // The clients' statistics come every ten seconds, and so does the lag.
        let (text, families) = eventually(60, "every family has a sample", || {
            let (code, text) = get(address, "/metrics");
            assert_eq!(code, 200);
            let families = open_metrics::parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
            let told: BTreeSet<&str> =
                families.iter().filter(|family| !family.samples.is_empty()).map(|family| &*family.name).collect();
            let all = documented.keys().filter(|name| !RARE.contains(&name.as_str()));
            let missing: Vec<&String> = all.filter(|name| !told.contains(name.as_str())).collect();
            missing.is_empty().then_some((text, families))
        });
        assert_reference_reads(&text, &families);
        for Family { name, kind, help, samples, .. } in &families {
            let (kind_of_page, labels) =
                documented.get(name).unwrap_or_else(|| panic!("{name} stands not on the page"));
            assert_eq!(kind, kind_of_page, "{name}");
            assert!(!help.is_empty(), "{name}");
            for sample in samples {
                // There is no such topic, and nothing was delivered there.
                assert!(!sample.labels.iter().any(|(_, value)| *value == format!("{to}-1")), "{name}: {sample:?}");
                assert_eq!(names(&sample.series()), *labels, "the labels of {name}{}", sample.suffix);
            }
        }
        assert!(running.stop().0.success());
    });
}
