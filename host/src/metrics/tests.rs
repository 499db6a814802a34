#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use super::*;

#[test]
fn a_series_comes_back_as_it_was_counted() {
    let metrics = Metrics::default();
    let labels = vec![("pipeline", "re\"com\\".to_owned()), ("topic", "a,b=\"}".to_owned())];
    metrics.add(Name::RecordsOut, labels.clone(), 3);
    metrics.add(Name::RecordsOut, labels, 4);
    let series = metrics.series(Name::RecordsOut);
    assert_eq!(series.len(), 1);
    assert_eq!(series[0].1, 7);
    assert!(metrics.text().contains("weir_records_out_total{"));
}

#[test]
fn a_partition_that_went_elsewhere_has_no_lag() {
    let metrics = Metrics::default();
    let labels =
        || vec![("pipeline", "recom".to_owned()), ("topic", "events".to_owned()), ("partition", "3".to_owned())];
    metrics.lag(labels(), Some(12));
    assert!(metrics.text().contains("weir_lag_records{pipeline=\"recom\",topic=\"events\",partition=\"3\"} 12"));
    metrics.lag(labels(), None);
    assert!(!metrics.text().contains("weir_lag_records{"));
}

#[test]
fn what_is_served_is_what_the_page_says_with_its_labels() {
    let metrics = Arc::new(Metrics::default());
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md")).unwrap();
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| `weir_")?.split(" | ").collect();
        let labels: Vec<String> = cells.get(2)?.replace('`', "").split(", ").map(str::to_owned).collect();
        Some((cells[0].trim_end_matches('`').to_owned(), cells[1].to_owned(), labels))
    });
    let documented: Vec<(String, String, Vec<String>)> = rows.collect();
    // Every family, with a series of the labels that the page names.
    let labels_of = |name: &str| -> Labels {
        let row = documented.iter().find(|(known, ..)| known == name).unwrap_or_else(|| panic!("{name} has no row"));
        row.2.iter().map(|label| (&*label.clone().leak(), "x".to_owned())).collect()
    };
    for (name, text, _) in FAMILIES {
        metrics.add(name, labels_of(text), 1);
    }
    for which in [
        Distribution::BatchRecords,
        Distribution::Chain,
        Distribution::Delivery,
        Distribution::RecordAge,
        Distribution::Commit,
        Distribution::Swap,
    ] {
        metrics.distribution(which, "x").observe(1.0);
    }
    metrics.in_flight("x").set(1);
    metrics.watermark(labels_of("watermark_offset"), Some(1));
    metrics.lag(labels_of("lag_records"), Some(1));
    metrics.cpu(&labels_of("interceptor_cpu_seconds"), Duration::from_millis(1500));
    metrics.memory(&labels_of("interceptor_memory_bytes"), 1);
    metrics.pipeline("x", true, 1, "x");
    metrics.unusable_topics("x", 1);
    metrics.ledger_waiting("x", Some(Duration::from_secs(1)));
    let gauges = ClientGauges::new(&metrics, "x", "consumer");
    gauges.set((3, 300), Some(Duration::from_millis(5)));
    metrics.build_info(labels_of("build"));
    let text = metrics.text();
    let mut served: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE weir_")?.split_once(' '))
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect();
    let mut said: Vec<(String, String)> =
        documented.iter().map(|(name, kind, _)| (name.clone(), kind.clone())).collect();
    served.sort();
    said.sort();
    assert_eq!(served, said);
    assert!(text.contains("weir_interceptor_cpu_seconds_total{pipeline=\"x\",interceptor=\"x\"} 1.5"), "{text}");
    let generation = "weir_generation_info{pipeline=\"x\",generation=\"1\",digest=\"x\"} 1";
    assert!(text.contains(generation), "{text}");
    metrics.pipeline("x", false, 2, "y");
    assert!(!metrics.text().contains(generation));
    metrics.forget_pipeline("x");
    metrics.ledger_waiting("x", None);
    drop(gauges);
    let text = metrics.text();
    for gone in [
        "weir_generation_info{",
        "weir_pipeline_up{",
        "weir_topics_unusable{",
        "weir_ledger_waiting_seconds{",
        "weir_client_queue_messages{",
        "weir_client_queue_bytes{",
        "weir_client_round_trip_seconds{",
    ] {
        assert!(!text.contains(gone), "{text}");
    }
}
