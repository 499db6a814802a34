//! What a plugin reads and what it may change, said once, before the first batch.

use std::{
    collections::{HashMap, HashSet},
    ops::BitOr,
};

use crate::bindings::types::{self, Capture, Member, Source};

/// A column that weir extracts, natively, for every batch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Input(pub(crate) types::Input);

impl Input {
    /// The key (bytes).
    pub fn key() -> Self {
        Self(types::Input::Key)
    }

    /// The value (bytes); null for a tombstone.
    pub fn value() -> Self {
        Self(types::Input::Value)
    }

    /// The last header of that name (bytes).
    pub fn header(name: impl Into<String>) -> Self {
        Self(types::Input::Header(name.into()))
    }

    /// The record's timestamp (ints): ms since the epoch, null where it has none.
    pub fn timestamp() -> Self {
        Self(types::Input::Timestamp)
    }

    /// Where the timestamp comes from (ints): 0 create time, 1 log append time, null unknown.
    pub fn timestamp_type() -> Self {
        Self(types::Input::TimestampType)
    }

    /// When weir fetched the record (ints): ms since the epoch. A plan that has it makes replay differ from run.
    pub fn received() -> Self {
        Self(types::Input::Received)
    }

    /// The record's offset (ints).
    pub fn offset() -> Self {
        Self(types::Input::Offset)
    }

    /// A member of the value as a JSON document, by RFC 6901 pointer (bytes): strings unescaped, all else as its JSON
    /// text; null where the value is no JSON document, the member is missing, or it is `null`. A text need not be UTF-8: bytes
    /// come as they stand there. A byte order mark or a Schema Registry frame before the document is skipped.
    pub fn json(pointer: impl Into<String>) -> Self {
        Self(types::Input::Json(Member { source: Source::Value, pointer: pointer.into() }))
    }

    /// The same as an integer (ints), also from a string of digits with a sign; null also for anything else.
    pub fn json_int(pointer: impl Into<String>) -> Self {
        Self(types::Input::JsonInt(Member { source: Source::Value, pointer: pointer.into() }))
    }

    /// A group of a regular expression's first match in the value (bytes), with exactly the meaning of the regex
    /// crate's `bytes`, Unicode on; null where nothing matches or the group took no part.
    pub fn capture(pattern: impl Into<String>, group: u32) -> Self {
        Self(types::Input::Capture(Capture { source: Source::Value, pattern: pattern.into(), group }))
    }

    /// Looks in the key instead. Of use for `json`, `json_int` and `capture`; the others stay as they are.
    #[must_use]
    pub fn of_key(self) -> Self {
        self.from(Source::Key)
    }

    /// Looks in the last header of that name instead. Of use for `json`, `json_int` and `capture`.
    #[must_use]
    pub fn of_header(self, name: impl Into<String>) -> Self {
        self.from(Source::Header(name.into()))
    }

    fn from(self, source: Source) -> Self {
        use types::Input::{Capture as AsCapture, Json, JsonInt};
        Self(match self.0 {
            Json(member) => Json(Member { source, ..member }),
            JsonInt(member) => JsonInt(Member { source, ..member }),
            AsCapture(capture) => AsCapture(Capture { source, ..capture }),
            whole => whole,
        })
    }
}

/// What a plugin may do to a record; combine them with `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effects(types::Effects);

impl Effects {
    /// Writes the key.
    pub const KEY: Self = Self(types::Effects::KEY);
    /// Writes the value.
    pub const VALUE: Self = Self(types::Effects::VALUE);
    /// Writes the timestamp.
    pub const TIMESTAMP: Self = Self(types::Effects::TIMESTAMP);
    /// Writes or removes headers; implied by [`Plan::header_names`].
    pub const HEADERS: Self = Self(types::Effects::HEADERS);
    /// Chooses the topic; implied by [`Plan::topics`].
    pub const ROUTE: Self = Self(types::Effects::ROUTE);
    /// Chooses the partition.
    pub const PARTITION: Self = Self(types::Effects::PARTITION);
    /// Drops records.
    pub const DROP: Self = Self(types::Effects::DROP);
    /// Sends records to the dead letters.
    pub const DEAD_LETTER: Self = Self(types::Effects::DEAD_LETTER);
    /// Makes several records of one.
    pub const EXPAND: Self = Self(types::Effects::EXPAND);

