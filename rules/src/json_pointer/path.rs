//! Paths of other systems: JSONPath, jq, Logstash and JSON Schema, and the pointer for what they name.

use std::fmt;

use super::push;
use crate::TEMPLATE_SIGNS;

/// Why there is no pointer for a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlike {
    /// It has a wildcard, a filter, a slice or a descent of any depth.
    Several,
    /// It counts from the end of an array.
    FromTheEnd,
    /// It computes something.
    Expression,
}

impl fmt::Display for Unlike {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self {
            Self::Several => "names one member, and this names several",
            Self::FromTheEnd => "counts items from the first, and this from the last",
            Self::Expression => "names one member, and this is an expression",
        };
        write!(out, "a JSON pointer {why}: that takes a `jq` interceptor")
    }
}

/// Returns the pointer for a path of names with dots and brackets, as JSONPath, jq and others write it: `$.a[0].b`, `.a`,
/// `a.b`, `$['a b']`, `[a][b]`, `#/a/b`, `%{[a][b]}`.
///
/// # Errors
/// It does not name exactly one member.
pub fn of_path(path: &str) -> Result<String, Unlike> {
    let path = unwrapped(path);
    if let Some(fragment) = path.strip_prefix('#').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        return Ok(fragment.to_owned());
    }
    let rest = path.strip_prefix('$').filter(|rest| rest.is_empty() || rest.starts_with(['.', '['])).unwrap_or(path);
    let mut reading = Reading { pointer: String::new(), name: String::new(), is_jq: path.starts_with('.') };
    reading.read_path(rest)?;
    Ok(if reading.pointer.is_empty() && !matches!(path, "$" | ".") { "/".to_owned() } else { reading.pointer })
}

/// Without what stands round a path in a template of Logstash and others.
fn unwrapped(path: &str) -> &str {
    let path = path.trim();
    let inside = path.trim_start_matches(TEMPLATE_SIGNS).strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let Some(inside) = inside else { return path };
    let inside = inside.trim_start_matches('{').trim_end_matches('}').trim();
    inside.strip_prefix("json:").unwrap_or(inside)
}

struct Reading {
    pointer: String,
    /// The name that is being read.
    name: String,
    /// Whether a question mark behind a name says that it may be missing.
    is_jq: bool,
}

impl Reading {
    fn read_path(&mut self, path: &str) -> Result<(), Unlike> {
        let is_path = path.starts_with(['.', '[']);
        let mut rest = path;
        while let Some(letter) = rest.chars().next() {
            rest = &rest[letter.len_utf8()..];
            match letter {
                '.' if rest.starts_with('.') => return Err(Unlike::Several),
                '.' | '/' => self.end_name()?,
                '(' | '|' if is_path => return Err(Unlike::Expression),
                '"' if self.is_jq && self.name.is_empty() && rest.contains('"') => {
                    let (name, after) = rest.split_once('"').unwrap_or((rest, ""));
                    push(&mut self.pointer, name);
                    rest = after;
                }
                '[' => match bracket(rest) {
                    Some((inside, after)) => {
                        self.end_name()?;
                        push(&mut self.pointer, read_brackets(inside)?);
                        rest = after;
                    }
                    None => self.name.push(letter),
                },
                _ => self.name.push(letter),
            }
        }
        self.end_name()
    }

    fn end_name(&mut self) -> Result<(), Unlike> {
        let name = if self.is_jq { self.name.trim_end().trim_end_matches('?') } else { &self.name };
        if matches!(name, "*" | "**") {
            return Err(Unlike::Several);
        }
        if !name.is_empty() {
            push(&mut self.pointer, name);
        }
        self.name.clear();
        Ok(())
    }
}

/// What stands between the bracket that was opened and the one that closes it, and what follows.
fn bracket(rest: &str) -> Option<(&str, &str)> {
    for quote in ['\'', '"'] {
        let quoted = rest.strip_prefix(quote).and_then(|name| name.find(&format!("{quote}]")));
        if let Some(length) = quoted {
            return Some((rest.get(..length + 2)?, rest.get(length + 3..)?));
        }
    }
    rest.split_once(']')
}

