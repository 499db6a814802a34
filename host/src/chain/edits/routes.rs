//! Topics that answers route to: looked at once, not once a batch.

use std::{collections::HashSet, sync::Arc};

use super::{Blame, Permit};
use crate::abi::Routing;

/// The longest topic name that Kafka knows.
const TOPIC_NAME: usize = 249;
/// Topics that are kept in mind. Beyond, each batch looks at its topics anew.
const KEPT: usize = 1_024;

/// The topics of the answer that was checked last, and those that were found good before.
#[derive(Debug, Default)]
pub(in crate::chain) struct Routes {
    /// One a topic of the answer: what it was found to be, which is also the first guess for the next answer's, and
    /// whether a row goes there.
    topics: Vec<(Option<Arc<str>>, bool)>,
    good: HashSet<Arc<str>>,
    nowhere: Arc<str>,
}

impl Routes {
    /// Checks a routing of `count` rows. Only topics that are used count: a plugin may send its whole table each time.
    pub(super) fn check(&mut self, routing: &Routing, count: usize, permit: &Permit) -> Result<(), Blame> {
        super::check::lengths(routing.index.len(), count, "route")?;
        if self.topics.len() > KEPT {
            self.topics = Vec::new();
        }
        self.topics.resize(routing.topics.len(), (None, false));
        self.topics.iter_mut().for_each(|(_, used)| *used = false);
        for (row, &index) in routing.index.iter().enumerate() {
            match usize::try_from(index).map(|index| self.topics.get_mut(index)) {
                Ok(Some((_, used))) => *used = true,
                Err(_) if index == -1 => {}
                _ => {
                    let topics = self.topics.len();
                    return Err(Blame::invalid(format!("route: row {row} has {index}, but there are {topics} topics")));
                }
            }
        }
        for (topic, (known, _)) in routing.topics.iter().zip(&mut self.topics).filter(|(_, (_, used))| *used) {
            if known.as_ref().is_some_and(|known| **known == *topic) {
                continue;
            }
            *known = None;
            if !self.good.contains(topic) {
                look_at(topic, permit)?;
                if self.good.len() < KEPT {
                    self.good.insert(Arc::from(topic));
                }
            }
            *known = Some(self.good.get(topic).map_or_else(|| Arc::from(topic), Arc::clone));
        }
        Ok(())
    }

    /// The answer's topics in their order; those that no row goes to have no name.
    pub(super) fn topics(&self) -> impl Iterator<Item = Arc<str>> {
        let name = |(known, used): &(Option<Arc<str>>, bool)| match known {
            Some(known) if *used => Arc::clone(known),
            _ => Arc::clone(&self.nowhere),
        };
        self.topics.iter().map(name)
    }
}

fn look_at(topic: &str, permit: &Permit) -> Result<(), Blame> {
    if !is_topic_name(topic) {
        let topic = crate::chain::text::cut(topic, TOPIC_NAME);
        return Err(Blame::invalid(format!("route: `{topic}` is not a valid topic name")));
    }
    if !permit.topic(topic) {
        return Err(Blame::undeclared(format!(
            "the answer routes to `{topic}`, which the plan or the pipeline's `topics` do not allow"
        )));
    }
    Ok(())
}

fn is_topic_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=TOPIC_NAME).contains(&name.len()) && name != "." && name != ".." && name.bytes().all(legal)
}
