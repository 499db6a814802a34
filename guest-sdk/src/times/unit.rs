//! One unit: a count since the epoch, as text or in big-endian bytes, RFC 3339, ISO 8601, or a strftime format.

use jiff::tz::TimeZone;

use super::{
    foreign,
    format::Format,
    iso8601,
    names::Names,
    number::{self, Scale},
    rfc3339,
};

/// How a text is read.
#[derive(Debug)]
pub(super) enum Unit {
    Number(Scale),
    /// Bytes, the highest first.
    BigEndian(Scale),
    Rfc3339,
    Iso8601(TimeZone),
    Format(Box<Format>),
}

impl Unit {
    /// # Errors
    ///
    /// Says what to write instead.
    pub(super) fn new(text: &str, zone: &TimeZone, names: &Names) -> Result<Unit, String> {
        Ok(match text {
            "auto" => Unit::Number(Scale::Auto),
            "s" => Unit::Number(Scale::Seconds),
            "ms" => Unit::Number(Scale::Milliseconds),
            "us" => Unit::Number(Scale::Microseconds),
            "ns" => Unit::Number(Scale::Nanoseconds),
            "d" => Unit::Number(Scale::Days),
            "s-be" => Unit::BigEndian(Scale::Seconds),
            "ms-be" => Unit::BigEndian(Scale::Milliseconds),
            "us-be" => Unit::BigEndian(Scale::Microseconds),
            "ns-be" => Unit::BigEndian(Scale::Nanoseconds),
            "d-be" => Unit::BigEndian(Scale::Days),
            "rfc3339" => Unit::Rfc3339,
            "iso8601" => Unit::Iso8601(zone.clone()),
            _ => {
                if let Some(advice) = foreign::foreign_unit(text) {
                    return Err(advice);
                }
                if !text.contains('%') {
                    return Err(format!(
                        "`{text}` is not a unit; write auto, s, ms, us, ns, d, rfc3339, iso8601, ms-be (or s-, us-, ns-, \
                         d-be), or a strftime format such as \"%Y-%m-%d %H:%M:%S\""
                    ));
                }
                Unit::Format(Box::new(Format::new(text, zone, names)?))
            }
        })
    }

    /// Milliseconds since the epoch, rounded down. `trimmed` is `text` without white space round it.
    pub(super) fn read(&self, text: &[u8], trimmed: &[u8], reference: Option<i64>) -> Option<i64> {
        match self {
            Unit::Number(Scale::Auto) => {
                number::milliseconds(trimmed, Scale::Auto).or_else(|| number::unnamed_big_endian(text))
            }
            Unit::Number(scale) => number::milliseconds(trimmed, *scale),
            Unit::BigEndian(scale) => number::big_endian(text, *scale),
            Unit::Rfc3339 => rfc3339::milliseconds(trimmed),
            Unit::Iso8601(zone) => iso8601::milliseconds(trimmed, zone),
            Unit::Format(format) => format.milliseconds(trimmed, reference),
        }
    }

    /// A time in November 2023 as this unit counts it; none where it is no count in text.
    pub(super) fn count(&self) -> Option<&'static str> {
        let Unit::Number(scale) = self else { return None };
        Some(match scale {
            Scale::Days => "19675",
            Scale::Seconds => "1700000000",
            Scale::Auto | Scale::Milliseconds => "1700000000000",
            Scale::Microseconds => "1700000000000000",
            Scale::Nanoseconds => "1700000000000000000",
        })
    }

    /// Whether thirteen digits, the first not a zero, are the milliseconds that they say.
    pub(super) fn is_usual(&self) -> bool {
        matches!(self, Unit::Number(Scale::Auto | Scale::Milliseconds))
    }

    /// Whether thirteen digits are surely not read.
    pub(super) fn refuses_thirteen_digits(&self) -> bool {
        matches!(self, Unit::Rfc3339 | Unit::Iso8601(_) | Unit::BigEndian(_))
    }

    pub(super) fn needs_reference(&self) -> bool {
        matches!(self, Unit::Format(format) if format.needs_reference())
    }

    pub(super) fn has_zone(&self) -> bool {
        matches!(self, Unit::Iso8601(_) | Unit::Format(_))
    }

    pub(super) fn has_abbreviation(&self) -> bool {
        matches!(self, Unit::Format(format) if format.has_abbreviation())
    }

    pub(super) fn has_month_name(&self) -> bool {
        matches!(self, Unit::Format(format) if format.has_month_name())
    }
}
