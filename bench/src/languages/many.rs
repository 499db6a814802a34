//! That a plugin's answers depend on the records alone: the same bytes however many records a batch has.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::project::Project;

const RECORDS: usize = 10_000;

/// Runs so many records through the project's plugin at every cutting that cases are run at, a new instance for every record
/// among them.
///
/// # Errors
/// What comes out differs.
pub(super) fn check(project: &Project) -> Result<()> {
    let events = fs::read_to_string(project.folder.join("events.ndjson"))?;
    let events: Vec<Value> = events.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let input = events.iter().cycle().take(RECORDS).enumerate().map(|(offset, event)| {
        let mut event = event.clone();
        event["offset"] = offset.into();
        event
    });
    let case = json!({
        "name": "the same bytes however the records are cut",
        "config": { "drop": "debug" },
        "input": input.collect::<Vec<_>>(),
    });
    let folder = project.folder.join("many");
    fs::create_dir_all(folder.join("cases"))?;
    fs::write(folder.join("cases/many.json"), case.to_string())?;
    // What comes out at the first cutting is what is expected at the others.
    project.run(&format!("weir plugin test --update --plugin {} many", project.plugin())).context("many records")?;
    Ok(())
}
