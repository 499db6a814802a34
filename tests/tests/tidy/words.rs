//! The field's words instead of the house's own.

use regex::Regex;

use crate::{
    exceptions::WORDS,
    sources::{none, sources},
};

/// A word, as an expression, and what to write instead.
const FORBIDDEN: &[(&str, &str)] = &[
    (r"(?i)graveyard", "dead letters"),
    (r"(?i)\bbur(y|ied|ies|ying)\b", "dead_letter"),
    (r"(?i)epitaph", "error headers"),
    (r"(?i)culprit", "blamed"),
    (r"(?i)convict", "confirm_fault"),
    (r"(?i)\bguilty\b", "at fault"),
    (r"(?i)\bsuspect", "candidate"),
    (r"(?i)innocent", "unaffected"),
    (r"(?i)\bstrangers?\b", "revoked, unknown, other"),
    (r"(?i)\bcarrier", "active producer"),
    (r"(?i)\bcareful", "isolation producer"),
    (r"\bEars?\b", "ErrorRecorder"),
    (r"\bHeard\b", "LastErrors"),
    (r"(?i)\basker", "client"),
    (r"\bAgain\b|\btake_in_again\b|\bagain::", "resend"),
    (r"\bBoard\b", "Shared"),
    (r"\bFlights\b", "InFlight"),
    (r"(?i)\blaunch", "dispatch"),
    (r"\bDoor\b", "QueueHandle"),
    (r"\bLent\b", "PinnedBuffers"),
    (r"\bLoan\b", "SlotBuffers"),
    (r"(?i)\btr(y|ies|ying) on\b", "keep retrying"),
    (r"(?i)\bbelongs? into\b", "belongs in"),
    (r"(?i)\bis no (topic name|name for|regular expression|address)", "is not a valid …"),
    (r"//[/!] Answers\b", "Returns"),
];

/// Files whose names are not the field's, and what to call them.
const FILES: &[(&str, &str)] = &[
    ("again", "resend"),
    ("carrier", "active_producer"),
    ("flight", "in_flight"),
    ("settle", "debounce"),
    ("trail", "symlinks"),
    ("growth", "escalation"),
    ("stand", "fixture"),
    ("lies", "malformed_answers"),
    ("keeper", "child_process"),
    ("dice", "rng"),
];

/// Whether a rule is not yet kept below this path.
fn is_excepted(path: &str, rule: &str) -> bool {
    let below = |folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".rs")
    };
    WORDS.iter().any(|(folder, rules)| below(folder) && rules.contains(&rule))
}

#[test]
fn words_of_the_field_are_used() {
    let rules: Vec<(Regex, &str, &str)> =
        FORBIDDEN.iter().map(|(rule, instead)| (Regex::new(rule).unwrap(), *rule, *instead)).collect();
    let mut mistakes = Vec::new();
    for (name, text) in sources() {
        if name.starts_with("tests/tests/tidy/") {
            continue;
        }
        for (expression, rule, instead) in rules.iter().filter(|(_, rule, _)| !is_excepted(&name, rule)) {
            for (at, line) in text.lines().enumerate() {
                if let Some(found) = expression.find(line) {
                    mistakes.push(format!("{name}:{}: `{}`: write {instead} ({rule})", at + 1, found.as_str()));
                }
            }
        }
    }
    none(mistakes);
}

#[test]
fn files_have_names_of_the_field() {
    let mut mistakes = Vec::new();
    for (name, _) in sources() {
        let parts = name.split('/').map(|part| part.trim_end_matches(".rs"));
        for part in parts {
            let Some((_, instead)) = FILES.iter().find(|(word, _)| *word == part) else { continue };
            if !is_excepted(&name, part) {
                mistakes.push(format!("{name}: call `{part}` `{instead}`"));
            }
        }
    }
    none(mistakes);
}
