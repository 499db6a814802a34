//! A pipeline while it is translated, and what is known of its events' headers.

use std::collections::BTreeSet;

use super::component::Component;
use crate::import::{Options, Time, gateway::Pipeline, report::Grade, template, toml_text::Item};

/// Who wrote the header `timestamp` last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeFrom {
    /// Nobody, or the source.
    Source,
    /// The timestamp interceptor.
    Clock,
    /// An interceptor, from the event or a constant.
    Event,
}

/// A pipeline, and its events' headers.
#[derive(Clone, Debug)]
pub(super) struct Chain<'o> {
    pub(super) pipeline: Pipeline,
    pub(super) options: &'o Options,
    /// Headers that interceptors write, with their value where it is a constant.
    written: BTreeSet<String>,
    time: TimeFrom,
    /// Whether events come from a Kafka source, which gives them headers of its own.
    pub(super) is_kafka: bool,
    /// The header in which the Kafka source writes the topic.
    pub(super) topic_header: Option<String>,
}

impl<'o> Chain<'o> {
    pub(super) fn new(pipeline: Pipeline, options: &'o Options) -> Self {
        let written = BTreeSet::new();
        Self { pipeline, options, written, time: TimeFrom::Source, is_kafka: false, topic_header: None }
    }

    /// Notes that an interceptor writes this header.
    pub(super) fn wrote(&mut self, header: &str, time: TimeFrom) {
        self.written.insert(header.to_owned());
        if header == "timestamp" {
            self.time = time;
        }
    }

    pub(super) fn writes(&self, header: &str) -> bool {
        self.written.contains(header)
    }

    /// The part of a template for one of Flume's headers: those that a Kafka source writes are parts of the record.
    pub(super) fn part(&self, header: &str) -> Option<String> {
        match self.source_part(header) {
            Some(part) => Some(part.to_owned()),
            None => template::header(header),
        }
    }

    /// The part of the record that the Kafka source would have written into this header.
    fn source_part(&self, header: &str) -> Option<&'static str> {
        if !self.is_kafka || self.written.contains(header) {
            return None;
        }
        match header {
            "timestamp" => Some("{timestamp}"),
            "key" => Some("{key}"),
            "partition" => Some("{partition}"),
            "offset" => Some("{offset}"),
            header if self.topic_header.as_deref() == Some(header) => Some("{topic}"),
            _ => None,
        }
    }

    /// Makes sure that a header which the Kafka source would have written is there for those who read it by name.
    pub(super) fn need_header(&mut self, header: &str) {
        if let Some(part) = self.source_part(header) {
            let entry = Item::table([
                ("name", Some(header.into())),
                ("value", Some(part.into())),
                ("preserve_existing", Some(true.into())),
            ]);
            self.pipeline.append("header-enricher", "headers", "as Flume's Kafka source", entry);
            self.written.insert(header.to_owned());
        }
    }

    /// The clock of dates in a path: `timestamp` or `received`. Says at `key` what differs, and puts the header's time into
    /// the record where that is wanted.
    pub(super) fn clock(&mut self, sink: &Component, key: &str, local: bool) -> &'static str {
        if local || self.time == TimeFrom::Clock {
            sink.say(
                key,
                Grade::Differs,
                "its dates are when weir fetched the record; Flume took the agent's clock a little later",
            );
            return "received";
        }
        if self.time == TimeFrom::Source {
            let text = "its dates are those of the record's timestamp; Flume took the header `timestamp`, which its source \
                        sets to the time of receipt";
            sink.say(key, Grade::Differs, text);
        } else if self.options.time == Time::Header {
            let from = Item::table([("header", Some("timestamp".into()))]);
            let comment = "The header `timestamp` becomes the record's time, as Flume's dates took it. With max_ahead and \
                           max_behind wrong clients' clocks are replaced by the server's.";
            self.pipeline.push("timestamp-fixer", comment, [("from", from), ("unit", "ms".into())]);
            let text = "its dates are those of the header `timestamp`, which becomes the record's timestamp; set `max_ahead` \
                        and `max_behind` where clients' clocks cannot be trusted";
            sink.say(key, Grade::Translated, text);
            self.time = TimeFrom::Source;
        } else {
            let text = "its dates are those of the record's timestamp; Flume took the header `timestamp`, which the event \
                        itself says here: --time header does the same by a timestamp-fixer";
            sink.say(key, Grade::Differs, text);
            self.pipeline.note(
                "Flume took the dates below from the header `timestamp`: for that put a timestamp-fixer here, \
                 config = { from = { header = \"timestamp\" }, unit = \"ms\" }",
            );
        }
        "timestamp"
    }
}
