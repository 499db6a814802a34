//! Times in a strftime format and a zone.

mod directives;

use jiff::tz::TimeZone;

use super::{
    fill::{self, Missing},
    names::Names,
    scan::{self, Item},
};

/// A strftime format, and the zone of times that name none themselves.
#[derive(Debug)]
pub(super) struct Format {
    items: Vec<Item>,
    missing: Missing,
    zone: TimeZone,
    names: Names,
}

impl Format {
    /// # Errors
    ///
    /// Says what is wrong: a directive that is not there, or too few of them for a moment.
    pub(super) fn new(format: &str, zone: &TimeZone, names: &Names) -> Result<Format, String> {
        let mistake = |wrong: String| format!("`{format}`: {wrong}");
        let mut items = directives::items(format).map_err(mistake)?;
        if items.contains(&Item::Abbreviation) && !names.has_zones() {
            return Err(mistake(
                "`%Z` reads an abbreviation, and those mean several zones each; say which are meant beside the format, as in \
                 `zones = { CST = \"Asia/Shanghai\" }`, or read an offset with `%z`"
                    .to_owned(),
            ));
        }
        // Where letters follow a name, it is not known where a longer spelling of it ends.
        for at in 1..items.len() {
            let is_followed = match items[at] {
                Item::Literal(byte) => byte.is_ascii_alphabetic(),
                Item::Month { .. } | Item::Weekday { .. } | Item::Meridiem | Item::Zone | Item::Abbreviation => true,
                _ => false,
            };
            if let Item::Month { is_exact } | Item::Weekday { is_exact } = &mut items[at - 1] {
                *is_exact = is_followed;
            }
        }
        let missing = fill::missing(&items).map_err(|wrong| mistake(wrong.to_owned()))?;
        Ok(Format { items, missing, zone: zone.clone(), names: names.clone() })
    }

    /// Milliseconds since the epoch, rounded down; none where the text does not have the format or is no time, and where
    /// a part is left out and there is no reference.
    ///
    /// A time that a change to summer time skips is read as if the change had not come yet,
    /// one that stands twice as the first of the two. A leap second (`:60`) is read as second 59.
    pub(super) fn milliseconds(&self, text: &[u8], reference: Option<i64>) -> Option<i64> {
        let scanned = scan::scan(&self.items, text, &self.names)?;
        let time = fill::timestamp(scanned, self.missing, &self.zone, reference)?;
        i64::try_from(time.as_nanosecond().div_euclid(1_000_000)).ok()
    }

    pub(super) fn needs_reference(&self) -> bool {
        self.missing != Missing::Nothing
    }

    pub(super) fn has_abbreviation(&self) -> bool {
        self.items.contains(&Item::Abbreviation)
    }

    pub(super) fn has_month_name(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Month { .. }))
    }
}
