//! What breaks the interface's rules or goes beyond the plan is refused.

use super::{
    edits::{column, constant, header},
    fixture::{nothing, plugin},
};
use crate::{
    abi::{BytesColumn, Cells, Edits, Effects, HeaderOp, IntColumn, Plan, Routing, SparseCells, Topics},
    chain::{
        DeathKind,
        edits::{Permit, Routes, check},
    },
    config::TopicPattern,
};

fn verdict_of(edits: &Edits<'_>, plan: &Plan) -> Result<usize, DeathKind> {
    let routable = [TopicPattern("route-*".to_owned())];
    check(edits, 2, &Permit::new(plan, &routable), &mut Routes::default()).map_err(|blame| {
        assert!(!blame.message.is_empty());
        blame.kind
    })
}

fn anything() -> Plan {
    plugin(vec![], |_, _| Ok(nothing())).plan
}

fn bytes<'a>(offsets: &[u32], data: &'a [u8], nulls: &'a [u8]) -> BytesColumn<'a> {
    BytesColumn { offsets: offsets.to_vec(), data: data.into(), nulls: nulls.into() }
}

fn value(cells: Cells<'static>) -> Edits<'static> {
    Edits { value: Some(cells), ..nothing() }
}

fn sparse(rows: &[u32], cells: BytesColumn<'static>) -> Edits<'static> {
    value(Cells::Sparse(SparseCells { rows: rows.to_vec(), cells }))
}

fn route(index: &[i32], topic: &str) -> Edits<'static> {
    let routing = Routing { topics: [topic, "route-b"].into_iter().collect(), index: index.to_vec() };
    Edits { route: Some(routing), ..nothing() }
}

fn timestamps(values: &[i64], nulls: &[u8]) -> Edits<'static> {
    Edits { timestamps: Some(IntColumn { values: values.to_vec(), nulls: nulls.to_vec() }), ..nothing() }
}

fn headers(name: &str) -> Edits<'static> {
    Edits { headers: vec![header(name, HeaderOp::Set, constant("x"))], ..nothing() }
}

#[test]
fn wrong_lengths_offsets_and_numbers_are_invalid() {
    let malformed = [
        ("too few offsets", value(Cells::Each(bytes(&[0, 1], b"ab", &[])))),
        ("too many offsets", value(Cells::Each(bytes(&[0, 0, 1, 2], b"ab", &[])))),
        ("no offsets", value(Cells::Each(bytes(&[], b"", &[])))),
        ("the first is not 0", value(Cells::Each(bytes(&[1, 1, 2], b"ab", &[])))),
        ("descending", value(Cells::Each(bytes(&[0, 2, 1], b"ab", &[])))),
        ("beyond the data", value(Cells::Each(bytes(&[0, 1, 3], b"ab", &[])))),
        ("beyond by much", value(Cells::Each(bytes(&[0, 1, u32::MAX], b"ab", &[])))),
        ("too few nulls", value(Cells::Each(bytes(&[0, 1, 2], b"ab", &[0])))),
        ("a null of 2", value(Cells::Each(bytes(&[0, 1, 2], b"ab", &[0, 2])))),
        ("a row beyond", sparse(&[2], column(&[None]))),
        ("a row twice", sparse(&[1, 1], column(&[None, None]))),
        ("rows descending", sparse(&[1, 0], column(&[None, None]))),
        ("more rows than cells", sparse(&[0, 1], column(&[None]))),
        ("expand beyond", Edits { expand: Some(vec![0, 2]), ..nothing() }),
        ("expand descending", Edits { expand: Some(vec![1, 0]), ..nothing() }),
        ("expand a flood", Edits { expand: Some(vec![0; 20_000]), ..nothing() }),
        ("a short answer after expand", Edits { expand: Some(vec![0, 0, 1]), verdicts: vec![0, 0], ..nothing() }),
        ("too few verdicts", Edits { verdicts: vec![0], ..nothing() }),
        ("a verdict of 3", Edits { verdicts: vec![0, 3], ..nothing() }),
        ("too few reasons", Edits { reasons: Some(column(&[None])), ..nothing() }),
        ("too few timestamps", Edits { timestamps: Some(IntColumn { values: vec![1], nulls: vec![] }), ..nothing() }),
        ("a time before all of Kafka's", timestamps(&[0, -2], &[])),
        ("the earliest of all times", timestamps(&[i64::MIN, 0], &[0, 0])),
        ("too few routes", route(&[0], "route-a")),
        ("a route beyond", route(&[0, 2], "route-a")),
        ("a route of -2", route(&[0, -2], "route-a")),
        ("no topic name", route(&[0, 0], "route-/")),
        ("too few partitions", Edits { partitions: Some(vec![1]), ..nothing() }),
        ("a partition of -2", Edits { partitions: Some(vec![1, -2]), ..nothing() }),
        ("a header without name", headers("")),
        ("a header's name of 256 bytes", headers(&"n".repeat(256))),
    ];
    for (what, edits) in malformed {
        assert_eq!(verdict_of(&edits, &anything()), Err(DeathKind::InvalidEdit), "{what}");
    }
}

