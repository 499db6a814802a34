//! What jaq finds wrong in a program, with its place and, where something is left out on purpose, with what to write.

use jaq_core::{
    compile::{self, Undefined},
    load::{self, Error, File, span},
};

use crate::natives::advice;

/// How much of the program is quoted at a mistake.
const QUOTED: usize = 40;

/// What is wrong with how the program is written, or with the files that it names.
pub(crate) fn of_loading(errors: load::Errors<&str, String>) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (file, error) in errors {
        match error {
            Error::Io(wrong) => mistakes.extend(wrong.into_iter().map(|(at, words)| said(&file, at, &words))),
            Error::Lex(wrong) => mistakes.extend(
                wrong.into_iter().map(|(expected, found)| said(&file, found, &unexpected(expected.as_str(), found))),
            ),
            Error::Parse(wrong) => mistakes.extend(
                wrong.into_iter().map(|(expected, found)| said(&file, found, &unexpected(expected.as_str(), found))),
            ),
        }
    }
    mistakes
}

/// What the program names and is not there.
pub(crate) fn of_compiling(errors: compile::Errors<&str, String>) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (file, errors) in errors {
        for (name, kind) in errors {
            let mut words = match kind {
                Undefined::Filter(arity) => format!("undefined filter {name}/{arity}"),
                kind => format!("undefined {} {name}", kind.as_str()),
            };
            if let Some(advice) = advice(name) {
                words = format!("{words}: {advice}");
            }
            mistakes.push(said(&file, name, &words));
        }
    }
    mistakes
}

fn unexpected(expected: &str, found: &str) -> String {
    let line = found.lines().next().unwrap_or_default();
    let quoted: String = line.chars().take(QUOTED).collect();
    let expected = if expected == "nothing" { "the end" } else { expected };
    match quoted.chars().next() {
        None => format!("unexpected end, expected {expected}"),
        Some('\'') => format!("unexpected `{quoted}`: leave out the shell's quotes"),
        Some(_) => format!("unexpected `{quoted}`, expected {expected}"),
    }
}

/// A mistake with its line and column, from 1, and its file where it is not the program itself.
fn said(file: &File<&str, String>, at: &str, words: &str) -> String {
    let before = file.code.get(..span(file.code, at).start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let of_file = if file.path.is_empty() { String::new() } else { format!("file `{}`, ", file.path) };
    format!("{of_file}line {line}, column {column}: {words}")
}
