//! Finds what a pointer leads to.

use std::{borrow::Cow, ops::Range};

use super::{Broken, Pointer, Reader, Text, Token, text_of};

/// A value that a pointer leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its name; none for an item of an array and for the document itself.
    pub name: Option<Text>,
    /// Where its value stands.
    pub value: Range<usize>,
}

/// Finds all that the pointer leads to, in the document's order, and checks the whole document on the way. Where a name
/// stands twice in one object there are hits in both of its values, though [`locate`] goes by the last only.
///
/// # Errors
/// The value is no valid document.
pub fn find(document: &[u8], pointer: &Pointer, hits: &mut Vec<Hit>) -> Result<(), Broken> {
    hits.clear();
    collect(document, Reader::new(document), &pointer.tokens, None, hits)?.end()
}

/// Goes as deep as the pointer, which the config names. Returns the reader behind the value.
fn collect<'a>(
    document: &[u8],
    mut reader: Reader<'a>,
    tokens: &[Token],
    name: Option<Text>,
    hits: &mut Vec<Hit>,
) -> Result<Reader<'a>, Broken> {
    let Some((token, rest)) = tokens.split_first() else {
        let value = reader.skip()?;
        hits.push(Hit { name, value });
        return Ok(reader);
    };
    let Some(mut inside) = reader.enter()? else {
        reader.skip()?;
        return Ok(reader);
    };
    while let Some(member) = reader.step(&mut inside)? {
        if token.is(document, member.name.as_ref(), member.index) {
            reader = collect(document, reader, rest, member.name, hits)?;
        } else {
            reader.skip()?;
        }
    }
    Ok(reader)
}

/// Where a pointer leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// To a value.
    Found(Range<usize>),
    /// To nothing.
    Missing(Missing),
}

/// How far a pointer that leads to nothing can be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// So many of its tokens lead somewhere: to `value`, which has none of the next one's name.
    pub tokens: usize,
    /// The last value on the way.
    pub value: Range<usize>,
    /// How many members or items that one has; none where it is neither an object nor an array.
    pub items: Option<usize>,
    /// Where its last member or item ends, or where its first would begin.
    pub end: usize,
}

/// Follows a pointer through a document, which is checked as a whole. Of a name that stands twice in an object, the last
/// counts.
///
/// # Errors
/// The value is no valid document.
pub fn locate(document: &[u8], pointer: &Pointer) -> Result<Place, Broken> {
    let mut reader = Reader::new(document);
    if pointer.tokens.is_empty() {
        let value = reader.skip()?;
        return reader.end().map(|()| Place::Found(value));
    }
    let mut found = 0..0;
    for (at, token) in pointer.tokens.iter().enumerate() {
        let start = reader.at();
        let (mut items, mut end, mut last) = (None, start, None);
        if let Some(mut inside) = reader.enter()? {
            (items, end) = (Some(0), reader.at());
            while let Some(member) = reader.step(&mut inside)? {
                let here = reader;
                let value = reader.skip()?;
                (items, end) = (Some(member.index + 1), value.end);
                if token.is(document, member.name.as_ref(), member.index) {
                    last = Some((here, value));
                }
            }
        } else {
            reader.skip()?;
        }
        let value = start..reader.at();
        if at == 0 {
            // With the outermost value all others were checked.
            reader.end()?;
        }
        match last {
            Some((here, value)) => (reader, found) = (here, value),
            None => return Ok(Place::Missing(Missing { tokens: at, value, items, end })),
        }
    }
    Ok(Place::Found(found))
}

/// Returns what a `json` input gives for a pointer: a text unescaped, all else as it stands; none where the document is not
/// valid, there is no such member, or it is null.
pub fn member<'a>(document: &'a [u8], pointer: &Pointer) -> Option<Cow<'a, [u8]>> {
    match locate(document, pointer).ok()? {
        Place::Found(value) => text_of(document, value),
        Place::Missing(_) => None,
    }
}
