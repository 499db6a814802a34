//! The names. What stands in none of the lists is refused: a property that nobody weighed is not passed on.

/// Which clients know a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) enum Side {
    /// Every client.
    Every,
    /// Consumers alone.
    Consumer,
    /// Producers alone.
    Producer,
}

/// Known to every client: how to reach, trust and convince a broker.
const EVERY: &[&str] = &[
    "security.protocol",
    "client.id",
    "client.rack",
    "client.dns.lookup",
    "broker.address.family",
    "broker.address.ttl",
    "broker.version.fallback",
    "api.version.request",
    "api.version.request.timeout.ms",
    "api.version.fallback.ms",
    "connections.max.idle.ms",
    "socket.timeout.ms",
    "socket.send.buffer.bytes",
    "socket.receive.buffer.bytes",
    "socket.keepalive.enable",
    "socket.nagle.disable",
    "socket.max.fails",
    "socket.connection.setup.timeout.ms",
    "reconnect.backoff.ms",
    "reconnect.backoff.max.ms",
    "retry.backoff.ms",
    "retry.backoff.max.ms",
    "metadata.max.age.ms",
    "metadata.recovery.strategy",
    "metadata.recovery.rebootstrap.trigger.ms",
    "topic.metadata.refresh.interval.ms",
    "topic.metadata.refresh.fast.interval.ms",
    "topic.metadata.refresh.sparse",
    "topic.metadata.propagation.max.ms",
    "max.in.flight.requests.per.broker",
    "message.max.bytes",
    "message.copy.max.bytes",
    "receive.message.max.bytes",
    "debug",
    "log_level",
    "log.connection.close",
    "enable.ssl.certificate.verification",
    "ssl.endpoint.identification.algorithm",
    "ssl.cipher.suites",
    "ssl.curves.list",
    "ssl.sigalgs.list",
    "ssl.ca.location",
    "ssl.ca.pem",
    "https.ca.location",
    "https.ca.pem",
    "ssl.ca.certificate.stores",
    "ssl.crl.location",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.key.location",
    "ssl.key.pem",
    "ssl.key.password",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "sasl.mechanism",
    "sasl.mechanisms",
    "sasl.username",
    "sasl.password",
    "sasl.kerberos.service.name",
    "sasl.kerberos.principal",
    "sasl.kerberos.keytab",
    "sasl.kerberos.min.time.before.relogin",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.extensions",
    "sasl.oauthbearer.token.endpoint.url",
    "sasl.oauthbearer.grant.type",
];

/// Known to consumers alone: how they fetch and how they stay in the group.
const CONSUMER: &[&str] = &[
    "fetch.min.bytes",
    "fetch.wait.max.ms",
    "fetch.max.bytes",
    "fetch.message.max.bytes",
    "max.partition.fetch.bytes",
    "fetch.error.backoff.ms",
    "fetch.queue.backoff.ms",
    "queued.min.messages",
    "queued.max.messages.kbytes",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "coordinator.query.interval.ms",
    "group.remote.assignor",
    "check.crcs",
];

/// Known to producers alone: how they gather and press.
const PRODUCER: &[&str] = &[
    "compression.codec",
    "compression.type",
    "compression.level",
    "linger.ms",
    "queue.buffering.max.ms",
    "batch.size",
    "batch.num.messages",
    "queue.buffering.max.messages",
    "queue.buffering.max.kbytes",
    "queue.buffering.backpressure.threshold",
    "request.timeout.ms",
];

