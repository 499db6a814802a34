//! A budget of CPU time that is looked at now and then.

use std::time::Duration;

use crate::cpu::thread_cpu;

/// Steps between two looks at the clock: about half a millisecond of a simulation.
const STEPS: usize = 1 << 16;

/// The budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) struct Late;

/// Counts down to a point of the thread's CPU time.
#[derive(Debug)]
pub(in crate::extract) struct Clock {
    began: Duration,
    end: Duration,
    /// Steps until the next look.
    steps: usize,
}

impl Clock {
    /// A clock that begins to run now.
    pub(in crate::extract) fn new(budget: Duration) -> Self {
        let began = thread_cpu();
        Self { began, end: began.saturating_add(budget), steps: STEPS }
    }

    /// CPU time since it began.
    pub(in crate::extract) fn spent(&self) -> Duration {
        thread_cpu().saturating_sub(self.began)
    }

    /// Takes note of so many steps.
    #[inline]
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Late> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => self.look(),
        }
    }

    #[inline(never)]
    fn look(&mut self) -> Result<(), Late> {
        self.steps = STEPS;
        if thread_cpu() > self.end { Err(Late) } else { Ok(()) }
    }
}
