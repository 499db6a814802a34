//! Halves a batch down to the records that fault, so that the rest goes on.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use super::{Chain, Outcome, TimeLimit};
use crate::{
    chain::{Death, DeathKind, Flow, Stop, edits::Blame, flow::Row},
    config::OnFault,
};

/// How long the isolation of one batch's faults may take. Below the time after which a transaction or a group's
/// membership would be lost.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The search for the records of one batch that fault.
#[derive(Debug, Default)]
pub(super) struct Isolation {
    /// When the batch's first fault was, or the first search that took long.
    since: Option<Instant>,
    /// What is still to be run, the next one last, with the times that it ran past its deadline alone.
    todo: Vec<(Range<usize>, u8)>,
    /// Whether a faulting record was logged: one a batch is enough.
    told: bool,
    /// Whether a fault was logged that no record is to blame for.
    told_recovered: bool,
    /// Of the chain's runs together.
    pub(super) limit: Option<TimeLimit>,
}

impl Isolation {
    /// A new batch begins.
    pub(super) fn begin(&mut self) {
        *self = Self { limit: self.limit.take(), ..Self::default() };
    }

    /// Whether a batch's faults have taken too long: counted from when this was first asked.
    pub(super) fn is_over(&mut self) -> bool {
        self.since.get_or_insert_with(Instant::now).elapsed() > PATIENCE
            || self.limit.as_ref().is_some_and(TimeLimit::is_over)
    }
}

/// What the search within one call has come upon.
#[derive(Debug, Default)]
struct Search {
    /// The first fault.
    first: Option<Blame>,
    /// Whether a record is to blame.
    found: bool,
}

impl Chain {
    /// Runs interceptor `at` over `rows[range]`, whatever faults.
    ///
    /// A range that faults is halved. A record is to blame if it faults alone, in an instance that has seen nothing else;
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
        let mut search = Search::default();
        while let Some((range, strikes)) = self.isolation.todo.pop() {
            let Err(blame) = self.call(flow, at, rows, range.clone(), outcome)? else {
                continue;
            };
            // From here on rows go one by one.
            flow.settle(rows);
            let fresh = self.instances[at].was_fresh();
            self.instances[at].renewed();
            // A deadline may be the machine's: what is not says more.
            if search
                .first
                .as_ref()
                .is_none_or(|first| first.kind == DeathKind::Deadline && blame.kind != DeathKind::Deadline)
            {
                search.first = Some(blame.clone());
            }
            let (input, message) = (rows[range.start].input, &blame.message);
            if self.isolation.is_over() {
                let message = format!("{message}; finding the records to blame took longer than {PATIENCE:?}");
                let death = Death::by(at, blame.kind, &message);
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
                search.found = true;
                self.settle_fault(flow, at, rows[range.start], &blame, outcome)?;
            } else {
                self.isolation.todo.push((range, struck));
            }
        }
        if let Search { first: Some(blame), found: false } = search {
            self.tell_recovered(flow, at, &blame);
        }
        Ok(())
    }

    /// Counts a fault of a call whose records all passed alone, and logs the first of a batch.
    fn tell_recovered(&mut self, flow: &Flow, at: usize, blame: &Blame) {
        self.instances[at].recovered_fault(blame.kind);
        if !std::mem::replace(&mut self.isolation.told_recovered, true) {
            tracing::warn!(
                pipeline = %self.blueprint.dead_letters.pipeline,
                interceptor = %self.blueprint.stages[at].name,
                topic = %flow.batch.topic(),
                partition = flow.batch.partition(),
                kind = blame.kind.as_str(),
                reason = blame.message,
                "a call faulted, but none of its records does alone: no record is lost, the calls are made twice",
            );
        }
    }

    /// Counts a fault and logs the first of a batch. Returns what the record's dead letter says.
    pub(super) fn confirm_fault(&mut self, flow: &Flow, at: usize, row: Row, blame: &Blame) -> Death {
        self.instances[at].confirm_fault(blame.kind);
        let death = Death::by(at, blame.kind, &blame.message);
        if !std::mem::replace(&mut self.isolation.told, true) {
            let offset = flow.batch.inputs().get(row.input as usize).map(|record| record.offset);
            tracing::warn!(
                pipeline = %self.blueprint.dead_letters.pipeline,
                interceptor = %self.blueprint.stages[at].name,
                topic = %flow.batch.topic(),
                partition = flow.batch.partition(),
                offset,
                kind = death.kind.as_str(),
                reason = death.message,
                "a record faulted; further ones of its batch are not told",
            );
        }
        death
    }

    /// Does with a record that is to blame what `on_fault` says.
    fn settle_fault(
        &mut self,
        flow: &mut Flow,
        at: usize,
        row: Row,
        blame: &Blame,
        outcome: &mut Outcome,
    ) -> Result<(), Stop> {
        let mut death = self.confirm_fault(flow, at, row, blame);
        let on_fault = self.blueprint.stages[at].on_fault;
        if on_fault != OnFault::Pass {
            death = self.explained(flow, at, &row, death);
        }
        match on_fault {
            OnFault::Pass => self.next.push(row),
            OnFault::DeadLetter => {
                outcome.died = true;
                flow.dead_letter(&self.blueprint.dead_letters, row.input, death)?;
            }
            OnFault::Stop => return Err(self.stop(flow, row.input, death)),
        }
        Ok(())
    }
}
