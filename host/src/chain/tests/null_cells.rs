//! Dead letters say why what an interceptor reads was null.

use std::sync::Arc;

use super::{
    edits::column,
    fixture::{Closure, chain, chain_in, nothing, pipeline, plugin, record, run},
};
use crate::{
    abi::{Capture, Edits, Input, Member, Source},
    chain::{Fate, Flow},
    extract::Reading,
    record::{Header, Record},
    wasm::Fault,
};

fn int(pointer: &str) -> Input {
    Input::JsonInt(Member { source: Source::Value, pointer: pointer.to_owned() })
}

fn json(source: Source, pointer: &str) -> Input {
    Input::Json(Member { source, pointer: pointer.to_owned() })
}

/// Sets every record aside and says this.
fn rejecting(inputs: Vec<Input>, says: &str) -> Closure {
    let says = says.to_owned();
    plugin(inputs, move |batch, _| {
        let rows = batch.count as usize;
        Ok(Edits { verdicts: vec![2; rows], reasons: Some(column(&vec![Some(says.as_str()); rows])), ..nothing() })
    })
}

fn messages(flow: &Flow) -> Vec<String> {
    let message = |fate: &Fate| match fate {
        Fate::Dead(death) => death.message.clone(),
        other => panic!("{other:?}"),
    };
    flow.fates().iter().map(message).collect()
}

fn said(closure: Closure, records: &[Record]) -> Vec<String> {
    messages(&run(&mut chain(vec![closure]), records))
}

#[test]
fn different_inputs_have_different_reasons() {
    let values = [r#"{"uid":7}"#, r#"{"id":7"#, r#"{"id":NaN}"#, r#"{"id":"abc"}"#, "", r#"{"id":7}"#];
    let mut records: Vec<Record> = values.map(record).into();
    records.push(Record::default());
    let message = "no integer at `/id` of the value";
    let reasons = [
        ": there is no such member",
        ": the JSON ends at byte 7, where `,` or `}` should stand",
        ": the JSON breaks at byte 6, where a value should stand",
        ": the member is a text that is no integer",
        ": it is empty",
        "",
        ": the record has no value",
    ];
    assert_eq!(
        said(rejecting(vec![int("/id")], message), &records),
        reasons.map(|reason| format!("{message}{reason}"))
    );
}

#[test]
fn what_the_message_names_comes_alone_and_else_everything_that_was_null() {
    let one = |closure| said(closure, &[record(r#"{"a":1}"#)]).remove(0);
    let inputs = || vec![int("/a"), int("/b"), json(Source::Value, "/c"), json(Source::Key, "/k")];
    assert_eq!(one(rejecting(inputs(), "no `/c` here")), "no `/c` here: there is no such member");
    let missing = ["`/b`", "`/c`"].map(|name| format!("{name} of the value, there is no such member; ")).concat();
    let all = format!("bad (null: {missing}`/k` of the key, the record has no key)");
    assert_eq!(one(rejecting(inputs(), "bad")), all);
    // What is wrong with a document is told once.
    let broken = said(rejecting(inputs(), "bad"), &[record("{")]).remove(0);
    let once = "the JSON ends at byte 1, where a name in double quotes or `}` should stand";
    assert_eq!(broken, format!("bad (null: `/a` of the value, {once}; `/k` of the key, the record has no key)"));
    assert_eq!(one(rejecting(vec![int("/a")], "bad")), "bad");
    let capture = Capture { source: Source::Value, pattern: "x(.)".to_owned(), group: 1 };
    let message = "bad (null: group 1 of `x(.)` in the value, nothing matches)";
    assert_eq!(one(rejecting(vec![Input::Capture(capture)], "bad")), message);
}

#[test]
fn headers_that_are_null_differ_from_those_that_are_not_there() {
    let header = |name: &str| Source::Header(name.to_owned());
    let mut input = record("x");
    input.headers =
        vec![Header { name: b"h".to_vec(), value: None }, Header { name: b"i".to_vec(), value: Some(vec![]) }];
    let says = |name| said(rejecting(vec![json(header(name), "/a")], "no `/a`"), &[input.clone()]).remove(0);
    assert_eq!(says("h"), "no `/a`: the header `h` is null");
    assert_eq!(says("i"), "no `/a`: it is empty");
    assert_eq!(says("j"), "no `/a`: the header `j` is not there");
}

#[test]
fn a_fault_has_its_reasons_too_and_a_row_those_of_its_own() {
    let faulting = plugin(vec![int("/id")], |_, _| Err(Fault::Failed("no id".to_owned())));
    let records = [record(r#"{"id":1}"#), record(r#"{"id":1.5}"#)];
    let why = "no id (null: `/id` of the value, the member is a number with a fraction or an exponent)";
    assert_eq!(said(faulting, &records), ["no id", why]);
    // The rows of the answer are others than those that it is about.
    let expanding = plugin(vec![int("/id")], |_, _| {
        let reasons = column(&[None, Some("`/id`"), Some("`/id`")]);
        Ok(Edits { expand: Some(vec![0, 1, 1]), verdicts: vec![0, 2, 2], reasons: Some(reasons), ..nothing() })
    });
    let flow = run(&mut chain(vec![expanding]), &records);
    assert_eq!(flow.fates()[0], Fate::Out);
    assert!(
        matches!(&flow.fates()[1], Fate::Dead(death) if death.message.starts_with("`/id`: the member is a number"))
    );
}

#[test]
fn a_reason_survives_a_long_message_and_the_whole_stays_within_its_bound() {
    let long = "é\n".repeat(600);
    let message = said(rejecting(vec![int("/id")], &long), &[record("{}")]).remove(0);
    assert!(message.ends_with(" (null: `/id` of the value, there is no such member)"), "{message}");
    assert!((1000..=1024).contains(&message.len()), "{}", message.len());
    let pointers = (0..20).map(|at| int(&format!("/\n{at}{}", "x".repeat(300)))).collect();
    let message = said(rejecting(pointers, "bad"), &[record("[]")]).remove(0);
    assert!(message.len() < 600, "{message}");
    assert!(message.starts_with("bad (null: `/\\n0xx") && !message.contains('\n'), "{message}");
}

#[test]
fn where_the_first_member_counts_so_does_its_reason() {
    let mut pipeline = pipeline(&[]);
    Arc::make_mut(&mut pipeline).json = Reading::First;
    let values = [r#"{"id":null,"id":1,!"#, r#"{"id":"x",!"#, r#"{"id":7,!"#, r#"{"i":7,!"#, r#"{"i":7}"#];
    let records = values.map(record);
    let said =
        |inputs| messages(&run(&mut chain_in(Arc::clone(&pipeline), vec![rejecting(inputs, "bad `/id`")]), &records));
    let broken = ": the JSON breaks at byte 7, where a name in double quotes should stand";
    let [null, text, missing] =
        [": the member is `null`", ": the member is a text that is no integer", ": there is no such member"];
    let all = |reasons: [&str; 5]| reasons.map(|reason| format!("bad `/id`{reason}"));
    assert_eq!(said(vec![int("/id")]), all([null, text, "", broken, missing]));
    // One that is not there is looked for to the end.
    let ends = ": the JSON breaks at byte 8, where a name in double quotes should stand";
    assert_eq!(said(vec![int("/id"), int("/j")]), all([null, text, ends, broken, missing]));
    assert_eq!(said(vec![int("/j"), int("/id")]), all([null, text, ends, broken, missing]));
}
