//! Mistakes and warnings, as a command tells them: drawn for people, or a line of JSON each where the log is JSON.

use serde_json::{Map, Value, json};

use super::{is_coloured, logging, say};
use crate::config::{Mistake, Mistakes, Style, Warnings};

/// Writes the warnings and then the mistakes to standard error.
pub(super) fn tell(mistakes: &Mistakes) {
    tell_warnings(mistakes.warnings());
    if logging::is_json() {
        mistakes.listed().iter().for_each(|mistake| say_json("ERROR", &mistake.message, of(mistake)));
        let unlisted = mistakes.count() - mistakes.listed().len();
        if unlisted > 0 {
            say_json("ERROR", &format!("and {unlisted} more mistakes"), Map::new());
        }
    } else if !mistakes.is_empty() {
        say(&format!("{}\n", mistakes.render(style())));
    }
}

/// Writes the warnings to standard error.
pub(super) fn tell_warnings(warnings: &Warnings) {
    if logging::is_json() {
        warnings.listed().iter().for_each(|warning| say_json("WARN", &warning.message, of(warning)));
    } else if !warnings.is_empty() {
        say(&format!("{}\n", warnings.render(style())));
    }
}

/// Says how many there were.
pub(super) fn tell_end(text: &str) {
    if logging::is_json() { say_json("ERROR", text, Map::new()) } else { say(&format!("{text}\n")) }
}

/// Says how much there was to warn of, where nothing was wrong.
pub(super) fn tell_count(found: &Mistakes) {
    if !logging::is_json() {
        say(&format!("{} in the configuration\n", found.counts()));
    }
}

/// Says why a command failed.
pub(super) fn tell_error(text: &str) {
    if logging::is_json() { say_json("ERROR", text, Map::new()) } else { say(&format!("error: {text}\n")) }
}

/// Where a mistake stands, and what to write instead: `file`, `line`, `column`, `key`, `help`, each null where there is
/// none.
pub(super) fn of(mistake: &Mistake) -> Map<String, Value> {
    let at = mistake.at.as_ref();
    let place = at.map(|(source, range)| source.line_and_column(range.start));
    let mut members = Map::new();
    members.insert("file".to_owned(), json!(at.map(|(source, _)| source.path.display().to_string())));
    members.insert("line".to_owned(), json!(place.map(|(line, _)| line)));
    members.insert("column".to_owned(), json!(place.map(|(_, column)| column)));
    members.insert("key".to_owned(), json!(mistake.key()));
    members.insert("help".to_owned(), json!(mistake.help));
    members
}

/// A line as the log writes it. The log's filter may hold back anything, and why weir does not start is always said.
fn say_json(level: &str, message: &str, members: Map<String, Value>) {
    let mut line = json!({
        "timestamp": jiff::Timestamp::now().to_string(),
        "level": level,
        "message": message,
        "target": "weir",
    });
    if let Some(line) = line.as_object_mut() {
        line.extend(members.into_iter().filter(|(_, value)| !value.is_null()));
    }
    say(&format!("{line}\n"));
}

/// How mistakes are drawn on this terminal.
fn style() -> Style {
    let size = rustix::termios::tcgetwinsize(std::io::stderr());
    Style {
        colour: is_coloured(),
        columns: size.ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0),
    }
}
