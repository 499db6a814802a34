//! Rows of a ledger, for people, for pipes, and as JSON.

use std::fmt::Write as _;

use serde_json::json;

use super::{super::plan_text::printable, Found};
use crate::ledger::Row;

/// Digits of a digest, as in `weir.error.generation`.
const DIGITS: usize = 12;

/// A table for each pipeline and topic, 80 columns wide where offsets have ten digits at most.
pub(super) fn for_people(all: &[Found<'_>]) -> String {
    let mut out = String::new();
    for Found { pipeline, ledger, rows } in all.iter().filter(|found| !found.rows.is_empty()) {
        line(&mut out, &format!("pipeline {}, group {}, ledger topic {ledger}", pipeline.name, pipeline.group));
        for rows in rows.chunk_by(|one, other| one.entry.topic == other.entry.topic) {
            let topic = rows.first().map_or("", |row| &row.entry.topic);
            line(&mut out, &format!("\n{}", printable(topic)));
            columns(&mut out, rows);
        }
        line(&mut out, "");
        let overlaps = rows.windows(2).any(|pair| {
            let [one, other] = pair else { return false };
            let place = |row: &Row| (row.entry.topic.clone(), row.entry.partition, row.entry.topic_id.clone());
            place(one) == place(other) && other.entry.from < one.entry.to
        });
        if overlaps {
            line(&mut out, "where ranges overlap, records were carried more than once: weir was killed between");
        }
    }
    out
}

fn columns(out: &mut String, rows: &[Row]) {
    let mut cells = vec![["part", "from", "to", "records", "generation", "until"].map(str::to_owned)];
    cells.extend(rows.iter().map(|row| {
        let entry = &row.entry;
        [
            entry.partition.to_string(),
            entry.from.to_string(),
            entry.to.to_string(),
            entry.records.records.to_string(),
            printable(&entry.digest).chars().take(DIGITS).collect(),
            row.last.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
        ]
    }));
    let widths: [usize; 6] =
        std::array::from_fn(|at| cells.iter().map(|row| row[at].chars().count()).max().unwrap_or_default());
    for row in cells {
        let cell = |at: usize| {
            let fill = " ".repeat(widths[at].saturating_sub(row[at].chars().count()));
            if at < 4 { format!("{fill}{}", row[at]) } else { format!("{}{fill}", row[at]) }
        };
        let cells: Vec<String> = (0..row.len()).map(cell).collect();
        line(out, format!("  {}", cells.join("  ")).trim_end());
    }
}

/// Tabs between pipeline, topic, partition, from, to, records, digest and time.
pub(super) fn plain_line(row: &Row) -> String {
    let entry = &row.entry;
    let [pipeline, topic, digest] = [&entry.pipeline, &entry.topic, &entry.digest].map(|text| printable(text));
    let (partition, records) = (entry.partition, entry.records.records);
    format!("{pipeline}\t{topic}\t{partition}\t{}\t{}\t{records}\t{digest}\t{}\n", entry.from, entry.to, row.last)
}

pub(super) fn json_line(row: &Row) -> String {
    let entry = &row.entry;
    let line = json!({
        "group": entry.group,
        "pipeline": entry.pipeline,
        "topic": entry.topic,
        "topic_id": entry.topic_id,
        "partition": entry.partition,
        "from": entry.from,
        "to": entry.to,
        "digest": entry.digest,
        "records": entry.records,
        "first_at": entry.at.to_string(),
        "last_at": row.last.to_string(),
        "ranges": row.ranges,
    });
    format!("{line}\n")
}

fn line(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::{
        delivery::Fates,
        ledger::{Entry, History, Wanted},
    };

    fn rows() -> Vec<Row> {
        let wanted = Wanted { group: "g".to_owned(), topic: None, partition: None, offset: None };
        let mut history = History::new(wanted);
        for (partition, from, to, digest) in [(0, 0, 9_999_999_999, "9f2c31d0ab1234"), (11, 5, 9, "41be\x1b[31m")] {
            let mut entry = Entry::new(("g", "p"), ("in", partition), (from, to));
            entry.digest = digest.to_owned();
            entry.records = Fates { records: (to - from) as u64, dead: 1, ..Fates::default() };
            entry.at = "2026-01-31T08:00:00.5Z".parse().unwrap();
            history.add(entry);
        }
        history.into_rows()
    }

    #[test]
    fn a_table_of_offsets_with_ten_digits_is_80_columns_wide_and_holds_no_control_characters() {
        let mut out = String::new();
        columns(&mut out, &rows());
        assert_eq!(
            out,
            "  part  from          to     records  generation    until\n     \
             0     0  9999999999  9999999999  9f2c31d0ab12  2026-01-31 08:00:00Z\n    \
             11     5           9           4  41be\u{fffd}[31m     2026-01-31 08:00:00Z\n"
        );
        assert!(out.lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn lines_for_programs_hold_the_whole_digest() {
        let rows = rows();
        assert_eq!(
            plain_line(&rows[0]),
            "p\tin\t0\t0\t9999999999\t9999999999\t9f2c31d0ab1234\t2026-01-31T08:00:00.5Z\n"
        );
        let line: serde_json::Value = serde_json::from_str(&json_line(&rows[1])).unwrap();
        assert_eq!(line["digest"], "41be\x1b[31m");
        assert_eq!(
            (&line["records"]["in"], &line["records"]["dead"], &line["ranges"]),
            (&4.into(), &1.into(), &1.into())
        );
    }
}
