//! Java's date patterns (`SimpleDateFormat`, `DateTimeFormatter`, Joda) as strftime formats.

/// What a format is for: some directives are written another way than they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateUse {
    /// Times are read by it.
    Read,
    /// Times are written by it.
    Write,
}

/// Translates a pattern such as `yyyy-MM-dd HH:mm:ss` into a strftime format such as `%Y-%m-%d %H:%M:%S`.
///
/// # Errors
///
/// Names the letters that have no counterpart.
pub fn strftime_of_java(pattern: &str, use_: DateUse) -> Result<String, String> {
    let mut format = String::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        if letter == '\'' {
            rest = quoted(&rest[1..], &mut format)?;
            continue;
        }
        let run = rest.len() - rest.trim_start_matches(letter).len();
        let count = run / letter.len_utf8();
        if letter.is_ascii_alphabetic() {
            format.push_str(directive(letter, count, use_).ok_or_else(|| no_counterpart(&rest[..run]))?);
        } else {
            for _ in 0..count {
                push_literal(letter, &mut format);
            }
        }
        rest = &rest[run..];
    }
    Ok(format)
}

/// Reads a quoted text whose opening quote is gone, and returns what follows it. Two quotes are one.
fn quoted<'p>(text: &'p str, format: &mut String) -> Result<&'p str, String> {
    if let Some(rest) = text.strip_prefix('\'') {
        format.push('\'');
        return Ok(rest);
    }
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' {
            push_literal(letter, format);
        } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
            format.push('\'');
        } else {
            return Ok(&text[at + 1..]);
        }
    }
    Err("a quotation mark `'` is not closed".to_owned())
}

fn push_literal(letter: char, format: &mut String) {
    if letter == '%' {
        format.push('%');
    }
    format.push(letter);
}

fn directive(letter: char, count: usize, use_: DateUse) -> Option<&'static str> {
    let by_use = |read, write| Some(if use_ == DateUse::Read { read } else { write });
    match (letter, count) {
        ('y' | 'u', 2) => Some("%y"),
        ('y' | 'u', 1 | 3 | 4) => Some("%Y"),
        ('M' | 'L', 1) => by_use("%m", "%-m"),
        ('M' | 'L', 2) => Some("%m"),
        ('M' | 'L', 3) => Some("%b"),
        ('M' | 'L', 4) => Some("%B"),
        ('d', 1) => by_use("%d", "%-d"),
        ('d', 2) => Some("%d"),
        ('D', 1 | 2) => by_use("%j", "%-j"),
        ('D', 3) => Some("%j"),
        ('E', 1..=3) => Some("%a"),
        ('E', 4) => Some("%A"),
        ('a', _) => Some("%p"),
        ('H', 1) => by_use("%H", "%-H"),
        ('H', 2) => Some("%H"),
        ('h', 1) => by_use("%I", "%-I"),
        ('h', 2) => Some("%I"),
        ('m', 1) => by_use("%M", "%-M"),
        ('m', 2) => Some("%M"),
        ('s', 1) => by_use("%S", "%-S"),
        ('s', 2) => Some("%S"),
        ('S', 1) => by_use("%f", "%1f"),
        ('S', 2) => by_use("%f", "%2f"),
        ('S', 3) => by_use("%f", "%3f"),
        ('S', 4) => by_use("%f", "%4f"),
        ('S', 5) => by_use("%f", "%5f"),
        ('S', 6) => by_use("%f", "%6f"),
        ('S', 7) => by_use("%f", "%7f"),
        ('S', 8) => by_use("%f", "%8f"),
        ('S', 9) => by_use("%f", "%9f"),
        ('z', 1..=3) => Some("%Z"),
        ('Z', 1) | ('X' | 'x', 2) => Some("%z"),
        ('Z', 2) | ('X' | 'x', 3) => Some("%:z"),
        ('Z' | 'V', _) => Some("%Q"),
        ('X' | 'x', 1) => by_use("%z", "%:::z"),
        _ => None,
    }
}

fn no_counterpart(letters: &str) -> String {
    let why = match letters.chars().next() {
        Some('Y' | 'w' | 'W' | 'e' | 'c') => "weeks and their years; for the year of a date write `yyyy`",
        Some('k' | 'K') => "hours that begin at 1 (or end at 11); write `HH` or `hh`",
        Some('G') => "eras",
        Some('A' | 'n' | 'N') => "units of the day that strftime does not have",
        _ => "strftime has nothing for them; letters that stand for themselves are quoted: 'T'",
    };
    format!("`{letters}`: {why}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn usual_patterns_are_translated() {
        for (pattern, read, write) in [
            ("yyyy-MM-dd HH:mm:ss", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S"),
            ("yyyy-MM-dd'T'HH:mm:ss.SSSZ", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S.%3f%z"),
            ("yyyyMMdd", "%Y%m%d", "%Y%m%d"),
            ("d/M/yy h:mm a", "%d/%m/%y %I:%M %p", "%-d/%-m/%y %-I:%M %p"),
            ("EEE, d MMM yyyy HH:mm:ss z", "%a, %d %b %Y %H:%M:%S %Z", "%a, %-d %b %Y %H:%M:%S %Z"),
            ("HH 'o''clock' ''100%''", "%H o'clock '100%%'", "%H o'clock '100%%'"),
            ("yyyy年MM月", "%Y年%m月", "%Y年%m月"),
            ("uuuu-DDDXXX", "%Y-%j%:z", "%Y-%j%:z"),
            ("", "", ""),
        ] {
            assert_eq!(strftime_of_java(pattern, DateUse::Read).as_deref(), Ok(read), "{pattern}");
            assert_eq!(strftime_of_java(pattern, DateUse::Write).as_deref(), Ok(write), "{pattern}");
        }
    }

    #[test]
    fn what_has_no_counterpart_is_named() {
        for (pattern, letters) in [("YYYY-MM-dd", "`YYYY`"), ("kk:mm", "`kk`"), ("yyyy G", "`G`"), ("MMMMM", "`MMMMM`")]
        {
            let refusal = strftime_of_java(pattern, DateUse::Read).unwrap_err();
            assert!(refusal.starts_with(letters), "{refusal}");
        }
        assert!(strftime_of_java("HH 'x", DateUse::Write).is_err());
    }
}
