//! Runs flows: stage by stage, call by call.

use std::{mem, ops::Range, sync::Arc};

use super::{
    Blueprint, Counts, Death, DeathKind, Fate, Flow, InterceptorCounts, Stop,
    columns::{Gathered, last_header},
    edits::{Applier, Blame, check},
    flow::Row,
    schedule::From,
};
use crate::{
    batch::Cell,
    extract::{Extractor, Registers},
    wasm::Said,
};

mod isolate;
mod link;

use isolate::Isolation;
pub(super) use link::Link;

/// Rows that one call is asked about at most.
const CALL_ROWS: usize = 8_192;
/// Bytes of keys, values and headers that one call is asked about at most, unless a single row has more. A batch as it
/// comes stays far below; rows that an interceptor has multiplied do not.
const CALL_BYTES: usize = 4 * 1024 * 1024;

/// One worker's instances of a blueprint, and its buffers.
#[derive(Debug)]
pub struct Chain {
    blueprint: Arc<Blueprint>,
    links: Vec<Link>,
    /// One list per interceptor, with scratch of its own.
    passes: Vec<Vec<(From, Extractor)>>,
    registers: Registers,
    gathered: Gathered,
    applier: Applier,
    /// Rows of the next stage.
    next: Vec<Row>,
    /// What was said in this batch, by the interceptor's place; counts once the batch is through.
    said: Vec<(usize, Said)>,
    isolation: Isolation,
    /// What the chain before this one had counted and nobody had taken.
    inherited: Vec<InterceptorCounts>,
}

impl Chain {
    pub(super) fn new(blueprint: Arc<Blueprint>, links: Vec<Link>, inherited: Vec<InterceptorCounts>) -> Self {
        let schedule = &blueprint.schedule;
        Self {
            passes: schedule.stages.iter().map(|stage| stage.passes.clone()).collect(),
            registers: Registers::new(schedule.cells, schedule.ints),
            blueprint,
            links,
            gathered: Gathered::default(),
            applier: Applier::default(),
            next: Vec::new(),
            said: Vec::new(),
            isolation: Isolation::default(),
            inherited,
        }
    }

    /// The instances with what identifies them, and the counts that nobody has taken.
    pub(super) fn into_links(mut self) -> (Vec<(String, Link)>, Vec<InterceptorCounts>) {
        let counts = self.take_counts().interceptors;
        let identities = self.blueprint.stages.iter().map(|stage| stage.identity.clone());
        (identities.zip(self.links).collect(), counts)
    }

    /// What it was made from.
    pub fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    /// What was counted since the last call of this.
    pub fn take_counts(&mut self) -> Counts {
        let mut interceptors = mem::take(&mut self.inherited);
        let names = self.blueprint.stages.iter().map(|stage| &stage.name);
        interceptors.extend(names.zip(&mut self.links).map(|(name, link)| link.take_counts(name)));
        Counts { interceptors }
    }

    /// Runs a started and filled flow through every interceptor and decides where its rows go.
    ///
    /// # Errors
    /// [`Stop`]: the flow then has no fates and no outputs, and nothing was counted but faults; the same batch may be
    /// run again.
    pub fn run(&mut self, flow: &mut Flow) -> Result<(), Stop> {
        flow.begin(self.blueprint.to.as_ref());
        self.said.clear();
        self.isolation = Isolation::default();
        let run = self.run_stages(flow);
        if run.is_err() {
            flow.forget();
            return run;
        }
        for (at, said) in self.said.drain(..) {
            self.links[at].accept(&self.blueprint.stages[at].name, said);
        }
        Ok(())
    }

    fn run_stages(&mut self, flow: &mut Flow) -> Result<(), Stop> {
        self.registers.resize(flow.rows.len());
        for at in 0..self.links.len() {
            self.stage(flow, at)?;
        }
        let blueprint = Arc::clone(&self.blueprint);
        let to = blueprint.to.is_some().then_some(0);
        for at in 0..flow.rows.len() {
            let row = &mut flow.rows[at];
            row.topic = row.topic.or(to);
            if row.topic.is_none() {
                let input = row.input;
                let message = "no interceptor routed the record and the pipeline has no `to`".to_owned();
                let death = Death { kind: DeathKind::Unrouted, interceptor: None, message };
                flow.bury(&blueprint.graveyard, input, death)?;
            }
        }
        Ok(())
    }

    fn stage(&mut self, flow: &mut Flow, at: usize) -> Result<(), Stop> {
        if flow.rows.is_empty() {
            return Ok(());
        }
        self.extract(flow, at)?;
        let rows = mem::take(&mut flow.rows);
        self.next.clear();
        let mut outcome = Outcome::default();
        let mut from = 0;
        while from < rows.len() {
            let to = self.chunk(flow, at, &rows, from);
            self.isolate(flow, at, &rows, from..to, &mut outcome)?;
            from = to;
        }
        if outcome.died {
            self.next.retain(|row| !flow.is_dead(row.input));
        }
        if outcome.dropped {
            mark_dropped(flow, at, &rows, &self.next);
        }
        flow.rows = mem::replace(&mut self.next, rows);
        if self.blueprint.stages[at].renumbers() {
            for (slot, row) in flow.rows.iter_mut().enumerate() {
                row.slot = slot as u32;
            }
            self.registers.resize(flow.rows.len());
        }
        Ok(())
    }

