//! One expression, ready to run over batches.

use regex::bytes::{CaptureLocations, Regex};
use weir_sdk::{
    Batch, Bytes, Cells, Edits, Input, Mistake, Plan, check_header,
    part::{PartReader, Searched},
    pattern::{Reader, translate},
    pointer,
};

use crate::{
    Config, Engine, NoMatch, RuleConfig, Run,
    backtracking::Backtracking,
    date::DateReader,
    groups::{Groups, in_words},
    source::{Place, Text, texts},
};

/// How much of a text stands in a reason.
const QUOTED: usize = 80;

/// A rule whose columns are declared.
#[derive(Debug)]
pub(crate) struct Rule {
    at: usize,
    pattern: String,
    targets: Vec<Target>,
    finds: Finds,
    no_match: NoMatch,
    date: Option<DateReader>,
}

/// A header that a group goes into.
#[derive(Debug)]
struct Target {
    header: String,
    group: usize,
    /// The column of the header as it came, where it is to stay.
    existing: Option<usize>,
}

/// Where the captures come from.
#[derive(Debug)]
enum Finds {
    /// A column for each target; `witness` is null exactly where nothing matches.
    Host { witness: usize, groups: Vec<usize> },
    /// The plugin looks, in a part of the record.
    Guest { regex: Regex, part: PartReader },
    /// As well, and the search goes back.
    Backtracking { regex: Backtracking, part: PartReader },
}

/// A rule's expression, read.
struct Expression<'a> {
    groups: Groups,
    search: Search<'a>,
}

/// Who looks for an expression, and how.
enum Search<'a> {
    ByHost(String, Searched<'a>),
    Linear(Regex),
    Backtracking(Backtracking),
}

impl<'a> Expression<'a> {
    fn new(rule: &RuleConfig, config: &Config, place: &'a Place) -> Result<Self, String> {
        let dialect = rule.dialect.unwrap_or(config.dialect);
        if rule.engine.unwrap_or(config.engine) == Engine::Backtracking {
            let regex = Backtracking::new(&rule.pattern, dialect)?;
            return Ok(Self { groups: regex.groups(), search: Search::Backtracking(regex) });
        }
        let expression = translate(&rule.pattern, dialect, Reader::Extractor)?;
        let groups = Groups::of(&expression)?;
        let search = match (config.run, place.searched()) {
            (Run::Host, Some(searched)) => Search::ByHost(expression, searched),
            _ => Search::Linear(Regex::new(&expression).map_err(|error| in_words(&error.to_string()))?),
        };
        Ok(Self { groups, search })
    }
}

/// How often nothing was found, over all rules of a batch.
#[derive(Debug, Default)]
pub(crate) struct Misses {
    /// The expression does not match.
    pub(crate) unmatched: u32,
    /// It does, but what it captured is no date.
    pub(crate) unreadable: u32,
    /// How often a date was read, by the unit in its list.
    pub(crate) reads: Vec<u32>,
}

impl Rule {
    /// Adds the rule's columns to the plan.
    pub(crate) fn new(at: usize, rule: &RuleConfig, config: &Config, plan: &mut Plan) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut date = rule.date.as_ref().and_then(|date| {
            DateReader::new(date, &pointer!("rules", at, "date")).map_err(|wrong| mistakes.extend(wrong)).ok()
        });
        let place = Place::new(&rule.source, pointer!("rules", at, "source"));
        mistakes.extend(place.mistakes());
        for (number, header) in rule.headers.iter().flatten().enumerate().filter(|(_, header)| !header.is_empty()) {
            mistakes.extend(check_header(header, &pointer!("rules", at, "headers", number)));
        }
        let expression = Expression::new(rule, config, &place);
        let Expression { groups: groups_of_pattern, search } = match expression {
            Ok(expression) => expression,
            Err(wrong) => {
                mistakes.push(Mistake::new(pointer!("rules", at, "pattern"), wrong));
                return Err(mistakes);
            }
        };
        let targets =
            targets(at, rule, &groups_of_pattern).map_err(|mistake| mistakes.push(mistake)).unwrap_or_default();
        if rule.date.is_some() && targets.len() > 1 {
            let several = "a rule with a date has one header: write a rule for each group";
            mistakes.push(Mistake::new(pointer!("rules", at, "date"), several));
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        if let Some(date) = &mut date {
            date.declare(plan);
        }
        let preserve = rule.preserve_existing.unwrap_or(config.preserve_existing);
        let target = |(group, header): (usize, String)| {
            let existing = preserve.then(|| plan.column(Input::header(&header)));
            Target { header, group, existing }
        };
        let targets: Vec<Target> = targets.into_iter().map(target).collect();
        let finds = match search {
            Search::Linear(regex) => Finds::Guest { regex, part: place.declare(plan)? },
            Search::Backtracking(regex) => Finds::Backtracking { regex, part: place.declare(plan)? },
            Search::ByHost(expression, searched) => {
                let mut column = |group: usize| plan.column(searched.capture(&expression, group as u32));
                let groups: Vec<usize> = targets.iter().map(|target| column(target.group)).collect();
                // Where every match has every group, any of them tells whether there was one.
                let sure = groups_of_pattern.are_in_every_match;
                let witness = groups.first().copied().filter(|_| sure).unwrap_or_else(|| column(0));
                Finds::Host { witness, groups }
            }
        };
        Ok(Self { at, pattern: rule.pattern.clone(), targets, finds, no_match: rule.no_match.clone(), date })
    }

