//! Reads `[admin]`.

use super::{Admin, References, Secret, Tls, keys::Kind, reading::Reading, table::Table, tree::Node};

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
    let tls = table.take("tls").map(|node| tls(reading, node));
    table.close(reading);
    if let (Some(address), Some(node), None) = (listen, listen_node, token_node)
        && !address.ip().is_loopback()
    {
        let help = "add `token = { env = \"WEIR_ADMIN_TOKEN\" }`, or listen at 127.0.0.1".to_owned();
        reading.wrong(node, "listening anywhere but at loopback needs a `token`", help);
    }
    Some(Admin { listen: listen?, token, tls: tls.flatten() })
}

/// The files are read, so that a mistake in them is told at its key; they are read again when they change.
fn tls(reading: &mut Reading, node: &Node) -> Option<Tls> {
    let mut table = Table::open(reading, node, Kind::Other, "`tls` of [admin]".to_owned())?;
    let mut path = |reading: &mut Reading, key, example| {
        let node = table.need(reading, key, example)?;
        let text = reading.name(node, key)?;
        Some((node, reading.resolve_path(node, &text)))
    };
    let certificate = path(reading, "certificate", "\"admin.crt\"");
    let key = path(reading, "key", "\"admin.key\"");
    table.close(reading);
    let ((certificate_node, certificate), (key_node, key)) = (certificate?, key?);
    let tls = Tls { certificate, key };
    if reading.references == References::Resolve
        && let Err(error) = tls.read()
    {
        let at = if error.is_of_key() { key_node } else { certificate_node };
        reading.wrong(at, error.to_string(), error.help().map(str::to_owned));
        return None;
    }
    Some(tls)
}
