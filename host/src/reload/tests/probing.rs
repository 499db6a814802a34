//! What a new generation must pass before it serves.

use super::*;

const PROBE: &str = "probe = { input = \"in.ndjson\", expect = \"expected.ndjson\" }";

fn expected(topic: &str) -> String {
    format!("{{\"topic\":\"{topic}\",\"payload\":\"a\"}}\n")
}

fn to(topic: &str) -> String {
    format!("{HEAD}{}", pipeline("p", &format!("to = \"{topic}\"\n{PROBE}")))
}

fn file(fixture: &Fixture, name: &str, text: &str) {
    fs::write(fixture.folder.path().join(name), text).unwrap();
}

/// One whose pipeline `p` passes its probe as long as it writes to `one`.
fn probed() -> (Fixture, Reloader) {
    let (fixture, reloader) = Fixture::new(&format!("{HEAD}{}", pipeline("p", "to = \"one\"")));
    file(&fixture, "in.ndjson", "{\"payload\":\"a\"}\n");
    file(&fixture, "expected.ndjson", &expected("one"));
    fixture.write(&to("one"));
    (fixture, reloader)
}

#[test]
fn a_change_that_does_not_pass_its_probe_is_refused_and_one_that_does_is_applied() {
    let (fixture, mut reloader) = probed();
    let digest = reloader.digest();
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged, "a probe alone is no new generation");
    fixture.write(&to("two"));
    let refused = attempt(&mut reloader);
    rejected(&refused, "weir.toml:8:41: `");
    rejected(&refused, "expected.ndjson`: record 1 differs (from input line 1): topic expected one, got two (if that");
    assert_eq!(attempt(&mut reloader), refused, "the same content is refused the same");
    assert!(fixture.done().is_empty());
    assert_eq!(reloader.digest(), digest);
    file(&fixture, "expected.ndjson", &expected("two"));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 2, .. }));
    assert_eq!(fixture.done(), ["swap p 2"]);
}

#[test]
fn a_probe_that_changes_alone_is_looked_at_and_refused_where_what_serves_does_not_pass_it() {
    let (fixture, mut reloader) = probed();
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    file(&fixture, "in.ndjson", "{\"payload\":\"b\"}\n");
    rejected(&attempt(&mut reloader), "payload expected \"a\", got \"b\"");
    file(&fixture, "expected.ndjson", &expected("one").replace("\"a\"", "\"b\""));
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    file(&fixture, "in.ndjson", "nonsense\n");
    rejected(&attempt(&mut reloader), "in.ndjson` cannot be read: line 1: column ");
    fs::remove_file(fixture.folder.path().join("in.ndjson")).unwrap();
    rejected(&attempt(&mut reloader), "weir.toml:8:19: `in.ndjson` cannot be read: it does not exist");
    assert!(fixture.done().is_empty());
}

#[test]
fn a_pipeline_that_stays_as_it_is_is_not_probed_once_more() {
    // What serves in this test has not passed: that shows who is probed.
    let config = |to: &str, more: &str| {
        let probed = pipeline("b", &format!("to = \"out\"\n{PROBE}\n{more}"));
        format!("{HEAD}{}{probed}", pipeline("a", &format!("to = \"{to}\"")))
    };
    let (fixture, _) = Fixture::new(&format!("{HEAD}{}", pipeline("p", "to = \"out\"")));
    file(&fixture, "in.ndjson", "{\"payload\":\"a\"}\n");
    file(&fixture, "expected.ndjson", &expected("other"));
    let mut reloader = fixture.reloader(&config("one", ""), Engine::new(None).unwrap());
    fixture.write(&config("two", ""));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 2, .. }));
    fixture.write(&config("two", "batch = { records = 1 }"));
    rejected(&attempt(&mut reloader), "topic expected other, got out");
}

#[test]
fn what_is_rolled_back_to_is_not_probed_again() {
    let (fixture, mut reloader) = probed();
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    file(&fixture, "expected.ndjson", &expected("two"));
    fixture.write(&to("two"));
    assert!(matches!(attempt(&mut reloader), Outcome::Applied { generation: 2, .. }));
    assert!(matches!(reloader.roll_back(None, "asked"), Outcome::RolledBack { generation: 3, .. }));
    assert_eq!(fixture.done(), ["swap p 2", "swap p 3"]);
}

#[test]
fn a_probe_file_is_watched_as_the_configuration_is() {
    let (fixture, mut reloader) = probed();
    assert_eq!(attempt(&mut reloader), Outcome::Unchanged);
    let (_reload, heard) = thread::started(reloader);
    file(&fixture, "in.ndjson", "{\"payload\":\"b\"}\n");
    rejected(&heard.recv_timeout(thread::SOON).unwrap(), "payload expected \"a\", got \"b\"");
    file(&fixture, "in.ndjson", "{\"payload\":\"a\"}\n");
    assert_eq!(heard.recv_timeout(thread::SOON).unwrap(), Outcome::Unchanged, "the refusal is over");
    assert!(fixture.done().is_empty());
}

#[test]
fn a_newer_change_gives_up_the_probe_that_is_running() {
    let with_probe = with_plugin("deadline = \"5s\"").replace("to = \"out\"", "to = \"out\"\nprobe = \"in.ndjson\"");
    let (fixture, _) = Fixture::new(&with_plugin(""));
    file(&fixture, "in.ndjson", &"{\"payload\":\"!l\"}\n".repeat(20));
    let reloader = fixture.reloader(&with_probe, Engine::new(None).unwrap());
    let (_reload, heard) = thread::started(reloader);
    let endless = Guest::named("endless").when('!', "(loop $on (br $on))").text();
    fixture.guest(&endless);
    // It must be under way; were it not, nothing would be given up, and the test would see less.
    assert_eq!(heard.recv_timeout(Duration::from_secs(1)), Err(std::sync::mpsc::RecvTimeoutError::Timeout));
    let begun = Instant::now();
    fixture.guest(&format!("{HUMBLE};; another build\n"));
    assert_eq!(heard.recv_timeout(thread::SOON).unwrap(), Outcome::Superseded);
    let outcome = heard.recv_timeout(thread::SOON).unwrap();
    assert!(matches!(outcome, Outcome::Applied { generation: 2, .. }), "{outcome:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
