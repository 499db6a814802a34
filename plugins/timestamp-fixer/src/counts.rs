//! What the interceptor counts: every record is one of `kept`, `replaced`, `unchecked` and `untimed`.

use weir_sdk::count;

use crate::window::{Outcome, Reason};

/// The counts of one batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    kept: u32,
    unchecked: u32,
    untimed: u32,
    ahead: u32,
    behind: u32,
    missing: u32,
    unreadable: u32,
}

impl Counts {
    /// Counts a record.
    #[inline]
    pub(crate) fn add(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Kept(_) => &mut self.kept,
            Outcome::Unchecked(_) => &mut self.unchecked,
            Outcome::Untimed => &mut self.untimed,
            Outcome::Replaced(_, Reason::Ahead) => &mut self.ahead,
            Outcome::Replaced(_, Reason::Behind) => &mut self.behind,
            Outcome::Replaced(_, Reason::Missing) => &mut self.missing,
            Outcome::Replaced(_, Reason::Unreadable) => &mut self.unreadable,
        } += 1;
    }

    /// Tells weir.
    pub(crate) fn tell(&self) {
        count("kept", self.kept);
        count("replaced", self.ahead + self.behind + self.missing + self.unreadable);
        count("replaced_ahead", self.ahead);
        count("replaced_behind", self.behind);
        count("replaced_missing", self.missing);
        count("replaced_unreadable", self.unreadable);
        count("unchecked", self.unchecked);
        count("untimed", self.untimed);
    }
}
