//! What a pipeline reads from and writes to, without a word about how: partitions, positions, messages, their reports,
//! and the traits of a worker's two ends.
//!
//! `kafka` implements them; tests implement them by hand. `pipeline` knows nothing else of the outside.

mod error;
mod message;
mod partition;
mod report;
mod sink;
mod source;

pub use error::Error;
pub use message::{Outgoing, Tag};
pub use partition::{Committed, Partition, Position};
pub use report::{Broken, Refusal, Refused, Report, TopicsTold};
pub use sink::Sink;
pub use source::{Incoming, Source, Trouble};
