//! Who runs, with which configuration, and what must come of it.

use std::{collections::BTreeMap, fmt, net::SocketAddr};

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use super::feed::Fed;

/// Topics that the recom job routes to.
pub(crate) const BUCKETS: usize = 12;

/// The recom job, as the example has it.
const RECOM: &str = include_str!("../../../examples/recom/weir.toml");
/// The same with fields declared as members of a JSON document.
const JSON: &str = include_str!("../../configs/recom-json.toml");

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contender {
    /// librdkafka alone, in its fastest form.
    Relay,
    /// The same, each consumed message held until its value is sent from it.
    HeldValues,
    /// The same, headers copied one by one.
    CopiedHeaders,
    /// weir without interceptors.
    Empty,
    /// The same with its admin API, which is asked for metrics and status every second.
    Watched,
    /// The same with an admin API that is watched and besieged: 200 idle and 50 hostile connections.
    Besieged,
    /// The recom job by hand.
    Native,
    /// weir with the recom chain.
    Recom,
    /// weir with the recom chain, its fields declared as members of a JSON document.
    Json,
    /// The recom job in Kafka Streams, at least once.
    Streams,
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relay => "relay",
            Self::HeldValues => "relay-held",
            Self::CopiedHeaders => "relay-headers",
            Self::Empty => "empty",
            Self::Watched => "watched",
            Self::Besieged => "besieged",
            Self::Native => "native",
            Self::Recom => "recom",
            Self::Json => "json",
            Self::Streams => "streams",
        })
    }
}

/// What a contender is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// `weir run`.
    Weir,
    /// `weir-bench program` with these arguments.
    Native(&'static [&'static str]),
    /// `java`.
    Streams,
}

impl Contender {
    /// As people call it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Relay => "bare librdkafka",
            Self::HeldValues => "bare librdkafka, values held",
            Self::CopiedHeaders => "bare librdkafka, headers copied",
            Self::Empty => "weir, empty chain",
            Self::Watched => "weir, empty chain, asked for metrics every second",
            Self::Besieged => "weir, empty chain, 200 idle and 50 hostile connections",
            Self::Native => "recom by hand on librdkafka",
            Self::Recom => "weir, recom chain",
            Self::Json => "weir, recom chain on JSON",
            Self::Streams => "recom in Kafka Streams",
        }
    }

    /// What is started.
    pub(crate) fn program(self) -> Program {
        match self {
            Self::Relay => Program::Native(&["relay"]),
            Self::HeldValues => Program::Native(&["relay", "--hold-values"]),
            Self::CopiedHeaders => Program::Native(&["relay", "--copy-headers"]),
            Self::Native => Program::Native(&["native"]),
            Self::Empty | Self::Watched | Self::Besieged | Self::Recom | Self::Json => Program::Weir,
            Self::Streams => Program::Streams,
        }
    }

    /// Whether it has an admin API, which is asked every second.
    pub(crate) fn is_watched(self) -> bool {
        matches!(self, Self::Watched | Self::Besieged)
    }

    /// Whether records come out as they went in.
    pub(crate) fn is_unchanged(self) -> bool {
        !matches!(self, Self::Native | Self::Recom | Self::Json | Self::Streams)
    }
}

/// Where a run takes its records from and brings them to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup<'a> {
    pub(crate) brokers: &'a str,
    pub(crate) input: &'a str,
    /// What every topic of this run begins with.
    pub(crate) prefix: &'a str,
    pub(crate) workers: usize,
    pub(crate) compression: &'a str,
    /// Where weir's admin API listens, where it has one.
    pub(crate) admin: Option<SocketAddr>,
}

impl Setup<'_> {
    pub(crate) fn group(&self) -> String {
        format!("{}group", self.prefix)
    }

    fn bucket(&self, bucket: usize) -> String {
        format!("{}events-{bucket:02}", self.prefix)
    }

    /// The arguments of the Kafka Streams program.
    pub(crate) fn for_streams(&self, folder: &str) -> [String; 8] {
        [
            self.brokers.to_owned(),
            self.group(),
            self.input.to_owned(),
            format!("{}events-", self.prefix),
            format!("{}dead", self.prefix),
            self.workers.to_string(),
            self.compression.to_owned(),
            folder.to_owned(),
        ]
    }

    /// Every topic that the run writes to.
    pub(crate) fn topics(&self, contender: Contender) -> Vec<String> {
        if contender.is_unchanged() {
            return vec![format!("{}out", self.prefix)];
        }
        (0..BUCKETS).map(|bucket| self.bucket(bucket)).chain([format!("{}dead", self.prefix)]).collect()
    }

    /// How many records each of them must hold in the end.
    pub(crate) fn expected(&self, contender: Contender, fed: &Fed) -> BTreeMap<String, u64> {
        let topics = self.topics(contender).into_iter();
        if contender.is_unchanged() {
            return topics.map(|topic| (topic, fed.records)).collect();
        }
        topics.zip(fed.buckets.into_iter().chain([0])).collect()
    }

    /// The text of weir.toml, with `settings` of librdkafka's producer.
    pub(crate) fn config(&self, contender: Contender, settings: &[(String, String)]) -> Result<String> {
        let mut config: Table = if contender == Contender::Json { JSON.parse()? } else { RECOM.parse()? };
        let kafka = table(config.get_mut("kafka"))?;
        kafka.insert("brokers".into(), self.brokers.into());
        if let Some(address) = self.admin {
            config.insert("admin".into(), Table::from_iter([("listen".to_owned(), address.to_string().into())]).into());
        }
        let pipeline = table(table(config.get_mut("pipelines"))?.get_mut("recom"))?;
        pipeline.insert("from".into(), Value::Array(vec![self.input.into()]));
        pipeline.insert("group".into(), self.group().into());
        pipeline.insert("workers".into(), i64::try_from(self.workers)?.into());
        let mut producer = Table::from_iter([("compression.type".to_owned(), self.compression.into())]);
        producer.extend(settings.iter().map(|(name, value)| (name.clone(), value.clone().into())));
        pipeline.insert("producer".into(), Value::Table(producer));
        if contender.is_unchanged() {
            for name in ["interceptors", "topics", "dead_letter"] {
                pipeline.remove(name);
            }
            pipeline.insert("to".into(), format!("{}out", self.prefix).into());
            return Ok(config.to_string());
        }
        pipeline.insert("topics".into(), Value::Array(vec![format!("{}events-*", self.prefix).into()]));
        pipeline.insert("dead_letter".into(), format!("{}dead", self.prefix).into());
        let interceptors = pipeline.get_mut("interceptors").and_then(Value::as_array_mut).context("interceptors")?;
        for interceptor in interceptors {
            let config = table(table(Some(interceptor))?.get_mut("config"))?;
            if config.contains_key("buckets") {
                config.insert("topic".into(), format!("{}events-{{bucket:02}}", self.prefix).into());
            }
        }
        Ok(config.to_string())
    }
}

fn table(value: Option<&mut Value>) -> Result<&mut Table> {
    value.and_then(Value::as_table_mut).context("the example's configuration has other tables than expected")
}
