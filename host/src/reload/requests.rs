//! What is asked of the thread that reloads, and who hears what came of it.

use std::sync::mpsc::{self, Receiver, Sender};

use super::{Outcome, thread::Wake};

/// Asks for reloads.
#[derive(Clone, Debug)]
pub struct Requests {
    wake: Sender<Wake>,
}

impl Requests {
    pub(super) fn new(wake: Sender<Wake>) -> Self {
        Self { wake }
    }

    /// Asks for a reload and waits for what comes of it. Requests that wait together get one answer.
    /// None: the thread has ended.
    pub fn request(&self) -> Option<Outcome> {
        let (answer, answered) = mpsc::channel();
        self.wake.send(Wake::Ask(Some(answer))).ok()?;
        answered.recv().ok()
    }

    /// Brings the generation before the one that serves back and waits for what comes of it; an attempt under way is
    /// given up. None: the thread has ended.
    pub fn roll_back(&self, why: &str) -> Option<Outcome> {
        let (answer, answered) = mpsc::channel();
        let rollback = Rollback { only: None, why: why.to_owned(), answer };
        self.wake.send(Wake::RollBack(rollback)).ok()?;
        answered.recv().ok()
    }

    /// The same where `generation` serves, without waiting: what comes of it is received.
    pub fn begin_roll_back(&self, generation: u64, why: String) -> Receiver<Outcome> {
        let (answer, answered) = mpsc::channel();
        // The thread is gone only where weir ends.
        let _ = self.wake.send(Wake::RollBack(Rollback { only: Some(generation), why, answer }));
        answered
    }
}

/// Who wants the generation before back.
pub(super) struct Rollback {
    /// Only where this one serves.
    pub(super) only: Option<u64>,
    pub(super) why: String,
    pub(super) answer: Sender<Outcome>,
}

/// Who asked for a reload.
#[derive(Default)]
pub(super) struct Request {
    /// Whether anybody asked: then content that was refused is tried once more, and any outcome is told.
    pub(super) asked: bool,
    pub(super) answers: Vec<Sender<Outcome>>,
}

impl Request {
    pub(super) fn ask(&mut self, answer: Option<Sender<Outcome>>) {
        self.asked = true;
        self.answers.extend(answer);
    }

    pub(super) fn join(mut self, other: Self) -> Self {
        self.asked |= other.asked;
        self.answers.extend(other.answers);
        self
    }
}
