//! Where a partition is read from: where the group stopped, or else by `start`; and whether that is still there.

use std::time::Duration;

use crate::{
    config::{OnGap, Pipeline, Start},
    kafka::{Consumer, Error, Partition},
};

const WAIT: Duration = Duration::from_secs(3);

/// Where a partition begins.
#[derive(Debug)]
pub(super) struct Beginning {
    pub(super) partition: Partition,
    /// The first record to read.
    pub(super) offset: i64,
    /// Whether the group has nothing committed there, so that this must be: a restart would else begin elsewhere.
    pub(super) is_new: bool,
    /// The offset that was committed and is gone.
    pub(super) gap: Option<Gap>,
}

/// An offset that is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) offset: i64,
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Gap {
    /// Records that were there and were never read, as far as that can be known.
    pub(super) fn lost(&self) -> u64 {
        self.low.saturating_sub(self.offset).try_into().unwrap_or(0)
    }
}

/// Asks the group and the brokers.
///
/// # Errors
/// One of them did not answer.
pub(super) fn find(consumer: &Consumer, config: &Pipeline, partitions: &[Partition]) -> Result<Vec<Beginning>, Error> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let committed = consumer.committed(partitions, WAIT)?;
    let mut found = Vec::with_capacity(partitions.len());
    for (partition, committed) in partitions.iter().zip(committed) {
        let (low, high) = consumer.bounds(partition, WAIT)?;
        found.push(match committed {
            Some(offset) => continued(partition, offset, low, high, config.on_gap),
            None => {
                let offset = match config.start {
                    Start::Earliest => low,
                    Start::Latest => high,
                    Start::At(time) => consumer.offset_at(partition, time, WAIT)?.unwrap_or(high),
                };
                Beginning { partition: partition.clone(), offset, is_new: true, gap: None }
            }
        });
    }
    Ok(found)
}

/// Goes on at `offset`, or where that is gone by `on_gap`.
pub(super) fn continued(partition: &Partition, offset: i64, low: i64, high: i64, on_gap: OnGap) -> Beginning {
    let gap = (offset < low || offset > high).then_some(Gap { offset, low, high });
    let offset = if gap.is_some() && on_gap == OnGap::Earliest { low } else { offset };
    Beginning { partition: partition.clone(), offset, is_new: false, gap }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition() -> Partition {
        Partition { topic: "t".into(), number: 0 }
    }

    #[test]
    fn goes_on_where_the_offset_is_still_there() {
        for offset in [10, 15, 20] {
            let beginning = continued(&partition(), offset, 10, 20, OnGap::Stop);
            assert_eq!((beginning.offset, beginning.gap), (offset, None));
        }
    }

    #[test]
    fn a_gap_is_found_on_both_sides_and_its_loss_counted() {
        let old = continued(&partition(), 4, 10, 20, OnGap::Earliest);
        assert_eq!((old.offset, old.gap.map(|gap| gap.lost())), (10, Some(6)));
        let ahead = continued(&partition(), 21, 0, 20, OnGap::Earliest);
        assert_eq!((ahead.offset, ahead.gap.map(|gap| gap.lost())), (0, Some(0)));
    }
}