/// Refused: name, why, what to do instead (may be empty).
pub(super) const REFUSED: &[(&str, &str, &str)] = &[
    ("bootstrap.servers", "weir has a key for it", "write `brokers` in [kafka]"),
    ("metadata.broker.list", "weir has a key for it", "write `brokers` in [kafka]"),
    ("group.id", "weir has a key for it", "write `group` in [pipelines.NAME]"),
    ("group.instance.id", "weir has a key for it", "write `instance` in [pipelines.NAME]"),
    ("group.protocol", "weir has a key for it", "write `group_protocol` in [pipelines.NAME]"),
    ("group.protocol.type", "it is the consumer's own", ""),
    ("auto.offset.reset", "weir has keys for it", "write `start` and `on_gap` in [pipelines.NAME]"),
    ("isolation.level", "what a transaction left behind must never be read", "`delivery` in [pipelines.NAME] decides"),
    (
        "transactional.id",
        "weir names its transactions itself",
        "write `delivery = \"exactly-once\"` in [pipelines.NAME]",
    ),
    ("transaction.timeout.ms", "weir runs its transactions itself", ""),
    ("enable.auto.commit", "weir commits what is settled and nothing else", ""),
    ("auto.commit.enable", "weir commits what is settled and nothing else", ""),
    ("auto.commit.interval.ms", "weir commits what is settled and nothing else", ""),
    ("enable.auto.offset.store", "weir commits what is settled and nothing else", ""),
    ("offset.store.method", "weir commits what is settled and nothing else", ""),
    ("offset.store.path", "weir commits what is settled and nothing else", ""),
    ("offset.store.sync.interval.ms", "weir commits what is settled and nothing else", ""),
    ("partition.assignment.strategy", "weir drains partitions one by one, which needs its own choice", ""),
    ("enable.partition.eof", "weir listens for it itself", ""),
    ("allow.auto.create.topics", "weir never creates topics", ""),
    ("topic.blacklist", "weir has a key for it", "write `from` in [pipelines.NAME]"),
    ("acks", "a record is settled when all replicas have it", ""),
    ("request.required.acks", "a record is settled when all replicas have it", ""),
    ("enable.idempotence", "without it a retry may double or swap records", ""),
    ("enable.gapless.guarantee", "weir settles records itself", ""),
    ("max.in.flight", "more than five would swap records", ""),
    ("max.in.flight.requests.per.connection", "more than five would swap records", ""),
    ("message.send.max.retries", "a record is sent until it is there", ""),
    ("retries", "a record is sent until it is there", ""),
    ("message.timeout.ms", "a record that expires would be lost", ""),
    ("delivery.timeout.ms", "a record that expires would be lost", ""),
    ("queuing.strategy", "another order than the records' would break theirs", ""),
    ("partitioner", "weir chooses partitions as the Java client does", "write `partition_by` in [pipelines.NAME]"),
    (
        "sticky.partitioning.linger.ms",
        "weir chooses partitions as the Java client does",
        "write `partition_by` in [pipelines.NAME]",
    ),
    ("delivery.report.only.error", "weir settles by the reports", ""),
    ("produce.offset.report", "weir settles by the reports", ""),
    ("dr_cb", "weir settles by the reports", ""),
    ("dr_msg_cb", "weir settles by the reports", ""),
    ("statistics.interval.ms", "weir's metrics are made of them", ""),
    ("test.mock.num.brokers", "it would replace the cluster", "use `weir dev`"),
    ("test.mock.broker.rtt", "it would replace the cluster", "use `weir dev`"),
    ("plugin.library.paths", "it loads foreign code into weir", ""),
    ("ssl.engine.location", "it loads foreign code into weir", ""),
    ("ssl.engine.id", "it loads foreign code into weir", ""),
    ("ssl.providers", "it loads foreign code into weir", ""),
    ("sasl.kerberos.kinit.cmd", "it runs a foreign program", ""),
    (
        "enable.sasl.oauthbearer.unsecure.jwt",
        "its tokens are signed by nobody",
        "write `\"sasl.oauthbearer.method\" = \"oidc\"`",
    ),
    ("internal.termination.signal", "signals are weir's", ""),
    ("background_event_cb", "weir listens for events itself", ""),
    ("enabled_events", "weir listens for events itself", ""),
    ("interceptors", "librdkafka's own are not weir's", "write [[pipelines.NAME.interceptors]]"),
];

/// Who knows a permitted property; none where it is not permitted.
pub(super) fn side_of(name: &str) -> Option<Side> {
    [(EVERY, Side::Every), (CONSUMER, Side::Consumer), (PRODUCER, Side::Producer)]
        .into_iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, side)| side)
}

/// Every permitted name.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    EVERY.iter().chain(CONSUMER).chain(PRODUCER).copied()
}

/// Whether its value may be shown: known, and nothing that lets anybody in.
pub(super) fn harmless(name: &str) -> bool {
    const TELLING: [&str; 6] = ["password", "secret", "pem", "username", "oauthbearer.config", "extensions"];
    let known = side_of(name).is_some() || REFUSED.iter().any(|(refused, ..)| *refused == name);
    known && !TELLING.iter().any(|part| name.ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_both_permitted_and_refused_or_there_twice() {
        let mut names: Vec<&str> = all().chain(REFUSED.iter().map(|(name, ..)| *name)).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
    #[test]
    fn tokens_that_nobody_signed_are_refused() {
        let name = "enable.sasl.oauthbearer.unsecure.jwt";
        assert_eq!(side_of(name), None);
        assert!(REFUSED.iter().any(|(refused, ..)| *refused == name));
    }
}
