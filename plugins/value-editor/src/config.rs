//! The config, as an operator writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use weir_sdk::{part::Part, pattern::Dialect};

/// Edits values: JSON members by pointer, and any text by regular expression.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The edits, one after the other: each works on what those above it left.
    pub(crate) edits: Vec<EditConfig>,
    /// What becomes of a record that has an edit of JSON and a value that is no valid JSON.
    #[serde(default)]
    pub(crate) invalid: Invalid,
    /// What becomes of a record that has no such member, or lacks a part that is to be written.
    #[serde(default)]
    pub(crate) missing: Missing,
}

/// What becomes of a record whose value is no JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Invalid {
    /// It is set aside, with the place where the JSON breaks.
    #[default]
    DeadLetter,
    /// It goes on as it came, without any of the edits.
    Keep,
}

/// What becomes of a record that an edit finds nothing in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Missing {
    /// That edit is passed over, and the others are made.
    #[default]
    Skip,
    /// It is set aside.
    DeadLetter,
}

/// One edit: exactly one of `replace`, `mask`, `hash`, `set`, `remove`, `rename`, `keep` and `take`, and what belongs to it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EditConfig {
    /// A regular expression; what it matches is replaced by `with`, in the whole value or in the member that `json` names.
    pub(crate) replace: Option<String>,
    /// What is to be masked: every character becomes `with`.
    pub(crate) mask: Option<TargetConfig>,
    /// What is to be replaced by its keyed hash: HMAC-SHA-256 with `key`, 64 hexadecimal digits.
    pub(crate) hash: Option<TargetConfig>,
    /// A pointer to the member that gets the value of `to`, `to_json` or `from`. One that is there keeps its place; else it
    /// comes last in its object, and objects around it that are not there are made. `/items/-` is behind an array's last item.
    pub(crate) set: Option<String>,
    /// A pointer to the member or item that is removed.
    pub(crate) remove: Option<String>,
    /// A pointer to the member that gets the name `to`, at its place. A member that has that name already goes.
    pub(crate) rename: Option<String>,
    /// Pointers to the members and items that stay; all others are removed.
    pub(crate) keep: Option<Vec<String>>,
    /// The part that becomes the value: a text unescaped, all else as its JSON text; a member that is null makes a tombstone.
    pub(crate) take: Option<Part>,
    /// Beside `replace`: the text that comes in place of a match; `$1` or `${1}` is what a group captured, `${name}` what
    /// one of that name did, `$0` the whole match, `$$` a dollar sign, `$\` a backslash. Beside `mask`: what comes in place of each
    /// character, `*` if left out.
    pub(crate) with: Option<String>,
    /// Beside `replace`: a pointer to the member in which is replaced. Left out: the whole value, JSON or not.
    pub(crate) json: Option<String>,
    /// Beside `replace`: whether all matches are replaced (true if left out), or the first only.
    pub(crate) all: Option<bool>,
    /// Beside `mask`: so many characters at the beginning stay. A text that has no others is masked as a whole.
    pub(crate) keep_first: Option<usize>,
    /// Beside `mask`: so many characters at the end stay.
    pub(crate) keep_last: Option<usize>,
    /// Beside `hash`: the secret, best from elsewhere: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub(crate) key: Option<String>,
    /// Beside `rename`: the new name. Beside `set`: the text, a template of what the record was as it came: `"{topic}"`,
    /// `"{header:tenant}-{json:/id}"`.
    pub(crate) to: Option<String>,
    /// Beside `set`: the value with its type, a number, boolean, list or table; or a text, which is a template that gives JSON:
    /// `"null"`, `"{offset}"`.
    #[schemars(extend("type" = ["string", "number", "boolean", "array", "object"]))]
    pub(crate) to_json: Option<serde_json::Value>,
    /// Beside `set`: a pointer to the member whose value is copied, with its type.
    pub(crate) from: Option<String>,
    /// Beside `replace`: whose regular expression it is, `"rust"` if left out.
    pub(crate) dialect: Option<Dialect>,
}

/// A part of the value that is edited as text: one of `value`, `json` and `capture`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TargetConfig {
    /// The whole value: `{ value = true }`.
    pub(crate) value: Option<bool>,
    /// A pointer to a member. A text stays a text; a member of another kind keeps its kind if what comes out is of that kind,
    /// and becomes a text if not.
    pub(crate) json: Option<String>,
    /// A regular expression: the group of every match.
    pub(crate) capture: Option<String>,
    /// Beside `capture`: which group; 1 if left out, or 0 (all that matches) where the expression has none.
    pub(crate) group: Option<usize>,
    /// Beside `capture`: the text that is searched.
    pub(crate) source: Source,
    /// Beside `capture`: whose regular expression it is, `"rust"` if left out.
    pub(crate) dialect: Option<Dialect>,
}

/// The text that is searched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// The whole value.
    #[default]
    Value,
    /// A pointer to a member.
    Json(String),
}
