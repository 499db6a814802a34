//! Date patterns of repeated letters, as Java has them (`SimpleDateFormat`, `DateTimeFormatter`, Joda) and its relatives, as
//! strftime formats.

mod letters;
mod pieces;

use self::{
    letters::{System, directive},
    pieces::{Piece, Pieces},
};

/// What a format is for: some directives are written another way than they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateUse {
    /// Times are read by it.
    Read,
    /// Times are written by it.
    Write,
}

/// A date pattern of a system that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatePattern {
    /// Whose it is by its looks.
    pub kind: &'static str,
    /// The strftime format that writes the same; none where there is none.
    pub format: Option<String>,
}

/// Translates a pattern of Java's, such as `yyyy-MM-dd HH:mm:ss`, into a strftime format such as `%Y-%m-%d %H:%M:%S`.
///
/// # Errors
///
/// Names the letters that have no counterpart.
pub fn strftime_of_java(pattern: &str, use_: DateUse) -> Result<String, String> {
    strftime(pattern, System::Java, use_)
}

/// Translates a pattern of Joda's as Logstash has it, such as `YYYY.MM.dd`, into the strftime format that writes the same.
///
/// # Errors
///
/// As there.
pub fn strftime_of_joda(pattern: &str) -> Result<String, String> {
    strftime(pattern, System::Joda, DateUse::Write)
}

fn strftime(pattern: &str, system: System, use_: DateUse) -> Result<String, String> {
    let mut format = String::new();
    for piece in Pieces(pattern) {
        match piece {
            Piece::Text { text, .. } => push_text(&text, &mut format),
            Piece::Unclosed(_) => return Err("a quotation mark `'` is not closed".to_owned()),
            Piece::Letters { letter, count, text } => {
                format.push_str(directive(letter, count, system, use_).ok_or_else(|| no_counterpart(text))?);
            }
        }
    }
    Ok(format)
}

/// Recognizes a date pattern of Java, Elasticsearch, .NET or moment where a strftime format is expected; none where it is
/// no such pattern.
pub fn date_pattern(pattern: &str) -> Option<DatePattern> {
    let is_moment = pattern.contains("DD") || pattern.contains("D.") || pattern.contains("/D");
    let (kind, system) =
        if is_moment { ("moment date pattern", System::Moment) } else { ("Java date pattern", System::Unknown) };
    let mut format = String::new();
    let (mut is_pattern, mut is_whole) = (false, true);
    let mut pieces = Pieces(pattern);
    loop {
        if pieces.take_optional_fraction() {
            format.push_str("%.f");
            continue;
        }
        let Some(piece) = pieces.next() else { break };
        match piece {
            Piece::Text { text, is_quoted } => {
                is_whole &= is_quoted || !text.contains(['[', ']', '{', '}']);
                push_text(&text, &mut format);
            }
            Piece::Unclosed(text) => push_text(&text, &mut format),
            Piece::Letters { letter, count, .. } => {
                is_pattern |= count > 1 && "yuYMDdHhms".contains(letter);
                match directive(letter, count, system, DateUse::Write) {
                    Some(directive) => format.push_str(directive),
                    // The `T` of ISO 8601, which moment and Elasticsearch need not quote.
                    None if letter == 'T' && count == 1 => format.push('T'),
                    None if letter.is_ascii_uppercase() || "cegrtwq".contains(letter) => is_whole = false,
                    None => return None,
                }
            }
        }
    }
    is_pattern.then(|| DatePattern { kind, format: is_whole.then_some(format) })
}

fn push_text(text: &str, format: &mut String) {
    format.push_str(&text.replace('%', "%%"));
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

    #[test]
    fn years_of_joda_are_years_and_its_weeks_have_their_own() {
        for (pattern, format) in [("YYYY.MM.dd", "%Y.%m.%d"), ("xxxx.ww", "%G.%V"), ("H", "%-H"), ("yy''ZZ", "%y'%:z")]
        {
            assert_eq!(strftime_of_joda(pattern).as_deref(), Ok(format), "{pattern}");
        }
        assert!(strftime_of_joda("topic").is_err());
    }

    #[test]
    fn what_no_date_pattern_is_is_none() {
        let found = date_pattern("DD/MM/YYYY 'at' HH:mm").unwrap();
        assert_eq!((found.kind, found.format.as_deref()), ("moment date pattern", Some("%d/%m/%Y at %H:%M")));
        for pattern in ["", "soon", "seconds", "abc", "2023-11-14", "ms", "H"] {
            assert_eq!(date_pattern(pattern), None, "{pattern}");
        }
    }
}
