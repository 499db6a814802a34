#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

mod change;
mod probing;
mod saving;
mod thread;
mod unsettled;

use std::{
    fs,
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
    time::{Duration, Instant},
};

use tempfile::TempDir;
use weir_tests::Guest;

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

/// Looks values up in `regions.csv`, of which every beginning that ends with a line is a table, too.
fn with_lookup() -> String {
    format!(
        "{HEAD}{}",
        pipeline(
            "p",
            "to = \"out\"\ndead_letter = \"dead\"\n[[pipelines.p.interceptors]]\nplugin = \"header-enricher\"\n\
             files = { regions = \"./regions.csv\" }\n\
             config = { headers = [{ name = \"region\", value = \"{lookup:regions:{country}}\" }] }",
        )
    )
}

fn with_plugin(more: &str) -> String {
    let interceptor = "[[pipelines.p.interceptors]]\nname = \"guest\"\nplugin = \"./guest.wat\"\n";
    format!("{HEAD}{}{more}\n", pipeline("p", &format!("to = \"out\"\ndead_letter = \"dead\"\n{interceptor}")))
}

/// What was done to the pipelines: what, name, generation.
type Handed = Arc<Mutex<Vec<(&'static str, String, u64)>>>;

/// Pipelines that write down what is done to them, and take nothing whose `to` is `refused`.
struct Pipelines(Handed);

impl Pipelines {
    fn take(&self, what: &'static str, name: &str, blueprint: &Blueprint, generation: u64) -> Result<(), String> {
        if blueprint.pipeline().to.as_deref() == Some("refused") {
            return Err("no".into());
        }
        self.0.lock().unwrap().push((what, name.to_owned(), generation));
        Ok(())
    }
}

impl Running for Pipelines {
    fn swap(&self, name: &str, blueprint: &Arc<Blueprint>, generation: u64) -> Result<Swapped, String> {
        self.take("swap", name, blueprint, generation).map(|()| Swapped::InService)
    }

    fn begin_end(&self, names: &[&str]) {
        self.0.lock().unwrap().extend(names.iter().map(|name| ("leave", (*name).to_owned(), 0)));
    }

    fn start(&self, name: &str, blueprint: &Arc<Blueprint>, generation: u64) -> Result<(), String> {
        self.take("start", name, blueprint, generation)
    }

    fn remove(&self, name: &str) {
        self.0.lock().unwrap().push(("remove", name.to_owned(), 0));
    }

    fn set_changing(&self, _: bool) {}

    fn watch(&self, _: &str) {}
}

struct Fixture {
    folder: TempDir,
    handed: Handed,
}

impl Fixture {
    fn new(config: &str) -> (Self, Reloader) {
        Self::with_engine(config, Engine::new(None).unwrap())
    }

    fn with_engine(config: &str, engine: Engine) -> (Self, Reloader) {
        Self::with(config, engine, &[])
    }

    fn with_files(config: &str, files: &[(&str, &str)]) -> (Self, Reloader) {
        Self::with(config, Engine::new(None).unwrap(), files)
    }

    fn with(config: &str, engine: Engine, files: &[(&str, &str)]) -> (Self, Reloader) {
        let fixture = Self { folder: tempfile::tempdir().unwrap(), handed: Handed::default() };
        for (name, text) in files {
            fs::write(fixture.folder.path().join(name), text).unwrap();
        }
        fs::write(fixture.folder.path().join("guest.wat"), HUMBLE).unwrap();
        let reloader = fixture.reloader(config, engine);
        (fixture, reloader)
    }

    /// One that has taken this over, whatever it would have been probed for.
    fn reloader(&self, config: &str, engine: Engine) -> Reloader {
        self.write(config);
        let path = self.folder.path().join("weir.toml");
        let config = config::load(&path).unwrap();
        let mut blueprints = BTreeMap::new();
        for (name, pipeline) in &config.pipelines {
            let blueprint = Blueprint::build(&engine, &config, pipeline, Arc::from("")).unwrap();
            blueprints.insert(name.clone(), blueprint);
        }
        let running = Arc::new(Pipelines(Arc::clone(&self.handed)));
        Reloader::new(path, engine, config, running, blueprints)
    }

    fn write(&self, config: &str) {
        fs::write(self.folder.path().join("weir.toml"), config).unwrap();
    }

    fn guest(&self, text: &str) {
        fs::write(self.folder.path().join("guest.wat"), text).unwrap();
    }

    /// The chains that were handed over.
    fn handed(&self) -> Vec<(String, u64)> {
        let handed = self.handed.lock().unwrap();
        let swaps = handed.iter().filter(|(what, ..)| *what == "swap");
        swaps.map(|(_, name, generation)| (name.clone(), *generation)).collect()
    }

    /// All that was done since the last time, such as `start a 2`.
    fn done(&self) -> Vec<String> {
        let done = std::mem::take(&mut *self.handed.lock().unwrap());
        done.iter().map(|(what, name, generation)| format!("{what} {name} {generation}")).collect()
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
fn a_reload_tells_its_warnings_or_is_refused_for_them() {
    let (fixture, mut reloader) = Fixture::new(&with_plugin(""));
    // Nothing routes there.
    let warned = with_plugin("").replace("to = \"out\"", "to = \"out\"\ntopics = [\"elsewhere\"]");
    fixture.write(&warned);
    let Outcome::Applied { warnings, .. } = attempt(&mut reloader) else { panic!("it is sound") };
    let [warning] = &warnings[..] else { panic!("{warnings:?}") };
    assert!(warning.contains("weir.toml:8:11: no interceptor can route to `elsewhere`"), "{warning}");
    let (fixture, reloader) = Fixture::new(&with_plugin(""));
    let mut reloader = reloader.without_warnings();
    fixture.write(&warned);
    rejected(&attempt(&mut reloader), "no interceptor can route to `elsewhere`");
    assert!(fixture.handed().is_empty());
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
    fixture.write(&format!("on_stop = \"hold\"\n{}", good.replace("b:1", "b:2").replace("\"p-in\"", "\"other\"")));
    let keys = ["kafka.brokers", "on_stop"].map(str::to_owned).into();
    assert_eq!(attempt(&mut reloader), Outcome::NeedsRestart { keys });
    assert!(fixture.done().is_empty());
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

/// Where the topic `two` is there or not; a plan may name none that is called `planned`.
struct Outside(Arc<Mutex<bool>>);

impl Preflight for Outside {
    fn look_at_config(&self, config: &Config) -> Result<Box<dyn PlanPreflight>, Mistakes> {
        let mistake = config.pipelines["p"].place.mistake(config, "/to", "there is no topic `two`", None);
        if *self.0.lock().unwrap() { Ok(Box::new(OutsideOfPlans)) } else { Err(vec![mistake].into()) }
    }
}

struct OutsideOfPlans;

impl PlanPreflight for OutsideOfPlans {
    fn look_at_plans(&self, config: &Config, blueprints: &Blueprints) -> Result<(), Mistakes> {
        let pipeline = blueprints["p"].pipeline();
        let mistake = pipeline.place.mistake(config, "/topics", "there is no topic `planned`", None);
        if pipeline.topics.is_empty() { Ok(()) } else { Err(vec![mistake].into()) }
    }
}

#[test]
fn what_a_plan_needs_and_is_missing_is_refused() {
    let config = |more: &str| format!("{HEAD}{}", pipeline("p", &format!("to = \"one\"\n{more}")));
    let (fixture, reloader) = Fixture::new(&config(""));
    let mut reloader = reloader.with_preflight(Box::new(Outside(Arc::new(Mutex::new(true)))));
    fixture.write(&config("topics = [\"planned\"]"));
    rejected(&attempt(&mut reloader), "there is no topic `planned`");
    assert!(fixture.done().is_empty());
}

#[test]
fn what_is_missing_outside_is_refused_until_it_is_there() {
    let config = |to: &str| format!("{HEAD}{}", pipeline("p", &format!("to = \"{to}\"")));
    let (fixture, reloader) = Fixture::new(&config("one"));
    let there = Arc::new(Mutex::new(false));
    let look = Arc::clone(&there);
    let mut reloader = reloader.with_preflight(Box::new(Outside(look)));
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
    let (changes, warnings) = (Changes::default(), Vec::new());
    let applied = Outcome::Applied { generation: 2, digest: String::new(), changes, warnings };
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
