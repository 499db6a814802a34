//! What parent and child process say to each other: one request, one answer.

use std::io::{self, ErrorKind, Read, Write};

use super::budget::Budget;
use crate::wasm::engine::Profile;

/// What the child is asked.
pub(super) struct Request {
    pub(super) profile: Profile,
    pub(super) budget: Budget,
    pub(super) plugin: Vec<u8>,
}

/// The kind of an answer; the rest is code or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Code = 1,
    Invalid,
    Import,
    TooComplex,
}

impl Request {
    /// Profile, CPU seconds, memory, length of the plugin.
    pub(super) const HEAD: usize = 1 + 3 * 8;

    /// What goes before the plugin.
    pub(super) fn head(profile: Profile, budget: Budget, bytes: usize) -> [u8; Self::HEAD] {
        let mut head = [0; Self::HEAD];
        head[0] = profile.to_byte();
        for (at, number) in [budget.cpu_seconds, budget.memory, bytes as u64].into_iter().enumerate() {
            head[1 + at * 8..][..8].copy_from_slice(&number.to_le_bytes());
        }
        head
    }

    /// Reads one, in the child.
    ///
    /// # Errors
    /// The parent is gone, or is no weir.
    pub(super) fn receive(from: &mut impl Read) -> io::Result<Self> {
        let mut profile = [0];
        from.read_exact(&mut profile)?;
        let mut number = || {
            let mut bytes = [0; 8];
            from.read_exact(&mut bytes).map(|()| u64::from_le_bytes(bytes))
        };
        let (cpu_seconds, memory, length) = (number()?, number()?, number()?);
        let mut plugin = Vec::new();
        from.take(length).read_to_end(&mut plugin)?;
        if plugin.len() as u64 != length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(Self { profile: Profile::from_byte(profile[0]), budget: Budget { cpu_seconds, memory }, plugin })
    }
}

impl Answer {
    /// Sends it, from the child.
    ///
    /// # Errors
    /// The parent is gone.
    pub(super) fn send(self, to: &mut impl Write, rest: &[u8]) -> io::Result<()> {
        to.write_all(&[self as u8])?;
        to.write_all(&(rest.len() as u64).to_le_bytes())?;
        to.write_all(rest)
    }

    /// The answer and its rest; none where it is not whole.
    pub(super) fn parse(mut bytes: Vec<u8>) -> Option<(Self, Vec<u8>)> {
        let (kind, rest) = bytes.split_first()?;
        let (length, rest) = rest.split_first_chunk()?;
        if u64::from_le_bytes(*length) != rest.len() as u64 {
            return None;
        }
        let kinds = [Self::Code, Self::Invalid, Self::Import, Self::TooComplex];
        let kind = *kinds.iter().find(|known| **known as u8 == *kind)?;
        bytes.drain(..9);
        Some((kind, bytes))
    }
}
