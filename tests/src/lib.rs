//! The harness of weir's end-to-end tests: the real binary, a real Apache Kafka, real Wasm.
//!
//! - [`Broker`]: one Kafka for all tests of a test binary, started when the first of them asks.
//! - [`Guarded`]: another one, with listeners that ask for a password, a certificate or a token, or speak TLS.
//! - [`Oracle`]: the Java client beside it, which writes the records and reads what came out; it shares no code with
//!   weir's own client and so none of its bugs.
//! - [`Gateway`]: a folder with a configuration, and the `weir` processes that are run on it.
//! - [`Record`]: one record as the oracle and as a record file speak of it.
//!
//! Every test has topics and groups of its own ([`unique`]), so that all of them run side by side, and waits for
//! conditions ([`eventually`]), each with a limit. Whatever was started dies with the test process ([`child_process`]).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test harness reports by panicking")]

pub mod access_log;
pub mod admin;
pub mod baseline;
pub mod broker;
pub mod child_process;
pub mod gateway;
pub mod golden;
pub mod guest;
pub mod jars;
pub mod json;
pub mod keys;
pub mod load;
pub mod open_metrics;
pub mod oracle;
pub mod oversized;
pub mod paths;
pub mod python;
pub mod record;
pub mod rng;
pub mod siege;
pub mod stamp;
pub mod wait;

pub use broker::{Broker, Guarded};
pub use gateway::{Finished, Gateway, Running};
pub use guest::Guest;
pub use load::{Load, Tally};
pub use oracle::{Oracle, Topic};
pub use record::Record;
pub use wait::{eventually, unique, within};
