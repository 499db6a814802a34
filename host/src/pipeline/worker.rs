//! A worker thread: consumes, runs the chain, sends; serves its own reports between batches.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, mpsc::Receiver},
    time::{Duration, Instant, SystemTime},
};

use super::{
    Command, StopReason,
    again::Again,
    board::Board,
    flight::{self, Flights},
    refused::Refusals,
    tally::Tally,
};
use crate::{
    chain::{Blueprint, Chain},
    endpoint::{Incoming as _, Partition, Sink as _, Source as _, Trouble},
    kafka::{Fetched, Producer, Queue},
};

/// Between two looks at what plugins counted.
const COUNTING: Duration = Duration::from_millis(100);
/// The longest wait for records: what the worker is told, and what the broker reports, waits as long.
const SLICE: Duration = Duration::from_millis(50);
/// So few records do not linger in the producer where nothing else is on its way ...
const FEW: usize = 64;
/// ... and so long its threads are told to hurry.
const AT_ONCE: Duration = Duration::from_millis(1);
/// How long to wait for a report where there is nothing else to do.
const REPORTS: Duration = Duration::from_millis(10);

/// Everything of a worker but its queue.
pub(super) struct Line {
    pub(super) index: usize,
    pub(super) board: Arc<Board>,
    pub(super) producer: Producer,
    pub(super) flights: Flights,
    pub(super) refusals: Refusals,
    pub(super) again: Again,
    pub(super) tally: Tally,
    pub(super) blueprint: Arc<Blueprint>,
    pub(super) generation: u64,
    pub(super) chain: Option<Chain>,
    held: Vec<Held>,
    /// Places in `held` by topic handle and partition.
    places: HashMap<(usize, i32), Option<usize>>,
    /// The one looked up last: records come in runs.
    last_place: Option<((usize, i32), Option<usize>)>,
    /// Of these, what was fetched before they went must not be read, even where they came back meanwhile.
    stale: Vec<Partition>,
    received: i64,
    counted: Instant,
    /// When the oldest came of what the producer may not have sent.
    unsent: Option<Instant>,
    /// When the first of what is held came.
    came: Instant,
    /// Whether as much was there at once as is read at a time.
    is_busy: bool,
    /// Trouble of consuming that was said.
    said: HashSet<String>,
}

/// A partition that is the worker's.
struct Held {
    partition: Partition,
    next: i64,
    /// The slot whose batch its records go into.
    filling: Option<usize>,
}

