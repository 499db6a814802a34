#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use std::cell::RefCell;

use weir_tests::Guest;

use super::*;
use crate::{
    endpoint::{Outgoing, Partition, Position, Sink as _, Tag},
    kafka::{Headers, MockCluster, Producer, Reader, Step},
    metrics::Name,
    pipeline::State,
};

/// An app of one pipeline `p` from `in` to `out` on a cluster inside the process. Its plugin traps on records that
/// begin with `T`.
struct Bench {
    app: App,
    producer: Producer,
    reader: Reader,
    folder: tempfile::TempDir,
    _cluster: MockCluster,
}

impl Bench {
    fn start(on_fault: &str) -> Self {
        let cluster = MockCluster::start().unwrap();
        cluster.create(["in", "out", "dead"], 1).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs_write(&folder, "guest.wat", &Guest::named("trap").when('T', "(unreachable)").text());
        let path = folder.path().join("weir.toml");
        fs_write(&folder, "weir.toml", &config(&cluster.address(), on_fault));
        let engine = Engine::new(None).unwrap();
        let config =
            load(&engine, &path, Look::default()).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
        let (blueprints, _) = blueprints(&engine, &config).unwrap();
        let metrics = Arc::new(Metrics::default());
        let app = App::start(&config, &blueprints, Limits::new(), &metrics, &Signals::listen().unwrap()).unwrap();
        let (producer, reader) = (Producer::plain(&config.kafka).unwrap(), Reader::connect(&config.kafka).unwrap());
        app.watch(&path, engine, config, None, false).unwrap();
        Self { app, producer, reader, folder, _cluster: cluster }
    }

    fn produce(&mut self, values: &[&str]) {
        for value in values {
            let message = Outgoing {
                topic: "in",
                partition: Some(0),
                key: None,
                value: Some(value.as_bytes()),
                timestamp: None,
                tag: Tag { slot: 0, output: 0, partition: 0 },
            };
            self.producer.send(&message, Headers::NONE, std::iter::empty(), None).unwrap();
        }
        while self.producer.held() > 0 {
            self.producer.serve(Duration::from_millis(10), |report| assert_eq!(report.refused, None));
        }
    }

    /// What stands in a topic.
    fn contents(&self, topic: &str) -> Vec<String> {
        let partition = Partition { topic: topic.into(), number: 0 };
        self.reader.read_from(&[Position { partition, offset: 0 }]).unwrap();
        let mut values = Vec::new();
        loop {
            match self.reader.next(Duration::from_secs(5)).unwrap() {
                Step::Record(record) => values.push(String::from_utf8(record.value.unwrap()).unwrap()),
                Step::End(_) => return values,
                Step::Nothing => {}
                Step::Denied => panic!("denied"),
            }
        }
    }

    /// Reloads with `on_fault = "dead-letter"`.
    fn cure(&self) -> Option<reload::Outcome> {
        let text = std::fs::read_to_string(self.folder.path().join("weir.toml")).unwrap();
        fs_write(&self.folder, "weir.toml", &text.replace("\"stop\"", "\"dead-letter\""));
        self.app.reload()
    }

    fn state(&self) -> State {
        self.app.status()[0].state.clone()
    }

    fn settled(&self) -> i64 {
        self.app.status()[0].partitions.iter().map(|one| one.watermark).sum()
    }

