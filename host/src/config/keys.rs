//! Every key of the configuration: what the reader knows, and what the documentation says of it.

/// Which keys stand in which kind of table; for keys that stand in the wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Top,
    Kafka,
    Admin,
    Pipeline,
    Interceptor,
    /// A table whose keys are its own.
    Other,
}

/// A key, as a row of the documentation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// What is written there, in a word or two; empty of a table that has a section of its own.
    pub(super) form: &'static str,
    /// As Markdown; empty where the key must be there.
    pub(super) default: &'static str,
    /// As Markdown.
    pub(super) meaning: &'static str,
}

const fn key(name: &'static str, form: &'static str, default: &'static str, meaning: &'static str) -> Key {
    Key { name, form, default, meaning }
}

/// The keys of each kind of table, in the order of the documentation.
pub(super) const TABLES: [(Kind, &[Key]); 5] = [
    (Kind::Top, TOP),
    (Kind::Kafka, KAFKA),
    (Kind::Admin, ADMIN),
    (Kind::Pipeline, PIPELINE),
    (Kind::Interceptor, INTERCEPTOR),
];

/// Returns the keys of a kind of table; none of a table whose keys are its own.
pub(super) fn of(kind: Kind) -> &'static [Key] {
    TABLES.iter().find(|(other, _)| *other == kind).map_or(&[], |(_, keys)| keys)
}

/// Whether a kind of table knows this key.
pub(super) fn knows(kind: Kind, name: &str) -> bool {
    of(kind).iter().any(|key| key.name == name)
}

/// Returns the names of the keys of a kind of table.
pub(super) fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    of(kind).iter().map(|key| key.name)
}

const TOP: &[Key] = &[
    key("kafka", "", "", ""),
    key("admin", "", "", ""),
    key("pipelines", "", "", ""),
    key(
        "shutdown_timeout",
        "duration",
        "`\"30s\"`",
        "how long settling and committing may take after SIGTERM; when it is over, weir ends with status 1 and says what was still going on",
    ),
    key(
        "on_stop",
        "string",
        "`\"exit\"`",
        "when the last pipeline has stopped by itself: `\"exit\"` with status 1, or `\"hold\"`: stay, keep the partitions, and wait for a reload that cures it",
    ),
    key(
        "state_dir",
        "path",
        "none",
        "a folder of weir's own, made where it is not there: a configuration that was rolled back is remembered there, so that it stays refused after a restart",
    ),
];

const KAFKA: &[Key] = &[
    key("brokers", "string", "", "`host:port`, with commas between several"),
    key("options", "table", "none", "librdkafka properties of every client, see [below](#librdkafka-properties)"),
];

const ADMIN: &[Key] = &[
    key("listen", "string", "", "IP address and port, `\"127.0.0.1:9644\"`"),
    key("token", "reference", "none", "needed anywhere but on loopback; never in the file itself"),
    key(
        "tls",
        "table",
        "none",
        "`{ certificate = \"PATH\", key = \"PATH\" }`, PEM files: it speaks HTTPS (TLS 1.2 and 1.3); taken anew when they change",
    ),
];

