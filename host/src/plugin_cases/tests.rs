//! The cases of the built-ins: what the systems that people come from document, as data.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use weir_plugins::BUILT_INS;

use super::*;
use crate::wasm::{Engine, Limits};

/// The files of a built-in's cases.
fn files(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/built-ins").join(name);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What is wrong with a case; none: it passed.
fn failure(subject: &Subject<'_>, file: &Path) -> Option<String> {
    let checked = Case::read(file).map_err(|error| error.to_string());
    let checked = checked.and_then(|case| subject.check(&case).map_err(|error| error.to_string()));
    match checked {
        Ok(Verdict::Passed) => None,
        Ok(Verdict::Differs { cutting, first, count }) => {
            let mut text = format!("{cutting}: {count} differences");
            for difference in first {
                write!(text, "\n{difference}").unwrap();
            }
            Some(text)
        }
        Ok(other) => Some(format!("{other:#?}")),
        Err(error) => Some(error),
    }
}

#[test]
fn each_built_in_does_what_the_systems_that_people_come_from_document() {
    let engine = Engine::new(None).unwrap();
    let limits = Limits { deadline: Duration::from_secs(10), memory: 64 << 20 };
    let mut failures = String::new();
    for built_in in BUILT_INS {
        let path = PathBuf::from(format!("{}.wasm", built_in.name));
        let bytes: Arc<[u8]> = Arc::from(built_in.bytes);
        // The engine shares code that is in use: it is compiled once.
        let loaded = engine.load(&bytes).unwrap();
        let subject = Subject { engine: &engine, path: &path, bytes: &bytes, limits };
        let files = files(built_in.name);
        if files.is_empty() {
            writeln!(failures, "{}: no case in conformance/built-ins/{0}", built_in.name).unwrap();
        }
        for file in files {
            if let Some(failure) = failure(&subject, &file) {
                writeln!(failures, "{}: {failure}\n", file.display()).unwrap();
            }
        }
        drop(loaded);
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn there_are_cases_of_built_ins_only() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/built-ins");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(weir_plugins::find(&name).is_some(), "conformance/built-ins/{name} is no built-in's");
    }
}
