//! The unsafe calls into librdkafka that rust-rdkafka has no safe form of, each behind a safe one.

#![allow(unsafe_code, reason = "librdkafka's C interface; every block argues for itself")]

pub(super) mod admin;
pub(super) mod bootstrap;
pub(super) mod client;
pub(super) mod commits;
pub(super) mod events;
pub(super) mod headers;
pub(super) mod mock;
pub(super) mod partitioner;
mod pinned;
pub(super) mod producer;
pub(super) mod queue;
pub(super) mod reports;
pub(super) mod tag;
pub(super) mod topic_question;
mod topics;
mod wait;
