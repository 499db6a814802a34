//! Extracts from documents, and holds every cell against what serde_json (of the document [cleaned](json::cleaned)), the rules'
//! own reader and the regex crate find.

use std::{fmt, ops::Range};

use regex::bytes::Regex;
use serde_json::{Number, Value};
use weir::{
    batch::{Batch, Cell},
    extract::{Expressions, Extractor, Payer, Registers, Want},
    record::Timestamp,
};
use weir_rules::json as rules;
use weir_tests::json;

/// Containers within containers that a valid document may have.
const DEPTH: usize = 128;

/// Extractors of several expressions and pointers, and what they are held against.
#[derive(Clone)]
pub(crate) struct Comparison {
    extractor: Extractor,
    /// The captures alone: nothing reads the document as a whole then.
    alone: Extractor,
    /// The pointers alone, as bytes and as integers: nothing watches the document's names, and each is wanted once.
    apart: [Extractor; 2],
    captures: Vec<(Regex, Vec<u32>)>,
    pointers: Vec<String>,
    /// The pointer that was held against the rules' reader last.
    turn: usize,
    /// Documents that were valid JSON, as far as anybody asked.
    pub(crate) valid: u64,
    /// Captures that matched.
    pub(crate) matched: u64,
}

impl Comparison {
    /// Of these groups of expressions, and of what these pointers name as bytes and as integers; all of them valid.
    pub(crate) fn new(patterns: &[(&str, &[u32])], pointers: &[&str]) -> Self {
        let mut captures = Vec::new();
        for (pattern, groups) in patterns {
            for group in *groups {
                let (pattern, payer) = ((*pattern).to_owned(), Payer::NOBODY);
                captures.push((Want::Capture { pattern, group: *group, payer }, captures.len()));
            }
        }
        let numbered = || pointers.iter().map(|pointer| (*pointer).to_owned()).enumerate();
        let texts: Vec<_> = numbered().map(|(at, pointer)| (Want::Json(pointer), captures.len() + at)).collect();
        let ints: Vec<_> = numbered().map(|(at, pointer)| (Want::JsonInt(pointer), at)).collect();
        let mut expressions = Expressions::default();
        let wants = [captures.clone(), texts.clone(), ints.clone()].concat();
        Self {
            extractor: Extractor::new(wants, &mut expressions).unwrap(),
            apart: [texts, ints].map(|wants| Extractor::new(wants, &mut expressions).unwrap()),
            alone: Extractor::new(captures, &mut expressions).unwrap(),
            captures: patterns.iter().map(|(text, groups)| (Regex::new(text).unwrap(), groups.to_vec())).collect(),
            pointers: pointers.iter().map(|pointer| (*pointer).to_owned()).collect(),
            turn: 0,
            valid: 0,
            matched: 0,
        }
    }

    /// Documents of one batch, none being a null value. A failure names the batch.
    pub(crate) fn batch(&mut self, documents: &[Option<&[u8]>], name: &dyn fmt::Display) {
        let mut batch = Batch::default();
        batch.start("t".into(), 0);
        for (offset, document) in documents.iter().enumerate() {
            batch.push(offset as i64, Timestamp::None, 0, None, *document, std::iter::empty()).unwrap();
        }
        let sources: Vec<Cell> = batch.inputs().iter().map(|input| input.value).collect();
        let cells = self.captures.iter().map(|(_, groups)| groups.len()).sum::<usize>() + self.pointers.len();
        // Registers of their own: what one extractor left behind must not pass for the other's.
        let [mut alone, mut all, mut apart] = [0; 3].map(|_| Registers::new(cells, self.pointers.len()));
        for registers in [&mut alone, &mut all, &mut apart] {
            registers.resize(sources.len());
        }
        for (slot, source) in sources.iter().enumerate() {
            self.alone.run(&mut batch, *source, slot, &mut alone).unwrap();
            self.extractor.run(&mut batch, *source, slot, &mut all).unwrap();
            for extractor in &mut self.apart {
                extractor.run(&mut batch, *source, slot, &mut apart).unwrap();
            }
        }
        for (slot, (source, document)) in sources.iter().zip(documents).enumerate() {
            let named = Named { name, slot, document: *document };
            let cell = |registers: &Registers, at: usize| Within { cell: registers.cells(at)[slot], source: *source };
            let first = self.captures(&named, |at| [cell(&alone, at), cell(&all, at)]);
            for (at, pointer) in self.pointers.iter().enumerate() {
                let [with, without] = [&all, &apart]
                    .map(|registers| (batch.bytes(registers.cells(first + at)[slot]), registers.ints(at)[slot]));
                assert_eq!(with, without, "{pointer:?} with captures and as integer too, and apart, {named}");
            }
            self.members(&named, &batch, |at| (cell(&all, first + at), all.ints(at)[slot]));
        }
    }

