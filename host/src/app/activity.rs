//! Says what the pipelines do: a line a minute of each that does something, and dead letters soon after they begin.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    metrics::{Metrics, Records},
    pipeline::RecentDeath,
};

/// Between two looks at the counters.
const LOOK: Duration = Duration::from_secs(1);
/// Between two lines about the same.
const AGAIN: Duration = Duration::from_secs(60);

/// What was said last, and when.
#[derive(Debug)]
pub(super) struct Activity {
    look: Instant,
    /// The counters at the last line of the minute.
    minute: (Instant, BTreeMap<String, Records>),
    /// By pipeline: its counters when its dead letters were told last.
    dead: BTreeMap<String, (Instant, Records)>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    /// What a pipeline did within so many seconds.
    Minute(String, Records, u64),
    /// Dead letters of a pipeline since they were spoken of last.
    Dead(String, Records),
}

impl Activity {
    /// Begins now, with nothing counted.
    pub(super) fn new(now: Instant) -> Self {
        Self { look: now, minute: (now, BTreeMap::new()), dead: BTreeMap::new() }
    }

    /// Logs what is due; `newest` is a pipeline's newest dead letter.
    pub(super) fn tell(&mut self, now: Instant, metrics: &Metrics, newest: impl Fn(&str) -> Option<RecentDeath>) {
        if now < self.look {
            return;
        }
        self.look = now + LOOK;
        for line in self.due(now, metrics.records()) {
            match line {
                Line::Minute(pipeline, records, seconds) => tracing::info!(
                    pipeline,
                    read = records.read,
                    out = records.out,
                    dropped = records.dropped,
                    dead = records.all_dead(),
                    lost = records.lost,
                    lag = metrics.lag_of_pipeline(&pipeline),
                    per_second = records.read / seconds.max(1),
                    "the last {seconds} s",
                ),
                Line::Dead(pipeline, records) => {
                    let kinds: Vec<String> =
                        records.dead.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
                    let (dead, kinds) = (records.all_dead(), kinds.join(", "));
                    match newest(&pipeline) {
                        Some(death) => tracing::warn!(
                            pipeline,
                            dead,
                            kinds,
                            topic = &*death.partition.topic,
                            partition = death.partition.number,
                            offset = death.offset,
                            reason = death.reason,
                            "dead letters; the newest",
                        ),
                        None => tracing::warn!(pipeline, dead, kinds, "dead letters"),
                    }
                }
            }
        }
    }

    fn due(&mut self, now: Instant, records: BTreeMap<String, Records>) -> Vec<Line> {
        let mut lines = Vec::new();
        let nothing = Records::default();
        for (pipeline, records) in &records {
            let told = self.dead.get(pipeline);
            let new = records.since(told.map_or(&nothing, |(_, before)| before));
            if !new.dead.is_empty() && told.is_none_or(|(at, _)| now >= *at + AGAIN) {
                lines.push(Line::Dead(pipeline.clone(), new));
                self.dead.insert(pipeline.clone(), (now, records.clone()));
            }
        }
        let (at, before) = &self.minute;
        if now >= *at + AGAIN {
            let seconds = (now - *at).as_secs();
            for (pipeline, records) in &records {
                let new = records.since(before.get(pipeline).unwrap_or(&nothing));
                if new != nothing {
                    lines.push(Line::Minute(pipeline.clone(), new, seconds));
                }
            }
            self.minute = (now, records);
        }
        lines
    }
}

/// Logs what became of records since weir began. Returns whether every record that was read is accounted for.
pub(super) fn tell_totals(metrics: &Metrics) -> bool {
    let mut all = true;
    for (pipeline, records) in metrics.records() {
        tracing::info!(
            pipeline,
            read = records.read,
            out = records.out,
            dropped = records.dropped,
            dead = records.all_dead(),
            lost = records.lost,
            unsettled = records.released,
            "in all",
        );
        let unaccounted = records.unaccounted();
        if unaccounted != 0 {
            tracing::error!(pipeline, unaccounted, "records were read and are nowhere: this is a fault of weir");
            all = false;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(read: u64, dead: u64) -> BTreeMap<String, Records> {
        let dead = [("rejected".to_owned(), dead)].into_iter().filter(|(_, count)| *count > 0).collect();
        BTreeMap::from([("p".to_owned(), Records { read, out: read, dead, ..Records::default() })])
    }

    #[test]
    fn a_busy_pipeline_has_a_line_a_minute_and_an_idle_one_none() {
        let start = Instant::now();
        let mut activity = Activity::new(start);
        let mut at = |second, read| activity.due(start + Duration::from_secs(second), records(read, 0));
        assert_eq!(at(1, 10), []);
        assert_eq!(at(59, 100), []);
        let line = |read: u64| vec![Line::Minute("p".to_owned(), records(read, 0)["p"].clone(), 60)];
        assert_eq!(at(60, 120), line(120));
        assert_eq!(at(61, 150), []);
        assert_eq!(at(120, 180), line(60));
        assert_eq!(at(180, 180), []);
        assert_eq!(at(240, 181), line(1));
    }

    #[test]
    fn dead_letters_are_told_when_they_begin_and_then_once_a_minute() {
        let start = Instant::now();
        let mut activity = Activity::new(start);
        let mut dead = |second, count| {
            let lines = activity.due(start + Duration::from_secs(second), records(0, count));
            let dead = lines.into_iter().find_map(|line| match line {
                Line::Dead(_, records) => Some(records.all_dead()),
                Line::Minute(..) => None,
            });
            dead.unwrap_or_default()
        };
        assert_eq!([dead(1, 0), dead(2, 3), dead(3, 9), dead(61, 20), dead(62, 20)], [0, 3, 0, 0, 17]);
        assert_eq!([dead(200, 20), dead(201, 21)], [0, 1]);
    }
}
