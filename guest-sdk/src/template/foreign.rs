//! Another system's notation in a template: all of it would pass for text or for the name of a header.

use weir_rules::{TEMPLATE_SIGNS, is_plain_name, json_pointer::of_path};

use super::{Piece, parse};

/// Says what in a template looks like another system's notation, and what it is here. The template is valid all the same.
///
/// ```
/// let warnings = weir_sdk::template::warnings("/log/%{customName}/%Y%m%d");
/// assert_eq!(warnings.len(), 2);
/// assert!(warnings[1].contains("{timestamp:%Y%m%d}"));
/// ```
pub fn warnings(template: &str) -> Vec<String> {
    let Ok(pieces) = parse(template) else { return Vec::new() };
    let mut found = of_pieces(&pieces, template);
    found.extend(of_doubled(template));
    // One line for each thing, however often it stands there.
    let mut kept: Vec<String> = Vec::new();
    for warning in found {
        if kept.len() < MOST && !kept.contains(&warning) {
            kept.push(warning);
        }
    }
    kept
}

fn of_pieces(pieces: &[Piece], template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = "";
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                found.extend(of_text(text));
                before = text;
                continue;
            }
            Piece::Lookup(lookup) => found.extend(of_pieces(&lookup.key, template)),
            _ => {}
        }
        found.extend(of_piece(piece, before, template));
        before = "";
    }
    found
}

/// Warnings of one template.
const MOST: usize = 16;

/// A sign of another system before a piece, and what stands in its braces.
fn of_piece(piece: &Piece, before: &str, template: &str) -> Option<String> {
    let inside = match piece {
        Piece::Header(name) => name.clone(),
        other => {
            let shown = other.to_string();
            shown.strip_prefix('{').and_then(|shown| shown.strip_suffix('}')).unwrap_or(&shown).to_owned()
        }
    };
    let sign = before.chars().next_back().filter(|sign| TEMPLATE_SIGNS.contains(sign));
    if let Some(sign) = sign {
        let here = translated(&inside).unwrap_or_else(|| match piece {
            Piece::Header(name) if is_plain_name(name) => format!("{{{name}}}"),
            other => other.to_string(),
        });
        return Some(format!(
            "`{sign}{{{inside}}}` is another system's notation, and the `{sign}` stays as text; write `{here}`"
        ));
    }
    let name = match piece {
        Piece::Header(name) => name,
        Piece::Json(pointer) => return of_pointer(pointer),
        _ => return None,
    };
    let here = translated(name)?;
    let explicit = format!("{{header:{name}}}");
    if template.contains(&explicit) && !name.contains('%') {
        return None;
    }
    Some(format!("`{{{name}}}` is the header of that very name; write `{here}`, or `{explicit}` if it is meant"))
        .filter(|_| !name.contains('%'))
        .or_else(|| {
            let (header, format) = name.split_once(":%")?;
            Some(format!(
                "`{{header:{name}}}` is the header of that very name: only `{{timestamp:…}}` and `{{received:…}}` take a \
                 format. Have a timestamp-fixer above read header `{header}` into the record's timestamp, and write \
                 `{{timestamp:%{format}}}`"
            ))
        })
}

/// A format behind a pointer, or another system's path in it.
fn of_pointer(pointer: &str) -> Option<String> {
    let Some((member, format)) = pointer.split_once(":%") else {
        let warning = weir_rules::json_pointer::warning(pointer)?;
        return Some(format!("`{{json:{pointer}}}`: {warning}"));
    };
    Some(format!(
        "`{{json:{pointer}}}` is the member of that very name: only `{{timestamp:…}}` and `{{received:…}}` take a format. Have a \
         timestamp-fixer above read member `{member}` into the record's timestamp, and write `{{timestamp:%{format}}}`"
    ))
}

