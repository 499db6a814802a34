//! F3: the job natively on columns, all fields by one scan. The ceiling: what the sandbox would cost if it were free, with
//! extraction that need not be right for every document.

use anyhow::{Result, ensure};

use super::{
    job::Job,
    rows::{AHEAD, DAY, DEAD, milliseconds},
    scan::{Found, scan},
    sink::Sink,
};
use crate::events::Event;

/// Members, in the order of the documents.
const MEMBERS: [&[u8]; 7] =
    [b"actionTime", b"businessId", b"sceneId", b"serviceName", b"logType", b"itemSetId", b"userId"];
const USER: usize = 6;

/// Headers that are written, in their order.
const HEADERS: [&[u8]; 9] = [
    b"timestamp",
    b"customName",
    b"sceneId",
    b"serviceName",
    b"logType",
    b"itemSetId",
    b"dc",
    b"path",
    b"client-timestamp",
];

/// What `path` is made of: places in [`MEMBERS`].
const PATH: [usize; 4] = [1, 2, 3, 4];

/// A range of the arena; null where the length says so.
#[derive(Clone, Copy, Debug)]
struct Cell {
    from: u32,
    len: u32,
}

const NULL: Cell = Cell { from: 0, len: u32::MAX };

/// A batch in columns. All buffers are used again.
#[derive(Debug, Default)]
struct Batch {
    /// Keys, values, headers, and what is made from them.
    arena: Vec<u8>,
    keys: Vec<Cell>,
    values: Vec<Cell>,
    timestamps: Vec<i64>,
    /// Of each record the headers it came with, one after the other.
    headers: Vec<(u16, Cell)>,
    /// Where each record's headers end.
    ends: Vec<u32>,
    /// Names of the headers that came.
    names: Vec<Vec<u8>>,
    /// One column a member.
    found: [Vec<Cell>; 7],
    /// One column for `timestamp`, `path` and `client-timestamp`.
    written: [Vec<Cell>; 3],
    topics: Vec<u8>,
}

/// The job.
#[derive(Debug)]
pub(super) struct Columns {
    batch: Batch,
    topics: Vec<String>,
}

impl Columns {
    pub(super) fn new() -> Self {
        let topics = (0..12).map(|bucket| format!("events-{bucket:02}")).chain([DEAD.to_owned()]).collect();
        Self { batch: Batch::default(), topics }
    }
}

impl Job for Columns {
    fn batch(&mut self, _: i64, events: &[Event], sink: &mut Sink) -> Result<()> {
        self.batch.fill(events);
        // Replacing headers in their place is not what this ceiling is about.
        ensure!(
            self.batch.names.iter().all(|name| !HEADERS.contains(&name.as_slice())),
            "the events have no headers of the names that are written"
        );
        self.batch.extract();
        self.batch.enrich();
        self.batch.fix();
        self.batch.route();
        self.batch.encode(&self.topics, sink);
        Ok(())
    }
}

impl Batch {
    fn append(&mut self, bytes: &[u8]) -> Cell {
        let from = self.arena.len() as u32;
        self.arena.extend_from_slice(bytes);
        Cell { from, len: bytes.len() as u32 }
    }

    fn fill(&mut self, events: &[Event]) {
        self.arena.clear();
        self.keys.clear();
        self.values.clear();
        self.timestamps.clear();
        self.headers.clear();
        self.ends.clear();
        self.names.clear();
        for event in events {
            let key = self.append(&event.key);
            self.keys.push(key);
            let value = self.append(&event.value);
            self.values.push(value);
            self.timestamps.push(event.server);
            for (at, (name, value)) in event.headers.iter().enumerate() {
                let name = self.name(name.as_bytes(), at);
                let value = self.append(value);
                self.headers.push((name, value));
            }
            self.ends.push(self.headers.len() as u32);
        }
    }

