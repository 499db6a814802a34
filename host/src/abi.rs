//! What plugins and the host say to each other, in the host's own words, whatever version of the interface a plugin speaks.
//!
//! The names of inputs and effects stand here and nowhere else: `allow` is checked against them, `check` prints them and a
//! reload compares them. `wasm` translates from and to the types that are generated from the interface.

mod batch;
mod edits;
mod effects;
mod input;
mod topics;

pub use batch::{BatchView, BytesView, ColumnView, HeaderTable, IntsView};
pub use edits::{BytesColumn, Cells, Edits, HeaderEdit, HeaderOp, IntColumn, Routing, SparseCells};
pub use effects::Effects;
pub use input::{ALL_HEADERS, Capture, Input, Member, Source};
pub use topics::Topics;

/// What a plugin says about itself. Any of it may hold anything: it is a guest's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// One sentence.
    pub summary: String,
    /// JSON Schema of the config.
    pub config_schema: String,
}

/// What a configured plugin reads, and what it may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The columns of every batch, in this order.
    pub inputs: Vec<Input>,
    /// Whether the whole header table is passed, too.
    pub all_headers: bool,
    /// What its edits may use.
    pub effects: Effects,
    /// The headers that it may write or remove; `*` = any.
    pub header_names: Vec<String>,
    /// The topics that it may route to: names, or patterns with `*`.
    pub topics: Vec<String>,
}
