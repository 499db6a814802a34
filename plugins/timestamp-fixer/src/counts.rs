//! What the interceptor counts: every record is one of `kept`, `replaced`, `unchecked` and `untimed`; where there are several
//! units, also by the one that read it.

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
    /// By unit; empty where there is only one.
    read: Vec<u32>,
}

impl Counts {
    /// Where times are written in so many units.
    pub(crate) fn new(units: usize) -> Self {
        Self { read: if units > 1 { vec![0; units] } else { Vec::new() }, ..Self::default() }
    }

    /// Counts a time by the unit that read it.
    #[inline]
    pub(crate) fn read(&mut self, unit: Option<usize>) {
        if let Some(unit) = unit {
            self.read_often(unit, 1);
        }
    }

    /// Counts several times that the same unit read.
    #[inline]
    pub(crate) fn read_often(&mut self, unit: usize, times: u32) {
        if let Some(read) = self.read.get_mut(unit) {
            *read += times;
        }
    }

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
        for (number, read) in (1..).zip(&self.read).filter(|(_, read)| **read > 0) {
            count(&format!("read_{number}"), *read);
        }
    }
}
