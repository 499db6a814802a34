//! One producer that several workers send by, each in a lane of its own.
//!
//! A thread takes the reports out and puts each into the inbox of the lane that sent the message. What breaks the producer
//! breaks it for every lane, and so does a lane that goes with messages that are still to be sent: a message of its owner
//! must not reach the broker behind his back.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rdkafka::{config::ClientConfig, types::RDKafkaErrorCode};

use super::super::{
    log::Logs,
    raw::{
        client::ProducerClient,
        producer::{Event, RawProducer},
        reports::Reports,
        tag::LANES,
    },
};
use crate::{
    endpoint::Error,
    threads::{self, Role},
};

/// Between two looks whether anybody still sends.
const LOOK: Duration = Duration::from_millis(100);

/// A producer that is shared.
pub(super) struct Channel {
    pub(super) client: ProducerClient,
    reports: Reports,
    pub(super) raw: Mutex<RawProducer>,
    config: ClientConfig,
    by_source: bool,
    state: Mutex<State>,
    logs: Logs,
}

struct State {
    lanes: [Place; LANES],
    /// Why no lane may send any more by this client, though it could.
    given_up: Option<String>,
    /// Nobody sends, and nobody will.
    is_closed: bool,
}

/// What a lane's number stands for.
enum Place {
    Free,
    Taken(Arc<Inbox>),
    /// Its owner has gone; not all of its messages have their reports.
    Left(Arc<Inbox>),
}

/// A lane's reports.
#[derive(Default)]
pub(super) struct Inbox {
    events: Mutex<Vec<Event>>,
    arrived: Condvar,
    /// Messages without a report in `events`, now or earlier.
    unreported: AtomicUsize,
}

impl Inbox {
    /// A message is about to be sent.
    pub(super) fn expect(&self) {
        self.unreported.fetch_add(1, Ordering::Relaxed);
    }

    /// It was not taken.
    pub(super) fn expect_no_more(&self) {
        self.unreported.fetch_sub(1, Ordering::Relaxed);
    }

    fn put(&self, reports: &mut Vec<Event>) {
        let count = reports.len();
        lock(&self.events).append(reports);
        self.unreported.fetch_sub(count, Ordering::Relaxed);
        self.arrived.notify_one();
    }

    /// Takes what is there; waits up to `wait` for the first.
    pub(super) fn take(&self, wait: Duration) -> Vec<Event> {
        let mut events = lock(&self.events);
        if events.is_empty() && !wait.is_zero() {
            let waited = self.arrived.wait_timeout_while(events, wait, |events| events.is_empty());
            events = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::take(&mut *events)
    }
}

impl Channel {
    /// Connects in the background. Returns the first lane's number and inbox, too.
    ///
    /// # Errors
    /// A setting that librdkafka refuses, or the system gives no thread.
    pub(super) fn start(
        config: &ClientConfig,
        by_source: bool,
        number: usize,
    ) -> Result<(Arc<Self>, usize, Arc<Inbox>), Error> {
        let name = format!("kafka-reports-{number}");
        let logs = Logs::of(&format!("shared producer {number}"));
        let raw = RawProducer::new(config, by_source, logs.clone())?;
        let client = raw.client().clone();
        let state = State { lanes: [const { Place::Free }; LANES], given_up: None, is_closed: false };
        let channel = Arc::new(Self {
            reports: Reports::of(client.clone()),
            client,
            raw: Mutex::new(raw),
            config: config.clone(),
            by_source,
            state: Mutex::new(state),
            logs,
        });
        let inbox = Arc::new(Inbox::default());
        lock(&channel.state).lanes[0] = Place::Taken(Arc::clone(&inbox));
        let served = Arc::clone(&channel);
        threads::start(Role::Reports, &name, move || served.serve())
            .map_err(|reason| Error::new("start a thread for reports", reason))?;
        Ok((channel, 0, inbox))
    }

    /// A lane's number and its inbox, where one is free and the producer is as these want it.
    pub(super) fn join(&self, config: &ClientConfig, by_source: bool) -> Option<(usize, Arc<Inbox>)> {
        if self.by_source != by_source || self.config.config_map() != config.config_map() {
            return None;
        }
        let mut state = lock(&self.state);
        if state.is_closed || state.given_up.is_some() || self.client.fatal().is_some() {
            return None;
        }
        let is_free = |place: &Place| match place {
            Place::Free => true,
            Place::Taken(_) => false,
            Place::Left(inbox) => inbox.unreported.load(Ordering::Relaxed) == 0,
        };
        let number = state.lanes.iter().position(is_free)?;
        let inbox = Arc::new(Inbox::default());
        state.lanes[number] = Place::Taken(Arc::clone(&inbox));
        Some((number, inbox))
    }

    /// The lane's owner goes. What he still has to be sent is given up, and the producer with it.
    pub(super) fn leave(&self, number: usize) {
        let mut state = lock(&self.state);
        let Place::Taken(inbox) = std::mem::replace(&mut state.lanes[number], Place::Free) else { return };
        if inbox.unreported.load(Ordering::Relaxed) > 0 {
            state.lanes[number] = Place::Left(inbox);
            state.given_up.get_or_insert_with(|| "a pipeline went with messages that were still to be sent".to_owned());
            drop(state);
            self.client.purge(false);
        }
    }

    /// Why no lane may send any more: librdkafka's code, none where a lane went with messages; and the words.
    pub(super) fn broken(&self) -> Option<(Option<RDKafkaErrorCode>, String)> {
        if let Some((code, reason)) = self.client.fatal() {
            return Some((Some(code), reason));
        }
        Some((None, lock(&self.state).given_up.clone()?))
    }

    /// Takes reports out until nobody sends any more.
    fn serve(&self) {
        let mut reports: [Vec<Event>; LANES] = Default::default();
        loop {
            let Some(event) = self.reports.poll(LOOK) else {
                if self.close() {
                    return;
                }
                continue;
            };
            lock(&self.raw).read(event, &mut |event| match event {
                Event::Delivered { lane, .. } | Event::Failed { lane, .. } => reports[lane].push(event),
                // That it broke down is asked for, and said by whoever asks.
                Event::Trouble { code: RDKafkaErrorCode::Fatal, reason } => {
                    tracing::debug!(target: "librdkafka", "{reason}");
                }
                Event::Trouble { code, reason } => self.logs.trouble(code, &reason),
            });
            let state = lock(&self.state);
            for (reports, place) in reports.iter_mut().zip(&state.lanes).filter(|(reports, _)| !reports.is_empty()) {
                match place {
                    Place::Taken(inbox) | Place::Left(inbox) => inbox.put(reports),
                    Place::Free => reports.clear(),
                }
            }
        }
    }

    /// Lets nobody in any more where nobody is. Returns whether that is so.
    fn close(&self) -> bool {
        let mut state = lock(&self.state);
        state.is_closed = !state.lanes.iter().any(|place| matches!(place, Place::Taken(_)));
        state.is_closed
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Channel")
    }
}

/// Nothing is left half done where a thread panicked that held the lock.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
