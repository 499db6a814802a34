//! A member of a consumer group, and what it may ask.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{Committed, Error, Partition, Position, Sink, Source, TopicState};

/// What the group or the cluster tells.
#[derive(Debug)]
pub enum GroupEvent {
    /// These are added; the group waits for [`GroupMember::assign`].
    Assigned(Vec<Partition>),
    /// These go; the group waits for [`GroupMember::unassign`].
    Revoked {
        /// The partitions.
        partitions: Vec<Partition>,
        /// Whether others may have them already: too late to commit.
        lost: bool,
    },
    /// A record of a partition that was not forwarded to a worker. Reading on would lose it.
    Stray(Partition, i64),
    /// weir may not be a member of the group: the client's words.
    Denied(String),
    /// An error that no retry cures: this member is out of the group.
    Fatal(String),
}

/// Questions about offsets and topics. Each blocks for up to `wait`; its errors are that nobody answered within that time,
/// or that the brokers refused.
pub trait GroupQueries {
    /// Returns which topics these names stand for now.
    ///
    /// # Errors
    /// As the trait says.
    fn topics(&self, names: &[Arc<str>], wait: Duration) -> Result<BTreeMap<Arc<str>, TopicState>, Error>;
    /// Returns what the group has committed for each partition, `None` where nothing.
    ///
    /// # Errors
    /// As the trait says.
    fn committed(&self, partitions: &[Partition], wait: Duration) -> Result<Vec<Option<Committed>>, Error>;
    /// Returns everything that the group has committed.
    ///
    /// # Errors
    /// As the trait says.
    fn group_commits(&self, wait: Duration) -> Result<Vec<Committed>, Error>;
    /// Returns the oldest record's offset, and the one after the last that may be read (the last stable offset).
    ///
    /// # Errors
    /// As the trait says.
    fn bounds(&self, partition: &Partition, wait: Duration) -> Result<(i64, i64), Error>;
    /// Returns the offset after the newest record, which may not be readable yet (the high watermark).
    ///
    /// # Errors
    /// As the trait says.
    fn end(&self, partition: &Partition, wait: Duration) -> Result<i64, Error>;
    /// Returns the first offset at or after `time` (ms since the epoch); `None` = there is none yet.
    ///
    /// # Errors
    /// As the trait says.
    fn offset_at(&self, partition: &Partition, time: i64, wait: Duration) -> Result<Option<i64>, Error>;
    /// Returns how many partitions each topic has that weir may see.
    ///
    /// # Errors
    /// As the trait says.
    fn partition_counts(&self, wait: Duration) -> Result<BTreeMap<Arc<str>, i32>, Error>;
}

/// A member of a consumer group, whose partitions are read by several workers; used by one thread.
pub trait GroupMember: GroupQueries + Send {
    /// Serves the group for `wait`; returns what happened, in order.
    fn poll(&self, wait: Duration) -> Vec<GroupEvent>;
    /// Takes [`GroupEvent::Assigned`] over: reads each partition from its position, into the source of the worker that
    /// `worker` names. Partitions that were assigned and are missing here may follow in a later call, and a partition
    /// after [`Self::unassign`] may come back from another position.
    ///
    /// # Errors
    /// The client's refusal; nothing is assigned then.
    fn assign(&self, positions: &[Position], worker: &dyn Fn(&Partition) -> usize) -> Result<(), Error>;
    /// Lets go of what [`GroupEvent::Revoked`] names, or stops reading partitions that [`Self::assign`] moves: what was fetched of them
    /// and not taken out of a source never comes.
    ///
    /// # Errors
    /// The client's refusal.
    fn unassign(&self, partitions: &[Partition]) -> Result<(), Error>;
    /// Stops fetching these; membership stays.
    ///
    /// # Errors
    /// The client's refusal.
    fn pause(&self, partitions: &[Partition]) -> Result<(), Error>;
    /// Returns whether the group has taken the partitions away without asking, and [`GroupEvent::Revoked`] is still to
    /// come: nothing must be committed any more.
    fn has_lost(&self) -> bool;
    /// Sends a commit; its outcome comes out of [`Self::commit_outcome`].
    ///
    /// # Errors
    /// It was not sent.
    fn commit(&self, offsets: &[Committed]) -> Result<(), Error>;
    /// Returns the outcome of the oldest commit sent, if it is there within `wait`: the partitions that were refused while
    /// the others stand, or why nothing stands.
    fn commit_outcome(&self, wait: Duration) -> Option<Result<Vec<(Partition, Error)>, Error>>;
    /// Asks as [`GroupQueries::topics`] does without waiting, and `with_rights` also what weir may do with them; the answer
    /// comes out of [`Self::topics_told`].
    fn ask_topics(&self, names: &[Arc<str>], with_rights: bool, limit: Duration);
    /// Returns the answer to the oldest [`Self::ask_topics`], if it is there.
    fn topics_told(&self) -> Option<Result<BTreeMap<Arc<str>, TopicState>, Error>>;
    /// Leaves the group and joins it anew as another member, in the background. Whatever was assigned or fetched is gone;
    /// the workers' sources stay.
    ///
    /// # Errors
    /// The client library's; the old member stays.
    fn rejoin(&mut self) -> Result<(), Error>;
    /// Leaves the group and closes. Every source must be gone. Returns whether that was done within `limit`; if not, it
    /// goes on in a thread of its own.
    fn close(self, limit: Duration) -> bool;
}

/// Makes the two ends of a pipeline.
pub trait Connect {
    /// The group's member.
    type Member: GroupMember + 'static;
    /// What a worker reads.
    type Source: Source + 'static;
    /// What a worker writes to.
    type Sink: Sink<Headers = <Self::Source as Source>::Headers> + 'static;

    /// Joins the group in the background; returns a source for each of so many workers, too.
    ///
    /// # Errors
    /// A setting that the client library refuses.
    fn join(&self, workers: usize) -> Result<(Self::Member, Vec<Self::Source>), Error>;
    /// Connects a worker's sink in the background, whose requests of several messages hold `largest` bytes at most.
    ///
    /// # Errors
    /// A setting that the client library refuses.
    fn sink(&self, worker: usize, largest: Option<usize>) -> Result<Self::Sink, Error>;
}
