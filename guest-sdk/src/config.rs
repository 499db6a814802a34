//! Reads a config so that every mistake in it names the place where it stands.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// One thing that is wrong in a config, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// An RFC 6901 pointer into the config; empty for the config as a whole.
    pub pointer: String,
    /// What is wrong, and best what to write instead: lower case, no full stop.
    pub message: String,
}

impl Mistake {
    /// A mistake at `pointer`.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

/// `pointer: message`, on one line.
impl fmt::Display for Mistake {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.pointer, self.message.replace(['\n', '\r'], " "))
    }
}

/// A JSON pointer made of names and numbers, so that `~` and `/` in a name do no harm.
///
/// `pointer!("rules", 3, "pattern")` is `/rules/3/pattern`.
#[macro_export]
macro_rules! pointer {
    ($($part:expr),* $(,)?) => {{
        let mut pointer = ::std::string::String::new();
        $($crate::push_pointer(&mut pointer, &::std::string::ToString::to_string(&$part));)*
        pointer
    }};
}

/// Appends one part to a JSON pointer.
pub fn push_pointer(pointer: &mut String, part: &str) {
    pointer.push('/');
    pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
}

/// Reads the config and hands it to `make`.
///
/// serde stops at the first mistake. So that an operator sees all of them, what is wrong is taken out and the rest is
/// read again. `make` is asked too, about what is left; what it says of places where something was taken out is not
/// repeated.
pub(crate) fn build<C: DeserializeOwned, T>(
    text: &str,
    make: impl FnOnce(C) -> Result<T, Vec<Mistake>>,
) -> Result<T, Vec<Mistake>> {
    let json: Value = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) => return Err(vec![Mistake::new("", format!("the config is not JSON: {error}"))]),
    };
    let mut rest = Rest { json, removed: Vec::new() };
    let mut mistakes: Vec<Mistake> = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize::<_, C>(&rest.json) {
            Ok(config) => {
                let made = make(config);
                if mistakes.is_empty() {
                    return made;
                }
                let more = made.err().unwrap_or_default().into_iter();
                let more = more.map(|mistake| Mistake { pointer: rest.original(&mistake.pointer), ..mistake });
                mistakes.extend(more.filter(|mistake| !rest.is_maimed(&mistake.pointer)));
                return Err(mistakes);
            }
            Err(error) => error,
        };
        let mut pointer = pointer_of(error.path(), &rest.json);
        let message = error.inner().to_string();
        let unknown = quoted_after(&message, "unknown field `");
        if let Some(member) = unknown.or_else(|| quoted_after(&message, "unknown variant `")) {
            // A variant may also be a plain string; then there is no such member.
            let longer = member_of(&pointer, member);
            if !pointer.ends_with(&member_of("", member)) && rest.json.pointer(&longer).is_some() {
                pointer = longer;
            }
        }
        let place = rest.original(&pointer);
        // What is wrong only because a part of it was taken out has been spoken of; it goes as a whole.
        let spoken_of = match quoted_after(&message, "missing field `") {
            Some(field) => rest.removed.contains(&member_of(&place, field)),
            None => rest.removed.iter().any(|removed| removed.starts_with(&member_of(&place, ""))),
        };
        if !spoken_of {
            mistakes.push(Mistake::new(place, message));
        }
        if !rest.take_out(&pointer) {
            return Err(mistakes);
        }
    }
}

/// A config without what was wrong in it.
struct Rest {
    json: Value,
    /// Where what was taken out stood in the config as it came.
    removed: Vec<String>,
}

impl Rest {
    /// Where something stood in the config as it came: elements move up when one before them is taken out.
    fn original(&self, pointer: &str) -> String {
        let (mut now, mut original) = (String::new(), String::new());
        for part in pointer.split('/').skip(1) {
            let is_element = self.json.pointer(&now).is_some_and(Value::is_array);
            now = format!("{now}/{part}");
            original = match part.parse::<usize>() {
                Ok(at) if is_element => self.original_element(&original, at),
                _ => format!("{original}/{part}"),
            };
        }
        original
    }

    /// Whether something was taken out right there, or around it.
    fn is_maimed(&self, place: &str) -> bool {
        let is_at = |removed: &String| {
            let parent = removed.rsplit_once('/').map_or("", |(parent, _)| parent);
            parent == place || member_of(place, "").starts_with(&member_of(removed, ""))
        };
        self.removed.iter().any(is_at)
    }

    fn original_element(&self, array: &str, at: usize) -> String {
        let mut seen = 0;
        let stays = |element: &String| !self.removed.contains(element);
        let mut elements = (0..).map(|index: usize| format!("{array}/{index}")).filter(stays);
        // There are infinitely many, so one is found.
        elements
            .find(|_| {
                seen += 1;
                seen > at
            })
            .unwrap_or_default()
    }

