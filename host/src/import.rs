//! Configurations of Flume and Kafka Connect, translated into weir's, with a report of what was translated, what differs
//! and what cannot be.
//!
//! A configuration is read into properties that know their lines (`properties`, `json`), translated into a `gateway` and
//! written as TOML. What cannot be translated stands as a comment at its place, and in the [`Report`] at its line.

mod connect;
mod flume;
mod gateway;
mod header_name;
mod java;
mod json;
mod properties;
mod report;
mod router;
mod template;
mod toml_text;

use properties::Properties;

pub use report::{Entry, Grade, Report};

/// What a translation cannot know by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The zone of dates whose zone is that of the machine where the other system ran; an IANA name.
    pub zone: String,
    /// The brokers where the configuration names none.
    pub brokers: String,
    /// Whose time the dates of Flume's escapes (`%Y%m%d`) are, where an interceptor writes the header `timestamp`.
    pub time: Time,
}

impl Default for Options {
    fn default() -> Self {
        Self { zone: "UTC".to_owned(), brokers: "localhost:9092".to_owned(), time: Time::Record }
    }
}

/// Whose time dates are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// The record's timestamp.
    Record,
    /// The header `timestamp`, as in Flume: it becomes the record's timestamp.
    Header,
}

/// A translated configuration.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The text of `weir.toml`.
    pub config: String,
    /// What became of each line.
    pub report: Report,
}

/// Why nothing could be translated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The text is not in the form that was expected.
    #[error("line {line}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What is wrong, and what was expected.
        message: String,
    },
    /// There is nothing in it that weir could do.
    #[error("{0}")]
    Nothing(String),
}

/// Translates the agents of a Flume configuration (a properties file).
///
/// # Errors
///
/// [`ImportError`] where the text has no agent.
pub fn flume(text: &str, options: &Options) -> Result<Imported, ImportError> {
    flume::translate(&Properties::parse(text)?, options)
}

/// Translates connectors of Kafka Connect or MirrorMaker: JSON as the REST API takes it, or a properties file.
///
/// # Errors
///
/// [`ImportError`] where the text has no connector.
pub fn connect(text: &str, options: &Options) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    let connectors = if text.trim_start().starts_with(['{', '[']) {
        json::connectors(text)?
    } else {
        vec![Properties::parse(text)?]
    };
    connect::translate(&connectors, options)
}

#[cfg(test)]
mod tests;
