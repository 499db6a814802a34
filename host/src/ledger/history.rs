//! What a whole ledger topic says of a group, adjacent ranges of one generation put together.

use std::collections::HashMap;

use super::Entry;

/// So many rows are kept at most; a topic that others write to may hold anything.
const MAX_ROWS: usize = 100_000;

/// Which ranges are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Those of this group.
    pub group: String,
    /// Of this topic; none: of all.
    pub topic: Option<String>,
    /// Of this partition; none: of all.
    pub partition: Option<i32>,
    /// Only ranges that hold this offset, each for itself; none: all, put together.
    pub offset: Option<i64>,
}

/// Ranges of a partition that follow each other and went through one generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The first of them, which reaches as far as all of them together, with all their records.
    pub entry: Entry,
    /// When the last of them was settled.
    pub last: jiff::Timestamp,
    /// How many they are.
    pub ranges: u64,
    /// Where the last of them begins.
    last_from: i64,
}

/// Where a row ends: what begins there by the same generation continues it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct End {
    topic: String,
    topic_id: Option<String>,
    partition: i32,
    to: i64,
    digest: String,
}

/// The rows of one group.
#[derive(Debug)]
pub struct History {
    wanted: Wanted,
    rows: Vec<Row>,
    ends: HashMap<End, usize>,
    left_out: u64,
}

impl History {
    /// An empty one.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, rows: Vec::new(), ends: HashMap::new(), left_out: 0 }
    }

    /// Takes in the next record of the ledger topic. Of one partition they come in the order in which they were written.
    pub fn add(&mut self, entry: Entry) {
        let Wanted { group, topic, partition, offset } = &self.wanted;
        let is_wanted = entry.group == *group
            && topic.as_ref().is_none_or(|topic| entry.topic == *topic)
            && partition.is_none_or(|partition| entry.partition == partition)
            && offset.is_none_or(|offset| (entry.from..entry.to).contains(&offset));
        if !is_wanted {
            return;
        }
        if offset.is_none() {
            let before = self.ends.get(&end(&entry, entry.from)).copied();
            if let Some(at) = before {
                return self.extend(at, entry);
            }
            // A producer that broke down may have written the last range twice.
            let same = self.ends.get(&end(&entry, entry.to)).and_then(|at| self.rows.get(*at));
            if same.is_some_and(|row| row.last == entry.at && row.last_from == entry.from) {
                return;
            }
        }
        if self.rows.len() >= MAX_ROWS {
            self.left_out += 1;
            return;
        }
        self.ends.insert(end(&entry, entry.to), self.rows.len());
        self.rows.push(Row { last: entry.at, ranges: 1, last_from: entry.from, entry });
    }

    fn extend(&mut self, at: usize, next: Entry) {
        self.ends.remove(&end(&next, next.from));
        self.ends.insert(end(&next, next.to), at);
        let Some(row) = self.rows.get_mut(at) else { return };
        row.entry.to = next.to;
        row.entry.records.add(next.records);
        (row.last, row.last_from) = (next.at, next.from);
        row.ranges += 1;
    }

    /// How many ranges there was no room for.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The rows by topic, partition and offset; of those that begin at the same offset the older one first. Where one offset
    /// is wanted, in the order in which they were written.
    pub fn into_rows(mut self) -> Vec<Row> {
        if self.wanted.offset.is_some() {
            return self.rows;
        }
        let key = |row: &Row| (row.entry.partition, row.entry.from, row.entry.at);
        self.rows.sort_by(|a, b| a.entry.topic.cmp(&b.entry.topic).then(key(a).cmp(&key(b))));
        self.rows
    }
}

fn end(entry: &Entry, to: i64) -> End {
    End {
        topic: entry.topic.clone(),
        topic_id: entry.topic_id.clone(),
        partition: entry.partition,
        to,
        digest: entry.digest.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::delivery::Fates;

    fn wanted(offset: Option<i64>) -> Wanted {
        Wanted { group: "g".to_owned(), topic: None, partition: None, offset }
    }

    /// Written one second after the other.
    fn entries(ranges: &[(i32, i64, i64, &str)]) -> Vec<Entry> {
        let all = ranges.iter().zip(1..).map(|(&(partition, from, to, digest), second)| Entry {
            digest: digest.to_owned(),
            records: Fates { records: (to - from) as u64, ..Fates::default() },
            at: jiff::Timestamp::from_second(second).unwrap(),
            ..Entry::new(("g", "p"), ("in", partition), (from, to))
        });
        all.collect()
    }

    fn rows(wanted: Wanted, entries: impl IntoIterator<Item = Entry>) -> Vec<(i32, i64, i64, String, u64, u64)> {
        let mut history = History::new(wanted);
        entries.into_iter().for_each(|entry| history.add(entry));
        let row = |row: Row| {
            let Entry { partition, from, to, digest, .. } = row.entry.clone();
            (partition, from, to, digest, row.entry.records.records, row.ranges)
        };
        history.into_rows().into_iter().map(row).collect()
    }

    fn row(partition: i32, from: i64, to: i64, digest: &str, ranges: u64) -> (i32, i64, i64, String, u64, u64) {
        (partition, from, to, digest.to_owned(), (to - from) as u64, ranges)
    }

    #[test]
    fn adjacent_ranges_of_a_generation_are_one_row_and_others_are_not() {
        let ranges =
            [(0, 0, 5, "a"), (1, 0, 7, "a"), (0, 5, 9, "a"), (0, 9, 10, "b"), (0, 12, 20, "b"), (1, 7, 8, "a")];
        let found = rows(wanted(None), entries(&ranges));
        let hole = [row(0, 9, 10, "b", 1), row(0, 12, 20, "b", 1)];
        assert_eq!(found, [&[row(0, 0, 9, "a", 2)][..], &hole, &[row(1, 0, 8, "a", 2)]].concat());
    }

    #[test]
    fn what_was_carried_again_stands_twice_and_what_was_written_twice_once() {
        let again = [(0, 0, 5, "a"), (0, 5, 9, "a"), (0, 5, 12, "a"), (0, 12, 13, "a")];
        assert_eq!(rows(wanted(None), entries(&again)), [row(0, 0, 9, "a", 2), row(0, 5, 13, "a", 2)]);
        let mut twice = entries(&again[..2]);
        twice.push(twice[1].clone());
        assert_eq!(rows(wanted(None), twice), [row(0, 0, 9, "a", 2)]);
    }

    #[test]
    fn of_an_offset_each_range_stands_for_itself_and_the_newest_one_last() {
        let ranges = [(0, 0, 5, "a"), (0, 5, 9, "a"), (0, 4, 9, "b"), (1, 0, 100, "a")];
        let of = Wanted { partition: Some(0), ..wanted(Some(5)) };
        assert_eq!(rows(of, entries(&ranges)), [row(0, 5, 9, "a", 1), row(0, 4, 9, "b", 1)]);
    }

    #[test]
    fn other_groups_topics_and_a_topic_that_was_created_anew_are_told_apart() {
        let mut all = entries(&[(0, 0, 5, "a"), (0, 5, 9, "a"), (0, 9, 10, "a"), (0, 10, 11, "a")]);
        all[1].group = "other".to_owned();
        all[2].topic = "other".to_owned();
        all[3].topic_id = Some("id".to_owned());
        all[3].from = 5;
        let of = Wanted { topic: Some("in".to_owned()), ..wanted(None) };
        let found = rows(of, all);
        assert_eq!(found.iter().map(|row| (row.1, row.2)).collect::<Vec<_>>(), [(0, 5), (5, 11)]);
    }
}
