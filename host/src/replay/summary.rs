//! What a replay did, in numbers.

use std::{collections::BTreeMap, fmt};

use crate::chain::{DeathKind, Fate, Output};

/// So many topics are counted apart; their names may come from records.
const TOPICS: usize = 10_000;
/// What all further ones are counted as.
const OTHERS: &str = "(others)";

/// Counts of a replay. Fates are counted in input records, output records by topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Input records whose rows went out.
    pub out: u64,
    /// Input records that an interceptor dropped.
    pub dropped: u64,
    /// Input records that died, by kind.
    pub dead: BTreeMap<DeathKind, u64>,
    /// Output records by topic, dead letters under theirs; of more than 10,000 topics those that came later together, as
    /// `(others)`.
    pub topics: BTreeMap<String, u64>,
}

impl Summary {
    pub(super) fn count_fate(&mut self, fate: &Fate) {
        match fate {
            Fate::Out => self.out += 1,
            Fate::Dropped(_) => self.dropped += 1,
            Fate::Dead(death) => *self.dead.entry(death.kind).or_default() += 1,
        }
    }

    pub(super) fn count_output(&mut self, output: &Output<'_>) {
        match self.topics.get_mut(output.topic) {
            Some(count) => *count += 1,
            None => {
                let name = if self.topics.len() < TOPICS { output.topic } else { OTHERS };
                *self.topics.entry(name.to_owned()).or_default() += 1;
            }
        }
    }

    /// Input records; each has exactly one fate.
    pub fn records(&self) -> u64 {
        self.out + self.dropped + self.died()
    }

    /// Input records that died, of any kind.
    pub fn died(&self) -> u64 {
        self.dead.values().sum()
    }
}

impl fmt::Display for Summary {
    /// One line with the fates, then a line a topic; no line feed at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in: {} out, {} dropped, {} dead", plural(self.records()), self.out, self.dropped, self.died())?;
        let kinds: Vec<String> = self.dead.iter().map(|(kind, count)| format!("{} {count}", kind.as_str())).collect();
        if !kinds.is_empty() {
            write!(f, " ({})", kinds.join(", "))?;
        }
        let width = self.topics.keys().map(|topic| topic.chars().count()).max().unwrap_or(0);
        for (topic, count) in &self.topics {
            write!(f, "\n  {topic:width$} {count:>9}")?;
        }
        Ok(())
    }
}

fn plural(records: u64) -> String {
    if records == 1 { "1 record".to_owned() } else { format!("{records} records") }
}
