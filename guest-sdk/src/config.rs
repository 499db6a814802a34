//! Mistakes in a config and warnings of it, each with the place where it stands.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;
use weir_rules::json_pointer;

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

/// Warns of what stands at `pointer` in the config and is hardly meant as it stands: say what is meant, and what to write.
/// For [`Interceptor::new`](crate::Interceptor::new): weir shows it at its line, and starts all the same unless whoever runs
/// it denies warnings. In `process` it is a line of the log.
pub fn warn(pointer: &str, message: &str) {
    crate::log(crate::Level::Warn, &Mistake::new(pointer, message).to_string());
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

/// Reads the config and hands it to `make`.
///
/// serde stops at the first mistake, and says where it is. The host checks a config against the plugin's JSON Schema as
/// well, which finds every mistake of form at once; so what is left to say here is what `make` finds.
///
/// # Errors
/// The first mistake of form, or every mistake that `make` finds.
pub(crate) fn build<C: DeserializeOwned, T>(
    text: &str,
    make: impl FnOnce(C) -> Result<T, Vec<Mistake>>,
) -> Result<T, Vec<Mistake>> {
    let json: Value = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) => return Err(vec![Mistake::new("", format!("the config is not JSON: {error}"))]),
    };
    match serde_path_to_error::deserialize::<_, C>(&json) {
        Ok(config) => make(config),
        Err(error) => Err(vec![mistake_of_form(&error, &json)]),
    }
}

fn mistake_of_form(error: &serde_path_to_error::Error<serde_json::Error>, json: &Value) -> Mistake {
    let mut pointer = pointer_of(error.path(), json);
    let message = error.inner().to_string();
    let unknown = quoted_after(&message, "unknown field `");
    if let Some(member) = unknown.or_else(|| quoted_after(&message, "unknown variant `")) {
        // A variant may also be a plain string; then there is no such member.
        let longer = member_of(&pointer, member);
        if !pointer.ends_with(&member_of("", member)) && json.pointer(&longer).is_some() {
            pointer = longer;
        }
    }
    Mistake::new(pointer, message)
}

fn quoted_after<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    message.strip_prefix(words)?.split('`').next()
}

fn member_of(pointer: &str, field: &str) -> String {
    let mut member = pointer.to_owned();
    json_pointer::push(&mut member, field);
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

    #[test]
    fn a_warning_is_one_line_with_its_place() {
        let said = crate::testing::take_said();
        assert!(said.logs.is_empty());
        warn("/rules/0/pattern", "doubled\nbackslashes");
        let line = "/rules/0/pattern: doubled backslashes".to_owned();
        assert_eq!(crate::testing::take_said().logs, [(crate::Level::Warn, line)]);
    }

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
    fn a_mistake_names_its_place_and_all_that_the_plugin_finds_are_said_at_once() {
        check(r#"{"rules":[{"pattern":"a"}],"from":{"json":"/a"},"buckets":3}"#, &[]);
        check(r#"{"buckets":"3"}"#, &["/buckets: invalid type: string \"3\", expected u32"]);
        check(
            r#"{"rules":[{"pattern":"a"},{"pattern":1}],"bukets":3}"#,
            &["/rules/1/pattern: invalid type: integer `1`, expected a string"],
        );
        check(
            r#"{"rules":[{"patern":"c"}]}"#,
            &["/rules/0/patern: unknown field `patern`, expected `pattern` or `group`"],
        );
        check(r#"{"rules":[{}]}"#, &["/rules/0: missing field `pattern`"]);
        check(r#"{"from":{"json":7}}"#, &["/from/json: invalid type: integer `7`, expected a string"]);
        check(r#"{"from":{"jsn":"/a"}}"#, &["/from/jsn: unknown variant `jsn`, expected `json` or `key`"]);
        check(r#"{"from":"value"}"#, &["/from: unknown variant `value`, expected `json` or `key`"]);
        check(r#"{"a/b":1,"buckets":13}"#, &["/a~1b: unknown field `a/b`, expected one of `rules`, `from`, `buckets`"]);
        check(
            r#"{"buckets":13,"rules":[{"pattern":"a"},{"pattern":"","group":7},{"pattern":""}]}"#,
            &[
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
