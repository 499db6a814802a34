//! One record, as the oracle and as a record file speak of it; written without weir's code.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// A record with its whole envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Where it stands or goes.
    pub topic: String,
    /// Where it stands; to produce without one lets the Java client choose.
    pub partition: Option<i32>,
    /// Where it stands.
    pub offset: Option<i64>,
    /// Milliseconds since the epoch.
    pub timestamp: Option<i64>,
    /// Whether the broker set the timestamp.
    pub log_append: bool,
    /// Null differs from empty.
    pub key: Option<Vec<u8>>,
    /// Null differs from empty.
    pub value: Option<Vec<u8>>,
    /// In order; names may repeat.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

impl Record {
    /// A record for `topic`, all else null.
    pub fn to(topic: &str) -> Self {
        Self { topic: topic.to_owned(), ..Self::default() }
    }

    /// With this partition.
    #[must_use]
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// With this timestamp, ms since the epoch.
    #[must_use]
    pub fn at(mut self, timestamp: i64) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// With this key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// With this value.
    #[must_use]
    pub fn value(mut self, value: impl Into<Vec<u8>>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), Some(value.into())));
        self
    }

    /// With one more header whose value is null.
    #[must_use]
    pub fn null_header(mut self, name: &str) -> Self {
        self.headers.push((name.to_owned(), None));
        self
    }

    /// The last header of that name as text; none where there is none or it is null.
    pub fn text(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.iter().rev().find(|(known, _)| known == name)?;
        Some(String::from_utf8_lossy(value.as_ref()?).into_owned())
    }

    /// What an interceptor could have changed: without place.
    #[must_use]
    pub fn content(&self) -> Self {
        Self { topic: String::new(), partition: None, offset: None, ..self.clone() }
    }

    /// As the oracle takes it.
    pub(crate) fn to_oracle(&self) -> Value {
        let headers: Vec<Value> = self.headers.iter().map(|(name, value)| json!([name, coded(value)])).collect();
        json!({ "t": self.topic, "p": self.partition, "ts": self.timestamp, "k": coded(&self.key), "v": coded(&self.value), "h": headers })
    }

    /// As the oracle gives it.
    pub(crate) fn from_oracle(answer: &Value) -> Self {
        let headers = answer["h"].as_array().expect("headers").iter();
        Self {
            topic: answer["t"].as_str().expect("a topic").to_owned(),
            partition: answer["p"].as_i64().map(|partition| partition as i32),
            offset: answer["o"].as_i64(),
            timestamp: answer["ts"].as_i64(),
            log_append: answer["tt"] == "LogAppendTime",
            key: decoded(&answer["k"]),
            value: decoded(&answer["v"]),
            headers: headers
                .map(|header| (header[0].as_str().expect("a name").to_owned(), decoded(&header[1])))
                .collect(),
        }
    }

    /// A line of a record file, without the line's end.
    pub fn to_line(&self) -> String {
        let headers: Vec<Value> =
            self.headers.iter().flat_map(|(name, value)| [json!(name), shown(value.as_deref())]).collect();
        let tstype = match self.timestamp {
            None => "unknown",
            Some(_) if self.log_append => "logappend",
            Some(_) => "create",
        };
        json!({
            "topic": self.topic, "partition": self.partition, "offset": self.offset, "tstype": tstype, "ts": self.timestamp,
            "headers": headers, "key": shown(self.key.as_deref()), "payload": shown(self.value.as_deref()),
        })
        .to_string()
    }

    /// Reads a line of a record file.
    pub fn from_line(line: &str) -> Self {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let headers = record["headers"].as_array().map_or(&[][..], Vec::as_slice);
        let (pairs, _) = headers.as_chunks::<2>();
        Self {
            topic: record["topic"].as_str().expect("a topic").to_owned(),
            partition: record["partition"].as_i64().map(|partition| partition as i32),
            offset: record["offset"].as_i64(),
            timestamp: record["ts"].as_i64(),
            log_append: record["tstype"] == "logappend",
            key: unshown(&record["key"]),
            value: unshown(&record["payload"]),
            headers: pairs
                .iter()
                .map(|[name, value]| (name.as_str().expect("a name").to_owned(), unshown(value)))
                .collect(),
        }
    }
}

fn coded(bytes: &Option<Vec<u8>>) -> Value {
    bytes.as_ref().map_or(Value::Null, |bytes| Value::String(STANDARD.encode(bytes)))
}

fn decoded(value: &Value) -> Option<Vec<u8>> {
    value.as_str().map(|text| STANDARD.decode(text).expect("base64"))
}

fn shown(bytes: Option<&[u8]>) -> Value {
    let Some(bytes) = bytes else {
        return Value::Null;
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::String(text.to_owned()),
        Err(_) => json!({ "base64": STANDARD.encode(bytes) }),
    }
}

fn unshown(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone().into_bytes()),
        other => Some(STANDARD.decode(other["base64"].as_str().expect("base64")).expect("base64")),
    }
}
