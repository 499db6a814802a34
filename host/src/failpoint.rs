//! Ends a thread or the process where a test asks for it by `WEIR_FAILPOINT`, in debug builds only.
//!
//! | `WEIR_FAILPOINT` | what happens |
//! | --- | --- |
//! | `panic:ROLE` | threads of this role panic as they begin |
//! | `kill:STEP`, `kill:STEP:N` | the process ends itself by SIGKILL at the first, or the N-th, passing of a [`Step`] |

/// A step of a change of the configuration, in about the order in which they are passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The new generation is built and probed, and may still be given up.
    Built,
    /// It is not given up any more, and nothing has changed yet.
    Released,
    /// A pipeline's new instances are made.
    Prepared,
    /// One more worker is told.
    AdoptSent,
    /// A worker begins to adopt.
    Adopting,
    /// A worker has adopted, and has not said so.
    Adopted,
    /// All of a pipeline's workers have adopted.
    Swapped,
    /// The committers know that what was carried before is to be committed at once.
    CommitAsked,
    /// Ranges are cut for the ledger topic.
    RangeCut,
    /// The ledger's writer has them, and has sent what it may.
    RangeSent,
    /// One of them stands in the ledger topic, and its committer does not know.
    RangeRecorded,
    /// Offsets are about to be sent to the group.
    OffsetsDue,
    /// They are sent.
    OffsetsSent,
    /// They are committed, and their committers do not know.
    OffsetsCommitted,
    /// Pipelines are about to be told to leave their groups.
    Leaving,
    /// A pipeline that is to start again has left.
    Left,
    /// It has started.
    Started,
    /// A pipeline has left for good.
    Removed,
    /// A new pipeline has started.
    Added,
    /// A change failed, and what was done of it is about to be undone.
    Undoing,
    /// It is undone.
    Undone,
    /// The change is made, and nobody is told.
    TakenOver,
    /// The log, the metrics and the status tell of it.
    Told,
}

impl Step {
    /// Every step, with the word that names it in `WEIR_FAILPOINT`.
    pub const ALL: [(Self, &'static str); 23] = [
        (Self::Built, "built"),
        (Self::Released, "released"),
        (Self::Prepared, "prepared"),
        (Self::AdoptSent, "adopt-sent"),
        (Self::Adopting, "adopting"),
        (Self::Adopted, "adopted"),
        (Self::Swapped, "swapped"),
        (Self::CommitAsked, "commit-asked"),
        (Self::RangeCut, "range-cut"),
        (Self::RangeSent, "range-sent"),
        (Self::RangeRecorded, "range-recorded"),
        (Self::OffsetsDue, "offsets-due"),
        (Self::OffsetsSent, "offsets-sent"),
        (Self::OffsetsCommitted, "offsets-committed"),
        (Self::Leaving, "leaving"),
        (Self::Left, "left"),
        (Self::Started, "started"),
        (Self::Removed, "removed"),
        (Self::Added, "added"),
        (Self::Undoing, "undoing"),
        (Self::Undone, "undone"),
        (Self::TakenOver, "taken-over"),
        (Self::Told, "told"),
    ];
}

#[cfg(debug_assertions)]
pub use asked::{begin_thread, pass};

#[cfg(debug_assertions)]
mod asked {
    use std::{
        env,
        sync::{
            OnceLock,
            atomic::{AtomicBool, AtomicUsize, Ordering},
        },
    };

    use rustix::process::{Signal, getpid, kill_process};

    use super::Step;

    const NAME: &str = "WEIR_FAILPOINT";

    /// A thread of the role that this word names begins: panics where that is asked for.
    #[allow(clippy::panic, reason = "that is what it is for")]
    pub fn begin_thread(role: &str) {
        if env::var(NAME).is_ok_and(|asked| asked.strip_prefix("panic:") == Some(role)) {
            panic!("asked to by {NAME}");
        }
    }

    /// A step is passed: ends the process where that is asked for.
    pub fn pass(step: Step) {
        static KILL: OnceLock<Option<(Step, usize)>> = OnceLock::new();
        static COMMITS: AtomicBool = AtomicBool::new(false);
        static PASSED: AtomicUsize = AtomicUsize::new(0);
        let kill = KILL.get_or_init(|| kill_asked_for(&env::var(NAME).ok()?));
        let Some((asked, number)) = *kill else { return };
        if matches!(step, Step::CommitAsked | Step::Leaving) {
            COMMITS.store(true, Ordering::Relaxed);
        }
        if step == asked
            && (!recurs(step) || COMMITS.load(Ordering::Relaxed))
            && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == number
        {
            // Nothing that would follow runs: the signal is there before the call returns.
            let _ = kill_process(getpid(), Signal::KILL);
        }
    }

    /// Whether a step is passed every second: it counts once a change has asked for a commit.
    fn recurs(step: Step) -> bool {
        use Step::{OffsetsCommitted, OffsetsDue, OffsetsSent, RangeCut, RangeRecorded, RangeSent};
        matches!(step, RangeCut | RangeSent | RangeRecorded | OffsetsDue | OffsetsSent | OffsetsCommitted)
    }

    /// Returns at which step the process is to end, and at which passing of it.
    pub(super) fn kill_asked_for(text: &str) -> Option<(Step, usize)> {
        let asked = text.strip_prefix("kill:")?;
        let (word, number) = asked.split_once(':').unwrap_or((asked, "1"));
        let (step, _) = Step::ALL.into_iter().find(|(_, known)| *known == word)?;
        Some((step, number.parse().ok()?))
    }
}

/// A thread begins.
#[cfg(not(debug_assertions))]
pub fn begin_thread(_: &str) {}

/// A step is passed.
#[cfg(not(debug_assertions))]
#[inline]
pub fn pass(_: Step) {}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::{asked::kill_asked_for, *};

    #[test]
    fn a_step_is_asked_for_by_its_word_and_its_passing() {
        assert_eq!(kill_asked_for("kill:told"), Some((Step::Told, 1)));
        assert_eq!(kill_asked_for("kill:adopt-sent:2"), Some((Step::AdoptSent, 2)));
        for other in ["panic:worker", "told", "kill:never", "kill:told:twice"] {
            assert_eq!(kill_asked_for(other), None, "{other}");
        }
    }

    #[test]
    fn the_end_to_end_test_kills_at_every_step() {
        let test = include_str!("../../tests/tests/e2e/swap_kills.rs");
        for (step, word) in Step::ALL {
            assert!(test.contains(&format!("(\"{word}\"")), "{step:?}");
        }
    }
}
