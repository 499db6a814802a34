//! The thread that watches the files.

use super::*;

/// Starts the thread; hears of its news.
pub(super) fn started(reloader: Reloader) -> (Reload, Receiver<Outcome>) {
    let (tell, heard) = channel();
    let tell = Mutex::new(tell);
    let reload = start(reloader, move |outcome| tell.lock().unwrap().send(outcome.clone()).unwrap()).unwrap();
    (reload, heard)
}

pub(super) const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_change_on_disk_is_applied_by_itself_and_a_bad_one_is_told_once() {
    let config = |to: &str| format!("{HEAD}{}", pipeline("p", &format!("to = \"{to}\"")));
    let (fixture, reloader) = Fixture::new(&config("one"));
    let (reload, heard) = started(reloader);
    fixture.write(&config("two"));
    assert!(matches!(heard.recv_timeout(SOON).unwrap(), Outcome::Applied { generation: 2, .. }));
    fixture.write("nonsense");
    assert!(heard.recv_timeout(SOON).unwrap().is_refusal());
    // The next good one is the next news.
    fixture.write("nonsense");
    fixture.write(&config("three"));
    assert!(matches!(heard.recv_timeout(SOON).unwrap(), Outcome::Applied { generation: 3, .. }));
    drop(reload);
}

#[test]
fn a_lookup_file_that_changes_is_applied_by_itself_and_a_broken_one_is_none() {
    let (fixture, reloader) = Fixture::with_files(&with_lookup(), &[("regions.csv", "country,region\nde,Europe\n")]);
    let (reload, heard) = started(reloader);
    let regions = fixture.folder.path().join("regions.csv");
    fs::write(&regions, "country,region\nde,Europe\njp,Asia\n").unwrap();
    assert!(matches!(heard.recv_timeout(SOON).unwrap(), Outcome::Applied { generation: 2, .. }));
    fs::write(&regions, "country,region\nde,Europe\nde,Asia\n").unwrap();
    rejected(
        &heard.recv_timeout(SOON).unwrap(),
        "file `regions`: line 3 gives `de` another value than line 2 does: leave one of them out",
    );
    assert_eq!(fixture.handed(), [("p".to_owned(), 2)]);
    drop(reload);
}

#[test]
fn a_request_is_answered_also_where_nothing_changed() {
    let config = |to: &str| format!("{HEAD}{}", pipeline("p", &format!("to = \"{to}\"")));
    let (fixture, reloader) = Fixture::new(&config("one"));
    let (reload, _heard) = started(reloader);
    assert_eq!(reload.request(), Some(Outcome::Unchanged));
    fixture.write("nonsense");
    assert!(reload.request().unwrap().is_refusal());
    fixture.write(&config("two"));
    assert!(matches!(reload.request(), Some(Outcome::Applied { .. } | Outcome::Unchanged)));
}

#[cfg(unix)]
#[test]
fn a_config_map_that_is_swapped_by_its_link_is_applied() {
    use std::os::unix::fs::symlink;
    let config = |to: &str| format!("{HEAD}{}", pipeline("p", &format!("to = \"{to}\"")));
    let (fixture, _) = Fixture::new(&config("one"));
    let root = fixture.folder.path().canonicalize().unwrap();
    for (version, to) in [("..1", "one"), ("..2", "two"), ("..3", "three")] {
        fs::create_dir(root.join(version)).unwrap();
        fs::write(root.join(version).join("weir.toml"), config(to)).unwrap();
    }
    fs::remove_file(root.join("weir.toml")).unwrap();
    symlink("..1", root.join("..data")).unwrap();
    symlink("..data/weir.toml", root.join("weir.toml")).unwrap();
    let path = root.join("weir.toml");
    let (engine, loaded) = (Engine::new(None).unwrap(), config::load(&path).unwrap());
    let blueprint = Blueprint::build(&engine, &loaded, &loaded.pipelines["p"], Arc::from("")).unwrap();
    let running = Arc::new(Pipelines(Handed::default()));
    let (_reload, heard) = started(Reloader::new(path, engine, loaded, running, [("p".to_owned(), blueprint)].into()));
    for (version, number) in [("..2", 2), ("..3", 3)] {
        symlink(version, root.join("..data_tmp")).unwrap();
        fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
        let outcome = heard.recv_timeout(SOON).unwrap();
        assert!(matches!(outcome, Outcome::Applied { generation, .. } if generation == number), "{outcome:?}");
    }
}

