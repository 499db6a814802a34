//! A broker that refuses, breaks and reports at random, and sinks that behave towards it as librdkafka does.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use crate::endpoint::{Broken, BrokenBy, Error, Outgoing, Refusal, Refused, Report, Sink, Tag, TopicsTold};

/// Of the source, and of each destination.
pub(super) const PARTITIONS: i32 = 3;

/// Records that the broker never takes: one of 23, and all of a stretch.
pub(super) fn is_bad(number: u32) -> bool {
    number % 23 == 7 || (200..210).contains(&number)
}

/// Numbers that are random enough, by a seed.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound.max(1)
    }
}

#[derive(Clone, Debug)]
struct Message {
    tag: Tag,
    topic: String,
    number: u32,
}

type Place = (String, i32);

/// What the broker has, and what it is asked by one sink after another.
struct World {
    rng: Rng,
    /// Whether it says which records of a request it refuses for.
    names_records: bool,
    /// How often it still loses track of a sink's sequence.
    losses: u32,
    refuses_requests: bool,
    topics: BTreeSet<String>,
    log: BTreeMap<Place, Vec<u32>>,
    sinks: Vec<State>,
    now: Option<Instant>,
}

/// One sink's side.
#[derive(Default)]
struct State {
    is_isolating: bool,
    is_flushed: bool,
    queue: Vec<Message>,
    requests: BTreeMap<Place, VecDeque<Vec<Message>>>,
    /// Where a request was refused: nothing behind it goes there.
    blocked: BTreeSet<Place>,
    reports: VecDeque<Report>,
    broken: Option<Broken>,
    question: Option<Vec<String>>,
    answer: Option<TopicsTold>,
    is_gone: bool,
}

pub(super) struct Broker(Arc<Mutex<World>>);

pub(super) struct FakeSink {
    world: Arc<Mutex<World>>,
    at: usize,
}

fn refused(kind: Refusal) -> Option<Refused> {
    Some(Refused { kind, too_large: false, reason: format!("{kind:?}") })
}

impl Broker {
    pub(super) fn new(seed: u64, names_records: bool, loses_sequences: bool) -> Self {
        Self(Arc::new(Mutex::new(World {
            rng: Rng::new(seed ^ 0xabcd),
            names_records,
            losses: if loses_sequences { 3 } else { 0 },
            refuses_requests: false,
            topics: ["in", "out", "dead"].map(str::to_owned).into(),
            log: BTreeMap::new(),
            sinks: Vec::new(),
            now: None,
        })))
    }

    pub(super) fn refusing_requests(self) -> Self {
        self.0.lock().unwrap().refuses_requests = true;
        self
    }

    pub(super) fn sink(&self) -> FakeSink {
        FakeSink::new(&self.0, false)
    }

    pub(super) fn create(&self, topic: &str) {
        self.0.lock().unwrap().topics.insert(topic.to_owned());
    }

    pub(super) fn log(&self) -> BTreeMap<Place, Vec<u32>> {
        self.0.lock().unwrap().log.clone()
    }

    pub(super) fn describe(&self) -> String {
        let world = self.0.lock().unwrap();
        let sinks = world.sinks.iter().filter(|sink| !sink.is_gone);
        sinks.map(|sink| format!("{} queued, {:?} on their way; ", sink.queue.len(), sink.requests)).collect()
    }

    /// Does a few things that brokers and clients do.
    pub(super) fn work(&self, now: Instant) {
        let world = &mut *self.0.lock().unwrap();
        world.now = Some(now);
        for at in 0..world.sinks.len() {
            if !world.sinks[at].is_gone {
                world.send_requests(at);
                for _ in 0..world.rng.below(4) {
                    world.take_request(at);
                }
                world.tell_topics(at);
            }
        }
    }
}

impl World {
    /// What is queued goes out: in requests of some messages, or where the sink isolates in one for each partition.
    fn send_requests(&mut self, at: usize) {
        let sink = &mut self.sinks[at];
        if sink.broken.is_some() || sink.is_isolating && !sink.is_flushed {
            return;
        }
        sink.is_flushed = false;
        for message in std::mem::take(&mut sink.queue) {
            if !self.topics.contains(&message.topic) {
                sink.reports.push_back(Report { tag: message.tag, refused: refused(Refusal::Topic) });
                continue;
            }
            let place = (message.topic.clone(), message.tag.partition % PARTITIONS);
            let requests = sink.requests.entry(place).or_default();
            match requests.back_mut() {
                Some(last) if sink.is_isolating || last.len() < 1 + self.rng.below(12) as usize => last.push(message),
                _ => requests.push_back(vec![message]),
            }
        }
    }

