//! Durations as people write them.

use std::time::Duration;

/// The units in falling order, for messages.
pub const DURATION_UNITS: &str = "w, d, h, m, s, ms, us";

const MICROSECONDS: [(&str, u64); 7] = [
    ("w", 604_800_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1000),
    ("us", 1),
];

/// Reads `50ms`, `5m`, `1m30s`: whole numbers with a unit of [`DURATION_UNITS`], the largest first, each once.
///
/// Returns none for anything else, white space included, and for what exceeds 64 bits of microseconds.
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut microseconds = 0_u64;
    let mut units = &MICROSECONDS[..];
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let at = units.iter().position(|(name, _)| *name == unit)?;
        let part = number.parse::<u64>().ok()?.checked_mul(units.get(at)?.1)?;
        microseconds = microseconds.checked_add(part)?;
        units = units.get(at + 1..)?;
        rest = after;
    }
    (!text.is_empty()).then(|| Duration::from_micros(microseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_numbers_with_units_in_falling_order() {
        for (text, millis) in [
            ("50ms", 50),
            ("5m", 300_000),
            ("24h", 86_400_000),
            ("1m30s", 90_000),
            ("2d", 172_800_000),
            ("2w", 1_209_600_000),
            ("1w2d", 777_600_000),
            ("0s", 0),
        ] {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(duration("1500us"), Some(Duration::from_micros(1500)));
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "",
            "50",
            "ms",
            "5 m",
            " 5m",
            "5m ",
            "1s1m",
            "1m1m",
            "-5s",
            "1.5s",
            "5M",
            "5m3",
            "5 minutes",
            "é5m",
            "99999999999999999999s",
            "999999999999d",
            "99999999999999999w",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
