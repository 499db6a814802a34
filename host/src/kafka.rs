//! Speaks to Kafka: clients from configuration, batch consumption, a producer that keeps the whole envelope.
//!
//! The only room that knows rdkafka. Everything unsafe stands in `raw`; what is offered here is safe:
//! [`Consumer`] (the group's member, one thread), [`Queue`] (what one worker consumes), [`Producer`] (one worker's),
//! [`Cluster`] (questions about topics), [`check_properties`] (what librdkafka thinks of the operator's properties) and [`MockCluster`] (the broker of `weir dev`).

mod bootstrap;
mod client_load;
mod cluster;
mod connection;
mod consumer;
mod denied;
mod lag;
mod log;
mod mock;
mod producer;
mod properties;
mod range;
mod raw;
mod reader;
mod reconnect;
mod refusal;
mod settings;

pub use cluster::{Broker, Cluster, Settings, Topic};
pub use connection::Connection;
pub use consumer::Consumer;
pub use denied::Denied;
#[cfg(test)]
pub(crate) use mock::Answer;
pub use mock::MockCluster;
pub use producer::{Producer, ProducerPool};
pub use properties::check_properties;
pub use raw::{
    headers::Headers,
    queue::{Fetched, Queue},
};
pub use reader::{Reader, Step};
pub use settings::client_configs;

/// librdkafka's name and version.
pub fn librdkafka() -> String {
    format!("librdkafka {}", rdkafka::util::get_rdkafka_version().1)
}
