//! strftime formats against jiff's own reader: what that reads is read here, and as the same time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::{Timestamp, fmt::strtime::BrokenDownTime, tz::TimeZoneDatabase};
use proptest::prelude::*;
use weir_sdk::times::{Reader, Setup, Units};

/// Directives that both have; `%Z` is the operator's table here and nothing there.
const DIRECTIVES: [&str; 44] = [
    "%Y", "%4Y", "%_Y", "%-Y", "%5Y", "%y", "%C", "%m", "%-m", "%_m", "%03m", "%d", "%e", "%-d", "%j", "%-j", "%H",
    "%k", "%-H", "%I", "%l", "%M", "%-M", "%S", "%_S", "%f", "%3f", "%.f", "%.3f", "%N", "%b", "%B", "%h", "%a", "%A",
    "%p", "%P", "%z", "%:z", "%Q", "%s", "%u", "%w", "%%",
];
const WHOLE: [&str; 9] = ["%F", "%T", "%R", "%D", "%F %T", "%Y-%m-%d %H:%M:%S", "%G-W%V-%u", "%Y-%U-%w", "%Y-%W-%u"];
const BETWEEN: [&str; 10] = ["", " ", "-", "/", ":", "T", ".", ",", "x ", "ü"];

/// Half of them begin with a date, so that most are moments.
fn format() -> impl Strategy<Value = String> {
    let heads = prop::sample::select(&["", "", "%F %T ", "%Y-%j %H:%M ", "%d %b %Y "][..]);
    let pieces = prop_oneof![prop::sample::select(&DIRECTIVES[..]), prop::sample::select(&WHOLE[..])];
    let piece = (pieces, prop::sample::select(&BETWEEN[..]));
    (heads, prop::collection::vec(piece, 1..7)).prop_map(|(head, pieces)| {
        let pieces = pieces.iter().flat_map(|(directive, after)| [*directive, *after]);
        std::iter::once(head).chain(pieces).collect()
    })
}

fn reader(format: &str) -> Option<Reader> {
    let units = Units::One(format.to_owned());
    Reader::new(&Setup {
        table: "",
        key: "unit",
        units: &units,
        zone: Some("Europe/Berlin"),
        zones: None,
        months: None,
    })
    .ok()
}

/// By jiff, in Berlin where nothing else is said. A zone that no table has is no time, as in jiff's own
/// `to_zoned`, even where seconds since the epoch would do without it.
fn jiff_reads(format: &str, text: &str) -> Option<i64> {
    let time = BrokenDownTime::parse(format, text).ok()?;
    let zones = &TimeZoneDatabase::bundled();
    if let Some(name) = time.iana_time_zone() {
        zones.get(name).ok()?;
    }
    let berlin = zones.get("Europe/Berlin").unwrap();
    let moment = match time.timestamp() {
        Some(seconds) => {
            seconds.checked_add(jiff::SignedDuration::from_nanos(time.subsec_nanosecond().unwrap_or(0).into())).ok()?
        }
        None if time.offset().is_none() && time.iana_time_zone().is_none() => {
            berlin.to_timestamp(time.to_datetime().ok()?).ok()?
        }
        None => time.to_zoned_with(zones).ok()?.timestamp(),
    };
    i64::try_from(moment.as_nanosecond().div_euclid(1_000_000)).ok().filter(|&ms| ms >= 0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_jiff_reads_is_read_alike(format in format(), ms in 0_i64..4_000_000_000_000, cut in 0_usize..40, noise in "[-+0-9a-zA-Z: ]{0,3}") {
        let time = Timestamp::from_millisecond(ms).unwrap().to_zoned(TimeZoneDatabase::bundled().get("Asia/Kathmandu").unwrap());
        let Ok(mut text) = BrokenDownTime::from(&time).to_string(&format) else { return Ok(()) };
        if cut < text.len() && text.is_char_boundary(cut) && !noise.is_empty() {
            text.insert_str(cut, &noise);
        }
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        // Of two zones jiff looks the last up, weir both.
        let zones = format.matches("%Q").count();
        if zones < 2 && let Some(expected) = jiff_reads(&format, text) {
            let reader = reader(&format);
            prop_assert!(reader.is_some(), "{format} is refused");
            let found = reader.and_then(|reader| reader.read(text.as_bytes(), None)).map(|(_, ms)| ms);
            prop_assert_eq!(found, Some(expected), "{} {}", format, text);
        }
    }

    #[test]
    fn no_format_and_no_text_bring_it_down(format in "(%[-_0^#]?[0-9]{0,3}:{0,3}[.]?[a-zA-Z%+]|[ -~]|ü){0,8}", text in "[ -~üÄ]{0,30}", reference in any::<i64>()) {
        if let Some(reader) = reader(&format) {
            let _ = reader.read(text.as_bytes(), Some(reference));
        }
        let _ = weir_sdk::times::foreign_format(&format);
        let _ = weir_sdk::times::foreign_format(&text);
    }
}
