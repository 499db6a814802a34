//! Writes interceptors for weir, the gateway between Kafka topics, in Rust.
//!
//! A plugin says once what it reads and may change ([`Plan`]); weir extracts exactly that, natively, and passes it a
//! [`Batch`] of columns; the plugin answers with [`Edits`]. A whole one:
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//! use weir_sdk::{Batch, Edits, Effects, Files, Input, Interceptor, Mistake, Plan, count};
//!
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Config {
//!     /// The tenants that are let through.
//!     tenants: Vec<String>,
//! }
//!
//! struct Tenants(Vec<String>);
//!
//! impl Interceptor for Tenants {
//!     type Config = Config;
//!     const NAME: &'static str = "tenants";
//!     const VERSION: &'static str = env!("CARGO_PKG_VERSION");
//!     const SUMMARY: &'static str = "Drops records of unknown tenants and names the tenant in a header.";
//!
//!     fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
//!         if config.tenants.is_empty() {
//!             return Err(vec![Mistake::new("/tenants", "lets nothing through: name one at least")]);
//!         }
//!         let plan = Plan::new().input(Input::json("/tenant")).header_names(["tenant"]).effects(Effects::DROP);
//!         Ok((Self(config.tenants), plan))
//!     }
//!
//!     fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
//!         let tenants = batch.bytes(0)?;
//!         let mut dropped = 0;
//!         for row in batch.rows() {
//!             match tenants.text(row).filter(|tenant| self.0.iter().any(|known| known == tenant)) {
//!                 Some(tenant) => edits.set_header("tenant").row(row, tenant.as_bytes()),
//!                 None => {
//!                     edits.drop(row);
//!                     dropped += 1;
//!                 }
//!             }
//!         }
//!         count("dropped", dropped);
//!         Ok(())
//!     }
//! }
//!
//! weir_sdk::export!(Tenants);
//! # fn main() {}
//! ```
//!
//! Its manifest says `crate-type = ["cdylib", "rlib"]` and it is built with
//! `cargo build --release --target wasm32-unknown-unknown`; weir takes the resulting `.wasm` as it is. `cargo test`
//! runs it natively: see [`testing`].
//!
//! A plugin has no clock, no randomness, no files and no environment: the same config and records give the same edits,
//! on every machine. Its contract is `wit/interceptor.wit`; this crate is convenience on top of it.

// What the macro and the generated code name is the same path inside and outside this crate.
extern crate self as weir_sdk;

#[cfg(any(test, all(target_family = "wasm", feature = "allocator")))]
mod allocator;
mod batch;
#[doc(hidden)]
pub mod bindings;
mod config;
mod edits;
#[doc(hidden)]
pub mod export;
mod host;
pub mod integer;
mod interceptor;
pub mod json;
mod names;
mod packed;
pub mod part;
pub mod pattern;
mod plan;
pub mod table;
pub mod template;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod times;

pub use batch::{Batch, Bytes, Headers, Ints, are_same};
pub use config::{Mistake, warn};
pub use edits::{Cells, Edits, Removal, Segment, Topic};
pub use host::{Files, Level, count, log};
pub use interceptor::Interceptor;
pub use names::{
    check_header, check_json_array_pointer, check_json_pointer, header_mistake, json_pointer_mistake, topic_mistake,
    topic_pattern_mistake,
};
pub use plan::{Effects, Input, Plan};
pub use schemars;
pub use serde;
pub use weir_rules::{
    DURATION_UNITS, duration, hex, json_pointer::push as push_pointer, pattern_covers, positive_murmur2,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
