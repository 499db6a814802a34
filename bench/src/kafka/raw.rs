//! librdkafka by its C interface, as a program that wants the last bit of speed uses it: the floor that weir is measured
//! against. What rust-rdkafka does as well (making clients, committing) is left to it.

#![allow(unsafe_code, reason = "librdkafka's C interface; every block argues for itself")]

mod headers;
mod message;
mod producer;
mod queue;

pub(crate) use headers::Headers;
pub(crate) use message::Message;
pub(crate) use producer::{Holding, Producer, Topic};
pub(crate) use queue::Queue;
