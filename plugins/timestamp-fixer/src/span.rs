//! Durations with units, as in `"5m"`.

use weir_sdk::DURATION_UNITS;

/// Reads a duration, in milliseconds: `"90s"`, `"24h"`, or several units as in `"1h30m"`.
///
/// # Errors
///
/// Says what to write instead.
pub(crate) fn milliseconds(text: &str) -> Result<i64, String> {
    let Some(duration) = weir_sdk::duration(text) else {
        return Err(format!(
            "`{text}` is not a duration; write whole numbers with units, the largest first ({DURATION_UNITS}), as in \
             \"5m\" or \"1h30m\""
        ));
    };
    let milliseconds = i64::try_from(duration.as_millis()).map_err(|_| format!("`{text}` is too long"))?;
    if duration.subsec_nanos() % 1_000_000 != 0 {
        return Err(format!("`{text}` is not a whole number of milliseconds, which is what Kafka's times are"));
    }
    Ok(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn durations_are_in_milliseconds() {
        for (text, expected) in
            [("250ms", 250), ("7d", 604_800_000), ("2w", 1_209_600_000), ("1h30m", 5_400_000), ("0s", 0), ("2000us", 2)]
        {
            assert_eq!(milliseconds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_duration_says_what_to_write() {
        for (text, cure) in [("5", "\"5m\""), ("1s1m", "the largest first"), (" 5m", "\"5m\""), ("1500us", "whole")] {
            let wrong = milliseconds(text).err().unwrap_or_default();
            assert!(wrong.contains(cure), "{text}: {wrong}");
        }
    }
}
