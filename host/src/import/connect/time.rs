//! Connect's TimestampConverter.

use weir_rules::{DateUse, strftime_of_java};

use super::{
    chain::Chain,
    jq::{self, Program, quote_text},
    transform::Transform,
};

pub(super) fn timestamp_converter(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let unit = transform.text("unix.precision").unwrap_or("milliseconds");
    // How many milliseconds it has, and how many of it a millisecond has.
    let (ms, parts) = match unit.trim() {
        "seconds" => (1000, 1),
        "milliseconds" => (1, 1),
        "microseconds" => (1, 1000),
        "nanoseconds" => (1, 1_000_000),
        _ => return Err(format!("`{unit}` is no `unix.precision`")),
    };
    let pattern = transform.text("format").filter(|pattern| !pattern.trim().is_empty());
    let reads = pattern.ok_or_else(|| "it has no `format` for texts".to_owned()).and_then(read_text);
    let (reads, writes) = match transform.text("target.type").map(str::trim) {
        Some("unix") if pattern.is_some() => (reads?, scaled(parts, ms)),
        Some("unix") => (failing(&reads.unwrap_or_else(|why| why)), scaled(parts, ms)),
        Some("string") => {
            let pattern = pattern.ok_or("it has no `format`")?;
            let writes = format!("(. + 0.5) / 1000 | strftime({})", quote_text(&format_for_writing(pattern)?));
            (reads.unwrap_or_else(|why| failing(&why)), writes)
        }
        Some(kind @ ("Date" | "Time" | "Timestamp")) => {
            return Err(format!(
                "JSON without a schema has no `{kind}` (Connect's JsonConverter does not write one): have the sink connector keep \
                 this transform, or write `unix` or `string`"
            ));
        }
        Some(other) => return Err(format!("`{other}` is no `target.type`")),
        None => return Err("it has no `target.type`".to_owned()),
    };
    let number = scaled(ms, parts);
    let definitions = format!(
        "def ms: if type == \"number\" then\n    if tojson | test(\"^-?[0-9]+$\") then {number} else error(\"a time is no \
         integer\") end\n  elif type == \"string\" then {reads}\n  else error(\"a time is neither a number nor a text\") end;\n\
         def time: if . == null then . else ms | {writes} end;"
    );
    let program = match transform.text("field").filter(|field| !field.is_empty()) {
        Some(field) => {
            Program::of_object("TimestampConverter", &[&definitions], &[format!("{} |= time", jq::member(field))])
        }
        None => Program { definitions, filter: "time".to_owned(), is_whole: true },
    };
    program.add(chain, transform)?;
    jq::say_edits(
        transform,
        "; a text that is not quite of the format is a dead letter (Java counts days and hours that are too many on, and leaves \
         what stands behind unread), and so is a time beyond the year 9999",
    );
    Ok(())
}

/// What makes a number of one unit one of another, towards zero as Java does, and exactly.
fn scaled(times: u32, part: u32) -> String {
    match (times, part) {
        (1, 1) => ".".to_owned(),
        (times, 1) => format!(". * {times}"),
        (_, part) => format!("(. - . % {part}) / {part} | round"),
    }
}

fn failing(why: &str) -> String {
    format!("error({})", quote_text(why))
}

/// The strftime format by which a time in UTC is written as `SimpleDateFormat` writes it.
///
/// # Errors
/// Which letters have no counterpart.
fn format_for_writing(pattern: &str) -> Result<String, String> {
    let mut format = String::new();
    for part in parts(pattern) {
        match (part.chars().next(), part.len()) {
            (Some('X'), 1..=3) => format.push('Z'),
            (Some('Z'), _) => format.push_str("+0000"),
            (Some('z'), 1..=3) => format.push_str("UTC"),
            (Some('z'), _) => format.push_str("Coordinated Universal Time"),
            _ => format.push_str(&strftime_of_part(part, DateUse::Write)?),
        }
    }
    Ok(format)
}

