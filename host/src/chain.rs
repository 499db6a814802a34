//! Runs a batch through the interceptors in order.
//!
//! A [`Blueprint`] is one pipeline's chain, checked and compiled; every worker gets its own [`Chain`] from it, which
//! turns the inputs of a [`Flow`] into outputs. A fault costs the record, never the batch: the batch is run again in a
//! fresh instance and halved down to the record that causes it (`isolate`), which then follows `on_fault`.
//!
//! The parts: `plan` checks what a plugin wants against what it may, `schedule` decides what is extracted when,
//! `columns` gathers what a call reads, `edits` checks and applies what it answers, `overlay` holds header edits back until
//! the rows go out, `flow` holds what came of a batch, dead letters too.

mod blueprint;
mod columns;
mod counts;
mod edits;
mod flow;
mod guest;
mod overlay;
mod plan;
mod run;
mod schedule;
mod text;

pub use blueprint::{Blueprint, Prepared};
pub use counts::{Counts, InterceptorCounts};
pub use flow::{DeadLetters, Flow, Output};
pub use run::{Chain, TimeLimit};
pub use text::printable;

/// Why a record died. The names of the design's `weir.error.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeathKind {
    /// A plugin's verdict.
    Rejected,
    /// `process` answered an error.
    Failed,
    /// The plugin trapped.
    Trap,
    /// It ran past its deadline.
    Deadline,
    /// It wanted more memory than it may have.
    Memory,
    /// Its answer was invalid.
    InvalidEdit,
    /// Its answer went beyond its plan.
    UndeclaredEffect,
    /// The topic does not exist.
    UnknownTopic,
    /// Nothing routed it and the pipeline has no `to`.
    Unrouted,
    /// The broker refused it for good.
    Produce,
}

impl DeathKind {
    /// As it stands in `weir.error.kind` and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Trap => "trap",
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::InvalidEdit => "invalid-edit",
            Self::UndeclaredEffect => "undeclared-effect",
            Self::UnknownTopic => "unknown-topic",
            Self::Unrouted => "unrouted",
            Self::Produce => "produce",
        }
    }
}

/// What became of an input record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its rows (one or more) go out.
    Out,
    /// Declared verdicts dropped all of its rows; the number is the place in the chain of the last of them.
    Dropped(usize),
    /// It goes to the dead-letter topic, once, as it came. Boxed: each record has a fate, and nearly none this one.
    Dead(Box<Death>),
}

/// The longest `weir.error.message`, in bytes.
const MESSAGE_BYTES: usize = 1024;

/// Why a record is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// The kind.
    pub kind: DeathKind,
    /// The interceptor's place in the chain; none where the pipeline itself is the reason.
    pub interceptor: Option<usize>,
    /// For people; at most 1 KiB goes into the dead letter.
    pub message: String,
    /// A word for why what the interceptor read was null, where something was; one of a few.
    pub null: Option<&'static str>,
}

impl Death {
    /// A death by an interceptor's fault or verdict. The message may hold a guest's text: what a terminal would obey is
    /// escaped, and at most 1 KiB is kept.
    fn by(interceptor: usize, kind: DeathKind, message: &str) -> Self {
        let message = text::printable(message, MESSAGE_BYTES).into_owned();
        Self { kind, interceptor: Some(interceptor), message, null: None }
    }
}

/// A fault that the pipeline must stop for: `on_fault = "stop"`, a dead letter with nowhere to go, or an isolation that
/// took too long.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interceptor `{interceptor}` at offset {offset}: {}", death.message)]
pub struct Stop {
    /// The interceptor's name; the pipeline's where none is to blame.
    pub interceptor: String,
    /// The record's offset.
    pub offset: i64,
    /// What happened.
    pub death: Death,
}

#[cfg(test)]
mod tests;
