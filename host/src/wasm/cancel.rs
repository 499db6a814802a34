//! Work on a plugin that nobody waits for any more.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

/// Gives up compiling, describing and configuring plugins, from another thread. Clones speak of the same work.
///
/// Work is under way, then cancelled or released: what was built is in service after [`Cancel::release`], and a later
/// [`Cancel::cancel`] does nothing to it.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    state: Arc<AtomicU8>,
}

const UNDER_WAY: u8 = 0;
const CANCELLED: u8 = 1;
const RELEASED: u8 = 2;

impl Cancel {
    /// Gives the work up, unless it is done: within some ten milliseconds it ends with an error.
    pub fn cancel(&self) {
        self.leave(CANCELLED);
    }

    /// The work is done; false if it was given up before.
    pub fn release(&self) -> bool {
        self.leave(RELEASED);
        !self.is_cancelled()
    }

    /// Whether the work was given up.
    pub fn is_cancelled(&self) -> bool {
        self.state.load(Ordering::Acquire) == CANCELLED
    }

    fn leave(&self, state: u8) {
        // Whoever comes second finds it decided.
        let _ = self.state.compare_exchange(UNDER_WAY, state, Ordering::AcqRel, Ordering::Acquire);
    }
}
