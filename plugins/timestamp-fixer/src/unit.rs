//! What the client's text means: a number in some unit, RFC 3339, or a strftime format.

use weir_sdk::dates::Pattern;

use crate::{
    number::{self, Scale},
    rfc3339,
};

/// The key `unit`, checked.
#[derive(Debug)]
pub(crate) enum Unit {
    Number(Scale),
    Rfc3339,
    Pattern(Pattern),
}

/// The words that `unit` knows, besides strftime formats.
const WORDS: [(&str, Option<Scale>); 6] = [
    ("auto", Some(Scale::Auto)),
    ("s", Some(Scale::Seconds)),
    ("ms", Some(Scale::Milliseconds)),
    ("us", Some(Scale::Microseconds)),
    ("ns", Some(Scale::Nanoseconds)),
    ("rfc3339", None),
];

impl Unit {
    /// The unit that is one of the words; none where it must be a strftime format.
    pub(crate) fn word(unit: &str) -> Option<Unit> {
        let (_, scale) = WORDS.iter().find(|(word, _)| *word == unit)?;
        Some(scale.map_or(Unit::Rfc3339, Unit::Number))
    }

    /// Whether [`number::usual`] reads what it reads as [`Unit::read`] does: a text that is, digit for digit, the
    /// milliseconds it says, as nearly all are. It only saves time.
    pub(crate) fn has_usual(&self) -> bool {
        matches!(self, Unit::Number(Scale::Auto | Scale::Milliseconds))
    }

    /// Milliseconds since the epoch, rounded down.
    ///
    /// White space round the text is ignored. None where it cannot be read, or is before the epoch:
    /// Kafka has no such timestamps (-1 means none, the others are refused).
    #[inline(never)]
    pub(crate) fn read(&self, text: &[u8]) -> Option<i64> {
        let text = text.trim_ascii();
        let time = match self {
            Unit::Number(scale) => number::milliseconds(text, *scale),
            Unit::Rfc3339 => rfc3339::milliseconds(text),
            Unit::Pattern(pattern) => pattern.milliseconds(text),
        };
        time.filter(|&ms| ms >= 0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::Unit;

    fn read(unit: &str, text: &str) -> Option<i64> {
        Unit::word(unit).unwrap().read(text.as_bytes())
    }

    #[test]
    fn every_word_reads_its_own_unit() {
        assert_eq!(read("s", "1700000000"), Some(1_700_000_000_000));
        assert_eq!(read("ms", "1700000000"), Some(1_700_000_000));
        assert_eq!(read("us", "1700000000"), Some(1_700_000));
        assert_eq!(read("ns", "1700000000"), Some(1_700));
        assert_eq!(read("auto", "1700000000"), Some(1_700_000_000_000));
        assert_eq!(read("rfc3339", "2023-11-14T22:13:20Z"), Some(1_700_000_000_000));
        assert!(Unit::word("%Y").is_none());
        assert!(Unit::word("seconds").is_none());
    }

    #[test]
    fn white_space_round_the_text_is_ignored() {
        assert_eq!(read("auto", " \t1700000000\r\n"), Some(1_700_000_000_000));
        assert_eq!(read("rfc3339", " 2023-11-14T22:13:20Z "), Some(1_700_000_000_000));
        assert_eq!(read("auto", "1700 000000"), None);
    }

    #[test]
    fn before_the_epoch_is_unreadable_and_the_epoch_itself_is_not() {
        assert_eq!(read("s", "0"), Some(0));
        assert_eq!(read("s", "-1"), None);
        assert_eq!(read("ns", "-1"), None);
        assert_eq!(read("rfc3339", "1969-12-31T23:59:59.999Z"), None);
        assert_eq!(read("rfc3339", "1970-01-01T00:00:00Z"), Some(0));
    }
}
