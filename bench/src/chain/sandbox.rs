//! The job by a chain, exactly as `weir run` and `weir replay` run it.

use std::sync::Arc;

use anyhow::Result;
use weir::{
    chain::{Blueprint, Chain, Flow},
    record::Timestamp,
};

use super::{
    job::{Job, TOPIC},
    sink::Sink,
};
use crate::events::Event;

/// A chain and its buffers.
#[derive(Debug)]
pub(crate) struct Sandbox {
    chain: Chain,
    flow: Flow,
    topic: Arc<str>,
}

impl Sandbox {
    /// A fresh chain.
    ///
    /// # Errors
    /// A plugin cannot be set up.
    pub(crate) fn new(blueprint: &Arc<Blueprint>) -> Result<Self> {
        let chain = blueprint.prepare(None)?.adopt(None);
        Ok(Self { chain, flow: Flow::default(), topic: Arc::from(TOPIC) })
    }
}

impl Job for Sandbox {
    fn batch(&mut self, first_offset: i64, events: &[Event], sink: &mut Sink) -> Result<()> {
        self.flow.batch.start(Arc::clone(&self.topic), 0);
        for (event, offset) in events.iter().zip(first_offset..) {
            let headers = event.headers.iter().map(|(name, value)| (name.as_bytes(), Some(value.as_slice())));
            let (key, value) = (Some(event.key.as_slice()), Some(event.value.as_slice()));
            self.flow.batch.push(offset, Timestamp::LogAppend(event.server), event.server, key, value, headers)?;
        }
        self.chain.run(&mut self.flow)?;
        // Not by `for`, as where messages are sent: iterators in iterators are slower that way.
        self.flow.outputs().for_each(
            #[inline(always)]
            |output| {
                sink.record(output.topic, output.timestamp.unwrap_or(-1), output.key, output.value);
                self.flow.batch.named(output.headers).for_each(|(name, value)| sink.header(name, value));
            },
        );
        Ok(())
    }
}
