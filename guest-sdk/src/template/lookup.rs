//! `{lookup:FILE:KEY}`: the value that a table has for a key, which is a template of its own.

use std::{cell::RefCell, collections::HashMap, fmt, rc::Rc};

use super::{Piece, hole, unclosed};
use crate::{
    Files,
    table::{Columns, Table},
};

/// How many lookups may stand in one another.
const DEEPEST: usize = 8;

/// What is looked up, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The table.
    pub columns: Columns,
    /// The key: at least one piece of it depends on the record.
    pub key: Vec<Piece>,
}

/// Without its braces.
impl fmt::Display for Lookup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("lookup:")?;
        self.columns.write(out, |out| self.key.iter().try_for_each(|piece| piece.fmt(out)))
    }
}

/// What reads a table.
type ReadTable<'a> = dyn Fn(&Columns) -> Result<Table, String> + 'a;

/// Who reads the tables of templates, each once: a plugin whose templates look nothing up carries nothing that does.
#[derive(Default)]
pub struct Tables<'a> {
    read: Option<Box<ReadTable<'a>>>,
    known: RefCell<HashMap<Columns, Result<Rc<Table>, String>>>,
}

impl fmt::Debug for Tables<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tables").field("read", &self.read.is_some()).field("known", &self.known).finish()
    }
}

impl<'a> Tables<'a> {
    /// Nobody: a lookup is a mistake.
    pub fn none() -> Self {
        Self::default()
    }

    /// The files that the interceptor's config names.
    pub fn of(files: &'a Files) -> Self {
        Self { read: Some(Box::new(|columns| Table::read(files, columns))), ..Self::default() }
    }

    /// The table of these columns.
    ///
    /// # Errors
    /// What is wrong with it, or that there are none.
    pub fn table(&self, columns: &Columns) -> Result<Rc<Table>, String> {
        let Some(read) = &self.read else {
            return Err(format!(
                "`{{lookup:{columns}}}`: no tables here; write the value into a header with a header-enricher above, and \
                 read that"
            ));
        };
        let mut known = self.known.borrow_mut();
        known.entry(columns.clone()).or_insert_with(|| read(columns).map(Rc::new)).clone()
    }
}

/// Reads a lookup from behind its kind, and returns what stands behind its closing brace.
pub(super) fn parse(from: &str, depth: usize) -> Result<(Lookup, &str), String> {
    if depth >= DEEPEST {
        return Err(format!(
            "more than {DEEPEST} lookups stand in one another; write what the inner ones find into a header above"
        ));
    }
    let (mut columns, mut rest) = table(from)?;
    let mut key = Vec::new();
    loop {
        let Some(at) = rest.find(['{', '}']) else { return Err(unclosed(&format!("lookup:{from}"))) };
        let (text, brace) = rest.split_at(at);
        if let Some(after) = brace.strip_prefix('}') {
            let (text, value) = match text.split_once(':').filter(|_| !key.is_empty()) {
                Some((text, value)) => (text, Some(value)),
                None => (text, None),
            };
            push_text(&mut key, text);
            columns.value = value.map(str::to_owned);
            check(&columns, &key)?;
            return Ok((Lookup { columns, key }, after));
        }
        push_text(&mut key, text);
        let (piece, after) = hole(brace.get(1..).unwrap_or_default(), depth + 1)?;
        key.push(piece);
        rest = after;
    }
}

fn push_text(key: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        key.push(Piece::Text(text.to_owned()));
    }
}

/// Reads `FILE:` or `FILE[COLUMN]:`.
fn table(from: &str) -> Result<(Columns, &str), String> {
    let before = from.split(['{', '}']).next().unwrap_or_default();
    // A column's name may have a colon in it.
    let column = before.find('[').filter(|start| before.get(..*start).is_some_and(|file| !file.contains(':')));
    let end = column.and_then(|start| Some(start + before.get(start..)?.find("]:")? + 1)).or_else(|| before.find(':'));
    let Some(named) = end.and_then(|end| before.get(..end)) else {
        let file = if before.is_empty() { "FILE" } else { before };
        return Err(format!(
            "`{{lookup:{before}` has no key; write `{{lookup:{file}:{{HEADER}}}}`, or another part as its key"
        ));
    };
    let mut columns = Columns::of_file(named);
    if let Some((file, column)) = named.strip_suffix(']').and_then(|named| named.split_once('[')) {
        columns = Columns { key: Some(column.to_owned()), ..Columns::of_file(file) };
    }
    Ok((columns, from.get(named.len() + 1..).unwrap_or_default()))
}

