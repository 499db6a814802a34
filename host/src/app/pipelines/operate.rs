//! What an operator does to a pipeline: stops its reading, and starts it again.

use std::{sync::Arc, time::Duration};

use super::{LEAVE, OperationError, Pipelines, Slot, is_stopped, stop_reason};
use crate::{
    chain::Blueprint,
    failpoint::{Step, pass},
    threads::lock,
};

impl Pipelines {
    /// Stops reading until [`Self::resume`]; what producers have is settled and committed, membership and partitions stay.
    ///
    /// # Errors
    /// [`OperationError`]: there is none of that name, it has stopped by itself, or weir is ending.
    pub(in crate::app) fn pause(&self, name: &str) -> Result<(), OperationError> {
        let pipeline = self.slot(name)?.pipeline();
        if self.is_ending() {
            return Err(OperationError::Ending);
        }
        pipeline.pause();
        match stop_reason(&pipeline.status()) {
            Some(reason) => Err(OperationError::Stopped(name.to_owned(), reason.to_string())),
            None => Ok(()),
        }
    }

    /// Starts a pipeline again that has stopped or was paused, from its watermark.
    ///
    /// # Errors
    /// [`OperationError`]; what stopped stays stopped.
    pub(in crate::app) fn resume(&self, name: &str) -> Result<(), OperationError> {
        let slot = self.slot(name)?;
        let _replacing = lock(&slot.replacing);
        if !self.slot(name).is_ok_and(|now| Arc::ptr_eq(&now, &slot)) {
            // It was removed while this waited.
            return Err(OperationError::Unknown(name.to_owned()));
        }
        let (generation, blueprint) = slot.pipeline().generation();
        if !is_stopped(&slot.pipeline().status()) {
            return Err(OperationError::NotStopped(name.to_owned()));
        }
        self.replace(name, &slot, &blueprint, generation)
    }

    /// Ends the pipeline and starts one in its place, from its watermark. Whoever calls this holds `slot.replacing`.
    ///
    /// # Errors
    /// It cannot start, and stays as it was: stopped, or ended.
    pub(super) fn replace(
        &self,
        name: &str,
        slot: &Slot,
        blueprint: &Arc<Blueprint>,
        generation: u64,
    ) -> Result<(), OperationError> {
        let old = slot.pipeline();
        if !old.shut_down(LEAVE) {
            tracing::warn!(pipeline = name, "left its group before everything was committed; that comes again");
        }
        pass(Step::Left);
        if self.is_ending() {
            return Err(OperationError::Ending);
        }
        let new = self.start_one(blueprint, generation, self.len());
        let new = new.map_err(|error| OperationError::Start(name.to_owned(), error.to_string()))?;
        let mut pipeline = lock(&slot.pipeline);
        if self.is_ending() {
            // It has joined nothing yet, or has nothing that would have to settle.
            new.begin_shut_down(Duration::ZERO);
            return Err(OperationError::Ending);
        }
        // A generation's first hour goes on; it does not begin anew.
        new.watch_on(&old);
        *pipeline = Arc::new(new);
        pass(Step::Started);
        tracing::info!(pipeline = name, generation, "started again from the watermark");
        Ok(())
    }
}
