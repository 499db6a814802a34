#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

use super::*;
use crate::{
    delivery::{Fates, Ledger},
    endpoint::{Broken, Error, TopicsTold},
    threads::lock,
};

/// What the sinks of one writer were told, and what they tell.
#[derive(Default)]
struct World {
    sent: Vec<(String, String, Tag)>,
    reports: VecDeque<Report>,
    held: usize,
    broken: Option<Broken>,
    /// Of the sink that is in use, from 0.
    sink: usize,
    questions: Vec<String>,
    answer: Option<TopicsTold>,
}

struct FakeSink(Arc<Mutex<World>>);

impl Sink for FakeSink {
    type Headers = ();

    fn send<'a>(
        &mut self,
        message: &Outgoing<'_>,
        (): (),
        _: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        _: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), Refused> {
        let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
        let mut world = lock(&self.0);
        assert_eq!(message.topic, "ledger");
        world.sent.push((text(message.key), text(message.value), message.tag));
        world.held += 1;
        Ok(())
    }

    fn serve(&mut self, _: Duration, each: impl FnMut(Report)) {
        let mut world = lock(&self.0);
        let reports = std::mem::take(&mut world.reports);
        world.held = world.held.saturating_sub(reports.len());
        drop(world);
        reports.into_iter().for_each(each);
    }

    fn flush(&mut self, _: Duration) {}

    fn broken(&self) -> Option<Broken> {
        lock(&self.0).broken.clone()
    }

    fn held(&self) -> usize {
        lock(&self.0).held
    }

    fn give_up(&mut self, _: bool) {}

    fn ask_topics(&mut self, topics: &[&str]) {
        lock(&self.0).questions.extend(topics.iter().map(|topic| (*topic).to_owned()));
    }

    fn topics_told(&mut self) -> Option<Result<TopicsTold, Error>> {
        lock(&self.0).answer.take().map(Ok)
    }

    fn discard(self) {}

    fn renew(&self) -> Result<Self, Error> {
        let mut world = lock(&self.0);
        (world.broken, world.held) = (None, 0);
        world.sink += 1;
        Ok(Self(Arc::clone(&self.0)))
    }

    fn isolating(&self) -> Result<Self, Error> {
        self.renew()
    }

    fn request_limits(&self) -> (usize, usize) {
        (1, 1)
    }

    fn linger(&self) -> Duration {
        Duration::ZERO
    }

    fn compresses(&self) -> bool {
        false
    }
}

struct Bench {
    writer: LedgerWriter<FakeSink>,
    world: Arc<Mutex<World>>,
    ledger: Ledger<Partition>,
    now: Instant,
}

fn partition(number: i32) -> Partition {
    Partition { topic: "in".into(), number }
}

