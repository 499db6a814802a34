//! Regular expressions: those of Rust's regex crate, as everywhere in weir. Searching takes time linear in the text.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use jaq_core::{
    Bind, Cv, ValT as _,
    native::{Fun, bome, run},
};
use jaq_json::{Error, Val};
use jaq_std::ValT;
use regex::bytes::{Captures, Regex, RegexBuilder};

use super::{Data, text_of};

/// What a compiled expression may take in memory, and what it may take to search, in each direction. Most take some KiB.
const SIZE: usize = 1 << 20;
const SEARCH_SIZE: usize = 256 << 10;
/// Expressions that are kept compiled, the first ones: a program has fewer, and those that it makes of records follow them.
const KEPT: usize = 64;

thread_local! {
    static COMPILED: RefCell<HashMap<(String, String), Rc<Regex>>> = RefCell::default();
}

pub(super) fn functions() -> Vec<Fun<Data>> {
    let two = || [Bind::Var(()), Bind::Var(())].into();
    vec![
        run(("matches", two(), |cv: Cv<'_, Data>| bome(parts(cv, false, true)))),
        run(("split_matches", two(), |cv: Cv<'_, Data>| bome(parts(cv, true, true)))),
        run(("split_", two(), |cv: Cv<'_, Data>| bome(parts(cv, true, false)))),
    ]
}

/// Returns the text's pieces in their order: with `between` what stands between matches, as strings; with `matches` those
/// as arrays of an object for each group.
fn parts(mut cv: Cv<'_, Data>, between: bool, matches: bool) -> Result<Val, Error> {
    let (flags, pattern) = (cv.0.pop_var(), cv.0.pop_var());
    let flags = if matches!(flags, Val::Null) { String::new() } else { text_of(&flags)? };
    let regex = compiled(&text_of(&pattern)?, &flags)?;
    let text = cv.1.try_as_utf8_bytes_owned()?;
    let mut place = Place::default();
    let (mut parts, mut end) = (Vec::new(), 0);
    for found in regex.captures_iter(&text) {
        let Some(whole) = found.get(0).filter(|whole| !flags.contains('n') || !whole.is_empty()) else { continue };
        if between {
            parts.push(cv.1.as_sub_str(text.get(end..whole.start()).unwrap_or_default()));
            end = whole.end();
        }
        if matches {
            parts.push(groups(&cv.1, &regex, &found, &text, &mut place)?);
        }
        if !flags.contains('g') {
            break;
        }
    }
    if between {
        parts.push(cv.1.as_sub_str(text.get(end..).unwrap_or_default()));
    }
    Ok(parts.into_iter().collect())
}

/// The groups of a match, the whole of it first. One that took no part has no string.
fn groups(value: &Val, regex: &Regex, found: &Captures<'_>, text: &[u8], place: &mut Place) -> Result<Val, Error> {
    let start = found.get(0).map_or(0, |whole| whole.start());
    place.advance(text, start);
    let mut groups = Vec::new();
    for (number, (group, name)) in found.iter().zip(regex.capture_names()).enumerate() {
        let (offset, length, string) = match group {
            Some(group) => {
                let mut of_group = *place;
                of_group.advance(text, group.start());
                (of_group.characters as isize, characters(group.as_bytes()), value.as_sub_str(group.as_bytes()))
            }
            None => (-1, 0, Val::Null),
        };
        let mut members = vec![("offset", Val::from(offset)), ("length", Val::from(length)), ("string", string)];
        if number > 0 {
            members.push(("name", name.map_or(Val::Null, |name| Val::from(name.to_owned()))));
        }
        groups.push(Val::from_map(members.into_iter().map(|(name, member)| (Val::from(name.to_owned()), member)))?);
    }
    Ok(groups.into_iter().collect())
}

/// A place in a text, in bytes and in characters.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    bytes: usize,
    characters: usize,
}

impl Place {
    fn advance(&mut self, text: &[u8], to: usize) {
        self.characters += characters(text.get(self.bytes..to).unwrap_or_default());
        self.bytes = to;
    }
}

fn characters(text: &[u8]) -> usize {
    String::from_utf8_lossy(text).chars().count()
}

/// Compiles an expression, or finds it among those that were compiled before.
fn compiled(pattern: &str, flags: &str) -> Result<Rc<Regex>, Error> {
    COMPILED.with_borrow_mut(|known| {
        let name = (pattern.to_owned(), flags.to_owned());
        if let Some(regex) = known.get(&name) {
            return Ok(regex.clone());
        }
        let regex = Rc::new(compile(pattern, flags)?);
        if known.len() < KEPT {
            known.insert(name, regex.clone());
        }
        Ok(regex)
    })
}

fn compile(pattern: &str, flags: &str) -> Result<Regex, Error> {
    if let Some(flag) = flags.chars().find(|flag| !"gnimslxp".contains(*flag)) {
        return Err(Error::str(format_args!("invalid regex flag: {flag}")));
    }
    let has = |flag| flags.contains(flag);
    let built = RegexBuilder::new(pattern)
        .case_insensitive(has('i'))
        .multi_line(has('m') || has('p'))
        .dot_matches_new_line(has('s') || has('p'))
        .swap_greed(has('l'))
        .ignore_whitespace(has('x'))
        .size_limit(SIZE)
        .dfa_size_limit(SEARCH_SIZE)
        .build();
    built.map_err(|error| {
        // The last line of what the regex crate says: the others draw the pattern.
        let words = error.to_string();
        let last = words.lines().last().unwrap_or_default().trim();
        Error::str(format_args!("invalid regex: {}", last.strip_prefix("error: ").unwrap_or(last)))
    })
}
