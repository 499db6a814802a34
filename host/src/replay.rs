//! Runs a record file through a chain: no Kafka, no clock, nothing committed.
//!
//! It is the very chain that `weir run` runs, over batches that are cut by the same rule, and where no more records are
//! held. What comes out stands in the order of the input's lines (then of expansion, dead letters in their place), so the
//! same plugins, configuration and records give the same bytes whatever the size of the batches, also up to the line that
//! stops a chain.

mod compare;
mod difference;
mod ran;
mod read_ahead;
mod run_ahead;
mod summary;
mod window;

use std::{
    convert::Infallible,
    io::{self, BufRead},
};

pub use compare::{Comparison, Expectation, ExpectationError};
pub use difference::{Difference, Field, Kind};
pub use summary::Summary;

use crate::{
    batch::Full,
    chain::{Chain, Death, Fate, Flow, Output, Stop},
    config::Cut,
    record::{Header, Record, Timestamp},
    record_file::{self, Parts, ReadError, Reader, Rows},
};

use ran::Ran;
use run_ahead::{Part, RunAhead};
use window::Window;

/// Why a replay ended before its input did. What the lines before gave has been emitted.
#[derive(Debug, thiserror::Error)]
pub enum Error<E> {
    /// A line of the input is no record.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The chain stopped, as it would stop the pipeline in `weir run`.
    #[error("line {line}: {stop}")]
    Stop {
        /// The input line, counted from 1.
        line: u64,
        /// Why.
        stop: Box<Stop>,
    },
    /// A record that no batch can hold.
    #[error("line {line}: {full}")]
    Full {
        /// The input line, counted from 1.
        line: u64,
        /// Why.
        full: Full,
    },
    /// What some consecutive records give takes too much memory; those before have been emitted.
    #[error("line {line}: what comes out up to here takes more than {} MiB of memory", limit >> 20)]
    Memory {
        /// The input line, counted from 1.
        line: u64,
        /// Bytes.
        limit: usize,
    },
    /// There is no thread to read the input or to run the chain with, or it ended too early.
    #[error("cannot replay: {0}")]
    Thread(io::Error),
    /// What came out was not taken.
    #[error("{0}")]
    Emit(E),
}

impl<E> Error<E> {
    /// The same where nothing is emitted.
    ///
    /// # Errors
    /// What was not taken.
    pub fn split_emit(self) -> Result<Error<Infallible>, E> {
        self.map_emit(Err)
    }

    fn map_emit<T, F>(self, map: impl FnOnce(E) -> Result<T, F>) -> Result<Error<T>, F> {
        Ok(match self {
            Self::Read(error) => Error::Read(error),
            Self::Stop { line, stop } => Error::Stop { line, stop },
            Self::Full { line, full } => Error::Full { line, full },
            Self::Memory { line, limit } => Error::Memory { line, limit },
            Self::Thread(error) => Error::Thread(error),
            Self::Emit(error) => Error::Emit(map(error)?),
        })
    }
}

impl Error<Infallible> {
    /// The same where something is emitted.
    fn widen<E>(self) -> Error<E> {
        let Ok(error) = self.map_emit(|never| -> Result<E, Infallible> { match never {} });
        error
    }
}

/// One record that came out, with the input line (counted from 1) that it came from.
#[derive(Clone, Copy, Debug)]
pub struct Produced<'a> {
    /// The input line.
    pub line: u64,
    /// The place of that line's record in its batch.
    input: u32,
    flow: &'a Flow,
    output: &'a Output<'a>,
}

