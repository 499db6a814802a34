//! weir against a real Kafka. One binary, so that one broker serves every test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod admin;
mod admin_tls;
mod admission;
mod away;
mod bad_records;
mod capture;
mod check_online;
mod crash;
mod delivery;
mod ends;
mod failpoints;
mod gaps;
mod hostile;
mod identity;
mod keyless;
mod ledger;
mod ledger_kills;
mod live_pipelines;
mod many;
mod metrics;
mod oracle;
mod outage;
mod pattern;
mod real_input;
mod recom;
mod reload;
mod rights;
mod rust_plugin;
mod security_page;
mod stops;
mod swap_kills;
mod too_large;
mod topic_growth;
mod triggers;
mod unusable_topics;
