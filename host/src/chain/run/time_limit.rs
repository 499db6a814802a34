//! Runs that somebody waits for only so long.

use std::time::Instant;

use super::Chain;
use crate::{
    chain::{Death, DeathKind, Flow, Stop},
    wasm::Cancel,
};

/// Until when a chain may run.
#[derive(Clone, Debug)]
pub struct TimeLimit {
    /// By this it may be given up before.
    pub cancel: Cancel,
    /// When its time is over.
    pub until: Instant,
}

impl TimeLimit {
    /// Whether nobody waits any more.
    pub fn is_over(&self) -> bool {
        self.cancel.is_cancelled() || Instant::now() >= self.until
    }
}

impl Chain {
    /// The same, which stops ([`Stop`]) before the next batch, and at the next fault within one, when the time is over. A
    /// call that is under way goes on to its own deadline.
    #[must_use]
    pub fn within(mut self, limit: TimeLimit) -> Self {
        self.isolation.limit = Some(limit);
        self
    }

    /// # Errors
    /// The time is over.
    pub(super) fn stop_where_over(&self, flow: &Flow) -> Result<(), Stop> {
        if !self.isolation.limit.as_ref().is_some_and(TimeLimit::is_over) {
            return Ok(());
        }
        let message = "there is no time left for the batch".to_owned();
        Err(self.stop(flow, 0, Death { kind: DeathKind::Deadline, interceptor: None, message, null: None }))
    }
}
