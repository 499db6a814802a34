//! Documents of which the beginning is read ([`Reading::First`]), held against a model of what that means.
//!
//! The model reads on as long as a document is valid and notes every value that it has read whole, but for those below a name
//! that stood in its object before. What pointers name counts if all of them name something that was noted, or else if the
//! document is valid to its end.

use std::{collections::HashSet, fmt, ops::Range, sync::LazyLock};

use regex::bytes::Regex;
use weir::{
    batch::Batch,
    extract::{Expressions, Extractor, Payer, Reading, Registers, Want},
    record::Timestamp,
};
use weir_rules::json as rules;
use weir_tests::rng::Rng;

/// Pointers that are wanted together at most.
const TOGETHER: u64 = 3;
/// Of each number of them, so many sets.
const SETS: usize = 12;

/// Extractors of some pointers, and beside expressions of the same and some expressions.
struct Wanted {
    pointers: Vec<String>,
    extractors: [Extractor; 2],
}

/// What is compared.
pub(crate) struct First {
    wanted: Vec<Wanted>,
    captures: Vec<Regex>,
    /// Documents of which something was read and that are not valid.
    pub(crate) broken: u64,
}

impl First {
    /// Of these sets of pointers, and of group 1 of expressions; all of them valid.
    pub(crate) fn new(patterns: &[&str], sets: Vec<Vec<String>>) -> Self {
        let wanted = sets.into_iter().map(|pointers| {
            let extractor = |patterns: &[&str]| {
                let captures = patterns.iter().zip(pointers.len()..).map(|(pattern, register)| {
                    (Want::Capture { pattern: (*pattern).to_owned(), group: 1, payer: Payer::NOBODY }, register)
                });
                let members = pointers.iter().zip(0..).flat_map(|(pointer, register)| {
                    [(Want::Json(pointer.clone()), register), (Want::JsonInt(pointer.clone()), register)]
                });
                let wants = members.chain(captures).collect();
                Extractor::new(wants, &mut Expressions::default()).unwrap().reading(Reading::First)
            };
            Wanted { extractors: [extractor(&[]), extractor(patterns)], pointers }
        });
        let wanted = wanted.collect();
        let captures = patterns.iter().map(|pattern| Regex::new(pattern).unwrap()).collect();
        Self { wanted, captures, broken: 0 }
    }

    /// Documents of one batch, each read twice, so that the second time all is where it is expected.
    pub(crate) fn batch(&mut self, documents: &[Option<&[u8]>], choice: u64, name: &dyn fmt::Display) {
        let mut batch = Batch::default();
        batch.start("t".into(), 0);
        for (offset, document) in documents.iter().enumerate() {
            batch.push(offset as i64, Timestamp::None, 0, None, *document, std::iter::empty()).unwrap();
        }
        let at = (choice % self.wanted.len() as u64) as usize;
        let wanted = &mut self.wanted[at];
        let count = wanted.pointers.len();
        let mut registers = Registers::new(count + self.captures.len(), count);
        registers.resize(1);
        for (slot, document) in documents.iter().enumerate() {
            let (source, text) = (batch.inputs()[slot].value, document.unwrap_or_default());
            let model = Model::new(text);
            let expected = model.found(&wanted.pointers);
            self.broken += u64::from(!model.is_valid && expected.iter().any(Option::is_some));
            for (extractor, with_captures) in wanted.extractors.iter_mut().zip([false, true]) {
                for _ in 0..2 {
                    extractor.run(&mut batch, source, 0, &mut registers).unwrap();
                    let told = || format!("{:?} in batch {name}: {}", wanted.pointers, text.escape_ascii());
                    for (at, expected) in expected.iter().enumerate() {
                        let value = expected.clone().map(|range| &text[range]);
                        let cell = batch.bytes(registers.cells(at)[0]);
                        assert_eq!(cell, value.and_then(rules::text).as_deref(), "{at} of {}", told());
                        let int = value.and_then(|value| rules::integer(value).ok());
                        assert_eq!(registers.ints(at)[0], int, "{at} as integer of {}", told());
                    }
                    for (regex, at) in self.captures.iter().zip(count..).filter(|_| with_captures) {
                        let group = regex.captures(text).and_then(|found| found.get(1)).map(|group| group.as_bytes());
                        assert_eq!(batch.bytes(registers.cells(at)[0]), group, "`{regex}` beside {}", told());
                    }
                }
            }
            for (at, pointer) in wanted.pointers.iter().enumerate() {
                let alone = rules::find_first(text, pointer);
                let found = model.found(std::slice::from_ref(pointer)).remove(0);
                assert_eq!(alone.is_err(), !model.is_valid && found.is_none(), "{pointer:?} of {name}: {alone:?}");
                assert_eq!(alone.ok().flatten(), found, "{pointer:?} of {name}: {}", text.escape_ascii());
                for (as_integer, is_null) in
                    [(false, registers.cells(at)[0].is_null()), (true, registers.ints(at)[0].is_none())]
                {
                    let reason = rules::why_null(text, pointer, as_integer, Reading::First);
                    assert!(!is_null || reason.is_some(), "{pointer:?} of {name} has no reason");
                }
            }
        }
    }
}

