#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use std::{fs, path::PathBuf};

use tempfile::TempDir;
use weir_tests::Guest;

use super::*;
use crate::{chain::TimeLimit, config, wasm::Engine};

const INPUT: &str = "{\"payload\":\"a\"}\n\n{\"payload\":\"T\"}\n";

/// A pipeline from `in` to `out` with one guest and a probe of `in.ndjson`.
struct Fixture {
    folder: TempDir,
    engine: Engine,
}

impl Fixture {
    /// `rest`: more of the pipeline's table; `interceptor`: more of the interceptor's.
    fn new(guest: &Guest, rest: &str, interceptor: &str) -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap(), engine: Engine::new(None).unwrap() };
        fixture.write("guest.wat", &guest.text());
        fixture.write("in.ndjson", INPUT);
        let text = format!(
            "[kafka]\nbrokers = \"b:1\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\n{rest}\n\
             [[pipelines.p.interceptors]]\nname = \"guest\"\nplugin = \"./guest.wat\"\n{interceptor}\n"
        );
        fixture.write("weir.toml", &text);
        fixture
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> Config {
        config::load(&self.path("weir.toml")).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)))
    }

    /// What is told, in one line without the folder; empty: it passes.
    fn told_within(&self, time: Duration, cancel: &Cancel) -> String {
        let config = self.config();
        let engine = self.engine.cancelled_by(cancel);
        let blueprint = Blueprint::build(&engine, &config, &config.pipelines["p"], Arc::from("")).unwrap();
        let failed = run_for(time, &config, &blueprint, cancel).err();
        failed.map(|mistake| self.plain(&mistake)).unwrap_or_default()
    }

    fn told(&self) -> String {
        self.told_within(TIME, &Cancel::default())
    }

    fn plain(&self, mistake: &Mistake) -> String {
        mistake.line().replace(&format!("{}/", self.folder.path().display()), "")
    }

    /// What is said of the files.
    fn files(&self) -> Vec<String> {
        check_files(&self.config()).listed().iter().map(|mistake| self.plain(mistake)).collect()
    }
}

/// Sets the header `h` of every record.
fn stamping(value: &str) -> Guest {
    Guest::named("stamping").stamps("h", value)
}

/// Traps on records that begin with `T`.
fn trapping() -> Guest {
    Guest::named("trapping").when('T', "(unreachable)")
}

const WITHOUT: &str = "to = \"out\"\ndead_letter = \"dead\"\nprobe = \"in.ndjson\"";
const WITH: &str = "to = \"out\"\ndead_letter = \"dead\"\nprobe = { input = \"in.ndjson\", expect = \"out.ndjson\" }";

fn expected(header: &str, payloads: &[&str]) -> String {
    let line =
        |payload: &&str| format!("{{\"topic\":\"out\",\"headers\":[\"h\",\"{header}\"],\"payload\":\"{payload}\"}}\n");
    payloads.iter().map(line).collect()
}

#[test]
fn a_generation_passes_where_it_gives_what_is_expected_and_else_the_difference_is_told_with_its_cure() {
    let fixture = Fixture::new(&stamping("1"), WITH, "");
    fixture.write("out.ndjson", &expected("1", &["a", "T"]));
    assert_eq!(fixture.told(), "");
    fixture.write("out.ndjson", &expected("1", &["a", "B"]));
    assert_eq!(
        fixture.told(),
        "weir.toml:8:41: `in.ndjson` does not give `out.ndjson`: record 2 differs (from input line 3): payload expected \
         \"B\", got \"T\" (if that is meant, write it anew with: weir replay -c weir.toml --input in.ndjson --expect \
         out.ndjson --update)"
    );
    fixture.write("out.ndjson", &expected("2", &["a", "T"]));
    assert!(fixture.told().contains("header `h` expected \"2\", got \"1\"; and 1 more record differs (if"));
    fixture.write("out.ndjson", &expected("1", &["a"]));
    assert!(fixture.told().contains("a record too many (from input line 3): topic out, key null, payload \"T\""));
}

