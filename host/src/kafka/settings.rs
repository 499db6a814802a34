//! librdkafka's settings: what weir needs, with the operator's on top.

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};

use crate::config::{GroupProtocol, Kafka, Pipeline, Share};

/// What weir sets for the member of `pipeline`'s group, and for each worker's producer: so that another program can be
/// measured against weir with the very same clients. Secrets stand in both.
pub fn client_configs(kafka: &Kafka, pipeline: &Pipeline) -> (ClientConfig, ClientConfig) {
    (consumer(kafka, pipeline, Share::of_machine(1)), producer(kafka, Some(pipeline), None))
}

/// What every client has.
pub(super) fn client(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &kafka.brokers)
        .set("client.id", "weir")
        // The default backs off for up to 10 s: measured, it stalls a pipeline for 35 s after lost connections.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "250")
        // Where a broker that stands still accepts no more connections, the system asks it again after 1, 3, 7, 15 and 31 s: a
        // new attempt after 10 s comes sooner than the last of these.
        .set("socket.connection.setup.timeout.ms", "10000")
        .set("topic.metadata.refresh.interval.ms", "60000")
        .set("allow.auto.create.topics", "false")
        .set("statistics.interval.ms", "10000")
        .set_log_level(RDKafkaLogLevel::Info);
    for (name, value) in &kafka.options {
        config.set(name, &value.0);
    }
    config
}

/// The group's member that reads `pipeline`'s sources.
pub(super) fn consumer(kafka: &Kafka, pipeline: &Pipeline, share: Share) -> ClientConfig {
    let mut config = client(kafka);
    reading(&mut config, share);
    config
        .set("group.id", &pipeline.group)
        .set("session.timeout.ms", "45000")
        .set("partition.assignment.strategy", "cooperative-sticky");
    if let Some(instance) = &pipeline.instance {
        config.set("group.instance.id", instance);
    }
    for (name, value) in kafka.options.iter().chain(&pipeline.consumer) {
        config.set(name, &value.0);
    }
    log_what_is_asked_for(&mut config);
    if pipeline.group_protocol == GroupProtocol::Consumer {
        config.set("group.protocol", "consumer");
        // With that protocol the broker decides these.
        for name in ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"] {
            config.remove(name);
        }
    }
    config
}

/// Without this librdkafka drops the lines that its property `debug` asks for.
fn log_what_is_asked_for(config: &mut ClientConfig) {
    if config.get("debug").is_some() {
        config.set_log_level(RDKafkaLogLevel::Debug);
    }
}

/// A consumer without a group, for reading a range.
pub(super) fn reader(kafka: &Kafka) -> ClientConfig {
    let mut config = client(kafka);
    reading(&mut config, Share::of_machine(1));
    // librdkafka assigns nothing without one; nothing is ever joined or committed under it.
    config.set("enable.partition.eof", "true").set("group.id", "weir-reader");
    for (name, value) in &kafka.options {
        config.set(name, &value.0);
    }
    config
}

fn reading(config: &mut ClientConfig, share: Share) {
    config
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "error")
        .set("isolation.level", "read_committed")
        .set("check.crcs", "true")
        .set("queued.max.messages.kbytes", share.fetched_kbytes.to_string())
        .set("queued.min.messages", "100000")
        // With a small queue the default of 1 s costs nine tenths of the throughput (measured).
        .set("fetch.queue.backoff.ms", "5")
        .set("fetch.wait.max.ms", "50");
}

/// Bytes of several messages that one request may hold.
const BATCH: usize = 1_000_000;

/// A worker's producer, whose requests of several messages hold `batch` bytes at most.
pub(super) fn producer(kafka: &Kafka, pipeline: Option<&Pipeline>, batch: Option<usize>) -> ClientConfig {
    let mut config = client(kafka);
    if pipeline.is_some() {
        // Where the broker refuses a request, nothing that stands behind it is sent: the worker sends all of it again,
        // in order, without what is to blame. Otherwise what was not to blame would be overtaken.
        config.set("enable.gapless.guarantee", "true");
    }
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        // No expiry: what cannot be delivered now waits, and weir stops reading meanwhile.
        .set("message.timeout.ms", "0")
        // While a partition's request is on its way and the next is ripe, librdkafka's thread spins until the answer is
        // there: with 5 ms that was a fifth of all CPU time (measured). A worker that has nothing else on its way does not
        // let a record linger.
        .set("linger.ms", "20")
        // librdkafka's most of an idempotent producer: a request holds records of one partition only, so that many
        // partitions behind a slow broker wait for each other. `weir dev` of the recom job's 48, acknowledged after 20 ms,
        // moves twice as much as with two requests, for no more CPU (measured).
        .set("max.in.flight.requests.per.connection", "5")
        .set("batch.size", BATCH.to_string())
        .set("batch.num.messages", "10000")
        // weir bounds what is in flight itself; librdkafka's own bounds are out of the way.
        .set("queue.buffering.max.messages", "0")
        .set("queue.buffering.max.kbytes", "2097151")
        // The broker and the topic say what is too large.
        .set("message.max.bytes", "1000000000")
        // Otherwise records without a key go to random partitions without asking our partitioner.
        .set("sticky.partitioning.linger.ms", "0")
        // A topic that is not known is told at once, and not after 5 s: weir asks itself whether it is missing for certain.
        .set("topic.metadata.propagation.max.ms", "0");
    for (name, value) in kafka.options.iter().chain(pipeline.into_iter().flat_map(|pipeline| &pipeline.producer)) {
        config.set(name, &value.0);
    }
    log_what_is_asked_for(&mut config);
    if let Some(batch) = batch {
        let set = config.get("batch.size").and_then(|set| set.parse().ok()).unwrap_or(BATCH);
        config.set("batch.size", set.min(batch).max(1).to_string());
    }
    config
}