#[test]
fn what_the_plan_does_not_declare_is_undeclared() {
    let cells = || Some(constant("x"));
    let uses = [
        (Effects::KEY, Edits { key: cells(), ..nothing() }),
        (Effects::VALUE, Edits { value: cells(), ..nothing() }),
        (Effects::TIMESTAMP, Edits { timestamps: Some(IntColumn { values: vec![1, 2], nulls: vec![] }), ..nothing() }),
        (Effects::HEADERS, headers("h")),
        (Effects::ROUTE, route(&[0, -1], "route-a")),
        (Effects::PARTITION, Edits { partitions: Some(vec![-1, 0]), ..nothing() }),
        (Effects::DROP, Edits { verdicts: vec![0, 1], ..nothing() }),
        (Effects::DROP, Edits { expand: Some(vec![]), ..nothing() }),
        (Effects::DROP, Edits { expand: Some(vec![1]), ..nothing() }),
        (Effects::DEAD_LETTER, Edits { verdicts: vec![2, 0], ..nothing() }),
        (Effects::EXPAND, Edits { expand: Some(vec![0, 1, 1]), ..nothing() }),
    ];
    for (effect, edits) in uses {
        assert!(verdict_of(&edits, &anything()).is_ok(), "{effect:?}");
        let mut plan = anything();
        plan.effects = Effects::all() & !effect;
        assert_eq!(verdict_of(&edits, &plan), Err(DeathKind::UndeclaredEffect), "{effect:?}");
    }
}

#[test]
fn headers_and_topics_that_nobody_named_are_undeclared() {
    let mut plan = anything();
    plan.header_names = vec!["h".to_owned()];
    plan.topics = vec!["*a".to_owned()];
    assert!(verdict_of(&headers("h"), &plan).is_ok());
    assert_eq!(verdict_of(&headers("i"), &plan), Err(DeathKind::UndeclaredEffect));
    assert!(verdict_of(&route(&[0, -1], "route-a"), &plan).is_ok());
    assert_eq!(verdict_of(&route(&[0, 1], "route-a"), &plan), Err(DeathKind::UndeclaredEffect), "not in the plan");
    assert_eq!(verdict_of(&route(&[0, -1], "a"), &plan), Err(DeathKind::UndeclaredEffect), "not in the pipeline");
    assert!(verdict_of(&route(&[-1, -1], "nowhere"), &plan).is_ok(), "not used");
}

#[test]
fn empty_lists_change_nothing() {
    let edits = Edits {
        reasons: Some(bytes(&[], b"", &[])),
        timestamps: Some(IntColumn { values: vec![], nulls: vec![] }),
        route: Some(Routing { topics: Topics::default(), index: vec![] }),
        partitions: Some(vec![]),
        ..nothing()
    };
    let mut plan = anything();
    plan.effects = Effects::empty();
    assert_eq!(verdict_of(&edits, &plan), Ok(2));
}

#[test]
fn a_time_that_is_left_alone_or_none_is_no_mistake() {
    assert_eq!(verdict_of(&timestamps(&[-2, 1], &[1, 0]), &anything()), Ok(2));
    assert_eq!(verdict_of(&timestamps(&[-1, 0], &[]), &anything()), Ok(2));
}
