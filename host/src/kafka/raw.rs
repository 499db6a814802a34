//! The unsafe calls into librdkafka that rust-rdkafka has no safe form of, each behind a safe one.

#![allow(unsafe_code, reason = "librdkafka's C interface; every block argues for itself")]

pub(super) mod commits;
pub(super) mod headers;
mod lent;
pub(super) mod mock;
pub(super) mod partitioner;
pub(super) mod producer;
pub(super) mod queue;
mod topics;
