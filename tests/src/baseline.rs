//! Committed figures that do not depend on the machine: `bench/baseline.toml`, a table of figures a section.
//!
//! A figure more than 5 % off is told: above, weir got dearer; below, the baseline is stale and would let the next loss
//! pass.

use std::{collections::BTreeMap, path::PathBuf};

use toml::{Table, Value, de::Error};

use crate::paths::project;

/// Figures by name, all of the kind where less is better.
pub type Section = BTreeMap<String, f64>;

/// By how much a figure may differ.
const TOLERANCE: f64 = 0.05;

/// Where the figures stand.
pub fn path() -> PathBuf {
    project().join("bench/baseline.toml")
}

/// The file's `text` with the figures in their section, its first comment kept.
///
/// # Errors
/// It is no TOML.
pub fn updated(text: &str, section: &str, figures: &Section) -> Result<String, Error> {
    let head: String = text.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let mut all: Table = text.parse()?;
    let rounded = |figure: f64| Value::Float((figure * 100.0).round() / 100.0);
    let table = figures.iter().map(|(name, figure)| (name.clone(), rounded(*figure))).collect();
    all.insert(section.to_owned(), Value::Table(table));
    Ok(format!("{head}\n{all}"))
}

/// What differs from the section in the file's `text`, a line each.
///
/// # Errors
/// It is no TOML.
pub fn differences(text: &str, section: &str, figures: &Section) -> Result<Vec<String>, Error> {
    let all: Table = text.parse()?;
    let empty = Table::new();
    let known = all.get(section).and_then(Value::as_table).unwrap_or(&empty);
    let mut wrong = Vec::new();
    for (name, figure) in figures {
        match known.get(name).and_then(Value::as_float) {
            None => wrong.push(format!("{section}.{name}: {figure:.2}, and the baseline does not know it")),
            Some(known) if (figure - known).abs() > known * TOLERANCE => {
                let change = (figure / known - 1.0) * 100.0;
                wrong.push(format!("{section}.{name}: {figure:.2}, {change:+.1} % of the baseline's {known:.2}"));
            }
            Some(_) => {}
        }
    }
    let gone = known.keys().filter(|name| !figures.contains_key(*name));
    wrong.extend(gone.map(|name| format!("{section}.{name}: no longer counted")));
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASELINE: &str = "# what it is\n# more\n\n[guest]\na = 1.0\n\n[host]\nx = 100.0\ny = 10.0\n";

    fn figures(all: &[(&str, f64)]) -> Section {
        all.iter().map(|(name, figure)| ((*name).to_owned(), *figure)).collect()
    }

    #[test]
    fn more_than_five_percent_either_way_is_told_and_so_is_what_came_and_went() {
        assert!(differences(BASELINE, "host", &figures(&[("x", 104.0), ("y", 9.6)])).unwrap().is_empty());
        let wrong = differences(BASELINE, "host", &figures(&[("x", 106.0), ("z", 1.0)])).unwrap();
        assert_eq!(
            wrong,
            [
                "host.x: 106.00, +6.0 % of the baseline's 100.00",
                "host.z: 1.00, and the baseline does not know it",
                "host.y: no longer counted",
            ]
        );
        assert_eq!(differences(BASELINE, "host", &figures(&[("x", 94.0), ("y", 10.0)])).unwrap().len(), 1);
    }

    #[test]
    fn an_update_replaces_its_own_section_only() {
        let text = updated(BASELINE, "host", &figures(&[("x", 50.004)])).unwrap();
        assert_eq!(text, "# what it is\n# more\n\n[guest]\na = 1.0\n\n[host]\nx = 50.0\n");
    }
}
