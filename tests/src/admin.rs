//! The admin API of a running weir, asked by a plain HTTP client.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::Running;

/// Sends a request as it stands. Returns the status and the body.
pub fn ask(address: SocketAddr, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{request}: {answer}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Sends a request without a body; `headers` are lines with their ends.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &str) -> (u16, String) {
    ask(address, &format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n"))
}

/// Asks for a path.
pub fn get(address: SocketAddr, path: &str) -> (u16, String) {
    send(address, "GET", path, "")
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
