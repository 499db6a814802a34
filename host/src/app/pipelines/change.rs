//! What a reload does to the pipelines.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use super::{LEAVE, OperationError, Pipelines, Slot, stop_reason};
use crate::{
    chain::Blueprint,
    failpoint::{Step, pass},
    pipeline::{State, StopReason, SwapError},
    reload::{Running, Swapped},
    threads::lock,
};

/// How long the workers may take to the end of their batches.
const SWAP: Duration = Duration::from_secs(15);

impl Running for Pipelines {
    /// One that was paused stays so.
    fn swap(&self, name: &str, blueprint: &Arc<Blueprint>, generation: u64) -> Result<Swapped, String> {
        let slot = self.slot(name).map_err(|error| error.to_string())?;
        // Else somebody who resumes it meanwhile would start the old chain behind this one's back.
        let _replacing = lock(&slot.replacing);
        let pipeline = slot.pipeline();
        if stop_reason(&pipeline.status()).is_some() {
            self.replace(name, &slot, blueprint, generation).map_err(|error| error.to_string())?;
            return Ok(Swapped::Revived);
        }
        match pipeline.swap(blueprint, generation, SWAP) {
            Ok(()) => Ok(Swapped::InService),
            // They hold it and take it as soon as they can: it is in service, only not everywhere yet.
            Err(SwapError::Late(workers)) => {
                tracing::warn!(generation, workers, "workers that have not come to the end of a batch follow later");
                Ok(Swapped::InService)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    fn begin_end(&self, names: &[&str]) {
        pass(Step::Leaving);
        for slot in names.iter().filter_map(|name| self.slot(name).ok()) {
            slot.pipeline().begin_shut_down(LEAVE);
        }
    }

    /// One that was paused stays so.
    fn start(&self, name: &str, blueprint: &Arc<Blueprint>, generation: u64) -> Result<(), String> {
        let started = match self.slot(name) {
            Ok(slot) => self.restart(name, &slot, blueprint, generation),
            Err(_) => self.add(name, blueprint, generation),
        };
        started.map_err(|error| error.to_string())
    }

    fn remove(&self, name: &str) {
        // Out of the others' sight first, so that nobody resumes it.
        let Some(slot) = lock(&self.slots).remove(name) else { return };
        let _replacing = lock(&slot.replacing);
        if slot.pipeline().state() == State::Stopped(StopReason::Paused) {
            lock(&self.removed_paused).insert(name.to_owned());
        }
        if !slot.pipeline().shut_down(LEAVE) {
            tracing::warn!(pipeline = name, "removed before everything was committed; that comes again to its group");
        }
        pass(Step::Removed);
        self.metrics.forget_pipeline(name);
        tracing::info!(pipeline = name, "removed");
    }

    fn set_changing(&self, is_changing: bool) {
        lock(&self.removed_paused).clear();
        self.is_changing.store(is_changing, Ordering::Release);
    }

    fn watch(&self, name: &str) {
        if let Ok(slot) = self.slot(name) {
            slot.pipeline().watch();
        }
    }
}

impl Pipelines {
    fn restart(
        &self,
        name: &str,
        slot: &Slot,
        blueprint: &Arc<Blueprint>,
        generation: u64,
    ) -> Result<(), OperationError> {
        let _replacing = lock(&slot.replacing);
        let old = slot.pipeline();
        if let Err(error) = self.replace(name, slot, blueprint, generation) {
            slot.pipeline().stop(StopReason::Client(error.to_string()));
            return Err(error);
        }
        // Also where somebody paused it while it left.
        if old.state() == State::Stopped(StopReason::Paused) {
            slot.pipeline().pause();
        }
        Ok(())
    }

    fn add(&self, name: &str, blueprint: &Arc<Blueprint>, generation: u64) -> Result<(), OperationError> {
        if self.is_ending() {
            return Err(OperationError::Ending);
        }
        let new = self.start_one(blueprint, generation, self.len() + 1);
        let new = new.map_err(|error| OperationError::Start(name.to_owned(), error.to_string()))?;
        let mut slots = lock(&self.slots);
        if self.is_ending() {
            // Nobody would wait for it. It has joined nothing yet, or has nothing that would have to settle.
            new.shut_down(Duration::ZERO);
            return Err(OperationError::Ending);
        }
        if lock(&self.removed_paused).remove(name) {
            new.pause();
        }
        slots.insert(name.to_owned(), Slot::of(new));
        pass(Step::Added);
        tracing::info!(pipeline = name, generation, "added");
        Ok(())
    }
}
