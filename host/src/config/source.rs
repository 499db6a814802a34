//! Reads the configuration's own files and lays them together.

use std::{
    collections::HashMap,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use toml::de::DeTable;

use super::{
    Mistake, Source, foreign, notation, options,
    reading::{Reading, TEXT_LIMIT},
    tree::{Entry, Node, Value},
};

/// The tree of a file, or of every `*.toml` of a directory; none where nothing could be read.
pub(super) fn read(reading: &mut Reading, path: &Path) -> Option<Node> {
    reading.note_version(path);
    let paths = match paths(path) {
        Ok(paths) => paths,
        Err(message) => {
            reading.mistakes.push(Mistake { at: None, message, help: None });
            return None;
        }
    };
    let mut whole: Option<Node> = None;
    for path in paths {
        let Some(document) = document(reading, path) else { continue };
        match &mut whole {
            None => whole = Some(document),
            Some(whole) => merge(reading, whole, document, ""),
        }
    }
    whole
}

fn paths(path: &Path) -> Result<Vec<PathBuf>, String> {
    let shown = path.display();
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| format!("`{shown}` cannot be read: {error}"))? {
        let entry = entry.map_err(|error| format!("`{shown}` cannot be read: {error}"))?.path();
        let hidden = entry.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && entry.extension().is_some_and(|extension| extension == "toml") && !entry.is_dir() {
            paths.push(entry);
        }
    }
    if paths.is_empty() {
        return Err(format!("the directory `{shown}` holds no *.toml"));
    }
    paths.sort();
    Ok(paths)
}

fn document(reading: &mut Reading, path: PathBuf) -> Option<Node> {
    let read = reading.open(&path, TEXT_LIMIT).map_err(|why| why.to_string()).and_then(|bytes| {
        String::from_utf8(bytes.to_vec()).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            format!("it is not UTF-8 from line {} on", before.iter().filter(|byte| **byte == b'\n').count() + 1)
        })
    });
    let text = match read {
        Ok(text) => text,
        Err(why) => {
            let message = format!("`{}` cannot be read: {why}", path.display());
            reading.mistakes.push(Mistake { at: None, message, help: None });
            return None;
        }
    };
    let index = reading.sources.len();
    let (table, errors) = DeTable::parse_recoverable(&text);
    let node = Node::document(index, 0..0, table.get_ref());
    let mut hidden = Vec::new();
    options::secrets(&node, &mut hidden);
    if !errors.is_empty() {
        hidden.extend(suspicious(&text));
    }
    let notation = if errors.is_empty() { None } else { notation::of(&path, &text) };
    reading.sources.push(Arc::new(Source::new(path, blot(&text, &hidden))));
    if !errors.is_empty() {
        reading.torn.push(index);
    }
    if let Some((what, help)) = notation {
        // Of what it says nothing was read as it is meant.
        let span = errors.first().and_then(toml::de::Error::span).unwrap_or(0..0);
        reading.wrong_at(index, visible(&text, span), format!("this is {what}, and weir reads TOML"), help);
        return None;
    }
    for error in &errors {
        let span = visible(&text, error.span().unwrap_or(0..0));
        let help = cure(&text, &span, error.message());
        reading.wrong_at(index, span, error.message().to_owned(), help);
    }
    Some(node)
}

/// What to do about an error of TOML's grammar, where that is not clear from its message.
fn cure(text: &str, span: &Range<usize>, message: &str) -> Option<String> {
    if message.contains("escape") {
        let literal = "between single quotes it is a character like any other: '\\d+'";
        return Some(format!("between double quotes TOML reads a backslash as the beginning of an escape; {literal}"));
    }
    if message.contains("must be quoted") {
        return Some("write it in quotation marks".to_owned());
    }
    let start = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.lines().next()?;
    let key = line.split(['=', ':']).next()?.trim();
    key.contains('.').then(|| foreign::advice(key)).flatten()
}

/// A place between two characters becomes the one after it, or at a line's end the one before.
fn visible(text: &str, span: Range<usize>) -> Range<usize> {
    let (Some(before), Some(after)) = (text.get(..span.start), text.get(span.start..)) else { return span };
    let mut letters = [after.chars().next(), before.chars().next_back()].into_iter();
    match (span.is_empty(), letters.next().flatten(), letters.next().flatten()) {
        (true, Some(next), _) if !next.is_control() => span.start..span.start + next.len_utf8(),
        (true, _, Some(last)) if !last.is_control() => span.start - last.len_utf8()..span.start,
        _ => span,
    }
}

/// Lays `other` over `whole`. A table stands in one file only, but a file may hold the tables below another's.
fn merge(reading: &mut Reading, whole: &mut Node, other: Node, path: &str) {
    let Value::Table(entries) = other.value else { return };
    let Value::Table(into) = &mut whole.value else { return };
    let mut known: HashMap<String, usize> =
        into.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
    for entry in entries {
        let Some(known) = known.get(&entry.key).and_then(|at| into.get_mut(*at)) else {
            known.insert(entry.key.clone(), into.len());
            into.push(entry);
            continue;
        };
        let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
        if (only_tables(&known.node) || only_tables(&entry.node))
            && known.node.table().is_some()
            && entry.node.table().is_some()
        {
            merge(reading, &mut known.node, entry.node, &path);
            continue;
        }
        twice(reading, known, &entry, &path);
    }
}

fn twice(reading: &mut Reading, known: &Entry, entry: &Entry, path: &str) {
    let name = match &entry.node.value {
        Value::Table(_) => format!("[{path}]"),
        _ => format!("`{path}`"),
    };
    let first = reading
        .sources
        .get(known.node.source)
        .map(|source| format!("{}:{}", source.path.display(), source.line_and_column(known.key_span.start).0));
    let message = format!("{name} stands already in {}", first.unwrap_or_default());
    let help = "a table may stand in one file of the directory only".to_owned();
    reading.wrong_at(entry.node.source, entry.key_span.clone(), message, help);
}

/// Whether it is a table that holds nothing but tables: one that nobody need have written.
fn only_tables(node: &Node) -> bool {
    node.table().is_some_and(|entries| !entries.is_empty() && entries.iter().all(|entry| entry.node.table().is_some()))
}

/// Values on lines that smell of a secret, in a file that could not be understood.
fn suspicious(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.to_ascii_lowercase();
        if ["password", "secret", "token", "pem", "jaas"].iter().any(|word| lower.contains(word))
            && let Some(at) = line.find(['=', ':'])
        {
            found.push(start + at + 1..start + line.trim_end().len());
        }
        start += line.len();
    }
    found
}

/// The text with these ranges unreadable, every other byte where it was.
fn blot(text: &str, hidden: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for range in hidden {
        for byte in bytes.get_mut(range.clone()).unwrap_or_default() {
            if !byte.is_ascii_whitespace() && *byte != b'"' && *byte != b'\'' {
                *byte = b'*';
            }
        }
    }
    // Ranges begin and end between characters, so this never replaces anything.
    String::from_utf8_lossy(&bytes).into_owned()
}
