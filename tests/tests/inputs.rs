//! Input that users of other systems had trouble with: every folder of `../shared/trouble/inputs`, as its `run.py` runs it.
//!
//! A folder is a configuration, records (or lines of a text file), and what is right: the records that come out, or words
//! that `check` and `replay` have to say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::Value;
use weir_tests::{Finished, Gateway, paths};

/// How many folders there are at least.
const FOLDERS: usize = 39;

/// What a folder's configuration would have to be, where the one in it is the nearest that there was before weir could do it
/// at all; and why it cannot mean that as it stands.
struct Spelled {
    folder: &'static str,
    interceptors: &'static str,
    why: &'static str,
}

const SPELLED: [Spelled; 9] = [
    Spelled {
        folder: "days-since-epoch",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "timestamp-fixer"
config = { from = { json = "/t" }, unit = "d" }
"#,
        why: "under `auto` 18088 are seconds: five hours after 1970 began, as a clock that was never set counts them. Read as \
              days it would be a plausible time of 2019, and the wrong clock would no longer be found",
    },
    Spelled {
        folder: "dollar-before-a-line-end",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "regex-extractor"
config = { rules = [ { pattern = 'status=(.*)$', headers = ["status"], dialect = "java" } ] }
"#,
        why: "without a dialect an expression is Rust's, where `$` is the very end",
    },
    Spelled {
        folder: "drop-by-expression",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "filter"
config = { drop = { any = [ { value = true, matches = '/health' }, { value = true, null = true } ] } }
"#,
        why: "a regex-extractor writes headers; it drops nothing because a header is called `drop`",
    },
    Spelled {
        folder: "escaped-quotes-by-the-documented-regex",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "header-enricher"
config = { headers = [ { name = "sceneId", value = "{json:/sceneId}" } ] }
"#,
        why: "`\"sceneId\":\"(.+?)\"` says what it finds: not the empty text, not behind a space, and escapes as they stand",
    },
    Spelled {
        folder: "iso8601-offset-forms",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "timestamp-fixer"
config = { from = { json = "/t" }, unit = "iso8601" }
"#,
        why: "five of the seven forms are none of RFC 3339, and `rfc3339` is there for those who want them refused",
    },
    Spelled {
        folder: "java-classes-over-cjk",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "regex-extractor"
config = { dialect = "java", rules = [ { pattern = 'user=(\w+)', headers = ["user"] }, { pattern = '=(\d+)', headers = ["n"] } ] }
"#,
        why: "without a dialect an expression is Rust's, where `\\w` and `\\d` are all of Unicode's letters and digits",
    },
    Spelled {
        folder: "mask-a-value",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "value-editor"
config = { edits = [ { replace = '^(\d+\.\d+)\.\d+\.\d+$', with = "$1.xxx.xxx", json = "/ip" } ] }
"#,
        why: "a regex-extractor leaves the value alone",
    },
    Spelled {
        folder: "several-documents-in-one-record",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "splitter"
config = { by = "documents" }

[[pipelines.p.interceptors]]
plugin = "mod-router"
config = { from = { json = "/id" }, buckets = 12, topic = "t{bucket:02}" }
"#,
        why: "a mod-router routes one record as one: which of two documents would decide?",
    },
    Spelled {
        folder: "several-formats",
        interceptors: r#"
[[pipelines.p.interceptors]]
plugin = "timestamp-fixer"
[pipelines.p.interceptors.config]
from = { json = "/t" }
unit = ["rfc3339", "%Y-%m-%d %H:%M:%S,%f", "ms"]
zone = "Asia/Shanghai"
keep_original = "client"
set_header = "ts"
"#,
        why: "of three interceptors the first cannot know what the others will read; one with a list does",
    },
];

