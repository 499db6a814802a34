//! Producers that the workers of many pipelines share.

use std::sync::{
    Arc, Mutex, Weak,
    atomic::{AtomicUsize, Ordering},
};

use rdkafka::config::ClientConfig;

use super::{channel::Channel, lane::Lane};
use crate::{endpoint::Error, metrics::Metrics, threads::lock};

/// The producers of a process that are shared. Each is a client of librdkafka, which takes a thread for each broker and two
/// more, and one of weir's.
#[derive(Debug, Default)]
pub struct ProducerPool {
    /// They end by themselves once nobody sends by them.
    channels: Mutex<Vec<Weak<Channel>>>,
    /// How many were made.
    made: AtomicUsize,
    metrics: Arc<Metrics>,
}

impl ProducerPool {
    /// None yet; what they do is shown in `metrics`.
    pub fn new(metrics: &Arc<Metrics>) -> Self {
        Self { metrics: Arc::clone(metrics), ..Self::default() }
    }

    /// A lane of a producer with exactly these settings that works: of one that is there, or of a new one.
    ///
    /// # Errors
    /// [`Channel::start`].
    pub(super) fn lane(&self, config: &ClientConfig, by_source: bool) -> Result<Lane, Error> {
        // Outlives the lock: the last to let go of a channel closes its client, which takes its time.
        let there: Vec<Arc<Channel>>;
        let mut channels = lock(&self.channels);
        channels.retain(|channel| channel.strong_count() > 0);
        there = channels.iter().filter_map(Weak::upgrade).collect();
        for channel in &there {
            if let Some((number, inbox)) = channel.join(config, by_source) {
                return Ok(Lane::new(Arc::clone(channel), number, inbox));
            }
        }
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        let (channel, number, inbox) = Channel::start(config, by_source, made, &self.metrics)?;
        channels.push(Arc::downgrade(&channel));
        Ok(Lane::new(channel, number, inbox))
    }
}
