//! weir against a real Kafka. One binary, so that one broker serves every test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod admission;
mod away;
mod capture;
mod crash;
mod delivery;
mod hostile;
mod identity;
mod oracle;
mod real_input;
mod recom;
mod reload;
mod stops;
mod too_large;
