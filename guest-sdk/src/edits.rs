//! What a plugin answers for a batch. What it does not speak of stays as it is.

mod cells;
#[cfg(test)]
mod tests;

pub use cells::{Cells, Segment};

use crate::{
    Bytes, are_same,
    bindings::types::{self, HeaderEdit, HeaderOp, IntColumn},
    packed::{Answer, Part},
};

const DROP: u8 = 1;
const DEAD_LETTER: u8 = 2;
/// What is wrong with a [`Topic`] that these edits have not given out.
const STRANGE: &str = "a route to a topic of other edits";
/// The entry of a row that is not routed, or gets no partition.
const LEAVE: i32 = -1;

/// Headers and topics whose room is kept from batch to batch.
const KEPT: usize = 64;

/// A topic that records of this batch may be routed to; see [`Edits::topic`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic(u32);

/// The changes to the rows of one batch.
///
/// It cannot become an invalid answer: columns get as many cells as there are rows, and naming a row that is not there
/// fails the batch with a message. Everything is kept in flat columns.
#[derive(Debug, Default)]
pub struct Edits {
    inputs: usize,
    rows: usize,
    expand: Option<Vec<u32>>,
    verdicts: Vec<u8>,
    reasons: Cells,
    /// Behind those of this batch stand those of batches before, for their room.
    headers: Vec<Header>,
    /// How many of them are this batch's.
    edited: usize,
    key: Cells,
    value: Cells,
    timestamps: Vec<i64>,
    untimed: Vec<u8>,
    /// Behind those of this batch stand those of batches before, too.
    topics: Vec<String>,
    /// How many of them are this batch's.
    named: usize,
    routes: Vec<i32>,
    partitions: Vec<i32>,
    mistake: Option<String>,
    /// Bytes of the packed answer before.
    answered: usize,
}

#[derive(Debug)]
struct Header {
    name: String,
    op: HeaderOp,
    cells: Cells,
    /// The column of a packed batch that is written instead of the cells.
    column: Option<u32>,
}

/// Rows whose headers of a name go.
#[derive(Debug)]
pub struct Removal<'a>(&'a mut Cells);

impl Removal<'_> {
    /// Removes them from every row.
    pub fn all(self) {
        self.0.all_null();
    }

    /// Removes them from one row.
    pub fn row(self, row: usize) {
        self.0.row(row, b"");
    }

    /// Removes them from these rows.
    pub fn rows(self, rows: impl IntoIterator<Item = usize>) {
        rows.into_iter().for_each(|row| self.0.row(row, b""));
    }
}

impl Edits {
    /// No change to a batch of that many rows.
    pub(crate) fn for_rows(rows: usize) -> Self {
        Self { inputs: rows, rows, ..Self::default() }
    }

    /// Forgets everything for a batch of that many rows; room stays.
    pub(crate) fn begin(&mut self, rows: usize) {
        (self.inputs, self.rows) = (rows, rows);
        self.expand = None;
        self.verdicts.clear();
        self.reasons.clear();
        (self.edited, self.named) = (0, 0);
        self.headers.truncate(KEPT);
        self.topics.truncate(KEPT);
        self.key.clear();
        self.value.clear();
        self.timestamps.clear();
        self.untimed.clear();
        self.routes.clear();
        self.partitions.clear();
        self.mistake = None;
    }

    /// How many rows the edits speak of: the batch's, or after [`expand`](Self::expand) that of its rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Makes new rows: row `j` is a copy of the batch's row `sources[j]`, ascending; a row of the batch that is not
    /// named is dropped (which needs [`DROP`](crate::Effects::DROP)). From here on everything speaks of the new rows,
    /// so it comes first. Needs [`EXPAND`](crate::Effects::EXPAND).
    pub fn expand(&mut self, sources: impl IntoIterator<Item = usize>) {
        let sources: Vec<u32> = sources.into_iter().map(|row| u32::try_from(row).unwrap_or(u32::MAX)).collect();
        if self.is_touched() {
            self.fail("expand comes after other edits: call it first, and once".to_owned());
        } else if let Some(row) = sources.iter().find(|&&row| row as usize >= self.inputs) {
            self.fail(no_row(*row as usize, self.inputs));
        } else if !sources.is_sorted() {
            self.fail("expand names rows out of order".to_owned());
        } else {
            self.rows = sources.len();
            self.expand = Some(sources);
        }
    }

    fn is_touched(&self) -> bool {
        self.expand.is_some()
            || !self.verdicts.is_empty()
            || self.edited > 0
            || !self.key.is_empty()
            || !self.value.is_empty()
            || !self.timestamps.is_empty()
            || !self.routes.is_empty()
            || !self.partitions.is_empty()
    }

