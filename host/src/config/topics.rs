//! Sets of topics: a name, a pattern, an expression; and whether two of them share a topic that could exist.

use std::{
    cell::Cell,
    collections::{HashSet, VecDeque},
};

use regex_automata::{
    Anchored,
    dfa::{Automaton, dense},
    util::{primitives::StateID, start, syntax},
};

use weir_rules::TOPIC_NAME_BYTES;

use super::TopicPattern;

/// What a topic's name may consist of.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Bounds of one search, so that no two expressions can keep weir busy: larger expressions are refused.
const DFA_BYTES: usize = 4 << 20;
const PAIRS: usize = 1 << 17;

/// What all comparisons of a configuration may cost together, in steps of an automaton: about a second.
#[derive(Debug)]
pub(super) struct Budget(Cell<u64>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(100_000_000))
    }
}

impl Budget {
    /// Takes steps; returns whether they were there.
    pub(super) fn take(&self, steps: usize) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(steps as u64));
        left > steps as u64
    }

    /// Whether some comparison could not be made.
    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// The topics of one item: a name, or those that an expression matches.
#[derive(Debug)]
pub(super) enum Topics {
    One(String),
    Many(Box<dense::DFA<Vec<u32>>>),
}

/// The topics of a whole list.
#[derive(Debug, Default)]
pub(super) struct TopicSet {
    names: HashSet<String>,
    /// In their order, each a [`Topics::Many`].
    expressions: Vec<Topics>,
}

impl TopicSet {
    pub(super) fn insert(&mut self, topics: Topics) {
        match topics {
            Topics::One(name) => drop(self.names.insert(name)),
            many => self.expressions.push(many),
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    pub(super) fn expressions(&self) -> &[Topics] {
        &self.expressions
    }

    /// A topic of this set and of an item.
    pub(super) fn shared(&self, other: &Topics, budget: &Budget) -> Option<String> {
        let named = match other {
            Topics::One(name) => self.names.get(name).cloned(),
            // The first by name, so that it is the same every time.
            many => self.names().filter(|name| many.matches(name, budget)).min().map(str::to_owned),
        };
        named.or_else(|| self.expressions.iter().find_map(|own| own.shared(other, budget)))
    }

    /// A topic of both sets.
    pub(super) fn shares(&self, other: &Self, budget: &Budget) -> Option<String> {
        let (few, many) = if self.names.len() < other.names.len() { (self, other) } else { (other, self) };
        if !budget.take(few.names.len()) {
            return None;
        }
        let named = few.names().filter(|name| many.names.contains(*name)).min().map(str::to_owned);
        let matched = |one: &Self, two: &Self| one.expressions.iter().find_map(|own| two.shared(own, budget));
        named.or_else(|| matched(self, other)).or_else(|| matched(other, self))
    }
}

impl Topics {
    /// An item of `from`; none where the expression is too large.
    pub(super) fn of_source(source: &str, budget: &Budget) -> Option<Self> {
        match source.starts_with('^') {
            true => Self::of_expression(source, budget),
            false => Some(Self::One(source.to_owned())),
        }
    }

    /// An item of `topics`; none where the pattern is too large.
    pub(super) fn of_pattern(pattern: &TopicPattern, budget: &Budget) -> Option<Self> {
        if !pattern.0.contains('*') {
            return Some(Self::One(pattern.0.clone()));
        }
        let parts: Vec<String> = pattern.0.split('*').map(regex_syntax::escape).collect();
        Self::of_expression(&format!("^{}$", parts.join("[a-zA-Z0-9._-]*")), budget)
    }

    fn of_expression(expression: &str, budget: &Budget) -> Option<Self> {
        if budget.is_spent() {
            return None;
        }
        let config = dense::Config::new().dfa_size_limit(Some(DFA_BYTES)).determinize_size_limit(Some(4 * DFA_BYTES));
        // Topic names are ASCII.
        let ascii = syntax::Config::new().unicode(false).utf8(false);
        let dfa = dense::Builder::new().configure(config).syntax(ascii).build(expression);
        // Making an automaton costs some steps for each of its bytes; one that was given up was made as far as it may go.
        budget.take(4 * dfa.as_ref().map_or(4 * DFA_BYTES, |dfa| dfa.memory_usage()));
        Some(Self::Many(Box::new(dfa.ok()?)))
    }

    /// Whether a topic is one of these.
    pub(super) fn matches(&self, name: &str, budget: &Budget) -> bool {
        match self {
            Self::One(own) => own == name,
            Self::Many(dfa) => {
                budget.take(name.len() + 1) && Walk::over(dfa, name).is_some_and(|walk| walk.accepts(dfa))
            }
        }
    }

    /// A topic of both, the shortest there is; none where there is none, or none was found within bounds.
    pub(super) fn shared(&self, other: &Self, budget: &Budget) -> Option<String> {
        match (self, other) {
            (Self::One(name), topics) | (topics, Self::One(name)) => topics.matches(name, budget).then(|| name.clone()),
            (Self::Many(one), Self::Many(two)) => search(one, two, budget),
        }
    }
}

/// How far an expression has come in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Walk {
    At(StateID),
    /// It has matched: whatever follows.
    Matched,
}

impl Walk {
    fn start(dfa: &dense::DFA<Vec<u32>>) -> Option<Self> {
        dfa.start_state(&start::Config::new().anchored(Anchored::No)).ok().map(Self::At)
    }

