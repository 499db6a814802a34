//! A job over batches of events, how it is timed, and how two of them are compared.

use anyhow::{Result, ensure};

use super::sink::Sink;
use crate::{events::Event, rounds::Variant};

/// The topic that the events come from.
pub(crate) const TOPIC: &str = "client-events";

/// A way to do a job.
pub(crate) trait Job {
    /// Takes consecutive events, as they come from a broker, and brings what becomes of them.
    ///
    /// # Errors
    /// The job cannot be done.
    fn batch(&mut self, first_offset: i64, events: &[Event], sink: &mut Sink) -> Result<()>;
}

/// A job timed on batches of one size.
pub(crate) struct Timed<'a> {
    job: &'a mut dyn Job,
    events: &'a [Event],
    batch: usize,
    sink: Sink,
}

impl<'a> Timed<'a> {
    /// Over these events, so many at once.
    pub(crate) fn new(job: &'a mut dyn Job, events: &'a [Event], batch: usize) -> Self {
        Self { job, events, batch, sink: Sink::timed() }
    }
}

impl Variant for Timed<'_> {
    fn pass(&mut self) -> Result<u64> {
        let (mut bytes, mut offset) = (0, 0);
        for events in self.events.chunks(self.batch) {
            self.sink.clear();
            self.job.batch(offset, events, &mut self.sink)?;
            // All of it counts: what is not looked at might be left out.
            bytes += std::hint::black_box(self.sink.bytes()).len() as u64;
            offset += events.len() as i64;
        }
        Ok(bytes)
    }
}

/// What the job brings of these events, byte for byte.
///
/// # Errors
/// The job cannot be done.
pub(crate) fn exactly(job: &mut dyn Job, events: &[Event], batch: usize) -> Result<Vec<u8>> {
    let mut sink = Sink::exact();
    let mut offset = 0;
    for events in events.chunks(batch) {
        job.batch(offset, events, &mut sink)?;
        offset += events.len() as i64;
    }
    Ok(sink.bytes().to_vec())
}

/// Fails unless all jobs bring the same bytes; the first is the one that the others are held against.
///
/// # Errors
/// The names of two that differ, and where.
pub(crate) fn compare(jobs: &mut [(&str, Box<dyn Job>)], events: &[Event], batch: usize) -> Result<()> {
    let mut expected: Option<(&str, Vec<u8>)> = None;
    for (name, job) in jobs {
        let got = exactly(&mut **job, events, batch)?;
        let Some((first, expected)) = &expected else {
            ensure!(!got.is_empty(), "{name} brings nothing");
            expected = Some((name, got));
            continue;
        };
        let same = got.iter().zip(expected).take_while(|(got, expected)| got == expected).count();
        if same < got.len().max(expected.len()) {
            let show = |bytes: &[u8]| {
                let near = bytes.get(same.saturating_sub(300)..bytes.len().min(same + 60)).unwrap_or_default();
                String::from_utf8_lossy(near).replace('\0', "")
            };
            anyhow::bail!(
                "{name} and {first} differ at byte {same}, in batches of {batch}:\n{first}: {}\n{name}: {}",
                show(expected),
                show(&got)
            );
        }
    }
    Ok(())
}
