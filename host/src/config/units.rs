//! Sizes and shares as people write them.

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
