//! What a case's file says.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, in words.
    pub name: String,
    /// The plugin's config.
    #[serde(default = "empty", skip_serializing_if = "is_empty")]
    pub config: Value,
    /// What `lookup.get` answers: name and text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// Where a record goes that the plugin does not route.
    #[serde(default = "to", skip_serializing_if = "is_to")]
    pub to: String,
    /// The topic of dead letters.
    #[serde(default = "dead_letter", skip_serializing_if = "is_dead_letter")]
    pub dead_letter: String,
    /// Records, as lines of `weir replay`'s input are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<Value>,
    /// The records that come out, as `weir replay` prints them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Vec<Value>>,
    /// Instead of `expected`: the mistakes in the config that `configure` tells, each `/pointer: what is wrong`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mistakes: Option<Vec<String>>,
    /// What `configure` warns of, each as it was logged; left out: whatever it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<String>>,
}

/// A case that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not the JSON of a case.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It tells both what comes out and what is wrong with the config.
    #[error("has both `expected` and `mistakes`: a config with mistakes takes no records")]
    Both,
}

impl Case {
    /// Reads a case's file.
    ///
    /// # Errors
    /// [`CaseError`].
    pub fn read(path: &Path) -> Result<Self, CaseError> {
        let case: Self = serde_json::from_slice(&fs::read(path)?)?;
        if case.expected.is_some() && case.mistakes.is_some() {
            return Err(CaseError::Both);
        }
        Ok(case)
    }

    /// Writes it to its file: a member a line, and of lists an element a line.
    ///
    /// # Errors
    /// [`CaseError`].
    pub fn write(&self, path: &Path) -> Result<(), CaseError> {
        let text = laid_out(&serde_json::to_value(self)?);
        // Whole or not at all.
        let beside = path.with_extension("json.new");
        fs::write(&beside, text)?;
        Ok(fs::rename(beside, path)?)
    }
}

/// Differences between versions are records then, not their members.
fn laid_out(case: &Value) -> String {
    let members = case.as_object().into_iter().flatten().map(|(name, value)| {
        let value = match value.as_array().filter(|list| !list.is_empty()) {
            Some(list) => {
                let elements: Vec<String> = list.iter().map(|element| format!("    {element}")).collect();
                format!("[\n{}\n  ]", elements.join(",\n"))
            }
            None => value.to_string(),
        };
        format!("  {}: {value}", Value::from(name.as_str()))
    });
    format!("{{\n{}\n}}\n", members.collect::<Vec<_>>().join(",\n"))
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

fn is_empty(config: &Value) -> bool {
    *config == empty()
}

fn to() -> String {
    "out".to_owned()
}

fn is_to(topic: &str) -> bool {
    topic == to()
}

fn dead_letter() -> String {
    "dead-letters".to_owned()
}

fn is_dead_letter(topic: &str) -> bool {
    topic == dead_letter()
}
