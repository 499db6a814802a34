//! What a pipeline reads from and writes to, without a word about how: partitions, positions, messages, their reports,
//! and the traits of a worker's two ends.
//!
//! `kafka` implements them; tests implement them by hand. `pipeline` knows nothing else of the outside.

mod error;
mod group;
mod message;
mod partition;
mod report;
mod right;
mod sink;
mod source;
mod topic_id;

pub use error::Error;
pub use group::{Connect, GroupEvent, GroupMember, GroupQueries};
pub use message::{Outgoing, Tag};
pub use partition::{Committed, Partition, Position};
pub use report::{Broken, BrokenBy, Refusal, Refused, Report, TopicsTold};
pub use right::{Allowed, Right, list_topics};
pub use sink::Sink;
pub use source::{Incoming, Source, Trouble};
pub use topic_id::{NotATopicId, TopicId, TopicState};
