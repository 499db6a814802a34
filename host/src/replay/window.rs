//! Some records of the input at a time, run in batches.

use std::{collections::HashMap, convert::Infallible, ops::Range, sync::Arc};

use super::{
    Error,
    ran::{Ran, Seat},
};
use crate::{
    batch::{Batch, Full},
    chain::{Chain, Flow, Stop},
    config::Cut,
    record_file::{Row, Rows},
};

/// So many batches' worth of records are run at a time at most: more would not fill batches of a few partitions any better.
const BATCHES: usize = 16;
/// And no more bytes than this, or than a batch may have; one record may be larger. Beside the records that are run there are
/// twice as many that are read ahead, and the batches twice. Partitions that take turns share it: sixteen of them, with values
/// of 350 bytes, have batches of some 140 records.
const BYTES: usize = 1024 * 1024;
/// Batches that records are run in before what they give is emitted. Where every record has a partition of its own, or the
/// offset of the one before, each is a batch.
const FLOWS: usize = 256;

/// Runs consecutive records of the input.
pub(super) struct Window {
    cut: Cut,
    /// Bytes that batches and what came of them may take.
    memory: usize,
}

/// Why not all batches were run, with the index of the seat to blame.
enum Halt {
    Stopped(usize, Stop),
    /// What came out takes too much memory.
    Full(usize),
}

impl Window {
    pub(super) fn new(cut: Cut, memory: usize) -> Self {
        Self { cut, memory }
    }

    /// How many records are run at a time.
    pub(super) fn records(&self) -> usize {
        self.cut.records.saturating_mul(BATCHES)
    }

    /// How many bytes of records are run at a time.
    pub(super) fn bytes(&self) -> usize {
        self.cut.bytes.saturating_mul(BATCHES).min(BYTES.max(self.cut.bytes))
    }

    /// Runs as many records from `from` on as there may be batches for; `ran` has them then, in place of what it had.
    ///
    /// # Errors
    /// [`Error`]; `ran` has the records before the one to blame.
    pub(super) fn run(
        &self,
        rows: &Rows,
        from: usize,
        chain: &mut Chain,
        ran: &mut Ran,
    ) -> Result<(), Error<Infallible>> {
        let (mut until, mut stopped) = (rows.len(), None);
        let line = |at: usize| rows.get(at).map_or(0, |row| row.line());
        // A batch that stops gives nothing, though lines before the one to blame would have gone out had the batch been
        // smaller. So those are run again without it: what comes out must not depend on how batches are cut.
        loop {
            if let Some((at, full)) = self.seat(rows, from..until, ran) {
                stopped = Some(Error::Full { line: line(at), full });
                until = at;
                continue;
            }
            match self.run_flows(chain, ran) {
                Ok(()) => return stopped.map_or(Ok(()), Err),
                Err(Halt::Stopped(at, stop)) => {
                    stopped = Some(Error::Stop { line: line(from + at), stop: Box::new(stop) });
                    until = from + at;
                }
                Err(Halt::Full(at)) => {
                    stopped = Some(Error::Memory { line: line(from + at), limit: self.memory });
                    until = from + at;
                }
            }
        }
    }

    /// Puts the records of a range into batches, up to the first that would need one too many; says where the first stands
    /// that no batch can hold.
    fn seat(&self, rows: &Rows, range: Range<usize>, ran: &mut Ran) -> Option<(usize, Full)> {
        let mut open: HashMap<(u32, i32), (usize, i64)> = HashMap::new();
        let Ran { flows, seats } = ran;
        seats.clear();
        let mut used = 0;
        for (index, row) in range.clone().zip(rows.iter_from(range.start)) {
            let place = (row.topic_number(), row.partition().unwrap_or(0));
            let offset = row.offset().unwrap_or(0);
            let flow = match open.get_mut(&place) {
                Some((flow, last)) if *last < offset && self.has_room(&flows[*flow].batch, &row) => {
                    *last = offset;
                    *flow
                }
                _ if used == FLOWS => break,
                _ => {
                    if flows.len() == used {
                        flows.push(Flow::default());
                    }
                    flows[used].batch.start(Arc::clone(row.topic()), place.1);
                    used += 1;
                    open.insert(place, (used - 1, offset));
                    used - 1
                }
            };
            let batch = &mut flows[flow].batch;
            let received = row.received().or(row.timestamp().millis());
            let pushed = batch.push(offset, row.timestamp(), received, row.key(), row.value(), row.headers());
            if let Err(full) = pushed {
                return Some((index, full));
            }
            seats.push(Seat { line: row.line(), flow: flow as u32, input: batch.len() as u32 - 1 });
        }
        None
    }

    fn has_room(&self, batch: &Batch, row: &Row<'_>) -> bool {
        batch.len() < self.cut.records && batch.size() + row.size() <= self.cut.bytes
    }

    /// Runs the batches that the records stand in.
    fn run_flows(&self, chain: &mut Chain, ran: &mut Ran) -> Result<(), Halt> {
        let Ran { flows, seats } = ran;
        let used = seats.iter().map(|seat| seat.flow as usize + 1).max().unwrap_or(0);
        let place = |flow: usize, input: usize| {
            let is_there = |seat: &Seat| seat.flow as usize == flow && seat.input as usize == input;
            seats.iter().position(is_there).unwrap_or(0)
        };
        let mut taken = 0_usize;
        for (index, flow) in flows.iter_mut().take(used).enumerate() {
            if let Err(stop) = chain.run(flow) {
                let blamed = flow.batch.inputs().iter().position(|input| input.offset == stop.offset).unwrap_or(0);
                return Err(Halt::Stopped(place(index, blamed), stop));
            }
            taken = taken.saturating_add(flow.room());
            if taken > self.memory {
                return Err(Halt::Full(place(index, 0)));
            }
        }
        Ok(())
    }
}
