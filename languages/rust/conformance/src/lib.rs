//! The reference plugin of the conformance kit: does what the script in its config says. The commands are those of
//! conformance/README.md.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use weir_sdk::{Batch, Cells, Edits, Effects, Files, Input, Interceptor, Level, Mistake, Plan};

/// The script.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Config {
    script: Vec<String>,
}

/// What is left of the script after configuring.
#[derive(Debug)]
pub struct Reference {
    commands: Vec<String>,
    /// Which columns are of integers.
    ints: Vec<bool>,
    files: BTreeMap<String, Option<Vec<u8>>>,
}

impl Interceptor for Reference {
    type Config = Config;
    const NAME: &'static str = "reference";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Does what its script says.";

    fn new(config: Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let mut plan = Plan::new();
        let mut this = Self { commands: Vec::new(), ints: Vec::new(), files: BTreeMap::new() };
        let mut mistakes = Vec::new();
        for (at, line) in config.script.into_iter().enumerate() {
            let (command, rest) = split(&line);
            match command {
                "input" => {
                    let kind = split(rest).0;
                    this.ints.push(["timestamp", "timestamp-type", "received", "offset", "json-int"].contains(&kind));
                    plan = plan.input(input(rest));
                }
                "all-headers" => plan = plan.all_headers(),
                "effects" => plan = rest.split(' ').fold(plan, |plan, name| plan.effects(effect(name))),
                "header-name" => plan = plan.header_names([rest]),
                "topic" => plan = plan.topics([rest]),
                "file" => drop(this.files.insert(rest.to_owned(), files.get(rest))),
                "mistake" => mistakes.push(Mistake::new(format!("/script/{at}"), rest)),
                _ => this.commands.push(line),
            }
        }
        if mistakes.is_empty() { Ok((this, plan)) } else { Err(mistakes) }
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let mut rows = Rows { plugin: self, batch, sources: batch.rows().collect() };
        for line in &self.commands {
            let (command, rest) = split(line);
            let (first, last) = split(rest);
            match command {
                "log" => weir_sdk::log(level(first), last),
                "count" => weir_sdk::count(first, last.parse().expect("a number")),
                "fail" => {
                    if !rows.matching(first)?.is_empty() {
                        return Err(last.to_owned());
                    }
                }
                "panic" => assert!(rows.matching(first)?.is_empty(), "{last}"),
                "expand" => {
                    let counts = batch.ints(number(first))?;
                    let copies = |row| std::iter::repeat_n(row, counts.get(row).map_or(0, |count| count as usize));
                    rows.sources = batch.rows().flat_map(copies).collect();
                    edits.expand(rows.sources.iter().copied());
                }
                "drop" => rows.matching(first)?.into_iter().for_each(|row| edits.drop(row)),
                "dead-letter" => rows.matching(first)?.into_iter().for_each(|row| edits.dead_letter(row, last)),
                "set" => rows.write(edits.set_header(first), last)?,
                "append" => rows.write(edits.append_header(first), last)?,
                "remove" if last == "all" => edits.remove_header(first).all(),
                "remove" => edits.remove_header(first).rows(rows.matching(split(last).1)?),
                "key" => rows.write(edits.key(), rest)?,
                "value" => rows.write(edits.value(), rest)?,
                "timestamp" => {
                    let ms = last.parse().expect("a number");
                    rows.matching(first)?.into_iter().for_each(|row| edits.timestamp(row, ms));
                }
                "partition" => {
                    let partition = last.parse().expect("a number");
                    rows.matching(first)?.into_iter().for_each(|row| edits.partition(row, partition));
                }
                "route" => {
                    let topic = edits.topic(last);
                    rows.matching(first)?.into_iter().for_each(|row| edits.route(row, topic));
                }
                _ => return Err(format!("no such command: {line}")),
            }
        }
        Ok(())
    }
}

/// The rows that edits speak of.
struct Rows<'a> {
    plugin: &'a Reference,
    batch: &'a Batch,
    /// For each, the row of the batch that it was made of.
    sources: Vec<usize>,
}

