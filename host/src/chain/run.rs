//! Runs flows: stage by stage, call by call.

use std::{mem, ops::Range, sync::Arc};

use tracing::Level;

use super::{
    Blueprint, Counts, Death, DeathKind, Fate, Flow, InterceptorCounts, Stop,
    columns::Gathered,
    edits::{Applier, Blame, Routes, check},
    flow::Row,
    overlay::last_listed,
};
use crate::{
    abi::Source,
    batch::Cell,
    extract::{Extractor, Overrun, Registers},
    wasm::Said,
};

mod isolate;
mod null_cells;
mod overruns;
mod stage_instance;
mod time_limit;

use isolate::{Isolation, PATIENCE};
pub(super) use stage_instance::StageInstance;
pub use time_limit::TimeLimit;

/// Rows that one call is asked about at most.
const CALL_ROWS: usize = 8_192;
/// Bytes of keys, values and headers that one call is asked about at most, unless a single row has more. A batch as it
/// comes stays far below; rows that an interceptor has multiplied do not.
const CALL_BYTES: usize = 4 * 1024 * 1024;

/// Log lines that are kept of one batch.
const BATCH_LOG_LINES: usize = 2_000;

/// Steps that searches may take together before it is asked whether they have taken too long: half a second of the
/// slowest ones.
const STEPS: usize = 1 << 26;

/// One worker's instances of a blueprint, and its buffers.
#[derive(Debug)]
pub struct Chain {
    blueprint: Arc<Blueprint>,
    instances: Vec<StageInstance>,
    /// One list per interceptor, with scratch of its own.
    passes: Vec<Vec<(Source, Extractor)>>,
    registers: Registers,
    gathered: Gathered,
    applier: Applier,
    /// One an interceptor.
    routes: Vec<Routes>,
    /// Rows of the next stage.
    next: Vec<Row>,
    /// What was said in this batch, by the interceptor's place; counts once the batch is through.
    said: Vec<(usize, Said)>,
    isolation: Isolation,
    /// Searches of this batch that took too long.
    overruns: Vec<Overrun>,
    /// What the chain before this one had counted and nobody had taken.
    inherited: Vec<InterceptorCounts>,
    /// Whether dead letters say why cells were null.
    tells_null_reasons: bool,
}

impl Chain {
    pub(super) fn new(
        blueprint: Arc<Blueprint>,
        instances: Vec<StageInstance>,
        inherited: Vec<InterceptorCounts>,
    ) -> Self {
        let schedule = &blueprint.schedule;
        Self {
            passes: schedule.stages.iter().map(|stage| stage.passes.clone()).collect(),
            registers: Registers::new(schedule.cells, schedule.ints),
            routes: schedule.stages.iter().map(|_| Routes::default()).collect(),
            blueprint,
            instances,
            gathered: Gathered::default(),
            applier: Applier::default(),
            next: Vec::new(),
            said: Vec::new(),
            isolation: Isolation::default(),
            overruns: Vec::new(),
            inherited,
            tells_null_reasons: true,
        }
    }

    /// The instances with what identifies them, and the counts that nobody has taken.
    pub(super) fn into_instances(mut self) -> (Vec<(String, StageInstance)>, Vec<InterceptorCounts>) {
        let counts = self.take_counts().interceptors;
        let identities = self.blueprint.stages.iter().map(|stage| stage.identity.clone());
        (identities.zip(self.instances).collect(), counts)
    }

    /// What it was made from.
    pub fn blueprint(&self) -> &Arc<Blueprint> {
        &self.blueprint
    }

    /// What was counted since the last call of this.
    pub fn take_counts(&mut self) -> Counts {
        let mut interceptors = mem::take(&mut self.inherited);
        let names = self.blueprint.stages.iter().map(|stage| &stage.name);
        interceptors.extend(names.zip(&mut self.instances).map(|(name, instance)| instance.take_counts(name)));
        Counts { interceptors }
    }

    /// Whether a record faulted since counts were taken.
    pub fn has_faulted(&self) -> bool {
        self.instances.iter().any(StageInstance::has_faulted)
    }

    /// Instructions that each interceptor's instance has run since it was made, in the chain's order; zeros unless the
    /// engine counts them ([`crate::wasm::Engine::counting`]).
    pub fn instructions(&self) -> Vec<u64> {
        self.instances.iter().map(StageInstance::instructions).collect()
    }

