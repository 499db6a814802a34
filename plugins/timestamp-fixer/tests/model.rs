//! timestamp-fixer against jiff and against plain arithmetic.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use weir_sdk::testing::{Bench, Record};
use weir_timestamp_fixer::Fixer;

/// The record's time where the client says `text`, and the record 12345 ms.
fn fixed(config: Value, text: &str) -> i64 {
    let record = Record::of("x").timestamp(12_345).header("t", text);
    Bench::<Fixer>::new(config).unwrap().run(&[record]).unwrap()[0].record.timestamp.unwrap()
}

fn unit(unit: &str) -> Value {
    json!({ "from": { "header": "t" }, "unit": unit })
}

/// What a number of nanoseconds becomes: the whole milliseconds below it, or the reference where Kafka has none.
fn expected(ns: i128) -> i64 {
    i64::try_from(ns.div_euclid(1_000_000)).ok().filter(|&ms| ms >= 0).unwrap_or(12_345)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whole_numbers_are_floored_to_milliseconds(n in any::<i64>(), shift in 0_u32..63, which in 0_usize..4) {
        let n = n >> shift;
        let (word, factor) = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)][which];
        prop_assert_eq!(fixed(unit(word), &n.to_string()), expected(i128::from(n) * factor));
        let factor = if n.unsigned_abs() < 100_000_000_000 {
            1_000_000_000
        } else if n.unsigned_abs() < 100_000_000_000_000 {
            1_000_000
        } else if n.unsigned_abs() < 100_000_000_000_000_000 {
            1_000
        } else {
            1
        };
        prop_assert_eq!(fixed(unit("auto"), &n.to_string()), expected(i128::from(n) * factor));
    }

    #[test]
    fn fractions_of_seconds_are_exact(seconds in -5_000_000_000_i64..5_000_000_000, ns in 0_u32..1_000_000_000, zeros in 0_usize..5) {
        let sign = if seconds < 0 { -1 } else { 1 };
        let total = i128::from(seconds) * 1_000_000_000 + sign * i128::from(ns);
        let text = format!("{seconds}.{ns:09}{}", "0".repeat(zeros));
        prop_assert_eq!(fixed(unit("s"), &text), expected(total));
        prop_assert_eq!(fixed(unit("auto"), &text), expected(total));
    }

    #[test]
    fn rfc_3339_is_what_jiff_reads(ns in -62_135_596_800_000_000_000_i128..253_402_207_200_000_000_000, offset in -86_340_i32..86_340, digits in 0..=9_u8) {
        let offset = jiff::tz::Offset::from_seconds(offset / 60 * 60).unwrap();
        let time = Timestamp::from_nanosecond(ns).unwrap();
        let text = jiff::fmt::temporal::DateTimePrinter::new()
            .precision(Some(digits))
            .timestamp_with_offset_to_string(&time, offset);
        prop_assume!(!text.starts_with('-'));
        let read: Timestamp = text.parse().unwrap();
        prop_assert_eq!(fixed(unit("rfc3339"), &text), expected(read.as_nanosecond()));
        let format = json!({ "from": { "header": "t" }, "unit": "%Y-%m-%dT%H:%M:%S%.f%:z", "zone": "Asia/Tokyo" });
        prop_assert_eq!(fixed(format, &text), expected(read.as_nanosecond()));
    }

    #[test]
    fn no_text_brings_it_down(bytes in prop::collection::vec(any::<u8>(), 0..40), text in "[-+0-9.eETZ: /]{0,30}") {
        for config in [unit("auto"), unit("ns"), unit("rfc3339"), unit("%Y-%m-%d %H:%M"), unit("%s%.f %z")] {
            let mut bench = Bench::<Fixer>::new(config).unwrap();
            let records = [Record::of("x").header("t", &bytes), Record::of("x").timestamp(0).header("t", &text)];
            let times = bench.run(&records).unwrap();
            prop_assert!(times.iter().all(|outcome| outcome.record.timestamp.is_none_or(|ms| ms >= 0)));
        }
    }

    #[test]
    fn the_window_is_plain_arithmetic(said in 0_i64..4_000_000, reference in 0_i64..4_000_000, ahead in 0_i64..2_000_000, behind in 0_i64..2_000_000) {
        let config = json!({
            "from": { "header": "t" }, "unit": "ms", "max_ahead": format!("{ahead}ms"), "max_behind": format!("{behind}ms"),
        });
        let record = Record::of("x").timestamp(reference).header("t", said.to_string());
        let fixed = Bench::<Fixer>::new(config).unwrap().run(&[record]).unwrap()[0].record.timestamp;
        let within = (reference - behind..=reference + ahead).contains(&said);
        prop_assert_eq!(fixed, Some(if within { said } else { reference }));
    }
}
