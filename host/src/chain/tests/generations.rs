//! Instances over a change of generation.

use std::sync::atomic::Ordering;

use super::fixture::{blueprint, nothing, numbered, pipeline, plugin, run};

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
