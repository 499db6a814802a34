//! Producers, alone and sharing a client, on librdkafka's mock cluster.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::{
    super::mock::{Answer, MockCluster},
    *,
};
use crate::{config::Secret, endpoint::Tag};

fn message(slot: u32, output: u32, value: &[u8]) -> Outgoing<'_> {
    let (topic, partition, tag) = ("out", Some(0), Tag { slot, output, partition: 0 });
    Outgoing { topic, partition, key: None, value: Some(value), timestamp: None, tag }
}

/// Serves the reports of a broken producer until it holds none.
fn wind_up(producer: &mut Producer, limit: Duration) -> Vec<Report> {
    let (mut reports, until) = (Vec::new(), Instant::now() + limit);
    while producer.held() > 0 {
        producer.give_up(Instant::now() >= until);
        producer.serve(Duration::from_millis(10), |report| reports.push(report));
    }
    reports
}

/// A producer that reaches no broker, and has three messages of `memory`.
fn stuck(memory: &Arc<Vec<u8>>) -> Producer {
    let kafka = Kafka { brokers: "127.0.0.1:9".to_owned(), options: Default::default() };
    let mut producer = Producer::plain(&kafka).unwrap();
    for output in 0..3 {
        producer.send(&message(7, output, &memory[..4]), Headers::NONE, std::iter::empty(), Some(memory)).unwrap();
    }
    producer
}

#[test]
fn memory_is_kept_while_a_message_of_it_may_be_sent() {
    let memory = Arc::new(b"value".to_vec());
    let mut producer = stuck(&memory);
    producer.serve(Duration::from_millis(20), |_| {});
    assert_eq!((producer.held(), Arc::strong_count(&memory)), (3, 2), "nothing is reported");
    let reports = wind_up(&mut producer, Duration::ZERO);
    assert!(reports.len() == 3 && reports.iter().all(|report| report.refused.is_some()), "{reports:?}");
    assert_eq!(Arc::strong_count(&memory), 1, "all were given up");
}

#[test]
fn what_an_answer_puts_back_into_a_broken_producer_is_not_waited_for() {
    let cluster = MockCluster::start().unwrap();
    cluster.create(["out"], 1).unwrap();
    // One message is taken, the next one refused, and once that has broken the producer, those behind it are to be sent
    // again.
    let mut answers = vec![None, Some(Answer::Invalid)];
    answers.extend([Some(Answer::NotNowAndLate); 4]);
    cluster.answer_produce(&answers);
    let options = [("enable.gapless.guarantee", "true"), ("batch.num.messages", "1"), ("linger.ms", "0")];
    let options = options.map(|(name, value)| (name.to_owned(), Secret(value.to_owned())));
    let kafka = Kafka { brokers: cluster.address(), options: options.into() };
    let mut producer = Producer::plain(&kafka).unwrap();
    for output in 0..20 {
        producer.send(&message(0, output, b"value"), Headers::NONE, std::iter::empty(), None).unwrap();
    }
    let (mut reports, start) = (Vec::new(), Instant::now());
    while producer.broken().is_none() && start.elapsed() < Duration::from_secs(30) {
        producer.serve(Duration::from_millis(1), |report| reports.push(report));
    }
    assert!(producer.broken().is_some_and(|broken| broken.cause == BrokenBy::Refusal), "{reports:?}");
    let (limit, start) = (Duration::from_secs(60), Instant::now());
    reports.extend(wind_up(&mut producer, limit));
    assert!(start.elapsed() < limit / 2, "{:?}", start.elapsed());
    assert_eq!(reports.len(), 20, "{reports:?}");
}

fn serve_until(producers: &mut [Producer], what: &str, mut done: impl FnMut(&mut [Producer], &[Vec<Report>]) -> bool) {
    let mut reports: Vec<Vec<Report>> = producers.iter().map(|_| Vec::new()).collect();
    let start = Instant::now();
    while !done(producers, &reports) {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}: {reports:?}");
        for (producer, reports) in producers.iter_mut().zip(&mut reports) {
            producer.serve(Duration::from_millis(1), |report| reports.push(report));
        }
    }
}

fn sharing(kafka: &Kafka, pool: &Arc<ProducerPool>) -> Producer {
    let config = settings::producer(kafka, None, None);
    Producer::make(config, false, Logs::of("shared"), Some(Sharing::of(pool))).unwrap()
}