    fn over(dfa: &dense::DFA<Vec<u32>>, name: &str) -> Option<Self> {
        name.bytes().try_fold(Self::start(dfa)?, |walk, letter| walk.step(dfa, letter))
    }

    /// None where no match can follow.
    fn step(self, dfa: &dense::DFA<Vec<u32>>, letter: u8) -> Option<Self> {
        let Self::At(state) = self else { return Some(self) };
        let next = dfa.next_state(state, letter);
        if dfa.is_match_state(next) {
            Some(Self::Matched)
        } else if dfa.is_dead_state(next) || dfa.is_quit_state(next) {
            None
        } else {
            Some(Self::At(next))
        }
    }

    /// Whether a name that ends here matches.
    fn accepts(self, dfa: &dense::DFA<Vec<u32>>) -> bool {
        match self {
            Self::At(state) => dfa.is_match_state(dfa.next_eoi_state(state)),
            Self::Matched => true,
        }
    }
}

/// The letters that one of the expressions tells apart, the first of each class: the others lead to the same states.
fn letters(one: &dense::DFA<Vec<u32>>, two: &dense::DFA<Vec<u32>>) -> Vec<u8> {
    let mut seen = HashSet::new();
    let class = |letter: u8| (one.byte_classes().get(letter), two.byte_classes().get(letter));
    LETTERS.iter().copied().filter(|letter| seen.insert(class(*letter))).collect()
}

fn search(one: &dense::DFA<Vec<u32>>, two: &dense::DFA<Vec<u32>>, budget: &Budget) -> Option<String> {
    // The letters are looked up once for each pair of expressions, all that there are.
    if !budget.take(4 * LETTERS.len()) {
        return None;
    }
    let letters = letters(one, two);
    let begin = (Walk::start(one)?, Walk::start(two)?);
    let mut seen = HashSet::from([begin]);
    let mut queue = VecDeque::from([(begin, String::new())]);
    while let Some(((left, right), name)) = queue.pop_front() {
        // A pair that is new costs some ten times as much as a step: it is looked up and its name is written down.
        if !budget.take(10 + 2 * letters.len() + name.len()) {
            return None;
        }
        if !name.is_empty() && left.accepts(one) && right.accepts(two) {
            return Some(name);
        }
        if seen.len() > PAIRS || name.len() >= TOPIC_NAME_BYTES {
            continue;
        }
        for &letter in &letters {
            let (Some(left), Some(right)) = (left.step(one, letter), right.step(two, letter)) else { continue };
            if seen.insert((left, right)) {
                queue.push_back(((left, right), format!("{name}{}", char::from(letter))));
            }
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Topics {
        Topics::of_pattern(&TopicPattern(text.to_owned()), &Budget::default()).unwrap()
    }

    fn source(text: &str) -> Topics {
        Topics::of_source(text, &Budget::default()).unwrap()
    }

    #[test]
    fn a_shared_topic_is_found_where_there_is_one() {
        let budget = Budget::default();
        let shared = |a: &Topics, b: &Topics| (a.shared(b, &budget).is_some(), b.shared(a, &budget).is_some());
        for (a, b, both) in [
            (pattern("events-*"), source("events-1"), true),
            (pattern("events-*"), source("event-1"), false),
            (pattern("*"), source("^x[0-9]+$"), true),
            (pattern("a*b"), source("^b"), false),
            (pattern("a*b"), source("^a[0-9]$"), false),
            (pattern("a*b"), source("^a[0-9]"), true),
            (source("^in-"), source("^in-[a-z]+$"), true),
            (source("^in-[0-9]+$"), source("^in-[a-z]+$"), false),
            (source("^(a|b)$"), source("b"), true),
            // Only the first branch is anchored.
            (source("^a|b"), source("xbx"), true),
            (pattern("a.b"), source("^a-b$"), false),
        ] {
            assert_eq!(shared(&a, &b), (both, both), "{a:?} {b:?}");
        }
    }

    #[test]
    fn the_shortest_shared_topic_is_named() {
        assert_eq!(pattern("events-*").shared(&source("^events-[0-9]+$"), &Budget::default()).unwrap(), "events-0");
    }

    proptest! {
        #[test]
        fn patterns_agree_with_what_the_chain_permits(glob in "[ab*.]{1,8}", name in "[ab.]{1,8}") {
            let matches = TopicPattern(glob.clone()).matches(&name);
            prop_assert_eq!(pattern(&glob).shared(&Topics::One(name), &Budget::default()).is_some(), matches);
        }

        #[test]
        fn expressions_agree_with_the_regex_crate(expression in "\\^[ab.*+|$]{0,8}", name in "[ab.]{1,8}") {
            let Ok(regex) = regex::Regex::new(&expression) else { return Ok(()) };
            prop_assert_eq!(source(&expression).shared(&Topics::One(name.clone()), &Budget::default()).is_some(), regex.is_match(&name));
        }
    }
}
