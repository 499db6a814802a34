//! Random changes, good and bad, under load: what serves is the newest good one, and everybody is told the same.

use std::{collections::BTreeMap, fs, net::SocketAddr};

use rustix::process::Signal;
use serde_json::Value;
use weir_tests::{
    Broker, Gateway, Load, Record, Running, Tally, Topic,
    admin::{address, get, json, send},
    eventually,
    load::source,
    rng::Rng,
    unique, within,
};

use crate::{
    generations::{Lineage, stamp},
    setting,
};

mod changes;

use changes::{Bad, Files, State};

const CHANGES: usize = 60;
const PARTITIONS: i32 = 4;
/// How a change is made known.
const TRIGGERS: [&str; 4] = ["the watch", "SIGHUP", "POST /reload", "weir reload"];
/// What a reload may come to here, besides `unchanged` and `superseded`; and how its line in the log begins.
const OUTCOMES: [(&str, &str); 3] =
    [("applied", "reload: applied"), ("refused", "reload: rejected"), ("restart-needed", "reload: needs a restart")];

/// A weir under test, and what its files held last.
struct Fixture {
    gateway: Gateway,
    /// Beside it, where `weir check` tells a digest before anything runs it.
    twin: Gateway,
    running: Running,
    address: SocketAddr,
    files: Files,
}

impl Fixture {
    fn start(files: Files) -> Self {
        let (gateway, twin) = (Gateway::new(""), Gateway::new(""));
        put(&gateway, &Files::new(), &files);
        let running = gateway.run();
        let address = address(&running);
        Self { gateway, twin, running, address, files }
    }

    /// The digest of a good state, which weir has not seen yet.
    fn digest(&self, files: &Files) -> String {
        put(&self.twin, &Files::new(), files);
        let checked = self.twin.weir(&["check", "--json", "-c", "weir.toml"]).expect(0);
        let checked: Value = serde_json::from_slice(&checked.out).unwrap();
        checked["plan"][0]["digest"].as_str().unwrap().to_owned()
    }

    fn status(&self) -> Value {
        json(get(self.address, "/status")).1
    }

    /// How many reloads came to each of [`OUTCOMES`], as the metric says.
    fn counts(&self) -> [u64; 3] {
        let metrics = get(self.address, "/metrics").1;
        OUTCOMES.map(|(word, _)| {
            let series = format!("weir_reloads_total{{outcome=\"{word}\"}} ");
            metrics.lines().find_map(|line| line.strip_prefix(&series)?.parse().ok()).unwrap_or(0)
        })
    }

    /// Puts these files into place and makes them known. What came of it is `outcome` and says `words`, wherever it is
    /// told, and nothing else has come of it.
    fn change(&mut self, from: &Files, to: &Files, trigger: &str, (outcome, words): (&str, &str)) -> Value {
        let (log, counts) = (self.running.log().len(), self.counts());
        put(&self.gateway, &self.files, from);
        put(&self.gateway, from, to);
        self.files = to.clone();
        let answer = match trigger {
            "SIGHUP" => {
                self.running.signal(Signal::HUP);
                None
            }
            "POST /reload" => Some(json(send(self.address, "POST", "/reload", "")).1.to_string()),
            "weir reload" => {
                let asked = self.gateway.weir(&["reload", "--admin", &format!("http://{}", self.address)]);
                assert_eq!(asked.status, Some(i32::from(outcome != "applied")), "{}{}", asked.text(), asked.err);
                Some(asked.text() + &asked.err)
            }
            _ => None,
        };
        let (at, line) = OUTCOMES.iter().enumerate().find(|(_, (word, _))| *word == outcome).unwrap();
        // A `configure` that loops is given up after five seconds of a processor, which may be a busy one.
        let said = eventually(120, &format!("the log says `{}`", line.1), || {
            self.running.log()[log..].lines().find(|said| said.contains(line.1)).map(str::to_owned)
        });
        assert!(said.contains(words), "the log says {said} and nothing of {words}");
        let now = eventually(30, &format!("the metric and the status tell `{outcome}`"), || {
            let (now, status) = (self.counts(), self.status());
            (now[at] > counts[at] && status["last_reload"]["outcome"] == outcome).then_some(now)
        });
        let reload = self.status()["last_reload"].clone();
        assert!(reload.to_string().contains(words), "the status tells {reload} and nothing of {words}");
        for other in (0..OUTCOMES.len()).filter(|other| *other != at) {
            assert_eq!(now[other], counts[other], "also counted as {}", OUTCOMES[other].0);
        }
        if let Some(answer) = answer {
            // The watch may have been first.
            let told = answer.contains(words) || outcome == "applied" && answer.contains("unchanged");
            assert!(told, "{trigger} answers {answer} and nothing of {words}");
        }
        // Whoever asks is told once more what the watch has told.
        if trigger == TRIGGERS[0] {
            assert_eq!(now[at], counts[at] + 1, "told more than once as {outcome}");
        }
        reload
    }
}

/// Writes what differs, each by a rename or in place, as its length has it, and removes what is gone.
fn put(gateway: &Gateway, from: &Files, to: &Files) {
    for (name, content) in to.iter().filter(|(name, content)| from.get(*name) != Some(*content)) {
        if content.len() % 2 == 0 {
            gateway.write(name, content);
        } else {
            fs::write(gateway.path(name), content).unwrap();
        }
    }
    for name in from.keys().filter(|name| !to.contains_key(*name)) {
        fs::remove_file(gateway.path(name)).unwrap();
    }
}

