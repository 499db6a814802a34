//! Some records of the input at a time, run in batches and emitted in their order.

use std::{collections::HashMap, sync::Arc};

use super::{Error, Produced, Summary};
use crate::{
    batch::Full,
    chain::{Chain, Flow, Stop},
    config::Cut,
    record_file::{Row, Rows},
};

/// So many batches' worth of records are in memory: more would not fill batches of a few partitions any better, fewer
/// would tear the batches of files whose partitions take turns.
const BATCHES: usize = 16;
/// And no more than this, however large batches may be; one record may be larger.
const BYTES: usize = 16 * 1024 * 1024;

/// How many records are run at a time.
pub(super) fn records(cut: Cut) -> usize {
    cut.records.saturating_mul(BATCHES)
}

/// How many bytes of records are run at a time.
pub(super) fn bytes(cut: Cut) -> usize {
    cut.bytes.saturating_mul(BATCHES).min(BYTES)
}

/// Runs consecutive records of the input.
pub(super) struct Window {
    cut: Cut,
    /// Bytes that batches and what came of them may take.
    memory: usize,
    /// One batch each; kept for their buffers.
    flows: Vec<Flow>,
    topics: HashMap<Arc<str>, Arc<str>>,
}

/// Where a line's record stands: index into `flows`, and in its batch.
type Seat = (usize, u32);

/// Why not all batches were run, with the index of the line to blame.
enum Halt {
    Stopped(usize, Stop),
    /// What came out takes too much memory.
    Full(usize),
}

impl Window {
    pub(super) fn new(cut: Cut, memory: usize) -> Self {
        Self { cut, memory, flows: Vec::new(), topics: HashMap::new() }
    }

    /// Runs the records and emits what they give.
    pub(super) fn run<E>(
        &mut self,
        rows: &Rows,
        chain: &mut Chain,
        summary: &mut Summary,
        emit: &mut impl FnMut(Produced<'_>) -> Result<(), E>,
    ) -> Result<(), Error<E>> {
        let (mut count, mut stopped) = (rows.len(), None);
        let line = |at: usize| rows.get(at).map_or(0, |row| row.line());
        // A batch that stops gives nothing, though lines before the one to blame would have gone out had the batch been
        // smaller. So those are run again without it: what comes out must not depend on how batches are cut.
        let seats = loop {
            let (seats, full) = self.seat(rows, count);
            if let Some((at, full)) = full {
                stopped = Some(Error::Full { line: line(at), full });
                count = at;
                continue;
            }
            match self.run_flows(chain, &seats) {
                Ok(()) => break seats,
                Err(Halt::Stopped(at, stop)) => {
                    stopped = Some(Error::Stop { line: line(at), stop: Box::new(stop) });
                    count = at;
                }
                Err(Halt::Full(at)) => {
                    stopped = Some(Error::Memory { line: line(at), limit: self.memory });
                    count = at;
                }
            }
        };
        for (&(flow, input), row) in seats.iter().zip(rows.iter()) {
            let Some(flow) = self.flows.get(flow) else { continue };
            if let Some(fate) = flow.fates().get(input as usize) {
                summary.count_fate(fate);
            }
            for output in flow.outputs_of(input) {
                summary.count_output(&output);
                emit(Produced { line: row.line(), input, flow, output: &output }).map_err(Error::Emit)?;
            }
        }
        stopped.map_or(Ok(()), Err)
    }

    /// Puts the first `count` records into batches; says where the first stands that no batch can hold.
    fn seat(&mut self, rows: &Rows, count: usize) -> (Vec<Seat>, Option<(usize, Full)>) {
        let mut open: HashMap<(u32, i32), (usize, i64)> = HashMap::new();
        let mut seats = Vec::with_capacity(count);
        let mut used = 0;
        for (index, row) in rows.iter().take(count).enumerate() {
            let place = (row.topic_number(), row.partition().unwrap_or(0));
            let offset = row.offset().unwrap_or(0);
            let flow = match open.get_mut(&place) {
                Some((flow, last)) if *last < offset && self.has_room(*flow, &row) => {
                    *last = offset;
                    *flow
                }
                _ => {
                    let topic = self.topic(row.topic());
                    if self.flows.len() == used {
                        self.flows.push(Flow::default());
                    }
                    self.flows[used].batch.start(topic, place.1);
                    used += 1;
                    open.insert(place, (used - 1, offset));
                    used - 1
                }
            };
            let batch = &mut self.flows[flow].batch;
            let received = row.received().or(row.timestamp().millis());
            let pushed = batch.push(offset, row.timestamp(), received, row.key(), row.value(), row.headers());
            if let Err(full) = pushed {
                return (seats, Some((index, full)));
            }
            seats.push((flow, batch.len() as u32 - 1));
        }
        (seats, None)
    }

    /// The same text for the same topic all the time.
    fn topic(&mut self, topic: &Arc<str>) -> Arc<str> {
        match self.topics.get(topic) {
            Some(known) => Arc::clone(known),
            None => {
                self.topics.insert(Arc::clone(topic), Arc::clone(topic));
                Arc::clone(topic)
            }
        }
    }

    fn has_room(&self, flow: usize, row: &Row<'_>) -> bool {
        let batch = &self.flows[flow].batch;
        batch.len() < self.cut.records && batch.size() + row.size() <= self.cut.bytes
    }

    /// Runs the batches that `seats` speaks of.
    fn run_flows(&mut self, chain: &mut Chain, seats: &[Seat]) -> Result<(), Halt> {
        let used = seats.iter().map(|&(flow, _)| flow + 1).max().unwrap_or(0);
        let place = |seat: Seat| seats.iter().position(|other| *other == seat).unwrap_or(0);
        let mut taken = 0_usize;
        for (index, flow) in self.flows.iter_mut().take(used).enumerate() {
            if let Err(stop) = chain.run(flow) {
                let blamed = flow.batch.inputs().iter().position(|input| input.offset == stop.offset).unwrap_or(0);
                return Err(Halt::Stopped(place((index, blamed as u32)), stop));
            }
            taken = taken.saturating_add(flow.room());
            if taken > self.memory {
                return Err(Halt::Full(place((index, 0))));
            }
        }
        Ok(())
    }
}
