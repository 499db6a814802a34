//! Halves a batch down to the records that fault, so that the rest goes on.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use super::{Chain, Outcome};
use crate::{
    chain::{Death, DeathKind, Flow, Stop, edits::Blame, flow::Row},
    config::OnFault,
};

/// How long the isolation of one batch's faults may take. Below the time after which a transaction or a group's
/// membership would be lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// The search for the guilty records of one batch.
#[derive(Debug, Default)]
pub(super) struct Isolation {
    /// When the batch's first fault was.
    since: Option<Instant>,
    /// What is still to be run, the next one last, with the times that it ran past its deadline alone.
    todo: Vec<(Range<usize>, u8)>,
    /// Whether a guilty record was logged: one a batch is enough.
    told: bool,
}

impl Chain {
    /// Runs interceptor `at` over `rows[range]`, whatever faults.
    ///
    /// A range that faults is halved. A record is guilty if it faults alone, in an instance that has seen nothing else;
    /// of running past the deadline only if it does so twice, for the first time may have been the machine's.
    pub(super) fn isolate(
        &mut self,
        flow: &mut Flow,
        at: usize,
        rows: &mut [Row],
        range: Range<usize>,
        outcome: &mut Outcome,
    ) -> Result<(), Stop> {
        self.isolation.todo.clear();
        self.isolation.todo.push((range, 0));
        while let Some((range, strikes)) = self.isolation.todo.pop() {
            let Err(blame) = self.call(flow, at, rows, range.clone(), outcome)? else {
                continue;
            };
            // From here on rows go one by one.
            flow.settle(rows);
            let fresh = self.links[at].was_fresh();
            self.links[at].renewed();
            let (input, message) = (rows[range.start].input, &blame.message);
            if self.isolation.since.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                let message = format!("{message}; finding the records to blame took longer than {PATIENCE:?}");
                let death = Death { kind: blame.kind, interceptor: Some(at), message };
                return Err(self.stop(flow, input, death));
            }
            if range.len() > 1 {
                let middle = range.start + range.len() / 2;
                self.isolation.todo.push((middle..range.end, 0));
                self.isolation.todo.push((range.start..middle, 0));
                continue;
            }
            let struck = strikes + u8::from(blame.kind == DeathKind::Deadline);
            let certain = match blame.kind {
                // An answer, not an accident: the instance was well.
                DeathKind::Failed => true,
                DeathKind::Deadline => struck >= 2,
                _ => fresh,
            };
            if certain {
                self.convict(flow, at, rows[range.start], blame, outcome)?;
            } else {
                self.isolation.todo.push((range, struck));
            }
        }
        Ok(())
    }

    fn convict(
        &mut self,
        flow: &mut Flow,
        at: usize,
        row: Row,
        blame: Blame,
        outcome: &mut Outcome,
    ) -> Result<(), Stop> {
        let stage = &self.blueprint.stages[at];
        self.links[at].convict(blame.kind);
        if !std::mem::replace(&mut self.isolation.told, true) {
            let offset = flow.batch.inputs().get(row.input as usize).map(|record| record.offset);
            tracing::warn!(
                pipeline = %self.blueprint.graveyard.pipeline,
                interceptor = %stage.name,
                topic = %flow.batch.topic(),
                partition = flow.batch.partition(),
                offset,
                kind = blame.kind.as_str(),
                reason = blame.message,
                "a record faulted; further ones of its batch are not told",
            );
        }
        let death = Death { kind: blame.kind, interceptor: Some(at), message: blame.message };
        match stage.on_fault {
            OnFault::Pass => self.next.push(row),
            OnFault::DeadLetter => {
                outcome.died = true;
                flow.bury(&self.blueprint.graveyard, row.input, death)?;
            }
            OnFault::Stop => return Err(self.stop(flow, row.input, death)),
        }
        Ok(())
    }
}
