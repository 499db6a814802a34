//! Instants written in every form that is read, and read back: by the number of `WEIR_INSTANTS` (10^6 for all that is
//! promised).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use jiff::{
    SignedDuration, Timestamp, ToSpan, Zoned,
    civil::date,
    fmt::strtime::BrokenDownTime,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use weir_sdk::times::{Reader, Setup, Units};
use weir_tests::rng::Rng;

/// Some without summer time, with half hours, on both sides of the day's line, and some whose rules have changed often.
const ZONES: [&str; 20] = [
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Moscow",
    "Europe/Lisbon",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Los_Angeles",
    "America/Caracas",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
];

/// What of an instant a form keeps.
#[derive(Clone, Copy, PartialEq)]
enum Keeps {
    Milliseconds,
    Seconds,
    Minutes,
    Days,
}

/// What a form says of the zone.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    Offset,
    Abbreviation,
    Nothing,
}

struct Form {
    unit: &'static str,
    /// How it is written: none is how it is read.
    written: Option<&'static str>,
    keeps: Keeps,
    says: Says,
    /// How many days the reference may be off.
    days: i64,
}

const fn form(unit: &'static str, keeps: Keeps, says: Says) -> Form {
    Form { unit, written: None, keeps, says, days: 100_000 }
}

const fn iso(written: &'static str, keeps: Keeps, says: Says) -> Form {
    Form { unit: "iso8601", written: Some(written), keeps, says, days: 100_000 }
}

const fn filled(unit: &'static str, keeps: Keeps, says: Says, days: i64) -> Form {
    Form { unit, written: None, keeps, says, days }
}

const FORMS: [Form; 37] = {
    use Keeps::{Days, Milliseconds, Minutes, Seconds};
    use Says::{Abbreviation, Nothing, Offset};
    [
        Form { unit: "rfc3339", written: Some("%Y-%m-%dT%H:%M:%S.%3f%:z"), keeps: Milliseconds, says: Offset, days: 1 },
        iso("%Y-%m-%dT%H:%M:%S.%3f%:z", Milliseconds, Offset),
        iso("%Y-%m-%d %H:%M:%S,%3f%z", Milliseconds, Offset),
        iso("%Y%m%dT%H%M%S%z", Seconds, Offset),
        iso("%Y-%m-%dT%H:%M%:z", Minutes, Offset),
        iso("%G-W%V-%uT%H:%M:%S%:z", Seconds, Offset),
        iso("%Y-%jT%H:%M:%S %z", Seconds, Offset),
        iso("%Y-%m-%dT%H:%M:%S.%6f", Milliseconds, Nothing),
        iso("%Y%m%d %H%M", Minutes, Nothing),
        iso("%Y-%m-%d", Days, Nothing),
        iso("%GW%V%u", Days, Nothing),
        iso("%Y%j", Days, Nothing),
        form("%d/%b/%Y:%H:%M:%S %z", Seconds, Offset),
        form("%a, %d %b %Y %H:%M:%S %:z", Seconds, Offset),
        form("%A %B %e %I:%M:%S%.f %p %Y %:z", Milliseconds, Offset),
        form("%a %b %d %T %Z %Y", Seconds, Abbreviation),
        form("%F %T.%f %Z", Milliseconds, Abbreviation),
        form("%Y-%m-%d %H:%M:%S,%f", Milliseconds, Nothing),
        form("%Y-%m-%d-%H.%M.%S.%f", Milliseconds, Nothing),
        form("%y%m%d %H%M%S", Seconds, Nothing),
        form("%y/%m/%d %T", Seconds, Nothing),
        form("%Y%m%d-%-H:%-M:%-S:%3f", Milliseconds, Nothing),
        form("%D %R", Minutes, Nothing),
        form("%G-W%V-%a %T", Seconds, Nothing),
        form("%Y %U %w %T", Seconds, Nothing),
        form("%Y %W %u %T", Seconds, Nothing),
        form("%j %Y %k:%M", Minutes, Nothing),
        form("%F %T %Q", Seconds, Nothing),
        form("%s.%f", Milliseconds, Offset),
        form("%Y%m%d", Days, Nothing),
        filled("%b %e %H:%M:%S", Seconds, Nothing, 180),
        filled("%m-%d %H:%M:%S.%f", Milliseconds, Nothing, 180),
        filled("%a %b %d %T", Seconds, Nothing, 180),
        filled("%j %T %z", Seconds, Offset, 180),
        filled("%H:%M:%S.%f", Milliseconds, Nothing, 0),
        filled("%T %z", Seconds, Offset, 0),
        filled("%a %T", Seconds, Nothing, 3),
    ]
};

fn reader(form: &Form, zone: &str) -> Reader {
    let mut zones = BTreeMap::new();
    if form.says == Says::Abbreviation {
        for (_, abbreviation) in abbreviations(zone) {
            zones.insert(abbreviation, zone.to_owned());
        }
    }
    let units = Units::One(form.unit.to_owned());
    let has_zone = form.unit != "rfc3339";
    let reads_abbreviations = form.says == Says::Abbreviation;
    let setup = Setup {
        table: "",
        key: "unit",
        units: &units,
        zone: has_zone.then_some(zone),
        zones: reads_abbreviations.then_some(&zones),
        months: None,
    };
    Reader::new(&setup).unwrap()
}

