//! Says what is waited for, where the group gives no partitions for long.

use std::time::{Duration, Instant};

use super::Control;
use crate::{
    config::{GroupProtocol, Pipeline},
    endpoint::{GroupMember, Sink},
};

/// How long a group may take without a word: members that live answer within a few heartbeats.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two words.
const AGAIN: Duration = Duration::from_secs(30);

/// How long a member that had partitions may wait for new ones. A group may have its reasons to take that long; to join it
/// anew costs one more rebalance. Whether the brokers answer does not matter: a client may be unable to reach brokers that
/// answer everybody else, and one that replaces it where there are none waits as well.
const LOST: Duration = Duration::from_secs(15);
/// The same for one that never had any, from when the brokers answered: its group may wait for a dead member's session to
/// end, or for slow members.
const NEVER: Duration = Duration::from_secs(300);

/// Whether the group is waited for.
#[derive(Debug)]
pub(super) struct Waiting(Option<Wait>);

#[derive(Debug)]
struct Wait {
    since: Instant,
    /// When to say so next.
    next_word: Instant,
    /// Whether it had partitions.
    is_rejoin: bool,
    /// Since when the brokers have answered without a break.
    answering: Option<Instant>,
}

impl Waiting {
    /// A new member asks to be let in.
    pub(super) fn to_join(now: Instant) -> Self {
        Self::since(now, false)
    }

    /// A member has lost what it had, and asks for more.
    pub(super) fn to_rejoin(now: Instant) -> Self {
        Self::since(now, true)
    }

    fn since(now: Instant, is_rejoin: bool) -> Self {
        Self(Some(Wait { since: now, next_word: now + PATIENCE, is_rejoin, answering: None }))
    }

    /// The group has answered, if with nothing: a group may have more members than partitions.
    pub(super) fn over() -> Self {
        Self(None)
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.is_none()
    }

    /// The brokers have answered some question meanwhile, or have not.
    pub(super) fn heard(&mut self, now: Instant, answer: bool) {
        if let Some(wait) = &mut self.0 {
            wait.answering = answer.then(|| wait.answering.unwrap_or(now));
        }
    }

    /// How long it has been waited, where that is to be said.
    fn due(&mut self, now: Instant) -> Option<Duration> {
        let wait = self.0.as_mut().filter(|wait| now >= wait.next_word)?;
        wait.next_word = now + AGAIN;
        Some(now.duration_since(wait.since))
    }

    /// Whether the client waits for what does not come.
    pub(super) fn is_stuck(&self, now: Instant) -> bool {
        match &self.0 {
            None => false,
            Some(Wait { is_rejoin: true, since, .. }) => now.duration_since(*since) >= LOST,
            Some(wait) => wait.answering.is_some_and(|answering| now.duration_since(answering) >= NEVER),
        }
    }
}

impl<M: GroupMember, K: Sink> Control<M, K> {
    /// Says that the group is waited for, where it takes long.
    pub(super) fn mind_waiting(&mut self) {
        let Some(waited) = self.waiting.due(Instant::now()) else { return };
        let Pipeline { name, group, .. } = &*self.shared.config;
        let seconds = waited.as_secs();
        tracing::warn!(
            pipeline = name,
            group,
            seconds,
            "waiting for the group to give partitions{}",
            why(&self.shared.config)
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
        let mut waiting = Waiting::to_join(start);
        let said: Vec<u64> =
            (0..100).filter(|second| waiting.due(start + Duration::from_secs(*second)).is_some()).collect();
        assert_eq!(said, [5, 35, 65, 95]);
        assert_eq!(Waiting::over().due(start + Duration::from_secs(1000)), None);
    }

    #[test]
    fn a_member_is_stuck_that_lost_its_partitions_for_long_or_never_gets_any_though_the_brokers_answer() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let waiting = Waiting::to_rejoin(start);
        assert!(!waiting.is_stuck(at(14)) && waiting.is_stuck(at(15)));
        let mut waiting = Waiting::to_join(start);
        assert!(!waiting.is_stuck(at(1000)), "nobody answers at all");
        waiting.heard(at(20), true);
        waiting.heard(at(25), false);
        waiting.heard(at(30), true);
        waiting.heard(at(40), true);
        assert!(!waiting.is_stuck(at(329)) && waiting.is_stuck(at(330)));
        let mut waiting = Waiting::over();
        waiting.heard(start, true);
        assert!(!waiting.is_stuck(at(1000)), "it has what the group gives it, if that is nothing");
    }
}