    /// Fills the registers that interceptor `at` is the first to read.
    fn extract(&mut self, flow: &mut Flow, at: usize) -> Result<(), Stop> {
        for (from, extractor) in &mut self.passes[at] {
            let name = match from {
                From::Header(name) => flow.batch.find_name(name),
                From::Key | From::Value => None,
            };
            for row in &flow.rows {
                let source = match from {
                    From::Key => row.key,
                    From::Value => row.value,
                    From::Header(_) => name.map_or(Cell::NULL, |_| last_header(&flow.headers, row, name)),
                };
                if let Err(full) = extractor.run(&mut flow.batch, source, row.slot as usize, &mut self.registers) {
                    let kind = DeathKind::InvalidEdit;
                    let death = Death { kind, interceptor: Some(at), message: full.to_string() };
                    return Err(self.stop(flow, row.input, death));
                }
            }
        }
        Ok(())
    }

    /// Where the call that begins at row `from` ends.
    fn chunk(&self, flow: &Flow, at: usize, rows: &[Row], from: usize) -> usize {
        let with_headers = self.blueprint.schedule.stages[at].reads_headers();
        let mut bytes = 0;
        let mut to = from;
        for row in rows[from..].iter().take(CALL_ROWS) {
            bytes += row.key.len() + row.value.len();
            if with_headers {
                bytes += flow.headers[row.headers.range()].iter().map(|header| header.value.len()).sum::<usize>();
            }
            if bytes > CALL_BYTES && to > from {
                break;
            }
            to += 1;
        }
        to
    }

    /// One call about `rows[range]`: where all is well, the rows that go on are in `self.next`.
    fn call(
        &mut self,
        flow: &mut Flow,
        at: usize,
        rows: &[Row],
        range: Range<usize>,
        outcome: &mut Outcome,
    ) -> Result<Result<(), Blame>, Stop> {
        let rows = &rows[range];
        let stage = &self.blueprint.stages[at];
        let reads = &self.blueprint.schedule.stages[at];
        let link = &mut self.links[at];
        self.gathered.gather(flow, rows, &reads.origins, &self.registers, reads.all_headers);
        let answer =
            self.gathered.with_batch(flow, rows.len(), reads.all_headers, |batch| link.process(&*stage.maker, batch));
        let answer = match answer {
            Ok(answer) => answer,
            Err(blame) => {
                let death = Death { kind: blame.kind, interceptor: Some(at), message: blame.message };
                let input = rows.first().map_or(0, |row| row.input);
                return Err(self.stop(flow, input, death));
            }
        };
        let applied = answer.and_then(|edits| {
            let count = check(&edits, rows.len(), &stage.permit)?;
            self.applier.apply(flow, rows, &edits, count, &mut self.next)
        });
        // Taken in any case: what was said in a call that faulted is forgotten.
        let said = link.take_said();
        let applied = match applied {
            Ok(applied) => applied,
            Err(blame) => {
                link.faulted(blame.kind);
                return Ok(Err(blame));
            }
        };
        if !said.logs.is_empty() || !said.counts.is_empty() {
            self.said.push((at, said));
        }
        outcome.dropped |= applied.dropped;
        for (input, message) in applied.dead {
            outcome.died = true;
            let death = Death { kind: DeathKind::Rejected, interceptor: Some(at), message };
            flow.bury(&self.blueprint.graveyard, input, death)?;
        }
        Ok(Ok(()))
    }

    fn stop(&self, flow: &Flow, input: u32, death: Death) -> Stop {
        let interceptor = self.blueprint.graveyard.culprit(death.interceptor).to_owned();
        let offset = flow.batch.inputs().get(input as usize).map_or(-1, |record| record.offset);
        Stop { interceptor, offset, death }
    }
}

/// What happened in a stage besides rows that went on.
#[derive(Debug, Default)]
struct Outcome {
    dropped: bool,
    died: bool,
}

/// Finds the inputs that had rows before a stage and have none after it. Both lists are sorted by input.
fn mark_dropped(flow: &mut Flow, at: usize, before: &[Row], after: &[Row]) {
    let mut after = after.iter().map(|row| row.input).peekable();
    for input in before.iter().map(|row| row.input) {
        while after.next_if(|next| *next < input).is_some() {}
        if after.peek() != Some(&input) && flow.fates[input as usize] == Fate::Out {
            flow.fates[input as usize] = Fate::Dropped(at);
        }
    }
}
