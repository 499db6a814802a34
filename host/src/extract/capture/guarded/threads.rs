//! A simulation of the NFA: all its threads side by side, those that are preferred first (the regex crate's PikeVM).

use regex_automata::{
    Input,
    nfa::thompson::{NFA, State},
    util::primitives::{NonMaxUsize, StateID},
};

use super::clock::{Clock, Late};

/// The bound of a group, where it is set.
type Slot = Option<NonMaxUsize>;

/// What a simulation works with.
#[derive(Debug)]
pub(super) struct Threads {
    now: Set,
    next: Set,
    stack: Vec<Todo>,
    /// The bounds of the thread that is followed.
    bounds: Vec<Slot>,
}

/// States in the order in which they were reached, with the bounds of each.
#[derive(Debug)]
struct Set {
    order: Vec<StateID>,
    /// By state: its place in `order`, if it is there.
    places: Vec<u32>,
    /// By state.
    bounds: Vec<Slot>,
}

/// What is left of a closure.
#[derive(Debug)]
enum Todo {
    Explore(StateID),
    /// What a bound was before the states above it were explored.
    Restore(usize, Slot),
}

impl Threads {
    pub(super) fn new(nfa: &NFA) -> Self {
        let (states, slots) = (nfa.states().len(), nfa.group_info().slot_len());
        let set = || Set { order: Vec::new(), places: vec![0; states], bounds: vec![None; states * slots] };
        Self { now: set(), next: set(), stack: Vec::new(), bounds: vec![None; slots] }
    }

    /// Bytes that one takes.
    pub(super) fn bytes(nfa: &NFA) -> usize {
        let slots = nfa.group_info().slot_len().saturating_mul(size_of::<Slot>());
        nfa.states().len().saturating_mul(slots + 2 * size_of::<u32>()).saturating_mul(2)
    }

    /// Looks for the first match within the input's span.
    pub(super) fn search(
        &mut self,
        nfa: &NFA,
        input: &Input<'_>,
        found: &mut [Slot],
        clock: &mut Clock,
    ) -> Result<bool, Late> {
        let (bytes, anchored) = (input.haystack(), input.get_anchored().is_anchored());
        let mut matched = false;
        self.now.order.clear();
        self.next.order.clear();
        for at in input.start()..=input.end() {
            let begins = !matched && (!anchored || at == input.start());
            if begins {
                self.bounds.fill(None);
                close(&mut self.now, &mut self.stack, &mut self.bounds, (nfa, bytes, at), nfa.start_anchored(), clock)?;
            } else if self.now.order.is_empty() {
                break;
            }
            clock.spend(1 + self.bounds.len() / 8)?;
            for place in 0..self.now.order.len() {
                let state = self.now.order[place];
                let next = match nfa.state(state) {
                    State::ByteRange { trans } if trans.matches(bytes, at) => Some(trans.next),
                    State::Sparse(transitions) => transitions.matches(bytes, at),
                    State::Dense(transitions) => transitions.matches(bytes, at),
                    State::Match { .. } => {
                        found.copy_from_slice(self.now.bounds_of(state, found.len()));
                        matched = true;
                        // All behind it are less preferred.
                        break;
                    }
                    _ => None,
                };
                clock.spend(1)?;
                if let Some(next) = next.filter(|_| at < input.end()) {
                    self.bounds.copy_from_slice(self.now.bounds_of(state, found.len()));
                    close(&mut self.next, &mut self.stack, &mut self.bounds, (nfa, bytes, at + 1), next, clock)?;
                }
            }
            std::mem::swap(&mut self.now, &mut self.next);
            self.next.order.clear();
        }
        Ok(matched)
    }
}

/// Adds to `set` all states that are reached from `state` without a byte.
fn close(
    set: &mut Set,
    stack: &mut Vec<Todo>,
    bounds: &mut [Slot],
    (nfa, bytes, at): (&NFA, &[u8], usize),
    state: StateID,
    clock: &mut Clock,
) -> Result<(), Late> {
    stack.clear();
    stack.push(Todo::Explore(state));
    while let Some(todo) = stack.pop() {
        let mut state = match todo {
            Todo::Explore(state) => state,
            Todo::Restore(slot, bound) => {
                bounds[slot] = bound;
                continue;
            }
        };
        while set.insert(state) {
            clock.spend(1)?;
            state = match nfa.state(state) {
                State::Look { look, next } if nfa.look_matcher().matches(*look, bytes, at) => *next,
                State::BinaryUnion { alt1, alt2 } => {
                    stack.push(Todo::Explore(*alt2));
                    *alt1
                }
                State::Union { alternates } => {
                    let Some((first, others)) = alternates.split_first() else { break };
                    clock.spend(others.len())?;
                    stack.extend(others.iter().rev().map(|state| Todo::Explore(*state)));
                    *first
                }
                State::Capture { next, slot, .. } => {
                    let slot = slot.as_usize();
                    stack.push(Todo::Restore(slot, bounds[slot]));
                    bounds[slot] = NonMaxUsize::new(at);
                    *next
                }
                State::Look { .. } | State::Fail => break,
                State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) | State::Match { .. } => {
                    clock.spend(bounds.len() / 8)?;
                    set.bounds_mut(state, bounds.len()).copy_from_slice(bounds);
                    break;
                }
            };
        }
    }
    Ok(())
}

impl Set {
    /// Whether it was not there yet.
    fn insert(&mut self, state: StateID) -> bool {
        let place = self.places[state.as_usize()] as usize;
        if self.order.get(place) == Some(&state) {
            return false;
        }
        self.places[state.as_usize()] = self.order.len() as u32;
        self.order.push(state);
        true
    }

    fn bounds_of(&self, state: StateID, slots: usize) -> &[Slot] {
        &self.bounds[state.as_usize() * slots..][..slots]
    }

    fn bounds_mut(&mut self, state: StateID, slots: usize) -> &mut [Slot] {
        &mut self.bounds[state.as_usize() * slots..][..slots]
    }
}