/// What makes milliseconds of a text of a pattern of `SimpleDateFormat`, in which what it leaves out is that of 1970 in UTC.
///
/// # Errors
/// Which letters cannot be read.
fn read_text(pattern: &str) -> Result<String, String> {
    let mut parts = parts(pattern);
    let is_zone = |part: &&str| part.starts_with(['X', 'Z', 'z']);
    let has_zone = parts.pop_if(|last| is_zone(last)).is_some();
    if parts.iter().any(is_zone) {
        return Err(format!("`{pattern}`: a zone is read at the end alone"));
    }
    let mut format = parts.iter().map(|part| strftime_of_part(part, DateUse::Read)).collect::<Result<String, _>>()?;
    let mut missing = String::new();
    for (directives, default, directive) in [
        (&["%Y", "%y"][..], "1970", "%Y"),
        (&["%m", "%b", "%B", "%j"], "1", "%m"),
        (&["%d", "%j"], "1", "%d"),
        (&["%H", "%I"], "0", "%H"),
        (&["%M"], "0", "%M"),
    ] {
        if directives.iter().all(|directive| !has(&format, directive)) {
            missing.push_str(&format!(" {default}"));
            format.push_str(&format!(" {directive}"));
        }
    }
    if has(&format, "%I") && !has(&format, "%p") {
        missing.push_str(" AM");
        format.push_str(" %p");
    }
    let text =
        |text: &str| if missing.is_empty() { text.to_owned() } else { format!("{text} + {}", quote_text(&missing)) };
    let format = quote_text(&format);
    if !has_zone {
        return Ok(format!("({} | strptime({format}) | mktime * 1000 | round)", text(".")));
    }
    let ends = r#""^(?<t>.*?)(?:Z|UTC|GMT|(?<s>[+-])(?<h>[0-9]{2}):?(?<m>[0-9]{2})?)$""#;
    Ok(format!(
        "((capture({ends}) // error(\"a time has no zone\"))\n    | (({} | strptime({format}) | mktime) - (if .s == null then 0 \
         else ((.h | tonumber) * 3600 + (.m // \"0\" | tonumber) * 60)\n      * (if .s == \"-\" then -1 else 1 end) end)) * 1000 \
         | round)",
        text(".t")
    ))
}

/// Whether a strftime format has a directive.
fn has(format: &str, directive: &str) -> bool {
    format.replace("%%", "").contains(directive)
}

/// One part of a pattern. Of other letters than these `SimpleDateFormat` takes what Java's newer classes take.
fn strftime_of_part(part: &str, use_: DateUse) -> Result<String, String> {
    if part.starts_with('u') || (part.starts_with('S') && part.len() != 3) {
        return Err(format!("`{part}`: strftime has nothing for it; milliseconds are `SSS`"));
    }
    strftime_of_java(part, use_)
}

/// A pattern in pieces: runs of a letter, quoted texts, and single characters.
fn parts(pattern: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => quoted_length(rest),
            letter if letter.is_ascii_alphabetic() => rest.len() - rest.trim_start_matches(letter).len(),
            other => other.len_utf8(),
        };
        let (part, after) = rest.split_at(length);
        parts.push(part);
        rest = after;
    }
    parts
}

/// The length of the quoted text at the beginning. Two quotes are one, within quotes too.
fn quoted_length(text: &str) -> usize {
    if text.starts_with("''") {
        return 2;
    }
    let mut end = 1;
    while let Some(at) = text[end..].find('\'') {
        end += at + 1;
        if !text[end..].starts_with('\'') {
            return end;
        }
        end += 1;
    }
    text.len()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_written_as_in_utc() {
        for (pattern, format) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S.%3fZ"),
            ("HH 'o''clock' Z'X'''z", "%H o'clock +0000X'UTC"),
            ("d.M.yy zzzz", "%-d.%-m.%y Coordinated Universal Time"),
        ] {
            assert_eq!(format_for_writing(pattern).as_deref(), Ok(format), "{pattern}");
        }
        for pattern in ["S", "SSSSSS", "u", "YYYY", "yyyy 'x"] {
            assert!(format_for_writing(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_zone_is_read_at_the_end_alone() {
        assert!(read_text("yyyy-MM-dd HH:mm:ssZ").unwrap().starts_with("((capture("));
        assert!(read_text("Z yyyy-MM-dd").is_err());
    }
}
