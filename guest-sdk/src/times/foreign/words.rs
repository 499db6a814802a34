//! Other systems' words for units and for well-known formats.

/// In small letters, without signs between them; each line of words with what stands for them here.
const WORDS: [(&[&str], &str); 14] = [
    (
        &["seconds", "second", "secs", "sec", "s", "unix", "unixtime", "epoch", "epochsecond", "epochseconds", "posix"],
        "s",
    ),
    (&["milliseconds", "millisecond", "millis", "msec", "ms", "unixms", "epochmillis", "epochmilliseconds"], "ms"),
    (&["microseconds", "microsecond", "micros", "usec", "us", "µs", "unixus", "epochmicros"], "us"),
    (&["nanoseconds", "nanosecond", "nanos", "nsec", "ns", "unixns", "unixnano", "epochnanos"], "ns"),
    (&["days", "day", "d", "epochday", "epochdays"], "d"),
    (
        &[
            "iso8601",
            "iso",
            "isodate",
            "isodatetime",
            "dateoptionaltime",
            "strictdateoptionaltime",
            "strictdateoptionaltimenanos",
            "datetime",
            "strictdatetime",
        ],
        "iso8601",
    ),
    (&["rfc3339", "rfc3339nano"], "rfc3339"),
    (&["auto"], "auto"),
    (&["binary", "bigendian", "int64", "long"], "ms-be"),
    (&["rfc3164", "syslog", "stamp"], "%b %e %H:%M:%S"),
    (&["ansic", "asctime"], "%a %b %e %H:%M:%S %Y"),
    (&["clf", "httpd", "apache", "nginx", "commonlog"], "%d/%b/%Y:%H:%M:%S %z"),
    (&["rfc1123z", "rfc2822"], "%a, %d %b %Y %H:%M:%S %z"),
    (&["rfc1123", "http", "httpdate"], "%a, %d %b %Y %H:%M:%S GMT"),
];

/// Says what to write instead of a unit or format of another system; none where it is none of those.
pub(in super::super) fn foreign_unit(unit: &str) -> Option<String> {
    if unit.contains("||") && !unit.contains('%') {
        return several(unit);
    }
    match known_unit(unit) {
        Some(here) => Some(format!("`{unit}` is not a unit; write \"{here}\"")),
        None => super::foreign_format(unit),
    }
}

/// Elasticsearch's `strict_date_optional_time||epoch_millis`.
fn several(unit: &str) -> Option<String> {
    let mut units: Vec<String> = Vec::new();
    for part in unit.split("||").map(str::trim) {
        let known = known_unit(part).map(str::to_owned);
        let of_here = known.or_else(|| weir_rules::date_pattern(part).and_then(|pattern| pattern.format));
        let Some(of_here) = of_here else {
            return Some(format!(
                "`{unit}` is a list of formats as Elasticsearch has it; write a list of strings: \"iso8601\", \"ms\", strftime \
                 formats and so on"
            ));
        };
        if !units.contains(&of_here) {
            units.push(of_here);
        }
    }
    Some(format!("`{unit}` is a list of formats as Elasticsearch has it; write [\"{}\"]", units.join("\", \"")))
}

/// The unit that a word stands for.
fn known_unit(unit: &str) -> Option<&'static str> {
    let plain: String = unit.chars().filter(|letter| !" _-".contains(*letter)).flat_map(char::to_lowercase).collect();
    WORDS.iter().find(|(words, _)| words.contains(&plain.as_str())).map(|(_, here)| *here)
}
