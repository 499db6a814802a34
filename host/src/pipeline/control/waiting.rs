//! Says what is waited for, where the group gives no partitions for long.

use std::time::{Duration, Instant};

use super::Control;
use crate::config::{GroupProtocol, Pipeline};

/// How long a group may take without a word: members that live answer within a few heartbeats.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two words.
const AGAIN: Duration = Duration::from_secs(30);

/// Since when the group is waited for, and when to say so.
#[derive(Debug)]
pub(super) struct Waiting(Option<(Instant, Instant)>);

impl Waiting {
    /// The group has been asked.
    pub(super) fn since(now: Instant) -> Self {
        Self(Some((now, now + PATIENCE)))
    }

    /// The group has answered, if with nothing.
    pub(super) fn over() -> Self {
        Self(None)
    }

    /// How long it has been waited, where that is to be said.
    fn due(&mut self, now: Instant) -> Option<Duration> {
        let (since, next) = self.0.as_mut().filter(|(_, next)| now >= *next)?;
        *next = now + AGAIN;
        Some(now.duration_since(*since))
    }
}

impl Control {
    /// Says that the group is waited for, where it takes long.
    pub(super) fn mind_waiting(&mut self) {
        let Some(waited) = self.waiting.due(Instant::now()) else { return };
        let Pipeline { name, group, .. } = &*self.board.config;
        let seconds = waited.as_secs();
        tracing::warn!(
            pipeline = name,
            group,
            seconds,
            "waiting for the group to give partitions{}",
            why(&self.board.config)
        );
    }
}

/// What it may wait for, and what helps.
fn why(pipeline: &Pipeline) -> &'static str {
    match (&pipeline.instance, pipeline.group_protocol) {
        _ if pipeline.from.iter().all(|from| from.starts_with('^')) => {
            ": there may be no topic yet that `from` matches, or it waits for a member that went without leaving"
        }
        (None, GroupProtocol::Classic) => {
            ": it waits for a member that went without leaving, until that one's session is over (`session.timeout.ms`, \
             45 s unless set); set `instance` for a fast restart"
        }
        _ => ": it may wait for a member that went without leaving, until that one's session is over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_it_after_a_while_and_then_rarely_until_it_is_over() {
        let start = Instant::now();
        let mut waiting = Waiting::since(start);
        let said: Vec<u64> =
            (0..100).filter(|second| waiting.due(start + Duration::from_secs(*second)).is_some()).collect();
        assert_eq!(said, [5, 35, 65, 95]);
        assert_eq!(Waiting::over().due(start + Duration::from_secs(1000)), None);
    }
}
