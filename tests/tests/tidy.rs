//! House rules, read from the sources themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;
use weir_tests::place::project;

/// Every Rust file of the project, by its path from the root.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["host", "guest-sdk", "plugins", "tests", "examples", "bench", "fuzz"]
        .iter()
        .map(|name| project().join(name))
        .collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // `fuzz` has links to rooms of the host.
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                if entry.file_name() != "target" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(project()).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 20, "the sources are not where this test looks for them");
    found
}

/// The lines that are compiled outside tests, without comments, with their numbers from 1.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"));
    lines.enumerate().map(|(at, line)| (at + 1, line.split("//").next().unwrap_or_default()))
}

fn is_test_file(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs")
}

#[track_caller]
fn none(mistakes: Vec<String>) {
    assert!(mistakes.is_empty(), "\n{}", mistakes.join("\n"));
}

#[test]
fn no_file_is_longer_than_400_lines_and_main_not_longer_than_60() {
    let limit = |name: &str| if name == "host/src/main.rs" { 60 } else { 400 };
    let long = |(name, text): &(String, String)| text.lines().count() > limit(name);
    none(
        sources()
            .iter()
            .filter(|source| long(source))
            .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
            .collect(),
    );
}

#[test]
fn files_are_named_after_what_is_in_them() {
    let vague = ["mod", "util", "utils", "common", "helpers", "misc", "manager", "handler", "handlers"];
    let vague = |name: &String| {
        Path::new(name).iter().any(|part| vague.contains(&part.to_str().unwrap().trim_end_matches(".rs")))
    };
    none(sources().into_iter().map(|(name, _)| name).filter(vague).collect());
}

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
fn room_of(name: &str) -> Option<&str> {
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
fn big_dependencies_stay_in_their_rooms() {
    let homes: [(&str, &[&str]); 8] = [
        ("wasmtime", &["wasm"]),
        ("wit_component", &["wasm"]),
        ("rdkafka", &["kafka"]),
        ("rdkafka_sys", &["kafka"]),
        ("clap", &["cli", "main"]),
        ("anyhow", &["cli", "main", "wasm"]),
        ("miette", &["config", "cli"]),
        ("indicatif", &["cli"]),
    ];
    let mut mistakes = Vec::new();
    for (name, text) in sources() {
        let Some(room) = room_of(&name) else { continue };
        for (dependency, rooms) in homes {
            let used = Regex::new(&format!(r"(^|[^\w:]){dependency}::")).unwrap();
            let lines = code(&text).filter(|(_, line)| !rooms.contains(&room) && used.is_match(line));
            mistakes.extend(lines.map(|(line, _)| format!("{name}:{line}: `{dependency}` belongs to {rooms:?}")));
        }
    }
    none(mistakes);
}

#[test]
fn unsafe_stands_only_where_it_may_and_says_why() {
    let word = Regex::new(r"\bunsafe\b").unwrap();
    let block = Regex::new(r"\bunsafe\s*(\{|impl\b)").unwrap();
    let (mut mistakes, mut in_wasm) = (Vec::new(), Vec::new());
    for (name, text) in sources() {
        if name.starts_with("tests/") {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in code(&text).filter(|(_, line)| word.is_match(line)) {
            match () {
                () if ["host/src/kafka", "guest-sdk/src/export", "guest-sdk/src/allocator", "bench/src/kafka/raw"]
                    .iter()
                    .any(|place| name.starts_with(place)) => {}
                () if name.starts_with("host/src/wasm/") => in_wasm.push(format!("{name}:{number}")),
                () => mistakes.push(format!("{name}:{number}: no unsafe here")),
            }
            let above = &lines[number.saturating_sub(8)..number - 1];
            if block.is_match(line) && !above.iter().any(|line| line.contains("SAFETY:")) && !line.contains("SAFETY:") {
                mistakes.push(format!("{name}:{number}: why is this sound? (// SAFETY: …)"));
            }
        }
    }
    if in_wasm.len() > 1 {
        mistakes.push(format!("wasm has one unsafe place, the loading of weir's own compiled code, not {in_wasm:?}"));
    }
    none(mistakes);
}

#[test]
fn threads_are_started_in_one_room_which_watches_them() {
    let start = Regex::new(r"\bthread::(spawn|Builder)\b").unwrap();
    let mut mistakes = Vec::new();
    for (name, text) in sources() {
        let Some(room) = room_of(&name).filter(|room| *room != "threads" && !is_test_file(&name)) else { continue };
        let lines = code(&text).filter(|(_, line)| start.is_match(line));
        mistakes.extend(lines.map(|(line, _)| format!("{name}:{line}: `{room}` starts threads by `threads` only")));
    }
    none(mistakes);
}

#[test]
fn this_test_sees_what_it_looks_for() {
    let text = "use crate::{batch::{Batch, Cell}, record::Record,\n    wasm};\nuse crate::kafka::Consumer;\n// crate::cli\n#[cfg(test)]\nuse crate::dev;";
    let used: Vec<String> = used_rooms(text).into_iter().map(|(_, room)| room).collect();
    assert_eq!(used, ["batch", "record", "wasm", "kafka"]);
}