    /// Runs a started and filled flow through every interceptor and decides where its rows go.
    ///
    /// # Errors
    /// [`Stop`]: the flow then has no fates and no outputs, and nothing was counted but faults; the same batch may be
    /// run again.
    pub fn run(&mut self, flow: &mut Flow) -> Result<(), Stop> {
        if self.instances.is_empty()
            && self.blueprint.stamp.is_none()
            && let Some(to) = &self.blueprint.to
        {
            flow.pass(to);
            return Ok(());
        }
        flow.begin(self.blueprint.to.as_ref());
        self.said.clear();
        self.isolation.begin();
        self.overruns.clear();
        let run = self.run_stages(flow);
        if run.is_err() {
            flow.forget();
            return run;
        }
        for (at, said) in self.said.drain(..) {
            self.instances[at].accept(&self.blueprint.stages[at].name, said);
        }
        Ok(())
    }

    fn run_stages(&mut self, flow: &mut Flow) -> Result<(), Stop> {
        self.stop_where_over(flow)?;
        self.registers.resize(flow.rows.len());
        for at in 0..self.instances.len() {
            self.stage(flow, at)?;
        }
        if let Some(stamp) = &self.blueprint.stamp
            && let Err(full) = flow.write_header(stamp)
        {
            let death =
                Death { kind: DeathKind::InvalidEdit, interceptor: None, message: full.to_string(), null: None };
            return Err(self.stop(flow, 0, death));
        }
        flow.settle_all();
        let blueprint = Arc::clone(&self.blueprint);
        let to = blueprint.to.is_some().then_some(0);
        for at in 0..flow.rows.len() {
            let row = &mut flow.rows[at];
            row.topic = row.topic.or(to);
            if row.topic.is_none() {
                let input = row.input;
                let message = "no interceptor routed the record and the pipeline has no `to`".to_owned();
                let death = Death { kind: DeathKind::Unrouted, interceptor: None, message, null: None };
                flow.dead_letter(&blueprint.dead_letters, input, death)?;
            }
        }
        Ok(())
    }

    fn stage(&mut self, flow: &mut Flow, at: usize) -> Result<(), Stop> {
        if flow.rows.is_empty() {
            return Ok(());
        }
        self.extract(flow, at)?;
        let mut rows = mem::take(&mut flow.rows);
        let run = if self.overruns.is_empty() {
            self.run_rows(flow, at, &mut rows)
        } else {
            self.run_rows_in_time(flow, at, &mut rows)
        };
        flow.rows = rows;
        run?;
        if self.blueprint.stages[at].renumbers() {
            for (slot, row) in flow.rows.iter_mut().enumerate() {
                row.slot = slot as u32;
            }
            self.registers.resize(flow.rows.len());
        }
        Ok(())
    }

    /// Runs interceptor `at` over all `rows`, which become those of the next stage.
    fn run_rows(&mut self, flow: &mut Flow, at: usize, rows: &mut Vec<Row>) -> Result<(), Stop> {
        self.next.clear();
        let mut outcome = Outcome::default();
        let mut from = 0;
        while from < rows.len() {
            let to = self.chunk(flow, at, rows, from);
            self.isolate(flow, at, rows, from..to, &mut outcome)?;
            from = to;
        }
        if outcome.in_place {
            return Ok(());
        }
        if outcome.died {
            self.next.retain(|row| !flow.is_dead(row.input));
        }
        if outcome.dropped {
            mark_dropped(flow, at, rows, &self.next);
        }
        mem::swap(rows, &mut self.next);
        flow.settled(rows);
        Ok(())
    }

    /// Fills the registers that interceptor `at` is the first to read.
    fn extract(&mut self, flow: &mut Flow, at: usize) -> Result<(), Stop> {
        if self.passes[at].iter().any(|(from, _)| matches!(from, Source::Header(_))) {
            flow.settle_all();
        }
        let mut steps = 0;
        for (from, extractor) in &mut self.passes[at] {
            let name = match from {
                Source::Header(name) => flow.batch.find_name(name.as_bytes()),
                Source::Key | Source::Value => None,
            };
            for row in &flow.rows {
                let source = match from {
                    Source::Key => row.key,
                    Source::Value => row.value,
                    Source::Header(_) => name.map_or(Cell::NULL, |name| last_listed(&flow.headers, row, name)),
                };
                if let Err(full) = extractor.run(&mut flow.batch, source, row.slot as usize, &mut self.registers) {
                    let death = Death::by(at, DeathKind::InvalidEdit, &full.to_string());
                    return Err(self.stop(flow, row.input, death));
                }
                steps += extractor.steps().unwrap_or(STEPS);
                if steps >= STEPS {
                    steps = 0;
                    if self.isolation.is_over() {
                        let message = format!("extracting what it reads from a batch took longer than {PATIENCE:?}");
                        let death = Death::by(at, DeathKind::Deadline, &message);
                        return Err(self.stop(flow, row.input, death));
                    }
                }
            }
            self.overruns.append(&mut extractor.take_overruns());
        }
        Ok(())
    }