/// Some of these pointers together.
pub(crate) fn sets(pointers: &[&str]) -> Vec<Vec<String>> {
    let mut rng = Rng::new(17);
    let mut set = |count: u64| {
        let mut set: Vec<String> = (0..count).map(|_| rng.pick(pointers).to_owned()).collect();
        set.sort();
        set.dedup();
        set
    };
    (1..=TOGETHER).flat_map(|count| [count; SETS]).map(&mut set).collect()
}

/// Cuts a document off, or goes on with something else from somewhere on.
pub(crate) fn broken(rng: &mut Rng, document: &mut Vec<u8>) {
    const OTHER: [&[u8]; 10] =
        [b"#", b",", b"}", b"]", b" ", b"1", b"\"", b"\"a\":\"x\"", b"\"b\":17,\"ab\":\"x\"", b"\0\0\0\0\0\0\0\0"];
    document.truncate(rng.below(document.len() as u64 + 1) as usize);
    (0..rng.below(4)).for_each(|_| document.extend_from_slice(rng.pick(&OTHER)));
}

/// A value that a document has, whole.
struct Noted {
    /// Names and numbers of items, from the document's value on.
    path: Vec<Vec<u8>>,
    range: Range<usize>,
    /// Whether it cannot go on behind its last byte.
    has_ended: bool,
}

/// A document as far as it is valid.
struct Model<'a> {
    source: &'a [u8],
    at: usize,
    depth: usize,
    noted: Vec<Noted>,
    is_valid: bool,
}

static STRING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^(?s-u)"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*""#).unwrap());
static SCALAR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?-u)(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)").unwrap()
});

impl<'a> Model<'a> {
    fn new(source: &'a [u8]) -> Self {
        let at = rules::document_start(source);
        let mut model = Self { source, at, depth: 0, noted: Vec::new(), is_valid: false };
        let read = model.value(Some(Vec::new()));
        model.skip_space();
        model.is_valid = read.is_some() && model.at == source.len();
        model
    }

    fn found(&self, pointers: &[String]) -> Vec<Option<Range<usize>>> {
        let name = |part: &str| part.replace("~1", "/").replace("~0", "~").into_bytes();
        let noted = |pointer: &String| {
            let path: Vec<Vec<u8>> = pointer.split('/').skip(1).map(name).collect();
            self.noted.iter().find(|noted| noted.path == path)
        };
        let noted: Vec<Option<&Noted>> = pointers.iter().map(noted).collect();
        let counts = self.is_valid || noted.iter().all(|noted| noted.is_some_and(|noted| noted.has_ended));
        noted.iter().map(|noted| noted.filter(|_| counts).map(|noted| noted.range.clone())).collect()
    }

    fn skip_space(&mut self) {
        self.at += self.source[self.at..].iter().take_while(|byte| b" \t\n\r".contains(byte)).count();
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        (self.source.get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    /// Reads a value; `path`: where it is, if that counts. None: the document breaks.
    fn value(&mut self, path: Option<Vec<Vec<u8>>>) -> Option<()> {
        self.skip_space();
        let from = self.at;
        let rest = &self.source[from..];
        let first = *rest.first()?;
        match first {
            b'{' | b'[' => {
                self.depth += 1;
                self.at += 1;
                if self.depth > 128 {
                    return None;
                }
                self.container(first, path.as_deref())?;
                self.depth -= 1;
            }
            b'"' => self.at += STRING.find(rest)?.len(),
            _ => self.at += SCALAR.find(rest)?.len(),
        }
        let behind = self.source.get(self.at);
        let has_ended = b"\"{[".contains(&first) || behind.is_some_and(|byte| b" \t\n\r,]}".contains(byte));
        self.noted.extend(path.map(|path| Noted { path, range: from..self.at, has_ended }));
        Some(())
    }

    fn container(&mut self, open: u8, path: Option<&[Vec<u8>]>) -> Option<()> {
        let is_object = open == b'{';
        let close = if is_object { b'}' } else { b']' };
        if self.take(close).is_some() {
            return Some(());
        }
        let mut names: HashSet<Vec<u8>> = HashSet::new();
        for index in 0.. {
            let mut name = index.to_string().into_bytes();
            if is_object {
                self.skip_space();
                let string = STRING.find(&self.source[self.at..])?.as_bytes();
                name = rules::unescape(&string[1..string.len() - 1]).into_owned();
                self.at += string.len();
                self.take(b':')?;
            }
            let is_first = names.insert(name.clone());
            let path = path.filter(|_| is_first).map(|path| [path, &[name]].concat());
            self.value(path)?;
            if self.take(close).is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
        None
    }
}
