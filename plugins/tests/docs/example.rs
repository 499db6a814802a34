//! The example of a page: a config, a record before it and the record after it, in the form of a record file.

use serde_json::{Value, json};
use weir_sdk::{
    Interceptor,
    testing::{Bench, Outcome, Record},
};

/// Runs the page's first `toml` block over its first `json` block, which must give its second one.
pub(crate) fn check<P: Interceptor>(page: &str) {
    let config = block(page, "toml", 0);
    let before: Value = serde_json::from_str(block(page, "json", 0)).expect("the record before");
    let after: Value = serde_json::from_str(block(page, "json", 1)).expect("the record after");
    let config: Value = toml::from_str(config).expect("the config");
    let interceptor = config.pointer("/pipelines/recom/interceptors/0").expect("an interceptor of `recom`");
    assert_eq!(interceptor["plugin"], P::NAME);
    let topic = before["topic"].as_str().expect("a topic");
    let mut bench = Bench::<P>::new(&interceptor["config"])
        .expect("the config is right")
        .from(topic, before["partition"].as_i64().unwrap_or_default() as i32)
        .matcher(captured);
    let outcomes = bench.run(&[record(&before)]).unwrap();
    assert_eq!(shown(&before, &outcomes[0]), after, "what the page of {} shows after", P::NAME);
}

fn block<'a>(page: &'a str, language: &str, at: usize) -> &'a str {
    let fence = format!("\n```{language}\n");
    let block = page.split(&fence).nth(at + 1).unwrap_or_else(|| panic!("no {language} block {at} on the page"));
    block.split("\n```").next().unwrap_or_default()
}

fn captured(pattern: &str, group: u32, bytes: &[u8]) -> Option<Vec<u8>> {
    let found = regex::bytes::Regex::new(pattern).ok()?.captures(bytes)?;
    Some(found.get(group as usize)?.as_bytes().to_vec())
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    value.as_str().map(|text| text.as_bytes().to_vec())
}

fn record(line: &Value) -> Record {
    let mut record = Record::default();
    record.key = bytes(&line["key"]);
    record.value = bytes(&line["payload"]);
    record.timestamp = line["ts"].as_i64();
    record.offset = line["offset"].as_i64();
    let headers = line["headers"].as_array().into_iter().flatten().collect::<Vec<_>>();
    record.headers = headers
        .chunks_exact(2)
        .map(|header| (header[0].as_str().unwrap_or_default().to_owned(), bytes(header[1])))
        .collect();
    record
}

/// The outcome as a line of a record file, as `weir replay` writes it.
fn shown(before: &Value, outcome: &Outcome) -> Value {
    let text = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let record = &outcome.record;
    let headers: Vec<Value> =
        record.headers.iter().flat_map(|(name, value)| [json!(name), json!(text(value))]).collect();
    json!({
        "topic": outcome.topic.as_deref().map_or_else(|| before["topic"].clone(), Value::from),
        "partition": outcome.partition,
        "offset": null,
        "tstype": before["tstype"],
        "ts": record.timestamp,
        "headers": headers,
        "key": text(&record.key),
        "payload": text(&record.value),
    })
}
