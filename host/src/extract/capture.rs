//! Groups of a regular expression's first match.

mod class;
mod expression;
mod guarded;
mod key_anchored;
mod literal;

use std::{ops::Range, sync::Arc, time::Duration};

use regex::bytes::CaptureLocations;

pub use self::expression::{COMPILED_BYTES, Expressions, Room, TEXT_BYTES};
pub(super) use self::key_anchored::{KeyAnchored, Seen};
use self::{
    expression::{Engine, Expression, shortened},
    guarded::{Clock, Late, Scratch},
    literal::LiteralPlan,
};
use super::{Payer, Registers, WantError};
use crate::batch::Cell;

/// Steps (states of the automaton times bytes) that searches of one record may take without a look at the clock: 10 ms of
/// the slowest of them. A record of 350 bytes stays far below, whatever is looked for.
const FREE_STEPS: usize = 1 << 20;

/// One expression, run once over a source however many of its groups are wanted.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    expression: Arc<Expression>,
    search: Search,
    /// Steps that a byte may cost.
    steps: usize,
    payer: Payer,
    /// Group and register.
    groups: Vec<(u32, usize)>,
}

/// How the first match is found: the results are equal.
#[derive(Clone, Debug)]
enum Search {
    /// Literal, one group, literal: no automaton needed.
    Literal(Box<LiteralPlan>),
    /// Only the whole match is wanted.
    Find(Box<Scratch>),
    /// Groups are wanted.
    Captures(CaptureLocations, Box<Scratch>),
}

/// What the searches of one record have cost.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    /// Steps without a look at the clock, at most.
    steps: usize,
    /// CPU time of the others, of this interceptor's.
    payer: usize,
    time: Duration,
}

impl Spent {
    /// Whether a record's searches had to look at the clock.
    pub(super) fn is_much(&self) -> bool {
        !self.time.is_zero()
    }

    /// Steps without a look at the clock.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }
}

/// A search that took too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overrun {
    /// The registers that were to be filled; they are null.
    pub registers: Vec<usize>,
    /// Where in them.
    pub slot: usize,
    /// Which expression, on how many bytes.
    pub message: String,
}

impl Pattern {
    pub(super) fn new(text: &str, payer: Payer, expressions: &mut Expressions) -> Result<Self, WantError> {
        let expression = expressions.get(text)?;
        let (search, steps) = match &expression.engine {
            Engine::Literal(plan) => (Search::Literal(plan.clone()), 0),
            Engine::Automata(_, guarded) => (Search::Find(Box::default()), guarded.steps()),
        };
        Ok(Self { expression, search, steps, payer, groups: Vec::new() })
    }

    pub(super) fn is(&self, text: &str, payer: Payer) -> bool {
        self.expression.text == text && self.payer.deadline == payer.deadline
    }

    /// Also gives `group`.
    pub(super) fn want(&mut self, group: u32, register: usize) -> Result<(), WantError> {
        self.expression.check_group(group)?;
        if let (true, Search::Find(_), Engine::Automata(regex, _)) = (group > 0, &self.search, &self.expression.engine)
        {
            self.search = Search::Captures(regex.capture_locations(), Box::default());
        }
        self.groups.push((group, register));
        Ok(())
    }

    /// Fills the registers.
    ///
    /// # Errors
    /// The search took longer than its payer's deadline, twice: the first time may have been the machine's. The registers
    /// are null then.
    pub(super) fn run(
        &mut self,
        bytes: Option<&[u8]>,
        source: Cell,
        slot: usize,
        registers: &mut Registers,
        spent: &mut Spent,
    ) -> Result<(), Box<Overrun>> {
        let Some(bytes) = bytes else {
            self.store(source, slot, registers, |_| None);
            return Ok(());
        };
        if let Search::Literal(plan) = &self.search {
            self.run_literal(plan, bytes, source, slot, registers);
            return Ok(());
        }
        let steps = self.steps.saturating_mul(bytes.len()).saturating_add(spent.steps);
        if steps > FREE_STEPS {
            return self.run_guarded(bytes, source, slot, registers, spent);
        }
        spent.steps = steps;
        let Engine::Automata(regex, _) = &self.expression.engine else { return Ok(()) };
        match &mut self.search {
            Search::Captures(locations, _) => {
                let matched = regex.captures_read(locations, bytes).is_some();
                for &(group, register) in &self.groups {
                    let range = if matched { locations.get(group as usize) } else { None };
                    registers.set_cell(register, slot, cell(source, range.map(|(from, to)| from..to)));
                }
            }
            _ => {
                let found = regex.find(bytes).map(|found| found.range());
                self.store(source, slot, registers, |_| found.clone());
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn run_guarded(
        &mut self,
        bytes: &[u8],
        source: Cell,
        slot: usize,
        registers: &mut Registers,
        spent: &mut Spent,
    ) -> Result<(), Box<Overrun>> {
        let Payer { interceptor, deadline } = self.payer;
        if spent.payer != interceptor {
            (spent.payer, spent.time) = (interceptor, Duration::ZERO);
        }
        let (Engine::Automata(_, guarded), Search::Find(scratch) | Search::Captures(_, scratch)) =
            (&self.expression.engine, &mut self.search)
        else {
            return Ok(());
        };
        let groups = self.groups.iter().any(|(group, _)| *group > 0);
        let mut found = Err(Late);
        for left in [deadline.saturating_sub(spent.time), deadline] {
            let mut clock = Clock::new(left);
            found = guarded.search(bytes, groups, scratch, &mut clock);
            spent.time += clock.spent().max(Duration::from_nanos(1));
            if found.is_ok() {
                break;
            }
        }
        let matched = found.is_ok_and(|matched| matched);
        for &(group, register) in &self.groups {
            let range = if matched { scratch.group(group as usize) } else { None };
            registers.set_cell(register, slot, cell(source, range.map(|(from, to)| from..to)));
        }
        found.map(|_| ()).map_err(|Late| {
            let registers = self.groups.iter().map(|(_, register)| *register).collect();
            let pattern = shortened(&self.expression.text);
            let message = format!(
                "the capture `{pattern}` ran past the deadline of {deadline:?} of CPU time on {} bytes",
                bytes.len()
            );
            Box::new(Overrun { registers, slot, message })
        })
    }

    fn plan(&self) -> Option<&LiteralPlan> {
        match &self.search {
            Search::Literal(plan) => Some(plan),
            _ => None,
        }
    }

    fn run_literal(&self, plan: &LiteralPlan, bytes: &[u8], source: Cell, slot: usize, registers: &mut Registers) {
        let found = plan.find(bytes);
        self.store(source, slot, registers, |group| {
            found.as_ref().map(|found| if group == 0 { found.whole.clone() } else { found.group.clone() })
        });
    }

    fn store(&self, source: Cell, slot: usize, registers: &mut Registers, range: impl Fn(u32) -> Option<Range<usize>>) {
        for &(group, register) in &self.groups {
            registers.set_cell(register, slot, cell(source, range(group)));
        }
    }
}

fn cell(source: Cell, range: Option<Range<usize>>) -> Cell {
    range.map_or(Cell::NULL, |range| source.slice(range.start, range.end))
}

#[cfg(test)]
mod tests;
