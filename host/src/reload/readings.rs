//! Whether what was read is what somebody wanted to write, as far as it can be told.

use std::time::Duration;

use super::candidate::Content;

/// Within this time the system's events have come that tell of a change which began while files were read.
pub(super) const EVENT_DELAY: Duration = Duration::from_millis(20);
/// Between two readings of a change that no event has told of.
pub(super) const CONFIRM_AFTER: Duration = Duration::from_secs(1);
/// So often in a row what was read is not believed; files that change all the time must not put off a reload for ever.
const MAX_DOUBTS: u32 = 10;

/// How files were read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// None where the configuration cannot be read.
    pub(super) content: Option<Content>,
    /// An event told of a change, or somebody asked: not only the time had come.
    pub(super) was_called_for: bool,
    /// Something changed while they were read.
    pub(super) was_disturbed: bool,
}

/// What is done with what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is tried.
    Take,
    /// It is read once more after the change that came meanwhile.
    AwaitChange,
    /// It is read once more to see whether it stays.
    Confirm,
}

/// What was read before.
#[derive(Debug)]
pub(super) struct Readings {
    /// What was taken last.
    taken: Option<Content>,
    /// What was to be confirmed.
    unconfirmed: Option<Content>,
    doubts: u32,
}

impl Readings {
    /// None but what serves.
    pub(super) fn new(serving: Option<Content>) -> Self {
        Self { taken: serving, unconfirmed: None, doubts: 0 }
    }

    /// Whether the last one was not taken.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubts > 0
    }

    /// Where no events come (network file systems), a writer is seen by nothing but a content that changes.
    pub(super) fn judge(&mut self, reading: Reading) -> Verdict {
        let is_confirmed = reading.was_called_for
            || reading.content.is_none()
            || reading.content == self.taken
            || reading.content == self.unconfirmed;
        let verdict = match reading {
            _ if self.doubts >= MAX_DOUBTS => Verdict::Take,
            Reading { was_disturbed: true, .. } => Verdict::AwaitChange,
            _ if !is_confirmed => Verdict::Confirm,
            _ => Verdict::Take,
        };
        if verdict == Verdict::Take {
            *self = Self::new(reading.content);
        } else {
            self.doubts += 1;
            self.unconfirmed = reading.content;
        }
        verdict
    }
}
