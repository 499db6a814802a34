//! A match's bounds by lazy DFAs: one forwards for its end, one backwards for its beginning.

use regex_automata::{
    Anchored, Input, MatchKind,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, NFA, WhichCaptures},
};
use regex_syntax::hir::Hir;

use super::{
    STATE_BYTES,
    clock::{Clock, Late},
};

/// Bytes between two looks at whether states were made.
const BYTES: usize = 64;
/// Steps that are made between two looks at most, where each byte makes a state.
const STEPS: usize = 1 << 20;

/// Why there is no result.
#[derive(Clone, Copy, Debug)]
pub(super) enum GaveUp {
    /// The DFAs are of no use here: their states do not suffice, or it is a byte that they know nothing of.
    Useless,
    Late(Late),
}

#[derive(Clone, Debug)]
pub(super) struct Lazy {
    forward: DFA,
    reverse: DFA,
    /// Bytes between two looks.
    stride: usize,
    /// Steps that a byte which makes a state costs.
    steps: usize,
}

#[derive(Debug)]
pub(super) struct Scratch {
    forward: Cache,
    reverse: Cache,
}

impl Lazy {
    /// `cache`: bytes of the states of each. None: the expression is too large for so much.
    pub(super) fn new(nfa: &NFA, hir: &Hir, cache: usize) -> Option<Self> {
        let config = thompson::Config::new()
            .utf8(false)
            .reverse(true)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(nfa.memory_usage().saturating_mul(2).max(1 << 20)));
        let reversed = thompson::Compiler::new().configure(config).build_from_hir(hir).ok()?;
        let config = DFA::config()
            .cache_capacity(cache)
            .unicode_word_boundary(true)
            // As in the regex crate.
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let build = |nfa: NFA, kind| DFA::builder().configure(config.clone().match_kind(kind)).build_from_nfa(nfa).ok();
        let steps = (nfa.memory_usage().max(reversed.memory_usage())) / STATE_BYTES + 1;
        let stride = (STEPS / steps).clamp(1, BYTES);
        let forward = build(nfa.clone(), MatchKind::LeftmostFirst)?;
        Some(Self { forward, reverse: build(reversed, MatchKind::All)?, stride, steps })
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch { forward: self.forward.create_cache(), reverse: self.reverse.create_cache() }
    }

    /// The bounds of the first match.
    pub(super) fn find(
        &self,
        bytes: &[u8],
        scratch: &mut Scratch,
        clock: &mut Clock,
    ) -> Result<Option<(usize, usize)>, GaveUp> {
        // What earlier searches used up does not count against this one.
        if scratch.forward.clear_count() > 0 {
            scratch.forward.reset(&self.forward);
        }
        if scratch.reverse.clear_count() > 0 {
            scratch.reverse.reset(&self.reverse);
        }
        let Some(end) = self.end(bytes, &mut scratch.forward, clock)? else { return Ok(None) };
        let start = self.start(bytes, end, &mut scratch.reverse, clock)?;
        Ok(Some((start, end)))
    }

    fn end(&self, bytes: &[u8], cache: &mut Cache, clock: &mut Clock) -> Result<Option<usize>, GaveUp> {
        let input = Input::new(bytes);
        let dfa = &self.forward;
        let mut state = dfa.start_state_forward(cache, &input).map_err(|_| GaveUp::Useless)?;
        let mut last = None;
        cache.search_start(0);
        for (chunk, from) in bytes.chunks(self.stride).zip((0..).step_by(self.stride)) {
            cache.search_update(from);
            let before = cache.memory_usage();
            for (byte, at) in chunk.iter().zip(from..) {
                state = dfa.next_state(cache, state, *byte).map_err(|_| GaveUp::Useless)?;
                if state.is_tagged() {
                    // A match is known one byte later.
                    if state.is_match() {
                        last = Some(at);
                    } else if state.is_dead() {
                        cache.search_finish(at);
                        return Ok(last);
                    } else if state.is_quit() {
                        return Err(GaveUp::Useless);
                    }
                }
            }
            self.spend(chunk.len(), cache.memory_usage() != before, clock)?;
        }
        cache.search_finish(bytes.len());
        state = dfa.next_eoi_state(cache, state).map_err(|_| GaveUp::Useless)?;
        Ok(if state.is_match() { Some(bytes.len()) } else { last })
    }

    fn start(&self, bytes: &[u8], end: usize, cache: &mut Cache, clock: &mut Clock) -> Result<usize, GaveUp> {
        let input = Input::new(bytes).range(..end).anchored(Anchored::Yes);
        let dfa = &self.reverse;
        let mut state = dfa.start_state_reverse(cache, &input).map_err(|_| GaveUp::Useless)?;
        let mut last = None;
        cache.search_start(end);
        let mut to = end;
        for chunk in bytes[..end].rchunks(self.stride) {
            cache.search_update(to);
            let before = cache.memory_usage();
            for (byte, at) in chunk.iter().rev().zip((0..to).rev()) {
                state = dfa.next_state(cache, state, *byte).map_err(|_| GaveUp::Useless)?;
                if state.is_tagged() {
                    if state.is_match() {
                        last = Some(at + 1);
                    } else if state.is_dead() {
                        cache.search_finish(at);
                        return last.ok_or(GaveUp::Useless);
                    } else if state.is_quit() {
                        return Err(GaveUp::Useless);
                    }
                }
            }
            to -= chunk.len();
            self.spend(chunk.len(), cache.memory_usage() != before, clock)?;
        }
        cache.search_finish(0);
        state = dfa.next_eoi_state(cache, state).map_err(|_| GaveUp::Useless)?;
        let start = if state.is_match() { Some(0) } else { last };
        // What ends somewhere begins somewhere.
        start.ok_or(GaveUp::Useless)
    }

    /// A byte costs a step where its transition is known; a transition between known states may have to be worked out, too,
    /// of which there are not many.
    fn spend(&self, bytes: usize, made_states: bool, clock: &mut Clock) -> Result<(), GaveUp> {
        let steps = if made_states { self.steps } else { self.steps / 256 + 1 };
        clock.spend(bytes * steps).map_err(GaveUp::Late)
    }
}
