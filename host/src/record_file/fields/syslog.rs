//! Syslog: RFC 5424, RFC 3164, and the files that syslog daemons write, which are RFC 3164 without its priority.

mod structured;

use super::{LineError, Object, mistake};

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "audit", "alert", "clockd", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];
const SEVERITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];
const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Appends the parts of a line, as a JSON object, to `out`: `facility`, `severity`, `version`, `timestamp`, `hostname`,
/// `appname`, `procid`, `msgid`, `structured_data`, `message`; what the line does not have is left out.
pub(in super::super) fn read(line: &[u8], out: &mut Vec<u8>) -> Result<(), LineError> {
    let (priority, start) = priority(line)?;
    let mut object = Object::begin(out);
    if let Some(priority) = priority {
        let names = (FACILITIES.get(usize::from(priority >> 3)), SEVERITIES.get(usize::from(priority & 7)));
        let (Some(facility), Some(severity)) = names else {
            return Err(mistake(1, "a priority is a number from 0 to 191"));
        };
        object.text(b"facility", facility.as_bytes());
        object.text(b"severity", severity.as_bytes());
    }
    if priority.is_some() && line[start..].starts_with(b"1 ") {
        object.member(b"version").push(b'1');
        read_new(line, start + 2, &mut object)?;
    } else {
        read_old(line, start, priority.is_some(), &mut object)?;
    }
    object.end();
    Ok(())
}

/// The number between angle brackets, and where what is behind them begins.
fn priority(line: &[u8]) -> Result<(Option<u8>, usize), LineError> {
    let [b'<', rest @ ..] = line else { return Ok((None, 0)) };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&rest[..digits]).ok().and_then(|digits| digits.parse().ok());
    match (number, rest.get(digits)) {
        (Some(number), Some(b'>')) if digits <= 3 => Ok((Some(number), digits + 2)),
        _ => Err(mistake(0, "`<` begins a priority, <0> to <191>")),
    }
}

/// RFC 5424, from its timestamp on.
fn read_new(line: &[u8], start: usize, object: &mut Object<'_>) -> Result<(), LineError> {
    let mut at = start;
    for name in ["timestamp", "hostname", "appname", "procid", "msgid"] {
        let token = token(line, at);
        if token.is_empty() || at + token.len() == line.len() {
            let what = format!("`{name}` of RFC 5424 and what follows it should stand here, `-` for what is not known");
            return Err(mistake(at, &what));
        }
        if token != b"-" {
            object.text(name.as_bytes(), token);
        }
        at += token.len() + 1;
    }
    at = structured::read(line, at, object)?;
    match &line[at..] {
        [] => {}
        [b' ', message @ ..] => object.text(b"message", message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message)),
        _ => return Err(mistake(at, "behind the structured data a space and the message should stand")),
    }
    Ok(())
}

/// RFC 3164 and what is like it, from the timestamp on.
fn read_old(line: &[u8], start: usize, has_priority: bool, object: &mut Object<'_>) -> Result<(), LineError> {
    let rest = &line[start..];
    let Some(timestamp) = timestamp(rest) else {
        if has_priority {
            // RFC 3164, section 4.3.3: all of it is the message.
            object.text(b"message", rest);
            return Ok(());
        }
        let what = "no syslog line: a priority (`<34>`) or a time (`Oct 11 22:14:15`, RFC 3339) should stand here";
        return Err(mistake(start, what));
    };
    object.text(b"timestamp", &rest[..timestamp]);
    let mut rest = &rest[timestamp..];
    // Routers put a colon behind the time.
    rest = rest.strip_prefix(b":").unwrap_or(rest);
    rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let first = token(rest, 0);
    // Some senders leave the host out: then the tag stands here.
    if tag(rest).is_none() && !first.is_empty() {
        object.text(b"hostname", first);
        rest = rest[first.len()..].strip_prefix(b" ").unwrap_or_default();
    }
    if let Some((name, process, length)) = tag(rest) {
        object.text(b"appname", name);
        if let Some(process) = process {
            object.text(b"procid", process);
        }
        rest = rest[length..].strip_prefix(b" ").unwrap_or(&rest[length..]);
    }
    object.text(b"message", rest);
    Ok(())
}

/// A program's name, its process, and how long both are with their signs.
type Tag<'a> = (&'a [u8], Option<&'a [u8]>, usize);

/// `name:` or `name[process]:` at the beginning, and how long that is.
fn tag(rest: &[u8]) -> Option<Tag<'_>> {
    let end = rest.iter().position(|byte| matches!(byte, b'[' | b':' | b' '))?;
    let name = (end > 0).then(|| &rest[..end])?;
    match rest[end] {
        // A host may hold colons (IPv6), but does not end with one.
        b':' if rest.get(end + 1).is_none_or(|byte| *byte == b' ') => Some((name, None, end + 1)),
        b'[' => {
            let process = &rest[end + 1..];
            let length = process.iter().position(|byte| matches!(byte, b']' | b' '))?;
            process[length..].starts_with(b"]:").then_some((name, Some(&process[..length]), end + length + 3))
        }
        _ => None,
    }
}

fn token(line: &[u8], at: usize) -> &[u8] {
    let rest = &line[at..];
    &rest[..rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len())]
}

/// How long the time at the beginning is: `Oct 11 22:14:15`, `Oct  1 22:14:15.123`, `Oct 11 2023 22:14:15` or RFC 3339.
fn timestamp(rest: &[u8]) -> Option<usize> {
    if has_shape(rest, b"0000-00-00T00:00") {
        return Some(clock(rest));
    }
    if !MONTHS.iter().any(|month| rest.starts_with(month)) {
        return None;
    }
    let day = if has_shape(&rest[3..], b" 00 ") || has_shape(&rest[3..], b"  0 ") { 7 } else { return None };
    let year = if has_shape(&rest[day..], b"0000 ") { 5 } else { 0 };
    let time = day + year;
    if !has_shape(&rest[time..], b"00:00:00") {
        return None;
    }
    Some(time + clock(&rest[time..]))
}

/// How long what is up to the next space is, without a colon at its end.
fn clock(rest: &[u8]) -> usize {
    let token = token(rest, 0);
    token.strip_suffix(b":").unwrap_or(token).len()
}

/// Whether a text begins as `shape` does, where 0 stands for any digit.
fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.len() >= shape.len()
        && shape
            .iter()
            .zip(text)
            .all(|(shape, byte)| if *shape == b'0' { byte.is_ascii_digit() } else { shape == byte })
}