    /// Drops a row: it goes nowhere and is counted as dropped. Needs [`DROP`](crate::Effects::DROP).
    pub fn drop(&mut self, row: usize) {
        self.verdict(row, DROP);
    }

    /// Sets the record aside, as it came, with the reason (at most 1 KiB of it is kept). All rows that came from that
    /// record die with it. Needs [`DEAD_LETTER`](crate::Effects::DEAD_LETTER).
    pub fn dead_letter(&mut self, row: usize, reason: impl AsRef<[u8]>) {
        if self.verdict(row, DEAD_LETTER) {
            self.reasons.row(row, reason.as_ref());
        }
    }

    fn verdict(&mut self, row: usize, verdict: u8) -> bool {
        if self.is_row(row) {
            self.verdicts.resize(self.rows, 0);
            self.verdicts[row] = verdict;
            return true;
        }
        false
    }

    /// Sets the headers of that name: the first keeps its place and takes the value, the others go; a row without one
    /// gets it at the end. Called again with the same name it goes on with the same cells.
    pub fn set_header(&mut self, name: &str) -> &mut Cells {
        self.header(name, HeaderOp::Set)
    }

    /// Adds a header at the end, whatever is there. Called again with the same name it goes on with the same cells; a
    /// row written twice gets two headers. Of several names, all headers of the one that was mentioned first come first.
    pub fn append_header(&mut self, name: &str) -> &mut Cells {
        self.header(name, HeaderOp::Append)
    }