impl Bench {
    fn new() -> Self {
        let world: Arc<Mutex<World>> = Arc::default();
        let writer = LedgerWriter::new(FakeSink(Arc::clone(&world)), "ledger", "p", &Arc::default());
        Self { writer, world, ledger: Ledger::recording(), now: Instant::now() }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    /// A range of a partition under a new assignment is to be written.
    fn write(&mut self, number: i32, value: &str) -> Assignment {
        let assignment = self.ledger.assign(partition(number), 0);
        self.write_next(number, assignment, 10, value);
        assignment
    }

    fn write_next(&mut self, number: i32, assignment: Assignment, to: i64, value: &str) {
        let (partition, fates) = (partition(number), Fates::default());
        let range = Range { partition, assignment, from: to - 10, to, generation: 1, fates };
        self.writer.write(self.now, &range, format!("g/in/{number}"), value.as_bytes().to_vec());
        self.writer.advance(self.now);
    }

    /// Some time later.
    fn serve(&mut self, ms: u64) -> Vec<Told> {
        self.now += Duration::from_millis(ms);
        self.writer.serve(self.now, Duration::ZERO)
    }

    /// The values that were sent since the last look.
    fn sent(&self) -> Vec<String> {
        self.world().sent.drain(..).map(|(_, value, _)| value).collect()
    }

    /// The message that was sent as `value` is reported so.
    fn report(&self, value: &str, refused: Option<Refusal>) {
        let mut world = self.world();
        let tag = world.sent.iter().rev().find(|(_, other, _)| other == value).unwrap().2;
        let refused = refused.map(|kind| Refused { kind, too_large: false, reason: format!("{kind:?}") });
        world.reports.push_back(Report { tag, refused });
    }
}

fn recorded(number: i32, assignment: Assignment, to: i64) -> Told {
    Told::Recorded { partition: partition(number), assignment, to }
}

#[test]
fn a_range_is_recorded_once_its_message_is_delivered() {
    let mut bench = Bench::new();
    let assignment = bench.write(3, "a");
    let (key, value, tag) = bench.world().sent[0].clone();
    assert_eq!((&*key, &*value, tag.partition), ("g/in/3", "a", 3));
    assert_eq!(bench.serve(50), []);
    bench.report("a", None);
    assert_eq!(bench.serve(50), [recorded(3, assignment, 10)]);
    assert_eq!(bench.serve(50), []);
    bench.write_next(3, assignment, 20, "b");
    bench.report("b", None);
    assert_eq!(bench.serve(0), [recorded(3, assignment, 20)]);
}

#[test]
fn what_is_refused_for_now_is_sent_again_and_holds_no_other_partition_up() {
    let mut bench = Bench::new();
    let first = bench.write(0, "a");
    let second = bench.write(1, "b");
    bench.report("a", Some(Refusal::Retriable));
    bench.report("b", None);
    bench.sent();
    assert_eq!(bench.serve(0), [recorded(1, second, 10)]);
    assert_eq!(bench.sent(), [""; 0], "not at once");
    assert_eq!(bench.serve(300), []);
    bench.report("a", None);
    assert_eq!((bench.sent(), bench.serve(0)), (vec!["a".to_owned()], vec![recorded(0, first, 10)]));
}

#[test]
fn a_ledger_topic_that_is_missing_is_asked_for_until_it_is_there() {
    let mut bench = Bench::new();
    let assignment = bench.write(0, "a");
    bench.report("a", Some(Refusal::Topic));
    bench.sent();
    for _ in 0..30 {
        assert_eq!(bench.serve(100), [], "the pipeline goes on");
    }
    assert_eq!(bench.sent(), [""; 0]);
    let asked = bench.world().questions.len();
    assert!((3..=4).contains(&asked), "{asked} questions within 3 s");
    bench.world().answer = Some(TopicsTold { present: vec![], absent: vec!["ledger".to_owned()] });
    assert_eq!((bench.serve(100), bench.sent()), (vec![], vec![]));
    bench.world().answer = Some(TopicsTold { present: vec![("ledger".to_owned(), 1)], absent: vec![] });
    bench.serve(100);
    bench.serve(0);
    bench.report("a", None);
    assert_eq!((bench.sent(), bench.serve(0)), (vec!["a".to_owned()], vec![recorded(0, assignment, 10)]));
}

#[test]
fn what_is_refused_for_good_stops_the_pipeline_and_is_kept() {
    let right = Right::WriteTopic("ledger".to_owned());
    let not_allowed = StopReason::NotAllowed { right, reason: "Authorization".to_owned() };
    let refused = StopReason::LedgerRefused { topic: "ledger".to_owned(), reason: "Record".to_owned() };
    for (kind, reason) in [(Refusal::Authorization, not_allowed), (Refusal::Record, refused)] {
        let mut bench = Bench::new();
        let assignment = bench.write(0, "a");
        bench.report("a", Some(kind));
        assert_eq!(bench.serve(0), [Told::Stop(reason)]);
        // An operator may have put it right meanwhile.
        bench.sent();
        bench.serve(30_000);
        bench.report("a", None);
        assert_eq!(bench.serve(0), [recorded(0, assignment, 10)]);
    }
}

#[test]
fn requests_that_are_refused_again_and_again_and_blame_no_record_stop_the_pipeline() {
    let mut bench = Bench::new();
    bench.write(0, "a");
    let stop = Told::Stop(StopReason::LedgerRefused { topic: "ledger".to_owned(), reason: "Request".to_owned() });
    for attempt in 0..=MAX_REFUSALS {
        assert_eq!(bench.world().sent.len(), attempt + 1);
        bench.report("a", Some(Refusal::Request));
        let told = bench.serve(0);
        assert_eq!(told.contains(&stop), attempt == MAX_REFUSALS, "attempt {attempt}: {told:?}");
        bench.serve(1000);
    }
}

#[test]
fn what_a_broken_sink_did_not_deliver_is_sent_by_another_one() {
    let mut bench = Bench::new();
    let first = bench.write(0, "a");
    let second = bench.write(1, "b");
    bench.world().broken = Some(Broken { reason: "broken".to_owned(), cause: BrokenBy::Client });
    assert_eq!(bench.serve(0), []);
    assert_eq!(bench.world().sink, 0, "it may still tell what was delivered");
    bench.report("a", None);
    bench.report("b", Some(Refusal::Fatal));
    bench.sent();
    assert_eq!(bench.serve(50), [recorded(0, first, 10)]);
    assert_eq!(bench.world().sink, 1);
    bench.serve(50);
    bench.report("b", None);
    assert_eq!((bench.sent(), bench.serve(0)), (vec!["b".to_owned()], vec![recorded(1, second, 10)]));
}

#[test]
fn what_a_partition_leaves_behind_is_not_written_and_nothing_overtakes_what_is_on_its_way() {
    let mut bench = Bench::new();
    bench.write(0, "old");
    bench.writer.forget(&[partition(0)]);
    // The partition comes back while the old range is on its way.
    bench.write(0, "new");
    bench.serve(50);
    assert_eq!(bench.world().sent.len(), 1, "one of a partition at a time");
    bench.report("old", None);
    bench.sent();
    assert_eq!(bench.serve(50), [], "nobody asks any more");
    bench.report("new", Some(Refusal::Retriable));
    assert_eq!(bench.sent(), ["new"]);
    bench.serve(0);
    bench.writer.forget(&[partition(0)]);
    assert_eq!((bench.serve(1000), bench.sent()), (vec![], vec![]));
}
