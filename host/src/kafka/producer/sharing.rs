//! When a producer shares a client with others.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::ProducerPool;

/// How long one has a client of its own that was refused a record: it would break each time what the others send by.
const ALONE: Duration = Duration::from_secs(600);
/// More often than this ...
const MAX_BROKEN: usize = 5;
/// ... within so long a time nobody's client is broken by others: it gets one of its own, too.
const BREAKS: Duration = Duration::from_secs(60);

/// How a producer shares clients.
#[derive(Clone, Debug)]
pub(super) struct Sharing {
    pub(super) pool: Arc<ProducerPool>,
    /// When the clients that it shared broke down, within [`BREAKS`], oldest first.
    broken: Vec<Instant>,
    /// Until then each new client is its own.
    alone_until: Option<Instant>,
}

impl Sharing {
    pub(super) fn of(pool: &Arc<ProducerPool>) -> Self {
        Self { pool: Arc::clone(pool), broken: Vec::new(), alone_until: None }
    }

    /// A client that was shared broke down, by a message of this producer where `is_own`.
    pub(super) fn note_broken(&mut self, is_own: bool, now: Instant) {
        self.broken.retain(|at| now.duration_since(*at) < BREAKS);
        self.broken.push(now);
        if is_own || self.broken.len() > MAX_BROKEN {
            self.alone_until = Some(now + ALONE);
        }
    }

    /// Whether the next client may be a shared one.
    pub(super) fn is_allowed(&self, now: Instant) -> bool {
        self.alone_until.is_none_or(|until| now >= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_or_broken_by_others_again_and_again_is_alone_for_a_while() {
        let (mut sharing, start) = (Sharing::of(&Arc::default()), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        for seconds in [0, 20, 40, 60, 80, 100] {
            sharing.note_broken(false, at(seconds));
            assert!(sharing.is_allowed(at(seconds)), "{seconds}");
        }
        (101..104).for_each(|seconds| sharing.note_broken(false, at(seconds)));
        assert!(!sharing.is_allowed(at(104)) && sharing.is_allowed(at(703)));
        let mut sharing = Sharing::of(&Arc::default());
        sharing.note_broken(true, start);
        assert!(!sharing.is_allowed(at(599)) && sharing.is_allowed(at(600)));
    }
}
