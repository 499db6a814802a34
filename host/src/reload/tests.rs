#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use std::{
    fs,
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::*;
use crate::config;

/// Reads the value, changes nothing.
const HUMBLE: &str = include_str!("../../../tests/guests/identity.wat");
/// Declares effects besides.
const GREEDY: &str = include_str!("../../../tests/guests/poison.wat");

const HEAD: &str = "[kafka]\nbrokers = \"b:1\"\n";

fn pipeline(name: &str, rest: &str) -> String {
    let head =
        format!("[pipelines.{name}]\nfrom = [\"{name}-in\"]\ngroup = \"{name}\"\ndelivery = \"at-least-once\"\n");
    format!("{head}{rest}\n")
}

fn with_plugin(more: &str) -> String {
    let interceptor = "[[pipelines.p.interceptors]]\nname = \"guest\"\nplugin = \"./guest.wat\"\n";
    format!("{HEAD}{}{more}\n", pipeline("p", &format!("to = \"out\"\ndead_letter = \"dead\"\n{interceptor}")))
}

/// What the pipelines were handed: name, digest, generation.
type Handed = Arc<Mutex<Vec<(String, String, u64)>>>;

struct Fixture {
    folder: TempDir,
    handed: Handed,
}

impl Fixture {
    fn new(config: &str) -> (Self, Reloader) {
        Self::with_engine(config, Engine::new(None).unwrap())
    }

    fn with_engine(config: &str, engine: Engine) -> (Self, Reloader) {
        let fixture = Self { folder: tempfile::tempdir().unwrap(), handed: Handed::default() };
        fs::write(fixture.folder.path().join("guest.wat"), HUMBLE).unwrap();
        fixture.write(config);
        let path = fixture.folder.path().join("weir.toml");
        let config = config::load(&path).unwrap();
        let mut pipelines = BTreeMap::new();
        for (name, pipeline) in &config.pipelines {
            let blueprint = Blueprint::build(&engine, &config, pipeline, Arc::from("")).unwrap();
            let (handed, to) = (Arc::clone(&fixture.handed), name.clone());
            let swap: Swap = Box::new(move |blueprint, generation| {
                if blueprint.pipeline().to.as_deref() == Some("refused") {
                    return Err("no".into());
                }
                handed.lock().unwrap().push((to.clone(), blueprint.digest().to_owned(), generation));
                Ok(Swapped::InService)
            });
            pipelines.insert(name.clone(), Running { blueprint, swap });
        }
        (fixture, Reloader::new(path, engine, config, pipelines))
    }

    fn write(&self, config: &str) {
        fs::write(self.folder.path().join("weir.toml"), config).unwrap();
    }

    fn guest(&self, text: &str) {
        fs::write(self.folder.path().join("guest.wat"), text).unwrap();
    }

    fn handed(&self) -> Vec<(String, u64)> {
        self.handed.lock().unwrap().iter().map(|(name, _, generation)| (name.clone(), *generation)).collect()
    }
}

fn attempt(reloader: &mut Reloader) -> Outcome {
    let candidate = Candidate::read(reloader.path());
    reloader.attempt(candidate, false, &Cancel::default()).unwrap()
}

#[track_caller]
fn rejected(outcome: &Outcome, words: &str) {
    match outcome {
        Outcome::Rejected { reasons } if reasons.iter().any(|reason| reason.contains(words)) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_changed_is_swapped_in_and_what_did_not_is_left_alone() {
    let config =
        |to: &str| format!("{HEAD}{}{}", pipeline("a", &format!("to = \"{to}\"")), pipeline("b", "to = \"out\""));
    let (fixture, mut reloader) = Fixture::new(&config("one"));
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    fixture.write(&config("two"));
    let Outcome::Applied { generation: 2, digest, .. } = attempt(&mut reloader) else { panic!("it changed") };
    assert_eq!(digest.len(), 64);
    assert_eq!(fixture.handed(), [("a".to_owned(), 2)]);
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    fixture.write(&format!("# a remark\n{}", config("two")));
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    fixture.write(&config("one"));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 3, .. }));
}

