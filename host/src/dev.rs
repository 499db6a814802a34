//! The line against a broker inside the process: librdkafka's mock cluster, which lives as long as the command.
//!
//! The mock cluster keeps 5 MiB of each partition and has no real transactions: pipelines run at least once here
//! whatever they say, and input is produced no faster than it settles.

mod feed;
mod summary;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use feed::{Feed, FeedError};
pub use summary::{Effort, summary, totals};

use crate::{
    chain::Blueprint,
    config::{Config, Delivery, Kafka, Pipeline, Secret, Start},
    endpoint::Error,
    kafka::MockCluster,
};

/// Partitions of every topic that is created.
pub const PARTITIONS: i32 = 4;

/// The broker inside the process, with its topics.
#[derive(Debug)]
pub struct Broker {
    cluster: MockCluster,
    topics: BTreeSet<String>,
}

impl Broker {
    /// Starts one without topics.
    ///
    /// # Errors
    /// No port on the loopback interface.
    pub fn start() -> Result<Self, Error> {
        Ok(Self { cluster: MockCluster::start()?, topics: BTreeSet::new() })
    }

    /// `host:port`, for other programs too.
    pub fn address(&self) -> String {
        self.cluster.address()
    }

    /// How clients reach it.
    pub fn kafka(&self) -> Kafka {
        Kafka { brokers: self.address(), options: BTreeMap::new() }
    }

    /// Creates those that are not there.
    ///
    /// # Errors
    /// A name that is none.
    pub fn create<'a>(&mut self, topics: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        let new: BTreeSet<&str> = topics.into_iter().filter(|topic| !self.topics.contains(*topic)).collect();
        if !new.is_empty() {
            self.cluster.create(new.iter().copied(), PARTITIONS)?;
            self.topics.extend(new.into_iter().map(str::to_owned));
        }
        Ok(())
    }

    /// What was created.
    pub fn topics(&self) -> &BTreeSet<String> {
        &self.topics
    }
}

/// The configuration as it is run here: against `broker`, at least once, from the oldest record; what speaks of the
/// real cluster (its security, its tuning) is left out.
pub fn adapt(config: &Config, broker: &Broker) -> Config {
    let mut config = config.clone();
    config.kafka = broker.kafka();
    for pipeline in config.pipelines.values_mut() {
        let mut adapted = Pipeline::clone(pipeline);
        adapted.delivery = Delivery::AtLeastOnce;
        adapted.start = Start::Earliest;
        adapted.instance = None;
        adapted.producer = BTreeMap::new();
        // The mock cluster answers a waiting fetch only when its time is over.
        adapted.consumer = BTreeMap::from([("fetch.wait.max.ms".to_owned(), Secret("10".to_owned()))]);
        *pipeline = Arc::new(adapted);
    }
    config
}

/// Every topic that the pipelines name, and that their plugins' plans name: exact names only.
pub fn topics(blueprints: &BTreeMap<String, Arc<Blueprint>>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for blueprint in blueprints.values() {
        let named = blueprint.pipeline().exact_topics();
        all.extend(named.into_iter().map(|(_, topic)| topic.to_owned()));
        for (_, plan) in blueprint.plans() {
            all.extend(plan.topics.iter().filter(|topic| !topic.contains('*')).cloned());
        }
    }
    all
}

/// Whether `pipeline` reads `topic`.
pub fn reads(pipeline: &Pipeline, topic: &str) -> bool {
    pipeline.from.iter().any(|from| {
        if from.starts_with('^') {
            regex::Regex::new(from).is_ok_and(|pattern| pattern.is_match(topic))
        } else {
            from == topic
        }
    })
}
