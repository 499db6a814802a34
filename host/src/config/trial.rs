//! A configuration of one plugin alone, as its author tries it: no file stands behind it.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use sha2::{Digest as _, Sha256};
use weir_rules::{hex, json::Reading};

use super::{
    Config, Cut, Delivery, GroupProtocol, Interceptor, Kafka, OnFault, OnGap, OnStop, PartitionBy, Pipeline, Place,
    Plugin, Start, TopicPattern, UnknownTopics, Warnings,
};

/// What a plugin is tried with.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Where its bytes came from, as the user wrote it.
    pub path: PathBuf,
    /// Component, core module or .wat text.
    pub bytes: Arc<[u8]>,
    /// Its config as JSON text.
    pub config: String,
    /// What `lookup.get` answers, by name.
    pub files: BTreeMap<String, Arc<[u8]>>,
    /// Where a record goes that the plugin does not route.
    pub to: String,
    /// The topic of dead letters.
    pub dead_letter: String,
    /// Thread CPU time for one call.
    pub deadline: Duration,
    /// Bytes of linear memory.
    pub memory: usize,
}

impl Config {
    /// Returns a configuration whose only pipeline has the plugin as its only interceptor, which may route anywhere; for
    /// chains alone, as it names no broker.
    pub fn of_trial(trial: Trial) -> (Self, Arc<Pipeline>) {
        let interceptor = Interceptor {
            // Whatever the file is called: dead letters have it.
            name: "plugin".to_owned(),
            plugin: Plugin {
                sha256: hex(&Sha256::digest(&trial.bytes)),
                name: trial.path.display().to_string(),
                bytes: trial.bytes,
                path: Some(trial.path),
            },
            config: trial.config,
            on_fault: OnFault::DeadLetter,
            deadline: trial.deadline,
            memory: trial.memory,
            allow: None,
            files: trial.files,
            references: Vec::new(),
            place: Place::default(),
        };
        let pipeline = Arc::new(Pipeline {
            name: "trial".to_owned(),
            from: vec!["in".to_owned()],
            group: "trial".to_owned(),
            to: Some(trial.to),
            topics: vec![TopicPattern("*".to_owned())],
            dead_letter: Some(trial.dead_letter),
            delivery: Delivery::AtLeastOnce,
            start: Start::Earliest,
            on_gap: OnGap::Stop,
            breaker: None,
            unknown_topics: UnknownTopics::Warn,
            stamp_generation: None,
            rollback: None,
            probe: None,
            partition_by: PartitionBy::Key,
            instance: None,
            group_protocol: GroupProtocol::Classic,
            ledger_topic: None,
            workers: None,
            batch: Cut::default(),
            json: Reading::Whole,
            consumer: BTreeMap::new(),
            producer: BTreeMap::new(),
            interceptors: vec![interceptor],
            place: Place::default(),
        });
        let config = Self {
            kafka: Kafka { brokers: String::new(), options: BTreeMap::new() },
            admin: None,
            shutdown_timeout: Duration::ZERO,
            on_stop: OnStop::Exit,
            state_dir: None,
            pipelines: BTreeMap::from([(pipeline.name.clone(), Arc::clone(&pipeline))]),
            path: PathBuf::new(),
            files: Vec::new(),
            kafka_place: Place::default(),
            warnings: Warnings::default(),
            sources: Vec::new(),
        };
        (config, pipeline)
    }
}
