#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use super::*;
use crate::{
    config::{self, Kafka},
    endpoint::{Outgoing, Position, Tag},
    kafka::{Answer, Connection, Headers, MockCluster, Producer, Reader, Step},
    metrics::Name,
    wasm::Engine,
};

const PARTITIONS: i32 = 4;
const RECORDS: i64 = 4000;
/// What the mock cluster answers a fetch of a partition: one batch, as it was sent.
const FETCHED: i64 = 40;

/// Sends numbered records to a topic of the mock cluster, and waits until the broker has them.
fn fill(kafka: &Kafka, records: i64) {
    let mut producer = Producer::plain(kafka).unwrap();
    for number in 0..records {
        let (partition, value) = (number as i32 % PARTITIONS, number.to_string());
        let message = Outgoing {
            topic: "in",
            partition: Some(partition),
            key: None,
            value: Some(value.as_bytes()),
            timestamp: Some(number + 1),
            tag: Tag { slot: 0, output: 0, partition },
        };
        producer.send(&message, Headers::NONE, std::iter::empty(), None).unwrap();
    }
    while producer.held() > 0 {
        producer.serve(Duration::from_millis(10), |report| assert_eq!(report.refused, None));
    }
}

/// What stands in each partition of a topic.
fn contents(kafka: &Kafka, topic: &str) -> BTreeMap<i32, Vec<i64>> {
    let reader = Reader::connect(kafka).unwrap();
    let mut all = BTreeMap::new();
    for number in 0..PARTITIONS {
        let partition = Partition { topic: topic.into(), number };
        reader.read_from(&[Position { partition, offset: 0 }]).unwrap();
        let mut numbers = Vec::new();
        loop {
            match reader.next(Duration::from_secs(5)).unwrap() {
                Step::Record(record) => {
                    numbers.push(String::from_utf8(record.value.unwrap()).unwrap().parse().unwrap())
                }
                Step::End(_) => break,
                Step::Nothing => {}
                Step::Denied => panic!("denied"),
            }
        }
        all.insert(number, numbers);
    }
    all
}

/// Runs every record through an empty chain while the broker answers so to requests of so many messages; answers the
/// metrics and the cluster.
fn run_against(answers: &[Option<Answer>], messages: usize) -> (Arc<Metrics>, Kafka, MockCluster) {
    run_on(messages, |cluster| cluster.answer_produce(answers))
}