const PIPELINE: &[Key] = &[
    key("from", "list of strings", "", "topics, or POSIX regular expressions that begin with `^`"),
    key("group", "string", "", "the consumer group; one pipeline only for a topic"),
    key("to", "string", "none", "where a record goes that nothing routed; left out: a dead letter (`unrouted`)"),
    key("topics", "list of strings", "none", "where interceptors may route: names, or patterns with `*`"),
    key("dead_letter", "string", "none", "the topic of records that are set aside"),
    key("delivery", "string", "`\"at-least-once\"`", "or `\"exactly-once\"`, which `run` does not do yet"),
    key(
        "start",
        "string or time",
        "`\"earliest\"`",
        "where a new group begins: `\"earliest\"`, `\"latest\"`, or an RFC 3339 time",
    ),
    key(
        "on_gap",
        "string",
        "`\"stop\"`",
        "where the committed offset is gone: `\"stop\"`, or `\"earliest\"` (the gap is counted as lost)",
    ),
    key(
        "breaker",
        "table",
        "none",
        "`{ faults = \"1%\", over = \"1m\", min = 100 }`: this share of faults within this time stops the pipeline, once there are so many (`min`, default 1)",
    ),
    key(
        "unknown_topics",
        "string",
        "`\"warn\"`",
        "where an interceptor's plan names a topic that is not there, at the start and at a reload: `\"warn\"` in the log, or `\"refuse\"` the configuration; what goes there is a dead letter (`unknown-topic`)",
    ),
    key(
        "stamp_generation",
        "string",
        "none",
        "a header that every record that goes out gets: the first 12 digits of its generation's digest, as in `weir.error.generation`",
    ),
    key(
        "rollback",
        "table",
        "none",
        "a table as of `breaker`: this share of faults in the first hour of a new generation, or a fault that stops the pipeline, brings the generation before it back",
    ),
    key(
        "probe",
        "string or table",
        "none",
        "a [record file](replay.md#records) that every new generation must pass before it serves, or `{ input = \"in.ndjson\", expect = \"out.ndjson\" }`: see [a probe before a change](operation.md#a-probe-before-a-change)",
    ),
    key(
        "partition_by",
        "string",
        "`\"key\"`",
        "as the Java client does, a null key by the source partition; or `\"source\"`: all by it",
    ),
    key("instance", "string", "none", "this weir's own stable name; makes it a static member of the group"),
    key("group_protocol", "string", "`\"classic\"`", "or `\"consumer\"` (KIP-848), without `instance`"),
    key(
        "ledger_topic",
        "string",
        "none",
        "where weir records which generation carried which range of a source partition, before it commits it ([delivery.md](delivery.md#the-ledger)); `weir generations` reads it. A topic of its own, which several pipelines may share",
    ),
    key("workers", "number", "the cores, shared by the pipelines", "threads; at least one each"),
    key(
        "batch",
        "table",
        "",
        "`{ records = 1024, bytes = \"256KiB\", age = \"20ms\" }`: how batches are cut, whichever comes first; while records are on their way, up to 1,600 records a second a worker a tenth of that age, up to 19,200 a quarter",
    ),
    key(
        "json",
        "string",
        "`\"whole\"`",
        "how much weir reads of JSON documents for interceptors: `\"whole\"`, or `\"first\"`, for producers that are trusted: [as far as the last member that is wanted](plugins.md#how-much-of-a-document-is-read)",
    ),
    key("consumer", "table", "none", "librdkafka properties of this pipeline's consumer"),
    key("producer", "table", "none", "librdkafka properties of this pipeline's producers"),
    key("interceptors", "tables", "none", "`[[pipelines.NAME.interceptors]]`, in order"),
];

const INTERCEPTOR: &[Key] = &[
    key(
        "plugin",
        "string",
        "",
        "a built-in's name, or a path (`\"./mine.wasm\"`) to a component, a core module or .wat text",
    ),
    key("name", "string", "the plugin's", "in messages, metrics and dead letters"),
    key("sha256", "string", "none", "pins the plugin's bytes"),
    key(
        "on_fault",
        "string",
        "`\"dead-letter\"` where there is a topic for it, else `\"stop\"`",
        "or `\"pass\"`: the record skips this interceptor",
    ),
    key(
        "deadline",
        "duration",
        "`\"50ms\"`",
        "CPU time of one call, and of the captures that it reads from one record, `\"1ms\"` to `\"5s\"`",
    ),
    key("memory", "size", "`\"32MiB\"`", "`\"64KiB\"` to `\"4GiB\"`"),
    key(
        "allow",
        "table",
        "no fence",
        "`inputs`, `effects`, `headers`, `topics`: what the plugin's plan may want; a list left out allows all of its kind",
    ),
    key("files", "table", "none", "`{ NAME = \"PATH\" }`: files that the plugin may look up while it is configured"),
    key("config", "table", "`{}`", "the plugin's own, checked against its schema"),
];