    #[track_caller]
    fn eventually(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + Duration::from_secs(30);
        while !is_so(self) {
            assert!(Instant::now() < until, "{what}: {:?}", self.app.status());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn fs_write(folder: &tempfile::TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

/// The session is short because the cluster keeps a group's last member that has left until its session is over.
fn config(brokers: &str, on_fault: &str) -> String {
    format!(
        "[kafka]\nbrokers = \"{brokers}\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\nto = \"out\"\n\
         dead_letter = \"dead\"\nworkers = 1\n[pipelines.p.consumer]\n\"fetch.wait.max.ms\" = 10\n\
         \"session.timeout.ms\" = 1000\n\"heartbeat.interval.ms\" = 200\n\
         [[pipelines.p.interceptors]]\nplugin = \"./guest.wat\"\non_fault = \"{on_fault}\"\n"
    )
}

#[test]
fn a_paused_pipeline_reads_nothing_until_it_is_resumed_and_then_every_record_once() {
    let mut bench = Bench::start("dead-letter");
    bench.produce(&["a", "b"]);
    bench.eventually("the first are settled", |bench| bench.settled() == 2);
    assert!(bench.app.is_ready());
    bench.app.pause("p").unwrap();
    assert!(!bench.app.is_ready());
    bench.produce(&["c"]);
    assert_eq!(bench.app.resume("p"), Ok(()));
    bench.eventually("the rest is settled", |bench| bench.settled() == 3 && bench.app.is_ready());
    assert_eq!(bench.contents("out"), ["a", "b", "c"]);
    assert!(bench.app.end(&Ending::Asked), "nothing has stopped by itself");
}

#[test]
fn a_stopped_pipeline_stops_again_at_the_same_record_where_nothing_has_changed() {
    let mut bench = Bench::start("stop");
    bench.produce(&["a", "T", "b"]);
    bench.eventually("it stops", |bench| matches!(bench.state(), State::Stopped(_)));
    assert_eq!(bench.app.wait(), Ending::Stopped);
    assert_eq!(bench.app.resume("p"), Ok(()));
    bench.eventually("it stops again", |bench| matches!(bench.state(), State::Stopped(_)));
    assert!(bench.contents("out").iter().all(|value| value == "a"));
    assert!(!bench.app.end(&Ending::Asked), "it has stopped by itself");
}

#[test]
fn a_reload_leaves_a_paused_pipeline_paused_and_gives_it_the_new_chain() {
    let mut bench = Bench::start("stop");
    bench.produce(&["a"]);
    bench.eventually("the first is settled", |bench| bench.settled() == 1);
    bench.app.pause("p").unwrap();
    bench.produce(&["T", "b"]);
    bench.cure();
    bench.eventually("the chain is new", |bench| bench.app.status()[0].generation == 2);
    assert_eq!(bench.state(), State::Stopped(pipeline::StopReason::Paused));
    bench.app.resume("p").unwrap();
    bench.eventually("everything is settled", |bench| bench.settled() == 3);
    assert_eq!((bench.contents("out"), bench.contents("dead")), (vec!["a".into(), "b".into()], vec!["T".to_owned()]));
    assert!(bench.app.end(&Ending::Asked));
}

#[test]
fn what_runs_or_is_not_there_is_not_resumed() {
    let bench = Bench::start("stop");
    assert_eq!(bench.app.resume("p"), Err(OperationError::NotStopped("p".to_owned())));
    assert_eq!(bench.app.resume("q"), Err(OperationError::Unknown("q".to_owned())));
    assert_eq!(bench.app.pause("q"), Err(OperationError::Unknown("q".to_owned())));
    assert!(bench.app.end(&Ending::Asked));
    assert_eq!(bench.app.reload(), None, "it has ended");
}

#[test]
fn a_reload_that_cures_a_stopped_pipeline_starts_it_again_and_says_so() {
    let mut bench = Bench::start("stop");
    bench.produce(&["a", "T", "b"]);
    bench.eventually("it stops", |bench| matches!(bench.state(), State::Stopped(_)));
    match bench.cure() {
        Some(reload::Outcome::Applied { generation: 2, changes, .. }) => assert_eq!(changes.revived, ["p"]),
        // The watch may have been first.
        outcome => assert_eq!(outcome, Some(reload::Outcome::Unchanged)),
    }
    bench.eventually("everything is settled", |bench| bench.settled() == 3);
    assert_eq!(bench.contents("dead"), ["T"]);
    assert_eq!(bench.contents("out").last().map(String::as_str), Some("b"));
    assert_eq!(bench.app.status()[0].generation, 2);
    assert!(bench.app.end(&Ending::Asked));
}

impl Bench {
    /// Replaces something in the configuration and reloads.
    fn change(&self, from: &str, to: &str) -> Option<reload::Outcome> {
        let text = std::fs::read_to_string(self.folder.path().join("weir.toml")).unwrap();
        assert!(text.contains(from), "{text}");
        fs_write(&self.folder, "weir.toml", &text.replace(from, to));
        self.app.reload()
    }

    fn last_outcome(&self) -> Option<reload::Outcome> {
        self.app.last_reload().map(|last| last.outcome)
    }
}

#[test]
fn a_pipeline_that_starts_again_for_a_new_batch_goes_on_from_its_watermark_and_a_paused_one_stays_paused() {
    let mut bench = Bench::start("dead-letter");
    bench.produce(&["a"]);
    bench.eventually("the first is settled", |bench| bench.settled() == 1);
    bench.change("workers = 1", "workers = 2");
    bench.produce(&["b"]);
    bench.eventually("it goes on", |bench| bench.settled() == 2 && bench.app.is_ready());
    assert_eq!(bench.contents("out"), ["a", "b"]);
    bench.app.pause("p").unwrap();
    bench.change("workers = 2", "workers = 1");
    bench.eventually("it is another one", |bench| bench.app.status()[0].generation == 3);
    assert_eq!(bench.state(), State::Stopped(pipeline::StopReason::Paused));
    bench.produce(&["c"]);
    assert_eq!(bench.app.resume("p"), Ok(()));
    bench.eventually("it goes on", |bench| bench.settled() == 3);
    assert_eq!(bench.contents("out"), ["a", "b", "c"]);
    assert!(bench.app.end(&Ending::Asked));
}

#[test]
fn a_generation_that_faults_is_rolled_back_by_itself_and_stays_refused() {
    let mut bench = Bench::start("dead-letter");
    bench.produce(&["a", "T"]);
    bench.eventually("they are settled", |bench| bench.settled() == 2);
    // Of the first generation nothing is before: its fault changes nothing. The second one traps on what the first took.
    fs_write(&bench.folder, "guest.wat", &Guest::named("trap").when('b', "(unreachable)").text());
    bench.change("workers = 1", "workers = 1\nrollback = { faults = \"1%\", over = \"1m\", min = 1 }");
    bench.eventually("the chain is new", |bench| bench.app.status()[0].generation == 2);
    bench.produce(&["b1"]);
    let looks = RefCell::new(Looks::new(Instant::now()));
    bench.eventually("it is rolled back, and told", |bench| {
        assert_eq!(bench.app.look(&mut looks.borrow_mut()), None);
        matches!(bench.last_outcome(), Some(reload::Outcome::RolledBack { left: 2, generation: 3, .. }))
    });
    assert_eq!(bench.app.status()[0].generation, 3);
    let refused = bench.app.reload();
    assert!(refused.as_ref().is_some_and(reload::Outcome::is_refusal), "{refused:?}");
    bench.produce(&["b2"]);
    bench.eventually("everything is settled", |bench| bench.settled() == 4);
    assert_eq!(
        (bench.contents("out"), bench.contents("dead")),
        (vec!["a".into(), "b2".into()], vec!["T".to_owned(), "b1".to_owned()])
    );
    assert!(bench.app.end(&Ending::Asked));
}

#[test]
fn a_generation_that_stops_its_pipeline_is_rolled_back_before_weir_gives_up() {
    let mut bench = Bench::start("stop");
    bench.produce(&["a"]);
    bench.eventually("it is settled", |bench| bench.settled() == 1);
    fs_write(&bench.folder, "guest.wat", &Guest::named("trap").when('b', "(unreachable)").text());
    bench.change("workers = 1", "workers = 1\nrollback = { faults = \"50%\", over = \"1m\", min = 1000 }");
    bench.eventually("the chain is new", |bench| bench.app.status()[0].generation == 2);
    bench.produce(&["b"]);
    let looks = RefCell::new(Looks::new(Instant::now()));
    bench.eventually("the record is out", |bench| {
        // Its only pipeline stops, and weir does not end for that.
        assert_eq!(bench.app.look(&mut looks.borrow_mut()), None);
        bench.settled() == 2
    });
    assert_eq!(bench.contents("out"), ["a", "b"]);
    assert!(bench.app.end(&Ending::Asked));
}

#[test]
fn a_change_that_does_not_pass_its_probe_is_refused_while_records_flow_and_the_next_one_is_applied() {
    let mut bench = Bench::start("dead-letter");
    bench.produce(&["a"]);
    bench.eventually("it is settled", |bench| bench.settled() == 1);
    fs_write(&bench.folder, "probe.ndjson", "{\"payload\":\"x\"}\n{\"payload\":\"y\"}\n");
    bench.change("workers = 1", "probe = \"probe.ndjson\"\nworkers = 1");
    fs_write(&bench.folder, "guest.wat", &Guest::named("trap").when('y', "(unreachable)").text());
    let refused = bench.app.reload().map(|outcome| outcome.to_string()).unwrap_or_default();
    let told = "weir.toml:8:9: pipeline `p` does not pass";
    assert!(refused.contains(told) && refused.contains("probe.ndjson`: line 2: a fault (trap)"), "{refused}");
    assert_eq!(bench.last_outcome().map(|outcome| outcome.to_string()), Some(refused));
    bench.produce(&["y1"]);
    bench.eventually("what served goes on", |bench| bench.settled() == 2);
    assert_eq!(bench.app.status()[0].generation, 1);
    fs_write(&bench.folder, "guest.wat", &Guest::named("trap").when('z', "(unreachable)").text());
    bench.app.reload();
    bench.eventually("the chain is new", |bench| bench.app.status()[0].generation == 2);
    bench.produce(&["b", "z1"]);
    bench.eventually("everything is settled", |bench| bench.settled() == 4);
    assert_eq!(
        (bench.contents("out"), bench.contents("dead")),
        (["a", "y1", "b"].map(str::to_owned).to_vec(), vec!["z1".to_owned()])
    );
    // Nothing is counted but the records that came from Kafka.
    let count = |name| bench.app.metrics.series(name).iter().map(|(_, count)| count).sum::<u64>();
    assert_eq!([Name::RecordsIn, Name::RecordsDead, Name::Faults].map(count), [4, 1, 1]);
    assert_eq!(bench.app.recent_deaths("p", 10).unwrap().len(), 1);
    assert!(bench.app.end(&Ending::Asked));
}
