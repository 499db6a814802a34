//! The bench refuses what weir refuses, and shows what weir would make of the rest.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::{Effects, Input};

/// Does what each record's value says.
struct Obedient;

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Declares {
    effects: bool,
}

impl Interceptor for Obedient {
    type Config = Declares;
    const NAME: &'static str = "obedient";
    const VERSION: &'static str = "1";
    const SUMMARY: &'static str = "Does what each record's value says.";

    fn new(config: Declares, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut plan = Plan::new().input(Input::value()).input(Input::offset()).all_headers();
        if config.effects {
            let all = Effects::KEY | Effects::VALUE | Effects::TIMESTAMP | Effects::PARTITION | Effects::DROP;
            plan = plan.effects(all | Effects::DEAD_LETTER | Effects::EXPAND).header_names(["h"]).topics(["t-*"]);
        }
        Ok((Self, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let (values, offsets) = (batch.bytes(0)?, batch.ints(1)?);
        let headers = batch.headers().ok_or("no headers")?;
        for row in batch.rows() {
            match values.text(row).unwrap_or_default() {
                "key" => edits.key().row(row, b"k"),
                "null" => edits.value().row_null(row),
                "time" => edits.timestamp(row, offsets.get(row).unwrap_or_default()),
                "partition" => edits.partition(row, 7),
                "drop" => edits.drop(row),
                "dead" => edits.dead_letter(row, "why"),
                "leave out" => edits.expand([]),
                "twice" => edits.expand([row, row]),
                "set" => edits.set_header("h").row(row, b"1"),
                "append" => edits.append_header("h").row(row, headers.row(row).count().to_string().as_bytes()),
                "remove" => edits.remove_header("h").row(row),
                "other" => edits.set_header("other").all("1"),
                "route" => edits.route_to(row, "t-1"),
                "astray" => edits.route_to(row, "u"),
                "error" => return Err("no".to_owned()),
                _ => {}
            }
        }
        Ok(())
    }
}

fn run(effects: bool, does: &str) -> Result<Vec<Outcome>, String> {
    let record = Record::of(does).header("h", "a").header("x", "b").header("h", "c").offset(5);
    Bench::<Obedient>::new(serde_json::json!({ "effects": effects })).unwrap().run(&[record])
}

#[test]
fn an_edit_that_was_not_declared_is_refused() {
    let all =
        ["key", "null", "time", "partition", "drop", "dead", "leave out", "twice", "set", "append", "remove", "route"];
    for does in all {
        let refused = run(false, does).unwrap_err();
        assert!(refused.starts_with("the plan does not declare the "), "{does}: {refused}");
        assert!(run(true, does).is_ok(), "{does}");
    }
    assert_eq!(run(true, "other").unwrap_err(), "the plan does not declare the header `other`");
    assert_eq!(run(true, "astray").unwrap_err(), "the plan does not declare the topic `u`");
    assert_eq!(run(true, "error").unwrap_err(), "no");
}

#[test]
fn outcomes_show_the_record_as_edited() {
    let one = |does| run(true, does).unwrap().remove(0);
    assert_eq!(one("key").record.key.unwrap(), b"k");
    assert_eq!(one("null").record.value, None);
    assert_eq!(one("time").record.timestamp, Some(5));
    assert_eq!(one("partition").partition, Some(7));
    assert_eq!(one("drop").verdict, Verdict::Drop);
    assert_eq!(one("dead").verdict, Verdict::DeadLetter("why".to_owned()));
    assert_eq!(one("route").topic.unwrap(), "t-1");
    assert_eq!(run(true, "leave out").unwrap(), []);
    assert_eq!(run(true, "twice").unwrap().len(), 2);
    let headers = |does| {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let headers = one(does).record.headers;
        headers.into_iter().map(|(name, value)| name + &value.map(text).unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(headers("set"), ["h1", "xb"]);
    assert_eq!(headers("append"), ["ha", "xb", "hc", "h3"]);
    assert_eq!(headers("remove"), ["xb"]);
}
