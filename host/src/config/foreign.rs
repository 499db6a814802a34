//! Keys of other systems, and what to write instead.

use super::{
    keys::Kind,
    options,
    tree::{Entry, Node},
};

/// Names without dots, underscores, hyphens and capitals, and what to write.
const KEYS: &[(&[&str], &str)] = &[
    (&["bootstrapservers", "bootstrapserver", "servers", "hosts"], "write `brokers = \"host:9092\"` in [kafka]"),
    (&["groupid", "consumergroup", "consumergroupid"], "write `group = \"…\"` in [pipelines.NAME]"),
    (&["instanceid", "groupinstanceid"], "write `instance = \"…\"` in [pipelines.NAME]"),
    (
        &["offsetreset", "autooffsetreset", "startoffset", "startingoffset", "startfrom"],
        "write `start = \"earliest\"` or `start = \"latest\"` in [pipelines.NAME]",
    ),
    (
        &["topic", "input", "inputs", "inputtopic", "inputtopics", "source", "sources", "sourcetopic", "sourcetopics"],
        "where records come from is `from = [\"topic\"]` in [pipelines.NAME]",
    ),
    (
        &["output", "outputs", "outputtopic", "sink", "sinks", "destination", "destinations", "target", "targettopic"],
        "where records go that nothing routed is `to = \"topic\"` in [pipelines.NAME]",
    ),
    (
        &["dlq", "dlqtopic", "deadlettertopic", "deadletterqueue", "errorsdeadletterqueuetopicname", "errortopic"],
        "write `dead_letter = \"topic\"` in [pipelines.NAME]",
    ),
    (
        &[
            "transforms",
            "transform",
            "processors",
            "processor",
            "pipelineprocessors",
            "filters",
            "filter",
            "steps",
            "stages",
            "chain",
            "interceptor",
            "plugins",
            "mapping",
        ],
        "what is done to records stands in [[pipelines.NAME.interceptors]], in order; `weir plugins` lists the built-ins",
    ),
    (&["tasksmax", "threads", "parallelism", "concurrency"], "write `workers = 4` in [pipelines.NAME]"),
    (&["batchsize", "batchcount"], "write `batch = { records = 1024 }` in [pipelines.NAME]"),
    (&["pollinterval", "flushinterval"], "write `batch = { age = \"20ms\" }` in [pipelines.NAME]"),
    (
        &["deliveryguarantee", "processingguarantee", "exactlyonce"],
        "write `delivery = \"exactly-once\"` in [pipelines.NAME]",
    ),
    (
        &["errorstolerance", "onerror", "errorhandling", "erroraction"],
        "write `on_fault = \"dead-letter\"`, `\"pass\"` or `\"stop\"` beside `plugin`",
    ),
    (
        &[
            "keyconverter",
            "valueconverter",
            "keydeserializer",
            "valuedeserializer",
            "keyserializer",
            "valueserializer",
            "codec",
        ],
        "leave it out: keys and values pass as bytes, and plugins read of them what they declare",
    ),
    (
        &["connectorclass"],
        "this is a connector's configuration: a pipeline has `from`, `to` and interceptors; `weir init DIR` writes one",
    ),
    (
        &["loglevel", "logformat", "logging", "log"],
        "use the options --log and --log-format, or WEIR_LOG and WEIR_LOG_FORMAT",
    ),
    (&["metrics", "http", "api", "server", "monitoring", "port"], "write `listen = \"127.0.0.1:9644\"` in [admin]"),
    (
        &["saslusername", "username", "saslpassword", "password", "sasljaasconfig", "sasl"],
        "write \"sasl.mechanism\", \"sasl.username\" and \"sasl.password\" in [kafka.options], secrets as `{ env = \"NAME\" }`",
    ),
    (
        &["tls", "ssl", "ca", "cafile", "truststore", "ssltruststorelocation"],
        "write \"security.protocol\" and \"ssl.ca.location\" (a PEM file) in [kafka.options]",
    ),
    (&["sslkeystorelocation", "keystore"], "write \"ssl.keystore.location\" (PKCS#12) in [kafka.options]"),
];

/// The same in an interceptor's table.
const INTERCEPTOR: &[(&[&str], &str)] = &[
    (&["class", "type", "uses"], "write `plugin = \"…\"`: a built-in's name, or a path such as \"./mine.wasm\""),
    (
        &["args", "options", "params", "parameters", "settings", "with"],
        "what the plugin is to read stands in its `config`",
    ),
    (&["timeout"], "write `deadline = \"50ms\"`: CPU time of one call"),
    (&["memorylimit", "maxmemory"], "write `memory = \"32MiB\"`"),
];

/// A key as it was written, with the dots that TOML takes apart, and what to write instead.
pub(super) struct Foreign {
    pub(super) name: String,
    /// Bytes from the first to the last part of the key.
    pub(super) span: std::ops::Range<usize>,
    pub(super) write: String,
}

/// What another system's key would be here; none where it is nobody's.
pub(super) fn of(entry: &Entry, kind: Kind) -> Option<Foreign> {
    let mut found = Vec::new();
    names(&entry.node, &entry.key, entry.key_span.end, &mut found, 4);
    // The longest name says most: `auto.offset.reset`, not `auto`.
    found.into_iter().rev().find_map(|(name, end)| {
        let write = if kind == Kind::Interceptor { look_up(INTERCEPTOR, &name) } else { advice(&name) }?;
        Some(Foreign { name, span: entry.key_span.start..end, write })
    })
}

/// The names that the first keys of tables in tables make.
fn names(node: &Node, name: &str, end: usize, found: &mut Vec<(String, usize)>, depth: usize) {
    found.push((name.to_owned(), end));
    let Some([first, ..]) = node.table().filter(|_| depth > 0 && node.reference().is_none()) else { return };
    names(&first.node, &format!("{name}.{}", first.key), first.key_span.end, found, depth - 1);
}

/// What to write instead of a key.
pub(super) fn advice(name: &str) -> Option<String> {
    if let Some(write) = options::advice(name) {
        return Some(write);
    }
    look_up(KEYS, name)
}

fn look_up(keys: &[(&[&str], &str)], name: &str) -> Option<String> {
    let plain: String = name.chars().filter(|letter| !matches!(letter, '.' | '_' | '-')).collect();
    let plain = plain.to_ascii_lowercase();
    keys.iter().find(|(names, _)| names.contains(&plain.as_str())).map(|(_, write)| (*write).to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_name_is_there_twice_and_each_is_plain() {
        let mut seen = HashSet::new();
        for name in KEYS.iter().chain(INTERCEPTOR).flat_map(|(names, _)| *names) {
            assert!(seen.insert(name), "{name}");
            assert!(name.bytes().all(|letter| letter.is_ascii_lowercase()), "{name}");
        }
    }
}
