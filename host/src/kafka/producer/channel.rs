//! One producer that several workers send by, each in a lane of its own.
//!
//! A thread takes the reports out and puts each into the inbox of the lane that sent the message. What breaks the producer
//! breaks it for every lane, and so does a lane that goes with messages that are still to be sent: a message of its owner
//! must not reach the broker behind his back.

use std::{
    ffi::CStr,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rdkafka::config::ClientConfig;

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
    metrics::{ClientGauges, Metrics},
    threads::{self, Role, lock},
};

/// Why a client ends that a lane went from with messages.
const LEFT: &CStr = c"a pipeline went with messages that were still to be sent";
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
}

struct State {
    /// By number: the inbox of whoever sends.
    lanes: [Option<Arc<Inbox>>; LANES],
    /// Nobody sends, and nobody will.
    is_closed: bool,
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
        metrics: &Arc<Metrics>,
    ) -> Result<(Arc<Self>, usize, Arc<Inbox>), Error> {
        let name = format!("kafka-reports-{number}");
        // Whose it is at a time changes.
        let gauges = ClientGauges::new(metrics, "", &format!("shared-producer-{number}"));
        let logs = Logs::of(&format!("shared producer {number}")).with_gauges(gauges);
        let raw = RawProducer::new(config, by_source, logs)?;
        let client = raw.client().clone();
        let inbox = Arc::new(Inbox::default());
        let mut state = State { lanes: [const { None }; LANES], is_closed: false };
        state.lanes[0] = Some(Arc::clone(&inbox));
        let channel = Arc::new(Self {
            reports: Reports::of(client.clone()),
            client,
            raw: Mutex::new(raw),
            config: config.clone(),
            by_source,
            state: Mutex::new(state),
        });
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
        if state.is_closed || self.client.fatal().is_some() {
            return None;
        }
        let number = state.lanes.iter().position(Option::is_none)?;
        let inbox = Arc::new(Inbox::default());
        state.lanes[number] = Some(Arc::clone(&inbox));
        Some((number, inbox))
    }

    /// The lane's owner goes. What he still has to be sent must never be, so that the client sends nothing more of anybody.
    pub(super) fn leave(&self, number: usize) {
        let mut state = lock(&self.state);
        let Some(inbox) = state.lanes[number].take() else { return };
        if inbox.unreported.load(Ordering::Relaxed) > 0 {
            // Before the lock is given back: nobody may come in and take its reports for his own.
            self.client.end_sending(LEFT);
            drop(state);
            self.client.purge(false);
        }
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
            let read = lock(&self.raw).read(event, &mut |event| {
                let (Event::Delivered { lane, .. } | Event::Failed { lane, .. }) = event;
                reports[lane].push(event);
            });
            drop(read);
            let state = lock(&self.state);
            for (reports, inbox) in reports.iter_mut().zip(&state.lanes).filter(|(reports, _)| !reports.is_empty()) {
                match inbox {
                    Some(inbox) => inbox.put(reports),
                    None => reports.clear(),
                }
            }
        }
    }

    /// Lets nobody in any more where nobody is. Returns whether that is so.
    fn close(&self) -> bool {
        let mut state = lock(&self.state);
        state.is_closed = state.lanes.iter().all(Option::is_none);
        state.is_closed
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Channel")
    }
}
