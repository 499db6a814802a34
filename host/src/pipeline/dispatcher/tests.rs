#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

mod broker;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use broker::{Broker, FakeSink, Rng};

use super::*;
use crate::{
    chain::{Blueprint, Chain, Death},
    config,
    delivery::{Assignment, Ledger},
    metrics::Metrics,
    pipeline::{shared::Shared, tally::Tally},
    record::Timestamp,
    wasm::Engine,
};

/// What sends to each destination, and one of the pipelines.
type Plan = ([(&'static str, Arc<Blueprint>); 2], Arc<config::Pipeline>);

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(None).unwrap();
        let blueprints = ["out", "gone"].map(|to| {
            let path = folder.path().join(format!("{to}.toml"));
            let text = format!(
                "[kafka]\nbrokers = \"localhost:9092\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\nto = \"{to}\"\n\
                 dead_letter = \"dead\"\ndelivery = \"at-least-once\"\n"
            );
            std::fs::write(&path, text).unwrap();
            let config = config::load(&path).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
            (to, Blueprint::build(&engine, &config, &config.pipelines["p"], Arc::from("")).unwrap())
        });
        let pipeline = Arc::clone(blueprints[0].1.pipeline());
        (blueprints, pipeline)
    })
}

/// A worker without a source: batches of numbered records through empty chains, one for each destination.
struct Rig {
    broker: Broker,
    dispatcher: Dispatcher<FakeSink>,
    chains: BTreeMap<&'static str, (Chain, Arc<Blueprint>)>,
    tally: Tally,
    ledger: Ledger<Partition>,
    assignments: Vec<Assignment>,
    now: Instant,
    next: u32,
    offsets: BTreeMap<i32, i64>,
    /// By number.
    destinations: Vec<&'static str>,
    stopped: Option<StopReason>,
}

impl Rig {
    fn new(broker: Broker) -> Self {
        let (blueprints, pipeline) = plan();
        let shared = Shared::new(pipeline, 1, &Arc::new(Metrics::default()));
        let chain = |(to, blueprint): &(&'static str, Arc<Blueprint>)| {
            (*to, (blueprint.prepare(None).unwrap().adopt(None), Arc::clone(blueprint)))
        };
        let own = vec!["in".to_owned(), "out".to_owned(), "dead".to_owned()];
        let (mut ledger, mut assignments) = (Ledger::default(), Vec::new());
        for number in 0..broker::PARTITIONS {
            assignments.push(ledger.assign(partition(number), 0));
        }
        Self {
            dispatcher: Dispatcher::new(broker.sink(), HashMap::new(), own),
            broker,
            chains: blueprints.iter().map(chain).collect(),
            tally: Tally::new(&shared),
            ledger,
            assignments,
            now: Instant::now(),
            next: 0,
            offsets: BTreeMap::new(),
            destinations: Vec::new(),
            stopped: None,
        }
    }

    /// Sends the next `count` numbers, read from a source partition, to a topic.
    fn dispatch(&mut self, number: i32, count: u32, to: &'static str) {
        let slot = self.dispatcher.start(&partition(number));
        let offset = self.offsets.entry(number).or_default();
        let first = *offset;
        let flow = self.dispatcher.flow(slot);
        for _ in 0..count {
            let value = self.next.to_string();
            flow.batch.push(*offset, Timestamp::Create(1), 1, None, Some(value.as_bytes()), []).unwrap();
            self.next += 1;
            self.destinations.push(to);
            *offset += 1;
        }
        let (chain, blueprint) = self.chains.get_mut(to).unwrap();
        chain.run(flow).unwrap();
        let blueprint = Arc::clone(blueprint);
        for (input, kind, message) in self.dispatcher.unroutable(slot, self.now) {
            let death = Death { kind, interceptor: None, message, null: None };
            self.dispatcher.flow(slot).dead_letter(blueprint.dead_letters(), input, death).unwrap();
        }
        let ticket =
            self.ledger.open(&partition(number), self.assignments[number as usize], first, *offset, 1).unwrap();
        self.dispatcher.dispatch_batch(slot, ticket, &blueprint, &mut self.tally);
        self.act();
    }

    /// Time passes, the broker does something, and so does the worker.
    fn turn(&mut self) {
        self.now = Instant::now().max(self.now + Duration::from_millis(5));
        self.broker.work(self.now);
        self.dispatcher.serve(Duration::ZERO);
        self.act();
        if self.stopped.is_none() {
            self.dispatcher.advance(self.now);
            self.act();
        }
    }

