//! The `key-setter` interceptor: makes a part of the record its key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{
    Batch, Edits, Effects, Files, Interceptor, Mistake, Plan, count,
    part::{Abilities, Part, PartReader},
    template::{self, Dates, Tables},
};

/// Makes a part of the record its key.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What becomes the key.
    pub from: Part,
    /// What becomes of a record without it.
    #[serde(default)]
    pub missing: Missing,
    /// The time zone of dates in a template, an IANA name. Left out: UTC.
    #[serde(default)]
    pub zone: Option<String>,
}

/// What becomes of a record without the part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The key stays as it is.
    #[default]
    Keep,
    /// The key becomes null: then Kafka's clients do not partition by it.
    Null,
    /// The record is set aside.
    DeadLetter,
}

/// The interceptor.
#[derive(Debug)]
pub struct KeySetter {
    from: PartReader,
    missing: Missing,
    reason: String,
}

impl Interceptor for KeySetter {
    type Config = Config;
    const NAME: &'static str = "key-setter";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Makes a part of the record its key.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut plan = Plan::new().effects(Effects::KEY);
        let zone = template::zone(config.zone.as_deref().unwrap_or("UTC"));
        let zone = zone.map_err(|wrong| vec![Mistake::new("/zone", wrong)])?;
        let template = template::Abilities { dates: Dates::within(zone), tables: Tables::of(files) };
        let abilities = Abilities { template, ..Abilities::default() };
        let from = config.from.declare_with(&mut plan, "/from", &abilities)?;
        if config.from.key.is_some() {
            return Err(vec![Mistake::new("/from/key", "is the key already; name another part")]);
        }
        if config.missing == Missing::DeadLetter {
            plan = plan.effects(Effects::DEAD_LETTER);
        }
        let reason = format!("no key: {} has no value", config.from);
        Ok((Self { from, missing: config.missing, reason }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let part = self.from.within(batch)?;
        // Where no row is without it, it is one copy of a column.
        if let Some(column) = part.column().filter(|column| column.nulls() == 0) {
            edits.key().column(column);
            return Ok(());
        }
        let mut missing = 0;
        for row in batch.rows() {
            if let Some(key) = part.get(row) {
                edits.key().row(row, &key);
                continue;
            }
            missing += 1;
            match self.missing {
                Missing::Keep => {}
                Missing::Null => edits.key().row_null(row),
                Missing::DeadLetter => edits.dead_letter(row, &self.reason),
            }
        }
        count("missing", missing);
        Ok(())
    }
}

weir_sdk::export!(KeySetter);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use serde_json::{Value, json};
    use weir_sdk::testing::{Bench, Record, Verdict, take_said};

    use super::*;

    fn keys(config: Value, records: &[Record]) -> Vec<Option<String>> {
        let outcomes = Bench::<KeySetter>::new(config).unwrap().from("t", 3).run(records).unwrap();
        let key = |key: Vec<u8>| String::from_utf8_lossy(&key).into_owned();
        outcomes.into_iter().map(|outcome| outcome.record.key.map(key)).collect()
    }

    fn records() -> Vec<Record> {
        let full = Record::of(r#"{"user":{"id":7}}"#).key("old").header("h", "x").timestamp(1_700_006_399_999);
        vec![full, Record::of("{}").key("old"), Record::tombstone()]
    }

    #[test]
    fn a_part_becomes_the_key() {
        let of =
            |from: Value| keys(json!({ "from": from, "zone": "Asia/Shanghai" }), &records()[..1]).remove(0).unwrap();
        assert_eq!(of(json!({ "json": "/user/id" })), "7");
        assert_eq!(of(json!({ "header": "h" })), "x");
        assert_eq!(of(json!({ "value": true })), r#"{"user":{"id":7}}"#);
        assert_eq!(of(json!({ "topic": true })), "t");
        assert_eq!(of(json!({ "timestamp": true })), "1700006399999");
        assert_eq!(of(json!({ "template": "{partition}/{h}/{timestamp:%Y%m%d}" })), "3/x/20231115");
        let columns = vec![Record::of("").header("h", "1"), Record::of("").header("h", "")];
        assert_eq!(keys(json!({ "from": { "header": "h" } }), &columns), [Some("1".into()), Some(String::new())]);
    }

    #[test]
    fn a_record_without_the_part_follows_missing_and_is_counted() {
        let with = |missing: &str| json!({ "from": { "json": "/user/id" }, "missing": missing });
        take_said();
        let old = || Some("old".to_owned());
        assert_eq!(keys(with("keep"), &records()), [Some("7".into()), old(), None]);
        assert_eq!(take_said().counts["missing"], 2);
        assert_eq!(keys(with("null"), &records()), [Some("7".into()), None, None]);
        let outcomes = Bench::<KeySetter>::new(with("dead-letter")).unwrap().run(&records()).unwrap();
        let reason = "no key: `/user/id` of the value has no value".to_owned();
        assert_eq!(outcomes[1].verdict, Verdict::DeadLetter(reason));
        assert_eq!(outcomes[0].verdict, Verdict::Keep);
    }

    #[test]
    fn no_answer_depends_on_where_a_batch_was_cut() {
        for from in [json!({ "header": "h" }), json!({ "template": "{h}{offset}" })] {
            for missing in ["keep", "null", "dead-letter"] {
                let config = json!({ "from": from, "missing": missing });
                let records: Vec<_> = (0..30)
                    .map(|at| {
                        (if at % 7 == 3 { Record::of("") } else { Record::of("").header("h", [at]) }).offset(at.into())
                    })
                    .collect();
                let whole = Bench::<KeySetter>::new(&config).unwrap().run(&records).unwrap();
                for size in [1, 2, 7] {
                    let cut = Bench::<KeySetter>::new(&config).unwrap().run_cut(size, &records).unwrap();
                    assert_eq!(cut, whole, "{config} {size}");
                }
            }
        }
    }

    #[test]
    fn the_plan_and_the_mistakes() {
        let plan = |missing: &str| {
            let bench = Bench::<KeySetter>::new(json!({ "from": { "header": "h" }, "missing": missing })).unwrap();
            bench.plan().declared_effects()
        };
        assert_eq!(plan("null"), Effects::KEY);
        assert_eq!(plan("dead-letter"), Effects::KEY | Effects::DEAD_LETTER);
        let mistake = |config: Value| Bench::<KeySetter>::new(config).unwrap_err().remove(0).pointer;
        assert_eq!(mistake(json!({ "from": { "key": true } })), "/from/key");
        assert_eq!(mistake(json!({ "from": {} })), "/from");
        assert_eq!(mistake(json!({ "from": { "header": "h" }, "zone": "Mars" })), "/zone");
    }
}
