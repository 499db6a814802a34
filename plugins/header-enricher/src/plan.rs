//! Turns the config into entries and renames, and into the plan that they need.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use weir_sdk::{
    Effects, Files, Input, Mistake, Plan, check_header, pointer,
    template::{self, DateFormat, Piece as Part, Tables, Template},
};

use crate::{
    Enricher,
    config::{Config, Missing},
    entry::{Entry, Origin, Piece, Text},
    lookup::Lookup,
    matching::Matching,
    rename::Renames,
};

/// Makes the interceptor and its plan.
///
/// # Errors
///
/// Every mistake of the config.
pub(crate) fn build(config: Config, files: &Files) -> Result<(Enricher, Plan), Vec<Mistake>> {
    let mut draft = Draft { tables: Tables::of(files), ..Draft::default() };
    draft.names(&config);
    draft.renames(&config);
    let zone = draft.zone(&config.zone, pointer!("zone"));
    for (at, header) in config.headers.iter().enumerate() {
        let zone = match &header.zone {
            Some(own) => draft.zone(own, pointer!("headers", at, "zone")),
            None => zone.clone(),
        };
        let preserve = header.preserve_existing.unwrap_or(config.preserve_existing);
        let existing = preserve.then(|| draft.lookup(&header.name));
        let missing = header.missing.as_ref().unwrap_or(&config.missing).clone();
        let pieces = draft.pieces(&header.value, &zone, &pointer!("headers", at, "value"));
        draft.writers.entry(header.name.clone()).or_default().push(at);
        draft.entries.push(Entry {
            name: header.name.clone(),
            pieces,
            existing,
            missing,
            is_read: false,
            room: 0,
            missed: None,
        });
    }
    draft.count_names();
    draft.finish(config)
}

/// Headers that are counted by name: an interceptor has 64 names of counts.
const COUNTED: usize = 63;

#[derive(Default)]
struct Draft<'a> {
    plan: Plan,
    tables: Tables<'a>,
    renames: Renames,
    entries: Vec<Entry>,
    mistakes: Vec<Mistake>,
    /// The entries that write a header, in their order, by its name.
    writers: HashMap<String, Vec<usize>>,
    /// The rename of a header, by its old name and by its new one.
    renamed_from: HashMap<String, usize>,
    renamed_to: HashMap<String, usize>,
    /// What was found for the name of a zone: looking one up in the bundled database costs as much as reading it.
    zones: HashMap<String, Result<TimeZone, String>>,
}

