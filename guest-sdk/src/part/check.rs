//! Reads a part's table: that it names one thing, and that what stands beside it belongs there.

use weir_rules::pattern::{self, Reader};

use super::{Dialect, Part, Source, default_group};
use crate::{Mistake, check_header, check_json_pointer, push_pointer, template::Template, warn};

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
    pub(super) fn check(&self, at: &str) -> Result<What, Vec<Mistake>> {
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
            What::Capture {
                pattern: check.pattern("capture", pattern, self.dialect.unwrap_or_default()),
                group: self.group.unwrap_or_else(|| default_group(pattern)),
                source,
            }
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

    /// The pattern in the dialect that weir runs.
    fn pattern(&mut self, key: &str, pattern: &str, dialect: Dialect) -> String {
        match dialect.translate(pattern) {
            Ok(pattern) => {
                // What is not valid is refused by whoever runs it, weir or the plugin.
                for warning in pattern::notation(&pattern, pattern::Dialect::Rust, Reader::Part) {
                    warn(&self.below(key), &warning);
                }
                pattern
            }
            Err(wrong) => {
                self.mistake(key, wrong);
                String::new()
            }
        }
    }
}

impl Dialect {
    /// Returns the pattern as Rust's regex crate takes it.
    ///
    /// # Errors
    /// What has no equal there.
    pub fn translate(self, pattern: &str) -> Result<String, String> {
        match self {
            Dialect::Rust => Ok(pattern.to_owned()),
            Dialect::Java => Err("expressions of Java's are not read here: leave `dialect` out and write it in Rust's syntax, or have a \
                                   regex-extractor above write what it captures into a header"
                .to_owned()),
        }
    }
}
