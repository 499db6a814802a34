//! What a plugin prints, cut into lines.

use super::Stream;

/// Bytes of a line; what is longer becomes several.
const LINE_BYTES: usize = 4 << 10;

/// The beginnings of lines that have no end yet.
#[derive(Debug, Default)]
pub(in crate::wasm) struct Printed {
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Printed {
    /// Adds bytes to a stream; each line that is whole now is handed on, without its end.
    pub(in crate::wasm) fn print(&mut self, stream: Stream, bytes: &[u8], mut line: impl FnMut(String)) {
        let begun = self.begun(stream);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_whole) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            for chunk in text.chunks(LINE_BYTES) {
                if begun.len() + chunk.len() > LINE_BYTES {
                    line(taken(begun));
                }
                begun.extend_from_slice(chunk);
            }
            if is_whole {
                line(taken(begun));
            }
        }
    }

    /// Hands on what has no end yet.
    pub(in crate::wasm) fn end(&mut self, mut line: impl FnMut(Stream, String)) {
        for stream in [Stream::Out, Stream::Err] {
            let begun = self.begun(stream);
            if !begun.is_empty() {
                line(stream, taken(begun));
            }
        }
    }

    fn begun(&mut self, stream: Stream) -> &mut Vec<u8> {
        match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        }
    }
}

fn taken(begun: &mut Vec<u8>) -> String {
    let line = String::from_utf8_lossy(begun).trim_end_matches('\r').to_owned();
    begun.clear();
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut printed = Printed::default();
        let mut lines = Vec::new();
        for piece in pieces {
            printed.print(Stream::Err, piece, |line| lines.push(line));
        }
        printed.end(|_, line| lines.push(line));
        lines
    }

    #[test]
    fn lines_are_the_same_however_they_are_printed() {
        let text = b"one\r\ntwo\n\nfour without an end";
        let whole = lines(&[text]);
        assert_eq!(whole, ["one", "two", "", "four without an end"]);
        for at in 0..text.len() {
            let (before, after) = text.split_at(at);
            assert_eq!(lines(&[before, after]), whole, "cut at {at}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_cut_and_takes_no_more_memory() {
        let mut printed = Printed::default();
        let mut longest = 0;
        for _ in 0..1_000 {
            printed.print(Stream::Out, &[b'x'; 1_500], |line| longest = longest.max(line.len()));
        }
        assert!(longest <= LINE_BYTES && printed.out.capacity() <= 2 * LINE_BYTES, "{longest}");
    }
}
