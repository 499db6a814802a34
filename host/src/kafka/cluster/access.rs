//! Which brokers answer, and what they let weir do.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{consumer::Consumer as _, error::RDKafkaErrorCode};

use super::{Cluster, ErrorRecorder};
use crate::{
    endpoint::{Allowed, Error, TopicState},
    kafka::raw::admin::Admin,
};

/// Between two questions for a group that has no coordinator.
const PAUSE: Duration = Duration::from_millis(100);

/// A broker of the cluster, as the cluster names it to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Its number.
    pub id: i32,
    /// `host:port`.
    pub address: String,
    /// Why it does not answer; none = it does.
    pub silence: Option<String>,
}

impl Cluster {
    /// Asks every broker that the cluster names whether it answers within `wait`, all at the same time; `topic` is what they
    /// are asked about, be it there or not.
    ///
    /// # Errors
    /// Nobody tells within `wait` which brokers there are.
    pub fn brokers(&self, topic: &str, wait: Duration) -> Result<Vec<Broker>, Error> {
        let failed = |reason| Error::new("list the brokers", reason);
        let metadata = self.client.fetch_metadata(Some(topic), wait).map_err(failed)?;
        let topic = [Arc::from(topic)];
        let asked: Vec<(Broker, Admin<ErrorRecorder>)> = metadata
            .brokers()
            .iter()
            .map(|broker| {
                let admin = Admin::new(&self.client);
                admin.ask_topics(&topic, Some(broker.id()), false, wait);
                let address = format!("{}:{}", broker.host(), broker.port());
                (Broker { id: broker.id(), address, silence: None }, admin)
            })
            .collect();
        let answered = asked.into_iter().map(|(broker, admin)| {
            let silence = match admin.await_topics(wait) {
                // One that is too old for the question has answered as well.
                Ok(_) | Err(RDKafkaErrorCode::UnsupportedFeature) => return broker,
                Err(code) => code.to_string(),
            };
            let said = self.client.context().lock().of_broker.get(&broker.address).cloned();
            Broker { silence: Some(said.unwrap_or(silence)), ..broker }
        });
        Ok(answered.collect())
    }

    /// What weir may do with those of `topics` that are there, as `broker` tells; none of one where it does not tell.
    ///
    /// # Errors
    /// No answer within `wait`, or the broker does not know the question.
    pub fn allowed(
        &self,
        topics: &[Arc<str>],
        broker: i32,
        wait: Duration,
    ) -> Result<BTreeMap<Arc<str>, Option<Allowed>>, Error> {
        if topics.is_empty() {
            return Ok(BTreeMap::new());
        }
        let admin = Admin::new(&self.client);
        admin.ask_topics(topics, Some(broker), true, wait);
        let answer = admin.await_topics(wait);
        let told = answer.map_err(|code| Error::new("ask what weir may do with topics", code))?;
        Ok(told
            .into_iter()
            .filter_map(|(name, state)| match state {
                TopicState::There { allowed, .. } => Some((name, allowed)),
                TopicState::Missing | TopicState::Unclear(_) => None,
            })
            .collect())
    }

    /// What weir may do with a group, be it there or not; none where the brokers do not tell.
    ///
    /// # Errors
    /// No answer within `wait`, or the brokers do not know the question.
    pub fn group_allowed(&self, group: &str, wait: Duration) -> Result<Option<Allowed>, Error> {
        use RDKafkaErrorCode as E;
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match Admin::new(&self.client).group_allowed(group, left) {
                // Of a group that nobody has joined yet the brokers may still have to agree who coordinates it.
                Err(E::NotCoordinator | E::CoordinatorNotAvailable | E::CoordinatorLoadInProgress) if left > PAUSE => {
                    std::thread::sleep(PAUSE);
                }
                answer => return answer.map_err(|code| Error::new("ask what weir may do with the group", code)),
            }
        }
    }
}
