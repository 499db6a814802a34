//! Strings of a line: sixteen bytes at a time between what is escaped.

use super::{
    super::{
        escape::{CHUNK, WINDOW, is_special, specials},
        rows::Span,
    },
    Scanner,
};

impl Scanner<'_> {
    /// A string's characters, added to `out`.
    pub(super) fn text(&mut self, out: &mut Vec<u8>) -> Option<Span> {
        let start = out.len();
        self.take(b'"')?;
        loop {
            let rest = self.text.get(self.at..)?;
            let ended = match rest.first_chunk::<WINDOW>() {
                Some(window) => self.chunk(window, out),
                None => {
                    let plain = rest.iter().position(|&byte| is_special(byte))?;
                    out.extend_from_slice(&rest[..plain]);
                    self.at += plain;
                    Ended::Special
                }
            };
            match ended {
                Ended::Chunk => continue,
                Ended::Special => match self.next()? {
                    b'"' => return Some(Span::new(start, out.len())),
                    b'\\' => self.escape(out)?,
                    _ => return None,
                },
            }
        }
    }

    /// Steps over what of a window's first [`CHUNK`] bytes is plain or an escape of two bytes, and adds it to `out`.
    #[inline(always)]
    fn chunk(&mut self, window: &[u8; WINDOW], out: &mut Vec<u8>) -> Ended {
        let Some(chunk) = window.first_chunk::<CHUNK>() else { return Ended::Special };
        let mut special = specials(chunk);
        if special == 0 {
            out.extend_from_slice(chunk);
            self.at += CHUNK;
            return Ended::Chunk;
        }
        let length = out.len();
        out.extend_from_slice(&[0; WINDOW]);
        let Some(room) = out.last_chunk_mut::<WINDOW>() else { return Ended::Special };
        // Always as many bytes are copied, out of the line itself; those behind what is plain are written over.
        let (mut from, mut to) = (0, 0);
        let ended = loop {
            let at = special.trailing_zeros().min(CHUNK as u32) as usize;
            room[to..to + CHUNK].copy_from_slice(&window[from..from + CHUNK]);
            to += at - from;
            from = at;
            if at == CHUNK {
                break Ended::Chunk;
            }
            let escaped = if chunk[at] == b'\\' { unescaped(window[at + 1]) } else { None };
            let Some(byte) = escaped else { break Ended::Special };
            room[to] = byte;
            to += 1;
            from += 2;
            // What is escaped may be a quote or a backslash itself, or stand in the next chunk.
            if from >= CHUNK {
                break Ended::Chunk;
            }
            special &= u32::MAX << from;
        };
        out.truncate(length + to);
        self.at += from;
        ended
    }

    /// What stands behind a backslash.
    fn escape(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let byte = self.next()?;
        if byte != b'u' {
            out.push(unescaped(byte)?);
            return Some(());
        }
        let mut code = self.hex()?;
        if (0xd800..0xdc00).contains(&code) {
            self.take(b'\\')?;
            self.take(b'u')?;
            let low = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
            code = 0x1_0000 + ((code - 0xd800) << 10 | low);
        }
        // A surrogate that stands alone is no character.
        let character = char::from_u32(code)?;
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Some(())
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
    }
}

/// Where [`Scanner::chunk`] stopped.
enum Ended {
    /// Behind the chunk.
    Chunk,
    /// At a byte that it does not take.
    Special,
}

/// What a backslash and this letter stand for; none of `u`, and of a letter that is no escape.
#[inline(always)]
fn unescaped(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}
