//! Durations with units, as in `"5m"`.

const UNITS: [(&str, i64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

/// Reads a duration, in milliseconds: `"90s"`, `"24h"`, or several parts as in `"1h30m"`.
///
/// # Errors
///
/// Says what to write instead.
pub(crate) fn milliseconds(text: &str) -> Result<i64, String> {
    read(text).ok_or_else(|| {
        format!(
            "`{text}` is no duration; write whole numbers with a unit (ms, s, m, h, d, w), as in \"5m\" or \"1h30m\""
        )
    })
}

fn read(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total: i64 = 0;
    loop {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let part = number.parse::<i64>().ok()?.checked_mul(*factor)?;
        total = total.checked_add(part)?;
        if after.is_empty() {
            return Some(total);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn durations_are_whole_numbers_with_units() {
        for (text, expected) in [
            ("250ms", 250),
            ("5s", 5_000),
            ("5m", 300_000),
            ("24h", 86_400_000),
            ("7d", 604_800_000),
            ("2w", 1_209_600_000),
            ("1h30m", 5_400_000),
            ("0s", 0),
        ] {
            assert_eq!(milliseconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_says_so() {
        for text in ["", "5", "m", "-5m", "5 minutes", "1.5h", "5m3", "99999999999999999w", "5M"] {
            assert!(milliseconds(text).is_err(), "{text}");
        }
    }
}
