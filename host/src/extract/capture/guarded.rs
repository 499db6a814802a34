//! Searches that can be given up.
//!
//! The regex crate's searches are linear in the bytes, but with a factor that grows with the expression: `[ab]*a[ab]{20000}x`
//! takes 130 microseconds a byte, and a search that has begun cannot be stopped. Where the product is large, a search is
//! made here instead, with the same automata and the same result, and a look at the clock now and then: by the lazy DFAs
//! where they serve, and by a simulation of the NFA where they give up.

mod clock;
mod lazy;
mod threads;

use regex_automata::{
    Anchored, Input,
    dfa::onepass,
    nfa::thompson::{self, NFA},
    util::primitives::NonMaxUsize,
};
use regex_syntax::hir::Hir;

pub(super) use self::clock::{Clock, Late};
use self::{
    lazy::{GaveUp, Lazy},
    threads::Threads,
};

/// Bytes of a state and its transitions, about: what is divided by it says how many steps a byte may cost.
const STATE_BYTES: usize = 32;

/// An expression's automata.
#[derive(Clone, Debug)]
pub(super) struct Guarded {
    nfa: NFA,
    lazy: Option<Lazy>,
    onepass: Option<onepass::DFA>,
}

/// What searches of one expression are made in; nothing before the first.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    lazy: Option<lazy::Scratch>,
    onepass: Option<onepass::Cache>,
    threads: Option<Threads>,
    slots: Vec<Option<NonMaxUsize>>,
}

impl Clone for Scratch {
    /// Every owner fills its own.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Guarded {
    /// The automaton that all others are made of, within `bytes` of memory.
    pub(super) fn new(hir: &Hir, bytes: usize) -> Result<Self, Box<thompson::BuildError>> {
        let config = thompson::Config::new().utf8(false).nfa_size_limit(Some(bytes));
        let nfa = thompson::Compiler::new().configure(config).build_from_hir(hir)?;
        Ok(Self { nfa, lazy: None, onepass: None })
    }

    /// With those that are faster; `cache`: bytes of the states of each lazy DFA.
    pub(super) fn with_automata(self, hir: &Hir, cache: usize) -> Self {
        let lazy = Lazy::new(&self.nfa, hir, cache);
        // As large as the regex crate lets it be.
        let config = onepass::Config::new().size_limit(Some(1 << 20));
        let onepass = onepass::Builder::new().configure(config).build_from_nfa(self.nfa.clone()).ok();
        Self { lazy, onepass, ..self }
    }

    /// Bytes that the automaton takes which all others are made of.
    pub(super) fn memory(&self) -> usize {
        self.nfa.memory_usage()
    }

    /// Steps that a byte may cost.
    pub(super) fn steps(&self) -> usize {
        self.memory() / STATE_BYTES + 1
    }

    /// Bytes that a simulation takes: every state has the bounds of all groups.
    pub(super) fn scratch_bytes(&self) -> usize {
        Threads::bytes(&self.nfa)
    }

    /// Looks for the first match; `groups`: whether the bounds of groups are wanted, and not only those of the match.
    /// Afterwards [`Scratch::group`] has them.
    pub(super) fn search(
        &self,
        bytes: &[u8],
        groups: bool,
        scratch: &mut Scratch,
        clock: &mut Clock,
    ) -> Result<bool, Late> {
        scratch.slots.clear();
        scratch.slots.resize(self.nfa.group_info().slot_len(), None);
        let whole = match &self.lazy {
            Some(lazy) => lazy.find(bytes, scratch.lazy.get_or_insert_with(|| lazy.scratch()), clock),
            None => Err(GaveUp::Useless),
        };
        let (span, anchored) = match whole {
            Ok(None) => return Ok(false),
            Ok(Some((from, to))) if !groups => {
                scratch.slots[..2].copy_from_slice(&[NonMaxUsize::new(from), NonMaxUsize::new(to)]);
                return Ok(true);
            }
            Ok(Some((from, to))) => (from..to, Anchored::Yes),
            Err(GaveUp::Useless) => (0..bytes.len(), Anchored::No),
            Err(GaveUp::Late(late)) => return Err(late),
        };
        let input = Input::new(bytes).span(span).anchored(anchored);
        if let (Some(onepass), Anchored::Yes) = (&self.onepass, anchored) {
            let cache = scratch.onepass.get_or_insert_with(|| onepass.create_cache());
            if let Ok(found) = onepass.try_search_slots(cache, &input, &mut scratch.slots) {
                return Ok(found.is_some());
            }
        }
        scratch.threads.get_or_insert_with(|| Threads::new(&self.nfa)).search(
            &self.nfa,
            &input,
            &mut scratch.slots,
            clock,
        )
    }
}

impl Scratch {
    /// The bounds of a group of the match that was found last; none where it took no part.
    pub(super) fn group(&self, group: usize) -> Option<(usize, usize)> {
        let bound = |at: usize| self.slots.get(at).copied().flatten().map(NonMaxUsize::get);
        Some((bound(2 * group)?, bound(2 * group + 1)?))
    }
}

#[cfg(test)]
mod tests;
