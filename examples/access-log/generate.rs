//! Makes `access.log`: 200 lines in Apache's combined format, some of them broken as real ones are.
//!
//! `cargo run -p weir --example access-log > examples/access-log/access.log`. The same bytes at every run.

use std::io::{self, Write};

#[allow(dead_code, reason = "the tests take `log` alone")]
fn main() -> io::Result<()> {
    io::stdout().lock().write_all(&log())
}

const PATHS: [&str; 10] = [
    "/",
    "/index.html",
    "/blog/2015/rust-1.0",
    "/search?q=wehr+am+fluss&page=2",
    "/img/mill.png",
    "/caf%C3%A9",
    "/feed.xml",
    "/admin/login.php",
    "/downloads/weir-0.1.tar.gz",
    "/api/v1/items?ids=1,2,3",
];

const AGENTS: [&str; 7] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:38.0) Gecko/20100101 Firefox/38.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://example.org/bot.html)",
    "curl/7.38.0",
    "-",
    r#"Tool \"quoted\" 1.0"#,
    "",
];

/// The whole file. Its last line has no line feed, as a log that is still being written.
pub(crate) fn log() -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) as usize % sides
    };
    let mut out = Vec::new();
    let mut second = 0;
    for number in 0..200 {
        second += random(90);
        let time = format!(
            "{:02}/May/2015:{:02}:{:02}:{:02}",
            17 + second / 86_400,
            10 + second / 3600 % 14,
            second / 60 % 60,
            second % 60
        );
        // The servers stand in several zones.
        let zone = ["+0000", "+0200", "-0730", "+0000"][random(4)];
        let status = [200, 200, 200, 200, 206, 304, 301, 302, 404, 404, 403, 500, 503, 101][random(14)];
        let method = ["GET", "GET", "GET", "POST", "HEAD", "DELETE"][random(6)];
        let size = if status == 304 { "-".to_owned() } else { random(70_000).to_string() };
        let (path, agent) = (PATHS[random(PATHS.len())], AGENTS[random(AGENTS.len())]);
        let host = format!("192.0.2.{}", random(254) + 1);
        let user = ["-", "-", "-", "anna"][random(4)];
        let referer = ["-", "http://example.com/", "http://example.com/\\\"q\\\""][random(3)];
        let request = format!("{method} {path} HTTP/1.1");
        match number {
            // A request that was no HTTP.
            23 => line(&mut out, &format!(r#"{host} - - [{time} {zone}] "\x16\x03\x01" 400 226 "-" "-""#)),
            // A scan without a protocol version.
            57 => line(&mut out, &format!(r#"{host} - - [{time} {zone}] "GET /" 400 0 "-" "-""#)),
            // Torn by a full disk: no status.
            88 => line(&mut out, &format!(r#"{host} - - [{time} {zone}] "GET /img/mi"#)),
            // An empty line.
            101 => line(&mut out, ""),
            // Latin-1 in a path.
            133 => {
                let whole = format!(r#"{host} - {user} [{time} {zone}] "GET /caf~ HTTP/1.0" 404 209 "-" "{agent}""#);
                let bytes: Vec<u8> = whole.bytes().map(|byte| if byte == b'~' { 0xe9 } else { byte }).collect();
                out.extend_from_slice(&bytes);
                out.push(b'\n');
            }
            // A clock that was not set.
            150 => line(
                &mut out,
                &format!(r#"{host} - - [??/???/2015:00:00:00 {zone}] "GET / HTTP/1.1" 200 5 "-" "{agent}""#),
            ),
            // Written on Windows.
            171 => {
                line(&mut out, &format!("{host} - - [{time} {zone}] \"{request}\" {status} {size} \"-\" \"{agent}\"\r"))
            }
            _ => line(
                &mut out,
                &format!(r#"{host} - {user} [{time} {zone}] "{request}" {status} {size} "{referer}" "{agent}""#),
            ),
        }
    }
    out.pop();
    out
}

fn line(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}