    /// Takes out what stands at the pointer; answers whether anything did. The whole config cannot be taken out.
    fn take_out(&mut self, pointer: &str) -> bool {
        let Some((parent, name)) = pointer.rsplit_once('/') else { return false };
        let place = self.original(pointer);
        let taken = match self.json.pointer_mut(parent) {
            Some(Value::Object(members)) => members.shift_remove(&name.replace("~1", "/").replace("~0", "~")).is_some(),
            Some(Value::Array(elements)) => match name.parse::<usize>() {
                Ok(at) if at < elements.len() => {
                    elements.remove(at);
                    true
                }
                _ => false,
            },
            _ => false,
        };
        self.removed.push(place);
        taken
    }
}

fn quoted_after<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    message.strip_prefix(words)?.split('`').next()
}

fn member_of(pointer: &str, field: &str) -> String {
    let mut member = pointer.to_owned();
    push_pointer(&mut member, field);
    member
}

/// The pointer to where serde stood, as far as the document has it: what serde calls an enum's variant is a member
/// only where the variant carries something.
fn pointer_of(path: &serde_path_to_error::Path, json: &Value) -> String {
    let mut pointer = String::new();
    for segment in path {
        let part = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.clone(),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => break,
        };
        let longer = member_of(&pointer, &part);
        if json.pointer(&longer).is_none() {
            break;
        }
        pointer = longer;
    }
    pointer
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only read by serde")]
    struct Config {
        #[serde(default)]
        rules: Vec<Rule>,
        #[serde(default)]
        from: Option<From>,
        #[serde(default)]
        buckets: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only read by serde")]
    struct Rule {
        pattern: String,
        #[serde(default)]
        group: Option<u32>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    #[allow(dead_code, reason = "only read by serde")]
    enum From {
        Json(String),
        Key(bool),
    }

    #[track_caller]
    fn check(config: &str, expected: &[&str]) {
        let made = build::<Config, ()>(config, |config| {
            let mut mistakes = Vec::new();
            if config.buckets == 13 {
                mistakes.push(Mistake::new("/buckets", "brings bad luck"));
            }
            for (at, rule) in config.rules.iter().enumerate().filter(|(_, rule)| rule.pattern.is_empty()) {
                mistakes.push(Mistake::new(crate::pointer!("rules", at, "pattern"), "is empty"));
                mistakes.extend(rule.group.is_none().then(|| Mistake::new(crate::pointer!("rules", at), "no group")));
            }
            if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
        });
        let lines: Vec<_> = made.err().unwrap_or_default().iter().map(ToString::to_string).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_mistake_names_its_place_and_all_are_said_at_once() {
        check(r#"{"rules":[{"pattern":"a"}],"from":{"json":"/a"},"buckets":3}"#, &[]);
        check(r#"{"buckets":"3"}"#, &["/buckets: invalid type: string \"3\", expected u32"]);
        check(
            r#"{"rules":[{"pattern":"a"},{"pattern":1}],"bukets":3}"#,
            &[
                "/rules/1/pattern: invalid type: integer `1`, expected a string",
                "/bukets: unknown field `bukets`, expected one of `rules`, `from`, `buckets`",
            ],
        );
        check(
            r#"{"rules":[{},{"pattern":"a"},{"pattern":1},{"pattern":"b"},{"patern":"c"},{"pattern":2}],"x":1}"#,
            &[
                "/rules/0: missing field `pattern`",
                "/rules/2/pattern: invalid type: integer `1`, expected a string",
                "/rules/4/patern: unknown field `patern`, expected `pattern` or `group`",
                "/rules/4: missing field `pattern`",
                "/rules/5/pattern: invalid type: integer `2`, expected a string",
                "/x: unknown field `x`, expected one of `rules`, `from`, `buckets`",
            ],
        );
        check(r#"{"from":{"json":7}}"#, &["/from/json: invalid type: integer `7`, expected a string"]);
        check(r#"{"from":{"jsn":"/a"}}"#, &["/from/jsn: unknown variant `jsn`, expected `json` or `key`"]);
        check(r#"{"from":"value"}"#, &["/from: unknown variant `value`, expected `json` or `key`"]);
        check(
            r#"{"a/b":1,"buckets":13}"#,
            &["/a~1b: unknown field `a/b`, expected one of `rules`, `from`, `buckets`", "/buckets: brings bad luck"],
        );
        check(
            r#"{"buckets":13,"rules":[{"pattern":1},{"pattern":"","group":"x"},{"pattern":""}]}"#,
            &[
                "/rules/0/pattern: invalid type: integer `1`, expected a string",
                "/rules/1/group: invalid type: string \"x\", expected u32",
                "/buckets: brings bad luck",
                "/rules/1/pattern: is empty",
                "/rules/2/pattern: is empty",
                "/rules/2: no group",
            ],
        );
        check("[1", &[": the config is not JSON: EOF while parsing a list at line 1 column 2"]);
        check("7", &[": invalid type: integer `7`, expected struct Config"]);
    }
}
