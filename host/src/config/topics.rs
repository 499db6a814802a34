//! Sets of topics: a name, a pattern, an expression; and whether two of them share a topic that could exist.

use std::collections::{HashSet, VecDeque};

use regex_automata::{
    Anchored,
    dfa::{Automaton, dense},
    util::{primitives::StateID, start, syntax},
};

use super::TopicPattern;

/// What a topic's name may consist of.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Bounds of the search, so that no configuration can keep weir busy: larger expressions are refused.
const DFA_BYTES: usize = 4 << 20;
const PAIRS: usize = 1 << 17;

/// A set of topics.
#[derive(Debug)]
pub(super) enum Topics {
    One(String),
    Many(Box<dense::DFA<Vec<u32>>>),
}

impl Topics {
    /// An item of `from`; none where the expression is too large.
    pub(super) fn of_source(source: &str) -> Option<Self> {
        if source.starts_with('^') { Self::of_expression(source) } else { Some(Self::One(source.to_owned())) }
    }

    /// An item of `topics`; none where the pattern is too large.
    pub(super) fn of_pattern(pattern: &TopicPattern) -> Option<Self> {
        if !pattern.0.contains('*') {
            return Some(Self::One(pattern.0.clone()));
        }
        let parts: Vec<String> = pattern.0.split('*').map(regex::escape).collect();
        Self::of_expression(&format!("^{}$", parts.join("[a-zA-Z0-9._-]*")))
    }

    fn of_expression(expression: &str) -> Option<Self> {
        let config = dense::Config::new().dfa_size_limit(Some(DFA_BYTES)).determinize_size_limit(Some(4 * DFA_BYTES));
        // Topic names are ASCII.
        let ascii = syntax::Config::new().unicode(false).utf8(false);
        let dfa = dense::Builder::new().configure(config).syntax(ascii).build(expression).ok()?;
        Some(Self::Many(Box::new(dfa)))
    }

    /// A topic of both sets, the shortest there is; none where there is none, or none was found within bounds.
    pub(super) fn shared(&self, other: &Self) -> Option<String> {
        match (self, other) {
            (Self::One(one), Self::One(two)) => (one == two).then(|| one.clone()),
            (Self::One(name), Self::Many(dfa)) | (Self::Many(dfa), Self::One(name)) => {
                Walk::over(dfa, name)?.accepts(dfa).then(|| name.clone())
            }
            (Self::Many(one), Self::Many(two)) => search(one, two),
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

fn search(one: &dense::DFA<Vec<u32>>, two: &dense::DFA<Vec<u32>>) -> Option<String> {
    let begin = (Walk::start(one)?, Walk::start(two)?);
    let mut seen = HashSet::from([begin]);
    let mut queue = VecDeque::from([(begin, String::new())]);
    while let Some(((left, right), name)) = queue.pop_front() {
        if !name.is_empty() && left.accepts(one) && right.accepts(two) {
            return Some(name);
        }
        if seen.len() > PAIRS || name.len() >= 249 {
            continue;
        }
        for &letter in LETTERS {
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
        Topics::of_pattern(&TopicPattern(text.to_owned())).unwrap()
    }

    fn source(text: &str) -> Topics {
        Topics::of_source(text).unwrap()
    }

    #[test]
    fn a_shared_topic_is_found_where_there_is_one() {
        let shared = |a: &Topics, b: &Topics| (a.shared(b).is_some(), b.shared(a).is_some());
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
        assert_eq!(pattern("events-*").shared(&source("^events-[0-9]+$")).unwrap(), "events-0");
    }

    proptest! {
        #[test]
        fn patterns_agree_with_what_the_chain_permits(glob in "[ab*.]{1,8}", name in "[ab.]{1,8}") {
            let matches = TopicPattern(glob.clone()).matches(&name);
            prop_assert_eq!(pattern(&glob).shared(&Topics::One(name)).is_some(), matches);
        }

        #[test]
        fn expressions_agree_with_the_regex_crate(expression in "\\^[ab.*+|$]{0,8}", name in "[ab.]{1,8}") {
            let Ok(regex) = regex::Regex::new(&expression) else { return Ok(()) };
            prop_assert_eq!(source(&expression).shared(&Topics::One(name.clone())).is_some(), regex.is_match(&name));
        }
    }
}
