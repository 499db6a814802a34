//! Where the parts of a text stand.

use std::ops::Range;

use weir_sdk::json::{Place, Pointer, Reader, document_start, locate};

/// What a text is split by.
#[derive(Debug)]
pub(crate) enum Splits {
    Documents,
    Lines,
    /// Where the array stands.
    Array(Pointer, String),
}

/// A Schema Registry frame: a zero byte and the schema's number.
const FRAME: usize = 5;

impl Splits {
    /// Appends the parts of a text, `most` of them at most.
    ///
    /// # Errors
    /// Why it cannot be split.
    pub(crate) fn split(&self, value: &[u8], most: usize, parts: &mut Vec<Range<usize>>) -> Result<(), String> {
        let first = parts.len();
        let mut push = |part| {
            parts.push(part);
            if parts.len() - first > most {
                Err(format!("it has more than {most} parts (`max_parts`)"))
            } else {
                Ok(())
            }
        };
        match self {
            Self::Documents => documents(value, &mut push),
            Self::Lines => lines(value, &mut push),
            Self::Array(pointer, shown) => array(value, pointer, shown, &mut push),
        }
    }

    /// What stands before the documents and belongs to each of them.
    pub(crate) fn frame<'a>(&self, value: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Documents if document_start(value) >= FRAME => value.get(..FRAME).unwrap_or_default(),
            _ => &[],
        }
    }
}

type Push<'a> = &'a mut dyn FnMut(Range<usize>) -> Result<(), String>;

/// JSON documents, one after the other, with white space between them or without.
fn documents(value: &[u8], push: Push<'_>) -> Result<(), String> {
    let mut reader = Reader::new(value);
    while reader.peek().is_some() {
        let part = reader.skip().map_err(|broken| broken.to_string())?;
        // Numbers and words have no end of their own.
        let is_open = !matches!(value.get(part.end - 1), Some(b'}' | b']' | b'"'));
        if is_open && !matches!(reader.peek(), None | Some(b' ' | b'\n' | b'\r' | b'\t' | b'{' | b'[' | b'"')) {
            return Err(format!("the JSON breaks at byte {}, where the next document should stand", part.end));
        }
        push(part)?;
        reader.space();
    }
    Ok(())
}

/// What stands between line ends (`\n` or `\r\n`), empty lines left out.
fn lines(value: &[u8], push: Push<'_>) -> Result<(), String> {
    let mut start = 0;
    for line in value.split(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        if !text.is_empty() {
            push(start..start + text.len())?;
        }
        start += line.len() + 1;
    }
    Ok(())
}

/// The items of an array.
fn array(value: &[u8], pointer: &Pointer, shown: &str, push: Push<'_>) -> Result<(), String> {
    let found = match locate(value, pointer).map_err(|broken| broken.to_string())? {
        Place::Found(found) if value.get(found.start) == Some(&b'[') => found,
        Place::Found(_) => return Err(format!("what stands at `{shown}` is no array")),
        Place::Missing(_) => return Err(format!("nothing stands at `{shown}`")),
    };
    let mut reader = Reader::resume(value, found.start);
    let Ok(Some(mut inside)) = reader.enter() else { return Ok(()) };
    while let Ok(Some(_)) = reader.step(&mut inside) {
        push(reader.skip().map_err(|broken| broken.to_string())?)?;
    }
    Ok(())
}
