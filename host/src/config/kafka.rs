//! Reads `[kafka]`.

use super::{
    Kafka,
    keys::Kind,
    options::{self, Options, Side},
    reading::Reading,
    table::Table,
    tree::{Node, Value},
};

/// `[kafka]`, and what of its options only one side of a pipeline knows.
pub(super) fn kafka(reading: &mut Reading, node: &Node) -> Option<(Kafka, Options)> {
    let mut table = Table::open(reading, node, Kind::Kafka, "[kafka]".to_owned())?;
    let brokers = table.need(reading, "brokers", "\"localhost:9092\"").and_then(|node| brokers(reading, node));
    let options = match table.take("options") {
        Some(node) => options::read(reading, node, "[kafka.options]", Side::Every),
        None => Options::default(),
    };
    table.close(reading);
    Some((Kafka { brokers: brokers?, options: options.every.clone() }, options))
}

fn brokers(reading: &mut Reading, node: &Node) -> Option<String> {
    if let Value::List(items) = &node.value {
        let names: Vec<&str> = items.iter().filter_map(Node::as_text).collect();
        let help = format!("write one string: `brokers = \"{}\"`", names.join(","));
        reading.wrong(node, "expected a string, found a list", help);
        return None;
    }
    let text = reading.name(node, "brokers")?;
    if reading.is_given(node) {
        return Some(text);
    }
    for broker in text.split(',') {
        let broker = broker.trim();
        let port = broker.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>()));
        match port {
            Some((host, Ok(port))) if !host.is_empty() && !host.contains('/') && port > 0 => {}
            _ => {
                let help = match broker.split_once("://") {
                    Some((_, rest)) if rest.contains(':') => {
                        format!("leave out the protocol: \"{rest}\"; TLS is \"security.protocol\" in [kafka.options]")
                    }
                    _ => "write `host:port`, with commas between several".to_owned(),
                };
                reading.wrong(node, format!("`{broker}` is not a broker's address"), help);
                return None;
            }
        }
    }
    Some(text)
}