/// Whether a record of this stamp is among the last.
fn serves(to: &str, digest: &str) {
    eventually(60, &format!("{digest} makes records"), || {
        let last = Broker::shared().oracle.last(to);
        last.iter().any(|record| record.text("generation").as_deref() == Some(stamp(digest))).then_some(())
    });
}

fn sixty_changes(seed: u64) {
    let (broker, mut rng) = (Broker::shared(), Rng::new(seed));
    let (from, to) = (unique("random"), unique("random-out"));
    broker.oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
    let mut good = State::first();
    let files = |state: &State| state.files(&broker.address, &from, &to);
    let mut fixture = Fixture::start(files(&good));
    let load = Load::start(broker, &from, PARTITIONS, 1000);
    let mut served = vec![(fixture.digest(&files(&good)), good.clone())];
    serves(&to, &served[0].0);
    let mut last = None;
    for change in 0..CHANGES {
        let trigger = rng.pick(&TRIGGERS);
        let before = files(&good);
        if rng.below(5) < 3 {
            let mut next = good.clone();
            let kind = next.change(&mut rng);
            note(&format!("change {change}: {kind} by {trigger}"));
            let digest = fixture.digest(&files(&next));
            let told = fixture.change(&before, &files(&next), trigger, ("applied", &digest));
            let way = if next.starts_again(&good) { "restarted" } else { "swapped" };
            assert_eq!(told[way], serde_json::json!(["p"]), "change {change}: {told}");
            good = next;
            served.push((digest, good.clone()));
            serves(&to, &served[served.len() - 1].0);
        } else {
            // The same once more would be no news to the watch.
            let others: Vec<Bad> = Bad::ALL.into_iter().filter(|bad| Some(*bad) != last).collect();
            let bad = rng.pick(&others);
            last = Some(bad);
            note(&format!("change {change}: {bad:?} by {trigger}"));
            let (spoiled, outcome, words) = bad.spoil(&good, &mut rng, files);
            fixture.change(&before, &spoiled, trigger, (outcome, words));
        }
        let status = fixture.status();
        let newest = &served[served.len() - 1].0;
        assert_eq!(status["pipelines"][0]["digest"], **newest, "after change {change}");
        assert_eq!(status["pipelines"][0]["generation"], served.len() as u64, "after change {change}");
    }
    let sent = load.finish();
    eventually(120, "everything is settled", || {
        (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
    });
    assert!(fixture.running.lives());
    assert!(fixture.running.stop().0.success());
    let outputs = broker.oracle.read(&[&to]);
    assert_eq!(Tally::of(&outputs, sent, PARTITIONS), Tally::default(), "of {sent} records");
    let digests: Vec<String> = served.iter().map(|(digest, _)| digest.clone()).collect();
    let mut lineage = Lineage::new(&digests, PARTITIONS);
    for record in &outputs {
        let at = lineage.add(source(record), &record.text("generation").expect("the stamp"));
        assert_eq!(headers(record), served[at].1.headers(source(record).0), "of generation {at}: {record:?}");
    }
    lineage.used();
}

/// Shown where the test fails.
#[allow(clippy::print_stderr, reason = "shown beside the failed test")]
fn note(text: &str) {
    eprintln!("{text}");
}

/// All that the chain wrote.
fn headers(record: &Record) -> BTreeMap<String, String> {
    let written = record.headers.iter().filter(|(name, _)| name != "source" && name != "generation");
    written.map(|(name, _)| (name.clone(), record.text(name).unwrap())).collect()
}

#[test]
fn after_each_of_sixty_random_changes_the_newest_good_one_serves_and_what_came_of_it_is_told_the_same_everywhere() {
    within(600, || {
        let seed = setting("WEIR_TEST_SEED", 29);
        note(&format!("WEIR_TEST_SEED={seed}"));
        sixty_changes(seed);
    });
}

#[test]
fn each_kind_of_bad_change_is_refused_and_told_the_same_in_answer_status_metric_and_log() {
    within(300, || {
        let (broker, mut rng) = (Broker::shared(), Rng::new(setting("WEIR_TEST_SEED", 29)));
        let (from, to) = (unique("each-bad"), unique("each-bad-out"));
        broker.oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
        let good = State::first();
        let files = |state: &State| state.files(&broker.address, &from, &to);
        let mut fixture = Fixture::start(files(&good));
        let digest = fixture.digest(&files(&good));
        eventually(60, "it is ready", || (get(fixture.address, "/ready").0 == 200).then_some(()));
        for bad in Bad::ALL {
            note(&format!("{bad:?}"));
            let (spoiled, outcome, words) = bad.spoil(&good, &mut rng, files);
            fixture.change(&files(&good), &spoiled, "POST /reload", (outcome, words));
            let status = fixture.status();
            assert_eq!(status["pipelines"][0]["digest"], *digest, "after {bad:?}");
            assert_eq!(status["pipelines"][0]["generation"], 1, "after {bad:?}");
        }
        assert!(fixture.running.stop().0.success());
    });
}