/// The same on a cluster that `prepare` has set up, whose input comes in batches of [`FETCHED`] records.
fn run_on(messages: usize, prepare: impl Fn(&MockCluster)) -> (Arc<Metrics>, Kafka, MockCluster) {
    let cluster = MockCluster::start().unwrap();
    cluster.create(["in", "out", "dead"], PARTITIONS).unwrap();
    let options = BTreeMap::from([("batch.num.messages".to_owned(), config::Secret(FETCHED.to_string()))]);
    let kafka = Kafka { brokers: cluster.address(), options };
    fill(&kafka, RECORDS);
    prepare(&cluster);
    let (pipeline, _control, metrics) = start(&cluster, &format!("\"batch.num.messages\" = {messages}"));
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let status = pipeline.status();
        if settled(&status) == RECORDS {
            break;
        }
        assert!(Instant::now() < until, "{status:?}");
        assert!(!matches!(status.state, State::Stopped(_)), "{status:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(pipeline.shut_down(Duration::from_secs(10)));
    (metrics, kafka, cluster)
}

fn settled(status: &Status) -> i64 {
    status.partitions.iter().map(|one| one.watermark).sum()
}

/// A pipeline of one worker that runs an empty chain, its producer with this setting.
fn start(cluster: &MockCluster, producer: &str) -> (Pipeline, ControlThread, Arc<Metrics>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weir.toml");
    let text = format!(
        "[kafka]\nbrokers = \"{}\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\nto = \"out\"\ndead_letter = \"dead\"\n\
         delivery = \"at-least-once\"\nworkers = 1\nbatch = {{ records = 50 }}\n[pipelines.p.consumer]\n\"fetch.wait.max.ms\" = 10\n\
         \"fetch.message.max.bytes\" = 4096\n\
         [pipelines.p.producer]\n{producer}\n",
        cluster.address()
    );
    std::fs::write(&path, text).unwrap();
    let config = config::load(&path).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    let engine = Engine::new(None).unwrap();
    let blueprint = Blueprint::build(&engine, &config, &config.pipelines["p"], Arc::from("")).unwrap();
    let metrics = Arc::new(Metrics::default());
    let share = Share::of_machine(1);
    let connection = Connection::new(&config.kafka, blueprint.pipeline(), share, &metrics);
    let control = ControlThread::start().unwrap();
    let pipeline = Pipeline::start(&connection, &control, &blueprint, 1, &Limits::new(), share, &metrics).unwrap();
    (pipeline, control, metrics)
}

/// What remains where only the first of equal ones counts.
fn first_of_each(numbers: &[i64]) -> Vec<i64> {
    let mut seen = std::collections::BTreeSet::new();
    numbers.iter().copied().filter(|number| seen.insert(*number)).collect()
}

fn all_of(partition: i32) -> Vec<i64> {
    (0..RECORDS).filter(|number| *number as i32 % PARTITIONS == partition).collect()
}

#[test]
fn a_producer_that_breaks_down_is_replaced_and_loses_and_swaps_nothing() {
    let mut answers = vec![None; 12];
    answers[1] = Some(Answer::OutOfOrder);
    answers[7] = Some(Answer::OutOfOrder);
    let (metrics, kafka, _cluster) = run_against(&answers, 100);
    for (partition, numbers) in contents(&kafka, "out") {
        assert_eq!(first_of_each(&numbers), all_of(partition), "partition {partition}");
    }
    assert!(contents(&kafka, "dead").values().all(Vec::is_empty));
    let replaced: u64 = metrics.series(Name::ProducersReplaced).iter().map(|(_, count)| count).sum();
    assert!(replaced >= 1, "the broker's answer broke no producer");
}

#[test]
fn the_other_records_of_a_refused_request_are_delivered_in_order() {
    let (_, kafka, _cluster) = run_against(&[None, None, Some(Answer::Invalid)], 100);
    for (partition, numbers) in contents(&kafka, "out") {
        assert_eq!(first_of_each(&numbers), all_of(partition), "partition {partition}");
    }
    assert!(contents(&kafka, "dead").values().all(Vec::is_empty));
}

#[test]
fn an_error_in_place_of_a_record_passes_over_nothing() {
    // The first fetches, and two of each six behind them.
    let rounds = 5;
    assert!(rounds * 4 < RECORDS / i64::from(PARTITIONS) / FETCHED, "each is refused before all is read");
    let (_, kafka, _cluster) = run_on(100, |cluster| {
        cluster.refuse_fetches(0, 2);
        (0..rounds).for_each(|_| cluster.refuse_fetches(4, 2));
    });
    // Answers that are left would be another reader's: once one fetch brings a record, there is none any more.
    let rest = Reader::connect(&kafka).unwrap();
    rest.read_from(&[Position { partition: Partition { topic: "in".into(), number: 0 }, offset: 0 }]).unwrap();
    while !matches!(rest.next(Duration::from_secs(5)), Ok(Step::Record(_))) {}
    for (partition, numbers) in contents(&kafka, "out") {
        assert_eq!(numbers, all_of(partition), "partition {partition}");
    }
}

#[test]
fn what_a_new_producer_was_refused_is_not_lost_where_the_broker_takes_what_stands_behind_it() {
    let (_, kafka, _cluster) = run_against(&[Some(Answer::NotNow)], 1);
    for (partition, numbers) in contents(&kafka, "out") {
        let lost: Vec<i64> = all_of(partition).into_iter().filter(|number| !numbers.contains(number)).collect();
        assert_eq!(lost, [0; 0], "partition {partition}");
    }
}

#[test]
fn nothing_lingers_in_the_producer_of_a_worker_that_may_read_no_more() {
    let cluster = MockCluster::start().unwrap();
    cluster.create(["in", "out", "dead"], PARTITIONS).unwrap();
    fill(&Kafka { brokers: cluster.address(), options: BTreeMap::new() }, 20_000);
    let (pipeline, _control, _) = start(&cluster, "\"linger.ms\" = 120000");
    let until = Instant::now() + Duration::from_secs(30);
    while settled(&pipeline.status()) < 12_000 {
        assert!(Instant::now() < until, "{:?}", pipeline.status());
        std::thread::sleep(Duration::from_millis(5));
    }
    pipeline.shut_down(Duration::from_secs(10));
}

#[test]
fn where_a_broker_answers_late_more_messages_may_be_on_their_way() {
    let cluster = MockCluster::start().unwrap();
    cluster.create(["in", "out", "dead"], PARTITIONS).unwrap();
    fill(&Kafka { brokers: cluster.address(), options: BTreeMap::new() }, 200_000);
    cluster.answer_late(10_000);
    let (pipeline, _control, metrics) = start(&cluster, "\"linger.ms\" = 5");
    let until = Instant::now() + Duration::from_secs(60);
    while metrics.records().get("p").is_none_or(|records| records.in_flight < 9_000) {
        assert!(Instant::now() < until, "{:?} {:?}", pipeline.status(), metrics.records());
        std::thread::sleep(Duration::from_millis(5));
    }
    pipeline.shut_down(Duration::from_secs(10));
}