#[test]
fn without_an_expectation_a_fault_is_told_with_its_line_whatever_becomes_of_the_record() {
    let told = Fixture::new(&trapping(), WITHOUT, "").told();
    let begin =
        "weir.toml:8:9: pipeline `p` does not pass `in.ndjson`: line 3: a fault (trap) of interceptor `guest`: ";
    assert!(told.starts_with(begin) && told.ends_with("(if that is meant, name what comes out by `expect`)"), "{told}");
    let told = Fixture::new(&trapping(), WITHOUT, "on_fault = \"pass\"").told();
    assert!(told.contains("interceptor `guest` faults (trap) on 1 of its records, which skip it"), "{told}");
    let told = Fixture::new(&trapping(), WITHOUT, "on_fault = \"stop\"").told();
    assert!(told.contains("`in.ndjson`: line 3: interceptor `guest` at offset 2: "), "{told}");
    assert_eq!(Fixture::new(&stamping("1"), WITHOUT, "").told(), "");
}

#[test]
fn a_call_that_faults_though_its_records_pass_alone_is_told() {
    // The second call of an instance traps, and in a new one the record passes.
    let second = "(global.set $calls (i32.add (global.get $calls) (i32.const 1)))\
                  (if (i32.gt_u (global.get $calls) (i32.const 1)) (then (unreachable)))";
    let guest = Guest::named("tiring").with("(global $calls (mut i32) (i32.const 0))").when('T', second);
    let fixture = Fixture::new(&guest, &format!("{WITHOUT}\nbatch = {{ records = 1 }}"), "");
    assert_eq!(fixture.told(), "");
    fixture.write("in.ndjson", "{\"payload\":\"T\"}\n{\"payload\":\"T\"}\n");
    let told = fixture.told();
    assert!(
        told.contains("interceptor `guest` faults (trap) in 1 of its calls, while each of their records passes"),
        "{told}"
    );
}

#[test]
fn a_dead_letter_that_is_asked_for_passes_without_an_expectation() {
    let fixture = Fixture::new(&stamping("1"), "dead_letter = \"dead\"\nprobe = \"in.ndjson\"", "");
    assert_eq!(fixture.told(), "", "nothing routes them");
    let routed = "[[pipelines.p.interceptors]]\nplugin = \"mod-router\"\n\
                  config = { from = { json = \"/id\" }, buckets = 2, topic = \"to-{bucket}\", missing = \"dead-letter\" }";
    let fixture = Fixture::new(&stamping("1"), &format!("{WITHOUT}\ntopics = [\"to-*\"]"), routed);
    assert_eq!(fixture.told(), "", "a verdict");
}

#[test]
fn a_fault_passes_where_its_dead_letter_is_expected() {
    let fixture = Fixture::new(&trapping(), WITH, "");
    let config = fixture.config_without_probe();
    let blueprint = Blueprint::build(&fixture.engine, &config, &config.pipelines["p"], Arc::from("")).unwrap();
    let mut chain = blueprint.prepare(None).unwrap().adopt(None);
    let mut out = Vec::new();
    let mut input = Reader::new(INPUT.as_bytes(), Format::Records, "in");
    replay::run(&mut chain, blueprint.pipeline().batch, &mut input, |produced| {
        produced.write(&mut out);
        Ok::<(), std::convert::Infallible>(())
    })
    .unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("weir.error.kind"), "{out}");
    fixture.write("out.ndjson", &out);
    assert_eq!(fixture.told(), "");
}

impl Fixture {
    fn config_without_probe(&self) -> Config {
        let read = config::load_or_part(&self.path("weir.toml"), config::References::Resolve, config::Probes::LeaveOut);
        let config = read.unwrap_or_else(|part| panic!("{}", part.mistakes.render(false)));
        assert_eq!(config.pipelines["p"].probe, None);
        config
    }
}

