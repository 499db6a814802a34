//! The config, as an operator writes it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{
    part::Part,
    times::{Months, Units},
};

/// Takes the record's time from what the client said, where that can be believed, and from the server where not.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the client's time stands.
    pub from: Part,
    /// How the client's time is written: `"s"`, `"ms"`, `"us"`, `"ns"` or `"d"` (days) since the epoch (a fraction and an
    /// exponent are allowed), `"auto"` (the same without days, told by the size of the number: below 1e11 s, below 1e14
    /// ms, below 1e17 us, else ns), `"s-be"`, `"ms-be"` and so on (eight bytes, the highest first), `"rfc3339"`,
    /// `"iso8601"`, or a strftime format such as `"%d/%b/%Y:%H:%M:%S %z"`; or a list of these, tried in order.
    #[serde(default = "auto")]
    pub unit: Units,
    /// With `iso8601` and strftime formats: the zone of times that name none themselves, an IANA name. Left out: UTC.
    #[serde(default)]
    pub zone: Option<String>,
    /// With `%Z` in a strftime format: the zone of each abbreviation, such as `{ CST = "Asia/Shanghai", EST = "-05:00" }`.
    /// UTC, UT, GMT and Z are known.
    #[serde(default)]
    pub zones: Option<BTreeMap<String, String>>,
    /// With `%b` or `%B` in a strftime format: names of months besides the English ones, all twelve in order, or a table
    /// such as `{ "janv." = 1, "févr." = 2 }`. Capital and small letters are alike.
    #[serde(default)]
    pub months: Option<Months>,
    /// The clock that the client's time is held against, and that replaces it.
    #[serde(default)]
    pub reference: Reference,
    /// How far the client's time may be ahead of the reference, such as `"5m"` (w, d, h, m, s, ms; the very end still
    /// belongs to the window). Left out: as far as it likes.
    #[serde(default)]
    pub max_ahead: Option<String>,
    /// How far the client's time may be behind the reference, likewise. Left out: as far as it likes.
    #[serde(default)]
    pub max_behind: Option<String>,
    /// Name of a header that keeps, byte for byte, what the client said where it was replaced. It is not written
    /// where the client said nothing.
    #[serde(default)]
    pub keep_original: Option<String>,
    /// Name of a header that gets the record's time too, in milliseconds.
    #[serde(default)]
    pub set_header: Option<String>,
}

fn auto() -> Units {
    Units::One("auto".to_owned())
}

/// The clock that the client's time is held against.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// The record's timestamp: server time where the topic has log append time or a service of yours writes it.
    #[default]
    Record,
    /// When weir fetched the record: for topics that clients write themselves. Wrong when weir lags, and a replay
    /// tells another time unless its input says when the records were received.
    Received,
}
