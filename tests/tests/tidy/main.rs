//! House rules, read from the sources themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod exceptions;
mod rooms;
mod sources;
mod types;
mod words;

use std::path::Path;

use regex::Regex;

use crate::{
    rooms::room_of,
    sources::{code, is_test_file, none, sources},
};

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