/// Runs until told to finish, or until the pipeline's handle is gone.
pub(super) fn run(mut queue: Queue, mut line: Line, inbox: &Receiver<Command>) {
    while line.gather(&mut queue, inbox) {
        line.received = now();
        let is_lone = line.flights.waiting() == 0 && queue.held() < FEW;
        queue.drain(|message| line.accept(message));
        line.launch_all();
        line.stale.clear();
        line.linger();
        if is_lone && line.flights.waiting() > 0 {
            line.hurry();
        }
        line.serve(Duration::ZERO);
        line.count(false);
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Line {
    pub(super) fn new(
        index: usize,
        chain: Chain,
        blueprint: Arc<Blueprint>,
        generation: u64,
        producer: Producer,
        board: Arc<Board>,
    ) -> Self {
        Self {
            index,
            tally: Tally::new(&board),
            board,
            producer,
            flights: Flights::default(),
            refusals: Refusals::default(),
            again: Again::default(),
            blueprint,
            generation,
            chain: Some(chain),
            held: Vec::new(),
            places: HashMap::new(),
            last_place: None,
            stale: Vec::new(),
            received: 0,
            counted: Instant::now(),
            unsent: None,
            came: Instant::now(),
            is_busy: false,
            said: HashSet::new(),
        }
    }

    /// Fills the queue's hands until a batch is full, or old enough, or nothing is on its way that it could wait beside;
    /// or something else is to be done first; false = it has ended.
    fn gather(&mut self, queue: &mut Queue, inbox: &Receiver<Command>) -> bool {
        let cut = self.board.config.batch;
        let most = cut.records.clamp(1, flight::ROOM);
        // When the first of what is held is old enough.
        let mut until: Option<Instant> = None;
        loop {
            match self.obey(inbox) {
                None => return false,
                Some(0) => {}
                // What is held came before the command, what comes next may belong to another assignment.
                Some(_) => return true,
            }
            let lingers = self.unsent.map(|since| self.producer.linger().saturating_sub(since.elapsed()));
            if lingers.is_some_and(|left| left.is_zero()) {
                self.hurry();
            }
            if self.go_on() || self.board.is_stopped() || self.flights.is_full() {
                self.serve(REPORTS);
                return true;
            }
            let idle = if self.flights.waiting() > 0 { REPORTS } else { SLICE };
            let idle = self.unsent.and(lingers).map_or(idle, |left| left.clamp(AT_ONCE, idle));
            let held = match until {
                // The first comes as soon as it is there, and what stands behind it at once.
                None if queue.fill(1, idle) == 0 => 0,
                None => queue.fill(most, Duration::ZERO),
                Some(until) => queue.fill(most, until.saturating_duration_since(Instant::now()).min(SLICE)),
            };
            self.serve(Duration::ZERO);
            let now = Instant::now();
            if held > 0 && until.is_none() {
                (self.came, self.is_busy) = (now, held >= most);
            }
            let is_old = held > 0 && now >= *until.get_or_insert(now + cut.age);
            if held >= most || is_old || held > 0 && self.flights.waiting() == 0 {
                // Records of a partition may be held whose Take is still unread: it was sent before they came.
                return self.obey(inbox).is_some();
            }
            self.count(false);
        }
    }

    /// What was launched lingers from when it came, so that it does not wait twice, for its batch and in the producer. Under
    /// load it does: batches are full at once then, and the producer's requests are larger for it.
    fn linger(&mut self) {
        if self.is_busy || self.flights.waiting() == 0 || self.producer.linger().is_zero() {
            self.unsent = None;
        } else {
            self.unsent.get_or_insert(self.came);
        }
    }

    /// Sends what the producer has, however long it might linger.
    fn hurry(&mut self) {
        self.unsent = None;
        self.carrier().flush(AT_ONCE);
    }

    /// Does what it was told meanwhile and answers how much that was; `None` = it has ended.
    fn obey(&mut self, inbox: &Receiver<Command>) -> Option<usize> {
        let mut obeyed = 0;
        loop {
            let command = match inbox.try_recv() {
                Ok(command) => command,
                Err(std::sync::mpsc::TryRecvError::Empty) => return Some(obeyed),
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return None,
            };
            obeyed += 1;
            match command {
                Command::Take(partitions) => {
                    for (partition, next) in partitions {
                        self.held.retain(|held| held.partition != partition);
                        self.held.push(Held { partition, next, filling: None });
                    }
                    self.forget_places();
                }
                Command::Give { partitions, until, done } => {
                    self.settle(&partitions, until);
                    self.held.retain(|held| !partitions.contains(&held.partition));
                    self.forget_places();
                    self.stale.extend(partitions);
                    let _ = done.send(());
                }
                Command::Adopt { prepared, blueprint, generation, done } => {
                    self.count(true);
                    self.chain = Some(prepared.adopt(self.chain.take()));
                    self.blueprint = blueprint;
                    self.generation = generation;
                    let _ = done.send(());
                }
                Command::Finish { until, done } => {
                    let all: Vec<Partition> = self.held.iter().map(|held| held.partition.clone()).collect();
                    self.settle(&all, until);
                    self.count(true);
                    let _ = done.send(());
                    return None;
                }
            }
        }
    }

    /// Waits until what is in flight of `partitions` is settled, or nothing more can settle.
    fn settle(&mut self, partitions: &[Partition], until: Instant) {
        loop {
            let settled = {
                let ledger = self.board.ledger(self.index);
                partitions.iter().all(|partition| ledger.is_settled(partition))
            };
            let stuck = self.board.is_stopped() && self.flights.waiting() == 0;
            if settled || stuck || Instant::now() >= until {
                return;
            }
            self.serve(REPORTS);
            self.go_on();
        }
    }

    fn forget_places(&mut self) {
        self.places.clear();
        self.last_place = None;
    }

    fn place_of(&mut self, message: &Fetched<'_>) -> Option<usize> {
        let (topic, number) = (message.topic_id(), message.partition());
        if let Some((last, place)) = self.last_place
            && last == (topic, number)
        {
            return place;
        }
        let held = &self.held;
        let is_it = |held: &Held| held.partition.number == number && &*held.partition.topic == message.topic();
        let place = *self.places.entry((topic, number)).or_insert_with(|| held.iter().position(is_it));
        self.last_place = Some(((topic, number), place));
        place
    }

    /// Takes what came out of the queue into its partition's batch.
    fn accept(&mut self, message: Fetched<'_>) {
        if self.board.is_stopped() {
            return;
        }
        if let Some(trouble) = message.trouble() {
            return self.note_trouble(&message, trouble);
        }
        let Some(place) = self.place_of(&message) else { return };
        let held = &self.held[place];
        if message.offset() < held.next || !self.stale.is_empty() && self.stale.contains(&held.partition) {
            return;
        }
        if let Some(slot) = held.filling {
            let (batch, cut) = (&self.flights.flow(slot).batch, &self.board.config.batch);
            if batch.size() + message.size() > cut.bytes || batch.len() >= cut.records {
                self.launch(place);
                if self.board.is_stopped() {
                    return;
                }
            }
        }
        let slot = match self.held[place].filling {
            Some(slot) => slot,
            None => {
                let slot = self.flights.start(&self.held[place].partition);
                self.held[place].filling = Some(slot);
                slot
            }
        };
        let offset = message.offset();
        if let Err(full) = self.flights.add(slot, message, self.received) {
            let what = format!("{} offset {offset}: {full}", self.held[place].partition);
            self.board.stop(StopReason::Client(what));
            return;
        }
        self.held[place].next = offset + 1;
    }

    /// What stood in the queue in place of a record.
    fn note_trouble(&mut self, message: &Fetched<'_>, trouble: Trouble) {
        if let Trouble::Other(reason) = &trouble
            // Once each: librdkafka says it again and again while it lasts.
            && self.said.len() < 100
            && self.said.insert(format!("{} {reason}", message.topic()))
        {
            tracing::warn!(pipeline = self.board.config.name, topic = message.topic(), "consuming: {reason}");
        }
        let Some(place) = self.place_of(message) else { return };
        let partition = &self.held[place].partition;
        if self.stale.contains(partition) {
            return;
        }
        match trouble {
            Trouble::End => {}
            Trouble::Gap => self.board.report_gap(partition.clone()),
            Trouble::Other(_) => self.board.report_error(partition.clone()),
            // To read on would leave out what could not be read.
            Trouble::Unreadable(reason) => {
                self.board.stop(StopReason::Client(format!("{partition} cannot be read on: {reason}")));
            }
        }
    }

    fn launch_all(&mut self) {
        for place in 0..self.held.len() {
            self.launch(place);
        }
    }

    /// Runs the batch that the partition was filling and sends what comes of it.
    fn launch(&mut self, place: usize) {
        let Some(slot) = self.held[place].filling.take() else { return };
        let flow = self.flights.flow(slot);
        let Some((first, end)) = bounds(&flow.batch) else { return self.flights.release(slot) };
        self.tally.read(&flow.batch);
        if self.board.is_stopped() {
            return self.flights.release(slot);
        }
        let Some(chain) = &mut self.chain else { return self.flights.release(slot) };
        if let Err(stop) = chain.run(flow) {
            self.board.stop(StopReason::Fault(stop.to_string()));
            return self.flights.release(slot);
        }
        self.tally.ran(flow.batch.len() as u64);
        if self.board.config.breaker.is_some() && chain.has_faulted() {
            // The breaker is to open before the next batch, and before this one's dead letters go out.
            self.count(true);
            if self.board.is_stopped() {
                return self.flights.release(slot);
            }
        }
        let partition = &self.held[place].partition;
        let opened = self.board.ledger(self.index).open(partition, first, end, self.generation);
        match opened {
            Ok(ticket) => self.send(slot, ticket),
            Err(error) => {
                self.board.stop(StopReason::Client(format!("{partition}: {error}")));
                self.flights.release(slot);
            }
        }
    }

    /// Passes on what plugins counted, every now and then or `at_once`.
    fn count(&mut self, at_once: bool) {
        if !at_once && self.counted.elapsed() < COUNTING {
            return;
        }
        self.counted = Instant::now();
        let Some(chain) = &mut self.chain else { return };
        self.tally.count(&self.board, &chain.take_counts());
    }
}

/// The first offset of a batch and the one after its last.
fn bounds(batch: &crate::batch::Batch) -> Option<(i64, i64)> {
    Some((batch.inputs().first()?.offset, batch.inputs().last()?.offset + 1))
}