    /// Returns the oldest request for one of the partitions.
    fn take_request(&mut self, at: usize) {
        let sink = &mut self.sinks[at];
        let places: Vec<Place> =
            sink.requests.iter().filter(|(_, all)| !all.is_empty()).map(|(at, _)| at.clone()).collect();
        if places.is_empty() {
            return;
        }
        let place = &places[self.rng.below(places.len() as u64) as usize];
        if sink.blocked.contains(place) {
            return;
        }
        let Some(request) = sink.requests.get_mut(place).and_then(VecDeque::pop_front) else { return };
        let takes = |number: u32| place.0 == "dead" || !is_bad(number);
        let kind = |message: &Message| match (takes(message.number), self.names_records, request.len()) {
            (false, true, _) | (_, _, 1) => Refusal::Record,
            (true, true, _) => Refusal::Unaffected,
            (_, false, _) => Refusal::Candidate,
        };
        let break_sink = |sink: &mut State, reason: &str, cause: BrokenBy| {
            if !sink.is_isolating || cause != BrokenBy::Refusal {
                sink.broken.get_or_insert(Broken { reason: reason.to_owned(), cause });
            }
        };
        if self.refuses_requests || !request.iter().all(|message| takes(message.number)) {
            for message in &request {
                let kind = if self.refuses_requests { Refusal::Request } else { kind(message) };
                sink.reports.push_back(Report { tag: message.tag, refused: refused(kind) });
            }
            if !sink.is_isolating {
                sink.blocked.insert(place.clone());
            }
            return break_sink(sink, "refused", BrokenBy::Refusal);
        }
        if sink.is_isolating && self.rng.below(10) == 0 {
            let again = request.iter().map(|message| Report { tag: message.tag, refused: refused(Refusal::Retriable) });
            return sink.reports.extend(again);
        }
        if self.losses > 0 && self.rng.below(100) == 0 {
            self.losses -= 1;
            // Whether the broker took it is not known.
            if self.rng.below(2) == 0 {
                self.log.entry(place.clone()).or_default().extend(request.iter().map(|message| message.number));
            }
            sink.reports
                .extend(request.iter().map(|message| Report { tag: message.tag, refused: refused(Refusal::Fatal) }));
            sink.blocked.insert(place.clone());
            return break_sink(sink, "sequence lost", BrokenBy::Client);
        }
        self.log.entry(place.clone()).or_default().extend(request.iter().map(|message| message.number));
        sink.reports.extend(request.iter().map(|message| Report { tag: message.tag, refused: None }));
    }

    fn tell_topics(&mut self, at: usize) {
        let Some(question) = self.sinks[at].question.take() else { return };
        let (there, absent): (Vec<String>, Vec<String>) =
            question.into_iter().partition(|topic| self.topics.contains(topic));
        let present = there.into_iter().map(|topic| (topic, PARTITIONS)).collect();
        self.sinks[at].answer = Some(TopicsTold { present, absent });
    }
}

impl FakeSink {
    fn new(world: &Arc<Mutex<World>>, is_isolating: bool) -> Self {
        let mut guard = world.lock().unwrap();
        guard.sinks.push(State { is_isolating, ..State::default() });
        Self { world: Arc::clone(world), at: guard.sinks.len() - 1 }
    }

    fn with<T>(&self, what: impl FnOnce(&mut State) -> T) -> T {
        let mut world: MutexGuard<'_, World> = self.world.lock().unwrap();
        what(&mut world.sinks[self.at])
    }
}

impl Sink for FakeSink {
    type Headers = ();

    fn send<'a>(
        &mut self,
        message: &Outgoing<'_>,
        (): (),
        _: impl ExactSizeIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        _: Option<&Arc<Vec<u8>>>,
    ) -> Result<(), Refused> {
        let number = std::str::from_utf8(message.value.unwrap()).unwrap().parse().unwrap();
        let queued = Message { tag: message.tag, topic: message.topic.to_owned(), number };
        self.with(|sink| {
            if sink.broken.is_some() {
                return Err(refused(Refusal::Fatal).unwrap());
            }
            if sink.queue.len() >= 60 {
                return Err(refused(Refusal::Retriable).unwrap());
            }
            sink.queue.push(queued);
            Ok(())
        })
    }

    fn serve(&mut self, _: Duration, mut each: impl FnMut(Report)) {
        let reports = self.with(|sink| std::mem::take(&mut sink.reports));
        reports.into_iter().for_each(&mut each);
    }

    fn flush(&mut self, _: Duration) {
        self.with(|sink| sink.is_flushed = true);
    }

    fn broken(&self) -> Option<Broken> {
        self.with(|sink| sink.broken.clone())
    }

    fn held(&self) -> usize {
        self.with(|sink| {
            let on_their_way = sink.requests.values().flatten().map(Vec::len).sum::<usize>();
            sink.queue.len() + on_their_way + sink.reports.len()
        })
    }

    fn give_up(&mut self, all: bool) {
        self.with(|sink| {
            assert!(sink.broken.is_some(), "a sink that works is given up");
            let mut given_up = std::mem::take(&mut sink.queue);
            let blocked: Vec<Place> = sink.blocked.iter().cloned().collect();
            for place in blocked {
                given_up.extend(sink.requests.remove(&place).into_iter().flatten().flatten());
            }
            if all || sink.is_isolating {
                given_up.extend(std::mem::take(&mut sink.requests).into_values().flatten().flatten());
            }
            sink.reports.extend(
                given_up.into_iter().map(|message| Report { tag: message.tag, refused: refused(Refusal::Fatal) }),
            );
        });
    }

    fn discard(self) {
        self.with(|sink| sink.is_gone = true);
    }

    fn renew(&self) -> Result<Self, Error> {
        Ok(Self::new(&self.world, false))
    }

    fn isolating(&self) -> Result<Self, Error> {
        Ok(Self::new(&self.world, true))
    }

    fn request_limits(&self) -> (usize, usize) {
        (80, 1_000_000)
    }

    fn linger(&self) -> Duration {
        Duration::ZERO
    }

    fn compresses(&self) -> bool {
        false
    }

    fn ask_topics(&mut self, topics: &[&str]) {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        self.with(|sink| sink.question = Some(topics));
    }

    fn topics_told(&mut self) -> Option<Result<TopicsTold, Error>> {
        self.with(|sink| sink.answer.take()).map(Ok)
    }
}
