//! The `mod-router` interceptor: routes records over a fixed number of topics, by an id modulo that number.

#[cfg(test)]
mod tests;
mod topics;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{
    Batch, Bytes, Edits, Effects, Files, Input, Interceptor, Ints, Mistake, Plan, Topic, count, integer,
    part::{IntegerReader, IntegerView, Part, PartReader, PartView},
    positive_murmur2, topic_mistake,
};

/// Routes records over a fixed number of topics, by an id modulo that number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the id is.
    from: Part,
    /// How many topics, 1 to 65536.
    #[schemars(range(min = 1, max = 65536))]
    buckets: u32,
    /// The topics' name: `{bucket}` is the bucket's number from 0, `{bucket:02}` the same with zeros in front, two
    /// digits at least.
    topic: String,
    /// How an id becomes a bucket.
    #[serde(default)]
    hash: Hash,
    /// With `hash = "none"`: whether four or eight bytes that are no digits are an integer, signed and big-endian, as
    /// Kafka's own serializers write it.
    #[serde(default)]
    binary: bool,
    /// What becomes of a record without an id, or without one that `hash` can use.
    #[serde(default)]
    missing: Missing,
    /// What becomes of a record without a value that has no id either.
    #[serde(default)]
    tombstone: Tombstone,
}

/// How an id becomes a bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hash {
    /// The id is an integer of any sign and any size, as a number or as text (`42`, ` -7 `, `12.0`, `1e3`): Euclidean
    /// modulo.
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
    /// Why a record is set aside.
    reason: String,
    /// The topics' numbers within the edits of a batch; kept for its room only.
    numbers: Vec<Option<Topic>>,
    /// The column that is null where there is no value, if that is of interest.
    values: Option<usize>,
}

/// What reads the id.
#[derive(Debug)]
enum Reads {
    Integer(IntegerReader),
    Text(PartReader),
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
        let mut plan = Plan::new();
        let reads = match config.hash {
            Hash::None => config.from.declare_integer(&mut plan, "/from", config.binary).map(Reads::Integer),
            Hash::Murmur2 => config.from.declare(&mut plan, "/from").map(Reads::Text),
        };
        if config.binary && config.hash != Hash::None {
            mistakes.push(Mistake::new(
                "/binary",
                "goes with `hash = \"none\"` only: murmur2 takes the bytes as they are; leave it out",
            ));
        }
        let reads = match reads {
            Ok(reads) if mistakes.is_empty() => reads,
            other => {
                mistakes.extend(other.err().into_iter().flatten());
                return Err(mistakes);
            }
        };
        plan = plan.topics(&topics);
        match &config.missing {
            Missing::DeadLetter => plan = plan.effects(Effects::DEAD_LETTER),
            Missing::Topic(topic) => plan = plan.topics([topic]),
            Missing::Keep => {}
        }
        let mut values = None;
        if config.tombstone == Tombstone::AllBuckets {
            // Matches every value with no bytes: whether there is one is all that has to come into the sandbox.
            values = Some(plan.column(Input::capture("^", 0)));
            plan = plan.effects(Effects::EXPAND);
        }
        let reason = reason(&config.from, config.hash);
        let numbers = vec![None; topics.len()];
        Ok((Self { topics, reads, missing: config.missing, reason, numbers, values }, plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let mut numbers = std::mem::take(&mut self.numbers);
        numbers.clear();
        // Rows that will need most of the topics anyway: the same table each time, so that weir knows it again.
        let are_all_known = batch.len() >= self.topics.len().saturating_mul(4);
        if are_all_known {
            numbers.extend(self.topics.iter().map(|name| Some(edits.new_topic(name))));
        } else {
            numbers.resize(self.topics.len(), None);
        }
        let mut numbers = Numbers { topics: &self.topics, numbers, are_all_known };
        let routed = self.route(batch, &mut numbers, edits);
        self.numbers = numbers.numbers;
        routed
    }
}

/// The topics' numbers within the edits of one batch.
struct Numbers<'a> {
    topics: &'a [String],
    numbers: Vec<Option<Topic>>,
    are_all_known: bool,
}

impl Numbers<'_> {
    #[inline]
    fn route(&mut self, row: usize, bucket: u32, edits: &mut Edits) {
        let bucket = bucket as usize;
        let (Some(name), Some(number)) = (self.topics.get(bucket), self.numbers.get_mut(bucket)) else { return };
        let number = *number.get_or_insert_with(|| edits.new_topic(name));
        edits.route(row, number);
    }
}

impl ModRouter {
    fn buckets(&self) -> u32 {
        self.topics.len() as u32
    }

    fn route(&self, batch: &Batch, numbers: &mut Numbers<'_>, edits: &mut Edits) -> Result<(), String> {
        let ids = self.reads.within(batch)?;
        if let Some(values) = self.values {
            let values = batch.bytes(values)?;
            let spread: Vec<bool> =
                batch.rows().map(|row| values.get(row).is_none() && ids.get(row, self.buckets()).is_none()).collect();
            if spread.contains(&true) {
                self.route_spread(&ids, &spread, numbers, edits);
                return Ok(());
            }
        }
        let mut missing = Vec::new();
        if numbers.are_all_known {
            self.route_all(batch, &ids, numbers, &mut missing, edits);
        } else {
            for row in batch.rows() {
                match ids.get(row, self.buckets()) {
                    Some(bucket) => numbers.route(row, bucket, edits),
                    None => missing.push(row),
                }
            }
        }
        missing.iter().for_each(|row| self.miss(*row, edits));
        count("missing", missing.len() as u32);
        Ok(())
    }