/// A fixture whose plugins are compiled in a process of its own, and the reload thread.
fn compiling_elsewhere() -> (Fixture, Reload, Receiver<Outcome>) {
    let engine = Engine::with_compiler(None, crate::wasm::tests::compiling::program()).unwrap();
    let (fixture, reloader) = Fixture::with_engine(&with_plugin(""), engine);
    let (reload, heard) = started(reloader);
    (fixture, reload, heard)
}

/// Takes a minute of CPU time to compile, unless it is given up.
fn dear() -> Vec<u8> {
    weir_tests::oversized::dear_functions(3000)
}

#[test]
fn a_newer_change_gives_up_the_plugin_that_is_being_compiled() {
    let (fixture, _reload, heard) = compiling_elsewhere();
    fs::write(fixture.folder.path().join("guest.wat"), dear()).unwrap();
    // It must be under way; were it not, nothing would be given up, and the test would see less.
    assert_eq!(heard.recv_timeout(Duration::from_secs(1)), Err(std::sync::mpsc::RecvTimeoutError::Timeout));
    let begun = Instant::now();
    fixture.guest(&format!("{HUMBLE};; another build\n"));
    assert_eq!(heard.recv_timeout(SOON).unwrap(), Outcome::Superseded);
    let outcome = heard.recv_timeout(SOON).unwrap();
    assert!(matches!(outcome, Outcome::Applied { generation: 2, .. }), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn a_request_waits_for_the_newest_content() {
    let (fixture, reload, _heard) = compiling_elsewhere();
    let running = fs::read(fixture.folder.path().join("guest.wat")).unwrap();
    fs::write(fixture.folder.path().join("guest.wat"), dear()).unwrap();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| reload.request());
        std::thread::sleep(Duration::from_secs(1));
        assert!(!asking.is_finished());
        fs::write(fixture.folder.path().join("guest.wat"), running).unwrap();
        assert_eq!(asking.join().unwrap(), Some(Outcome::Unchanged));
    });
}

#[test]
fn the_end_does_not_wait_for_a_plugin_that_is_being_compiled() {
    let (fixture, reload, heard) = compiling_elsewhere();
    fs::write(fixture.folder.path().join("guest.wat"), dear()).unwrap();
    assert_eq!(heard.recv_timeout(Duration::from_secs(1)), Err(std::sync::mpsc::RecvTimeoutError::Timeout));
    let begun = Instant::now();
    drop(reload);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(fixture.handed().is_empty());
}

#[test]
fn a_rollback_gives_up_the_attempt_that_is_under_way_and_answers() {
    let (fixture, reload, heard) = compiling_elsewhere();
    fixture.guest(&format!("{HUMBLE};; another build\n"));
    assert!(matches!(heard.recv_timeout(SOON).unwrap(), Outcome::Applied { generation: 2, .. }));
    fs::write(fixture.folder.path().join("guest.wat"), dear()).unwrap();
    assert_eq!(heard.recv_timeout(Duration::from_secs(1)), Err(std::sync::mpsc::RecvTimeoutError::Timeout));
    let begun = Instant::now();
    let outcome = reload.requests().roll_back("asked").unwrap();
    assert!(matches!(outcome, Outcome::RolledBack { generation: 3, left: 2, .. }), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(heard.recv_timeout(SOON).unwrap(), outcome);
    fixture.guest(&format!("{HUMBLE};; a third build\n"));
    let mut outcome = heard.recv_timeout(SOON).unwrap();
    // The files are looked at after a rollback: what was given up may have been begun again before the third build came.
    if outcome == Outcome::Superseded {
        outcome = heard.recv_timeout(SOON).unwrap();
    }
    assert!(matches!(outcome, Outcome::Applied { generation: 4, .. }), "{outcome:?}");
}