/// The abbreviations of a zone since 1970, with the first moment of each.
fn abbreviations(zone: &str) -> Vec<(Timestamp, String)> {
    let zone = TimeZoneDatabase::bundled().get(zone).unwrap();
    let mut found: Vec<(Timestamp, String)> = Vec::new();
    let first = Timestamp::UNIX_EPOCH;
    let moments = std::iter::once(first).chain(
        zone.following(first)
            .take_while(|change| change.timestamp().to_zoned(TimeZone::UTC).year() < 2040)
            .map(|change| change.timestamp()),
    );
    for moment in moments {
        let name = zone.to_offset_info(moment).abbreviation().to_owned();
        if found.iter().all(|(_, known)| *known != name) {
            found.push((moment, name));
        }
    }
    found
}

/// The start of the year, the end of February, the edges of summer time, and anything.
fn instant(rng: &mut Rng, changes: &[Timestamp]) -> Timestamp {
    let near = |time: Timestamp, rng: &mut Rng| {
        let off = rng.below(2 * 7_200_000) as i64 - 7_200_000;
        time.checked_add(SignedDuration::from_millis(off)).unwrap()
    };
    let year = 1972 + rng.below(65) as i16;
    let utc = |day: jiff::civil::Date| day.to_zoned(TimeZone::UTC).unwrap().timestamp();
    match rng.below(5) {
        0 => near(utc(date(year, 1, 1)), rng),
        1 => near(utc(date(year, 3, 1)), rng),
        2 => near(utc(date(year / 4 * 4, 2, 29)), rng),
        3 if !changes.is_empty() => near(changes[rng.below(changes.len() as u64) as usize], rng),
        _ => Timestamp::from_millisecond(100_000_000_000 + rng.below(2_000_000_000_000) as i64).unwrap(),
    }
}

/// What a form keeps of a time, or none where the form alone does not say which of two it was.
fn kept(form: &Form, time: &Zoned) -> Option<Timestamp> {
    let (local, zone) = (time.datetime(), time.time_zone());
    let cut = match form.keeps {
        Keeps::Milliseconds => local,
        Keeps::Seconds => local.with().subsec_nanosecond(0).build().unwrap(),
        Keeps::Minutes => local.with().second(0).subsec_nanosecond(0).build().unwrap(),
        Keeps::Days => return zone.to_timestamp(local.date().to_datetime(jiff::civil::Time::midnight())).ok(),
    };
    match (form.says, zone.to_ambiguous_timestamp(cut).offset()) {
        (Says::Nothing, AmbiguousOffset::Fold { before, .. }) => {
            (time.offset() == before).then(|| before.to_timestamp(cut).unwrap())
        }
        (Says::Abbreviation, AmbiguousOffset::Fold { before, after }) => {
            // Some zones changed their offset and kept its name.
            let name = |offset: jiff::tz::Offset| {
                let time = offset.to_timestamp(cut).unwrap();
                zone.to_offset_info(time).abbreviation().to_owned()
            };
            (name(before) != name(after)).then(|| time.offset().to_timestamp(cut).unwrap())
        }
        _ => Some(time.offset().to_timestamp(cut).unwrap()),
    }
}

#[test]
fn what_is_written_is_read_back_exactly() {
    let instants: u64 = std::env::var("WEIR_INSTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let each = instants.div_ceil((FORMS.len() * ZONES.len()) as u64);
    let mut rng = Rng::new(20_261_129);
    let mut read = 0;
    for name in ZONES {
        let zone = TimeZoneDatabase::bundled().get(name).unwrap();
        let until = date(2037, 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let since = date(1972, 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let changes: Vec<_> =
            zone.following(since).map(|change| change.timestamp()).take_while(|time| *time < until).collect();
        for form in &FORMS {
            let reader = reader(form, name);
            for _ in 0..each {
                let time = instant(&mut rng, &changes).to_zoned(zone.clone());
                // Offsets of whole minutes are all that these forms have.
                let Some(kept) = kept(form, &time).filter(|_| time.offset().seconds() % 60 == 0) else { continue };
                let text = BrokenDownTime::from(&time).to_string(form.written.unwrap_or(form.unit)).unwrap();
                let off = match form.days {
                    0 => rng.below(2 * 39_000_000) as i64 - 39_000_000,
                    days => {
                        (rng.below(2 * days.min(20_000) as u64 * 86_400_000) as i64) - days.min(20_000) * 86_400_000
                    }
                };
                let reference = (time.timestamp().as_millisecond() + off).max(0);
                let found = reader.read(text.as_bytes(), Some(reference)).map(|(_, ms)| ms);
                assert_eq!(found, Some(kept.as_millisecond()), "{text} as {} in {name} near {reference}", form.unit);
                read += 1;
            }
        }
    }
    assert!(read * 10 > instants * 9, "only {read} of {instants} were told apart");
}

/// A year is filled right as long as the reference is within half a year of it, whatever the day.
#[test]
fn every_day_of_a_leap_year_is_found_from_half_a_year_off() {
    let reader = |unit: &str| {
        let units = Units::One(unit.to_owned());
        Reader::new(&Setup { table: "", key: "unit", units: &units, zone: None, zones: None, months: None }).unwrap()
    };
    let (month, day) = (reader("%b %e %H:%M"), reader("%j %H:%M"));
    let mut time = date(2023, 6, 1).at(23, 59, 0, 0).to_zoned(TimeZone::UTC).unwrap();
    while time.year() < 2025 {
        for days in [-182, -1, 0, 1, 182] {
            let reference = time.checked_add(days.days()).unwrap().timestamp().as_millisecond();
            for (reader, format) in [(&month, "%b %e %H:%M"), (&day, "%j %H:%M")] {
                let text = BrokenDownTime::from(&time).to_string(format).unwrap();
                let found = reader.read(text.as_bytes(), Some(reference)).map(|(_, ms)| ms);
                assert_eq!(found, Some(time.timestamp().as_millisecond()), "{text} {days}");
            }
        }
        time = time.tomorrow().unwrap();
    }
}
