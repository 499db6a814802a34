//! A pipeline's probe: records that every new generation of its chain must pass before it serves.
//!
//! It is a replay, by the code of `weir replay`, through instances that nothing else uses and that are gone afterwards:
//! none of it is counted, and none of it goes anywhere.

mod failure;
mod files;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub use files::check_files;

use self::failure::Failure;
use crate::{
    chain::{Blueprint, DeathKind, InterceptorCounts, TimeLimit},
    config::{Config, Mistake, Probe},
    record_file::{Format, Reader},
    replay::{self, Comparison, Expectation, Produced},
    wasm::Cancel,
};

/// How long the probe of one pipeline may take.
const TIME: Duration = Duration::from_secs(10);

/// What comes out of a probe may take so many bytes at a time: it is done beside what serves.
const MEMORY: usize = 256 << 20;

/// Of so many differences the details are told: it is a line of a log.
const SHOWN: usize = 1;

/// Runs the probe of `blueprint`'s pipeline, where it has one, until `cancel` gives it up.
///
/// # Errors
/// What it does not pass, at its place in `config`; also where it was given up.
pub fn run(config: &Config, blueprint: &Arc<Blueprint>, cancel: &Cancel) -> Result<(), Box<Mistake>> {
    run_for(TIME, config, blueprint, cancel)
}

fn run_for(time: Duration, config: &Config, blueprint: &Arc<Blueprint>, cancel: &Cancel) -> Result<(), Box<Mistake>> {
    let pipeline = blueprint.pipeline();
    let Some(probe) = &pipeline.probe else { return Ok(()) };
    // What plugins log and what is said of faults must not be taken for that of records.
    let _span = tracing::error_span!("probe", pipeline = pipeline.name).entered();
    let limit = TimeLimit { cancel: cancel.clone(), until: Instant::now() + time };
    let passed = pass(probe, blueprint, &limit).map_err(|failure| match failure {
        _ if cancel.is_cancelled() => Failure::GivenUp,
        Failure::Replay(replay::Error::Stop { .. }) if limit.is_over() => Failure::TooLong(time),
        failure => failure,
    });
    passed.map_err(|failure| Box::new(failure.mistake(config, pipeline, probe)))
}

fn pass(probe: &Probe, blueprint: &Arc<Blueprint>, limit: &TimeLimit) -> Result<(), Failure> {
    let pipeline = blueprint.pipeline();
    let mut chain = blueprint.prepare(None)?.adopt(None).within(limit.clone());
    let topic = pipeline.default_topic().unwrap_or_default();
    let mut input = Reader::new(&probe.input.bytes[..], Format::Records, topic);
    let expectation = probe.expect.as_ref().map(|file| Expectation::new(&file.bytes[..]));
    let mut comparison = expectation.map(|expectation| Comparison::new(expectation, SHOWN));
    let mut text = Vec::new();
    let ended = replay::run_within(MEMORY, &mut chain, pipeline.batch, &mut input, |produced| match &mut comparison {
        Some(comparison) => {
            text.clear();
            produced.write(&mut text);
            comparison.push(produced.line, &text, || produced.record()).map_err(Failure::Expectation)
        }
        None => refuse_fault(&produced, blueprint),
    });
    if let Err(error) = ended {
        return Err(error.split_emit().map_or_else(|failure| failure, Failure::Replay));
    }
    match comparison {
        Some(comparison) => {
            let (first, count) = comparison.finish()?;
            first.into_iter().next().map_or(Ok(()), |first| Err(Failure::Differs { first: Box::new(first), count }))
        }
        None => chain.take_counts().interceptors.iter().try_for_each(refuse_counted),
    }
}

/// Refuses a dead letter that nobody asked for: verdicts ask, and so does a pipeline without `to`.
fn refuse_fault(produced: &Produced<'_>, blueprint: &Blueprint) -> Result<(), Failure> {
    let Some(death) = produced.death().filter(|death| !is_asked_for(death.kind)) else { return Ok(()) };
    let interceptor = blueprint.dead_letters().blamed(death.interceptor).to_owned();
    let (line, kind, message) = (produced.line, death.kind, death.message.clone());
    Err(Failure::Fault { line, interceptor, kind, message })
}

fn is_asked_for(kind: DeathKind) -> bool {
    matches!(kind, DeathKind::Rejected | DeathKind::Unrouted)
}

/// Refuses faults after which records went on all the same.
fn refuse_counted(counts: &InterceptorCounts) -> Result<(), Failure> {
    let interceptor = counts.name.to_string();
    if let Some((&kind, &count)) = counts.faults.first_key_value() {
        return Err(Failure::PassedFaults { interceptor, kind, count });
    }
    match counts.telling_recovered_faults().next() {
        Some((kind, count)) => Err(Failure::RecoveredFaults { interceptor, kind, count }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
