//! Patterns of repeated letters: `yyyy-MM-dd HH:mm:ss` of Java, and its relatives of moment (`YYYY-MM-DD`) and .NET.

/// Returns what kind of pattern it is, and its strftime format if there is one; none where it is no such pattern.
pub(super) fn translation(pattern: &str) -> Option<(&'static str, Option<String>)> {
    let is_moment = pattern.contains("DD") || pattern.contains("D.") || pattern.contains("/D");
    let kind = if is_moment { "moment date pattern" } else { "Java date pattern" };
    let mut format = String::new();
    let (mut is_pattern, mut is_whole) = (false, true);
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(&rest[1..], &mut format);
            continue;
        }
        if let Some(optional) = rest.strip_prefix("[.S") {
            // An optional fraction.
            let end = optional.find(|letter| letter != 'S').unwrap_or(optional.len());
            if let Some(after) = optional[end..].strip_prefix(']') {
                format.push_str("%.f");
                rest = after;
                continue;
            }
        }
        if !first.is_ascii_alphabetic() {
            is_whole &= !matches!(first, '[' | ']' | '{' | '}');
            format.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let count = rest.chars().take_while(|letter| *letter == first).count();
        is_pattern |= count > 1 && "yuYMDdHhms".contains(first);
        match directive(first, count, is_moment) {
            Some(directive) => format.push_str(&directive),
            // The `T` of ISO 8601, which moment and Elasticsearch need not quote.
            None if first == 'T' && count == 1 => format.push('T'),
            None if first.is_ascii_uppercase() || "cegrtwq".contains(first) => is_whole = false,
            None => return None,
        }
        rest = &rest[count..];
    }
    is_pattern.then(|| (kind, is_whole.then_some(format)))
}

/// Adds what stands in quotes, where two of them are one, and returns what comes after them.
fn quoted<'t>(inside: &'t str, format: &mut String) -> &'t str {
    let end = inside.find('\'').unwrap_or(inside.len());
    let after = inside.get(end + 1..).unwrap_or_default();
    format.push_str(if end == 0 { "'" } else { &inside[..end] });
    match after.strip_prefix('\'') {
        Some(more) if end > 0 => {
            format.push('\'');
            if more.is_empty() { "" } else { quoted(more, format) }
        }
        _ => after,
    }
}

fn directive(letter: char, count: usize, is_moment: bool) -> Option<String> {
    Some(
        match (letter, count) {
            ('y' | 'u' | 'Y', 2) => "%y",
            ('y' | 'u' | 'Y', _) => "%Y",
            ('M', 1) => "%-m",
            ('M', 2) => "%m",
            ('M', 3) | ('L', 3) => "%b",
            ('M' | 'L', _) => "%B",
            ('D', 1) if is_moment => "%-d",
            ('D', 2) if is_moment => "%d",
            ('D', 4) if is_moment => "%j",
            ('d', 3) | ('E', 1..=3) => "%a",
            ('d', 4) | ('E', _) => "%A",
            ('D', _) => "%j",
            ('d', 1) => "%-d",
            ('d', _) => "%d",
            ('H' | 'k', 1) => "%-H",
            ('H' | 'k', _) => "%H",
            ('h' | 'K', 1) => "%-I",
            ('h' | 'K', _) => "%I",
            ('m', 1) => "%-M",
            ('m', _) => "%M",
            ('s', 1) => "%-S",
            ('s', _) => "%S",
            ('S' | 'n' | 'f', 1..=9) => return Some(format!("%{count}f")),
            ('a' | 'A', _) => "%p",
            ('t', 2) => "%p",
            ('Z', 1) if is_moment => "%:z",
            ('X' | 'x', 3..) | ('Z', 4..) => "%:z",
            ('X' | 'x' | 'Z', _) => "%z",
            ('V', 2) | ('v', _) => "%Q",
            ('z', _) => "%Z",
            _ => return None,
        }
        .to_owned(),
    )
}
