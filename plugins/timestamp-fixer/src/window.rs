//! How far a client's time may be from the reference, and what is done with it.

/// How far a client's time may be from the reference, in milliseconds. Both ends belong to the window.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Window {
    /// Into the future; none is no limit.
    pub(crate) ahead: Option<i64>,
    /// Into the past; none is no limit.
    pub(crate) behind: Option<i64>,
}

/// What the client said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Nothing,
    Unreadable,
    /// Milliseconds since the epoch.
    Time(i64),
}

/// What becomes of a record's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The client's time stands.
    Kept(i64),
    /// The client's time stands, for there is nothing to hold it against.
    Unchecked(i64),
    /// The reference stands.
    Replaced(i64, Reason),
    /// Neither the client nor the reference says a time: nothing changes.
    Untimed,
}

/// Why the reference was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Ahead,
    Behind,
    Missing,
    Unreadable,
}

impl Window {
    /// Whether a time, which like the reference is not negative, stands where it is held against the reference.
    #[inline]
    pub(crate) fn holds(self, time: i64, reference: i64) -> bool {
        let off = time - reference;
        off <= self.ahead.unwrap_or(i64::MAX) && -off <= self.behind.unwrap_or(i64::MAX)
    }

    /// Judges what the client said against the reference, if there is one.
    #[inline]
    pub(crate) fn judge(self, said: Said, reference: Option<i64>) -> Outcome {
        let Some(reference) = reference else {
            return match said {
                Said::Time(time) => Outcome::Unchecked(time),
                Said::Nothing | Said::Unreadable => Outcome::Untimed,
            };
        };
        let reason = match said {
            Said::Nothing => Reason::Missing,
            Said::Unreadable => Reason::Unreadable,
            Said::Time(time) => {
                // How far it is off, where that fits; what does not is beyond any limit.
                let ahead = time.checked_sub(reference);
                let behind = reference.checked_sub(time);
                if time > reference && self.ahead.is_some_and(|most| ahead.is_none_or(|ahead| ahead > most)) {
                    Reason::Ahead
                } else if time < reference && self.behind.is_some_and(|most| behind.is_none_or(|behind| behind > most))
                {
                    Reason::Behind
                } else {
                    return Outcome::Kept(time);
                }
            }
        };
        Outcome::Replaced(reference, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Reason, Said, Window};

    const HOUR: i64 = 3_600_000;
    const NOW: i64 = 1_700_000_000_000;
    const WINDOW: Window = Window { ahead: Some(5 * 60_000), behind: Some(24 * HOUR) };

    #[test]
    fn both_ends_belong_to_the_window() {
        let judge = |time| WINDOW.judge(Said::Time(time), Some(NOW));
        assert_eq!(judge(NOW), Outcome::Kept(NOW));
        assert_eq!(judge(NOW + 300_000), Outcome::Kept(NOW + 300_000));
        assert_eq!(judge(NOW + 300_001), Outcome::Replaced(NOW, Reason::Ahead));
        assert_eq!(judge(NOW - 24 * HOUR), Outcome::Kept(NOW - 24 * HOUR));
        assert_eq!(judge(NOW - 24 * HOUR - 1), Outcome::Replaced(NOW, Reason::Behind));
    }

    #[test]
    fn a_window_of_nothing_keeps_the_same_moment_only() {
        let window = Window { ahead: Some(0), behind: Some(0) };
        assert_eq!(window.judge(Said::Time(5), Some(5)), Outcome::Kept(5));
        assert_eq!(window.judge(Said::Time(6), Some(5)), Outcome::Replaced(5, Reason::Ahead));
        assert_eq!(window.judge(Said::Time(4), Some(5)), Outcome::Replaced(5, Reason::Behind));
    }

    #[test]
    fn without_a_window_every_time_is_kept() {
        let off = Window::default();
        for time in [0, i64::MAX] {
            assert_eq!(off.judge(Said::Time(time), Some(NOW)), Outcome::Kept(time));
        }
    }

    #[test]
    fn the_furthest_times_do_not_overflow() {
        assert_eq!(WINDOW.judge(Said::Time(i64::MAX), Some(i64::MIN)), Outcome::Replaced(i64::MIN, Reason::Ahead));
        assert_eq!(WINDOW.judge(Said::Time(i64::MIN), Some(i64::MAX)), Outcome::Replaced(i64::MAX, Reason::Behind));
    }

    #[test]
    fn what_is_missing_or_unreadable_takes_the_reference() {
        assert_eq!(WINDOW.judge(Said::Nothing, Some(NOW)), Outcome::Replaced(NOW, Reason::Missing));
        assert_eq!(WINDOW.judge(Said::Unreadable, Some(NOW)), Outcome::Replaced(NOW, Reason::Unreadable));
    }

    #[test]
    fn what_holds_is_what_is_judged_to_be_kept() {
        for window in [WINDOW, Window::default(), Window { ahead: Some(0), behind: None }] {
            for reference in [0, 1, NOW, i64::MAX] {
                for off in [0, 1, -1, 300_000, 300_001, -86_400_000, -86_400_001, -NOW] {
                    let Some(time) = reference.checked_add(off).filter(|time| *time >= 0) else { continue };
                    let kept = window.judge(Said::Time(time), Some(reference)) == Outcome::Kept(time);
                    assert_eq!(window.holds(time, reference), kept, "{window:?} {time} {reference}");
                }
            }
        }
    }

    #[test]
    fn without_a_reference_nothing_is_checked() {
        assert_eq!(WINDOW.judge(Said::Time(7), None), Outcome::Unchecked(7));
        assert_eq!(WINDOW.judge(Said::Unreadable, None), Outcome::Untimed);
        assert_eq!(WINDOW.judge(Said::Nothing, None), Outcome::Untimed);
    }
}
