//! Instances over a change of generation.

use std::sync::{Arc, atomic::Ordering};

use super::fixture::{blueprint, nothing, numbered, pipeline, plugin, run, sent};
use crate::{
    chain::Flow,
    config,
    record::{Header, Record},
    wasm::Fault,
};

#[test]
fn what_did_not_change_keeps_its_instance() {
    let idle = || plugin(vec![], |_, _| Ok(nothing()));
    let (kept, gone) = (idle().identified("kept"), idle().identified("gone"));
    let made = kept.made.clone();
    let old = blueprint(pipeline(&[]), vec![gone, kept.clone()]);
    let mut running = old.prepare(None).unwrap().adopt(None);
    run(&mut running, &numbered(3));

    let added = idle().identified("added");
    let made_added = added.made.clone();
    let new = blueprint(pipeline(&[]), vec![kept.clone(), added, kept.clone()]);
    let prepared = new.prepare(Some(&old)).unwrap();
    // The old one is still running and counting.
    run(&mut running, &numbered(4));
    let mut running = prepared.adopt(Some(running));
    run(&mut running, &numbered(1));

    // One instance went on; the second of its kind had to be made.
    assert_eq!(made.load(Ordering::Relaxed), 2);
    assert_eq!(made_added.load(Ordering::Relaxed), 1);
    let counts = running.take_counts().interceptors;
    let rows: Vec<_> = counts.iter().map(|counted| (&*counted.name, counted.counts["rows"])).collect();
    assert_eq!(rows, [("i0", 7), ("i1", 7), ("i0", 1), ("i1", 1), ("i2", 1)]);
    assert_eq!(counts[2].memory, 3);
}

#[test]
fn a_chain_whose_instances_nobody_has_makes_them() {
    let closure = plugin(vec![], |_, _| Ok(nothing()));
    let made = closure.made.clone();
    let blueprint = blueprint(pipeline(&[]), vec![closure]);
    let mut chain = blueprint.prepare(Some(&blueprint)).unwrap().adopt(None);
    run(&mut chain, &numbered(1));
    assert_eq!(made.load(Ordering::Relaxed), 1);
}

#[test]
fn the_digest_changes_with_what_answers_depend_on() {
    let of = |without: &[&str], identity: &str| {
        let closure = plugin(vec![], |_, _| Ok(nothing())).identified(identity);
        blueprint(pipeline(without), vec![closure]).digest().to_owned()
    };
    assert_eq!(of(&[], "a"), of(&[], "a"));
    assert_ne!(of(&[], "a"), of(&[], "b"));
    assert_ne!(of(&[], "a"), of(&["to"], "a"));
}

/// A pipeline without interceptors whose output is stamped with the header `gen`.
fn stamped() -> Arc<config::Pipeline> {
    let mut pipeline = pipeline(&[]);
    Arc::make_mut(&mut pipeline).stamp_generation = Some("gen".to_owned());
    pipeline
}

fn stamps(flow: &Flow) -> Vec<Vec<Vec<u8>>> {
    let of = |record: &Record| {
        let stamps = record.headers.iter().filter(|header| header.name == b"gen");
        stamps.map(|header| header.value.clone().unwrap_or_default()).collect()
    };
    sent(flow).iter().map(of).collect()
}

#[test]
fn a_stamp_names_the_generation_on_every_record_and_replaces_an_older_one() {
    let blueprint = blueprint(stamped(), vec![]);
    let mut chain = blueprint.prepare(None).unwrap().adopt(None);
    let mut records = numbered(2);
    records[1].headers =
        ["gen", "other", "gen"].map(|name| Header { name: name.into(), value: Some(b"old".to_vec()) }).into();
    let flow = run(&mut chain, &records);
    let stamp = b"gen".to_vec();
    assert_eq!(stamps(&flow), [vec![stamp.clone()], vec![stamp]]);
    assert_eq!(sent(&flow)[1].headers.len(), 2, "the others stay");
}

#[test]
fn a_dead_letter_has_no_stamp_and_a_pipeline_with_one_has_another_digest() {
    let closure = plugin(vec![], |_, _| Err(Fault::Failed("no".to_owned())));
    let blueprint = blueprint(stamped(), vec![closure.clone()]);
    let mut chain = blueprint.prepare(None).unwrap().adopt(None);
    assert_eq!(stamps(&run(&mut chain, &numbered(1))), [Vec::<Vec<u8>>::new()]);
    let without = super::fixture::blueprint(pipeline(&[]), vec![closure]);
    assert_ne!(blueprint.digest(), without.digest());
}