fn clients(producers: &[Producer]) -> usize {
    let clients: std::collections::HashSet<_> =
        producers.iter().map(|producer| std::ptr::from_ref(producer.link.client()).addr()).collect();
    clients.len()
}

#[test]
fn those_who_share_a_producer_get_each_their_own_reports() {
    let cluster = MockCluster::start().unwrap();
    cluster.create(["out"], 1).unwrap();
    let kafka = Kafka { brokers: cluster.address(), options: Default::default() };
    let pool = Arc::default();
    let mut producers: Vec<Producer> = (0..9).map(|_| sharing(&kafka, &pool)).collect();
    assert_eq!(clients(&producers), 2, "eight share one");
    let memory = Arc::new(b"value".to_vec());
    for (number, producer) in producers.iter_mut().enumerate() {
        for output in 0..=number {
            let message = message(number as u32 % 2, output as u32, &memory[..4]);
            producer.send(&message, Headers::NONE, std::iter::empty(), Some(&memory)).unwrap();
        }
    }
    serve_until(&mut producers, "all is reported", |producers, _| producers.iter().all(|one| one.held() == 0));
    assert_eq!(Arc::strong_count(&memory), 1);
    // Who goes makes room for somebody else.
    drop(producers.remove(0));
    producers.push(sharing(&kafka, &pool));
    assert_eq!(clients(&producers), 2);
    serve_until(&mut producers, "nothing comes that was not sent", |_, reports| reports.iter().all(Vec::is_empty));
}

#[test]
fn who_goes_with_messages_that_are_to_be_sent_ends_the_producer_for_all_and_they_are_not_sent() {
    let kafka = Kafka { brokers: "127.0.0.1:9".to_owned(), options: Default::default() };
    let pool = Arc::default();
    let mut producers = vec![sharing(&kafka, &pool), sharing(&kafka, &pool)];
    for producer in &mut producers {
        producer.send(&message(0, 1, b"value"), Headers::NONE, std::iter::empty(), None).unwrap();
        assert_eq!((producer.broken(), producer.held()), (None, 1));
    }
    drop(producers.remove(0));
    assert_eq!(producers[0].broken().map(|broken| broken.cause), Some(BrokenBy::Neighbour));
    let reports = wind_up(&mut producers[0], Duration::from_secs(10));
    assert!(reports.len() == 1 && reports[0].refused.is_some(), "{reports:?}");
    let renewed = producers[0].renew().unwrap();
    assert_eq!(renewed.broken(), None);
    producers.push(renewed);
    assert_eq!(clients(&producers), 2);
}

#[test]
fn who_is_refused_gets_a_producer_of_his_own_and_the_others_share_a_new_one() {
    let cluster = MockCluster::start().unwrap();
    cluster.create(["out"], 1).unwrap();
    cluster.answer_produce(&[Some(Answer::Invalid)]);
    let options = [("enable.gapless.guarantee", "true"), ("linger.ms", "0")];
    let options = options.map(|(name, value)| (name.to_owned(), Secret(value.to_owned())));
    let kafka = Kafka { brokers: cluster.address(), options: options.into() };
    let pool = Arc::default();
    let mut producers: Vec<Producer> = (0..3).map(|_| sharing(&kafka, &pool)).collect();
    producers[1].send(&message(0, 0, b"value"), Headers::NONE, std::iter::empty(), None).unwrap();
    serve_until(&mut producers, "it breaks", |producers, reports| {
        !reports[1].is_empty() && producers.iter().all(|one| one.broken().is_some())
    });
    let causes: Vec<_> = producers.iter().map(|one| one.broken().map(|broken| broken.cause)).collect();
    assert_eq!(causes, [BrokenBy::Neighbour, BrokenBy::Refusal, BrokenBy::Neighbour].map(Some));
    let renewed: Vec<Producer> = producers.iter().map(|one| one.renew().unwrap()).collect();
    let shared: Vec<bool> = renewed.iter().map(|one| matches!(one.link, Link::Shared(_))).collect();
    assert_eq!((shared, clients(&renewed)), (vec![true, false, true], 2));
}

#[test]
fn a_producer_that_goes_with_its_messages_gives_their_memory_back() {
    let memory = Arc::new(b"value".to_vec());
    drop(stuck(&memory));
    assert_eq!(Arc::strong_count(&memory), 1);
}
