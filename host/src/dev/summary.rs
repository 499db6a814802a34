//! What went where, as a table for people.

use std::{collections::BTreeMap, fmt::Write, time::Duration};

use crate::metrics::{Metrics, Name};

/// What it cost.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Records of the input.
    pub records: u64,
    /// From the first record produced to the last one settled.
    pub wall: Duration,
    /// CPU time of the whole process meanwhile, the broker inside it included.
    pub cpu: Duration,
}

/// The tables of [`totals`], and how fast it went.
pub fn summary(metrics: &Metrics, dead_letters: &BTreeMap<String, String>, effort: Effort) -> String {
    let mut text = totals(metrics, dead_letters);
    let per_second = effort.records as f64 / effort.wall.as_secs_f64().max(1e-6);
    let micros = effort.cpu.as_secs_f64() * 1e6 / (effort.records.max(1) as f64);
    let _ = writeln!(
        text,
        "{} records in {:.2} s: {} records/s, {micros:.1} µs of CPU a record (broker included)",
        number(effort.records),
        effort.wall.as_secs_f64(),
        number(per_second as u64),
    );
    text
}

/// Tables of what became of records: those of each output topic, dead letters with their reasons, what plugins counted; a
/// blank line behind each, and nothing where there is nothing to tell. `dead_letters` names each pipeline's dead-letter topic.
pub fn totals(metrics: &Metrics, dead_letters: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut rows = Vec::new();
    for (labels, count) in metrics.series(Name::RecordsOut) {
        rows.push([of(&labels, "pipeline"), of(&labels, "topic"), number(count)]);
    }
    table(&mut text, ["pipeline", "topic", "records"], rows);
    let mut rows = Vec::new();
    for (labels, count) in metrics.series(Name::RecordsDead) {
        let pipeline = of(&labels, "pipeline");
        let topic = dead_letters.get(&pipeline).cloned().unwrap_or_default();
        let blamed =
            Some(of(&labels, "interceptor")).filter(|name| !name.is_empty()).unwrap_or_else(|| pipeline.clone());
        rows.push([topic, format!("{} by {blamed}", of(&labels, "kind")), number(count)]);
    }
    table(&mut text, ["dead letters", "reason", "records"], rows);
    let mut rows = Vec::new();
    for (labels, count) in metrics.series(Name::RecordsDropped) {
        rows.push([of(&labels, "interceptor"), "dropped".to_owned(), number(count)]);
    }
    for (labels, count) in metrics.series(Name::PluginCounts) {
        rows.push([of(&labels, "interceptor"), of(&labels, "name"), number(count)]);
    }
    for (labels, count) in metrics.series(Name::Faults) {
        rows.push([of(&labels, "interceptor"), format!("fault: {}", of(&labels, "kind")), number(count)]);
    }
    for (labels, count) in metrics.series(Name::RecoveredFaults) {
        rows.push([
            of(&labels, "interceptor"),
            format!("faulted calls, no record to blame: {}", of(&labels, "kind")),
            number(count),
        ]);
    }
    table(&mut text, ["interceptor", "counted", "records"], rows);
    text
}

fn of(labels: &[(&'static str, String)], name: &str) -> String {
    let value = labels.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
    // Plugins name what they count.
    value.replace(char::is_control, "\u{fffd}")
}

/// With a comma after every third digit.
fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Nothing where there are no rows; numbers stand to the right.
fn table(text: &mut String, head: [&str; 3], rows: Vec<[String; 3]>) {
    if rows.is_empty() {
        return;
    }
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).chain([head[column].len()]).max().unwrap_or(0)
    };
    let (first, second, third) = (width(0), width(1), width(2));
    let mut line = |row: [&str; 3]| {
        let _ = writeln!(text, "{:first$}  {:second$}  {:>third$}", row[0], row[1], row[2]);
    };
    line(head);
    for row in &rows {
        line([&row[0], &row[1], &row[2]]);
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stand_under_their_heads() {
        let metrics = Metrics::default();
        let labels =
            |more: &[(&'static str, &str)]| more.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        metrics.add(Name::RecordsOut, labels(&[("pipeline", "recom"), ("topic", "events-00")]), 1234);
        metrics.add(
            Name::RecordsDead,
            labels(&[("pipeline", "recom"), ("interceptor", "mod-router"), ("kind", "rejected")]),
            5,
        );
        let dead = BTreeMap::from([("recom".to_owned(), "events-dead".to_owned())]);
        let effort = Effort { records: 2000, wall: Duration::from_millis(500), cpu: Duration::from_millis(20) };
        let expected = "\
pipeline  topic      records
recom     events-00    1,234

dead letters  reason                  records
events-dead   rejected by mod-router        5

2,000 records in 0.50 s: 4,000 records/s, 10.0 µs of CPU a record (broker included)
";
        assert_eq!(summary(&metrics, &dead, effort), expected);
    }
}
