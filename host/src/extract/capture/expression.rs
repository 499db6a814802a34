//! Expressions, compiled once for everything that reads them.

use std::{collections::HashMap, fmt, sync::Arc};

use regex::bytes::{Regex, RegexBuilder};
use weir_rules::pattern::{Dialect, Reader, check};

use super::{guarded::Guarded, literal::LiteralPlan};
use crate::extract::WantError;

/// Memory that compiled expressions may take: one as much as the regex crate lets it, and all of an interceptor no more than
/// that together. Compiling so much takes about half a second.
pub const COMPILED_BYTES: usize = 10 << 20;

/// Bytes of an expression's text. Parsing takes some thousand times as many, with classes as large as `\w`.
pub const TEXT_BYTES: usize = 16 << 10;

/// Memory that the searches of an interceptor's expressions may fill on each worker with the states that they met.
const STATES_BYTES: usize = 64 << 20;
/// What one expression's four lazy DFAs have of it at most each: the regex crate's own figure; and at least.
const CACHE_BYTES: std::ops::RangeInclusive<usize> = 128 << 10..=2 << 20;

/// Memory that a simulation may take for the bounds of all groups in all states, of one expression.
const BOUNDS_BYTES: usize = 32 << 20;

/// What an expression may take.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Bytes of its automaton.
    compiled: usize,
    /// Bytes of the states of each of its lazy DFAs.
    cache: usize,
}

impl Room {
    /// What is left for an expression of an interceptor that has `expressions` of them, some of which take `compiled` bytes.
    pub fn left(expressions: usize, compiled: usize) -> Self {
        let cache = (STATES_BYTES / 4 / expressions.max(1)).clamp(*CACHE_BYTES.start(), *CACHE_BYTES.end());
        Self { compiled: COMPILED_BYTES.saturating_sub(compiled), cache }
    }
}

/// Expressions by their text.
#[derive(Clone, Debug, Default)]
pub struct Expressions(HashMap<String, Arc<Expression>>);

/// A compiled expression.
pub(in crate::extract) struct Expression {
    pub(super) text: String,
    /// Bytes of its automaton, also where that is not kept.
    compiled: usize,
    pub(super) groups: usize,
    pub(super) engine: Engine,
}

/// How the first match is found.
pub(super) enum Engine {
    /// Literal, one group, literal: no automaton needed.
    Literal(Box<LiteralPlan>),
    Automata(Regex, Box<Guarded>),
}

impl Expressions {
    /// The compiled expression.
    pub(in crate::extract) fn get(&mut self, text: &str) -> Result<Arc<Expression>, WantError> {
        self.compile(text, Room::left(1, 0))
    }

    fn compile(&mut self, text: &str, room: Room) -> Result<Arc<Expression>, WantError> {
        if let Some(known) = self.0.get(text) {
            return if known.compiled <= room.compiled { Ok(Arc::clone(known)) } else { Err(too_large(text)) };
        }
        let expression = Arc::new(Expression::new(text, room)?);
        self.0.insert(text.to_owned(), Arc::clone(&expression));
        Ok(expression)
    }

    /// Compiles an expression of which this group is wanted. Returns the bytes of its automaton.
    ///
    /// # Errors
    /// It is invalid, has no such group, or does not fit in.
    pub fn check(&mut self, text: &str, group: u32, room: Room) -> Result<usize, WantError> {
        let expression = self.compile(text, room)?;
        expression.check_group(group)?;
        Ok(expression.compiled)
    }
}

impl Expression {
    fn new(text: &str, room: Room) -> Result<Self, WantError> {
        if text.len() > TEXT_BYTES {
            return Err(WantError::Text { pattern: shortened(text), bytes: text.len() });
        }
        let invalid = |message: &dyn fmt::Display| WantError::Pattern {
            pattern: text.to_owned(),
            message: match check(text) {
                Err(refusal) => format!("{refusal}{}", refusal.ways_out(Dialect::Rust, Reader::Plugin)),
                // The crate draws the pattern with a marker below it over several lines; the last says what is wrong.
                Ok(()) => last_line(&message.to_string()),
            },
        };
        // As the regex crate's `bytes` reads it.
        let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(text);
        let hir = parsed.map_err(|error| invalid(&error))?;
        let guarded = Guarded::new(&hir, room.compiled).map_err(|error| match error.size_limit() {
            Some(_) => too_large(text),
            None => invalid(&error),
        })?;
        let compiled = guarded.memory();
        let groups = hir.properties().explicit_captures_len() + 1;
        let engine = match LiteralPlan::new(&hir) {
            Some(plan) => Engine::Literal(Box::new(plan)),
            None if guarded.scratch_bytes() > BOUNDS_BYTES => {
                return Err(WantError::Groups { pattern: shortened(text), groups });
            }
            None => {
                let built = RegexBuilder::new(text).size_limit(COMPILED_BYTES).dfa_size_limit(room.cache).build();
                Engine::Automata(
                    built.map_err(|error| invalid(&error))?,
                    Box::new(guarded.with_automata(&hir, room.cache)),
                )
            }
        };
        Ok(Self { text: text.to_owned(), compiled, groups, engine })
    }

    pub(super) fn check_group(&self, group: u32) -> Result<(), WantError> {
        if (group as usize) < self.groups {
            return Ok(());
        }
        Err(WantError::Group { pattern: shortened(&self.text), group })
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expression").field("text", &self.text).finish_non_exhaustive()
    }
}

/// As messages name an expression.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.len() {
        0..=SHOWN => text.to_owned(),
        _ => format!("{}…", &text[..text.floor_char_boundary(SHOWN)]),
    }
}

fn too_large(text: &str) -> WantError {
    WantError::Compiled { pattern: shortened(text) }
}

fn last_line(text: &str) -> String {
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