#[test]
fn a_broken_configuration_changes_nothing_and_is_told_with_its_place() {
    let good = format!("{HEAD}{}", pipeline("p", "to = \"out\""));
    let (fixture, mut reloader) = Fixture::new(&good);
    fixture.write(&good.replace("to = ", "too = "));
    rejected(&attempt(&mut reloader), "weir.toml:7:1: ");
    fixture.write(&good[..good.len() - 5]);
    assert!(attempt(&mut reloader).is_refusal());
    fixture.write(&good);
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    assert!(fixture.handed().is_empty());
}

#[test]
fn what_only_a_restart_can_change_is_refused_as_a_whole() {
    let good = format!("{HEAD}{}", pipeline("p", "to = \"out\""));
    let (fixture, mut reloader) = Fixture::new(&good);
    let changed = good
        .replace("b:1", "b:2")
        .replace("\"p-in\"", "\"other\"")
        .replace("group = \"p\"", "group = \"q\"\nworkers = 3")
        .replace("\"out\"", "\"elsewhere\"");
    fixture.write(&format!("{changed}[pipelines.p.consumer]\n\"fetch.min.bytes\" = \"7\"\n"));
    let keys = ["kafka.brokers", "pipelines.p.from", "pipelines.p.group", "pipelines.p.workers"];
    let mut keys: Vec<String> = keys.map(str::to_owned).into();
    keys.push("pipelines.p.consumer.\"fetch.min.bytes\"".into());
    assert_eq!(attempt(&mut reloader), Outcome::NeedsRestart { keys });
    fixture.write(&format!("{good}{}", pipeline("q", "to = \"out\"")));
    assert_eq!(attempt(&mut reloader), Outcome::NeedsRestart { keys: vec!["pipelines.q".into()] });
    assert!(fixture.handed().is_empty());
}

#[test]
fn a_pipeline_that_refuses_sends_the_others_back() {
    let config = |a: &str, b: &str| {
        format!("{HEAD}{}{}", pipeline("a", &format!("to = \"{a}\"")), pipeline("b", &format!("to = \"{b}\"")))
    };
    let (fixture, mut reloader) = Fixture::new(&config("one", "one"));
    fixture.write(&config("two", "refused"));
    rejected(&attempt(&mut reloader), "pipeline `b`: no");
    assert_eq!(fixture.handed(), [("a".to_owned(), 2), ("a".to_owned(), 3)]);
    fixture.write(&config("two", "two"));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 4, .. }));
}

#[test]
fn what_is_missing_outside_is_refused_until_it_is_there() {
    let config = |to: &str| format!("{HEAD}{}", pipeline("p", &format!("to = \"{to}\"")));
    let (fixture, reloader) = Fixture::new(&config("one"));
    let there = Arc::new(Mutex::new(false));
    let look = Arc::clone(&there);
    let mut reloader = reloader.with_preflight(Box::new(move |config| {
        let mistake = config.pipelines["p"].place.mistake(config, "/to", "there is no topic `two`", None);
        if *look.lock().unwrap() { Ok(()) } else { Err(vec![mistake].into()) }
    }));
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    fixture.write(&config("two"));
    rejected(&attempt(&mut reloader), "weir.toml:7:6: there is no topic `two`");
    *there.lock().unwrap() = true;
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 2, .. }));
}

#[test]
fn a_changed_plugin_file_is_a_new_generation_and_a_broken_one_is_none() {
    let (fixture, mut reloader) = Fixture::new(&with_plugin(""));
    fixture.guest(&format!("{HUMBLE};; another build\n"));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 2, .. }));
    fixture.guest(&HUMBLE[..HUMBLE.len() / 2]);
    assert!(attempt(&mut reloader).is_refusal());
    assert_eq!(fixture.handed(), [("p".to_owned(), 2)]);
}

#[test]
fn a_changed_plugin_file_that_wants_more_needs_a_word_in_the_configuration() {
    let (fixture, mut reloader) = Fixture::new(&with_plugin(""));
    fixture.guest(GREEDY);
    let outcome = attempt(&mut reloader);
    rejected(&outcome, "wants more than the one that runs");
    // The message holds the very line that allows it.
    let Outcome::Rejected { reasons } = outcome else { panic!("it was refused") };
    let pin = reasons[0].split("write ").nth(1).unwrap().split(" beside").next().unwrap().to_owned();
    fixture.write(&with_plugin(&pin));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 2, .. }));
}