impl Draft<'_> {
    fn mistake(&mut self, pointer: String, message: impl Into<String>) {
        self.mistakes.push(Mistake::new(pointer, message));
    }

    fn names(&mut self, config: &Config) {
        let headers = config.headers.iter().enumerate();
        let headers = headers.map(|(at, header)| (pointer!("headers", at, "name"), &header.name));
        let renames = config.rename.iter().enumerate().flat_map(|(at, rename)| {
            [(pointer!("rename", at, "from"), &rename.from), (pointer!("rename", at, "to"), &rename.to)]
        });
        let removed = config.remove.iter().enumerate().map(|(at, name)| (pointer!("remove", at), name));
        for (pointer, name) in headers.chain(renames).chain(removed) {
            self.mistakes.extend(check_header(name, &pointer));
        }
    }

    fn renames(&mut self, config: &Config) {
        self.renames.preserve_existing = config.preserve_existing;
        for (at, rename) in config.rename.iter().enumerate() {
            if self.renamed_from.contains_key(&rename.from) {
                self.mistake(
                    pointer!("rename", at, "from"),
                    format!("`{}` is renamed above already; rename it once", rename.from),
                );
            }
            if self.renamed_to.contains_key(&rename.to) {
                self.mistake(
                    pointer!("rename", at, "to"),
                    format!("another header gets the name `{}` above already; choose another name", rename.to),
                );
            }
            if rename.from == rename.to {
                self.mistake(pointer!("rename", at, "to"), "this is the name that the header has already");
            }
            let pair = self.renames.pairs.len();
            self.renamed_from.entry(rename.from.clone()).or_insert(pair);
            self.renamed_to.entry(rename.to.clone()).or_insert(pair);
            self.renames.pairs.push((rename.from.clone(), rename.to.clone()));
        }
    }

    fn zone(&mut self, name: &str, pointer: String) -> TimeZone {
        let zone = self.zones.entry(name.to_owned()).or_insert_with(|| template::zone(name)).clone();
        zone.unwrap_or_else(|message| {
            self.mistake(pointer, message);
            TimeZone::UTC
        })
    }

    fn pieces(&mut self, value: &str, zone: &TimeZone, pointer: &str) -> Vec<Piece> {
        let template = match Template::read(value, pointer) {
            Ok(template) => template,
            Err(mistake) => {
                self.mistakes.push(mistake);
                return Vec::new();
            }
        };
        self.pieces_of(template.pieces(), zone, pointer)
    }

    fn pieces_of(&mut self, parts: &[Part], zone: &TimeZone, pointer: &str) -> Vec<Piece> {
        parts.iter().filter_map(|part| self.piece(part, zone, pointer)).collect()
    }

    fn piece(&mut self, part: &Part, zone: &TimeZone, pointer: &str) -> Option<Piece> {
        let shown = part.to_string();
        let from = match part {
            Part::Text(text) => Origin::Text(Text::new(text.clone())),
            Part::Topic => Origin::Topic,
            Part::Partition => Origin::Partition,
            Part::Header(name) => Origin::Header(self.lookup(name)),
            Part::Key => Origin::Bytes(self.plan.column(Input::key())),
            Part::Value => Origin::Bytes(self.plan.column(Input::value())),
            Part::Json(member) => Origin::Bytes(self.plan.column(Input::json(member.as_str()))),
            Part::Uuid => Origin::Uuid(self.plan.column(Input::offset())),
            Part::Offset => Origin::Int(self.plan.column(Input::offset())),
            Part::Timestamp(None) => Origin::Int(self.plan.column(Input::timestamp())),
            Part::Received(None) => Origin::Int(self.plan.column(Input::received())),
            Part::Timestamp(Some(format)) => self.date(Input::timestamp(), format, zone, pointer)?,
            Part::Received(Some(format)) => self.date(Input::received(), format, zone, pointer)?,
            Part::Lookup(lookup) => {
                let key = self.pieces_of(&lookup.key, zone, pointer);
                match self.tables.table(&lookup.columns) {
                    Ok(table) => Origin::Table(table, key),
                    Err(message) => {
                        self.mistake(pointer.to_owned(), message);
                        return None;
                    }
                }
            }
        };
        Some(Piece { shown, from })
    }

    fn date(&mut self, input: Input, format: &str, zone: &TimeZone, pointer: &str) -> Option<Origin> {
        match DateFormat::new(format, zone.clone()) {
            Ok(date) => Some(Origin::Date(self.plan.column(input), Box::new(date))),
            Err(message) => {
                self.mistake(pointer.to_owned(), message);
                None
            }
        }
    }

    /// What a header holds when the next entry is written.
    fn lookup(&mut self, name: &str) -> Lookup {
        let entries: Vec<usize> = self.writers.get(name).into_iter().flatten().rev().copied().collect();
        for at in &entries {
            if let Some(entry) = self.entries.get_mut(*at) {
                entry.is_read = true;
            }
        }
        let made_by = self.renamed_to.get(name).and_then(|pair| {
            let (from, _) = self.renames.pairs.get(*pair)?;
            Some((*pair, self.plan.column(Input::header(from.as_str()))))
        });
        let taken_by = self.renamed_from.get(name).copied();
        Lookup { entries, made_by, taken_by, column: self.plan.column(Input::header(name)) }
    }

    /// Names what is counted where a part of an entry has no value: by its header, as long as there are names.
    fn count_names(&mut self) {
        let mut named: Vec<String> = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.may_miss()) {
            let name = format!("missing_{}", entry.name);
            let is_known = named.contains(&name);
            if !is_known && named.len() < COUNTED {
                named.push(name.clone());
            }
            let is_named = is_known || named.contains(&name);
            entry.missed = Some(if is_named { name } else { "missing_others".to_owned() });
        }
    }

    fn finish(mut self, config: Config) -> Result<(Enricher, Plan), Vec<Mistake>> {
        let mut matching = Matching::new(&config.remove_matching, config.dialect).unwrap_or_else(|wrong| {
            self.mistakes.extend(wrong);
            None
        });
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        let mut remove = config.remove.clone();
        if let Some(matching) = &mut matching {
            // What the config writes is known now; what a record brings, when it comes.
            let written =
                self.entries.iter().map(|entry| &entry.name).chain(config.rename.iter().map(|rename| &rename.to));
            remove.extend(written.filter(|name| matching.takes(name)).cloned());
            self.plan = self.plan.header_names(["*"]).all_headers();
        }
        let renamed = config.rename.iter().flat_map(|rename| [&rename.from, &rename.to]);
        let names = config.headers.iter().map(|header| &header.name).chain(renamed).chain(&config.remove);
        let mut plan = self.plan.header_names(names);
        if !config.rename.is_empty() {
            plan = plan.all_headers();
        }
        if self.entries.iter().any(|entry| entry.missing == Missing::DeadLetter && entry.may_miss()) {
            plan = plan.effects(Effects::DEAD_LETTER);
        }
        Ok((Enricher { renames: self.renames, entries: self.entries, remove, matching }, plan))
    }
}
