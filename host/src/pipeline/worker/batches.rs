//! Runs batches, sends what comes of them, and settles them.

use std::{
    sync::mpsc::Receiver,
    time::{Duration, Instant},
};

use super::{Ready, Worker, now};
use crate::{
    batch::Batch,
    chain::Death,
    delivery::NotOpened,
    endpoint::{Sink, Source},
    pipeline::{
        Command, StopReason,
        dispatcher::{Event, Rejection},
    },
};

impl<S: Source, K: Sink<Headers = S::Headers>> Worker<S, K> {
    /// Takes what the source holds into batches.
    pub(super) fn take_records(&mut self) {
        let Self { source, partitions, dispatcher, ready, shared, received, .. } = self;
        source.drain(|record| partitions.accept(record, *received, (&mut *dispatcher, &mut *ready, shared)));
        ready.extend(partitions.filled());
    }

    /// Runs the batches that are ready, and obeys between any two of them: a call of a plugin may take seconds. Returns
    /// false once the worker has ended.
    pub(super) fn run_batches(&mut self, inbox: &Receiver<Command>) -> bool {
        while let Some(ready) = self.ready.pop_front() {
            self.run_batch(ready);
            if !self.ready.is_empty() {
                self.serve(Duration::ZERO);
                if self.obey(inbox).is_none() {
                    return false;
                }
            }
        }
        // The source holds nothing, and what it fetches next is of the partitions as they are now.
        self.partitions.forget_stale();
        // All that was read before an error is opened: from there the control thread goes on.
        self.partitions.report_halted(&self.shared);
        true
    }

    /// Runs a batch and sends what comes of it.
    fn run_batch(&mut self, Ready { slot, partition, assignment }: Ready) {
        let flow = self.dispatcher.flow(slot);
        let Some((first, end)) = bounds(&flow.batch) else { return self.dispatcher.release(slot) };
        if self.shared.is_stopped() {
            return self.dispatcher.release(slot);
        }
        let Some(chain) = &mut self.chain else { return self.dispatcher.release(slot) };
        let began = Instant::now();
        if let Err(stop) = chain.run(flow) {
            self.shared.stop(StopReason::Fault(stop.to_string()));
            return self.dispatcher.release(slot);
        }
        self.tally.ran(flow.batch.len(), began.elapsed());
        if self.shared.config.breaker.is_some() && chain.has_faulted() {
            // The breaker is to open before the next batch, and before this one's dead letters go out.
            self.count(true);
            if self.shared.is_stopped() {
                return self.dispatcher.release(slot);
            }
        }
        if !self.set_unroutable_aside(slot) {
            return self.dispatcher.release(slot);
        }
        let opened = self.shared.committer(self.index).open(&partition, assignment, first..end, self.generation);
        match opened {
            Ok(ticket) => {
                self.tally.opened(&self.dispatcher.flow(slot).batch);
                self.dispatcher.dispatch_batch(slot, ticket, &self.blueprint, &mut self.tally);
                self.act();
            }
            // The group gave it to somebody else while a plugin ran, or it is read anew: these records are read there.
            Err(NotOpened::NotAssigned) => self.dispatcher.release(slot),
            Err(error) => {
                self.shared.stop(StopReason::Client(format!("{partition}: {error}")));
                self.dispatcher.release(slot);
            }
        }
    }

    /// Writes the dead letters of records whose topics are missing for certain. Returns false where the pipeline stops.
    fn set_unroutable_aside(&mut self, slot: usize) -> bool {
        for (input, kind, message) in self.dispatcher.unroutable(slot, Instant::now()) {
            let death = Death { kind, interceptor: None, message, null: None };
            if let Err(stop) = self.dispatcher.flow(slot).dead_letter(self.blueprint.dead_letters(), input, death) {
                self.shared.stop(StopReason::Fault(stop.to_string()));
                return false;
            }
        }
        true
    }

    /// Takes the reports in that are there, waits up to `wait` for the first, and goes on with what is not delivered.
    pub(super) fn serve(&mut self, wait: Duration) {
        self.dispatcher.serve(wait);
        self.act();
        if !self.shared.is_stopped() {
            let before = self.dispatcher.outstanding();
            self.dispatcher.advance(Instant::now());
            if self.dispatcher.outstanding() > before {
                self.linger.hand_over(self.rate, self.came, Instant::now());
            }
            self.act();
        }
    }

    /// Does what became of messages asks for.
    fn act(&mut self) {
        while let Some(event) = self.dispatcher.next_event() {
            match event {
                Event::Settled(slot) => self.settle_batch(slot),
                Event::Rejected(rejection) => self.write_dead_letter(rejection),
                Event::Replaced => self.tally.replaced(),
                Event::Stop(reason) => self.shared.stop(reason),
            }
        }
        self.tally.zeros(self.dispatcher.take_zeros());
    }

    fn settle_batch(&mut self, at: usize) {
        let slot = self.dispatcher.slot(at);
        match slot.ticket {
            Some(ticket) if !slot.is_revoked => {
                let fates = self.tally.settled(slot, now());
                if fates.dead > 0 {
                    self.shared.deaths.note(slot);
                }
                self.shared.committer(self.index).settle(&slot.partition, ticket, fates);
            }
            Some(_) => self.tally.released(slot.flow.batch.len()),
            None => {}
        }
        self.dispatcher.release(at);
    }

    /// A dead letter takes the place of a record that cannot be delivered.
    fn write_dead_letter(&mut self, rejection: Rejection) {
        if !self.dispatcher.is_rejected(&rejection) {
            return;
        }
        let Rejection { slot: at, number, input, kind, message } = rejection;
        let slot = self.dispatcher.slot(at);
        let blueprint = slot.blueprint.as_ref().unwrap_or(&self.blueprint);
        let death = Death { kind, interceptor: None, message, null: None };
        match slot.flow.dead_letter(blueprint.dead_letters(), input, death) {
            Ok(()) => self.dispatcher.send_dead_letter(at, input),
            Err(stop) => {
                self.shared.stop(StopReason::Fault(stop.to_string()));
                self.dispatcher.put_back(at, number);
            }
        }
    }
}

/// The first offset of a batch and the one after its last.
fn bounds(batch: &Batch) -> Option<(i64, i64)> {
    Some((batch.inputs().first()?.offset, batch.inputs().last()?.offset + 1))
}
