//! Gives a member another name.

use weir_sdk::json::{Broken, Pointer, Reader, Token, quote};

use crate::{edit::Stop, paths::Members, splices::Splices};

/// Renames what a pointer leads to.
#[derive(Debug)]
pub(crate) struct Rename {
    /// The object.
    within: Vec<Token>,
    from: Token,
    to: Token,
}

impl Rename {
    /// None where the pointer leads to the whole document, which has no name.
    pub(crate) fn new(mut pointer: Pointer, to: &str) -> Option<Self> {
        let from = pointer.tokens.pop()?;
        Some(Self { within: pointer.tokens, from, to: Token { name: to.to_owned(), index: None } })
    }

    /// # Errors
    /// There is no such member, or no valid JSON.
    pub(crate) fn apply(&self, value: &[u8], splices: &mut Splices) -> Result<(), Stop> {
        let mut reader = Reader::new(value);
        self.walk(value, &mut reader, &self.within, splices)?;
        reader.end()?;
        if splices.is_empty() { Err(Stop::Missing) } else { Ok(()) }
    }

    /// Goes as deep as the pointer, which the config names.
    fn walk(&self, value: &[u8], reader: &mut Reader<'_>, way: &[Token], splices: &mut Splices) -> Result<(), Broken> {
        let Some((token, rest)) = way.split_first() else {
            return if self.is_in(value, *reader)? {
                self.rename(value, reader, splices)
            } else {
                reader.skip().map(drop)
            };
        };
        let Some(mut inside) = reader.enter()? else { return reader.skip().map(drop) };
        while let Some(member) = reader.step(&mut inside)? {
            if token.is(value, member.name.as_ref(), member.index) {
                self.walk(value, reader, rest, splices)?;
            } else {
                reader.skip()?;
            }
        }
        Ok(())
    }

    /// Whether an object has the member.
    fn is_in(&self, value: &[u8], mut reader: Reader<'_>) -> Result<bool, Broken> {
        let Some(mut inside) = reader.enter()?.filter(|inside| inside.is_object) else { return Ok(false) };
        let mut found = false;
        while let Some(member) = reader.step(&mut inside)? {
            reader.skip()?;
            found |= self.from.is(value, member.name.as_ref(), member.index);
        }
        Ok(found)
    }

    fn rename(&self, value: &[u8], reader: &mut Reader<'_>, splices: &mut Splices) -> Result<(), Broken> {
        let Some(mut inside) = reader.enter()? else { return Ok(()) };
        let mut members = Members::default();
        while let Some(member) = reader.step(&mut inside)? {
            let here = reader.skip()?;
            if self.to.is(value, member.name.as_ref(), member.index) {
                members.remove(member.start, here.end);
                continue;
            }
            members.stay(member.start, splices);
            if let Some(name) = &member.name
                && self.from.is(value, Some(name), member.index)
            {
                splices.put_with(member.start..name.inner.end + 1, |json| quote(self.to.name.as_bytes(), json));
            }
            members.stayed(here.end);
        }
        members.close(splices);
        Ok(())
    }
}
