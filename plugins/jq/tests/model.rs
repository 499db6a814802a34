//! jq against serde_json: what a program does not touch comes out as it went in, wherever a batch is cut.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use weir_jq::Jq;
use weir_sdk::testing::{Bench, Record, Verdict};

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has finite numbers", |number| number.is_finite()).prop_map(Value::from),
        "[a-z\"\\\\\n\u{1}\u{7f}\u{e9}\u{1f600}\\[\\]{},#]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec(("[a-c\"#]{0,2}", inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A step down: its jq, and what it leads to; null where there is nothing.
fn step() -> impl Strategy<Value = (String, Value)> {
    prop_oneof![
        "[a-c\"#]{0,2}".prop_map(|name| (format!(".[{}]?", json!(name)), json!(name))),
        (0..4_usize).prop_map(|index| (format!(".[{index}]?"), json!(index))),
    ]
}

/// What `jq` says of going down from a value: none where the value is of the wrong kind.
fn down<'a>(value: Option<&'a Value>, step: &Value) -> Option<Option<&'a Value>> {
    match (value, step) {
        (None | Some(Value::Null), _) => Some(None),
        (Some(Value::Object(members)), Value::String(name)) => Some(members.get(name)),
        (Some(Value::Object(_)), _) => Some(None),
        (Some(Value::Array(items)), Value::Number(index)) => Some(items.get(index.as_u64().unwrap() as usize)),
        _ => None,
    }
}

/// What comes of each of the values.
fn run(program: &str, values: &[String], cut: usize) -> Vec<Vec<String>> {
    let mut outputs = vec![Vec::new(); values.len()];
    let records: Vec<Record> = values.iter().map(Record::of).collect();
    for outcome in Bench::<Jq>::new(json!({ "program": program })).unwrap().run_cut(cut, &records).unwrap() {
        match outcome.verdict {
            Verdict::Keep => outputs[outcome.input].push(String::from_utf8(outcome.record.value.unwrap()).unwrap()),
            Verdict::Drop => {}
            Verdict::DeadLetter(reason) => outputs[outcome.input].push(format!("dead: {reason}")),
        }
    }
    outputs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn identity_gives_the_document_as_it_stands(documents in vec((document(), any::<bool>()), 1..8), cut in 1..9_usize) {
        let written = |(document, pretty): &(Value, bool)| {
            if *pretty { serde_json::to_string_pretty(document).unwrap() } else { document.to_string() }
        };
        let values: Vec<String> = documents.iter().map(written).collect();
        let expected: Vec<Vec<String>> = documents.iter().map(|(document, _)| vec![document.to_string()]).collect();
        prop_assert_eq!(&run(".", &values, cut), &expected);
        prop_assert_eq!(&run("tojson | fromjson", &values, cut), &expected);
        prop_assert_eq!(&run("[.] | map(.)[]", &values, cut), &expected);
    }

    #[test]
    fn a_path_leads_where_serde_json_goes(document in document(), steps in vec(step(), 0..4)) {
        let mut expected = Some(Some(&document));
        for (_, step) in &steps {
            expected = expected.and_then(|value| down(value, step));
        }
        let program = std::iter::once(".".to_owned()).chain(steps.iter().map(|(program, _)| program.clone()));
        let program = program.collect::<Vec<_>>().join(" | ");
        let expected: Vec<String> = expected.iter().map(|value| value.unwrap_or(&Value::Null).to_string()).collect();
        prop_assert_eq!(&run(&program, &[document.to_string()], 1)[0], &expected, "{}", program);
    }

    #[test]
    fn a_member_is_set_and_the_others_stay(mut document in document(), name in select(vec!["a", "b", "new"])) {
        prop_assume!(document.is_object());
        let outputs = run(&format!(".{name} = {{x: 1}}"), &[document.to_string()], 1);
        document[name] = json!({ "x": 1 });
        prop_assert_eq!(&outputs[0], &[document.to_string()]);
    }
}