    /// The headers it may write.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        self.targets.iter().map(|target| target.header.as_str())
    }

    /// Writes the headers of a batch.
    pub(crate) fn extract(&self, batch: &Batch, edits: &mut Edits, misses: &mut Misses) -> Result<(), String> {
        if self.pass_on(batch, edits, misses)? {
            return Ok(());
        }
        let existing = self.targets.iter().map(|target| target.existing.map(|at| batch.bytes(at)).transpose());
        let existing: Vec<Option<Bytes<'_>>> = existing.collect::<Result<_, _>>()?;
        let mut headers: Vec<Cells> = self.targets.iter().map(|_| Cells::new()).collect();
        let texts = self.finds.texts(batch)?;
        let mut captures = Captures::new(self, batch, &texts)?;
        let mut found = vec![None; self.targets.len()];
        let references = self.date.as_ref().map(|date| date.references(batch)).transpose()?.flatten();
        let mut milliseconds = String::new();
        for row in batch.rows() {
            let matched = captures.find(row, &mut found)?;
            let mut is_miss = !matched;
            misses.unmatched += u32::from(!matched);
            if matched && let (Some(date), Some(Some(text))) = (&self.date, found.first()) {
                milliseconds.clear();
                let reference = references.as_ref().and_then(|references| references.get(row));
                match date.read(text, reference, &mut misses.reads) {
                    Some(read) => milliseconds = read.to_string(),
                    None => is_miss = true,
                }
                misses.unreadable += u32::from(is_miss);
            }
            if is_miss && self.no_match == NoMatch::DeadLetter {
                edits.dead_letter(row, self.reason(found.first().copied().flatten().filter(|_| matched)));
                continue;
            }
            for ((cells, found), existing) in headers.iter_mut().zip(&found).zip(&existing) {
                if existing.as_ref().is_some_and(|existing| existing.get(row).is_some()) {
                    continue;
                }
                match (&self.no_match, found) {
                    (NoMatch::Default(text), _) if is_miss => cells.row(row, text.as_bytes()),
                    _ if is_miss => {}
                    (_, Some(_)) if self.date.is_some() => cells.row(row, milliseconds.as_bytes()),
                    (_, Some(bytes)) => cells.row(row, bytes),
                    // The expression matches without this group.
                    (_, None) => {}
                }
            }
        }
        for (target, cells) in self.targets.iter().zip(headers) {
            edits.set_header_cells(&target.header, cells);
        }
        Ok(())
    }

    /// Hands whole columns on where every cell would go into its header as it came; says whether that was so.
    fn pass_on(&self, batch: &Batch, edits: &mut Edits, misses: &mut Misses) -> Result<bool, String> {
        let Finds::Host { witness, groups } = &self.finds else { return Ok(false) };
        let found = batch.bytes(*witness)?;
        let unmatched = found.nulls();
        let is_plain = self.date.is_none() && self.targets.iter().all(|target| target.existing.is_none());
        if !is_plain || (unmatched > 0 && self.no_match != NoMatch::Leave) {
            return Ok(false);
        }
        misses.unmatched += unmatched as u32;
        for (target, &group) in self.targets.iter().zip(groups) {
            let column = if group == *witness { found } else { batch.bytes(group)? };
            edits.set_header_column(&target.header, column);
        }
        Ok(true)
    }

    /// Why a search came to no end.
    fn gave_up(&self, wrong: &str) -> String {
        format!("rule {}: {wrong} for `{}`", self.at, quoted(self.pattern.as_bytes()))
    }

    fn reason(&self, unread: Option<&[u8]>) -> String {
        match (unread, &self.date) {
            (Some(text), Some(date)) => format!("rule {}: {}", self.at, date.reason(&quoted(text))),
            _ => format!("rule {}: nothing matches `{}`", self.at, quoted(self.pattern.as_bytes())),
        }
    }
}

