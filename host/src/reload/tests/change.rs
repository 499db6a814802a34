//! Pipelines that come, go and start again.

use std::{collections::BTreeSet, fs};

use super::*;

fn changes(outcome: Outcome) -> Changes {
    match outcome {
        Outcome::Applied { changes, .. } => changes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pipelines_come_go_and_start_again_while_the_others_stay_as_they_are() {
    let config = |pipelines: &[(&str, &str)]| {
        let tables: String = pipelines.iter().map(|(name, rest)| pipeline(name, rest)).collect();
        format!("{HEAD}{tables}")
    };
    let (stays, goes, moves) = (("a", "to = \"out\""), ("b", "to = \"out\""), ("c", "to = \"out\""));
    let (fixture, mut reloader) = Fixture::new(&config(&[stays, goes, moves]));
    fixture.write(&config(&[stays, ("c", "to = \"out\"\nworkers = 3"), ("d", "to = \"out\"")]));
    let changed = changes(attempt(&mut reloader));
    assert_eq!(
        (changed.removed, changed.restarted, changed.added, changed.swapped),
        (vec!["b".into()], vec!["c".into()], vec!["d".to_owned()], vec![])
    );
    // Who leaves is told at once; what goes is gone before anything comes that may have its group.
    assert_eq!(fixture.done(), ["leave b 0", "leave c 0", "remove b 0", "start c 2", "start d 2"]);
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);

    // A chain and a batch at once: it starts again, with the new chain.
    fixture.write(&config(&[stays, ("c", "to = \"new\"\nworkers = 2"), ("d", "to = \"new\"")]));
    let changed = changes(attempt(&mut reloader));
    assert_eq!((changed.swapped, changed.restarted), (vec!["d".to_owned()], vec!["c".to_owned()]));
    assert_eq!(fixture.done(), ["swap d 3", "leave c 0", "start c 3"]);
}

#[test]
fn every_key_of_a_pipeline_that_it_has_from_its_start_on_starts_it_again() {
    let base = "to = \"out\"";
    let (fixture, mut reloader) = Fixture::new(&format!("{HEAD}{}", pipeline("p", base)));
    let changes_of = [
        "start = \"latest\"",
        "on_gap = \"earliest\"",
        "breaker = { faults = \"1%\", over = \"1m\", min = 100 }",
        "partition_by = \"source\"",
        "instance = \"one\"",
        "group_protocol = \"consumer\"",
        "workers = 3",
        "batch = { records = 7 }",
        "consumer = { \"fetch.min.bytes\" = 7 }",
        "producer = { \"linger.ms\" = 7 }",
        "ledger_topic = \"ledger\"",
    ];
    for more in changes_of {
        fixture.write(&format!("{HEAD}{}", pipeline("p", &format!("{base}\n{more}"))));
        assert_eq!(changes(attempt(&mut reloader)).restarted, ["p"], "{more}");
        assert_eq!(fixture.done().len(), 2, "{more}");
    }
    for (old, new) in [("p-in", "other"), ("group = \"p\"", "group = \"q\"")] {
        fixture.write(&format!("{HEAD}{}", pipeline("p", base).replace(old, new)));
        assert_eq!(changes(attempt(&mut reloader)).restarted, ["p"]);
    }
    // The page says so of each of them, and of no other; one way to deliver is all that there is yet.
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md")).unwrap();
    let rows =
        page.lines().filter(|line| line.contains("| pipeline restart | ")).filter_map(|line| line.split('`').nth(1));
    let tried = changes_of.iter().filter_map(|more| more.split(' ').next());
    let tried: BTreeSet<&str> = tried.chain(["from", "group", "delivery"]).collect();
    assert_eq!(rows.collect::<BTreeSet<_>>(), tried);
}

#[test]
fn what_cannot_start_brings_everything_back_that_ran() {
    let config = |a: &str, b: &str, rest: &str| {
        let (a, b) = (format!("to = \"{a}\""), format!("to = \"{b}\"\nworkers = 3"));
        format!("{HEAD}{}{}{rest}", pipeline("a", &a), pipeline("b", &b))
    };
    let gone = pipeline("c", "to = \"out\"");
    let before = config("one", "out", &gone).replace("workers = 3", "workers = 1");
    let (fixture, mut reloader) = Fixture::new(&before);
    fixture.write(&config("two", "out", &pipeline("d", "to = \"refused\"")));
    rejected(&attempt(&mut reloader), "pipeline `d`: no");
    let made = ["swap a 2", "leave c 0", "leave b 0", "remove c 0", "start b 2"];
    let undone = ["remove d 0", "swap a 3", "start c 3", "start b 3"];
    assert_eq!(fixture.done(), made.into_iter().chain(undone).collect::<Vec<_>>());
    fixture.write(&before);
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    fixture.write(&before.replace("one", "two"));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 4, .. }));
}

#[test]
fn a_rollback_brings_back_what_served_before_and_refuses_what_it_left_until_the_files_change() {
    let config = |to: &str| format!("{HEAD}{}", pipeline("p", &format!("to = \"{to}\"")));
    let (fixture, mut reloader) = Fixture::new(&config("one"));
    let refused = reloader.roll_back(None, "asked");
    rejected(&refused, "no earlier generation");
    fixture.write(&config("two"));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 2, .. }));
    assert_eq!(reloader.roll_back(Some(1), "of another generation"), Outcome::Unchanged);
    let Outcome::RolledBack { generation: 3, left: 2, why, changes, .. } = reloader.roll_back(Some(2), "faults") else {
        panic!("there is one to go back to")
    };
    assert_eq!((why.as_str(), changes.swapped), ("faults", vec!["p".to_owned()]));
    assert_eq!(fixture.done(), ["swap p 2", "swap p 3"]);

    // The files still hold it: nothing happens by itself, and whoever asks hears why.
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    let candidate = Candidate::read(reloader.path());
    rejected(&reloader.attempt(candidate, true, &Cancel::default()).unwrap(), "rolled back (generation 2): faults");
    rejected(&reloader.roll_back(None, "asked"), "no earlier generation");
    assert!(fixture.done().is_empty());
    fixture.write(&config("three"));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 4, .. }));
    fixture.write(&config("two"));
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged, "it is known to be bad");
}

#[test]
fn what_was_rolled_back_is_remembered_in_the_state_directory() {
    let folder = tempfile::tempdir().unwrap();
    let config = |to: &str| {
        let state = folder.path().join("state").display().to_string();
        format!("state_dir = \"{state}\"\n{HEAD}{}", pipeline("p", &format!("to = \"{to}\"")))
    };
    let (fixture, mut reloader) = Fixture::new(&config("one"));
    fixture.write(&config("two"));
    attempt(&mut reloader);
    let bad = config::load(reloader.path()).unwrap();
    assert_eq!(rolled_back(&bad), None);
    reloader.roll_back(None, "too many faults");
    let why = rolled_back(&bad).unwrap();
    assert!(why.contains("too many faults") && why.contains("rolled-back.json"), "{why}");
    fixture.write(&config("three"));
    assert_eq!(rolled_back(&config::load(reloader.path()).unwrap()), None);
    fs::write(folder.path().join("state/rolled-back.json"), "{").unwrap();
    assert_eq!(rolled_back(&bad), None, "a file that is not weir's says nothing");
}
