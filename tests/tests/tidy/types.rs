//! A type's methods stand in its own file, or in that file's children.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::{
    exceptions::TYPES,
    sources::{code, none, sources},
};

/// The names of the types that a text defines.
fn defined(text: &str) -> BTreeSet<String> {
    let definition = Regex::new(r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum|union)\s+(\w+)").unwrap();
    code(text).filter_map(|(_, line)| definition.captures(line).map(|found| found[1].to_owned())).collect()
}

/// The lines of inherent `impl` blocks, each with its type's name. Blocks of traits are left out.
fn inherent_impls(text: &str) -> Vec<(usize, String)> {
    let head = Regex::new(r"^\s*impl\b").unwrap();
    let lines: Vec<(usize, &str)> = code(text).collect();
    let mut found = Vec::new();
    for (at, (number, line)) in lines.iter().enumerate() {
        if !head.is_match(line) {
            continue;
        }
        let mut whole = String::new();
        for (_, line) in &lines[at..] {
            whole.push_str(line);
            whole.push(' ');
            if line.contains('{') {
                break;
            }
        }
        found.extend(implemented(&whole).map(|name| (*number, name)));
    }
    found
}

/// The type of an inherent `impl`'s head; none where it is a trait's.
fn implemented(head: &str) -> Option<String> {
    let mut rest = head.trim_start().strip_prefix("impl")?.trim_start();
    if rest.starts_with('<') {
        let mut depth = 0;
        let end = rest.char_indices().find(|(at, letter)| {
            match letter {
                '<' => depth += 1,
                '>' if !rest[..*at].ends_with('-') => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        rest = &rest[end?.0 + 1..];
    }
    let before = rest.split(['{']).next()?.split(" where ").next()?;
    // `for<'a>` of a bound stands behind `where` or in the parameters, which are gone.
    if Regex::new(r"\bfor\b").unwrap().is_match(before) {
        return None;
    }
    let path = before.trim().split('<').next()?;
    path.rsplit("::").next().map(|name| name.trim().to_owned())
}

/// Whether `file` is `home` or stands below it: `a/b/c.rs` below `a/b.rs`.
fn is_at_home(home: &str, file: &str) -> bool {
    let folder = home.trim_end_matches(".rs").trim_end_matches("lib").trim_end_matches('/');
    file == home || file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[test]
fn a_type_has_its_methods_in_its_own_file_and_that_files_children() {
    let sources = sources();
    let mut homes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, text) in &sources {
        for type_name in defined(text) {
            homes.entry(type_name).or_default().push(name);
        }
    }
    let mut mistakes = Vec::new();
    for (name, text) in &sources {
        for (line, type_name) in inherent_impls(text) {
            let at_home = homes.get(&type_name).is_some_and(|homes| homes.iter().any(|home| is_at_home(home, name)));
            if !at_home && !TYPES.contains(&(type_name.as_str(), name.as_str())) {
                mistakes.push(format!("{name}:{line}: `{type_name}` is not defined here or in a file above this one"));
            }
        }
    }
    none(mistakes);
}

#[test]
fn heads_of_impl_blocks_are_understood() {
    for (head, name) in [
        ("impl Worker {", Some("Worker")),
        ("    impl<'a, T: Fn(u8) -> u8> Held<'a, T> {", Some("Held")),
        ("impl super::Found<'_> {", Some("Found")),
        ("impl<T> Wrapper<T> where for<'a> T: Fn(&'a u8) {", Some("Wrapper")),
        ("impl fmt::Display for Mistake {", None),
        ("impl<T: Into<u8>> From<T> for Mistake {", None),
    ] {
        assert_eq!(implemented(head).as_deref(), name, "{head}");
    }
    assert!(is_at_home("host/src/a/b.rs", "host/src/a/b/c.rs") && is_at_home("x/src/lib.rs", "x/src/y.rs"));
    assert!(!is_at_home("host/src/a/b.rs", "host/src/a/bc.rs") && !is_at_home("host/src/a/b.rs", "host/src/a.rs"));
}