impl Finds {
    /// The texts of a batch's rows, where the plugin looks.
    fn texts<'a>(&'a self, batch: &'a Batch) -> Result<Vec<Text<'a>>, String> {
        match self {
            Self::Host { .. } => Ok(Vec::new()),
            Self::Guest { part, .. } | Self::Backtracking { part, .. } => texts(part, batch),
        }
    }
}

/// The captures of one rule in one batch.
enum Captures<'a> {
    Host { witness: Bytes<'a>, groups: Vec<Bytes<'a>> },
    Guest { rule: &'a Rule, regex: &'a Regex, places: CaptureLocations, texts: &'a [Text<'a>] },
    Backtracking { rule: &'a Rule, regex: &'a Backtracking, texts: &'a [Text<'a>] },
}

impl<'a> Captures<'a> {
    fn new(rule: &'a Rule, batch: &'a Batch, texts: &'a [Text<'a>]) -> Result<Self, String> {
        Ok(match &rule.finds {
            Finds::Host { witness, groups } => {
                let groups = groups.iter().map(|&at| batch.bytes(at)).collect::<Result<_, _>>()?;
                Self::Host { witness: batch.bytes(*witness)?, groups }
            }
            Finds::Guest { regex, .. } => Self::Guest { rule, regex, places: regex.capture_locations(), texts },
            Finds::Backtracking { regex, .. } => Self::Backtracking { rule, regex, texts },
        })
    }

    /// Whether the expression matches in a row, and if so, what each target found.
    fn find(&mut self, row: usize, found: &mut [Option<&'a [u8]>]) -> Result<bool, String> {
        match self {
            Self::Host { witness, groups } => {
                found.iter_mut().zip(groups).for_each(|(found, group)| *found = group.get(row));
                Ok(witness.get(row).is_some())
            }
            Self::Guest { rule, regex, places, texts } => {
                let Some(Some(text)) = texts.get(row) else { return Ok(false) };
                if regex.captures_read(places, text).is_none() {
                    return Ok(false);
                }
                for (found, target) in found.iter_mut().zip(&rule.targets) {
                    *found = places.get(target.group).and_then(|(from, to)| text.get(from..to));
                }
                Ok(true)
            }
            Self::Backtracking { rule, regex, texts } => {
                let Some(Some(text)) = texts.get(row) else { return Ok(false) };
                let groups = regex.find(text).map_err(|wrong| rule.gave_up(&wrong))?;
                let Some(groups) = groups else { return Ok(false) };
                for (found, target) in found.iter_mut().zip(&rule.targets) {
                    *found = groups.get(target.group).cloned().flatten().and_then(|range| text.get(range));
                }
                Ok(true)
            }
        }
    }
}

/// Groups and their headers, in the order of the groups.
fn targets(at: usize, rule: &RuleConfig, groups: &Groups) -> Result<Vec<(usize, String)>, Mistake> {
    let Some(headers) = &rule.headers else {
        if groups.named.is_empty() {
            let cure = "write `headers = [\"…\"]`, or name the groups: `(?P<header>…)`";
            return Err(Mistake::new(pointer!("rules", at), format!("no header is named for what matches: {cure}")));
        }
        return Ok(groups.named.clone());
    };
    let groups = groups.count;
    let wrong = |message: String| Err(Mistake::new(pointer!("rules", at, "headers"), message));
    if headers.len() > groups {
        let has = match groups {
            0 => "no group: put parentheses around the part that is to be lifted".to_owned(),
            1 => "one group only".to_owned(),
            groups => format!("{groups} groups only"),
        };
        return wrong(format!("{} headers, but the pattern has {has}", headers.len()));
    }
    let named = headers.iter().enumerate().filter(|(_, header)| !header.is_empty());
    let named: Vec<_> = named.map(|(at, header)| (at + 1, header.clone())).collect();
    if named.is_empty() {
        return wrong("no header is named".to_owned());
    }
    Ok(named)
}

fn quoted(bytes: &[u8]) -> String {
    match bytes.get(..QUOTED) {
        Some(head) if bytes.len() > QUOTED => format!("{}…", head.escape_ascii()),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains(char::is_control) => text.to_owned(),
            _ => bytes.escape_ascii().to_string(),
        },
    }
}
