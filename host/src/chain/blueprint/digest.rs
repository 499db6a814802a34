//! What identifies a generation's work: two chains of one digest give the same bytes out for the same records.

use sha2::{Digest, Sha256};
use weir_rules::json::Reading;

use crate::{config, wasm};

/// The guest interface that is served.
const INTERFACE: &str = "weir:interceptor@0.1.0";

/// Hashes parts that cannot run into each other: every one goes in with its length.
struct Parts(Sha256);

impl Parts {
    fn new(kind: &str) -> Self {
        let mut parts = Self(Sha256::new());
        parts.add(kind.as_bytes());
        parts
    }

    fn add(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, text: &str) {
        self.add(text.as_bytes());
    }

    fn option(&mut self, text: Option<&str>) {
        self.0.update([u8::from(text.is_some())]);
        self.text(text.unwrap_or_default());
    }

    fn finish(self) -> String {
        weir_rules::hex(&self.0.finalize())
    }
}

/// What an instance depends on: plugin bytes, config, limits, lookup files.
pub(super) fn of_instance(interceptor: &config::Interceptor) -> String {
    let mut parts = Parts::new("instance");
    parts.text(INTERFACE);
    parts.text(wasm::ENGINE);
    parts.text(&interceptor.plugin.sha256);
    parts.text(&interceptor.config);
    parts.text(&interceptor.deadline.as_nanos().to_string());
    parts.text(&interceptor.memory.to_string());
    for (name, bytes) in &interceptor.files {
        parts.text(name);
        parts.add(bytes);
    }
    parts.finish()
}

/// What a pipeline's answers depend on. Not: brokers, group, workers, and how batches are cut.
pub(super) fn of_pipeline(pipeline: &config::Pipeline, instances: &[String]) -> String {
    let mut parts = Parts::new("pipeline");
    parts.text(&pipeline.name);
    parts.text(INTERFACE);
    parts.text(wasm::ENGINE);
    parts.option(pipeline.to.as_deref());
    parts.option(pipeline.dead_letter.as_deref());
    parts.text(partition_by(pipeline.partition_by));
    parts.text(&pipeline.from.len().to_string());
    for from in &pipeline.from {
        parts.text(from);
    }
    parts.text(&pipeline.topics.len().to_string());
    for topic in &pipeline.topics {
        parts.text(&topic.0);
    }
    for instance in instances {
        parts.text(instance);
    }
    for interceptor in &pipeline.interceptors {
        parts.text(&interceptor.name);
        parts.text(&format!("{} {}", on_fault(interceptor.on_fault), allow(interceptor.allow.as_ref())));
    }
    // Newer than the rest: a pipeline that has none of them keeps the digest that it had.
    if let Some(header) = &pipeline.stamp_generation {
        parts.text("stamp_generation");
        parts.text(header);
    }
    if pipeline.json == Reading::First {
        parts.text("json");
        parts.text("first");
    }
    parts.finish()
}

// Digests stand in committed offsets and in dead letters, so that these words stay whatever types and fields are called.

fn partition_by(rule: config::PartitionBy) -> &'static str {
    match rule {
        config::PartitionBy::Key => "Key",
        config::PartitionBy::Source => "Source",
    }
}

fn on_fault(policy: config::OnFault) -> &'static str {
    match policy {
        config::OnFault::DeadLetter => "DeadLetter",
        config::OnFault::Stop => "Stop",
        config::OnFault::Pass => "Pass",
    }
}

fn allow(fence: Option<&config::Allow>) -> String {
    let Some(config::Allow { inputs, effects, headers, topics }) = fence else { return "None".to_owned() };
    format!("Some(Allow {{ inputs: {inputs:?}, effects: {effects:?}, headers: {headers:?}, topics: {topics:?} }})")
}

#[cfg(test)]
mod tests;