/// Returns the name or the number that brackets hold.
pub(super) fn read_brackets(inside: &str) -> Result<&str, Unlike> {
    let inside = inside.trim();
    for quote in ['\'', '"'] {
        let name = inside.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(name) = name {
            return if name.contains(quote) { Err(Unlike::Several) } else { Ok(name) };
        }
    }
    let is_of = |known: &str| inside.bytes().all(|byte| byte.is_ascii_digit() || known.as_bytes().contains(&byte));
    let is_slice = inside.contains([':', ',']) && is_of(":,- ");
    if matches!(inside, "" | "*") || inside.starts_with('?') || is_slice {
        return Err(Unlike::Several);
    }
    match inside {
        _ if inside.starts_with('-') && is_of("-") => Err(Unlike::FromTheEnd),
        _ if inside.starts_with('(') || inside.starts_with('@') => Err(Unlike::Expression),
        _ => Ok(inside),
    }
}

/// Returns a path without the wildcard at its end, which names the items of an array; none where there is no such.
pub(super) fn of_array(path: &str) -> Option<&str> {
    ["/[*]", "/[]", "[*]", "[]", "[]?", ".*", "/*", "/-"].iter().find_map(|wildcard| path.strip_suffix(wildcard))
}

#[cfg(test)]
mod tests {
    use super::{super::fault, *};

    #[test]
    fn what_names_one_member_is_translated() {
        for (path, pointer) in [
            ("$.actionTime", "/actionTime"),
            ("actionTime", "/actionTime"),
            (".a.b", "/a/b"),
            ("a.b", "/a/b"),
            ("a/b", "/a/b"),
            ("$.a[0].b", "/a/0/b"),
            ("$['a b'][\"c/d\"]", "/a b/c~1d"),
            ("$['a]b']", "/a]b"),
            ("[a][b]", "/a/b"),
            ("$", ""),
            ("a[", "/a["),
            ("日.志", "/日/志"),
            ("#/a/b", "/a/b"),
            ("#", ""),
            ("%{[a][b]}", "/a/b"),
            ("%{a}", "/a"),
            ("${a.b}", "/a/b"),
            ("{json:/a/b}", "/a/b"),
            ("{{ .a.b }}", "/a/b"),
            (".\"a b\".c", "/a b/c"),
            (".a?.b?", "/a/b"),
            ("a?", "/a?"),
        ] {
            assert_eq!(of_path(path).as_deref(), Ok(pointer), "{path}");
            assert_eq!(fault(pointer), None, "{path}");
            assert!(fault(path).is_some_and(|said| said.contains(&format!("\"{pointer}\""))), "{path}");
        }
    }

    #[test]
    fn what_names_several_or_none_is_not() {
        for (path, why) in [
            ("$.items[*].id", Unlike::Several),
            ("$.items.*", Unlike::Several),
            ("$..id", Unlike::Several),
            ("..", Unlike::Several),
            (".a[]", Unlike::Several),
            (".a[]?.b", Unlike::Several),
            ("items[].id", Unlike::Several),
            ("a.*.b", Unlike::Several),
            ("$['a','b']", Unlike::Several),
            ("$.a[0,1]", Unlike::Several),
            ("$.a[1:3]", Unlike::Several),
            ("$.a[?(@.b > 1)].c", Unlike::Several),
            ("$.a[-1]", Unlike::FromTheEnd),
            (".a[-2].b", Unlike::FromTheEnd),
            ("$.a[(@.length-1)]", Unlike::Expression),
            (".a | .b", Unlike::Expression),
            ("$.a.length()", Unlike::Expression),
        ] {
            assert_eq!(of_path(path), Err(why), "{path}");
            let said = fault(path).unwrap_or_default();
            assert!(said.contains("`jq`") && !said.contains('"'), "{path}: {said}");
        }
    }
}
