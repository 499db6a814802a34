//! Connects a pipeline's two ends to Kafka.

use std::sync::Arc;

use super::{Consumer, Producer, ProducerPool, Queue};
use crate::{
    config::{Kafka, Pipeline, Share},
    endpoint::{Connect, Error},
    metrics::Metrics,
};

/// What a pipeline's clients are made of.
#[derive(Clone, Debug)]
pub struct Connection {
    kafka: Kafka,
    pipeline: Arc<Pipeline>,
    share: Share,
    metrics: Arc<Metrics>,
    producers: Option<Arc<ProducerPool>>,
}

impl Connection {
    /// The clients of `pipeline`, with the settings of `kafka` and its share of what the process has; what they do is
    /// counted in `metrics`.
    pub fn new(kafka: &Kafka, pipeline: &Arc<Pipeline>, share: Share, metrics: &Arc<Metrics>) -> Self {
        let (kafka, pipeline, metrics) = (kafka.clone(), Arc::clone(pipeline), Arc::clone(metrics));
        Self { kafka, pipeline, share, metrics, producers: None }
    }

    /// The same, whose workers send by the producers of `pool` where their share of the machine is too small for producers
    /// of their own.
    #[must_use]
    pub fn sharing(self, pool: &Arc<ProducerPool>) -> Self {
        let producers = self.share.shares_producers.then(|| Arc::clone(pool));
        Self { producers, ..self }
    }
}

impl Connect for Connection {
    type Member = Consumer;
    type Source = Queue;
    type Sink = Producer;

    fn join(&self, workers: usize) -> Result<(Consumer, Vec<Queue>), Error> {
        let mut consumer = Consumer::join(&self.kafka, &self.pipeline, self.share, &self.metrics)?;
        let queues = (0..workers).map(|_| consumer.queue()).collect();
        Ok((consumer, queues))
    }

    fn sink(&self, worker: usize, largest: Option<usize>) -> Result<Producer, Error> {
        Producer::new(&self.kafka, &self.pipeline, worker, largest, self.producers.as_ref(), &self.metrics)
    }
}
