//! Why a generation does not pass its probe.

use std::{convert::Infallible, time::Duration};

use crate::{
    chain::{DeathKind, printable},
    config::{Config, Mistake, Pipeline, Probe},
    replay::{self, Difference, ExpectationError},
    wasm::SetupError,
};

/// Bytes of what is told: a record's headers may be many.
const TOLD_BYTES: usize = 4 << 10;

/// Why a generation does not pass its probe.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Other records come out than expected.
    #[error("{first:#}{}", more(*.count))]
    Differs {
        /// The first difference.
        first: Box<Difference>,
        /// How many there are.
        count: u64,
    },
    /// A record became a dead letter by a fault.
    #[error("line {line}: a fault ({}) of interceptor `{interceptor}`: {message}", .kind.as_str())]
    Fault {
        /// Of the input, counted from 1.
        line: u64,
        /// Its name.
        interceptor: String,
        /// What happened.
        kind: DeathKind,
        /// For people.
        message: String,
    },
    /// Records went on after a fault, since `on_fault` says so.
    #[error("interceptor `{interceptor}` faults ({}) on {count} of its records, which skip it", .kind.as_str())]
    PassedFaults {
        /// Its name.
        interceptor: String,
        /// What happened first in the order of kinds.
        kind: DeathKind,
        /// How often.
        count: u64,
    },
    /// Calls faulted whose records all passed alone.
    #[error("interceptor `{interceptor}` faults ({}) in {count} of its calls, while each of their records passes alone", .kind.as_str())]
    RecoveredFaults {
        /// Its name.
        interceptor: String,
        /// What happened first in the order of kinds.
        kind: DeathKind,
        /// How often.
        count: u64,
    },
    /// The chain stopped, or a record is none or is too large.
    #[error(transparent)]
    Replay(replay::Error<Infallible>),
    /// What is expected cannot be read.
    #[error("what is expected cannot be read: {0}")]
    Expectation(#[from] ExpectationError),
    /// No instance can be made.
    #[error("a plugin cannot be set up: {0}")]
    SetUp(#[from] SetupError),
    /// It takes too long.
    #[error("it takes longer than {0:?}")]
    TooLong(Duration),
    /// Nobody waits for it any more.
    #[error("it was given up")]
    GivenUp,
}

impl Failure {
    /// At its place in the configuration, with a cure.
    pub(super) fn mistake(&self, config: &Config, pipeline: &Pipeline, probe: &Probe) -> Mistake {
        let input = probe.input.path.display();
        let message = match (self, &probe.expect) {
            (Self::Differs { .. }, Some(expect)) => {
                format!("`{input}` does not give `{}`: {self}", expect.path.display())
            }
            _ => format!("pipeline `{}` does not pass `{input}`: {self}", pipeline.name),
        };
        let help = match self {
            Self::Differs { .. } | Self::Expectation(_) => {
                Some(format!("if that is meant, {}", renewal(config, pipeline, probe)))
            }
            Self::Fault { .. } | Self::PassedFaults { .. } => {
                Some("if that is meant, name what comes out by `expect`".to_owned())
            }
            Self::TooLong(_) => Some("it runs at every change: take fewer records".to_owned()),
            _ => None,
        };
        let pointer = if matches!(self, Self::Differs { .. }) { "/probe/expect" } else { "/probe/input" };
        pipeline.place.mistake(config, pointer, printable(&message, TOLD_BYTES), help)
    }
}

/// How what is expected is written anew.
pub(super) fn renewal(config: &Config, pipeline: &Pipeline, probe: &Probe) -> String {
    let path = |path: &std::path::Path| path.display().to_string();
    let which = if config.pipelines.len() > 1 { format!(" --pipeline {}", pipeline.name) } else { String::new() };
    let expect = probe.expect.as_ref().map(|file| path(&file.path)).unwrap_or_default();
    format!(
        "write it anew with: weir replay -c {}{which} --input {} --expect {expect} --update",
        path(&config.path),
        path(&probe.input.path),
    )
}

fn more(count: u64) -> String {
    match count {
        0 | 1 => String::new(),
        2 => "; and 1 more record differs".to_owned(),
        count => format!("; and {} more records differ", count - 1),
    }
}