impl Rows<'_> {
    /// The rows of which a WHERE holds.
    fn matching(&self, condition: &str) -> Result<Vec<usize>, String> {
        let mut rows = Vec::new();
        for (row, source) in self.sources.iter().enumerate() {
            let holds = if condition == "*" {
                true
            } else if let Some((column, text)) = condition.split_once('=') {
                self.cell(number(column), *source)?.as_deref() == Some(text.as_bytes())
            } else if let Some(column) = condition.strip_suffix('!') {
                self.cell(number(column), *source)?.is_none()
            } else {
                let column = condition.strip_suffix('?').ok_or("WHERE is none")?;
                self.cell(number(column), *source)?.is_some()
            };
            if holds {
                rows.push(row);
            }
        }
        Ok(rows)
    }

    /// Writes CELLS.
    fn write(&self, cells: &mut Cells, spec: &str) -> Result<(), String> {
        let (form, rest) = split(spec);
        match form {
            "all" => cells.all(rest),
            "all-null" => cells.all_null(),
            "column" => cells.column(self.batch.bytes(number(rest))?),
            _ => {
                let (condition, value) = split(rest);
                for row in self.matching(condition)? {
                    match self.value(value, self.sources[row])? {
                        Some(bytes) => cells.row(row, &bytes),
                        None => cells.row_null(row),
                    }
                }
            }
        }
        Ok(())
    }

    /// A VALUE of a row of the batch.
    fn value(&self, spec: &str, row: usize) -> Result<Option<Vec<u8>>, String> {
        let (kind, rest) = split(spec);
        Ok(match kind {
            "text" => Some(rest.into()),
            "column" => self.cell(number(rest), row)?,
            "file" => self.plugin.files[rest].clone(),
            "last" => self.headers()?.last(row, rest).flatten().map(Into::into),
            "headers" => {
                let headers = self.headers()?;
                let texts = headers.row(row).map(|(name, value)| match value {
                    Some(value) => [name.as_bytes(), b"=", value].concat(),
                    None => name.into(),
                });
                Some(texts.collect::<Vec<_>>().join(&b','))
            }
            "seen" => {
                let mut seen = format!("{} {}", self.batch.topic(), self.batch.partition()).into_bytes();
                for at in 0..self.plugin.ints.len() {
                    seen.push(b'|');
                    seen.extend(self.cell(at, row)?.unwrap_or_else(|| b"-".to_vec()));
                }
                Some(seen)
            }
            _ => None,
        })
    }

    fn headers(&self) -> Result<weir_sdk::Headers<'_>, String> {
        self.batch.headers().ok_or_else(|| "no header table".to_owned())
    }

    fn cell(&self, at: usize, row: usize) -> Result<Option<Vec<u8>>, String> {
        Ok(if self.plugin.ints[at] {
            self.batch.ints(at)?.get(row).map(|number| number.to_string().into_bytes())
        } else {
            self.batch.bytes(at)?.get(row).map(Into::into)
        })
    }
}

/// A line's first word and the rest.
fn split(line: &str) -> (&str, &str) {
    line.split_once(' ').unwrap_or((line, ""))
}

fn number(text: &str) -> usize {
    text.parse().expect("a column's number")
}

fn input(spec: &str) -> Input {
    let (kind, rest) = split(spec);
    let (source, last) = split(rest);
    let from = |input: Input| match source.split_once(':') {
        Some((_, name)) => input.of_header(name),
        None if source == "key" => input.of_key(),
        None => input,
    };
    match kind {
        "key" => Input::key(),
        "value" => Input::value(),
        "header" => Input::header(rest),
        "timestamp" => Input::timestamp(),
        "timestamp-type" => Input::timestamp_type(),
        "received" => Input::received(),
        "offset" => Input::offset(),
        "json" => from(Input::json(last)),
        "json-int" => from(Input::json_int(last)),
        "capture" => {
            let (group, pattern) = split(last);
            from(Input::capture(pattern, group.parse().expect("a group's number")))
        }
        _ => panic!("no such input: {spec}"),
    }
}

fn effect(name: &str) -> Effects {
    match name {
        "key" => Effects::KEY,
        "value" => Effects::VALUE,
        "timestamp" => Effects::TIMESTAMP,
        "headers" => Effects::HEADERS,
        "route" => Effects::ROUTE,
        "partition" => Effects::PARTITION,
        "drop" => Effects::DROP,
        "dead-letter" => Effects::DEAD_LETTER,
        "expand" => Effects::EXPAND,
        _ => panic!("no such effect: {name}"),
    }
}

fn level(name: &str) -> Level {
    match name {
        "debug" => Level::Debug,
        "info" => Level::Info,
        "warn" => Level::Warn,
        _ => Level::Error,
    }
}

weir_sdk::export!(Reference);
