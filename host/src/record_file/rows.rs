//! Many records of an input in one buffer, which is used again.

use std::{collections::HashMap, sync::Arc};

use crate::record::{Header, Record, Timestamp};

/// Bytes of a buffer that are kept for the records to come.
pub(super) const KEPT: usize = 4 << 20;

/// A range of the bytes of [`Rows`], or null.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) const NULL: Self = Self { start: u32::MAX, end: u32::MAX };

    /// An input's line, and so what is made of it, is far below 4 GiB: see `LONGEST`.
    #[inline]
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    pub(super) fn is_null(self) -> bool {
        self.start == u32::MAX
    }
}

/// The members of a record that are no bytes, and where its bytes stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) topic: u32,
    pub(super) partition: Option<i32>,
    pub(super) offset: Option<i64>,
    pub(super) timestamp: Timestamp,
    pub(super) received: Option<i64>,
    pub(super) key: Span,
    pub(super) value: Span,
}

/// Records of an input, in its order.
#[derive(Debug, Default)]
pub struct Rows {
    pub(super) bytes: Vec<u8>,
    /// Name and value, one record's behind the other's.
    pub(super) headers: Vec<(Span, Span)>,
    /// Each with the end of its headers.
    entries: Vec<(Entry, usize)>,
    pub(super) topics: Vec<Arc<str>>,
    pub(super) numbers: HashMap<Arc<str>, u32>,
    /// Of the topics' names.
    pub(super) topic_bytes: usize,
}

impl Rows {
    /// No records.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the records; the buffers keep their room, but for that of a very large record.
    pub fn clear(&mut self) {
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.topic_bytes = 0;
        self.headers.clear();
        self.entries.clear();
        self.topics.clear();
        self.numbers.clear();
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no records.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of memory that the records take.
    pub fn size(&self) -> usize {
        let headers = self.headers.len() * size_of::<(Span, Span)>();
        let topics = self.topic_bytes + self.topics.len() * size_of::<(Arc<str>, Arc<str>, u32)>();
        self.bytes.len() + headers + topics + self.entries.len() * size_of::<(Entry, usize)>()
    }

    /// A record by its number, counted from 0.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Row<'_>> {
        let (entry, end) = self.entries.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.entries.get(before)).map_or(0, |(_, end)| *end);
        Some(Row { rows: self, entry, headers: &self.headers[start..*end] })
    }

    /// All records.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.iter_from(0)
    }

    /// The records from a number on.
    pub fn iter_from(&self, first: usize) -> impl Iterator<Item = Row<'_>> {
        (first..self.len()).filter_map(|index| self.get(index))
    }

    /// The number of a topic within these rows.
    #[inline]
    pub(super) fn intern(&mut self, topic: &str) -> u32 {
        // Mostly it is that of the record before.
        if let Some((entry, _)) = self.entries.last()
            && *self.topics[entry.topic as usize] == *topic
        {
            return entry.topic;
        }
        if let Some(number) = self.numbers.get(topic) {
            return *number;
        }
        let (number, topic) = (self.topics.len() as u32, Arc::<str>::from(topic));
        self.topic_bytes += topic.len();
        self.topics.push(Arc::clone(&topic));
        self.numbers.insert(topic, number);
        number
    }

    /// Ends a record, whose bytes and headers are there.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push((entry, self.headers.len()));
    }

    /// Adds bytes.
    pub(super) fn append(&mut self, bytes: Option<&[u8]>) -> Span {
        let Some(bytes) = bytes else { return Span::NULL };
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        Span::new(start, self.bytes.len())
    }

    /// Adds an owned record, from `line`.
    pub(super) fn push_record(&mut self, line: u64, record: &Record) {
        let topic = self.intern(&record.topic);
        let (key, value) = (self.append(record.key.as_deref()), self.append(record.value.as_deref()));
        for header in &record.headers {
            let header = (self.append(Some(&header.name)), self.append(header.value.as_deref()));
            self.headers.push(header);
        }
        let Record { partition, offset, timestamp, received, .. } = *record;
        self.push(Entry { line, topic, partition, offset, timestamp, received, key, value });
    }

    fn cell(&self, span: Span) -> Option<&[u8]> {
        (!span.is_null()).then(|| &self.bytes[span.start as usize..span.end as usize])
    }
}

/// One of [`Rows`].
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    rows: &'a Rows,
    entry: &'a Entry,
    headers: &'a [(Span, Span)],
}

impl<'a> Row<'a> {
    /// The line of the input that it begins on, counted from 1.
    pub fn line(&self) -> u64 {
        self.entry.line
    }

    /// Its topic.
    pub fn topic(&self) -> &'a Arc<str> {
        &self.rows.topics[self.entry.topic as usize]
    }

    /// A number that stands for its topic among those of the same rows, from 0.
    pub fn topic_number(&self) -> u32 {
        self.entry.topic
    }

    /// Its partition, where known.
    pub fn partition(&self) -> Option<i32> {
        self.entry.partition
    }

    /// Its offset, where known.
    pub fn offset(&self) -> Option<i64> {
        self.entry.offset
    }

    /// Its timestamp.
    pub fn timestamp(&self) -> Timestamp {
        self.entry.timestamp
    }

    /// When weir fetched it, in ms since the epoch, where known.
    pub fn received(&self) -> Option<i64> {
        self.entry.received
    }

    /// Its key.
    pub fn key(&self) -> Option<&'a [u8]> {
        self.rows.cell(self.entry.key)
    }

    /// Its value.
    pub fn value(&self) -> Option<&'a [u8]> {
        self.rows.cell(self.entry.value)
    }

    /// Names and values of its headers, in their order.
    pub fn headers(&self) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + use<'a> {
        let rows = self.rows;
        self.headers.iter().map(|(name, value)| (rows.cell(*name).unwrap_or_default(), rows.cell(*value)))
    }

    /// Bytes of key, value and headers.
    pub fn size(&self) -> usize {
        let length = |span: Span| (span.end - span.start) as usize;
        let headers: usize = self.headers.iter().map(|(name, value)| length(*name) + length(*value)).sum();
        length(self.entry.key) + length(self.entry.value) + headers
    }

    /// As an owned record.
    pub fn record(&self) -> Record {
        let owned = |bytes: Option<&[u8]>| bytes.map(<[u8]>::to_vec);
        Record {
            topic: self.topic().as_ref().to_owned(),
            partition: self.partition(),
            offset: self.offset(),
            timestamp: self.timestamp(),
            received: self.received(),
            key: owned(self.key()),
            value: owned(self.value()),
            headers: self.headers().map(|(name, value)| Header { name: name.to_vec(), value: owned(value) }).collect(),
        }
    }
}
