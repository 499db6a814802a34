//! What may be asked of a running weir, and done to it, from outside.

use std::sync::PoisonError;

use super::{App, OperationError};
use crate::{
    pipeline::{State, Status},
    reload::Outcome,
};

/// The whole of what whoever serves operators needs to know of what runs; every method may be called by any thread.
pub trait Operations: Send + Sync {
    /// What each pipeline says of itself, by name.
    fn status(&self) -> Vec<Status>;

    /// Whether every pipeline has joined its group and none has stopped or was paused.
    fn is_ready(&self) -> bool {
        self.status().iter().all(|status| status.state == State::Running)
    }

    /// Reads the configuration again, also content that was refused before, and waits for what comes of it; none where
    /// weir does not reload, or ends.
    fn reload(&self) -> Option<Outcome>;

    /// Stops a pipeline's reading until [`Self::resume`]; what is in flight is settled and committed, membership and
    /// partitions stay.
    ///
    /// # Errors
    /// [`OperationError::Unknown`].
    fn pause(&self, pipeline: &str) -> Result<(), OperationError>;

    /// Starts a pipeline again that has stopped or was paused, from its watermark; waits up to 10 s for the old one to
    /// leave the group.
    ///
    /// # Errors
    /// [`OperationError`]; what stopped stays stopped.
    fn resume(&self, pipeline: &str) -> Result<(), OperationError>;
}

impl Operations for App {
    fn status(&self) -> Vec<Status> {
        self.pipelines.status()
    }

    fn reload(&self) -> Option<Outcome> {
        let reload = self.reload.lock().unwrap_or_else(PoisonError::into_inner);
        let requests = reload.as_ref()?.requests();
        drop(reload);
        requests.request()
    }

    fn pause(&self, pipeline: &str) -> Result<(), OperationError> {
        self.pipelines.pause(pipeline)
    }

    fn resume(&self, pipeline: &str) -> Result<(), OperationError> {
        self.pipelines.resume(pipeline)
    }
}