#[test]
fn a_changed_plugin_file_may_want_what_allow_allows() {
    let allow = "allow = { effects = [\"value\", \"dead-letter\", \"drop\", \"headers\", \"key\"] }";
    let (fixture, mut reloader) = Fixture::new(&with_plugin(allow));
    fixture.guest(GREEDY);
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 2, .. }), "{:?}", attempt(&mut reloader));
}

#[test]
fn hints_are_looked_into_after_some_quiet_and_never_later_than_the_cap() {
    let start = Instant::now();
    let after = |ms| start + Duration::from_millis(ms);
    let mut debounce = debounce::Debounce::default();
    assert!(!debounce.take(after(0)) && debounce.due().is_none());
    debounce.hint(after(0));
    debounce.hint(after(150));
    assert_eq!(debounce.due(), Some(after(350)));
    assert!(!debounce.take(after(349)) && debounce.take(after(350)) && debounce.due().is_none());
    for ms in (1000..4000).step_by(100) {
        debounce.hint(after(ms));
    }
    assert_eq!(debounce.due(), Some(after(3000)));
}

#[cfg(unix)]
#[test]
fn every_link_on_the_way_to_a_config_maps_file_is_watched() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::create_dir(root.join("..2026_01_01")).unwrap();
    fs::write(root.join("..2026_01_01/weir.toml"), "").unwrap();
    symlink("..2026_01_01", root.join("..data")).unwrap();
    symlink("..data/weir.toml", root.join("weir.toml")).unwrap();
    let entries: Vec<_> = symlinks::entries_leading_to(&root.join("weir.toml")).into_iter().collect();
    let expected = [
        (root.clone(), PathBuf::from("..data")),
        (root.clone(), PathBuf::from("weir.toml")),
        (root.join("..2026_01_01"), PathBuf::from("weir.toml")),
    ];
    assert_eq!(entries, expected);
    symlink("ring", root.join("ring")).unwrap();
    assert_eq!(symlinks::entries_leading_to(&root.join("ring")).len(), 1);
}

#[test]
fn a_refusal_is_looked_into_once_more_before_it_is_told_and_told_once() {
    let refusal = |reason: &str| Outcome::Rejected { reasons: vec![reason.to_owned()] };
    let mut reports = reports::Reports::default();
    assert!(!reports.is_news(&refusal("half written"), false) && reports.is_pending());
    let applied = Outcome::Applied { generation: 2, digest: String::new(), revived: Vec::new() };
    assert!(reports.is_news(&applied, false) && !reports.is_pending());
    assert!(!reports.is_news(&refusal("a"), false));
    assert!(reports.is_news(&refusal("a"), false) && !reports.is_pending());
    assert!(!reports.is_news(&refusal("a"), false) && !reports.is_pending());
    assert!(reports.is_news(&refusal("a"), true), "whoever asks is told again");
    assert!(!reports.is_news(&refusal("b"), false) && reports.is_news(&refusal("b"), false));
    assert!(reports.is_news(&Outcome::Unchanged, false), "what was refused has been put right");
    assert!(!reports.is_news(&Outcome::Unchanged, false) && reports.is_news(&Outcome::Unchanged, true));
    assert!(!reports.is_news(&refusal("b"), false) && reports.is_news(&refusal("b"), false), "it was gone between");
}

/// Starts the thread; hears of its news.
fn started(reloader: Reloader) -> (Reload, Receiver<Outcome>) {
    let (tell, heard) = channel();
    let tell = Mutex::new(tell);
    let reload = start(reloader, move |outcome| tell.lock().unwrap().send(outcome.clone()).unwrap()).unwrap();
    (reload, heard)
}

const SOON: Duration = Duration::from_secs(20);

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
    let running = Running { blueprint, swap: Box::new(|_, _| Ok(Swapped::InService)) };
    let (_reload, heard) = started(Reloader::new(path, engine, loaded, [("p".to_owned(), running)].into()));
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
