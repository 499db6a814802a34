//! The `mod-router` interceptor: routes records over a fixed number of topics, by an id modulo that number.

#[cfg(test)]
mod tests;
mod topics;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{
    Batch, Bytes, Edits, Effects, Files, Input, Interceptor, Ints, Mistake, Plan, Topic, count, header_mistake,
    json_pointer_mistake, positive_murmur2, topic_mistake,
};

/// Routes records over a fixed number of topics, by an id modulo that number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the id is.
    from: From,
    /// How many topics, 1 to 65536.
    #[schemars(range(min = 1, max = 65536))]
    buckets: u32,
    /// The topics' name: `{bucket}` is the bucket's number from 0, `{bucket:02}` the same with zeros in front, two
    /// digits at least.
    topic: String,
    /// How an id becomes a bucket.
    #[serde(default)]
    hash: Hash,
    /// What becomes of a record without an id, or without one that `hash` can use.
    #[serde(default)]
    missing: Missing,
    /// What becomes of a record without a value that has no id either.
    #[serde(default)]
    tombstone: Tombstone,
}

/// Where an id is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// A member of the value, which is JSON, by RFC 6901 pointer.
    Json(String),
    /// The last header of that name.
    Header(String),
    /// The key: `{ key = true }`.
    Key(bool),
}

/// How an id becomes a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hash {
    /// The id is an integer of any sign within 64 bits, as a number or as text: Euclidean modulo.
    #[default]
    None,
    /// The id is any text: Kafka's own murmur2 of its bytes, made positive as Kafka's partitioner does, modulo.
    Murmur2,
}

/// What becomes of a record without an id.
#[derive(Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// It is set aside.
    #[default]
    DeadLetter,
    /// It is left to the rest of the chain and to the pipeline's `to`.
    Keep,
    /// It goes to a topic of its own.
    Topic(String),
}

/// What becomes of a record without a value and without an id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tombstone {
    /// What `missing` says.
    #[default]
    Missing,
    /// It goes to every bucket: a delete reaches whoever may hold the record.
    AllBuckets,
}

/// The interceptor.
#[derive(Debug)]
pub struct ModRouter {
    /// One a bucket.
    topics: Vec<String>,
    reads: Reads,
    missing: Missing,
    tombstone: Tombstone,
    /// Why a record is set aside.
    reason: String,
    /// The topics' numbers within the edits of a batch; kept for its room only.
    numbers: Vec<Option<Topic>>,
}

/// What column 0 holds and what makes a bucket of it.
#[derive(Clone, Copy, Debug)]
enum Reads {
    Integers,
    IntegerText,
    Text,
}

impl Interceptor for ModRouter {
    type Config = Config;
    const NAME: &'static str = "mod-router";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Routes records over a fixed number of topics, by an id modulo that number.";

    fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let topics = topics::names(&config.topic, config.buckets, &mut mistakes);
        if let Missing::Topic(topic) = &config.missing {
            mistakes.extend(topic_mistake(topic).map(|wrong| Mistake::new("/missing/topic", wrong)));
        }
        let (input, reads, reason) = match (&config.from, config.hash) {
            (From::Json(pointer), Hash::None) => {
                (Input::json_int(pointer), Reads::Integers, format!("no integer at `{pointer}` of the value"))
            }
            (From::Json(pointer), Hash::Murmur2) => {
                (Input::json(pointer), Reads::Text, format!("nothing at `{pointer}` of the value"))
            }
            (From::Header(name), Hash::None) => {
                (Input::header(name), Reads::IntegerText, format!("no integer in header `{name}`"))
            }
            (From::Header(name), Hash::Murmur2) => (Input::header(name), Reads::Text, format!("no header `{name}`")),
            (From::Key(_), Hash::None) => (Input::key(), Reads::IntegerText, "the key is no integer".to_owned()),
            (From::Key(_), Hash::Murmur2) => (Input::key(), Reads::Text, "no key".to_owned()),
        };
        mistakes.extend(misplaced(&config.from));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut plan = Plan::new().input(input).topics(&topics);
        match &config.missing {
            Missing::DeadLetter => plan = plan.effects(Effects::DEAD_LETTER),
            Missing::Topic(topic) => plan = plan.topics([topic]),
            Missing::Keep => {}
        }
        if config.tombstone == Tombstone::AllBuckets {
            // Matches every value with no bytes: whether there is one is all that has to come into the sandbox.
            plan = plan.input(Input::capture("^", 0)).effects(Effects::EXPAND);
        }
        let numbers = vec![None; topics.len()];
        let router = Self { topics, reads, missing: config.missing, tombstone: config.tombstone, reason, numbers };
        Ok((router, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let ids = match self.reads {
            Reads::Integers => Ids::Integers(batch.ints(0)?),
            Reads::IntegerText => Ids::IntegerText(batch.bytes(0)?),
            Reads::Text => Ids::Text(batch.bytes(0)?),
        };
        // Rows that will need most of the topics anyway: the same table each time, so that weir knows it again.
        let are_all_known = batch.len() >= self.topics.len().saturating_mul(4);
        if are_all_known {
            for (number, name) in self.numbers.iter_mut().zip(&self.topics) {
                *number = Some(edits.new_topic(name));
            }
        } else {
            self.numbers.fill(None);
        }
        if self.tombstone == Tombstone::AllBuckets {
            let values = batch.bytes(1)?;
            let spread: Vec<bool> =
                batch.rows().map(|row| values.get(row).is_none() && ids.get(row, self.buckets()).is_none()).collect();
            if spread.contains(&true) {
                self.route_spread(&ids, &spread, edits);
                return Ok(());
            }
        }
        let mut missing = Vec::new();
        if are_all_known {
            self.route_all(batch, &ids, &mut missing, edits);
        } else {
            for row in batch.rows() {
                match ids.get(row, self.buckets()) {
                    Some(bucket) => self.route(row, bucket, edits),
                    None => missing.push(row),
                }
            }
        }
        missing.iter().for_each(|row| self.miss(*row, edits));
        count("missing", missing.len() as u32);
        Ok(())
    }
}

impl ModRouter {
    fn buckets(&self) -> u32 {
        self.topics.len() as u32
    }

