//! The offset below which everything of a partition is delivered.

use std::collections::VecDeque;

/// Of one partition.
#[derive(Debug, Default)]
pub(crate) struct Track {
    /// The first offset that is not delivered; none before the first record.
    next: Option<i64>,
    /// From there on, what is delivered, up to the last offset sent.
    delivered: VecDeque<bool>,
}

impl Track {
    /// A record was sent; its offset is above all before.
    pub(crate) fn send(&mut self, offset: i64) {
        let next = *self.next.get_or_insert(offset);
        let holes = (offset - next) as usize - self.delivered.len();
        // Offsets that no record has.
        self.delivered.extend(std::iter::repeat_n(true, holes));
        self.delivered.push_back(false);
    }

    /// A record that was sent is delivered.
    pub(crate) fn deliver(&mut self, offset: i64) {
        let Some(next) = &mut self.next else { return };
        if let Some(delivered) = self.delivered.get_mut((offset - *next) as usize) {
            *delivered = true;
        }
        while self.delivered.front() == Some(&true) {
            self.delivered.pop_front();
            *next += 1;
        }
    }

    /// What to commit; none before the first record.
    pub(crate) fn next(&self) -> Option<i64> {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_the_first_record_that_is_not_delivered() {
        let mut track = Track::default();
        assert_eq!(track.next(), None);
        for offset in [5, 6, 9] {
            track.send(offset);
        }
        track.deliver(6);
        assert_eq!(track.next(), Some(5));
        track.deliver(5);
        assert_eq!(track.next(), Some(9), "no record has 7 and 8");
        track.deliver(9);
        assert_eq!(track.next(), Some(10));
    }
}
