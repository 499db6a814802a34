//! What a plan allows an answer to do.

use std::collections::HashSet;

use crate::{
    abi::{Effects, Plan},
    config::TopicPattern,
};

/// Up to here names are compared one after the other, which beats hashing: mostly there is a handful.
const FEW: usize = 16;

/// Header names.
#[derive(Clone, Debug)]
enum Names {
    Few(Vec<String>),
    Many(HashSet<String>),
}

impl Names {
    fn new(names: &[String]) -> Self {
        if names.len() <= FEW { Self::Few(names.to_vec()) } else { Self::Many(names.iter().cloned().collect()) }
    }

    fn contains(&self, name: &str) -> bool {
        match self {
            Self::Few(names) => names.iter().any(|known| known == name),
            Self::Many(names) => names.contains(name),
        }
    }
}

/// What a plan allows an answer to do.
#[derive(Clone, Debug)]
pub(in crate::chain) struct Permit {
    pub(super) effects: Effects,
    any_header: bool,
    header_names: Names,
    /// The plan's own names.
    topics: HashSet<String>,
    /// The plan's own patterns.
    patterns: Vec<TopicPattern>,
    /// The pipeline's; a topic must fit one of each.
    routable: Vec<TopicPattern>,
}

impl Permit {
    /// The permit of `plan` in a pipeline whose `topics` are `routable`.
    pub(in crate::chain) fn new(plan: &Plan, routable: &[TopicPattern]) -> Self {
        let (patterns, topics): (Vec<String>, Vec<String>) =
            plan.topics.iter().cloned().partition(|topic| topic.contains('*'));
        Self {
            effects: plan.effects,
            any_header: plan.header_names.iter().any(|name| name == "*"),
            header_names: Names::new(&plan.header_names),
            topics: topics.into_iter().collect(),
            patterns: patterns.into_iter().map(TopicPattern).collect(),
            routable: routable.to_vec(),
        }
    }

    pub(super) fn header(&self, name: &str) -> bool {
        self.any_header || self.header_names.contains(name)
    }

    pub(super) fn topic(&self, topic: &str) -> bool {
        let fits = |patterns: &[TopicPattern]| patterns.iter().any(|pattern| pattern.matches(topic));
        (self.topics.contains(topic) || fits(&self.patterns)) && fits(&self.routable)
    }
}