    #[inline]
    fn route(&mut self, row: usize, bucket: u32, edits: &mut Edits) {
        let bucket = bucket as usize;
        let (Some(name), Some(number)) = (self.topics.get(bucket), self.numbers.get_mut(bucket)) else { return };
        let number = *number.get_or_insert_with(|| edits.new_topic(name));
        edits.route(row, number);
    }

    /// Routes all rows but those that are `missing` their id; every topic has its number.
    fn route_all(&self, batch: &Batch, ids: &Ids<'_>, missing: &mut Vec<usize>, edits: &mut Edits) {
        let buckets = self.buckets();
        edits.routes(batch.rows().map(
            #[inline(always)]
            |row| {
                let number = ids.get(row, buckets).and_then(|bucket| *self.numbers.get(bucket as usize)?);
                if number.is_none() {
                    missing.push(row);
                }
                number
            },
        ));
    }

    fn miss(&self, row: usize, edits: &mut Edits) {
        match &self.missing {
            Missing::DeadLetter => edits.dead_letter(row, &self.reason),
            Missing::Keep => {}
            Missing::Topic(topic) => edits.route_to(row, topic),
        }
    }

    /// Some rows become one row a bucket; the others stay one.
    fn route_spread(&mut self, ids: &Ids<'_>, spread: &[bool], edits: &mut Edits) {
        let buckets = self.buckets();
        let copies = |spread: bool| if spread { buckets as usize } else { 1 };
        let sources = spread.iter().enumerate().flat_map(|(row, &all)| std::iter::repeat_n(row, copies(all)));
        edits.expand(sources);
        let (mut out, mut missing, mut tombstones) = (0, 0, 0);
        for (row, &all) in spread.iter().enumerate() {
            if all {
                tombstones += 1;
                (0..buckets).for_each(|bucket| self.route(out + bucket as usize, bucket, edits));
            } else if let Some(bucket) = ids.get(row, buckets) {
                self.route(out, bucket, edits);
            } else {
                missing += 1;
                self.miss(out, edits);
            }
            out += copies(all);
        }
        count("missing", missing);
        count("tombstones", tombstones);
    }
}

/// The ids of a batch.
enum Ids<'a> {
    Integers(Ints<'a>),
    IntegerText(Bytes<'a>),
    Text(Bytes<'a>),
}

impl Ids<'_> {
    /// The bucket of a row, where its id is there and of use.
    #[inline(always)]
    fn get(&self, row: usize, buckets: u32) -> Option<u32> {
        let modulo = |id: i64| match u32::try_from(id) {
            // Most ids are small, and dividing 32 bits is much faster.
            Ok(id) => id.checked_rem(buckets),
            Err(_) => id.checked_rem_euclid(i64::from(buckets)).map(|bucket| bucket as u32),
        };
        match self {
            Self::Integers(ids) => modulo(ids.get(row)?),
            // A sign and digits, and nothing else: what Rust's parser takes.
            Self::IntegerText(ids) => modulo(ids.text(row)?.parse().ok()?),
            Self::Text(ids) => positive_murmur2(ids.get(row)?).checked_rem(buckets),
        }
    }
}

fn misplaced(from: &From) -> Option<Mistake> {
    match from {
        From::Json(pointer) => json_pointer_mistake(pointer).map(|wrong| Mistake::new("/from/json", wrong)),
        From::Header(name) => header_mistake(name).map(|wrong| Mistake::new("/from/header", wrong)),
        From::Key(false) => Some(Mistake::new("/from/key", "write `key = true`, or name a `json` or a `header`")),
        From::Key(true) => None,
    }
}

weir_sdk::export!(ModRouter);
