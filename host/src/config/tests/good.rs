//! What is written is what is read.

use std::time::Duration;

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
    assert_eq!(config.shutdown_timeout, Duration::from_secs(30));
    assert!(a.interceptors.is_empty());
    assert_eq!(config.files.len(), 1);
}
