//! What librdkafka's clients hold and how long their brokers take, out of its statistics.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use super::{Labels, Metrics};

/// The families of all clients; each has the labels pipeline and client.
#[derive(Debug, Default)]
pub(super) struct Clients {
    messages: Family<Labels, Gauge>,
    bytes: Family<Labels, Gauge>,
    round_trips: Family<Labels, Gauge<f64, AtomicU64>>,
}

impl Clients {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let all = Self::default();
        let help = "Messages in the queues of a client of librdkafka";
        registry.register("client_queue_messages", help, all.messages.clone());
        let help = "Bytes of the messages in the queues of a client of librdkafka";
        registry.register_with_unit("client_queue", help, Unit::Bytes, all.bytes.clone());
        let help = "How long the slowest broker of a client of librdkafka took to answer, on average";
        registry.register_with_unit("client_round_trip", help, Unit::Seconds, all.round_trips.clone());
        all
    }
}

/// The series of one client, which go with it.
#[derive(Debug)]
pub struct ClientGauges {
    metrics: Arc<Metrics>,
    labels: Labels,
}

impl ClientGauges {
    /// Those of the client that is called `client` among the pipeline's; `pipeline` is empty where several share it.
    pub fn new(metrics: &Arc<Metrics>, pipeline: &str, client: &str) -> Self {
        let labels = vec![("pipeline", pipeline.to_owned()), ("client", client.to_owned())];
        Self { metrics: Arc::clone(metrics), labels }
    }

    /// Sets what it holds, and how long its brokers take; none where they answered nothing of late.
    pub fn set(&self, (messages, bytes): (u64, u64), round_trip: Option<Duration>) {
        let whole = |number| i64::try_from(number).unwrap_or(i64::MAX);
        let Clients { messages: of_messages, bytes: of_bytes, round_trips } = &self.metrics.clients;
        of_messages.get_or_create(&self.labels).set(whole(messages));
        of_bytes.get_or_create(&self.labels).set(whole(bytes));
        match round_trip {
            Some(took) => drop(round_trips.get_or_create(&self.labels).set(took.as_secs_f64())),
            None => drop(round_trips.remove(&self.labels)),
        }
    }
}

impl Drop for ClientGauges {
    fn drop(&mut self) {
        let Clients { messages, bytes, round_trips } = &self.metrics.clients;
        messages.remove(&self.labels);
        bytes.remove(&self.labels);
        round_trips.remove(&self.labels);
    }
}