#[test]
fn every_folder_of_reported_trouble_comes_out_right() {
    let Some(folders) = paths::shared("trouble/inputs") else {
        eprintln!("skipped: there is no ../shared/trouble/inputs beside the project");
        return;
    };
    let entries = fs::read_dir(&folders).unwrap().map(|entry| entry.unwrap().path());
    let folders: BTreeMap<String, _> = entries
        .filter(|path| path.is_dir())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    assert!(folders.len() >= FOLDERS, "{} folders", folders.len());
    let mut wrong = Vec::new();
    let (mut as_they_are, mut spelled) = (0, 0);
    for (name, path) in &folders {
        let config = fs::read_to_string(path.join("weir.toml")).unwrap();
        let as_it_is = run(path, &config);
        match (as_it_is, SPELLED.iter().find(|own| own.folder == name)) {
            (Ok(()), None) => as_they_are += 1,
            (Ok(()), Some(_)) => wrong.push(format!("{name}: is right as it is; leave it out of the table")),
            (Err(why), None) => wrong.push(format!("{name}: {why}")),
            (Err(_), Some(own)) => {
                let (head, _) = config.split_once("[[pipelines.p.interceptors]]").unwrap();
                match run(path, &format!("{head}{}", own.interceptors)) {
                    Ok(()) => {
                        spelled += 1;
                        eprintln!("{name}: in weir's own spelling, because {}", own.why);
                    }
                    Err(why) => wrong.push(format!("{name}, in weir's own spelling: {why}")),
                }
            }
        }
    }
    for own in SPELLED.iter().filter(|own| !folders.contains_key(own.folder)) {
        wrong.push(format!("{}: there is no such folder", own.folder));
    }
    eprintln!("{} folders: {as_they_are} right as they are, {spelled} in weir's own spelling", folders.len());
    assert!(wrong.is_empty(), "{} are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Runs the folder's case with a configuration.
///
/// # Errors
/// What differs from what is right.
fn run(folder: &Path, config: &str) -> Result<(), String> {
    let gateway = Gateway::new(config);
    let mut given = BTreeSet::new();
    for name in ["in.ndjson", "in.txt", "expected.ndjson"] {
        if let Ok(content) = fs::read(folder.join(name)) {
            gateway.write(name, content);
            given.insert(name);
        }
    }
    let input: &[&str] =
        if given.contains("in.txt") { &["--format", "lines", "--input", "in.txt"] } else { &["--input", "in.ndjson"] };
    let replay = |more: &[&str]| gateway.weir(&[&["replay", "-c", "weir.toml"], input, more].concat());
    if given.contains("expected.ndjson") {
        let replayed = replay(&["--expect", "expected.ndjson"]);
        return if replayed.status == Some(0) { Ok(()) } else { Err(shown(&replayed)) };
    }
    let checked = gateway.weir(&["check", "-c", "weir.toml"]);
    let mut said = checked.err.clone();
    let mut reasons = BTreeSet::new();
    if checked.status == Some(0) && given.contains("in.ndjson") {
        let replayed = replay(&[]);
        reasons = dead_letter_reasons(&replayed.out);
        said += &replayed.err;
    }
    let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
    let said = own_words(&said);
    let mut is_asked = false;
    for line in expected.lines() {
        if let Some(words) = line.strip_prefix("contains: ") {
            is_asked = true;
            if !said.contains(words) {
                return Err(format!("nothing says {words:?}:\n{said}"));
            }
        } else if let Some(count) = line.strip_prefix("distinct: ") {
            is_asked = true;
            if reasons.len() < count.parse().unwrap() {
                return Err(format!("{} different reasons, not {count}: {reasons:#?}", reasons.len()));
            }
        }
    }
    if is_asked { Ok(()) } else { Err("expected.txt asks for nothing".to_owned()) }
}

fn shown(finished: &Finished) -> String {
    format!("status {:?}\n{}\n{}", finished.status, String::from_utf8_lossy(&finished.out), finished.err)
}

/// The different reasons of the dead letters among records as `replay` writes them.
fn dead_letter_reasons(records: &[u8]) -> BTreeSet<String> {
    let lines = records.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let reason = |line: &[u8]| {
        let record: Value = serde_json::from_slice(line).unwrap();
        let headers = record["headers"].as_array().unwrap().clone();
        let pair = headers.chunks_exact(2).find(|pair| pair[0] == "weir.error.message")?;
        Some(pair[1].as_str().unwrap_or_default().to_owned())
    };
    lines.filter_map(reason).collect()
}

/// What is said in weir's own words, on one line: neither the configuration's path nor its lines.
fn own_words(said: &str) -> String {
    let is_own =
        |line: &&str| !line.contains("╭─[") && !line.trim_start().starts_with(|first: char| first.is_numeric());
    let words = said.lines().filter(is_own).flat_map(|line| line.split(['│', ' ', '\t']));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
