//! Dead letters, header by header.

use super::{
    edits::{column, constant},
    fixture::{blueprint, chain, fill, nothing, pipeline, plugin, record, run, sent},
};
use crate::{
    abi::Edits,
    chain::{Death, DeathKind, Fate, Flow},
    record::{Header, Record, Timestamp},
    wasm::Fault,
};

fn header(name: &str, value: &str) -> Header {
    Header { name: name.as_bytes().to_vec(), value: Some(value.as_bytes().to_vec()) }
}

#[test]
fn it_is_the_record_as_it_came_with_headers_that_say_why() {
    let rewriting =
        plugin(vec![], |_, _| Ok(Edits { value: Some(constant("new")), key: Some(constant("k")), ..nothing() }));
    let rejecting =
        plugin(vec![], |_, _| Ok(Edits { verdicts: vec![2], reasons: Some(column(&[Some("not good")])), ..nothing() }));
    let mut input = record("old");
    input.headers = vec![
        header("weir.error.kind", "trap"),
        header("mine", "1"),
        Header { name: b"\xFF".to_vec(), value: None },
        header("mine", "2"),
        header("weir.error.kind", "deadline"),
    ];
    let flow = run(&mut chain(vec![rewriting, rejecting]), &[input]);
    let expected = Record {
        topic: "dead".to_owned(),
        timestamp: Timestamp::Create(7_000),
        value: Some(b"old".to_vec()),
        headers: vec![
            header("mine", "1"),
            Header { name: b"\xFF".to_vec(), value: None },
            header("mine", "2"),
            header("weir.error.pipeline", "p"),
            header("weir.error.interceptor", "i1"),
            header("weir.error.kind", "rejected"),
            header("weir.error.message", "not good"),
            header("weir.error.topic", "in"),
            header("weir.error.partition", "3"),
            header("weir.error.offset", "0"),
            header("weir.error.timestamp", "1000"),
            header("weir.error.generation", "gen"),
        ],
        ..Record::default()
    };
    assert_eq!(sent(&flow), [expected]);
}

#[test]
fn a_batch_that_nothing_is_done_to_goes_out_as_it_came_every_time() {
    let mut flow = Flow::default();
    let blueprint = blueprint(pipeline(&[]), vec![]);
    let mut chain = blueprint.prepare(None).unwrap().adopt(None);
    for (round, count) in [3_usize, 5, 2, 4].into_iter().enumerate() {
        let mut records: Vec<Record> = (0..count).map(|number| record(&format!("{round}.{number}"))).collect();
        records[1].headers = vec![header("mine", "1"), header("mine", "2")];
        fill(&mut flow, &records, 10);
        chain.run(&mut flow).unwrap();
        assert!(flow.is_unchanged() && flow.fates() == vec![Fate::Out; count]);
        let mut expected = records.clone();
        for record in &mut expected {
            record.topic = "out".to_owned();
        }
        assert_eq!(sent(&flow), expected);
        assert!((0..count).all(|input| flow.outputs_of(input as u32).count() == 1));
        assert_eq!(flow.outputs_of(count as u32).count(), 0);

        // One of them is refused: the others go as before, and the next round knows nothing of it.
        let death = Death { kind: DeathKind::Produce, interceptor: None, message: String::new(), null: None };
        flow.dead_letter(blueprint.dead_letters(), 0, death).unwrap();
        assert!(!flow.is_unchanged());
        assert_eq!(sent(&flow)[0].topic, "dead");
        assert_eq!(sent(&flow)[1..], expected[1..]);
        assert_eq!(flow.outputs_of(1).map(|output| output.input).collect::<Vec<_>>(), [1]);
    }
}

#[test]
fn a_record_can_be_buried_after_the_fact() {
    let mut flow = Flow::default();
    let mut input = record("x");
    input.timestamp = Timestamp::None;
    input.headers = vec![header("weir.error.interceptor", "stale")];
    fill(&mut flow, &[record("w"), input, record("y")], 10);
    let blueprint = blueprint(pipeline(&[]), vec![]);
    blueprint.prepare(None).unwrap().adopt(None).run(&mut flow).unwrap();
    let death = Death { kind: DeathKind::Produce, interceptor: None, message: "ü".repeat(600), null: None };
    flow.dead_letter(blueprint.dead_letters(), 1, death.clone()).unwrap();
    let second = Death { kind: DeathKind::UnknownTopic, interceptor: None, message: String::new(), null: None };
    flow.dead_letter(blueprint.dead_letters(), 1, second).unwrap();
    flow.dead_letter(blueprint.dead_letters(), 9, death.clone()).unwrap();

    assert_eq!(flow.fates()[1], Fate::Dead(Box::new(death)));
    let sent = sent(&flow);
    assert_eq!(sent.iter().map(|record| &*record.topic).collect::<Vec<_>>(), ["out", "dead", "out"]);
    let names: Vec<_> =
        sent[1].headers.iter().map(|header| String::from_utf8_lossy(&header.name).into_owned()).collect();
    // No interceptor is to blame and the record had no timestamp, so there is neither.
    assert_eq!(names.len(), 7);
    assert!(!names.iter().any(|name| name.ends_with(".interceptor") || name.ends_with(".timestamp")));
    let message = sent[1].headers.iter().find(|header| header.name == b"weir.error.message").unwrap();
    assert_eq!(message.value.as_deref(), Some("ü".repeat(512).as_bytes()));
    assert_eq!(flow.outputs_of(1).next().unwrap().death.unwrap().kind, DeathKind::Produce);
}

#[test]
fn what_a_plugin_says_is_escaped_and_bounded() {
    let says = |text: &'static str| {
        plugin(vec![], move |_, _| Ok(Edits { verdicts: vec![2], reasons: Some(column(&[Some(text)])), ..nothing() }))
    };
    let message = |text| {
        let flow = run(&mut chain(vec![says(text)]), &[record("x")]);
        let Fate::Dead(death) = &flow.fates()[0] else { panic!("{:?}", flow.fates()) };
        let sent = sent(&flow);
        let header = sent[0].headers.iter().find(|header| header.name == b"weir.error.message").unwrap();
        assert_eq!(header.value.as_deref(), Some(death.message.as_bytes()));
        death.message.clone()
    };
    assert_eq!(message("\u{1b}[2Jone\r\ntwo\0"), "\\u{1b}[2Jone\\r\\ntwo\\u{0}");
    let long: &'static str = Box::leak("é\n".repeat(600).into_boxed_str());
    let bounded = message(long);
    assert!((1021..=1024).contains(&bounded.len()), "{}", bounded.len());
    let failing = plugin(vec![], |_, _| Err(Fault::Failed("a\u{7}b".to_owned())));
    let flow = run(&mut chain(vec![failing]), &[record("x")]);
    assert!(matches!(&flow.fates()[0], Fate::Dead(death) if death.message == "a\\u{7}b"));
}
