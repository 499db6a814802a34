//! Replaces a group's member that waits for what does not come.

use std::time::Instant;

use super::{Control, look::Looks, waiting::Waiting};
use crate::{
    delivery::Outcome,
    endpoint::{GroupMember, Sink},
    metrics::Name,
};

impl<M: GroupMember, K: Sink> Control<M, K> {
    /// A member that lost its partitions and gets none for long: its client has come to a stop. It leaves, and another one
    /// joins. It has nothing that is read, and nothing that could be committed.
    pub(super) fn replace_stuck_member(&mut self) {
        let now = Instant::now();
        if !self.waiting.is_stuck(now) || self.shared.is_stopped() {
            return;
        }
        self.waiting = Waiting::to_join(now);
        let name = &self.shared.config.name;
        if let Err(error) = self.member.rejoin() {
            return tracing::warn!(pipeline = name, "cannot replace the group's member: {error}");
        }
        tracing::warn!(
            pipeline = name,
            "the group's member gets no partitions for long; it leaves, and another one joins",
        );
        self.shared.metrics.add(Name::MembersReplaced, vec![("pipeline", name.clone())], 1);
        self.events.clear();
        self.mine.clear();
        self.awaiting.clear();
        self.arriving.clear();
        self.repairs.clear();
        self.looks = Looks::default();
        self.tell_outcome(&Outcome::Failed);
    }
}
