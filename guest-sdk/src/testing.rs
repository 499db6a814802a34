//! Runs an interceptor natively, without Wasm, over records, and shows what becomes of each.
//!
//! A [`Bench`] does what weir does around a plugin: it builds the columns that the plan declared, refuses edits that
//! it did not declare, and applies the rest. Captures need a regular-expression engine, which this crate does not
//! bring: give the cells with [`Record::cell`], or the regex crate with [`Bench::matcher`].
//!
//! ```
//! use weir_sdk::{Batch, Edits, Effects, Files, Input, Interceptor, Mistake, Plan, testing::{Bench, Record, Verdict}};
//! # #[derive(serde::Deserialize, schemars::JsonSchema)]
//! # struct NoConfig {}
//! struct NoTombstones;
//!
//! impl Interceptor for NoTombstones {
//!     # type Config = NoConfig;
//!     # const NAME: &'static str = "no-tombstones";
//!     # const VERSION: &'static str = "1";
//!     # const SUMMARY: &'static str = "Drops records without a value.";
//!     // …
//!     fn new(_: NoConfig, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
//!         Ok((Self, Plan::new().input(Input::value()).effects(Effects::DROP)))
//!     }
//!
//!     fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
//!         let values = batch.bytes(0)?;
//!         batch.rows().filter(|&row| values.get(row).is_none()).for_each(|row| edits.drop(row));
//!         Ok(())
//!     }
//! }
//!
//! let mut bench = Bench::<NoTombstones>::new("{}").unwrap();
//! let outcomes = bench.run(&[Record::of("a"), Record::tombstone()]).unwrap();
//! assert_eq!(outcomes[0].verdict, Verdict::Keep);
//! assert_eq!(outcomes[1].verdict, Verdict::Drop);
//! ```

mod apply;
mod columns;
mod record;
#[cfg(test)]
mod tests;

pub use record::{Outcome, Record, Verdict};

use std::{cell::RefCell, collections::BTreeMap};

use crate::{Batch, Edits, Files, Interceptor, Level, Mistake, Plan, config};

/// What a plugin said to the host, natively.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Log lines, in order.
    pub logs: Vec<(Level, String)>,
    /// Counts, summed by name.
    pub counts: BTreeMap<String, u64>,
}

thread_local! {
    static SAID: RefCell<Said> = RefCell::default();
}

/// Everything said on this thread since the last call, which is forgotten with it.
pub fn take_said() -> Said {
    SAID.take()
}

pub(crate) fn heard_log(level: Level, message: &str) {
    SAID.with_borrow_mut(|said| said.logs.push((level, message.to_owned())));
}

pub(crate) fn heard_count(name: &str, by: u32) {
    SAID.with_borrow_mut(|said| *said.counts.entry(name.to_owned()).or_default() += u64::from(by));
}

/// A regular expression's group in some bytes: pattern, group, bytes.
pub type Matcher = fn(&str, u32, &[u8]) -> Option<Vec<u8>>;

/// An interceptor under test.
#[derive(Debug)]
pub struct Bench<P> {
    plugin: P,
    plan: Plan,
    topic: String,
    partition: i32,
    matcher: Option<Matcher>,
}

impl<P: Interceptor> Bench<P> {
    /// Makes an instance from its config, JSON text or a `serde_json::Value`.
    ///
    /// # Errors
    /// The mistakes in the config.
    pub fn new(config: impl ToString) -> Result<Self, Vec<Mistake>> {
        Self::with_files(config, &Files::default())
    }

    /// The same with files to look up.
    ///
    /// # Errors
    /// The mistakes in the config.
    pub fn with_files(config: impl ToString, files: &Files) -> Result<Self, Vec<Mistake>> {
        let (plugin, plan) = config::build(&config.to_string(), |config| P::new(config, files))?;
        Ok(Self { plugin, plan, topic: "topic".to_owned(), partition: 0, matcher: None })
    }

    /// Where the records come from; else `topic`, partition 0.
    #[must_use]
    pub fn from(mut self, topic: impl Into<String>, partition: i32) -> Self {
        self.topic = topic.into();
        self.partition = partition;
        self
    }

    /// What evaluates `capture` inputs whose cells a record does not give.
    #[must_use]
    pub fn matcher(mut self, matcher: Matcher) -> Self {
        self.matcher = Some(matcher);
        self
    }

    /// What the interceptor declared.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Passes the records through as one batch. Outcomes come in the order of the rows; a record that an expansion
    /// left out has none. No records, no call.
    ///
    /// # Errors
    /// What the plugin said of the whole batch, or what weir would call a fault: an edit that was not declared.
    pub fn run(&mut self, records: &[Record]) -> Result<Vec<Outcome>, String> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let batch = columns::batch(&self.plan, &self.topic, self.partition, self.matcher, records)?;
        let batch = Batch::from_wit(batch);
        let mut edits = Edits::for_rows(batch.len());
        self.plugin.process(&batch, &mut edits)?;
        let edits = edits.into_wit()?;
        apply::declared(&self.plan, records.len(), &edits)?;
        Ok(apply::apply(records, edits))
    }

    /// The same, cut into batches of `size` records; outcomes name records by their place among all.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_cut(&mut self, size: usize, records: &[Record]) -> Result<Vec<Outcome>, String> {
        let mut outcomes = Vec::new();
        for (at, part) in records.chunks(size.max(1)).enumerate() {
            let from = at * size.max(1);
            let part = self.run(part)?;
            outcomes.extend(part.into_iter().map(|outcome| Outcome { input: outcome.input + from, ..outcome }));
        }
        Ok(outcomes)
    }
}
