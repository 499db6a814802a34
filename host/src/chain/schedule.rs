//! Decides what is extracted when: each thing once for as many consecutive interceptors as see the same source.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use super::columns::Origin;
use crate::{
    abi::{Effects, Input, Plan, Source},
    extract::{Expressions, Extractor, Payer, Reading, Want, WantError},
};

/// What a chain extracts, and where its columns come from.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    /// One per interceptor.
    pub(super) stages: Vec<StageReads>,
    /// Registers of cells.
    pub(super) cells: usize,
    /// Registers of integers.
    pub(super) ints: usize,
}

/// What one interceptor reads.
#[derive(Clone, Debug, Default)]
pub(super) struct StageReads {
    /// Before its call: one pass per source.
    pub(super) passes: Vec<(Source, Extractor)>,
    /// Its columns.
    pub(super) origins: Vec<Origin>,
    pub(super) all_headers: bool,
}

impl StageReads {
    /// Whether the size of headers counts for the size of a call.
    pub(super) fn reads_headers(&self) -> bool {
        self.all_headers || self.origins.iter().any(|origin| matches!(origin, Origin::Header(_)))
    }

    /// Whether one of its columns is that register of cells.
    pub(super) fn reads(&self, register: usize) -> bool {
        self.origins.contains(&Origin::Cells(register))
    }
}

/// Something that is extracted, and the deadline of those who read it: where they differ, a capture is looked for once for
/// each.
type Extracted<'a> = (&'a Input, Option<Duration>);

impl Schedule {
    /// The schedule of a chain of interceptors with these plans and deadlines, for which so much of JSON documents is read.
    ///
    /// # Errors
    /// The first input that cannot be extracted.
    pub(super) fn new<'a>(
        stages: impl Iterator<Item = (&'a Plan, Duration)>,
        reading: Reading,
        expressions: &mut Expressions,
    ) -> Result<Self, WantError> {
        let stages: Vec<(&Plan, Duration)> = stages.collect();
        let mut schedule = Self::default();
        // What is extracted and still holds, with its register.
        let mut held: HashMap<Extracted<'_>, usize> = HashMap::new();
        for (at, (plan, deadline)) in stages.iter().enumerate() {
            let sources: HashSet<&Source> = plan.inputs.iter().filter_map(Input::source).collect();
            let mut fresh: Vec<(&Source, Vec<(Want, usize)>)> = Vec::new();
            // Not only what this interceptor reads, but also what later ones read while it holds: one pass over a
            // source is cheaper than two.
            for (source, extracted, reader) in readable_at(&stages[at..]) {
                if held.contains_key(&extracted) || !sources.contains(source) {
                    continue;
                }
                let payer = Payer { interceptor: at + reader, deadline: stages[at + reader].1 };
                let Some(want) = want(extracted.0, payer) else { continue };
                let register = schedule.register(&want);
                held.insert(extracted, register);
                match fresh.iter_mut().find(|(other, _)| *other == source) {
                    Some((_, wants)) => wants.push((want, register)),
                    None => fresh.push((source, vec![(want, register)])),
                }
            }
            let origins = plan.inputs.iter().map(|input| origin(input, *deadline, &held)).collect();
            let passes = fresh
                .into_iter()
                .map(|(source, wants)| Ok((source.clone(), Extractor::new(wants, expressions)?.reading(reading))));
            let passes = passes.collect::<Result<_, WantError>>()?;
            schedule.stages.push(StageReads { passes, origins, all_headers: plan.all_headers });
            held.retain(|(input, _), _| input.source().is_some_and(|source| !is_changed_by(source, plan)));
        }
        Ok(schedule)
    }

    fn register(&mut self, want: &Want) -> usize {
        let next = if want.is_int() { &mut self.ints } else { &mut self.cells };
        *next += 1;
        *next - 1
    }
}

/// Whether what was extracted from `source` does not hold any more once `plan`'s edits are applied.
fn is_changed_by(source: &Source, plan: &Plan) -> bool {
    let touched = |effect| plan.effects.contains(effect);
    touched(Effects::EXPAND)
        || match source {
            Source::Key => touched(Effects::KEY),
            Source::Value => touched(Effects::VALUE),
            Source::Header(name) => {
                touched(Effects::HEADERS) && plan.header_names.iter().any(|allowed| allowed == "*" || allowed == name)
            }
        }
}

/// What the plans read, each as long as no plan before it changes its source, with the place of the first that reads it.
fn readable_at<'a>(stages: &[(&'a Plan, Duration)]) -> Vec<(&'a Source, Extracted<'a>, usize)> {
    let mut reads = Vec::new();
    let mut known = HashSet::new();
    let mut changed: HashMap<&Source, bool> = HashMap::new();
    for (at, (plan, deadline)) in stages.iter().enumerate() {
        for input in &plan.inputs {
            let Some(source) = input.source() else { continue };
            let is_changed = changed
                .entry(source)
                .or_insert_with(|| stages[..at].iter().any(|(earlier, _)| is_changed_by(source, earlier)));
            let extracted = extracted(input, *deadline);
            if !*is_changed && known.insert(extracted) {
                reads.push((source, extracted, at));
            }
        }
        changed.clear();
    }
    reads
}

fn extracted(input: &Input, deadline: Duration) -> Extracted<'_> {
    (input, matches!(input, Input::Capture(_)).then_some(deadline))
}

fn want(input: &Input, payer: Payer) -> Option<Want> {
    Some(match input {
        Input::Json(member) => Want::Json(member.pointer.clone()),
        Input::JsonInt(member) => Want::JsonInt(member.pointer.clone()),
        Input::Capture(capture) => Want::Capture { pattern: capture.pattern.clone(), group: capture.group, payer },
        _ => return None,
    })
}

fn origin(input: &Input, deadline: Duration, held: &HashMap<Extracted<'_>, usize>) -> Origin {
    match input {
        Input::Key => Origin::Key,
        Input::Value => Origin::Value,
        Input::Header(name) => Origin::Header(name.as_bytes().to_vec()),
        Input::Timestamp => Origin::Timestamp,
        Input::TimestampType => Origin::TimestampType,
        Input::Received => Origin::Received,
        Input::Offset => Origin::Offset,
        Input::Json(_) | Input::JsonInt(_) | Input::Capture(_) => {
            // Everything that a plan reads was made to be held just before.
            let register = held.get(&extracted(input, deadline)).copied().unwrap_or(usize::MAX);
            if matches!(input, Input::JsonInt(_)) { Origin::Ints(register) } else { Origin::Cells(register) }
        }
    }
}
