//! Reads `[kafka]` and `[admin]`.

use super::{
    Admin, Kafka, Secret,
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

/// `[admin]`.
pub(super) fn admin(reading: &mut Reading, node: &Node) -> Option<Admin> {
    let mut table = Table::open(reading, node, Kind::Admin, "[admin]".to_owned())?;
    let listen_node = table.need(reading, "listen", "\"127.0.0.1:9644\"");
    let listen = listen_node.and_then(|node| {
        let text = reading.text(node)?;
        if reading.is_given(node) {
            return Some(std::net::SocketAddr::from(([127, 0, 0, 1], 0)));
        }
        let address = text.parse::<std::net::SocketAddr>().ok();
        if address.is_none() {
            let help = "write an IP address and a port, as in \"127.0.0.1:9644\"".to_owned();
            reading.wrong(node, format!("`{text}` is not an address to listen at"), help);
        }
        address
    });
    let token_node = table.take("token");
    let token = token_node.and_then(|node| {
        if node.reference().is_none() {
            let help = "write `token = { env = \"WEIR_ADMIN_TOKEN\" }` or `{ file = \"…\" }`".to_owned();
            reading.wrong(node, "a token does not stand in the file itself", help);
            return None;
        }
        // As what a client shows: a secret of an environment often ends with a line feed.
        let token = reading.name(node, "token")?.trim().to_owned();
        if token.is_empty() || token.contains(|letter: char| letter.is_control() || letter.is_whitespace()) {
            let help = "make one by `openssl rand -hex 32`".to_owned();
            reading.wrong(node, "a token is one word", help);
            return None;
        }
        Some(Secret(token))
    });
    table.close(reading);
    if let (Some(address), Some(node), None) = (listen, listen_node, token_node)
        && !address.ip().is_loopback()
    {
        let help = "add `token = { env = \"WEIR_ADMIN_TOKEN\" }`, or listen at 127.0.0.1".to_owned();
        reading.wrong(node, "listening anywhere but at loopback needs a `token`", help);
    }
    Some(Admin { listen: listen?, token })
}
