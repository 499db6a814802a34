//! Templates: text with `{…}` parts, as written in the config.

use std::fmt;

use weir_sdk::{header_mistake, json_pointer_mistake};

/// A piece of a template, as written; what it is read from is decided by the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Header(String),
    Key,
    Value,
    Topic,
    Partition,
    Offset,
    /// Milliseconds where there is no format.
    Timestamp(Option<String>),
    /// Milliseconds where there is no format.
    Received(Option<String>),
    Json(String),
}

/// As it is written in a template.
impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Text(text) => out.write_str(text),
            Part::Header(name) => write!(out, "{{header:{name}}}"),
            Part::Key => out.write_str("{key}"),
            Part::Value => out.write_str("{value}"),
            Part::Topic => out.write_str("{topic}"),
            Part::Partition => out.write_str("{partition}"),
            Part::Offset => out.write_str("{offset}"),
            Part::Timestamp(None) => out.write_str("{timestamp}"),
            Part::Timestamp(Some(format)) => write!(out, "{{timestamp:{format}}}"),
            Part::Received(None) => out.write_str("{received}"),
            Part::Received(Some(format)) => write!(out, "{{received:{format}}}"),
            Part::Json(pointer) => write!(out, "{{json:{pointer}}}"),
        }
    }
}

/// Reads a template. Texts beside each other are one part; a template without text has no parts.
///
/// # Errors
///
/// Says what is wrong and what to write instead, one mistake only.
pub(crate) fn parse(template: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            text.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            text.push('}');
            rest = after;
        } else if let Some(after) = from.strip_prefix('{') {
            let Some((inside, after)) = after.split_once('}') else {
                return Err(format!(
                    "the `{{` before `{after}` is never closed; a brace that is meant as text is written `{{{{`"
                ));
            };
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(part(inside)?);
            rest = after;
        } else {
            return Err("a `}` closes nothing; a brace that is meant as text is written `}}`".to_owned());
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

/// Reads what stands between two braces.
fn part(inside: &str) -> Result<Part, String> {
    if inside.is_empty() {
        return Err("`{}` names nothing; write `{header:NAME}`, `{key}`, `{topic}`, …".to_owned());
    }
    if let Some((before, _)) = inside.split_once('{') {
        return Err(format!(
            "`{{{before}` is not closed before the next `{{`; a brace that is meant as text is written `{{{{`"
        ));
    }
    // A header's name may have white space at its edge; nothing else may.
    if inside.trim() != inside && !inside.starts_with("header:") {
        return Err(format!(
            "`{{{inside}}}` has white space at its edge; write `{{{}}}`, or `{{header:…}}` for a header of that very name",
            inside.trim()
        ));
    }
    let Some((kind, rest)) = inside.split_once(':') else {
        return Ok(match inside {
            "key" => Part::Key,
            "value" => Part::Value,
            "topic" => Part::Topic,
            "partition" => Part::Partition,
            "offset" => Part::Offset,
            "timestamp" => Part::Timestamp(None),
            "received" => Part::Received(None),
            "json" => return Err("`{json}` needs a pointer: `{json:/member}`".to_owned()),
            "header" => return Err("`{header}` needs a name: `{header:NAME}`".to_owned()),
            name => Part::Header(name.to_owned()),
        });
    };
    match kind {
        "header" if rest.is_empty() => Err("`{header:}` needs a name: `{header:NAME}`".to_owned()),
        "header" => match header_mistake(rest) {
            None => Ok(Part::Header(rest.to_owned())),
            Some(wrong) => Err(format!("`{{header:{rest}}}`: {wrong}")),
        },
        "json" => pointer(rest).map(Part::Json),
        "timestamp" => format(inside, rest).map(|format| Part::Timestamp(Some(format))),
        "received" => format(inside, rest).map(|format| Part::Received(Some(format))),
        "key" | "value" | "topic" | "partition" | "offset" => Err(format!(
            "`{{{kind}}}` takes nothing after a colon; a header of the name `{inside}` is written `{{header:{inside}}}`"
        )),
        _ => Err(format!(
            "`{{{inside}}}` is no kind of part (header:, json:, timestamp:, received:); a header of that name is written `{{header:{inside}}}`"
        )),
    }
}

/// Checks an RFC 6901 pointer.
fn pointer(pointer: &str) -> Result<String, String> {
    match json_pointer_mistake(pointer) {
        None => Ok(pointer.to_owned()),
        Some(wrong) => Err(format!("`{{json:{pointer}}}`: {wrong}")),
    }
}

fn format(inside: &str, format: &str) -> Result<String, String> {
    if format.contains('%') {
        Ok(format.to_owned())
    } else {
        Err(format!(
            "`{{{inside}}}` has no `%`: after the colon stands a strftime format, as in `{{timestamp:%Y%m%d}}`"
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Part, parse};

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn header(name: &str) -> Part {
        Part::Header(name.to_owned())
    }

    #[test]
    fn a_path_of_headers_is_text_and_headers() {
        assert_eq!(
            parse("/recom/log/{customName}/{header:scene id}").unwrap(),
            [text("/recom/log/"), header("customName"), text("/"), header("scene id")]
        );
    }

    #[test]
    fn every_built_in_part_is_known_by_its_word() {
        assert_eq!(
            parse("{key}{value}{topic}{partition}{offset}{timestamp}{received}{json:/a~1b/0}{json:}{timestamp:%Y-%m-%dT%H:%M}")
                .unwrap(),
            [
                Part::Key,
                Part::Value,
                Part::Topic,
                Part::Partition,
                Part::Offset,
                Part::Timestamp(None),
                Part::Received(None),
                Part::Json("/a~1b/0".to_owned()),
                Part::Json(String::new()),
                Part::Timestamp(Some("%Y-%m-%dT%H:%M".to_owned())),
            ]
        );
    }

    #[test]
    fn a_header_named_like_a_built_in_part_is_reached_by_its_kind() {
        assert_eq!(
            parse("{header:topic}{header:a:b}{header: x}").unwrap(),
            [header("topic"), header("a:b"), header(" x")]
        );
    }

    #[test]
    fn doubled_braces_are_text() {
        assert_eq!(parse("{{{{a}}b{{").unwrap(), [text("{{a}b{")]);
        assert_eq!(parse("{{{a}}}").unwrap(), [text("{"), header("a"), text("}")]);
        assert_eq!(parse("").unwrap(), []);
        assert_eq!(parse("ünï").unwrap(), [text("ünï")]);
    }

    #[test]
    fn what_cannot_be_read_says_what_to_write_instead() {
        for (template, cure) in [
            ("a{b", "`{{`"),
            ("a}b", "`}}`"),
            ("{}", "`{header:NAME}`"),
            ("{ topic }", "`{topic}`"),
            ("{a{b}", "`{{`"),
            ("{json}", "`{json:/member}`"),
            ("{json:a}", "`/a`"),
            ("{json:/a~b}", "`~0`"),
            ("{header}", "`{header:NAME}`"),
            ("{header:}", "`{header:NAME}`"),
            ("{header: }", "blank"),
            ("{timestamp:ms}", "`{timestamp:%Y%m%d}`"),
            ("{timestamp:}", "strftime"),
            ("{key:x}", "`{header:key:x}`"),
            ("{env:HOME}", "`{header:env:HOME}`"),
        ] {
            let mistake = parse(template).unwrap_err();
            assert!(mistake.contains(cure), "{template}: {mistake}");
        }
    }
}