    /// Compares the captures; answers with how many there are.
    fn captures(&mut self, named: &Named<'_>, cells: impl Fn(usize) -> [Within; 2]) -> usize {
        let mut at = 0;
        for (regex, groups) in &self.captures {
            let captures = named.document.and_then(|document| regex.captures(document));
            for group in groups {
                let expected = captures.as_ref().and_then(|captures| Some(captures.get(*group as usize)?.range()));
                self.matched += u64::from(expected.is_some());
                for (cell, which) in cells(at).into_iter().zip(["alone", "with members"]) {
                    assert_eq!(cell.range(), expected, "group {group} of `{regex}`, {which}, {named}");
                }
                at += 1;
            }
        }
        at
    }

    fn members(&mut self, named: &Named<'_>, batch: &Batch, cells: impl Fn(usize) -> (Within, Option<i64>)) {
        let source = named.document.unwrap_or_default();
        // One pointer after the other: to read a document once for each takes long.
        self.turn = (self.turn + 1) % self.pointers.len().max(1);
        if let Some(pointer) = self.pointers.get(self.turn) {
            let (cell, int) = cells(self.turn);
            by_rules(source, pointer, (batch.bytes(cell.cell), int), named);
        }
        let Some(cleaned) = json::cleaned(source) else { return };
        let whole = match serde_json::from_str::<Value>(&cleaned) {
            Ok(whole) => whole,
            // A number that is no f64 is valid JSON; what follows it they have not looked at.
            Err(error) if error.to_string().starts_with("number out of range") => return,
            // They end one level before weir.
            Err(error) if error.to_string().starts_with("recursion limit") && named.depth() == DEPTH => return,
            Err(_) => Value::Null,
        };
        self.valid += u64::from(!whole.is_null());
        for (at, pointer) in self.pointers.iter().enumerate() {
            let value = whole.pointer(pointer).unwrap_or(&Value::Null);
            let (cell, int) = cells(at);
            let bytes = batch.bytes(cell.cell);
            let same = match value {
                Value::Null => bytes.is_none(),
                Value::String(text) => bytes.is_some_and(|bytes| bytes == json::original(text)),
                // It stands as in the document, not as serde_json would write it: compare the meanings.
                other => {
                    cell.range().is_some()
                        && bytes.is_some_and(|bytes| {
                            json::cleaned(bytes)
                                .is_some_and(|bytes| serde_json::from_str(&bytes).ok().as_ref() == Some(other))
                                && !bytes.first().is_none_or(u8::is_ascii_whitespace)
                                && !bytes.last().is_none_or(u8::is_ascii_whitespace)
                        })
                }
            };
            let integer = bytes.is_some_and(|bytes| !bytes.iter().any(|byte| b".eE".contains(byte)));
            let expected = match value {
                Value::Number(number) if integer => integer_of(number),
                Value::String(text) => text.parse().ok(),
                _ => None,
            };
            assert!(
                same && int == expected,
                "{pointer:?} is {:?} and {int:?}, not {value}, {named}",
                bytes.map(String::from_utf8_lossy)
            );
        }
    }
}

/// Compares what a pointer gives with what the rules' reader finds.
fn by_rules(source: &[u8], pointer: &str, (bytes, int): (Option<&[u8]>, Option<i64>), named: &Named<'_>) {
    let value = rules::find(source, pointer).ok().flatten().map(|value| &source[value]);
    let expected = value.and_then(rules::text);
    assert_eq!(bytes, expected.as_deref(), "{pointer:?}, {named}");
    assert_eq!(int, value.and_then(|value| rules::integer(value).ok()), "{pointer:?} as integer, {named}");
    for (as_integer, is_null) in [(false, bytes.is_none()), (true, int.is_none())] {
        let reason = rules::why_null(source, pointer, as_integer, rules::Reading::Whole);
        assert_eq!(reason.is_some(), is_null, "{pointer:?}, as integer {as_integer}: {reason:?}, {named}");
    }
}

/// serde_json takes a negative zero for a fraction.
fn integer_of(number: &Number) -> Option<i64> {
    number.as_i64().or((number.as_f64() == Some(-0.0)).then_some(0))
}

/// A cell that should stand within its source.
struct Within {
    cell: Cell,
    source: Cell,
}

impl Within {
    /// Where it stands, from the source's beginning; none is null.
    fn range(&self) -> Option<Range<usize>> {
        let Self { cell, source } = self;
        (!cell.is_null()).then(|| {
            let from = cell.start().checked_sub(source.start()).filter(|from| from + cell.len() <= source.len());
            let from = from.unwrap_or_else(|| panic!("{cell:?} stands outside of {source:?}"));
            from..from + cell.len()
        })
    }
}

/// A document, for a failure's text.
struct Named<'a> {
    name: &'a dyn fmt::Display,
    slot: usize,
    document: Option<&'a [u8]>,
}

impl Named<'_> {
    /// How many containers stand within each other, if it is valid.
    fn depth(&self) -> usize {
        let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
        let document = self.document.unwrap_or_default();
        for byte in &document[rules::document_start(document)..] {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = quoted,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
                _ => {}
            }
            deepest = deepest.max(depth);
        }
        deepest
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in document {} of batch {}:", self.slot, self.name)?;
        match self.document {
            Some(document) => write!(f, " {}", document.escape_ascii()),
            None => f.write_str(" null"),
        }
    }
}
