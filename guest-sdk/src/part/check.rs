//! Reads a part's table: that it names one thing, and that what stands beside it belongs there.

use weir_rules::pattern::{self, Reader};

use super::{Part, ReadPattern, Source, default_group};
use crate::{Mistake, check_header, check_json_pointer, pattern::Dialect, push_pointer, template::Template, warn};

/// What a part is, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Value,
    Key,
    Header(String),
    Json(String, Source),
    Capture { pattern: String, group: u32, source: Source },
    Template(Template),
    Topic,
    Timestamp,
}

const KINDS: &str = "`value`, `key`, `header`, `json`, `capture`, `template`, `topic` and `timestamp`";

impl Part {
    /// What it is.
    pub(super) fn check(&self, at: &str, read: Option<ReadPattern>) -> Result<What, Vec<Mistake>> {
        let mut check = Check { at, mistakes: Vec::new() };
        let kinds = [
            self.value.is_some(),
            self.key.is_some(),
            self.header.is_some(),
            self.json.is_some(),
            self.capture.is_some(),
            self.template.is_some(),
            self.topic.is_some(),
            self.timestamp.is_some(),
        ];
        for (key, on) in
            [("value", self.value), ("key", self.key), ("topic", self.topic), ("timestamp", self.timestamp)]
        {
            if on == Some(false) {
                check.mistake(key, format!("write `{key} = true`, or name another part"));
            }
        }
        match kinds.iter().filter(|is_there| **is_there).count() {
            1 => {}
            0 => check.mistakes.push(Mistake::new(at, format!("names no part of the record: write one of {KINDS}"))),
            _ => check
                .mistakes
                .push(Mistake::new(at, format!("names several parts of the record: write exactly one of {KINDS}"))),
        }
        self.beside(&mut check);
        let source = self.source.clone().unwrap_or_default();
        let what = if let Some(name) = &self.header {
            check.header("header", name);
            What::Header(name.clone())
        } else if let Some(pointer) = &self.json {
            check.pointer("json", pointer);
            What::Json(pointer.clone(), source)
        } else if let Some(pattern) = &self.capture {
            let (pattern, group) = check.capture(pattern, self.dialect.unwrap_or_default(), self.group, read);
            What::Capture { pattern, group, source }
        } else if let Some(template) = &self.template {
            match Template::read(template, &check.below("template")) {
                Ok(template) => What::Template(template),
                Err(mistake) => {
                    check.mistakes.push(mistake);
                    What::Value
                }
            }
        } else if self.key.is_some() {
            What::Key
        } else if self.topic.is_some() {
            What::Topic
        } else if self.timestamp.is_some() {
            What::Timestamp
        } else {
            What::Value
        };
        if check.mistakes.is_empty() { Ok(what) } else { Err(check.mistakes) }
    }

    /// What goes with some parts only.
    fn beside(&self, check: &mut Check<'_>) {
        let searches = self.capture.is_some();
        if self.group.is_some() && !searches {
            check.mistake("group", "goes with `capture` only; leave it out".to_owned());
        }
        if self.dialect.is_some() && !searches {
            check.mistake("dialect", "goes with `capture` only; leave it out".to_owned());
        }
        match &self.source {
            Some(_) if !searches && self.json.is_none() => {
                check.mistake("source", "goes with `json` and `capture` only; leave it out".to_owned());
            }
            Some(Source::Header(name)) => check.header_at(&["source", "header"], name),
            Some(Source::Json(pointer)) => check.pointer_at(&["source", "json"], pointer),
            _ => {}
        }
    }
}

struct Check<'a> {
    at: &'a str,
    mistakes: Vec<Mistake>,
}

impl Check<'_> {
    fn below(&self, key: &str) -> String {
        self.at_all(&[key])
    }

    fn at_all(&self, keys: &[&str]) -> String {
        let mut pointer = self.at.to_owned();
        keys.iter().for_each(|key| push_pointer(&mut pointer, key));
        pointer
    }

    fn mistake(&mut self, key: &str, message: String) {
        self.mistakes.push(Mistake::new(self.below(key), message));
    }

    fn header(&mut self, key: &str, name: &str) {
        self.header_at(&[key], name);
    }

    fn header_at(&mut self, keys: &[&str], name: &str) {
        self.mistakes.extend(check_header(name, &self.at_all(keys)));
    }

    fn pointer(&mut self, key: &str, pointer: &str) {
        self.pointer_at(&[key], pointer);
    }

    fn pointer_at(&mut self, keys: &[&str], pointer: &str) {
        self.mistakes.extend(check_json_pointer(pointer, &self.at_all(keys)));
    }

    /// The pattern in the dialect that weir runs, and the group that is meant of it.
    fn capture(
        &mut self,
        pattern: &str,
        dialect: Dialect,
        group: Option<u32>,
        read: Option<ReadPattern>,
    ) -> (String, u32) {
        let reader = if read.is_some() { Reader::Part } else { Reader::Plugin };
        match read.unwrap_or(read_rust)(pattern, dialect, group) {
            Ok(read) => {
                for warning in pattern::notation(pattern, dialect.into(), reader) {
                    warn(&self.below("capture"), &warning);
                }
                read
            }
            Err(wrong) => {
                self.mistake("capture", wrong);
                (String::new(), 0)
            }
        }
    }
}

/// Reads Rust's dialect alone; what is not valid is refused by whoever runs it, weir or the plugin.
fn read_rust(pattern: &str, dialect: Dialect, group: Option<u32>) -> Result<(String, u32), String> {
    match dialect {
        Dialect::Rust => Ok((pattern.to_owned(), group.unwrap_or_else(|| default_group(pattern)))),
        Dialect::Java => Err("expressions of Java's are not read here: leave `dialect` out and write it in Rust's syntax, or \
                              have a regex-extractor above with `dialect = \"java\"` write what it captures into a header"
            .to_owned()),
    }
}

/// Reads both dialects: see [`Abilities`](super::Abilities).
///
/// # Errors
/// What is wrong with the pattern, or has no equal in Rust's dialect.
#[cfg(feature = "pattern")]
pub fn read_pattern(pattern: &str, dialect: Dialect, group: Option<u32>) -> Result<(String, u32), String> {
    let translated = crate::pattern::translate(pattern, dialect, Reader::Part)?;
    match group.unwrap_or_else(|| default_group(&translated)) {
        // The whole match may hold a line end that is none of Java's match.
        0 => crate::pattern::translate_whole(pattern, dialect, Reader::Part),
        group => Ok((translated, group)),
    }
}
