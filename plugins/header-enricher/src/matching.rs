//! Headers that go because of what they are called.

use regex_automata::{
    nfa::thompson::{
        self,
        pikevm::{Cache, PikeVM},
    },
    util::syntax,
};
use weir_sdk::{
    Batch, Edits, Mistake,
    pattern::{Dialect, Reader, check},
    pointer,
};

/// What the compiled expressions may take together.
const COMPILED_BYTES: usize = 4 << 20;

/// Expressions over names.
#[derive(Debug)]
pub(crate) struct Matching {
    expressions: PikeVM,
    cache: Cache,
}

impl Matching {
    /// Compiles the expressions; none where there are none.
    ///
    /// # Errors
    /// Each one that is wrong.
    pub(crate) fn new(patterns: &[String], dialect: Dialect) -> Result<Option<Self>, Vec<Mistake>> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let mut mistakes = Vec::new();
        let mut read = Vec::with_capacity(patterns.len());
        for (at, pattern) in patterns.iter().enumerate() {
            let pointer = pointer!("remove_matching", at);
            match check(pattern, dialect, Reader::Other, &pointer) {
                Ok(pattern) => read.push(pattern),
                Err(wrong) => mistakes.push(Mistake::new(pointer, wrong)),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let compile = |patterns: &[&String]| {
            let limit = thompson::Config::new().nfa_size_limit(Some(COMPILED_BYTES));
            // What is translated from Java's speaks of bytes that are no UTF-8, too.
            let bytes = syntax::Config::new().utf8(false);
            PikeVM::builder().thompson(limit).syntax(bytes).build_many(patterns).map_err(Box::new)
        };
        let all: Vec<&String> = read.iter().collect();
        match compile(&all) {
            Ok(expressions) => Ok(Some(Self { cache: expressions.create_cache(), expressions })),
            Err(together) => {
                let mut mistakes = Vec::new();
                for (at, pattern) in read.iter().enumerate() {
                    let wrong = compile(&[pattern]).err().map(|error| in_words(&error));
                    mistakes.extend(wrong.map(|wrong| Mistake::new(pointer!("remove_matching", at), wrong)));
                }
                if mistakes.is_empty() {
                    mistakes.push(Mistake::new("/remove_matching", in_words(&together)));
                }
                Err(mistakes)
            }
        }
    }

    /// Whether headers of this name go.
    pub(crate) fn takes(&mut self, name: &str) -> bool {
        self.expressions.is_match(&mut self.cache, name)
    }

    /// Removes them from the records of a batch as they came.
    ///
    /// # Errors
    /// The plan did not ask for all headers.
    pub(crate) fn remove(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let headers = batch.headers().ok_or("the batch came without its headers")?;
        // The rows of each name that goes, by the name's number.
        let mut rows: Vec<Option<Vec<usize>>> = headers.names().map(|name| self.takes(name).then(Vec::new)).collect();
        if rows.iter().all(Option::is_none) {
            return Ok(());
        }
        for row in batch.rows() {
            for number in headers.numbers(row) {
                if let Some(Some(rows)) = rows.get_mut(number)
                    && rows.last() != Some(&row)
                {
                    rows.push(row);
                }
            }
        }
        for (name, rows) in headers.names().zip(rows) {
            edits.remove_header_then(name, rows.unwrap_or_default());
        }
        Ok(())
    }
}

/// What is wrong, without the drawing of where: the last line of several.
fn in_words(error: &thompson::BuildError) -> String {
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = source.to_string();
    }
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
