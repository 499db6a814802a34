//! What letters stand for.

use super::DateUse;

/// Whose pattern it is: some letters differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    /// Java's own classes.
    Java,
    /// Joda, in which `Y` is the year and `x` that of the week.
    Joda,
    /// moment, in which `D` is the day of the month.
    Moment,
    /// One of the others: Java, Joda, Elasticsearch, .NET.
    Unknown,
}

/// The directive for a letter that stands so many times; none where there is none.
pub(super) fn directive(letter: char, count: usize, system: System, use_: DateUse) -> Option<&'static str> {
    let own = match system {
        System::Java => None,
        System::Joda => of_joda(letter, count),
        System::Moment => of_moment(letter, count).or_else(|| of_any(letter, count)),
        System::Unknown => of_any(letter, count),
    };
    own.or_else(|| of_java(letter, count, use_))
}

fn of_joda(letter: char, count: usize) -> Option<&'static str> {
    Some(match (letter, count) {
        ('Y', 2) => "%y",
        ('Y', _) => "%Y",
        ('x', 2) => "%g",
        ('x', _) => "%G",
        ('w', _) => "%V",
        _ => return None,
    })
}

fn of_moment(letter: char, count: usize) -> Option<&'static str> {
    Some(match (letter, count) {
        ('D', 1) => "%-d",
        ('D', 2) => "%d",
        ('Z', 1) => "%:z",
        _ => return None,
    })
}

/// What nothing tells to be of another system: taken for what it is in most.
fn of_any(letter: char, count: usize) -> Option<&'static str> {
    Some(match (letter, count) {
        ('Y', 2) => "%y",
        ('y' | 'u', 5..) | ('Y', _) => "%Y",
        ('M' | 'L', 5..) => "%B",
        ('d', 3) => "%a",
        ('d', 4) => "%A",
        ('E', 5..) => "%A",
        ('d', 5..) => "%d",
        ('D', _) => "%j",
        ('k', 1) => "%-H",
        ('H', 3..) | ('k', _) => "%H",
        ('K', 1) => "%-I",
        ('h', 3..) | ('K', _) => "%I",
        ('m', 3..) => "%M",
        ('s', 3..) => "%S",
        ('n' | 'f', digits) => return fraction(digits),
        ('A', _) | ('t', 2) => "%p",
        ('X' | 'x', 3..) | ('Z', 4..) => "%:z",
        ('X' | 'x' | 'Z', _) => "%z",
        ('V', 2) | ('v', _) => "%Q",
        ('z', _) => "%Z",
        _ => return None,
    })
}

fn of_java(letter: char, count: usize, use_: DateUse) -> Option<&'static str> {
    let by_use = |read, write| Some(if use_ == DateUse::Read { read } else { write });
    match (letter, count) {
        ('y' | 'u', 2) => Some("%y"),
        ('y' | 'u', 1 | 3 | 4) => Some("%Y"),
        ('M' | 'L', 1) => by_use("%m", "%-m"),
        ('M' | 'L', 2) => Some("%m"),
        ('M' | 'L', 3) => Some("%b"),
        ('M' | 'L', 4) => Some("%B"),
        ('d', 1) => by_use("%d", "%-d"),
        ('d', 2) => Some("%d"),
        ('D', 1 | 2) => by_use("%j", "%-j"),
        ('D', 3) => Some("%j"),
        ('E', 1..=3) => Some("%a"),
        ('E', 4) => Some("%A"),
        ('a', _) => Some("%p"),
        ('H', 1) => by_use("%H", "%-H"),
        ('H', 2) => Some("%H"),
        ('h', 1) => by_use("%I", "%-I"),
        ('h', 2) => Some("%I"),
        ('m', 1) => by_use("%M", "%-M"),
        ('m', 2) => Some("%M"),
        ('s', 1) => by_use("%S", "%-S"),
        ('s', 2) => Some("%S"),
        ('S', digits) => by_use("%f", fraction(digits)?),
        ('z', 1..=3) => Some("%Z"),
        ('Z', 1) | ('X' | 'x', 2) => Some("%z"),
        ('Z', 2) | ('X' | 'x', 3) => Some("%:z"),
        ('Z' | 'V', _) => Some("%Q"),
        ('X' | 'x', 1) => by_use("%z", "%:::z"),
        _ => None,
    }
}

/// So many digits of a second's fraction, as they are written.
fn fraction(digits: usize) -> Option<&'static str> {
    const FRACTIONS: [&str; 9] = ["%1f", "%2f", "%3f", "%4f", "%5f", "%6f", "%7f", "%8f", "%9f"];
    FRACTIONS.get(digits.checked_sub(1)?).copied()
}
