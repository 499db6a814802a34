//! The admin API of a running weir, asked by a plain HTTP client.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::Running;

/// Sends a request as it stands. Returns the status and the body.
///
/// # Errors
/// Nobody listens there, or the answer is none of HTTP's.
pub fn try_ask(address: SocketAddr, request: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let parts = answer.split_once("\r\n\r\n");
    let parsed = parts.and_then(|(head, body)| Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned())));
    parsed.ok_or_else(|| io::Error::other(answer))
}

/// As [`try_ask`], of a weir that must answer.
pub fn ask(address: SocketAddr, request: &str) -> (u16, String) {
    try_ask(address, request).unwrap_or_else(|error| panic!("{request}: {error}"))
}

fn request(address: SocketAddr, method: &str, path: &str, headers: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n")
}

/// Sends a request without a body; `headers` are lines with their ends.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &str) -> (u16, String) {
    ask(address, &request(address, method, path, headers))
}

/// Asks for a path.
pub fn get(address: SocketAddr, path: &str) -> (u16, String) {
    send(address, "GET", path, "")
}

/// As [`get`], of a weir that may not listen yet.
///
/// # Errors
/// As of [`try_ask`].
pub fn try_get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    try_ask(address, &request(address, "GET", path, ""))
}

/// An answer whose body is JSON.
pub fn json((status, body): (u16, String)) -> (u16, Value) {
    (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
}

/// Where it listens, as its log says.
pub fn address(running: &Running) -> SocketAddr {
    running.says("the admin API listens");
    let log = running.log();
    let line = log.lines().find(|line| line.contains("the admin API listens")).unwrap();
    let address = line.split("address=").nth(1).unwrap().split_whitespace().next().unwrap();
    address.parse().unwrap()
}
