//! The plugin without Wasm and without weir: the same code, natively.

use plugin::MyPlugin;
use weir_sdk::testing::{Bench, Outcome, Record, Verdict};

fn outcome(record: Record) -> Outcome {
    let mut bench = Bench::<MyPlugin>::new("{}").unwrap();
    bench.run(&[record]).unwrap().remove(0)
}

#[test]
fn records_go_where_their_type_says() {
    for (kind, topic) in [("click", Some("clicks")), ("view", Some("views")), ("buy", None)] {
        let outcome = outcome(Record::of(r#"{"userId":7}"#).header("type", kind));
        assert_eq!(outcome.topic.as_deref(), topic, "{kind}");
        assert_eq!(outcome.record.last("seen-by").as_deref(), Some("weir"), "{kind}");
    }
}

#[test]
fn debug_is_dropped_and_what_has_no_user_is_set_aside() {
    assert_eq!(outcome(Record::of("{}").header("type", "debug")).verdict, Verdict::Drop);
    let verdict = outcome(Record::tombstone().header("type", "click")).verdict;
    assert_eq!(verdict, Verdict::DeadLetter("no userId".to_owned()));
}

#[test]
fn an_unknown_option_is_a_mistake_at_its_place() {
    let mistakes = Bench::<MyPlugin>::new(r#"{"dorp":"debug"}"#).unwrap_err();
    assert_eq!(mistakes[0].pointer, "/dorp");
}
