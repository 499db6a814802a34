//! How much goes in one step with care.

/// What a step with care may still hold. It goes as one request for each partition: were it split, the records of the
/// second request would overtake the innocent ones of a first that is refused. Half of what a request holds is far enough
/// from there.
pub(super) struct Room {
    messages: usize,
    bytes: usize,
    is_empty: bool,
}

impl Room {
    pub(super) fn of((messages, bytes): (usize, usize)) -> Self {
        Self { messages: messages / 2, bytes: bytes / 2, is_empty: true }
    }

    /// Makes room for one more message of that many bytes, where there is; the first is always taken.
    pub(super) fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.is_empty || (self.messages > 0 && bytes <= self.bytes);
        self.is_empty = false;
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many messages of `size` bytes a step takes.
    fn taken(request: (usize, usize), size: usize) -> usize {
        let mut room = Room::of(request);
        (0..1000).take_while(|_| room.takes(size)).count()
    }

    #[test]
    fn a_step_with_care_never_fills_a_request_and_always_takes_one() {
        assert_eq!(taken((100, 1_000_000), 300), 50);
        assert_eq!(taken((10_000, 20_000), 300), 33);
        assert_eq!(taken((10_000, 20_000), 15_000), 1);
        assert_eq!(taken((1, 1), 15_000), 1);
    }
}