/// What a header's name is here, where it is none but another system's expression.
pub(super) fn translated(name: &str) -> Option<String> {
    let member = |path: &str| Some(format!("{{json:{}}}", of_path(path).ok()?));
    if let Some((_, format)) = name.split_once(":%") {
        return Some(format!("{{timestamp:%{format}}}"));
    }
    // Logstash: %{+YYYY.MM.dd}, %{[user][id]}, %{@timestamp}.
    let is_date = |format: &&str| format.contains(['y', 'Y', 'x', 'u', 'M', 'd', 'H']);
    if let Some(format) = name.strip_prefix('+').filter(is_date) {
        return Some(format!("{{timestamp:{}}}", weir_rules::strftime_of_joda(format).ok()?));
    }
    if name == "@timestamp" {
        return Some("{timestamp}".to_owned());
    }
    if name.starts_with('[') && name.ends_with(']') {
        return member(name);
    }
    if let Some(here) = of_bloblang(name.strip_prefix('!').unwrap_or(name).trim()) {
        return Some(here);
    }
    // A pointer without its kind, JSONPath, jq, Fluent Bit's record accessor.
    if name.starts_with('/') {
        return Some(format!("{{json:{name}}}"));
    }
    if name.starts_with("$.") || name.starts_with("$[") || (name.starts_with('.') && name.len() > 1) {
        return member(name);
    }
    let is_head = |head: &&str| matches!(*head, "record" | "payload" | "value");
    let head = name.split(['.', '[']).next().filter(is_head)?;
    member(name.get(head.len()..).filter(|path| !path.is_empty())?)
}

/// Redpanda Connect: `${! json("user.id") }`, `${! meta("x") }`, `${! key() }`.
fn of_bloblang(call: &str) -> Option<String> {
    if call.starts_with("this.") {
        return Some(format!("{{json:{}}}", of_path(call.strip_prefix("this")?).ok()?));
    }
    let (function, argument) = call.strip_suffix(')')?.split_once('(')?;
    let argument = argument.trim().trim_matches(['"', '\'']);
    if argument.contains(['"', '\'', ')']) {
        return None;
    }
    Some(match (function, argument) {
        ("key", "") | ("meta" | "metadata", "kafka_key") => "{key}".to_owned(),
        ("content" | "json", "") => "{value}".to_owned(),
        ("meta" | "metadata", "kafka_topic") => "{topic}".to_owned(),
        ("meta" | "metadata", "kafka_partition") => "{partition}".to_owned(),
        ("meta" | "metadata", "kafka_offset") => "{offset}".to_owned(),
        ("meta" | "metadata", "kafka_timestamp_ms") => "{timestamp}".to_owned(),
        ("uuid_v4" | "ksuid" | "nanoid", "") => "{uuid}".to_owned(),
        ("meta" | "metadata", name) if !name.is_empty() => format!("{{{name}}}"),
        ("json", path) => format!("{{json:{}}}", of_path(path).ok()?),
        _ => return None,
    })
}

/// strftime outside braces, and Flume's escapes.
fn of_text(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let from = &rest[at..];
        if let Some((name, after)) = from.strip_prefix("%[").and_then(|rest| rest.split_once(']')) {
            if matches!(name, "localhost" | "IP" | "FQDN") {
                found.push(format!(
                    "`%[{name}]` is Flume's notation: write the host's name itself, or have it in the config"
                ));
            }
            rest = after;
            continue;
        }
        let length = date_length(from);
        let (date, after) = from.split_at(length.max(1));
        if date == "%t" {
            found.push("`%t` is Flume's notation for the time in milliseconds; write `{timestamp}`".to_owned());
        } else if length > 0 {
            found.push(format!("`{date}` outside braces is text; the record's time is written `{{timestamp:{date}}}`"));
        }
        rest = after;
    }
    found
}

/// How long the date format is that a text begins with: directives, and between them what stands in dates.
fn date_length(text: &str) -> usize {
    let mut end = 0;
    let mut rest = text;
    loop {
        let separators = rest.len() - rest.trim_start_matches(['-', '/', ':', '.', '_', ' ', 'T']).len();
        let between = if end == 0 { 0 } else { separators };
        let Some(after) = rest.get(between..).and_then(|rest| rest.strip_prefix('%')) else { break };
        let Some(directive) = after.chars().next() else { break };
        if !"YmdHMSyjbBaAeklIpsFTtGVLfzZ".contains(directive)
            || after[1..].starts_with(|c: char| c.is_ascii_lowercase())
        {
            break;
        }
        end += between + 2;
        rest = &text[end..];
    }
    end
}

