//! Flume's escapes in paths and topics: `%{header}`, `%Y%m%d`, `%[host]`.

use crate::import::template;

/// A text with escapes, as a template.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Escaped {
    pub(super) template: String,
    /// Whether it names headers.
    pub(super) has_headers: bool,
    /// How many of its parts are missing in some events.
    pub(super) optional: usize,
    /// Texts that look foreign, in their order; the template has the parts of their headers.
    pub(super) texts: Vec<String>,
    /// Whether it has parts of a time.
    pub(super) has_time: bool,
    /// Escapes that have no counterpart; they are left out of the template.
    pub(super) refused: Vec<String>,
}

/// A piece of the text.
enum Piece {
    Literal(String),
    /// A strftime directive of the record's time.
    Date(&'static str),
    Part(String),
}

/// Translates a text. `clock` is `timestamp` or `received`; `header` writes the part of a header. `texts` is how many texts
/// stand in headers already; none leaves all of them in the template.
pub(super) fn translate(
    text: &str,
    clock: &str,
    texts: Option<usize>,
    header: impl Fn(&str) -> Option<String>,
) -> Escaped {
    let mut escaped = Escaped::default();
    let pieces = pieces(text, clock, header, &mut escaped);
    let mut at = 0;
    while at < pieces.len() {
        match &pieces[at] {
            Piece::Literal(text) => {
                let before_part = matches!(pieces.get(at + 1), Some(Piece::Part(_) | Piece::Date(_)));
                match texts.filter(|_| template::looks_foreign(text, before_part)) {
                    Some(known) => {
                        escaped.texts.push(text.clone());
                        let name = template::text_header(known + escaped.texts.len());
                        escaped.template.push_str(&format!("{{{name}}}"));
                    }
                    None => escaped.template.push_str(&template::literal(text)),
                }
            }
            Piece::Part(part) => escaped.template.push_str(part),
            Piece::Date(_) => {
                let (format, length) = date(&pieces[at..]);
                escaped.template.push_str(&format!("{{{clock}:{format}}}"));
                at += length;
                continue;
            }
        }
        at += 1;
    }
    escaped
}

/// The strftime format of dates that stand side by side, or with signs between them, and how many pieces they are.
fn date(pieces: &[Piece]) -> (String, usize) {
    let mut format = String::new();
    let mut length = 0;
    while let Some(piece) = pieces.get(length) {
        match piece {
            Piece::Date(directive) => format.push_str(directive),
            Piece::Literal(text)
                if text.chars().all(|letter| "-_./: T".contains(letter))
                    && matches!(pieces.get(length + 1), Some(Piece::Date(_))) =>
            {
                format.push_str(text);
            }
            _ => break,
        }
        length += 1;
    }
    (format, length)
}

fn pieces(text: &str, clock: &str, header: impl Fn(&str) -> Option<String>, escaped: &mut Escaped) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        literal(&mut pieces, &rest[..at]);
        rest = &rest[at + 1..];
        let Some(letter) = rest.chars().next() else {
            literal(&mut pieces, "%");
            break;
        };
        let closing = match letter {
            '{' => Some('}'),
            '[' => Some(']'),
            _ => None,
        };
        if let Some(closing) = closing {
            let Some(end) = rest.find(closing) else {
                literal(&mut pieces, "%");
                continue;
            };
            let name = &rest[1..end];
            if !is_name(name) {
                literal(&mut pieces, "%");
                continue;
            }
            rest = &rest[end + 1..];
            match header(name).filter(|_| letter == '{') {
                Some(part) => {
                    escaped.has_headers = true;
                    escaped.optional += usize::from(!ALWAYS_THERE.contains(&part.as_str()));
                    pieces.push(Piece::Part(part));
                }
                None => escaped.refused.push(format!("%{letter}{name}{closing}")),
            }
            continue;
        }
        if letter != '%' && !letter.is_ascii_alphanumeric() && letter != '_' {
            literal(&mut pieces, "%");
            continue;
        }
        rest = &rest[1..];
        match directive(letter) {
            Some(_) if letter == '%' => literal(&mut pieces, "%"),
            Some(directive) => {
                escaped.has_time = true;
                pieces.push(if letter == 't' { Piece::Part(format!("{{{clock}}}")) } else { Piece::Date(directive) });
            }
            None => escaped.refused.push(format!("%{letter}")),
        }
    }
    literal(&mut pieces, rest);
    pieces
}

/// Parts that no record lacks.
const ALWAYS_THERE: [&str; 4] = ["{topic}", "{partition}", "{offset}", "{timestamp}"];

/// What Flume takes for a name: all else stays as it is.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.-".contains(letter))
}

/// Adds text, to the last piece where that is text.
fn literal(pieces: &mut Vec<Piece>, text: &str) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Literal(last)) => last.push_str(text),
        _ => pieces.push(Piece::Literal(text.to_owned())),
    }
}

/// The strftime directive of one of Flume's letters.
fn directive(letter: char) -> Option<&'static str> {
    Some(match letter {
        'a' => "%a",
        'A' => "%A",
        'b' => "%b",
        'B' => "%B",
        'c' => "%a %b %-d %H:%M:%S %Y",
        'd' => "%d",
        'e' => "%-d",
        'D' => "%m/%d/%y",
        'H' => "%H",
        'I' => "%I",
        'j' => "%j",
        'k' => "%-H",
        'l' => "%-I",
        'm' => "%m",
        'M' => "%M",
        'n' => "%-m",
        'p' => "%p",
        's' => "%s",
        'S' => "%S",
        't' => "",
        'y' => "%y",
        'Y' => "%Y",
        'z' => "%z",
        '%' => "%",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Escaped {
        translate(text, "timestamp", None, template::header)
    }

    #[test]
    fn escapes_become_parts() {
        for (text, template) in [
            ("/logs/%{app}/%Y%m%d", "/logs/{app}/{timestamp:%Y%m%d}"),
            ("/%{topic}/%Y-%m-%d/%H", "/{header:topic}/{timestamp:%Y-%m-%d/%H}"),
            ("/%Y/x/%m", "/{timestamp:%Y}/x/{timestamp:%m}"),
            ("%t-%s-%k%%", "{timestamp}-{timestamp:%s-%-H}%"),
            ("{a}%", "{{a}}%"),
            ("%{a", "%{{a"),
            ("%{a b}/%{}%ä", "%{{a b}}/%{{}}%ä"),
            ("", ""),
        ] {
            let escaped = of(text);
            assert_eq!((escaped.template.as_str(), escaped.refused.len()), (template, 0), "{text}");
        }
        assert_eq!(translate("%H%{x}", "received", None, template::header).template, "{received:%H}{x}");
    }

    #[test]
    fn texts_that_look_foreign_come_from_headers() {
        let escaped = translate("/{a}/%{x}/%%Y$%{y}z", "timestamp", Some(2), template::header);
        assert_eq!(escaped.template, "{weir.text.3}{x}{weir.text.4}{y}z");
        assert_eq!((escaped.texts, escaped.optional), (vec!["/{a}/".to_owned(), "/%Y$".to_owned()], 2));
    }

    #[test]
    fn what_has_no_counterpart_is_named() {
        let escaped = of("/%[localhost]/%q/x");
        assert_eq!(escaped.refused, ["%[localhost]", "%q"]);
        assert_eq!(escaped.template, "///x");
    }
}
