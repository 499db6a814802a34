//! Sources named by a regular expression.

use weir_tests::{Broker, Gateway, Record, Topic, eventually, unique, within};

#[test]
fn a_topic_that_is_created_after_the_start_is_consumed_where_the_expression_matches_it() {
    within(120, || {
        let broker = Broker::shared();
        let oracle = &broker.oracle;
        let (prefix, to) = (unique("pattern"), unique("pattern-out"));
        let [early, late, other] = ["a-1", "b-22", "c-x"].map(|end| format!("{prefix}-{end}"));
        oracle.create([&early, &to].map(|name| Topic::new(name, 2)));
        oracle.produce([Record::to(&early).value("early")]);
        let config = format!(
            r#"[kafka]
brokers = "{}"
# How often a client looks for topics.
[kafka.options]
"topic.metadata.refresh.interval.ms" = "500"

[pipelines.p]
from = ['^{prefix}-[a-z]-[0-9]+$']
to = "{to}"
group = "{prefix}"
delivery = "at-least-once"
"#,
            broker.address
        );
        let gateway = Gateway::new(&config);
        let mut running = gateway.run();
        eventually(30, "the first topic is consumed", || (oracle.count(&[&to]) == 1).then_some(()));
        oracle.create([&late, &other].map(|name| Topic::new(name, 2)));
        oracle.produce((0..2).map(|partition| Record::to(&other).partition(partition).value("other")));
        oracle.produce((0..2).map(|partition| Record::to(&late).partition(partition).value("late")));
        eventually(60, "the new topic is consumed, from its beginning", || (oracle.count(&[&to]) >= 3).then_some(()));
        oracle.produce([Record::to(&early).value("early")]);
        eventually(30, "the first topic still is", || (oracle.count(&[&to]) >= 4).then_some(()));
        assert!(running.lives());
        assert!(running.stop().0.success());
        let values = oracle.read(&[&to]).into_iter().map(|record| String::from_utf8(record.value.unwrap()).unwrap());
        let mut values: Vec<String> = values.collect();
        values.sort();
        assert_eq!(values, ["early", "early", "late", "late"]);
        let committed = oracle.committed(&prefix);
        assert!(committed.values().sum::<i64>() == 4, "{committed:?}");
    });
}