/// `{{x}}`, which is the text `{x}`.
fn of_doubled(template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((inside, behind)) = after.split_once("}}") else { break };
        let name = inside.trim().trim_start_matches(['.', '$']);
        if is_plain_name(name) {
            let path = inside.trim().starts_with('.') || name.contains('.');
            let here = if path { format!("{{json:/{}}}", name.replace('.', "/")) } else { format!("{{{name}}}") };
            found.push(format!(
                "`{{{{{inside}}}}}` is the text `{{{inside}}}`, with braces; write `{here}` for the value"
            ));
        }
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_systems_notation_is_told_with_what_it_is_here() {
        for (template, here) in [
            ("/recom/log/%{customName}/x", "`{customName}`"),
            ("/recom/log/%Y%m%d", "`{timestamp:%Y%m%d}`"),
            ("/log/%Y-%m-%d/%H", "`{timestamp:%Y-%m-%d/%H}`"),
            ("%y/%j", "`{timestamp:%y/%j}`"),
            ("%t", "`{timestamp}`"),
            ("%[FQDN]", "host"),
            ("idx-%{+YYYY.MM.dd}", "`{timestamp:%Y.%m.%d}`"),
            ("%{[user][id]}", "`{json:/user/id}`"),
            ("%{@timestamp}", "`{timestamp}`"),
            ("%{topic}", "`{topic}`"),
            ("${topic}-x", "`{topic}`"),
            ("${sceneId}", "`{sceneId}`"),
            ("${!json(\"user.id\")}", "`{json:/user/id}`"),
            ("${!meta(\"scene\")}", "`{scene}`"),
            ("${!json(\"items.0.id\")}", "`{json:/items/0/id}`"),
            ("${!key()}", "`{key}`"),
            ("${!content()}", "`{value}`"),
            ("${!meta(\"kafka_topic\")}", "`{topic}`"),
            ("${!this.user.id}", "`{json:/user/id}`"),
            ("{payload['user'][0]}", "`{json:/user/0}`"),
            ("{json:/t:%Y%m%d}", "read member `/t` into the record's timestamp, and write `{timestamp:%Y%m%d}`"),
            ("{json:/a[0]}", "\"/a/0\""),
            ("{json:/a[*]/b}", "`jq`"),
            ("{lookup:t:{json:/a[0]}}", "\"/a/0\""),
            ("#{x}", "`{x}`"),
            ("{{sceneId}}", "`{sceneId}`"),
            ("{{ .user.id }}", "`{json:/user/id}`"),
            ("{$.user.id}", "`{json:/user/id}`"),
            ("{.user.id}", "`{json:/user/id}`"),
            ("{/user/id}", "`{json:/user/id}`"),
            ("{+YYYY}", "`{timestamp:%Y}`"),
            ("{header:ts:%Y%m%d}", "`{timestamp:%Y%m%d}`"),
            ("{value.user.id}", "`{json:/user/id}`"),
            ("{lookup:t:${country}}", "`{country}`"),
            ("{lookup:t:{$.user.id}:name}", "`{json:/user/id}`"),
            ("${lookup:t:{country}}", "`{lookup:t:{header:country}}`"),
        ] {
            let told = warnings(template);
            assert_eq!(told.len(), 1, "{template}: {told:?}");
            assert!(told[0].contains(here), "{template}: {told:?}");
        }
    }

    #[test]
    fn what_is_meant_as_it_stands_is_not_told() {
        for template in [
            "",
            "hz1",
            "/recom/log/{customName}/{timestamp:%Y%m%d}",
            "100%",
            "100% {x}",
            "50%-{x}",
            "{user.id}",
            "{scene id}",
            "{header:payload.type}{header:.a}",
            "{header:topic}{json:/a}{uuid}",
            "{lookup:t:{country}}{lookup:t:{country}-{type}:name}",
            "{{}}",
            "{{ a b }}",
            "a%20b%2Fc",
            "{",
        ] {
            assert_eq!(warnings(template), [""; 0], "{template}");
        }
    }

    #[test]
    fn a_thing_is_told_once() {
        assert_eq!(warnings(&"%{a}".repeat(1_000)).len(), 1);
        let many: String = (0..1_000).map(|number| format!("%{{a{number}}}")).collect();
        assert_eq!(warnings(&many).len(), MOST);
    }
}
