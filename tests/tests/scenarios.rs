//! Every folder in `tests/scenarios` is a claim in data: `weir.toml` makes `out.ndjson` of `in.ndjson`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use weir_tests::{Record, gateway::weir, paths::project};

fn folders(of: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(project().join(of)).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The records of a text, without what speaks of the configuration's bytes or is meant for people.
fn records(text: &str) -> Vec<Record> {
    let about = ["weir.error.generation", "weir.error.message"];
    let records = text.lines().map(Record::from_line);
    records
        .map(|mut record| {
            record.headers.retain(|(name, _)| !about.contains(&name.as_str()));
            record
        })
        .collect()
}

/// The first difference, as a person wants to read it; none if there is none.
fn difference(found: &[Record], expected: &[Record]) -> Option<String> {
    let differ = (0..found.len().max(expected.len())).find(|&at| found.get(at) != expected.get(at))?;
    Some(format!("record {}:\nexpected {:#?}\nfound    {:#?}", differ + 1, expected.get(differ), found.get(differ)))
}

fn replay(folder: &Path, cut: &str) -> String {
    let arguments = ["replay", "-c", "weir.toml", "--input", "in.ndjson", "--batch-records", cut];
    weir(folder, &arguments, b"").expect(0).text()
}

#[test]
fn every_scenario_comes_out_as_written_however_batches_are_cut() {
    let folders = folders("tests/scenarios");
    assert!(folders.len() >= 5, "the scenarios are not where this test looks for them");
    let mut mistakes = Vec::new();
    for folder in folders {
        let expected = records(&fs::read_to_string(folder.join("out.ndjson")).unwrap());
        let mut first = None;
        for cut in ["1", "2", "7", "1024"] {
            let text = replay(&folder, cut);
            if let Some(difference) = difference(&records(&text), &expected) {
                mistakes.push(format!("{} in batches of {cut}: {difference}", folder.display()));
                break;
            }
            // Beyond what is written down: not a byte depends on the cut.
            let first = first.get_or_insert_with(|| text.clone());
            assert!(*first == text, "{}: batches of {cut} give other bytes", folder.display());
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n\n"));
}
