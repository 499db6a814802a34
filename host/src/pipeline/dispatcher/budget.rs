//! How much goes in one step of isolation.

/// What a step may still hold. It goes as one request for each partition: were it split, the records of the second
/// request would overtake the unaffected ones of a first that is refused. Half of what a request holds is far enough from
/// there.
pub(super) struct RequestBudget {
    messages: usize,
    bytes: usize,
    is_empty: bool,
}

impl RequestBudget {
    /// For requests of so many messages and bytes; a step takes `most` messages at most.
    pub(super) fn new((messages, bytes): (usize, usize), most: usize) -> Self {
        Self { messages: (messages / 2).min(most), bytes: bytes / 2, is_empty: true }
    }

    /// Makes room for one more message of that many bytes, where there is; the first is always taken.
    pub(super) fn takes(&mut self, bytes: usize) -> bool {
        let fits = self.is_empty || (self.messages > 0 && bytes <= self.bytes);
        self.is_empty = false;
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
        fits
    }

    /// Whether nothing was taken yet.
    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many messages of `size` bytes a step takes.
    fn taken(request: (usize, usize), most: usize, size: usize) -> usize {
        let mut budget = RequestBudget::new(request, most);
        (0..1000).take_while(|_| budget.takes(size)).count()
    }

    #[test]
    fn a_step_never_fills_a_request_and_always_takes_one() {
        assert_eq!(taken((100, 1_000_000), usize::MAX, 300), 50);
        assert_eq!(taken((10_000, 20_000), usize::MAX, 300), 33);
        assert_eq!(taken((10_000, 20_000), usize::MAX, 15_000), 1);
        assert_eq!(taken((1, 1), usize::MAX, 15_000), 1);
        assert_eq!(taken((100, 1_000_000), 7, 300), 7);
    }
}
