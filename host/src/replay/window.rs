//! Some lines of the input at a time, run in batches and emitted in their order.

use std::{collections::HashMap, mem, sync::Arc};

use super::{Error, Produced, Summary};
use crate::{
    batch::Full,
    chain::{Chain, Flow, Stop},
    config::Cut,
    record::Record,
};

/// So many batches' worth of records are in memory: more would not fill batches of a few partitions any better, fewer
/// would tear the batches of files whose partitions take turns.
const BATCHES: usize = 16;
/// And no more than this, whatever `records` is; one record may be larger.
const BYTES: usize = 16 * 1024 * 1024;

/// Consecutive lines of the input.
pub(super) struct Window {
    cut: Cut,
    /// Line, counted from 1, and its record.
    lines: Vec<(u64, Record)>,
    bytes: usize,
    /// One batch each; kept for their buffers.
    flows: Vec<Flow>,
    topics: HashMap<String, Arc<str>>,
}

/// Where a line's record stands: index into `flows`, and in its batch.
type Seat = (usize, u32);

impl Window {
    pub(super) fn new(cut: Cut) -> Self {
        Self { cut, lines: Vec::new(), bytes: 0, flows: Vec::new(), topics: HashMap::new() }
    }

    pub(super) fn push(&mut self, line: u64, record: Record) {
        self.bytes += size(&record);
        self.lines.push((line, record));
    }

    pub(super) fn is_full(&self) -> bool {
        self.lines.len() >= self.cut.records.saturating_mul(BATCHES) || self.bytes >= BYTES
    }

    /// Runs the lines, emits what they give and empties the window.
    pub(super) fn run<E>(
        &mut self,
        chain: &mut Chain,
        summary: &mut Summary,
        emit: &mut impl FnMut(Produced<'_>) -> Result<(), E>,
    ) -> Result<(), Error<E>> {
        let mut lines = mem::take(&mut self.lines);
        self.bytes = 0;
        let mut stopped = None;
        // A batch that stops gives nothing, though lines before the one to blame would have gone out had the batch been
        // smaller. So those are run again without it: what comes out must not depend on how batches are cut.
        let seats = loop {
            let (seats, full) = self.seat(&lines);
            if let Some((at, full)) = full {
                let line = lines.get(at).map_or(0, |(line, _)| *line);
                stopped = Some(Error::Full { line, full });
                lines.truncate(at);
                continue;
            }
            match self.run_flows(chain, &seats) {
                Ok(()) => break seats,
                Err((at, stop)) => {
                    let line = lines.get(at).map_or(0, |(line, _)| *line);
                    stopped = Some(Error::Stop { line, stop: Box::new(stop) });
                    lines.truncate(at);
                }
            }
        };
        for (&(flow, input), (line, _)) in seats.iter().zip(&lines) {
            let Some(flow) = self.flows.get(flow) else { continue };
            if let Some(fate) = flow.fates().get(input as usize) {
                summary.count_fate(fate);
            }
            for output in flow.outputs_of(input) {
                summary.count_output(&output);
                emit(Produced { line: *line, flow, output: &output }).map_err(Error::Emit)?;
            }
        }
        lines.clear();
        self.lines = lines;
        stopped.map_or(Ok(()), Err)
    }

    /// Puts every line into a batch; says where the first stands that no batch can hold.
    fn seat(&mut self, lines: &[(u64, Record)]) -> (Vec<Seat>, Option<(usize, Full)>) {
        let mut open: HashMap<(&str, i32), (usize, i64)> = HashMap::new();
        let mut seats = Vec::with_capacity(lines.len());
        let mut used = 0;
        for (index, (_, record)) in lines.iter().enumerate() {
            let place = (record.topic.as_str(), record.partition.unwrap_or(0));
            let offset = record.offset.unwrap_or(0);
            let flow = match open.get(&place) {
                Some(&(flow, last)) if last < offset && self.has_room(flow, record) => flow,
                _ => {
                    let topic = match self.topics.get(place.0) {
                        Some(topic) => Arc::clone(topic),
                        None => {
                            let topic: Arc<str> = place.0.into();
                            self.topics.insert(place.0.to_owned(), Arc::clone(&topic));
                            topic
                        }
                    };
                    if self.flows.len() == used {
                        self.flows.push(Flow::default());
                    }
                    self.flows[used].batch.start(topic, place.1);
                    used += 1;
                    used - 1
                }
            };
            open.insert(place, (flow, offset));
            let batch = &mut self.flows[flow].batch;
            let headers = record.headers.iter().map(|header| (header.name.as_slice(), header.value.as_deref()));
            let received = record.received.or(record.timestamp.millis());
            let (key, value) = (record.key.as_deref(), record.value.as_deref());
            if let Err(full) = batch.push(offset, record.timestamp, received, key, value, headers) {
                return (seats, Some((index, full)));
            }
            seats.push((flow, batch.len() as u32 - 1));
        }
        (seats, None)
    }

    fn has_room(&self, flow: usize, record: &Record) -> bool {
        let batch = &self.flows[flow].batch;
        batch.len() < self.cut.records && batch.size() + size(record) <= self.cut.bytes
    }

    /// Runs the batches that `seats` speaks of; a stop comes with the index of the line to blame.
    fn run_flows(&mut self, chain: &mut Chain, seats: &[Seat]) -> Result<(), (usize, Stop)> {
        let used = seats.iter().map(|&(flow, _)| flow + 1).max().unwrap_or(0);
        for (index, flow) in self.flows.iter_mut().take(used).enumerate() {
            if let Err(stop) = chain.run(flow) {
                let blamed = flow.batch.inputs().iter().position(|input| input.offset == stop.offset).unwrap_or(0);
                let at = seats.iter().position(|&seat| seat == (index, blamed as u32)).unwrap_or(0);
                return Err((at, stop));
            }
        }
        Ok(())
    }
}

fn size(record: &Record) -> usize {
    let bytes = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
    let headers: usize = record.headers.iter().map(|header| header.name.len() + bytes(&header.value)).sum();
    bytes(&record.key) + bytes(&record.value) + headers
}
