//! Properties of Java's Kafka clients as librdkafka's.

use crate::import::{
    properties::{Properties, Property},
    report::Grade,
};

/// Whose property it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Side {
    Consumer,
    Producer,
}

/// The same under the same name, for both.
const SAME: &[&str] = &[
    "client.id",
    "client.rack",
    "connections.max.idle.ms",
    "metadata.max.age.ms",
    "reconnect.backoff.max.ms",
    "reconnect.backoff.ms",
    "retry.backoff.ms",
    "sasl.kerberos.service.name",
    "sasl.mechanism",
    "security.protocol",
];

/// The same under the same name.
const CONSUMER: &[&str] = &[
    "fetch.max.bytes",
    "fetch.min.bytes",
    "heartbeat.interval.ms",
    "max.partition.fetch.bytes",
    "max.poll.interval.ms",
    "session.timeout.ms",
];

/// The same under the same name.
const PRODUCER: &[&str] = &["batch.size", "compression.type", "linger.ms"];

/// The same under another name.
const RENAMED: &[(&str, &str, Option<Side>)] = &[
    ("fetch.max.wait.ms", "fetch.wait.max.ms", Some(Side::Consumer)),
    ("receive.buffer.bytes", "socket.receive.buffer.bytes", None),
    ("send.buffer.bytes", "socket.send.buffer.bytes", None),
    ("max.request.size", "message.max.bytes", Some(Side::Producer)),
];

/// What delivery depends on, and what only Java's clients have.
const UNNEEDED: &[&str] = &[
    "acks",
    "auto.commit.interval.ms",
    "buffer.memory",
    "delivery.timeout.ms",
    "enable.auto.commit",
    "enable.idempotence",
    "isolation.level",
    "key.deserializer",
    "key.serializer",
    "max.block.ms",
    "max.in.flight.requests.per.connection",
    "max.poll.records",
    "partition.assignment.strategy",
    "request.timeout.ms",
    "retries",
    "transactional.id",
    "value.deserializer",
    "value.serializer",
];

/// Adds what can be said of a client's property to the options of a pipeline's consumer or producer.
pub(in crate::import) fn add(
    properties: &Properties,
    property: &Property,
    name: &str,
    side: Side,
    options: &mut Vec<(String, String)>,
) {
    let renamed = RENAMED.iter().find(|(java, _, whose)| *java == name && whose.is_none_or(|whose| whose == side));
    let renamed = renamed.map(|(_, own, _)| *own);
    let own_list = if side == Side::Consumer { CONSUMER } else { PRODUCER };
    let same = || SAME.iter().chain(own_list).copied().find(|same| *same == name);
    if let Some(own) = renamed.or_else(same) {
        options.retain(|(known, _)| known != own);
        options.push((own.to_owned(), property.value.clone()));
        properties.say(property, Grade::Translated, format!("`{own}`"));
    } else if UNNEEDED.contains(&name) {
        properties.say(property, Grade::Unneeded, "weir's delivery decides this itself");
    } else {
        properties.say(property, Grade::Impossible, advice(name));
    }
}

fn advice(name: &str) -> String {
    match name {
        "sasl.jaas.config" => {
            "write `sasl.username` and `sasl.password = { env = \"…\" }` in [kafka.options]".to_owned()
        }
        name if name.starts_with("ssl.truststore") => {
            "librdkafka reads PEM: write `ssl.ca.location` in [kafka.options]".to_owned()
        }
        name if name.starts_with("ssl.keystore") || name.starts_with("ssl.key.") => {
            "librdkafka reads PEM: write `ssl.certificate.location` and `ssl.key.location` in [kafka.options]"
                .to_owned()
        }
        "interceptor.classes" => "Java's client interceptors do not run here".to_owned(),
        name => format!(
            "`{name}` is none of the properties that are carried over; docs/configuration.md lists librdkafka's"
        ),
    }
}
