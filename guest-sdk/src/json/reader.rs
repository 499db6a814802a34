//! A position in a document, and the steps from there.

use std::{fmt, ops::Range};

use super::{document_start, grammar};

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
    #[inline]
    pub fn space(&mut self) {
        self.at = grammar::space(self.bytes, self.at);
    }

    /// Passes over white space up to the end of the bytes.
    ///
    /// # Errors
    /// Something else stands there.
    pub fn end(&mut self) -> Result<(), Broken> {
        self.space();
        if self.at == self.bytes.len() { Ok(()) } else { grammar::broken(self.at, "the end") }
    }

    /// Passes over the value that it stands at, and returns where it was.
    ///
    /// # Errors
    /// It is no JSON value.
    #[inline]
    pub fn skip(&mut self) -> Result<Range<usize>, Broken> {
        let start = self.at;
        self.at = match self.peek() {
            Some(b'{' | b'[') => grammar::value(self.bytes, start, self.depth)?,
            _ => grammar::lone_scalar(self.bytes, start)?,
        };
        Ok(start..self.at)
    }

    /// Enters the object or the array that it stands at; none where it stands at another value, which is then yet to be
    /// passed over.
    ///
    /// # Errors
    /// It is too deep.
    pub fn enter(&mut self) -> Result<Option<Inside>, Broken> {
        let is_object = match self.peek() {
            Some(b'{') => true,
            Some(b'[') => false,
            _ => return Ok(None),
        };
        grammar::check_depth(self.at, self.depth)?;
        self.at += 1;
        self.depth += 1;
        Ok(Some(Inside { is_object, next: 0 }))
    }

    /// Goes to the next member or item: it stands at its value then, which is to be passed over before the next step. None
    /// at the end, and then it stands behind the container.
    ///
    /// Where it is called in a loop, the reader should be a variable of that function: what is lent is read from memory and
    /// written there again at every step.
    ///
    /// # Errors
    /// The document is broken there.
    #[inline(always)]
    pub fn step(&mut self, inside: &mut Inside) -> Result<Option<Member>, Broken> {
        let is_object = inside.is_object;
        let goes_on;
        if inside.next > 0 {
            (goes_on, self.at) = grammar::comma(self.bytes, self.at, is_object)?;
        } else {
            self.space();
            goes_on = self.peek() != Some(grammar::closing(is_object));
            self.at += usize::from(!goes_on);
        }
        if !goes_on {
            self.depth -= 1;
            return Ok(None);
        }
        let index = inside.next;
        inside.next += 1;
        let start = self.at;
        let mut name = None;
        if is_object {
            let (text, value) = grammar::name(self.bytes, start)?;
            (name, self.at) = (Some(text), value);
        }
        Ok(Some(Member { start, name, index }))
    }

    /// Passes over the text that it stands at.
    ///
    /// # Errors
    /// It is no valid text.
    pub fn text(&mut self) -> Result<Text, Broken> {
        let (text, end) = grammar::text(self.bytes, self.at)?;
        self.at = end;
        Ok(text)
    }
}
