//! How many messages of a worker may be on their way.

/// Follows how late brokers answer. What was sent should still be in the processor's caches when it is reported, and be enough for
/// requests of many partitions: with 10,000 messages an empty chain takes a tenth more CPU time than with 6,000 where brokers
/// answer at once, with fewer the recom chain moves less (measured). Where they answer late, so few would be all that moves in
/// that time.
pub(super) struct Window(usize);

impl Window {
    const LEAST: usize = 6_000;
    /// The bytes that may be on their way are the bound of larger messages.
    const MOST: usize = 100_000;

    /// Whether one more may be sent while so many are on their way.
    pub(super) fn has_room(&self, outstanding: usize) -> bool {
        outstanding <= self.0
    }

    /// By a quarter.
    pub(super) fn widen(&mut self) {
        self.0 = (self.0 + self.0 / 4).min(Self::MOST);
    }

    /// By a sixty-fourth.
    pub(super) fn narrow(&mut self) {
        self.0 = (self.0 - self.0 / 64).max(Self::LEAST);
    }
}

impl Default for Window {
    fn default() -> Self {
        Self(Self::LEAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_grows_within_bounds_and_shrinks_to_where_it_was() {
        let mut window = Window::default();
        assert!(window.has_room(6_000) && !window.has_room(6_001));
        window.widen();
        assert!(window.has_room(7_500) && !window.has_room(7_501));
        (0..100).for_each(|_| window.widen());
        assert!(window.has_room(100_000) && !window.has_room(100_001));
        (0..1_000).for_each(|_| window.narrow());
        assert!(window.has_room(6_000) && !window.has_room(6_001));
    }
}