    /// Where the call that begins at row `from` ends. Where that is not all rows, their headers are settled.
    fn chunk(&self, flow: &mut Flow, at: usize, rows: &mut [Row], from: usize) -> usize {
        let reads = &self.blueprint.schedule.stages[at];
        if reads.all_headers {
            flow.settle(rows);
        }
        let most = flow.batch.size().saturating_add(flow.repeated);
        if most <= CALL_BYTES && rows.len() <= CALL_ROWS {
            return rows.len();
        }
        let with_headers = reads.reads_headers();
        if with_headers {
            flow.settle(rows);
        }
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
        if to - from < rows.len() {
            flow.settle(rows);
        }
        to
    }

    /// One call about `rows[range]`: where all is well, the rows that go on are in `self.next`, or changed where they
    /// stand.
    fn call(
        &mut self,
        flow: &mut Flow,
        at: usize,
        rows: &mut [Row],
        range: Range<usize>,
        outcome: &mut Outcome,
    ) -> Result<Result<(), Blame>, Stop> {
        let stage = &self.blueprint.stages[at];
        let reads = &self.blueprint.schedule.stages[at];
        let (instance, routes) = (&mut self.instances[at], &mut self.routes[at]);
        self.gathered.gather(flow, &rows[range.clone()], &reads.origins, &self.registers, reads.all_headers);
        let count = range.len();
        let answer =
            self.gathered.with_batch(flow, count, reads.all_headers, |batch| instance.process(&*stage.maker, batch));
        let answer = match answer {
            Ok(answer) => answer,
            Err(blame) => {
                let death = Death::by(at, blame.kind, &blame.message);
                let input = rows.get(range.start).map_or(0, |row| row.input);
                return Err(self.stop(flow, input, death));
            }
        };
        let applied = answer.and_then(|edits| {
            let count = check(&edits, count, &stage.permit, routes)?;
            self.applier.apply(flow, (rows, range), edits, count, routes, &mut self.next)
        });
        // Both whether it was applied or not.
        instance.count_cpu();
        let mut said = instance.take_said();
        if applied.is_err() {
            // What was counted did not happen, and several rows are tried again one by one.
            said.counts.clear();
            if count > 1 {
                said.logs.clear();
            }
        }
        keep_within_bounds(&self.said, &mut said);
        if !said.logs.is_empty() || !said.counts.is_empty() {
            self.said.push((at, said));
        }
        let applied = match applied {
            Ok(applied) => applied,
            Err(blame) => {
                instance.faulted(blame.kind);
                return Ok(Err(blame));
            }
        };
        outcome.in_place |= applied.in_place;
        outcome.dropped |= applied.dropped;
        for (row, message) in applied.dead {
            outcome.died = true;
            let row = &rows[row];
            if flow.is_dead(row.input) {
                continue;
            }
            let death = self.explained(flow, at, row, Death::by(at, DeathKind::Rejected, &message));
            flow.dead_letter(&self.blueprint.dead_letters, row.input, death)?;
        }
        Ok(Ok(()))
    }

    fn stop(&self, flow: &Flow, input: u32, death: Death) -> Stop {
        let interceptor = self.blueprint.dead_letters.blamed(death.interceptor).to_owned();
        let offset = flow.batch.inputs().get(input as usize).map_or(-1, |record| record.offset);
        Stop { interceptor, offset, death }
    }
}

/// Leaves out what a batch may not add to the log any more: a call has its own bound, a batch has many calls.
fn keep_within_bounds(before: &[(usize, Said)], said: &mut Said) {
    if said.logs.is_empty() {
        return;
    }
    let lines: usize = before.iter().map(|(_, said)| said.logs.len()).sum();
    let room = BATCH_LOG_LINES.saturating_sub(lines);
    if said.logs.len() > room {
        said.logs.truncate(room);
        if room > 0 {
            let text = format!("more than {BATCH_LOG_LINES} log lines in one batch: the rest is dropped");
            said.logs.push((Level::WARN, text));
        }
    }
}

/// What happened in a stage besides rows that went on.
#[derive(Debug, Default)]
struct Outcome {
    /// The rows were changed where they stand.
    in_place: bool,
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
