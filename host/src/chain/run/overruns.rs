//! Records whose captures took too long: they are the fault, and the rest goes on.

use std::collections::BTreeMap;

use super::Chain;
use crate::{
    chain::{DeathKind, Flow, Stop, edits::Blame, flow::Row},
    config::OnFault,
};

impl Chain {
    /// Runs interceptor `at` over all `rows` but those whose extraction took too long.
    pub(super) fn run_rows_in_time(&mut self, flow: &mut Flow, at: usize, rows: &mut Vec<Row>) -> Result<(), Stop> {
        let skipping = self.take_late(flow, at, rows)?;
        if !rows.is_empty() {
            self.run_rows(flow, at, rows)?;
        }
        put_back(flow, rows, skipping);
        Ok(())
    }

    /// Takes those of all `rows` away for which something that interceptor `at` reads could not be extracted in time. Returns
    /// the ones that skip the interceptor, if that is what `on_fault` says.
    fn take_late(&mut self, flow: &mut Flow, at: usize, rows: &mut Vec<Row>) -> Result<Vec<Row>, Stop> {
        let reads = &self.blueprint.schedule.stages[at];
        let late = self.overruns.iter().filter(|late| late.registers.iter().any(|register| reads.reads(*register)));
        let late: BTreeMap<usize, String> = late.map(|late| (late.slot, late.message.clone())).collect();
        let mut skipping = Vec::new();
        if late.is_empty() {
            return Ok(skipping);
        }
        // While header edits are held back, no row may go.
        flow.settle(rows);
        let mut going_on = Vec::with_capacity(rows.len());
        for row in rows.drain(..) {
            let Some(message) = late.get(&(row.slot as usize)).filter(|_| !flow.is_dead(row.input)) else {
                going_on.push(row);
                continue;
            };
            let blame = Blame { kind: DeathKind::Deadline, message: message.clone() };
            let death = self.confirm_fault(flow, at, row, &blame);
            match self.blueprint.stages[at].on_fault {
                OnFault::Pass => skipping.push(row),
                OnFault::DeadLetter => flow.dead_letter(&self.blueprint.dead_letters, row.input, death)?,
                OnFault::Stop => return Err(self.stop(flow, row.input, death)),
            }
        }
        *rows = going_on;
        rows.retain(|row| !flow.is_dead(row.input));
        skipping.retain(|row| !flow.is_dead(row.input));
        flow.settled(rows);
        Ok(skipping)
    }
}

/// Puts rows that skipped an interceptor back in their places.
fn put_back(flow: &mut Flow, rows: &mut Vec<Row>, skipped: Vec<Row>) {
    if skipped.is_empty() {
        return;
    }
    flow.settle(rows);
    rows.extend(skipped);
    // Slots ascend as rows do; copies of a row share its slot and keep their order.
    rows.sort_by_key(|row| row.slot);
    flow.settled(rows);
}
