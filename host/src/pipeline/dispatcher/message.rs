//! One output as a message.

use std::sync::Arc;

use crate::{
    chain::{Flow, Output},
    endpoint::{Outgoing, Refused, Sink, Tag},
};

/// Bytes that a message costs besides its key, value and headers.
const OVERHEAD: usize = 200;
/// Bytes that a header costs besides its name and value.
const HEADER: usize = 80;

/// Bytes that an output takes in the producer's queue.
pub(super) fn cost(length: usize, output: &Output<'_>) -> usize {
    length + output.headers.len() * HEADER + OVERHEAD
}

/// Bytes of an output's key, value and headers.
pub(super) fn length(flow: &Flow, output: &Output<'_>) -> usize {
    let headers = flow.batch.named(output.headers).map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len));
    output.key.map_or(0, <[u8]>::len) + output.value.map_or(0, <[u8]>::len) + headers.sum::<usize>()
}

/// The headers of an output's record as they came, where the output's begin with them and nobody has taken them.
pub(super) fn own_headers<H>(own: &mut [Option<H>], flow: &Flow, output: &Output<'_>) -> Option<H> {
    let input = flow.batch.inputs().get(output.input as usize)?;
    let came = flow.batch.headers_of(input);
    if !std::ptr::eq(output.headers, came) && !output.headers.starts_with(came) {
        return None;
    }
    own.get_mut(output.input as usize)?.take()
}

/// Sends one output. With `own`, which the output's headers begin with, these are handed on instead of copied. Returns
/// whether its timestamp of 0 was sent as 1.
pub(super) fn send<K: Sink>(
    sink: &mut K,
    flow: &Flow,
    output: &Output<'_>,
    tag: Tag,
    own: Option<K::Headers>,
    memory: Option<&Arc<Vec<u8>>>,
) -> Result<bool, Refused> {
    let message = Outgoing {
        topic: output.topic,
        partition: output.partition,
        key: output.key,
        value: output.value,
        timestamp: output.timestamp,
        tag,
    };
    let batch = &flow.batch;
    let input = batch.inputs().get(output.input as usize).filter(|_| own.is_some());
    let more = &output.headers[input.map_or(0, |input| batch.headers_of(input).len())..];
    sink.send(&message, own.unwrap_or_default(), batch.named(more), memory).map(|()| output.was_zero)
}