    /// The name's number. Records of a topic mostly carry the same names in the same places.
    #[inline]
    fn name(&mut self, name: &[u8], at: usize) -> u16 {
        if self.names.get(at).is_some_and(|known| known == name) {
            return at as u16;
        }
        let known = self.names.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.names.push(name.to_vec());
            self.names.len() - 1
        }) as u16
    }

    fn bytes(&self, cell: Cell) -> Option<&[u8]> {
        bytes(&self.arena, cell)
    }

    /// All fields by one scan.
    fn extract(&mut self) {
        self.found.iter_mut().for_each(Vec::clear);
        for &value in &self.values {
            let found = scan(bytes(&self.arena, value).unwrap_or_default(), &MEMBERS);
            for (column, found) in self.found.iter_mut().zip(found) {
                let Found { from, len } = found;
                column.push(if len == 0 { NULL } else { Cell { from: value.from + from, len } });
            }
        }
    }

    fn enrich(&mut self) {
        let [_, paths, _] = &mut self.written;
        paths.clear();
        for row in 0..self.values.len() {
            let parts = PATH.map(|at| self.found[at][row]);
            if parts.iter().any(|part| part.len == NULL.len) {
                paths.push(NULL);
                continue;
            }
            let from = self.arena.len();
            self.arena.extend_from_slice(b"/recom/log");
            for part in parts {
                self.arena.push(b'/');
                self.arena.extend_from_within(part.from as usize..(part.from + part.len) as usize);
            }
            paths.push(Cell { from: from as u32, len: (self.arena.len() - from) as u32 });
        }
    }

    fn fix(&mut self) {
        let [times, _, clients] = &mut self.written;
        times.clear();
        clients.clear();
        for (row, server) in self.timestamps.iter_mut().enumerate() {
            let said = self.found[0][row];
            let number = bytes(&self.arena, said).and_then(integer);
            let client = number.and_then(milliseconds);
            let believed = client.filter(|client| (*server - DAY..=*server + AHEAD).contains(client));
            clients.push(if believed.is_some() { NULL } else { said });
            // What was said in milliseconds is already written down.
            if let Some(ms) = believed.filter(|_| client == number) {
                *server = ms;
                times.push(said);
                continue;
            }
            *server = believed.unwrap_or(*server);
            let from = self.arena.len();
            push_digits(&mut self.arena, *server);
            times.push(Cell { from: from as u32, len: (self.arena.len() - from) as u32 });
        }
    }

    fn route(&mut self) {
        self.topics.clear();
        for &user in &self.found[USER] {
            let user = bytes(&self.arena, user).and_then(integer);
            self.topics.push(user.map_or(12, |user| user.rem_euclid(12) as u8));
        }
    }

    fn encode(&self, topics: &[String], sink: &mut Sink) {
        let mut from = 0;
        let [times, paths, clients] = &self.written;
        for row in 0..self.values.len() {
            let topic = topics.get(usize::from(self.topics[row])).map_or("", String::as_str);
            let (key, value) = (self.bytes(self.keys[row]), self.bytes(self.values[row]));
            sink.record(topic, self.timestamps[row], key, value);
            let to = self.ends[row] as usize;
            for &(name, cell) in &self.headers[from..to] {
                sink.header(&self.names[usize::from(name)], self.bytes(cell));
            }
            from = to;
            sink.header(HEADERS[0], self.bytes(times[row]));
            for (name, column) in HEADERS.iter().zip(&self.found).take(USER).skip(1) {
                if let Some(field) = self.bytes(column[row]) {
                    sink.header(name, Some(field));
                }
            }
            sink.header(HEADERS[6], Some(b"hz1"));
            for (name, column) in [(HEADERS[7], paths), (HEADERS[8], clients)] {
                if let Some(cell) = self.bytes(column[row]) {
                    sink.header(name, Some(cell));
                }
            }
        }
    }
}

#[inline]
fn bytes(arena: &[u8], cell: Cell) -> Option<&[u8]> {
    if cell.len == NULL.len {
        return None;
    }
    arena.get(cell.from as usize..(cell.from + cell.len) as usize)
}

/// Digits with a sign; none of anything else, or of more than fits.
#[inline]
fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', digits) => (true, digits),
        _ => (false, text),
    };
    // 18 digits always fit.
    if digits.is_empty() || digits.len() > 18 {
        return std::str::from_utf8(text).ok()?.parse().ok();
    }
    let mut number = 0_i64;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(if negative { -number } else { number })
}

fn push_digits(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}