impl Produced<'_> {
    /// Appends it as a line of a record file. Its offset is null, its partition null unless an edit set it.
    pub fn write(&self, out: &mut Vec<u8>) {
        let parts = Parts {
            topic: self.output.topic,
            partition: self.output.partition,
            offset: None,
            timestamp: self.timestamp(),
            received: None,
            key: self.output.key,
            value: self.output.value,
        };
        record_file::write(&parts, self.headers(), out);
    }

    /// As an owned record, equal to what reads back from the line that [`Self::write`] writes.
    pub fn record(&self) -> Record {
        let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        Record {
            topic: self.output.topic.to_owned(),
            partition: self.output.partition,
            offset: None,
            timestamp: self.timestamp(),
            received: None,
            key: owned(self.output.key),
            value: owned(self.output.value),
            headers: self.headers().map(|(name, value)| Header { name: name.to_vec(), value: owned(value) }).collect(),
        }
    }

    /// Why the input's record died; none where this is no dead letter.
    pub fn death(&self) -> Option<&Death> {
        match self.flow.fates().get(self.input as usize) {
            Some(Fate::Dead(death)) => Some(death),
            _ => None,
        }
    }

    fn timestamp(&self) -> Timestamp {
        // -1 is Kafka's own word for no timestamp.
        self.output.timestamp.filter(|&ms| ms != -1).map_or(Timestamp::None, Timestamp::Create)
    }

    fn headers(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.flow.batch.named(self.output.headers)
    }
}

/// Runs every record of `input` through `chain` and hands what comes out to `emit`, in the order of the lines.
///
/// Records are run some at a time, by topic and partition, in batches that end at `cut.records`, at `cut.bytes`, where offsets
/// do not ascend, and behind those that are run at a time: 1 MiB of records, or `cut.bytes` where that is more, in 256 batches.
/// `cut.age` means nothing without a clock.
///
/// # Errors
/// [`Error`]; everything from the lines before has been emitted.
pub fn run<R: BufRead, E>(
    chain: &mut Chain,
    cut: Cut,
    input: &mut Reader<R>,
    emit: impl FnMut(Produced<'_>) -> Result<(), E>,
) -> Result<Summary, Error<E>> {
    run_within(usize::MAX, chain, cut, input, emit)
}

/// The same, where the records that are run at a time and what they give may take `memory` bytes, and one batch more.
///
/// # Errors
/// As [`run`].
pub fn run_within<R: BufRead, E>(
    memory: usize,
    chain: &mut Chain,
    cut: Cut,
    input: &mut Reader<R>,
    mut emit: impl FnMut(Produced<'_>) -> Result<(), E>,
) -> Result<Summary, Error<E>> {
    let mut rows = Rows::new();
    let (window, mut summary) = (Window::new(cut, memory), Summary::default());
    loop {
        rows.clear();
        let read = input.fill(window.records(), window.bytes(), &mut rows);
        let mut from = 0;
        while from < rows.len() {
            // Always as much as for the first ones: what there is memory for must not depend on what was run before.
            let mut ran = Ran::default();
            let ended = window.run(&rows, from, chain, &mut ran);
            ran.emit(&mut summary, &mut emit).map_err(Error::Emit)?;
            ended.map_err(Error::widen)?;
            from += ran.seats.len();
        }
        if !read? {
            return Ok(summary);
        }
    }
}

/// As [`run`], with the input read and the chain run in threads of their own, some records ahead. Returns the chain, too.
///
/// # Errors
/// As [`run`].
pub fn run_ahead<R: BufRead + Send + 'static, E>(
    chain: Chain,
    cut: Cut,
    input: Reader<R>,
    mut emit: impl FnMut(Produced<'_>) -> Result<(), E>,
) -> Result<(Summary, Chain), Error<E>> {
    let mut ahead = RunAhead::start(chain, Window::new(cut, usize::MAX), input).map_err(Error::Thread)?;
    let mut summary = Summary::default();
    loop {
        match ahead.next() {
            Some(Part::Ran(ran, ended)) => {
                ran.emit(&mut summary, &mut emit).map_err(Error::Emit)?;
                ended.map_err(Error::widen)?;
                ahead.give_back(ran);
            }
            Some(Part::End(chain)) => return Ok((summary, *chain)),
            // It panicked: what it had not run is missing, so this is no end.
            None => {
                return Err(Error::Thread(io::Error::other(
                    "the thread that runs the chain has ended before the input",
                )));
            }
        }
    }
}

#[cfg(test)]
mod tests;
