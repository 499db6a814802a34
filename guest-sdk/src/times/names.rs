//! Names in times: months, weekdays, zones and their abbreviations.

use std::collections::BTreeMap;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names of months besides the English ones: twelve of them in order, or a table of names and numbers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Months {
    /// The twelve names in order.
    InOrder(Vec<String>),
    /// Names, each with the number of its month.
    Numbered(BTreeMap<String, i8>),
}

/// The English names, each with what else it is shortened to than to three letters.
const MONTHS: [(&str, &[&str]); 12] = [
    ("january", &[]),
    ("february", &[]),
    ("march", &[]),
    ("april", &[]),
    ("may", &[]),
    ("june", &[]),
    ("july", &[]),
    ("august", &[]),
    ("september", &["sept"]),
    ("october", &[]),
    ("november", &[]),
    ("december", &[]),
];
const WEEKDAYS: [(&str, &[&str]); 7] = [
    ("sunday", &[]),
    ("monday", &[]),
    ("tuesday", &["tues"]),
    ("wednesday", &[]),
    ("thursday", &["thurs", "thur"]),
    ("friday", &[]),
    ("saturday", &[]),
];

/// What the operator names.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// In small letters, the longest first, with the number of the month from 1.
    months: Vec<(String, i8)>,
    /// None: `%Z` is refused.
    zones: Option<BTreeMap<String, TimeZone>>,
    pub(super) database: TimeZoneDatabase,
}

impl Names {
    /// Tells `wrong` of every mistake: the path of keys to it, and a message.
    pub(super) fn new(
        months: Option<&Months>,
        zones: Option<&BTreeMap<String, String>>,
        database: TimeZoneDatabase,
        wrong: &mut dyn FnMut(&[&str], String),
    ) -> Names {
        let mut named: Vec<(String, i8)> = Vec::new();
        match months {
            None => {}
            Some(Months::InOrder(names)) => {
                if names.len() != 12 {
                    let message = "is a list of twelve names, January first; for fewer, or several for one month, write \
                                   a table such as { \"janv.\" = 1 }";
                    wrong(&["months"], message.to_owned());
                }
                named.extend(names.iter().map(|name| name.to_lowercase()).zip(1..));
            }
            Some(Months::Numbered(names)) => {
                for (name, number) in names {
                    if !(1..=12).contains(number) {
                        wrong(&["months", name], format!("{number} is not a month; write a number from 1 to 12"));
                    }
                    named.push((name.to_lowercase(), *number));
                }
            }
        }
        if named.iter().any(|(name, _)| name.is_empty()) {
            wrong(&["months"], "a name is empty; write the name as it stands in the times".to_owned());
        }
        named.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let zones = zones.map(|zones| {
            let found = zones.iter().filter_map(|(abbreviation, name)| match zone_or_offset(name, &database) {
                Ok(zone) => Some((abbreviation.clone(), zone)),
                Err(message) => {
                    wrong(&["zones", abbreviation], message);
                    None
                }
            });
            found.collect()
        });
        Names { months: named, zones, database }
    }

    pub(super) fn has_zones(&self) -> bool {
        self.zones.is_some()
    }

    /// Reads the name of a month, and returns its number and the rest of the text. With `is_exact`, letters follow
    /// the name, which is then a usual one: three letters or the whole.
    pub(super) fn month<'t>(&self, text: &'t [u8], is_exact: bool) -> Option<(i8, &'t [u8])> {
        for (name, number) in &self.months {
            if let Some(rest) = after(name, text) {
                return Some((*number, rest));
            }
        }
        let (index, rest) = english(&MONTHS, text, is_exact)?;
        Some((index + 1, rest))
    }

    /// Reads the name of a weekday: 0 is Sunday.
    pub(super) fn weekday(text: &[u8], is_exact: bool) -> Option<(i8, &[u8])> {
        english(&WEEKDAYS, text, is_exact)
    }

    /// Returns the zone of an abbreviation.
    pub(super) fn abbreviated(&self, name: &str) -> Option<TimeZone> {
        if let Some(zone) = self.zones.as_ref().and_then(|zones| zones.get(name)) {
            return Some(zone.clone());
        }
        matches!(name, "UTC" | "GMT" | "UT" | "Z").then_some(TimeZone::UTC)
    }
}

/// Finds a zone by its IANA name.
///
/// # Errors
///
/// Says that there is no such zone.
pub(super) fn zone(name: &str, database: &TimeZoneDatabase) -> Result<TimeZone, String> {
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    let unknown = || format!("there is no time zone `{name}`; write an IANA name such as `Europe/Berlin`");
    database.get(name).map_err(|_| unknown())
}

fn zone_or_offset(name: &str, database: &TimeZoneDatabase) -> Result<TimeZone, String> {
    match super::scan::offset(name.as_bytes()) {
        Some((seconds, [])) => Offset::from_seconds(seconds).map(TimeZone::fixed).map_err(|error| error.to_string()),
        _ => zone(name, database).map_err(|wrong| format!("{wrong} or an offset such as `+08:00`")),
    }
}

fn english<'t>(names: &[(&str, &[&str])], text: &'t [u8], is_exact: bool) -> Option<(i8, &'t [u8])> {
    let (first, rest) = text.split_at_checked(3)?;
    let index = names.iter().position(|(name, _)| first.eq_ignore_ascii_case(&name.as_bytes()[..3]))?;
    let (name, others) = names[index];
    let longer = |name: &str| {
        let (start, rest) = text.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name.as_bytes()).then_some(rest)
    };
    let others = if is_exact { &[] } else { others };
    let rest = longer(name).or_else(|| others.iter().find_map(|name| longer(name))).unwrap_or(rest);
    Some((i8::try_from(index).ok()?, rest))
}

/// Returns what comes after a name, given in small letters, in a text.
fn after<'t>(name: &str, text: &'t [u8]) -> Option<&'t [u8]> {
    if name.is_ascii() {
        let (start, rest) = text.split_at_checked(name.len())?;
        return start.eq_ignore_ascii_case(name.as_bytes()).then_some(rest);
    }
    // A letter has as many bytes as its small one in nearly all scripts, but not in all.
    let shown = match std::str::from_utf8(text) {
        Ok(shown) => shown,
        Err(error) => std::str::from_utf8(&text[..error.valid_up_to()]).ok()?,
    };
    let mut letters = shown
        .char_indices()
        .flat_map(|(at, letter)| letter.to_lowercase().map(move |small| (at + letter.len_utf8(), small)));
    let mut end = 0;
    for expected in name.chars() {
        let (next, letter) = letters.next()?;
        if letter != expected {
            return None;
        }
        end = next;
    }
    text.get(end..)
}
