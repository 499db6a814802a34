//! The plugin without Wasm and without weir: the same code, natively.
#![allow(clippy::unwrap_used, reason = "tests")]

use robots::Robots;
use weir_sdk::testing::{Bench, Record, Verdict};

const CONFIG: &str = r#"{ "words": ["bot", "spider"] }"#;

#[test]
fn robots_are_dropped_and_the_others_named() {
    let agents = [("Googlebot/2.1", None), ("Mozilla/5.0", Some("browser")), ("shop-app/4.2", Some("app"))];
    for (agent, client) in agents {
        let record = Record::of(format!(r#"{{"agent":"{agent}"}}"#));
        let outcome = Bench::<Robots>::new(CONFIG).unwrap().run(&[record]).unwrap().remove(0);
        let verdict = if client.is_some() { Verdict::Keep } else { Verdict::Drop };
        assert_eq!((outcome.verdict, outcome.record.last("client").as_deref()), (verdict, client), "{agent}");
    }
}

#[test]
fn a_word_in_capitals_is_a_mistake_at_its_place() {
    let mistakes = Bench::<Robots>::new(r#"{ "words": ["bot", "Spider"] }"#).unwrap_err();
    assert_eq!(mistakes[0].pointer, "/words/1");
}
