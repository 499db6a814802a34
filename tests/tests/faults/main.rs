//! Faults that take minutes each, against brokers of their own: `make faults` runs them, `make test` does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod frozen;
