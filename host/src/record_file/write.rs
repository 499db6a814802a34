//! One record as a line of a record file.

use base64::{Engine as _, encoded_len, engine::general_purpose::STANDARD};

use super::escape::{write_checking_ascii, write_text};
use crate::record::{Record, Timestamp};

/// Bytes that are written as a text before it is known whether they are UTF-8.
const SHORT: usize = 4096;

/// A record without its headers, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Where it stands, or where it goes.
    pub topic: &'a str,
    /// Its partition; none is written as null.
    pub partition: Option<i32>,
    /// Its offset; none is written as null.
    pub offset: Option<i64>,
    /// Its timestamp; none is written as `"tstype":"unknown","ts":null`.
    pub timestamp: Timestamp,
    /// When weir fetched it; a member only where it is known.
    pub received: Option<i64>,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value.
    pub value: Option<&'a [u8]>,
}

/// Appends a record as one line, with its line feed, to `out`. `headers` are name and value, in their order.
///
/// The members stand in one fixed order and nothing depends on the machine: equal records give equal bytes.
pub fn write<'a>(
    parts: &Parts<'_>,
    headers: impl IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b"{\"topic\":");
    write_text(parts.topic.as_bytes(), out);
    out.extend_from_slice(b",\"partition\":");
    write_number(parts.partition.map(i64::from), out);
    out.extend_from_slice(b",\"offset\":");
    write_number(parts.offset, out);
    out.extend_from_slice(match parts.timestamp {
        Timestamp::None => b",\"tstype\":\"unknown\",\"ts\":".as_slice(),
        Timestamp::Create(_) => b",\"tstype\":\"create\",\"ts\":",
        Timestamp::LogAppend(_) => b",\"tstype\":\"logappend\",\"ts\":",
    });
    write_number(parts.timestamp.millis(), out);
    out.extend_from_slice(b",\"headers\":[");
    for (index, (name, value)) in headers.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_bytes(Some(name), out);
        out.push(b',');
        write_bytes(value, out);
    }
    out.extend_from_slice(b"],\"key\":");
    write_bytes(parts.key, out);
    out.extend_from_slice(b",\"payload\":");
    write_bytes(parts.value, out);
    if parts.received.is_some() {
        out.extend_from_slice(b",\"received\":");
        write_number(parts.received, out);
    }
    out.extend_from_slice(b"}\n");
}

/// Appends an owned record: see [`write()`].
pub fn write_record(record: &Record, out: &mut Vec<u8>) {
    let parts = Parts {
        topic: &record.topic,
        partition: record.partition,
        offset: record.offset,
        timestamp: record.timestamp,
        received: record.received,
        key: record.key.as_deref(),
        value: record.value.as_deref(),
    };
    write(&parts, record.headers.iter().map(|header| (header.name.as_slice(), header.value.as_deref())), out);
}

fn write_number(number: Option<i64>, out: &mut Vec<u8>) {
    match number {
        Some(number) => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

fn write_bytes(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    let Some(bytes) = bytes else { return out.extend_from_slice(b"null") };
    let is_text = || std::str::from_utf8(bytes).is_ok();
    let start = out.len();
    // A byte's escape takes up to six: of long ones it is asked before.
    if (bytes.len() <= SHORT || is_text()) && (write_checking_ascii(bytes, out) || is_text()) {
        return;
    }
    out.truncate(start);
    out.extend_from_slice(b"{\"base64\":\"");
    let start = out.len();
    out.resize(start + encoded_len(bytes.len(), true).unwrap_or(0), 0);
    // There is room for exactly these bytes.
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or(0);
    out.truncate(start + written);
    out.extend_from_slice(b"\"}");
}