#[test]
fn a_probe_that_takes_too_long_is_refused_within_a_batch() {
    let guest = Guest::named("endless").when('T', "(loop $on (br $on))");
    let fixture = Fixture::new(&guest, &format!("{WITHOUT}\nbatch = {{ records = 1 }}"), "deadline = \"200ms\"");
    fixture.write("in.ndjson", &"{\"payload\":\"T\"}\n".repeat(1000));
    let begun = Instant::now();
    let told = fixture.told_within(Duration::from_millis(300), &Cancel::default());
    assert!(told.contains("it takes longer than 300ms (it runs at every change: take fewer records)"), "{told}");
    // Each of its thousand records takes twice its deadline.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn a_probe_that_nobody_waits_for_ends_with_the_call_that_is_under_way() {
    let guest = Guest::named("endless").when('T', "(loop $on (br $on))");
    let fixture = Fixture::new(&guest, WITHOUT, "deadline = \"5s\"");
    fixture.write("in.ndjson", &"{\"payload\":\"T\"}\n".repeat(100));
    let cancel = Cancel::default();
    let begun = Instant::now();
    let told = std::thread::scope(|scope| {
        let probed = scope.spawn(|| fixture.told_within(Duration::from_secs(600), &cancel));
        std::thread::sleep(Duration::from_millis(500));
        cancel.cancel();
        probed.join().unwrap()
    });
    assert!(told.contains("it was given up"), "{told}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_chain_whose_time_is_over_stops_before_its_next_batch() {
    let fixture = Fixture::new(&stamping("1"), WITHOUT, "");
    let config = fixture.config();
    let blueprint = Blueprint::build(&fixture.engine, &config, &config.pipelines["p"], Arc::from("")).unwrap();
    let run = |limit: TimeLimit| {
        let mut chain = blueprint.prepare(None).unwrap().adopt(None).within(limit);
        let mut input = Reader::new(INPUT.as_bytes(), Format::Records, "in");
        let mut out = 0;
        let ended = replay::run(&mut chain, blueprint.pipeline().batch, &mut input, |_| {
            out += 1;
            Ok::<(), std::convert::Infallible>(())
        });
        (out, ended.is_ok())
    };
    let soon = Instant::now() + Duration::from_secs(600);
    assert_eq!(run(TimeLimit { cancel: Cancel::default(), until: soon }), (2, true));
    assert_eq!(run(TimeLimit { cancel: Cancel::default(), until: Instant::now() }), (0, false));
    let cancel = Cancel::default();
    cancel.cancel();
    assert_eq!(run(TimeLimit { cancel, until: soon }), (0, false));
}

#[test]
fn files_that_are_none_of_a_probe_are_told_with_line_and_cure() {
    let fixture = Fixture::new(&stamping("1"), WITH, "");
    fixture.write("in.ndjson", "{}\n{\"payload\":\n");
    fixture.write("out.ndjson", "nonsense\n");
    let [input, expect] = &fixture.files()[..] else { panic!("{:?}", fixture.files()) };
    assert!(input.starts_with("weir.toml:8:19: `in.ndjson` cannot be read: line 2: column "), "{input}");
    assert!(input.ends_with("(a line is a record as JSON, as `weir capture` writes it)"), "{input}");
    assert!(expect.starts_with("weir.toml:8:41: `out.ndjson` cannot be read: line 1: column "), "{expect}");
    assert!(expect.ends_with("--input in.ndjson --expect out.ndjson --update)"), "{expect}");
    fixture.write("out.ndjson", "");
    for (text, words) in
        [("\n \n".to_owned(), "holds no record"), ("{}\n".repeat(10_001), "holds more than 10000 records")]
    {
        fixture.write("in.ndjson", &text);
        let told = fixture.files();
        assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
    }
    fixture.write("in.ndjson", &"{}\n".repeat(10_000));
    assert_eq!(fixture.files(), [""; 0]);
}
