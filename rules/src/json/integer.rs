//! Values of a JSON document as integers.

use std::fmt;

use super::text;

/// Why a value is no integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotInteger {
    /// It is `null`.
    Null,
    /// It is `true` or `false`.
    Boolean,
    /// It is an object.
    Object,
    /// It is an array.
    Array,
    /// It is a text without characters.
    EmptyText,
    /// It is a text of something else than digits with or without a sign.
    Text,
    /// It is a number with a fraction or an exponent.
    Fraction,
    /// It is an integer that has no place in 64 bits with a sign.
    TooLarge,
}

impl fmt::Display for NotInteger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "`null`",
            Self::Boolean => "`true` or `false`",
            Self::Object => "an object",
            Self::Array => "an array",
            Self::EmptyText => "an empty text",
            Self::Text => "a text that is no integer",
            Self::Fraction => "a number with a fraction or an exponent",
            Self::TooLarge => "an integer beyond 64 bits",
        })
    }
}

/// Returns the integer that a value is, as it stands in a document: a number without fraction and exponent, or a string of
/// digits with or without a sign.
///
/// # Errors
/// [`NotInteger`].
pub fn integer(value: &[u8]) -> Result<i64, NotInteger> {
    let characters = text(value).ok_or(NotInteger::Null)?;
    // Of all JSON texts and strings, Rust's parser takes exactly those with digits and at most one sign.
    let parsed = std::str::from_utf8(&characters).ok().and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| {
        let digits = characters.strip_prefix(b"-").or(characters.strip_prefix(b"+")).unwrap_or(&characters);
        match value.first() {
            Some(b't' | b'f') => NotInteger::Boolean,
            Some(b'{') => NotInteger::Object,
            Some(b'[') => NotInteger::Array,
            _ if characters.is_empty() => NotInteger::EmptyText,
            _ if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => NotInteger::TooLarge,
            Some(b'"') => NotInteger::Text,
            _ => NotInteger::Fraction,
        }
    })
}
