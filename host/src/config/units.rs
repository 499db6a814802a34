//! Durations, sizes and shares as people write them.

use std::time::Duration;

/// `50ms`, `5m`, `1m30s`: whole numbers with units, the largest first. None where it is anything else.
pub(super) fn duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 6] =
        [("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1)];
    let mut rest = text;
    let mut micros = 0_u64;
    let mut from = 0;
    while !rest.is_empty() {
        let (number, after) = number(rest)?;
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let at = from + UNITS[from..].iter().position(|(name, _)| *name == unit)?;
        micros = micros.checked_add(number.checked_mul(UNITS[at].1)?)?;
        from = at + 1;
        rest = after;
    }
    (!text.is_empty()).then(|| Duration::from_micros(micros))
}

/// `32MiB`, `1MB`, `512B`. None where it is anything else.
pub(super) fn size(text: &str) -> Option<usize> {
    let (number, unit) = number(text)?;
    let factor: u64 = match unit.trim_start() {
        "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    usize::try_from(number.checked_mul(factor)?).ok()
}

/// `1%`, `0.5%`: more than nothing, at most all, as a share of 1. None where it is anything else.
pub(super) fn share(text: &str) -> Option<f64> {
    let percent = text.strip_suffix('%')?.trim_end();
    if !percent.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let percent: f64 = percent.parse().ok()?;
    (percent > 0.0 && percent <= 100.0).then_some(percent / 100.0)
}

fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_whole_numbers_with_units_in_falling_order() {
        for (text, millis) in
            [("50ms", 50), ("5m", 300_000), ("24h", 86_400_000), ("1m30s", 90_000), ("2d", 172_800_000)]
        {
            assert_eq!(duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        assert_eq!(duration("0s"), Some(Duration::ZERO));
        for text in
            ["", "50", "ms", "5 m", "1s1m", "1m1m", "-5s", "1.5s", "5M", "99999999999999999999s", "999999999999d"]
        {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("32MiB", 32 << 20), ("1MB", 1_000_000), ("64KiB", 65_536), ("7B", 7), ("1 GiB", 1 << 30)]
        {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "32", "MiB", "32mib", "1.5MB", "-1B", "99999999999GiB", "99999999999999999999B"] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn shares_are_percentages_between_nothing_and_all() {
        assert_eq!(share("1%"), Some(0.01));
        assert_eq!(share("0.5%"), Some(0.005));
        assert_eq!(share("100%"), Some(1.0));
        for text in ["1", "0%", "101%", "-1%", "nan%", "inf%", "%", "1e1%"] {
            assert_eq!(share(text), None, "{text}");
        }
    }
}
