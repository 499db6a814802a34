//! Templates: text with `{…}` parts, as written in a config. Every built-in that makes a text of a record takes the same.
//!
//! `{customName}` or `{header:customName}` is the last header of that name; `{key}`, `{value}`, `{topic}`, `{partition}`
//! and `{offset}` are the record's; `{timestamp}` is its time in milliseconds and `{timestamp:%Y%m%d}` the same by
//! strftime; `{received}` and `{received:%H}` are when weir fetched it; `{json:/user/id}` is a member of a JSON value;
//! `{uuid}` is made of topic, partition and offset; `{lookup:regions:{country}}` is the value that the table of the file
//! `regions` has for another part as the key. `{{` and `}}` are braces.

#[cfg(feature = "dates")]
mod date;
mod foreign;
mod lookup;
mod reader;
mod topic;
mod uuid;

use std::fmt;

#[cfg(feature = "dates")]
pub use self::date::{DateFormat, zone};
pub use self::{
    foreign::warnings,
    lookup::{Lookup, Tables},
    reader::{DateText, Dates, TemplateReader, TemplateView},
    topic::{NoTopic, TopicTemplate, Topics},
    uuid::append as append_uuid,
};
use weir_rules::DatePattern;

use crate::{Mistake, Plan, header_mistake, json_pointer_mistake, warn};

/// A piece of a template, as written; what it is read from is decided by the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// What stands between the braces.
    Text(String),
    /// The last header of that name.
    Header(String),
    /// The record's key.
    Key,
    /// The record's value.
    Value,
    /// The topic it came from.
    Topic,
    /// The partition it came from.
    Partition,
    /// Its offset there.
    Offset,
    /// Its time, by a strftime format; milliseconds where there is none.
    Timestamp(Option<String>),
    /// When weir fetched it, likewise.
    Received(Option<String>),
    /// A member of the value, by JSON pointer.
    Json(String),
    /// A UUID of topic, partition and offset.
    Uuid,
    /// The value that a table has for a key.
    Lookup(Lookup),
}

/// What a plugin brings for templates: each makes it larger, so it is there where it is of use.
#[derive(Debug, Default)]
pub struct Abilities<'a> {
    /// Who writes dates.
    pub dates: Dates<'a>,
    /// Who reads the tables that values are looked up in.
    pub tables: Tables<'a>,
}

/// A template that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Reads the template that stands at `pointer` of the config; another system's notation in it is warned of.
    ///
    /// # Errors
    /// What is wrong and what to write instead.
    pub fn read(template: &str, pointer: &str) -> Result<Self, Mistake> {
        let pieces = parse(template).map_err(|wrong| Mistake::new(pointer, wrong))?;
        warnings(template).iter().for_each(|warning| warn(pointer, warning));
        Ok(Self(pieces))
    }

    /// Its pieces, in their order. Texts beside each other are one.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The same with another text for all that depends on the record: with `*` it is what a plan calls the topics that may
    /// come of it.
    pub fn with(&self, part: &str) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            _ => part.to_owned(),
        };
        self.0.iter().map(piece).collect()
    }

    /// Adds the columns that it needs to the plan, and returns what reads them.
    ///
    /// # Errors
    /// A date that the plugin cannot write, or a table that it cannot read.
    pub fn declare(&self, plan: &mut Plan, abilities: &Abilities<'_>) -> Result<TemplateReader, String> {
        TemplateReader::new(&self.0, plan, abilities)
    }
}

/// As it is written in a template.
impl fmt::Display for Piece {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Piece::Text(text) => out.write_str(text),
            Piece::Header(name) => write!(out, "{{header:{name}}}"),
            Piece::Key => out.write_str("{key}"),
            Piece::Value => out.write_str("{value}"),
            Piece::Topic => out.write_str("{topic}"),
            Piece::Partition => out.write_str("{partition}"),
            Piece::Offset => out.write_str("{offset}"),
            Piece::Timestamp(None) => out.write_str("{timestamp}"),
            Piece::Timestamp(Some(format)) => write!(out, "{{timestamp:{format}}}"),
            Piece::Received(None) => out.write_str("{received}"),
            Piece::Received(Some(format)) => write!(out, "{{received:{format}}}"),
            Piece::Json(pointer) => write!(out, "{{json:{pointer}}}"),
            Piece::Uuid => out.write_str("{uuid}"),
            Piece::Lookup(lookup) => write!(out, "{{{lookup}}}"),
        }
    }
}

/// Reads a template. Texts beside each other are one piece; an empty template has none.
///
/// # Errors
///
/// Says what is wrong and what to write instead, one mistake only.
pub fn parse(template: &str) -> Result<Vec<Piece>, String> {
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
            let (piece, after) = hole(after, 0)?;
            if !text.is_empty() {
                parts.push(Piece::Text(std::mem::take(&mut text)));
            }
            parts.push(piece);
            rest = after;
        } else {
            return Err("a `}` closes nothing; a brace that is meant as text is written `}}`".to_owned());
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(Piece::Text(text));
    }
    Ok(parts)
}