    /// Removes all headers of that name.
    pub fn remove_header(&mut self, name: &str) -> Removal<'_> {
        Removal(self.header(name, HeaderOp::Remove))
    }

    /// Removes all headers of that name from these rows, after all edits of headers so far: for a plugin that finds the
    /// names in the records, where there may be very many.
    pub fn remove_header_then(&mut self, name: &str, rows: impl IntoIterator<Item = usize>) {
        let mut cells = Cells::new();
        Removal(&mut cells).rows(rows);
        if !cells.is_empty() {
            self.new_header(name, HeaderOp::Remove).cells = cells;
        }
    }

    /// Adopts finished cells for [`set_header`](Self::set_header): for a plugin that fills several columns in one pass.
    pub fn set_header_cells(&mut self, name: &str, cells: Cells) {
        if !cells.is_empty() {
            self.new_header(name, HeaderOp::Set).cells = cells;
        }
    }

    /// Sets the headers of that name to what a column has, row by row; a cell that is null leaves its row alone. The
    /// cheapest way: weir has the column, and what it holds is not copied back. What is written to that name later is
    /// an edit of its own, which comes after this one.
    pub fn set_header_column(&mut self, name: &str, column: Bytes<'_>) {
        let nulls = column.nulls();
        if nulls == column.len() {
            return;
        }
        let number = column.column().filter(|_| self.expand.is_none() && column.len() == self.rows);
        let header = self.new_header(name, HeaderOp::Set);
        header.column = number;
        if number.is_none() {
            header.cells.column(column);
        }
    }

    fn header(&mut self, name: &str, op: HeaderOp) -> &mut Cells {
        // Only the last edit of a name may go on: an earlier one is applied before it, and must not see later cells.
        let edits = self.headers.get(..self.edited).unwrap_or_default();
        let last = edits.iter().rposition(|header| are_same(header.name.as_bytes(), name.as_bytes()));
        match last.filter(|at| edits[*at].op == op && edits[*at].column.is_none()) {
            Some(at) => &mut self.headers[at].cells,
            None => &mut self.new_header(name, op).cells,
        }
    }

    /// An edit behind all others.
    fn new_header(&mut self, name: &str, op: HeaderOp) -> &mut Header {
        let at = self.edited;
        self.edited += 1;
        match self.headers.get_mut(at) {
            Some(header) => {
                rename(&mut header.name, name);
                header.cells.clear();
                (header.op, header.column) = (op, None);
            }
            None => self.headers.push(Header { name: name.to_owned(), op, cells: Cells::new(), column: None }),
        }
        &mut self.headers[at]
    }

    /// Writes keys. Needs [`KEY`](crate::Effects::KEY).
    pub fn key(&mut self) -> &mut Cells {
        &mut self.key
    }

    /// Writes values. Needs [`VALUE`](crate::Effects::VALUE).
    pub fn value(&mut self) -> &mut Cells {
        &mut self.value
    }

    /// Writes a row's timestamp: ms since the epoch. Needs [`TIMESTAMP`](crate::Effects::TIMESTAMP).
    #[inline]
    pub fn timestamp(&mut self, row: usize, ms: i64) {
        if !self.is_row(row) {
            return;
        }
        if row == self.timestamps.len() {
            self.timestamps.push(ms);
            if !self.untimed.is_empty() {
                self.untimed.push(0);
            }
            return;
        }
        self.untimed.resize(self.timestamps.len(), 0);
        put(&mut self.timestamps, row, ms, 0);
        put(&mut self.untimed, row, 0, 1);
    }

    /// Writes the timestamps of all rows, from the first on; `None` leaves the row's alone, and so does an end before the
    /// last row. Faster than row by row.
    pub fn timestamps(&mut self, all: impl IntoIterator<Item = Option<i64>>) {
        let mut all = all.into_iter().enumerate();
        if self.timestamps.is_empty() {
            self.timestamps.resize(self.rows, 0);
            self.untimed.resize(self.rows, 1);
            let mut left = self.rows;
            for (entry, untimed) in self.timestamps.iter_mut().zip(&mut self.untimed) {
                let Some((_, ms)) = all.next() else { break };
                *entry = ms.unwrap_or_default();
                *untimed = u8::from(ms.is_none());
                left -= usize::from(ms.is_some());
            }
            if left == self.rows {
                self.timestamps.clear();
                self.untimed.clear();
            }
        }
        all.for_each(|(row, ms)| ms.into_iter().for_each(|ms| self.timestamp(row, ms)));
    }

    /// A topic within these edits, without a look at those that are there already: for a plugin with a table of topics,
    /// which names each once. The same table in the same order each time is the cheapest for weir, too.
    pub fn new_topic(&mut self, name: &str) -> Topic {
        match self.topics.get_mut(self.named) {
            Some(known) => rename(known, name),
            None => self.topics.push(name.to_owned()),
        }
        self.named += 1;
        Topic(self.named as u32 - 1)
    }

    /// The number of a topic within these edits. For a plugin that routes row by row: names are looked up once.
    pub fn topic(&mut self, name: &str) -> Topic {
        // Mostly the same as the one before, or one of a few.
        match self.topics().iter().position(|known| are_same(known.as_bytes(), name.as_bytes())) {
            Some(at) => Topic(at as u32),
            None => self.new_topic(name),
        }
    }

    /// Routes a row to a topic. Needs the topic in [`Plan::topics`](crate::Plan::topics).
    #[inline]
    pub fn route(&mut self, row: usize, topic: Topic) {
        if self.is_row(row) && (topic.0 as usize) < self.named {
            put(&mut self.routes, row, topic.0 as i32, LEAVE);
        } else {
            self.fail(STRANGE.to_owned());
        }
    }

    /// Routes all rows, from the first on; `None` leaves the row's route alone, and so does an end before the last row.
    /// Faster than row by row. Needs the topics in [`Plan::topics`](crate::Plan::topics).
    pub fn routes(&mut self, all: impl IntoIterator<Item = Option<Topic>>) {
        let mut all = all.into_iter().enumerate();
        if self.routes.is_empty() {
            self.routes.resize(self.rows, LEAVE);
            let (topics, mut routed, mut strange) = (self.named as u32, false, false);
            for route in &mut self.routes {
                let Some((_, topic)) = all.next() else { break };
                if let Some(Topic(number)) = topic {
                    routed = true;
                    strange |= number >= topics;
                    *route = number as i32;
                }
            }
            if strange {
                self.fail(STRANGE.to_owned());
            }
            if !routed {
                self.routes.clear();
            }
        }
        all.for_each(|(row, topic)| topic.into_iter().for_each(|topic| self.route(row, topic)));
    }

    /// Routes a row to a topic by name.
    pub fn route_to(&mut self, row: usize, topic: &str) {
        let topic = self.topic(topic);
        self.route(row, topic);
    }

    /// Sends a row to a partition of its topic (from 0). Needs [`PARTITION`](crate::Effects::PARTITION).
    #[inline]
    pub fn partition(&mut self, row: usize, partition: u32) {
        let Ok(partition) = i32::try_from(partition) else {
            return self.fail(format!("there is no partition {partition}"));
        };
        if self.is_row(row) {
            put(&mut self.partitions, row, partition, LEAVE);
        }
    }

    #[inline]
    fn is_row(&mut self, row: usize) -> bool {
        if row < self.rows {
            return true;
        }
        self.fail(no_row(row, self.rows));
        false
    }

    fn fail(&mut self, mistake: String) {
        self.mistake.get_or_insert(mistake);
    }

    fn topics(&self) -> &[String] {
        self.topics.get(..self.named).unwrap_or_default()
    }

    /// Makes an entry of every row in what was written row by row.
    fn complete(&mut self) -> Result<(), String> {
        if let Some(mistake) = self.mistake.take() {
            return Err(mistake);
        }
        let rows = self.rows;
        fill(&mut self.routes, rows, LEAVE);
        fill(&mut self.partitions, rows, LEAVE);
        if !self.timestamps.is_empty() && (self.timestamps.len() < rows || !self.untimed.is_empty()) {
            self.untimed.resize(self.timestamps.len(), 0);
            fill(&mut self.timestamps, rows, 0);
            self.untimed.resize(rows, 1);
        }
        if self.untimed.iter().all(|&untimed| untimed == 0) {
            self.untimed.clear();
        }
        Ok(())
    }

    pub(crate) fn into_wit(mut self) -> Result<types::Edits, String> {
        self.complete()?;
        let rows = self.rows;
        let mut headers = Vec::with_capacity(self.edited);
        for Header { name, op, cells, .. } in self.headers.drain(..self.edited) {
            if op == HeaderOp::Append {
                let rounds = cells.into_appended(rows)?;
                headers.extend(rounds.into_iter().map(|cells| HeaderEdit { name: name.clone(), op, cells }));
            } else if let Some(cells) = cells.into_wit(rows)? {
                headers.push(HeaderEdit { name, op, cells });
            }
        }
        self.topics.truncate(self.named);
        Ok(types::Edits {
            expand: self.expand,
            verdicts: self.verdicts,
            reasons: if self.reasons.is_empty() { None } else { Some(self.reasons.into_whole_column(rows)?) },
            headers,
            key: self.key.into_wit(rows)?,
            value: self.value.into_wit(rows)?,
            timestamps: (!self.timestamps.is_empty())
                .then_some(IntColumn { values: self.timestamps, nulls: self.untimed }),
            route: (!self.routes.is_empty()).then_some(types::Routing { topics: self.topics, index: self.routes }),
            partitions: (!self.partitions.is_empty()).then_some(self.partitions),
        })
    }

    /// The same as a packed answer.
    pub(crate) fn pack(&mut self) -> Result<Vec<u8>, String> {
        self.complete()?;
        let rows = self.rows;
        let mut answer = Answer::with_room(self.answered);
        if let Some(expand) = &self.expand {
            answer.begin(Part::Expand);
            answer.list(expand);
        }
        if !self.verdicts.is_empty() {
            answer.begin(Part::Verdicts);
            answer.list(&self.verdicts);
        }
        if !self.reasons.is_empty() {
            answer.begin(Part::Reasons);
            let reasons = std::mem::take(&mut self.reasons).into_whole_column(rows)?;
            answer.column(&reasons.offsets, &reasons.nulls, &reasons.data);
        }
        self.pack_headers(&mut answer)?;
        for (part, cells) in [(Part::Key, &mut self.key), (Part::Value, &mut self.value)] {
            if !cells.is_empty() {
                answer.begin(part);
                cells.write(rows, &mut answer)?;
            }
        }
        if !self.timestamps.is_empty() {
            answer.begin(Part::Timestamps);
            answer.list(&self.timestamps);
            answer.list(&self.untimed);
        }
        if !self.routes.is_empty() {
            answer.begin(Part::Route);
            answer.routing(self.topics(), &self.routes);
        }
        if !self.partitions.is_empty() {
            answer.begin(Part::Partitions);
            answer.list(&self.partitions);
        }
        self.answered = answer.len();
        Ok(answer.finish())
    }

    fn pack_headers(&mut self, answer: &mut Answer) -> Result<(), String> {
        let rows = self.rows;
        let edits = self.headers.get_mut(..self.edited).unwrap_or_default();
        if edits.is_empty() {
            return Ok(());
        }
        answer.begin(Part::Headers);
        let (at, mut count) = (answer.len(), 0);
        answer.number(0);
        for Header { name, op, cells, column } in edits {
            if let Some(column) = *column {
                answer.header(*op, name);
                answer.same_as(column);
                count += 1;
            } else if *op == HeaderOp::Append {
                for round in std::mem::take(cells).into_appended(rows)? {
                    answer.header(*op, name);
                    answer.cells(&round);
                    count += 1;
                }
            } else if !cells.is_empty() {
                answer.header(*op, name);
                cells.write(rows, answer)?;
                count += 1;
            }
        }
        answer.replace_number(at, count);
        Ok(())
    }
}

/// Gives a text that has room another content; mostly it is the same.
fn rename(text: &mut String, to: &str) {
    if !are_same(text.as_bytes(), to.as_bytes()) {
        text.clear();
        text.push_str(to);
    }
}

/// Writes entry `row`; entries before it that nobody wrote get `rest`.
#[inline]
fn put<T: Copy>(entries: &mut Vec<T>, row: usize, entry: T, rest: T) {
    match entries.get_mut(row) {
        Some(known) => *known = entry,
        None => {
            entries.resize(row, rest);
            entries.push(entry);
        }
    }
}

/// Makes an entry of every row, unless there is none at all.
fn fill<T: Copy>(entries: &mut Vec<T>, rows: usize, rest: T) {
    if !entries.is_empty() {
        entries.resize(rows, rest);
    }
}

fn no_row(row: usize, rows: usize) -> String {
    format!("an edit speaks of row {row} of {rows}")
}
