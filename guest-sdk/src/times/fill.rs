//! The moment that a time's parts say; those that it leaves out are taken from the reference, by nearness.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::DateTime,
    tz::{AmbiguousOffset, Offset, TimeZone},
};

use super::scan::{Field, Item, Scanned};

/// What a format leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Nothing,
    Year,
    /// And the year.
    Month,
    /// And the month and the year.
    Day,
}

/// Returns what a format leaves out.
///
/// # Errors
///
/// Says that it is not enough to say a moment.
pub(super) fn missing(items: &[Item]) -> Result<Missing, &'static str> {
    let has =
        |fields: &[Field]| items.iter().any(|item| matches!(item, Item::Number(field, _) if fields.contains(field)));
    if has(&[Field::Epoch]) {
        return Ok(Missing::Nothing);
    }
    let has_hour = has(&[Field::Hour, Field::HourOfTwelve]);
    let has_fraction = items.iter().any(|item| matches!(item, Item::Fraction(_)));
    if has(&[Field::Minute]) && !has_hour {
        return Err("has minutes (`%M`) and no hours; add `%H`");
    }
    if has(&[Field::Second]) && !has(&[Field::Minute]) {
        return Err("has seconds (`%S`) and no minutes; add `%M`");
    }
    if has_fraction && !has(&[Field::Second]) {
        return Err("has a fraction and no seconds; add `%S`");
    }
    let has_year = has(&[Field::Year, Field::YearOfCentury, Field::Century]);
    let has_month = has(&[Field::Month]) || items.iter().any(|item| matches!(item, Item::Month { .. }));
    let has_day = has(&[Field::Day]);
    let has_weekday = has(&[Field::WeekdayFromMonday, Field::WeekdayFromSunday])
        || items.iter().any(|item| matches!(item, Item::Weekday { .. }));
    let has_week = has(&[Field::WeekFromSunday, Field::WeekFromMonday]);
    let has_iso_year = has(&[Field::IsoYear, Field::IsoYearOfCentury]);
    let says_day = (has_month && has_day) || has(&[Field::DayOfYear]) || (has_week && has_weekday);
    if (has_year && says_day) || (has_iso_year && has(&[Field::IsoWeek]) && has_weekday) {
        return Ok(Missing::Nothing);
    }
    if has_year || has_iso_year {
        return Err("does not say which day it is; add the month and the day (`%m` and `%d`), or `%j`");
    }
    if says_day {
        return Ok(Missing::Year);
    }
    if has_month || has_week || has(&[Field::IsoWeek]) {
        return Err("does not say which day it is; add the day (`%d`)");
    }
    if has_day {
        return Ok(Missing::Month);
    }
    if has_hour {
        return Ok(Missing::Day);
    }
    Err("does not say a time; write a strftime format such as \"%Y-%m-%d %H:%M:%S\"")
}

/// Where a time was told.
struct Place<'t> {
    zone: TimeZone,
    /// What the text calls the offset.
    abbreviation: Option<&'t str>,
    /// What the text says the offset is beside the zone.
    offset: Option<Offset>,
}

/// Returns the moment; `zone` is that of times which name none themselves, `reference` is in milliseconds.
pub(super) fn timestamp(
    scanned: Scanned<'_>,
    missing: Missing,
    zone: &TimeZone,
    reference: Option<i64>,
) -> Option<Timestamp> {
    if let Some(seconds) = scanned.epoch {
        // `%s` beside `%.f`: the fraction counts.
        let fraction = SignedDuration::from_nanos(scanned.nanosecond.into());
        return Timestamp::from_second(seconds).ok()?.checked_add(fraction).ok();
    }
    let place = match (scanned.offset, &scanned.zone) {
        (Some(offset), None) => Place { zone: TimeZone::fixed(offset), abbreviation: None, offset: None },
        (offset, Some(zone)) => Place { zone: zone.clone(), abbreviation: scanned.abbreviation, offset },
        (None, None) => Place { zone: zone.clone(), abbreviation: None, offset: None },
    };
    if missing == Missing::Nothing {
        return place.moment(scanned.time.to_datetime().ok()?);
    }
    Nearest::new(scanned, place, reference?)?.find(missing)
}