/// Reads a piece from behind its opening brace, and returns what stands behind its closing one.
fn hole(from: &str, depth: usize) -> Result<(Piece, &str), String> {
    if let Some(lookup) = from.strip_prefix("lookup:") {
        let (lookup, after) = lookup::parse(lookup, depth)?;
        return Ok((Piece::Lookup(lookup), after));
    }
    let (inside, after) = from.split_once('}').ok_or_else(|| unclosed(from))?;
    Ok((part(inside)?, after))
}

fn unclosed(from: &str) -> String {
    format!("the `{{` before `{from}` is never closed; a brace that is meant as text is written `{{{{`")
}

/// Reads what stands between two braces.
fn part(inside: &str) -> Result<Piece, String> {
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
        if let Some(here) = foreign::translated(inside.trim()) {
            return Err(format!(
                "`{{{inside}}}` is another system's notation; write `{here}`, with no sign before its braces"
            ));
        }
        return Err(format!(
            "`{{{inside}}}` has white space at its edge; write `{{{}}}`, or `{{header:…}}` for a header of that very name",
            inside.trim()
        ));
    }
    let Some((kind, rest)) = inside.split_once(':') else {
        return Ok(match inside {
            "key" => Piece::Key,
            "value" => Piece::Value,
            "topic" => Piece::Topic,
            "partition" => Piece::Partition,
            "offset" => Piece::Offset,
            "timestamp" => Piece::Timestamp(None),
            "received" => Piece::Received(None),
            "uuid" => Piece::Uuid,
            "json" => return Err("`{json}` needs a pointer: `{json:/member}`".to_owned()),
            "header" => return Err("`{header}` needs a name: `{header:NAME}`".to_owned()),
            name => Piece::Header(name.to_owned()),
        });
    };
    match kind {
        "header" if rest.is_empty() => Err("`{header:}` needs a name: `{header:NAME}`".to_owned()),
        "header" => match header_mistake(rest) {
            None => Ok(Piece::Header(rest.to_owned())),
            Some(wrong) => Err(format!("`{{header:{rest}}}`: {wrong}")),
        },
        "json" => pointer(rest).map(Piece::Json),
        "timestamp" => format(inside, rest).map(|format| Piece::Timestamp(Some(format))),
        "received" => format(inside, rest).map(|format| Piece::Received(Some(format))),
        "key" | "value" | "topic" | "partition" | "offset" | "uuid" => Err(format!(
            "`{{{kind}}}` takes nothing after a colon; a header of the name `{inside}` is written `{{header:{inside}}}`"
        )),
        _ if rest.contains('%') => Err(format!(
            "`{{{inside}}}`: only `{{timestamp:…}}` and `{{received:…}}` take a format. Have a timestamp-fixer above read header \
             `{kind}` into the record's timestamp, and write `{{timestamp:{rest}}}`"
        )),
        _ => Err(format!(
            "`{{{inside}}}` is no kind of part (header:, json:, timestamp:, received:, lookup:); a header of that name is written `{{header:{inside}}}`"
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
        return Ok(format.to_owned());
    }
    let mut message =
        format!("`{{{inside}}}` has no `%`: after the colon stands a strftime format, as in `{{timestamp:%Y%m%d}}`");
    let foreign = weir_rules::date_pattern(format);
    if let (Some(DatePattern { kind, format: Some(here) }), Some((part, _))) = (foreign, inside.split_once(':')) {
        message += &format!("; the {kind} `{format}` is written `{{{part}:{here}}}`");
    }
    Err(message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::{Piece, parse};

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    fn header(name: &str) -> Piece {
        Piece::Header(name.to_owned())
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
            parse("{key}{value}{topic}{partition}{offset}{timestamp}{received}{json:/a~1b/0}{json:}{timestamp:%Y-%m-%dT%H:%M}{uuid}")
                .unwrap(),
            [
                Piece::Key,
                Piece::Value,
                Piece::Topic,
                Piece::Partition,
                Piece::Offset,
                Piece::Timestamp(None),
                Piece::Received(None),
                Piece::Json("/a~1b/0".to_owned()),
                Piece::Json(String::new()),
                Piece::Timestamp(Some("%Y-%m-%dT%H:%M".to_owned())),
                Piece::Uuid,
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
            ("${! json(\"user.id\") }", "write `{json:/user/id}`"),
            ("${! key() }", "write `{key}`"),
            ("{ .user.id }", "write `{json:/user/id}`"),
            ("{json:$.a[*].b}", "`jq`"),
            ("{a{b}", "`{{`"),
            ("{json}", "`{json:/member}`"),
            ("{json:a}", "\"/a\""),
            ("{json:$.a[0].b}", "\"/a/0/b\""),
            ("{day:%Y}", "`{timestamp:%Y}`"),
            ("{timestamp:yyyy-MM-dd}", "`{timestamp:%Y-%m-%d}`"),
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
