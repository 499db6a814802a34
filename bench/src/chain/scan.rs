//! F3's scan: the wanted members of a JSON object in one pass, by memchr.
//!
//! It looks at top-level members only, passes over nested values and escapes, and ends with the last member that is
//! wanted. It does not check the document, and leaves strings as they are written: a ceiling, not a parser.

use memchr::{memchr, memchr2};

/// A range of the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// First byte.
    pub(super) from: u32,
    /// Bytes; 0 where it is not there.
    pub(super) len: u32,
}

/// Finds members of these names; strings come without quotes, all else as it stands.
pub(super) fn scan<const N: usize>(value: &[u8], names: &[&[u8]; N]) -> [Found; N] {
    let mut found = [Found::default(); N];
    let mut left = N;
    // Mostly members stand in the order in which they are wanted.
    let mut next = 0;
    let mut at = 0;
    while left > 0 {
        let Some(open) = memchr(b'"', &value[at..]) else { break };
        let from = at + open + 1;
        let Some(to) = string_end(value, from) else { break };
        let name = &value[from..to];
        let wanted = match names.get(next) {
            Some(expected) if *expected == name => Some(next),
            _ => names.iter().position(|wanted| *wanted == name),
        };
        let Some((from, to, after)) = member(value, to + 1) else { break };
        if let Some(wanted) = wanted {
            next = wanted + 1;
            if found[wanted].len == 0 {
                found[wanted] = Found { from: from as u32, len: (to - from) as u32 };
                left -= 1;
            }
        }
        at = after;
    }
    found
}

/// The closing quote of a string whose first byte is at `at`.
#[inline]
fn string_end(value: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', value.get(at..)?)?;
        if value[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// The member behind a name that ended before `at`: its range, and where the next one begins at the earliest.
#[inline]
fn member(value: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let skip = value.get(at..)?.iter().position(|byte| !matches!(byte, b':' | b' ' | b'\t' | b'\n' | b'\r'))?;
    let from = at + skip;
    match value[from] {
        b'"' => {
            let to = string_end(value, from + 1)?;
            Some((from + 1, to, to + 1))
        }
        b'{' | b'[' => {
            let to = nested_end(value, from)?;
            Some((from, to, to))
        }
        _ => {
            let len =
                value[from..].iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\t' | b'\n' | b'\r'))?;
            Some((from, from + len, from + len))
        }
    }
}

/// Behind the bracket that closes the one at `at`.
fn nested_end(value: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match value.get(at)? {
            b'"' => at = string_end(value, at + 1)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_top_level_members_past_nested_values_and_escapes() {
        let value = br#"{"x":{"user":1,"t":["}\"",{}]},"s\"":"\\","time": 17 ,"user":"a\"b","last":null}"#;
        let found = scan(value, &[b"user", b"time", b"gone", b"last"]);
        let text = found.map(|found| &value[found.from as usize..(found.from + found.len) as usize]);
        assert_eq!(text, [br#"a\"b"#.as_slice(), b"17", b"", b"null"]);
    }

    #[test]
    fn what_is_cut_off_ends_the_scan() {
        let value = br#"{"time":17,"user":"ab"#;
        for end in 0..value.len() {
            scan(&value[..end], &[b"user", b"time"]);
        }
    }
}