    /// None of them.
    pub fn none() -> Self {
        Self(types::Effects::empty())
    }

    /// Whether all of `other` are among these.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Effects {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a plugin reads and may change. weir passes nothing else into the sandbox, and takes an edit that was not
/// declared for a fault.
#[derive(Clone, Debug)]
pub struct Plan {
    inputs: Vec<Input>,
    /// Where in `inputs` each one stands first: a config may name ten thousand of them.
    columns: HashMap<Input, usize>,
    all_headers: bool,
    effects: Effects,
    header_names: Vec<String>,
    topics: Vec<String>,
}

impl Default for Plan {
    fn default() -> Self {
        Self::new()
    }
}

impl Plan {
    /// Reads nothing, changes nothing.
    pub fn new() -> Self {
        Self {
            inputs: Vec::new(),
            columns: HashMap::new(),
            all_headers: false,
            effects: Effects::none(),
            header_names: Vec::new(),
            topics: Vec::new(),
        }
    }

    /// Reads one column more; the first one added is column 0 of every batch.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.push(input);
        self
    }

    /// Reads several columns more, in their order.
    #[must_use]
    pub fn inputs(mut self, inputs: impl IntoIterator<Item = Input>) -> Self {
        inputs.into_iter().for_each(|input| self.push(input));
        self
    }

    /// The number of the column of this input, which is added if it is not yet read. For plugins whose inputs follow
    /// from their config, several parts of which may name the same one.
    pub fn column(&mut self, input: Input) -> usize {
        if let Some(at) = self.columns.get(&input) {
            return *at;
        }
        self.push(input);
        self.inputs.len() - 1
    }

    fn push(&mut self, input: Input) {
        self.columns.entry(input.clone()).or_insert(self.inputs.len());
        self.inputs.push(input);
    }

    /// Reads every header of every record ([`Batch::headers`](crate::Batch::headers)): costs a copy of all of them.
    #[must_use]
    pub fn all_headers(mut self) -> Self {
        self.all_headers = true;
        self
    }

    /// May do these too.
    #[must_use]
    pub fn effects(mut self, effects: Effects) -> Self {
        self.effects = self.effects | effects;
        self
    }

    /// May write and remove these headers too (`"*"` is any name). A name said twice counts once.
    #[must_use]
    pub fn header_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        if add_all(&mut self.header_names, names) {
            self.effects = self.effects | Effects::HEADERS;
        }
        self
    }

    /// May route to these topics too: names, or patterns with `*`. A name said twice counts once.
    #[must_use]
    pub fn topics<N: Into<String>>(mut self, topics: impl IntoIterator<Item = N>) -> Self {
        if add_all(&mut self.topics, topics) {
            self.effects = self.effects | Effects::ROUTE;
        }
        self
    }

    /// The columns, in their order.
    pub fn declared_inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Whether it reads every header.
    pub fn reads_all_headers(&self) -> bool {
        self.all_headers
    }

    /// What it may do.
    pub fn declared_effects(&self) -> Effects {
        self.effects
    }

    /// The headers it may write.
    pub fn declared_headers(&self) -> &[String] {
        &self.header_names
    }

    /// The topics it may route to.
    pub fn declared_topics(&self) -> &[String] {
        &self.topics
    }

    pub(crate) fn into_wit(self) -> types::Plan {
        types::Plan {
            inputs: self.inputs.into_iter().map(|input| input.0).collect(),
            all_headers: self.all_headers,
            effects: self.effects.0,
            header_names: self.header_names,
            topics: self.topics,
        }
    }
}

/// Adds what is not there yet; returns whether anything was named. By set, because a router may name 65,536 topics and
/// the time to configure is bounded.
fn add_all<N: Into<String>>(known: &mut Vec<String>, names: impl IntoIterator<Item = N>) -> bool {
    let mut there: HashSet<String> = known.iter().cloned().collect();
    let mut any = false;
    for name in names {
        any = true;
        let name = name.into();
        if there.insert(name.clone()) {
            known.push(name);
        }
    }
    any
}
