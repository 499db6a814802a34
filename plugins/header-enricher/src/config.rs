//! The config, as an operator writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::pattern::Dialect;

/// Writes, renames and removes headers. Renames come first, then `headers` in their order, then
/// removals.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Headers to write, one after the other: a template sees what the entries above it wrote.
    pub headers: Vec<Header>,
    /// Headers to rename, before anything is written. All renames look at the record as it came, so two names may be
    /// swapped. Every header of that name is renamed, with its value, and they stand at the end of the record's
    /// headers in their old order; headers that already have the new name are replaced.
    pub rename: Vec<Rename>,
    /// Names of headers to remove, after everything is written: all headers of such a name.
    pub remove: Vec<String>,
    /// Regular expressions: all headers are removed in whose name one of them matches, after everything is written. An
    /// expression matches anywhere in the name: `"^debug-"` is a beginning, `"^(a|b)$"` a whole name.
    pub remove_matching: Vec<String>,
    /// Whose regular expressions those of `remove_matching` are.
    pub dialect: Dialect,
    /// Leaves a record alone that already has such a header: an entry of `headers` writes only where the header is
    /// not there or null, and a rename is not done where the new name is there. An entry may say otherwise for itself.
    pub preserve_existing: bool,
    /// What happens where a part of a template has no value in a record: the header, key, member or time is not
    /// there or null, or a table does not have the key. An entry may say otherwise for itself.
    pub missing: Missing,
    /// The time zone of `{timestamp:%…}` and `{received:%…}`, an IANA name. An entry may say otherwise for itself.
    pub zone: String,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            headers: Vec::new(),
            rename: Vec::new(),
            remove: Vec::new(),
            remove_matching: Vec::new(),
            dialect: Dialect::Rust,
            preserve_existing: false,
            missing: Missing::Skip,
            zone: "UTC".to_owned(),
        }
    }
}

/// A header to write.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The header's name. Where the record has it already its first place is kept and the others of that name go.
    pub name: String,
    /// The template of the value: text, and parts in braces. `{customName}` or `{header:customName}` is the last
    /// header of that name, `{key}`, `{value}`, `{topic}`, `{partition}`, `{offset}` are the record's,
    /// `{timestamp}` is its time in milliseconds and `{timestamp:%Y%m%d}` the same by strftime, `{received}` and
    /// `{received:%H}` are when weir fetched it, `{json:/user/id}` is a member of a JSON value, `{uuid}` is made of
    /// topic, partition and offset, `{lookup:regions:{country}}` is what the table of the file `regions` has for another
    /// part. A header that is called like one of the other parts is written `{header:topic}`.
    /// `{{` and `}}` are braces.
    pub value: String,
    /// For this header: whether one that is already there is left alone. Left out: as for all.
    #[serde(default)]
    pub preserve_existing: Option<bool>,
    /// For this header: what happens where a part has no value. Left out: as for all.
    #[serde(default)]
    pub missing: Option<Missing>,
    /// For this header: the time zone of its dates, an IANA name. Left out: as for all.
    #[serde(default)]
    pub zone: Option<String>,
}

/// A header to rename.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// The name it has.
    pub from: String,
    /// The name it gets.
    pub to: String,
}

/// What happens where a part of a template has no value.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The header is not written; one that is there stays.
    #[default]
    Skip,
    /// The part is empty text.
    Empty,
    /// The record is set aside, with the part's name as the reason.
    DeadLetter,
    /// The part is this text.
    Default(String),
}