fn check(columns: &Columns, key: &[Piece]) -> Result<(), String> {
    let Columns { file, key: key_column, value } = columns;
    if file.is_empty() {
        return Err(
            "`{lookup::…}` names no file; write `{lookup:FILE:{HEADER}}`, with a name of the interceptor's `files`"
                .to_owned(),
        );
    }
    if [key_column, value].into_iter().flatten().any(String::is_empty) {
        return Err(format!("`{{lookup:{columns}}}` names a column without a name; leave it out, or name it"));
    }
    match key {
        [] => Err(format!(
            "`{{lookup:{file}:}}` has no key; write `{{lookup:{file}:{{HEADER}}}}`, or another part as its key"
        )),
        [Piece::Text(text)] => Err(format!(
            "`{{lookup:{file}:{text}}}` looks the same text up for every record; a part of the record has braces of its own: \
             `{{lookup:{file}:{{{text}}}}}`"
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::template::parse;

    fn columns(file: &str, key: Option<&str>, value: Option<&str>) -> Columns {
        Columns { file: file.to_owned(), key: key.map(str::to_owned), value: value.map(str::to_owned) }
    }

    #[test]
    fn a_lookup_has_a_file_its_columns_and_a_key() {
        let country = || Piece::Header("country".to_owned());
        let text = |text: &str| Piece::Text(text.to_owned());
        for (template, expected, key) in [
            ("{lookup:regions:{country}}", columns("regions", None, None), vec![country()]),
            ("{lookup:regions:{country}:name}", columns("regions", None, Some("name")), vec![country()]),
            ("{lookup:t[xml:id]:{country}}", columns("t", Some("xml:id"), None), vec![country()]),
            ("{lookup:r.csv[iso 2]:{country}:a:b}", columns("r.csv", Some("iso 2"), Some("a:b")), vec![country()]),
            (
                "{lookup:t:{topic}:{country}-{json:/a}-x:v}",
                columns("t", None, Some("v")),
                vec![Piece::Topic, text(":"), country(), text("-"), Piece::Json("/a".to_owned()), text("-x")],
            ),
            (
                "{lookup:a:x{lookup:b:{country}:c}}",
                columns("a", None, None),
                vec![text("x"), Piece::Lookup(Lookup { columns: columns("b", None, Some("c")), key: vec![country()] })],
            ),
        ] {
            let lookup = Piece::Lookup(Lookup { columns: expected, key });
            assert_eq!(parse(&format!("<{template}>")).unwrap(), [text("<"), lookup.clone(), text(">")], "{template}");
            assert_eq!(parse(&lookup.to_string()).unwrap(), [lookup], "as it is written: {template}");
        }
    }

    #[test]
    fn a_header_may_be_called_lookup() {
        assert_eq!(parse("{lookup}").unwrap(), [Piece::Header("lookup".to_owned())]);
    }

    #[test]
    fn a_lookup_that_cannot_be_read_says_what_to_write_instead() {
        let deep = format!("{}{{a}}{}", "{lookup:t:".repeat(100_000), "}".repeat(100_000));
        for (template, cure) in [
            ("{lookup:}", "`{lookup:FILE:{HEADER}}`"),
            ("{lookup:regions}", "`{lookup:regions:{HEADER}}`"),
            ("{lookup:{country}:regions}", "`{lookup:FILE:{HEADER}}`"),
            ("{lookup:regions:}", "`{lookup:regions:{HEADER}}`"),
            ("{lookup:regions:country}", "`{lookup:regions:{country}}`"),
            ("{lookup::{country}}", "`{lookup:FILE:{HEADER}}`"),
            ("{lookup:regions:{country}:}", "leave it out"),
            ("{lookup:regions[]:{country}}", "leave it out"),
            ("a{lookup:regions:{country}", "never closed"),
            ("{lookup:regions:{country", "never closed"),
            ("{lookup:regions:{}}", "`{header:NAME}`"),
            ("{lookup:regions:{json:a}}", "\"/a\""),
            (deep.as_str(), "a header above"),
        ] {
            let mistake = parse(template).unwrap_err();
            assert!(mistake.contains(cure), "{template:.60}: {mistake:.300}");
        }
    }
}