    fn act(&mut self) {
        while let Some(event) = self.dispatcher.next_event() {
            match event {
                Event::Settled(at) => {
                    let slot = self.dispatcher.slot(at);
                    let was_open = self.ledger.is_open(&slot.partition, slot.ticket.unwrap());
                    assert!(was_open || slot.is_revoked, "settled twice");
                    let fates = self.tally.settled(slot, 0);
                    self.ledger.settle(&slot.partition, slot.ticket.unwrap(), fates);
                    self.dispatcher.release(at);
                }
                Event::Rejected(rejection) => {
                    if self.dispatcher.is_rejected(&rejection) {
                        let Rejection { slot: at, input, kind, message, .. } = rejection;
                        let slot = self.dispatcher.slot(at);
                        let letters = slot.blueprint.as_ref().unwrap().dead_letters().clone();
                        slot.flow
                            .dead_letter(&letters, input, Death { kind, interceptor: None, message, null: None })
                            .unwrap();
                        self.dispatcher.send_dead_letter(at, input);
                    }
                }
                Event::Replaced => {}
                Event::Stop(reason) => self.stopped = Some(reason),
            }
        }
    }

    fn is_settled(&self) -> bool {
        (0..broker::PARTITIONS).all(|number| self.ledger.is_settled(&partition(number)))
    }

    /// Turns until everything is settled.
    fn settle(&mut self, seed: u64) {
        for _ in 0..20_000 {
            if self.is_settled() {
                return;
            }
            self.turn();
            assert_eq!(self.stopped, None, "seed {seed}");
        }
        panic!("seed {seed}: not settled: {}", self.broker.describe());
    }
}

fn partition(number: i32) -> Partition {
    Partition { topic: "in".into(), number }
}

/// What remains where only the first of equal ones counts.
fn first_of_each(numbers: &[u32]) -> Vec<u32> {
    let mut seen = BTreeSet::new();
    numbers.iter().copied().filter(|number| seen.insert(*number)).collect()
}

#[test]
fn whatever_a_broker_does_nothing_is_lost_order_holds_and_each_bad_record_is_one_dead_letter() {
    for seed in 1..=100 {
        let mut rng = Rng::new(seed);
        let names_records = rng.below(2) == 0;
        let loses_sequences = rng.below(3) == 0;
        let mut rig = Rig::new(Broker::new(seed, names_records, loses_sequences));
        let topic_comes = rng.below(2) == 0;
        for round in 0..60 {
            let (number, count) = (rng.below(broker::PARTITIONS as u64) as i32, 1 + rng.below(40) as u32);
            let to = if rng.below(4) == 0 { "gone" } else { "out" };
            rig.dispatch(number, count, to);
            if topic_comes && round == 30 {
                rig.broker.create("gone");
            }
            for _ in 0..rng.below(8) {
                rig.turn();
            }
            assert_eq!(rig.stopped, None, "seed {seed}");
        }
        rig.settle(seed);
        let log = rig.broker.log();
        let mut found: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for ((topic, _), numbers) in &log {
            // A dead letter that a broker's refusal made may come behind one that was one from the start.
            for to in ["out", "gone"] {
                let numbers = numbers.iter().copied().filter(|number| rig.destinations[*number as usize] == to);
                let numbers: Vec<u32> = numbers.collect();
                let firsts = first_of_each(&numbers);
                assert!(firsts.is_sorted(), "seed {seed} {topic}: {firsts:?}");
                assert!(loses_sequences || firsts == *numbers, "seed {seed} {topic}: twice in {numbers:?}");
            }
            let firsts = first_of_each(numbers);
            for number in firsts {
                found.entry(number).or_default().push(topic);
            }
        }
        for number in 0..rig.next {
            let topics = found.remove(&number).unwrap_or_default();
            match topics[..] {
                ["dead"] if broker::is_bad(number) || rig.destinations[number as usize] == "gone" => {}
                ["out" | "gone"] if !broker::is_bad(number) => {}
                _ => panic!("seed {seed}: {number} is in {topics:?}"),
            }
        }
    }
}

#[test]
fn a_broker_that_refuses_everything_and_blames_nothing_stops_the_pipeline() {
    let mut rig = Rig::new(Broker::new(1, true, false).refusing_requests());
    rig.dispatch(0, 10, "out");
    for _ in 0..20_000 {
        rig.turn();
        if let Some(reason) = &rig.stopped {
            assert!(reason.to_string().contains("again and again"), "{reason}");
            assert_eq!(rig.broker.log(), BTreeMap::new());
            return;
        }
    }
    panic!("it never stopped");
}

#[test]
fn what_is_not_sent_of_a_revoked_partition_is_not_sent_and_the_others_go_on() {
    let mut rig = Rig::new(Broker::new(1, true, false));
    rig.dispatch(0, 20, "gone");
    rig.dispatch(1, 20, "gone");
    for _ in 0..5 {
        rig.turn();
    }
    rig.dispatcher.revoke(&[partition(0)]);
    rig.ledger.revoke(&partition(0));
    rig.act();
    rig.settle(1);
    let dead: Vec<u32> = rig.broker.log().into_values().flatten().collect();
    assert_eq!(dead, (20..40).collect::<Vec<_>>());
}
