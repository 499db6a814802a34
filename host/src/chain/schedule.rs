//! Decides what is extracted when: each thing once for as many consecutive interceptors as see the same source.

use super::columns::Origin;
use crate::{
    extract::{Extractor, Want, WantError},
    wasm::types::{Effects, Input, Plan, Source},
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
    pub(super) passes: Vec<(From, Extractor)>,
    /// Its columns.
    pub(super) origins: Vec<Origin>,
    pub(super) all_headers: bool,
}

impl StageReads {
    /// Whether the size of headers counts for the size of a call.
    pub(super) fn reads_headers(&self) -> bool {
        self.all_headers || self.origins.iter().any(|origin| matches!(origin, Origin::Header(_)))
    }
}

/// [`Source`], comparable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    Key,
    Value,
    Header(Vec<u8>),
}

impl From {
    fn new(source: &Source) -> Self {
        match source {
            Source::Key => Self::Key,
            Source::Value => Self::Value,
            Source::Header(name) => Self::Header(name.as_bytes().to_vec()),
        }
    }

    /// Whether what was extracted from it does not hold any more once `plan`'s edits are applied.
    fn is_changed_by(&self, plan: &Plan) -> bool {
        let touched = |effect| plan.effects.contains(effect);
        touched(Effects::EXPAND)
            || match self {
                Self::Key => touched(Effects::KEY),
                Self::Value => touched(Effects::VALUE),
                Self::Header(name) => {
                    let named = |allowed: &String| allowed == "*" || allowed.as_bytes() == name;
                    touched(Effects::HEADERS) && plan.header_names.iter().any(named)
                }
            }
    }
}

/// Something that is extracted and still holds.
struct Held {
    from: From,
    want: Want,
    register: usize,
}

impl Schedule {
    /// The schedule of a chain of these plans.
    ///
    /// # Errors
    /// The first input that cannot be extracted. [`check_inputs`] finds them all.
    pub(super) fn new<'a>(plans: impl Iterator<Item = &'a Plan> + Clone) -> Result<Self, WantError> {
        let plans: Vec<&Plan> = plans.collect();
        let mut schedule = Self::default();
        let mut held: Vec<Held> = Vec::new();
        for (at, plan) in plans.iter().enumerate() {
            let mut fresh: Vec<(From, Vec<(Want, usize)>)> = Vec::new();
            // Not only what this interceptor reads, but also what later ones read while it holds: one pass over a
            // source is cheaper than two.
            for (from, want) in readable_at(&plans[at..]) {
                if held.iter().any(|held| held.from == from && held.want == want) {
                    continue;
                }
                if !plan.inputs.iter().any(|input| extracted(input).is_some_and(|(other, _)| other == from)) {
                    continue;
                }
                let register = schedule.register(&want);
                held.push(Held { from: from.clone(), want: want.clone(), register });
                match fresh.iter_mut().find(|(other, _)| *other == from) {
                    Some((_, wants)) => wants.push((want, register)),
                    None => fresh.push((from, vec![(want, register)])),
                }
            }
            let origins = plan.inputs.iter().map(|input| origin(input, &held)).collect();
            let passes = fresh.into_iter().map(|(from, wants)| Ok((from, Extractor::new(wants)?)));
            let passes = passes.collect::<Result<_, WantError>>()?;
            schedule.stages.push(StageReads { passes, origins, all_headers: plan.all_headers });
            held.retain(|held| !held.from.is_changed_by(plan));
        }
        Ok(schedule)
    }

    fn register(&mut self, want: &Want) -> usize {
        let next = if want.is_int() { &mut self.ints } else { &mut self.cells };
        *next += 1;
        *next - 1
    }
}

/// What the plans read, each as long as no plan before it changes its source.
fn readable_at(plans: &[&Plan]) -> Vec<(From, Want)> {
    let mut reads: Vec<(From, Want)> = Vec::new();
    for (at, plan) in plans.iter().enumerate() {
        for (from, want) in plan.inputs.iter().filter_map(extracted) {
            let changed = plans[..at].iter().any(|earlier| from.is_changed_by(earlier));
            if !changed && !reads.iter().any(|read| read.0 == from && read.1 == want) {
                reads.push((from, want));
            }
        }
    }
    reads
}

fn extracted(input: &Input) -> Option<(From, Want)> {
    Some(match input {
        Input::Json(member) => (From::new(&member.source), Want::Json(member.pointer.clone())),
        Input::JsonInt(member) => (From::new(&member.source), Want::JsonInt(member.pointer.clone())),
        Input::Capture(capture) => {
            (From::new(&capture.source), Want::Capture { pattern: capture.pattern.clone(), group: capture.group })
        }
        _ => return None,
    })
}

fn origin(input: &Input, held: &[Held]) -> Origin {
    match input {
        Input::Key => Origin::Key,
        Input::Value => Origin::Value,
        Input::Header(name) => Origin::Header(name.as_bytes().to_vec()),
        Input::Timestamp => Origin::Timestamp,
        Input::TimestampType => Origin::TimestampType,
        Input::Received => Origin::Received,
        Input::Offset => Origin::Offset,
        Input::Json(_) | Input::JsonInt(_) | Input::Capture(_) => {
            let wanted = extracted(input);
            let held = held.iter().find(|held| wanted.as_ref().is_some_and(|w| w.0 == held.from && w.1 == held.want));
            // Everything that a plan reads was made to be held just before.
            let register = held.map_or(usize::MAX, |held| held.register);
            if matches!(input, Input::JsonInt(_)) { Origin::Ints(register) } else { Origin::Cells(register) }
        }
    }
}

/// Every input of `plan` that cannot be extracted.
pub(super) fn check_inputs(plan: &Plan) -> Vec<WantError> {
    let wants = plan.inputs.iter().filter_map(extracted);
    wants.filter_map(|(_, want)| Extractor::new(vec![(want, 0)]).err()).collect()
}
