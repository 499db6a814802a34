//! Whether a pipeline runs, and why it does not.

use crate::endpoint::{Partition, Right};

/// Whether a pipeline runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not been given partitions yet.
    Joining,
    /// It has joined its group.
    Running,
    /// It keeps its membership and reads no more, until somebody resumes it.
    Stopped(StopReason),
}

/// Why a pipeline stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopReason {
    /// `on_fault = "stop"`, or a dead letter with nowhere to go.
    #[error("{0}")]
    Fault(String),
    /// Too many faults.
    #[error("the breaker opened: {faults} of {records} records faulted within {over:?}")]
    Breaker {
        /// Records that faulted.
        faults: u64,
        /// Records that were run.
        records: u64,
        /// Within this time.
        over: std::time::Duration,
    },
    /// The committed offset is gone, and `on_gap = "stop"`.
    #[error("{partition}: offset {offset} is gone; the topic now holds {low} to {high} (see `on_gap`)")]
    Gap {
        /// Where.
        partition: Partition,
        /// What was to be read next.
        offset: i64,
        /// The oldest record's offset.
        low: i64,
        /// The one after the newest.
        high: i64,
    },
    /// The topic was deleted and created anew, and `on_gap = "stop"`.
    #[error("{partition}: the topic was deleted and created anew, and what it holds now was never read (see `on_gap`)")]
    Recreated {
        /// Where.
        partition: Partition,
    },
    /// A dead letter that the broker does not take.
    #[error("the dead letter of {partition} offset {offset} was refused: {reason}")]
    DeadLetterRefused {
        /// Of which source.
        partition: Partition,
        /// Of which record.
        offset: i64,
        /// The broker's words.
        reason: String,
    },
    /// What is to be recorded in the ledger topic is refused for good, and nothing is committed that is not.
    #[error("the ledger topic `{topic}` refused a record, and nothing is committed that it does not hold: {reason}")]
    LedgerRefused {
        /// The ledger topic.
        topic: String,
        /// The broker's words.
        reason: String,
    },
    /// A right is missing.
    #[error("not allowed ({reason}): weir lacks {right}")]
    NotAllowed {
        /// Which, and how to grant it.
        right: Right,
        /// The broker's words.
        reason: String,
    },
    /// Nothing is wrong: an operator wants it.
    #[error("paused")]
    Paused,
    /// A thread of the pipeline panicked: what it was doing is not settled, and will come again.
    #[error("the thread `{thread}` panicked: {words}; this is a fault of weir")]
    Panicked {
        /// The thread's name.
        thread: String,
        /// What it said.
        words: String,
    },
    /// A producer or the group's member can go on no more.
    #[error("{0}")]
    Client(String),
}
