//! The examples give what they say they give, and what they say is right by a computation that knows nothing of weir.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod access_log;
mod plugin_rust;
mod recom;

use std::{fs, path::PathBuf};

use serde_json::Value;
use weir_tests::paths::project;

/// A file of an example.
fn example(path: &str) -> PathBuf {
    project().join("examples").join(path)
}

/// Its text.
fn text(path: &str) -> String {
    fs::read_to_string(example(path)).unwrap()
}

/// The records of a record file.
fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The bytes that stand for a value of a record file; none for null.
fn bytes(value: &Value) -> Option<Vec<u8>> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone().into_bytes()),
        other => Some(STANDARD.decode(other["base64"].as_str().unwrap()).unwrap()),
    }
}

/// Names and values of a record's headers, in their order.
type Headers = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn headers(record: &Value) -> Headers {
    let flat = record["headers"].as_array().unwrap();
    flat.chunks(2).map(|pair| (bytes(&pair[0]).unwrap(), bytes(&pair[1]))).collect()
}