impl Place<'_> {
    fn moment(&self, local: DateTime) -> Option<Timestamp> {
        if let Some(offset) = self.offset {
            let time = offset.to_timestamp(local).ok()?;
            return (self.zone.to_offset(time) == offset).then_some(time);
        }
        let possible = self.zone.to_ambiguous_timestamp(local);
        if let (Some(name), AmbiguousOffset::Fold { before, after }) = (self.abbreviation, possible.offset()) {
            let named = [before, after].into_iter().find_map(|offset| {
                let time = offset.to_timestamp(local).ok()?;
                (self.zone.to_offset_info(time).abbreviation() == name).then_some(time)
            });
            if named.is_some() {
                return named;
            }
        }
        possible.compatible().ok()
    }
}

/// Looks for the parts that bring a time nearest to the reference; of two that are equally near, the earlier ones.
struct Nearest<'t> {
    scanned: Scanned<'t>,
    place: Place<'t>,
    reference: Timestamp,
    /// The reference where the time was told.
    local: DateTime,
    best: Option<(SignedDuration, Timestamp)>,
}

impl<'t> Nearest<'t> {
    fn new(scanned: Scanned<'t>, place: Place<'t>, reference: i64) -> Option<Self> {
        let reference = Timestamp::from_millisecond(reference).ok()?;
        let local = place.zone.to_datetime(reference);
        Some(Nearest { scanned, place, reference, local, best: None })
    }

    fn find(mut self, missing: Missing) -> Option<Timestamp> {
        match missing {
            Missing::Nothing => self.consider(),
            Missing::Year => {
                let time = &self.scanned.time;
                let is_of_leap_years =
                    (time.month(), time.day()) == (Some(2), Some(29)) || time.day_of_year() == Some(366);
                // Two leap years are eight years apart at most.
                let reach = if is_of_leap_years { 8 } else { 1 };
                for year in -reach..=reach {
                    if self.scanned.time.set_year(Some(self.local.year().saturating_add(year))).is_ok() {
                        self.consider();
                    }
                }
            }
            Missing::Month => {
                // The nearest month that has such a day is the next but one at most: no two short ones are neighbours.
                for months in -2..=2 {
                    let Ok(first) = self.local.date().first_of_month().checked_add(months.months()) else { continue };
                    let time = &mut self.scanned.time;
                    if time.set_year(Some(first.year())).is_ok() && time.set_month(Some(first.month())).is_ok() {
                        self.consider();
                    }
                }
            }
            Missing::Day => {
                // One more than is needed: on an island that changed the side of the day's line a day was left out.
                let reach = if self.scanned.time.weekday().is_some() { 8 } else { 2 };
                for days in -reach..=reach {
                    let Ok(day) = self.local.date().checked_add(days.days()) else { continue };
                    let time = &mut self.scanned.time;
                    let is_set = time.set_year(Some(day.year())).is_ok()
                        && time.set_month(Some(day.month())).is_ok()
                        && time.set_day(Some(day.day())).is_ok();
                    if is_set {
                        self.consider();
                    }
                }
            }
        }
        self.best.map(|(_, time)| time)
    }

    /// Takes the time as it is filled now where it is there and nearer than what was.
    fn consider(&mut self) {
        // Also where the date has another weekday than the text says.
        let Ok(local) = self.scanned.time.to_datetime() else { return };
        let Some(time) = self.place.moment(local) else { return };
        let far = time.duration_since(self.reference).abs();
        if self.best.is_none_or(|(nearest, _)| far < nearest) {
            self.best = Some((far, time));
        }
    }
}
