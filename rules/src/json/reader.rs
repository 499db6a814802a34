//! Reads a document byte by byte, by recursive descent.

use std::{fmt, ops::Range};

use super::{DEPTH, Reading, document_start, string::unescape};
use crate::json_pointer;

/// Where a document stops being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Break {
    /// The byte, counted from 0 and from the beginning of what was read, with what stands before the document.
    pub at: usize,
    /// Whether nothing stands there: the document is cut off.
    pub is_end: bool,
    /// What should stand there.
    pub expected: Expected,
}

/// What a document should have gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expected {
    /// A value.
    Value,
    /// A value, or the end of the array that begins.
    ValueOrEnd,
    /// A member's name.
    Name,
    /// A member's name, or the end of the object that begins.
    NameOrEnd,
    /// The colon behind a name.
    Colon,
    /// Another member, or the object's end.
    CommaOrBrace,
    /// Another item, or the array's end.
    CommaOrBracket,
    /// A digit of a number.
    Digit,
    /// A character of a string or its closing quote: control characters are written as escapes.
    Character,
    /// What may follow a backslash.
    Escape,
    /// One of the four digits of `\uXXXX`.
    HexDigit,
    /// No further container: there are [`DEPTH`] around it.
    Shallower,
    /// Nothing but white space.
    End,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "a value should stand",
            Self::ValueOrEnd => "a value or `]` should stand",
            Self::Name => "a name in double quotes should stand",
            Self::NameOrEnd => "a name in double quotes or `}` should stand",
            Self::Colon => "`:` should stand",
            Self::CommaOrBrace => "`,` or `}` should stand",
            Self::CommaOrBracket => "`,` or `]` should stand",
            Self::Digit => "a digit should stand",
            Self::Character => {
                "a string should go on or end with a double quote (control characters are written as escapes)"
            }
            Self::Escape => "one of `\"\\/bfnrtu` should stand behind the backslash",
            Self::HexDigit => "`\\u` should have four hexadecimal digits",
            Self::Shallower => return write!(f, "more than {DEPTH} objects and arrays stand within each other"),
            Self::End => "the document should have ended",
        })
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.is_end { "ends" } else { "breaks" };
        write!(f, "{verb} at byte {}, where {}", self.at, self.expected)
    }
}

/// See [`super::find`] and [`super::find_first`].
pub(super) fn read(source: &[u8], pointer: &str, reading: Reading) -> Result<Option<Range<usize>>, Break> {
    let parts: Vec<Part> = json_pointer::parts(pointer).map(|part| Part::new(&part)).collect();
    let at = document_start(source);
    let mut reader = Reader { source, at, parts: &parts, depth: 0, found: None, reading, is_over: false };
    reader.space();
    reader.value(Some(0), Expected::Value)?;
    if reader.is_over {
        return Ok(reader.found);
    }
    reader.space();
    if reader.at < source.len() { Err(reader.breaks(Expected::End)) } else { Ok(reader.found) }
}

/// A name or an index of a pointer.
struct Part {
    name: Vec<u8>,
    /// The number, where it is one in digits without leading zeros.
    index: Option<usize>,
}

impl Part {
    fn new(part: &str) -> Self {
        let is_index =
            part == "0" || (part.starts_with(|first: char| first.is_ascii_digit()) && !part.starts_with('0'));
        Self { name: part.as_bytes().to_vec(), index: if is_index { part.parse().ok() } else { None } }
    }
}

struct Reader<'a> {
    source: &'a [u8],
    at: usize,
    parts: &'a [Part],
    depth: usize,
    found: Option<Range<usize>>,
    reading: Reading,
    /// Whether nothing counts that follows.
    is_over: bool,
}

impl Reader<'_> {
    fn breaks(&self, expected: Expected) -> Break {
        Break { at: self.at, is_end: self.at >= self.source.len(), expected }
    }

    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Reads the value that stands here. `place`: how many of the pointer's parts lead to it, if they all do.
    fn value(&mut self, place: Option<usize>, expected: Expected) -> Result<(), Break> {
        let from = self.at;
        match self.peek() {
            Some(b'{') => self.within(|reader| reader.object(place))?,
            Some(b'[') => self.within(|reader| reader.array(place))?,
            Some(b'"') => {
                self.string()?;
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word(b"true", expected)?,
            Some(b'f') => self.word(b"false", expected)?,
            Some(b'n') => self.word(b"null", expected)?,
            _ => return Err(self.breaks(expected)),
        }
        if place == Some(self.parts.len()) {
            self.found = Some(from..self.at);
            self.is_over = self.reading == Reading::First && self.is_ended(from);
        }
        Ok(())
    }

    /// Whether the value that begins at `from` is known to end here: a number that is cut off is another number.
    fn is_ended(&self, from: usize) -> bool {
        let has_end = matches!(self.source[from], b'"' | b'{' | b'[');
        has_end || matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}'))
    }

    fn within(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Break>) -> Result<(), Break> {
        if self.depth == DEPTH {
            return Err(self.breaks(Expected::Shallower));
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        read(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn object(&mut self, place: Option<usize>) -> Result<(), Break> {
        let mut expected = Expected::NameOrEnd;
        let mut is_met = false;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.breaks(expected));
            }
            let name = self.string()?;
            let part = place.and_then(|place| self.parts.get(place));
            let is_late = is_met && self.reading == Reading::First;
            let is_named = !is_late && part.is_some_and(|part| *unescape(&self.source[name]) == *part.name);
            is_met |= is_named;
            let member = place.filter(|_| is_named).map(|place| place + 1);
            if is_named {
                // Of a name that stands twice the last counts, with nothing below the first.
                self.found = None;
            }
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.breaks(Expected::Colon));
            }
            self.at += 1;
            self.space();
            self.value(member, Expected::Value)?;
            if self.is_over {
                return Ok(());
            }
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.breaks(Expected::CommaOrBrace)),
            }
            self.space();
            expected = Expected::Name;
        }
        self.at += 1;
        Ok(())
    }

    fn array(&mut self, place: Option<usize>) -> Result<(), Break> {
        let mut expected = Expected::ValueOrEnd;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        let wanted = place.and_then(|place| self.parts.get(place)?.index);
        for index in 0.. {
            let item = place.filter(|_| wanted == Some(index)).map(|place| place + 1);
            self.value(item, expected)?;
            if self.is_over {
                return Ok(());
            }
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.breaks(Expected::CommaOrBracket)),
            }
            self.space();
            expected = Expected::Value;
        }
        self.at += 1;
        Ok(())
    }

    /// Reads a string and returns where its characters stand.
    fn string(&mut self) -> Result<Range<usize>, Break> {
        self.at += 1;
        let from = self.at;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                None | Some(..0x20) => return Err(self.breaks(Expected::Character)),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(from..self.at - 1)
    }

    fn escape(&mut self) -> Result<(), Break> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|digit| digit.is_ascii_hexdigit()) {
                        return Err(self.breaks(Expected::HexDigit));
                    }
                    self.at += 1;
                }
            }
            _ => return Err(self.breaks(Expected::Escape)),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Break> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Reads digits, one at least.
    fn digits(&mut self) -> Result<(), Break> {
        let from = self.at;
        while self.peek().is_some_and(|digit| digit.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from { Err(self.breaks(Expected::Digit)) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8], expected: Expected) -> Result<(), Break> {
        if !self.source[self.at..].starts_with(word) {
            return Err(self.breaks(expected));
        }
        self.at += word.len();
        Ok(())
    }
}
