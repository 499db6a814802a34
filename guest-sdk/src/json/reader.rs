//! A position in a document, and the steps from there.

use std::{fmt, ops::Range};

use super::{DEPTH, document_start};

/// Where a text stops being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The byte, counted from the value's first.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the JSON breaks at byte {}, where {} should stand", self.at, self.expected)
    }
}

/// A JSON text as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What stands between its quotes.
    pub inner: Range<usize>,
    /// Whether there are escapes in it.
    pub escaped: bool,
}

/// A member of an object or an item of an array, before its value is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where it begins: a name's quote, or the item.
    pub start: usize,
    /// Its name; none in an array.
    pub name: Option<Text>,
    /// Which member or item it is, from 0.
    pub index: usize,
}

/// An object or an array that is being walked.
#[derive(Clone, Copy, Debug)]
pub struct Inside {
    /// An object, else an array.
    pub is_object: bool,
    next: usize,
}

/// A position in a document. Positions count from the first byte of the value, whatever stands before the document.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Stands at the document's value.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self { bytes, at: document_start(bytes), depth: 0 };
        reader.space();
        reader
    }

    /// Stands at a value that [`locate`](super::locate) has found.
    pub fn resume(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, depth: 0 }
    }

    /// Returns where it stands.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Returns the byte that it stands at, none behind the last.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes over white space.
    pub fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Passes over white space up to the end of the bytes.
    ///
    /// # Errors
    /// Something else stands there.
    pub fn end(&mut self) -> Result<(), Broken> {
        self.space();
        if self.at == self.bytes.len() { Ok(()) } else { self.broken("the end") }
    }

    /// Passes over the value that it stands at, and returns where it was.
    ///
    /// # Errors
    /// It is no JSON value.
    pub fn skip(&mut self) -> Result<Range<usize>, Broken> {
        let start = self.at;
        // The containers around, the innermost last: 1 is an object.
        let (mut around, mut open) = (0u128, 0);
        loop {
            if let Some(inside) = self.open(open)? {
                self.space();
                if self.peek() != Some(closing(inside.is_object)) {
                    open += 1;
                    around = (around << 1) | u128::from(inside.is_object);
                    if inside.is_object {
                        self.name()?;
                    }
                    continue;
                }
                self.at += 1;
            } else {
                self.scalar()?;
            }
            loop {
                if open == 0 {
                    return Ok(start..self.at);
                }
                let is_object = around & 1 == 1;
                if self.comma(is_object)? {
                    if is_object {
                        self.name()?;
                    }
                    break;
                }
                open -= 1;
                around >>= 1;
            }
        }
    }

    /// Enters the object or the array that it stands at; none where it stands at another value, which is then yet to be
    /// passed over.
    ///
    /// # Errors
    /// It is too deep.
    pub fn enter(&mut self) -> Result<Option<Inside>, Broken> {
        let inside = self.open(0)?;
        self.depth += usize::from(inside.is_some());
        Ok(inside)
    }

    /// Goes to the next member or item: it stands at its value then, which is to be passed over before the next step. None
    /// at the end, and then it stands behind the container.
    ///
    /// # Errors
    /// The document is broken there.
    pub fn step(&mut self, inside: &mut Inside) -> Result<Option<Member>, Broken> {
        self.space();
        let goes_on = if inside.next > 0 {
            self.comma(inside.is_object)?
        } else {
            let closes = self.peek() == Some(closing(inside.is_object));
            self.at += usize::from(closes);
            !closes
        };
        if !goes_on {
            self.depth -= 1;
            return Ok(None);
        }
        let index = inside.next;
        inside.next += 1;
        let start = self.at;
        let name = if inside.is_object { Some(self.name()?) } else { None };
        Ok(Some(Member { start, name, index }))
    }

    fn open(&mut self, deeper: usize) -> Result<Option<Inside>, Broken> {
        let is_object = match self.peek() {
            Some(b'{') => true,
            Some(b'[') => false,
            _ => return Ok(None),
        };
        if self.depth + deeper >= DEPTH {
            return self.broken("a value that is not nested deeper than 128 levels");
        }
        self.at += 1;
        Ok(Some(Inside { is_object, next: 0 }))
    }

    /// Passes over a comma and what white space is round it (true), or over the container's closing (false).
    fn comma(&mut self, is_object: bool) -> Result<bool, Broken> {
        self.space();
        let next = self.peek();
        if next == Some(b',') {
            self.at += 1;
            self.space();
            return Ok(true);
        }
        if next == Some(closing(is_object)) {
            self.at += 1;
            return Ok(false);
        }
        self.broken(if is_object { "`,` or `}`" } else { "`,` or `]`" })
    }

    /// Passes over a name, its colon and the white space up to the value.
    fn name(&mut self) -> Result<Text, Broken> {
        if self.peek() != Some(b'"') {
            return self.broken("a name in quotes");
        }
        let name = self.text()?;
        self.space();
        if self.peek() != Some(b':') {
            return self.broken("`:`");
        }
        self.at += 1;
        self.space();
        Ok(name)
    }

    fn scalar(&mut self) -> Result<(), Broken> {
        match self.peek() {
            Some(b'"') => self.text().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            _ => self.broken("a value"),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Broken> {
        if self.bytes.get(self.at..).is_none_or(|rest| !rest.starts_with(word)) {
            return self.broken("a value");
        }
        self.at += word.len();
        Ok(())
    }

    fn number(&mut self) -> Result<(), Broken> {
        self.at += usize::from(self.peek() == Some(b'-'));
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
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Broken> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { self.broken("a digit") }
    }

    /// Passes over the text that it stands at.
    ///
    /// # Errors
    /// It is no valid text.
    pub fn text(&mut self) -> Result<Text, Broken> {
        let start = self.at + 1;
        self.at = start;
        let mut escaped = false;
        loop {
            self.at += plain(self.bytes.get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    let inner = start..self.at;
                    self.at += 1;
                    return Ok(Text { inner, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return self.broken("an escape in place of a control character"),
                None => return self.broken("the closing quote of a text"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Broken> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return self.broken("`\\u` and four hexadecimal digits");
                }
                self.at += 6;
            }
            _ => return self.broken("an escape that JSON has, such as `\\n`"),
        }
        Ok(())
    }

    fn broken<T>(&self, expected: &'static str) -> Result<T, Broken> {
        Err(Broken { at: self.at, expected })
    }
}

fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

/// How many bytes stand for themselves in a text.
fn plain(bytes: &[u8]) -> usize {
    // In whole chunks the compiler compares all bytes at once.
    let chunk_is_plain = |chunk: &&[u8]| !chunk.iter().fold(false, |stops, &byte| stops | is_special(byte));
    let at = bytes.chunks_exact(16).take_while(chunk_is_plain).count() * 16;
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| is_special(byte)).unwrap_or(rest.len())
}

fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < 0x20)
}