    /// Routes all rows but those that are `missing` their id; every topic has its number.
    fn route_all(
        &self,
        batch: &Batch,
        ids: &Ids<'_>,
        numbers: &Numbers<'_>,
        missing: &mut Vec<usize>,
        edits: &mut Edits,
    ) {
        let find = |row| {
            let number = ids.topic(row, &numbers.numbers);
            if number.is_none() {
                missing.push(row);
            }
            number
        };
        match ids {
            Ids::Integers(read, _) => route_read(batch.len(), read, &numbers.numbers, find, edits),
            _ => edits.routes(batch.rows().map(find)),
        }
    }

    fn miss(&self, row: usize, edits: &mut Edits) {
        match &self.missing {
            Missing::DeadLetter => edits.dead_letter(row, &self.reason),
            Missing::Keep => {}
            Missing::Topic(topic) => edits.route_to(row, topic),
        }
    }

    /// Some rows become one row a bucket; the others stay one.
    fn route_spread(&self, ids: &Ids<'_>, spread: &[bool], numbers: &mut Numbers<'_>, edits: &mut Edits) {
        let buckets = self.buckets();
        let copies = |spread: bool| if spread { buckets as usize } else { 1 };
        let sources = spread.iter().enumerate().flat_map(|(row, &all)| std::iter::repeat_n(row, copies(all)));
        edits.expand(sources);
        let (mut out, mut missing, mut tombstones) = (0, 0, 0);
        for (row, &all) in spread.iter().enumerate() {
            if all {
                tombstones += 1;
                (0..buckets).for_each(|bucket| numbers.route(out + bucket as usize, bucket, edits));
            } else if let Some(bucket) = ids.get(row, buckets) {
                numbers.route(out, bucket, edits);
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

impl Reads {
    fn within<'a>(&'a self, batch: &'a Batch) -> Result<Ids<'a>, String> {
        Ok(match self {
            Self::Integer(reader) => {
                let view = reader.within(batch)?;
                match (view.ints(), view.texts()) {
                    (Some(ints), _) => Ids::Integers(ints, view),
                    (None, Some(texts)) => Ids::IntegerText(texts),
                    (None, None) => Ids::Any(view),
                }
            }
            Self::Text(reader) => {
                let view = reader.within(batch)?;
                view.column().map_or(Ids::AnyText(view), Ids::Text)
            }
        })
    }
}

/// Routes all rows, nearly all of which have their id in `read`, and `other` ones; `numbers` are those of the topics.
///
/// A function of its own: with its caller's variables around it the loop would not have registers enough.
#[inline(never)]
fn route_read(
    rows: usize,
    read: &Ints<'_>,
    numbers: &[Option<Topic>],
    mut other: impl FnMut(usize) -> Option<Topic>,
    edits: &mut Edits,
) {
    let buckets = numbers.len() as u32;
    edits.routes((0..rows).map(
        #[inline(always)]
        |row| match read.get(row).and_then(|id| *numbers.get(integer::modulo_of(id, buckets)? as usize)?) {
            None => other(row),
            number => number,
        },
    ));
}

/// The ids of a batch.
enum Ids<'a> {
    /// weir has read nearly all of them.
    Integers(Ints<'a>, IntegerView<'a>),
    IntegerText(Bytes<'a>),
    Any(IntegerView<'a>),
    Text(Bytes<'a>),
    AnyText(PartView<'a>),
}

impl Ids<'_> {
    /// The bucket of a row, where its id is there and of use.
    #[inline(always)]
    fn get(&self, row: usize, buckets: u32) -> Option<u32> {
        match self {
            Self::Integers(ids, rest) => match ids.get(row) {
                Some(id) => integer::modulo_of(id, buckets),
                None => rest.modulo(row, buckets),
            },
            Self::Any(ids) => ids.modulo(row, buckets),
            Self::IntegerText(ids) => integer::modulo(ids.get(row)?, buckets),
            Self::Text(ids) => positive_murmur2(ids.get(row)?).checked_rem(buckets),
            Self::AnyText(ids) => positive_murmur2(&ids.get(row)?).checked_rem(buckets),
        }
    }

    /// The number of a row's topic, where its id is there and of use.
    #[inline(never)]
    fn topic(&self, row: usize, numbers: &[Option<Topic>]) -> Option<Topic> {
        self.get(row, numbers.len() as u32).and_then(|bucket| *numbers.get(bucket as usize)?)
    }
}

/// Why a record without an id is set aside.
fn reason(from: &Part, hash: Hash) -> String {
    match (hash, &from.json) {
        (Hash::None, Some(_)) => format!("no integer at {from}"),
        (Hash::None, None) => format!("no integer in {from}"),
        (Hash::Murmur2, Some(_)) => format!("nothing at {from}"),
        (Hash::Murmur2, None) => format!("no value in {from}"),
    }
}

weir_sdk::export!(ModRouter);
