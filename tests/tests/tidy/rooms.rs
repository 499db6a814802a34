//! The table of rooms in host/src/lib.rs, and who really uses whom.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use regex::Regex;
use weir_tests::paths::project;

use crate::{
    exceptions::PERMISSIONS,
    sources::{code, is_test_file, none, sources},
};

/// The table of rooms in the crate documentation: room -> whom it may use.
fn rooms() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(project().join("host/src/lib.rs")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! |"));
    let word = Regex::new(r"`([a-z_]+)`").unwrap();
    let mut rooms = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').collect();
        let [room, _, may_use] = cells[..] else { panic!("a row of the table of rooms has three cells: {row}") };
        // The head and the line under it name no room.
        let Some(room) = word.captures(room) else { continue };
        let may_use = word.captures_iter(may_use).map(|found| found[1].to_owned()).collect();
        rooms.insert(room[1].to_owned(), may_use);
    }
    assert!(rooms.len() > 10, "the table of rooms stands in the documentation of host/src/lib.rs");
    rooms
}

/// The room of a file: `host/src/wasm/engine.rs` belongs to `wasm`.
pub(crate) fn room_of(name: &str) -> Option<&str> {
    let inside = name.strip_prefix("host/src/")?;
    inside.split('/').next().map(|first| first.trim_end_matches(".rs"))
}

/// The rooms that a line speaks of: `crate::room`, `crate::{room, other::…}`, and `weir::…` in main.
fn used_rooms(text: &str) -> Vec<(usize, String)> {
    let single = Regex::new(r"\b(?:crate|weir)::([a-z_]+)").unwrap();
    let group = Regex::new(r"\b(?:crate|weir)::\{").unwrap();
    let word = Regex::new(r"^\s*([a-z_]+)").unwrap();
    let lines: Vec<(usize, &str)> = code(text).collect();
    let mut used = Vec::new();
    for (at, (number, line)) in lines.iter().enumerate() {
        used.extend(single.captures_iter(line).map(|found| (*number, found[1].to_owned())));
        let Some(open) = group.find(line) else { continue };
        let rest: String =
            std::iter::once(&line[open.end()..]).chain(lines[at + 1..].iter().map(|(_, line)| *line)).collect();
        let (mut depth, mut start) = (0, 0);
        for (position, letter) in rest.char_indices() {
            let ends = depth == 0 && (letter == ',' || letter == '}');
            if ends && let Some(found) = word.captures(&rest[start..position]) {
                used.push((*number, found[1].to_owned()));
            }
            match letter {
                ',' if depth == 0 => start = position + 1,
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    used
}

#[test]
fn a_room_uses_only_the_rooms_that_the_table_allows_it() {
    let rooms = rooms();
    let mut mistakes = Vec::new();
    for (name, text) in sources() {
        let Some(room) = room_of(&name).filter(|room| *room != "lib" && !is_test_file(&name)) else { continue };
        let Some(may_use) = rooms.get(room) else {
            mistakes.push(format!("{name}: the room `{room}` does not stand in the table of rooms in host/src/lib.rs"));
            continue;
        };
        for (line, used) in used_rooms(&text) {
            if rooms.contains_key(&used) && used != room && !may_use.contains(&used) {
                mistakes.push(format!("{name}:{line}: `{room}` may not use `{used}`"));
            }
        }
    }
    none(mistakes);
}

#[test]
fn the_table_of_rooms_has_no_circle() {
    let mut left = rooms();
    while let Some(free) = left.iter().find(|(_, may_use)| may_use.iter().all(|used| !left.contains_key(used))) {
        let free = free.0.clone();
        left.remove(&free);
    }
    assert!(left.is_empty(), "these rooms use each other in a circle: {:?}", left.keys());
}

#[test]
fn every_permission_of_the_table_is_used() {
    let mut unused: BTreeSet<(String, String)> = BTreeSet::new();
    for (room, may_use) in rooms() {
        unused.extend(may_use.into_iter().map(|used| (room.clone(), used)));
    }
    for (name, text) in sources() {
        let Some(room) = room_of(&name).filter(|_| !is_test_file(&name)) else { continue };
        for (_, used) in used_rooms(&text) {
            unused.remove(&(room.to_owned(), used));
        }
    }
    let excepted = |(room, used): &(String, String)| PERMISSIONS.contains(&(room.as_str(), used.as_str()));
    none(
        unused
            .into_iter()
            .filter(|pair| !excepted(pair))
            .map(|(room, used)| format!("host/src/lib.rs: `{room}` does not use `{used}`: take it out of the table"))
            .collect(),
    );
}

#[test]
fn this_test_sees_what_it_looks_for() {
    let text = "use crate::{batch::{Batch, Cell}, record::Record,\n    wasm};\nuse crate::kafka::Consumer;\n// crate::cli\n#[cfg(test)]\nuse crate::dev;";
    let used: Vec<String> = used_rooms(text).into_iter().map(|(_, room)| room).collect();
    assert_eq!(used, ["batch", "record", "wasm", "kafka"]);
}
