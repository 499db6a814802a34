//! Transforms that become a jq program: those that look at each member, or at what kind it is.

use super::{
    chain::Chain,
    transform::{Side, Transform},
};
use crate::import::{report::Grade, toml_text::Item};

/// Why a wrapped value is left alone.
const WRAPPED: &str = "the schema beside the payload would no longer fit: write values without schemas";

/// What casts of Connect do with a value, by the names that [`cast_of`] gives.
const INTEGER: &str = r#"def int: if type == "boolean" then (if . then 1 else 0 end)
  elif type == "number" then (if . < 0 then ceil else floor end)
  elif type == "string" and test("^[-+]?[0-9]+$") then tonumber
  else error("cannot be cast to an integer") end;"#;
const FLOAT: &str = r#"def float: if type == "boolean" then (if . then 1.0 else 0.0 end)
  elif type == "number" then . * 1.0
  elif type == "string" then tonumber * 1.0
  else error("cannot be cast to a number") end;"#;
const BOOLEAN: &str = r#"def bool: if type == "boolean" then .
  elif type == "number" then . != 0
  elif type == "string" then ascii_downcase == "true"
  else error("cannot be cast to a boolean") end;"#;
const TEXT: &str = r#"def text: if type == "string" then . else tojson end;"#;

/// The function that does a cast, and its definition.
fn cast_of(kind: &str) -> Option<(&'static str, &'static str)> {
    match kind.trim().to_ascii_lowercase().as_str() {
        "int8" | "int16" | "int32" | "int64" => Some(("int", INTEGER)),
        "float32" | "float64" => Some(("float", FLOAT)),
        "boolean" => Some(("bool", BOOLEAN)),
        "string" => Some(("text", TEXT)),
        _ => None,
    }
}

/// Casts of members, each a name and a type.
pub(super) fn cast(chain: &mut Chain, transform: &Transform<'_>, casts: &[(&str, &str)]) -> Result<(), String> {
    if chain.is_wrapped() {
        return Err(WRAPPED.to_owned());
    }
    let mut definitions: Vec<&str> = Vec::new();
    let mut steps = Vec::new();
    for (field, kind) in casts {
        let (function, definition) =
            cast_of(kind).ok_or_else(|| format!("`{kind}` is none of the types that Cast has"))?;
        if !definitions.contains(&definition) {
            definitions.push(definition);
        }
        let member = format!(".[{}]", quote_text(field));
        steps.push(format!("(if {member} != null then {member} |= {function} end)"));
    }
    let program = format!(
        "{}\nif type == \"object\" then\n  {}\nelse error(\"Cast wants an object\") end\n",
        definitions.join("\n"),
        steps.join("\n  | ")
    );
    chain.pipeline.push("jq", transform.alias, [("program", program.into())]);
    let text = "a jq program casts the members, and writes the document anew; an integer beyond its type's range stays as it is \
                (Connect cuts it), and a text gets a number as the document has it";
    transform.say(Grade::Differs, text);
    Ok(())
}

pub(super) fn flatten(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    if transform.side == Side::Key {
        return Err("keys are not flattened: set the key by key-setter, with a template".to_owned());
    }
    if chain.is_wrapped() {
        return Err(WRAPPED.to_owned());
    }
    let delimiter = quote_text(transform.text("delimiter").unwrap_or("."));
    let program = format!(
        "def members($name): if type == \"object\"\n  then to_entries[] | .key as $key | .value\n    | members(if $name == \"\" \
         then $key else $name + {delimiter} + $key end)\n  else {{($name): .}} end;\nif type == \"object\" then [members(\"\")] \
         | add // {{}} else error(\"Flatten wants an object\") end\n"
    );
    chain.pipeline.push("jq", transform.alias, [("program", program.into())]);
    transform.say(Grade::Translated, "a jq program flattens the members; lists stay as they are, as in Connect");
    Ok(())
}

/// A key of several members: an object, as Connect makes it of values without schemas.
pub(super) fn value_to_key(chain: &mut Chain, transform: &Transform<'_>, fields: &[&str]) -> Result<(), String> {
    if chain.is_wrapped() {
        return Err(
            "the key would lack the schema that stands beside its payload: write records without schemas".to_owned()
        );
    }
    let members: Vec<String> = fields.iter().map(|field| format!("{0}: .[{0}]", quote_text(field))).collect();
    let program = format!(
        "if type == \"object\" then {{key: {{{}}}}} else error(\"ValueToKey wants an object\") end\n",
        members.join(", ")
    );
    let headers = Item::List(Vec::new());
    let config = [("program", program.into()), ("output", "record".into()), ("headers", headers)];
    chain.pipeline.push("jq", transform.alias, config);
    transform
        .say(Grade::Differs, "a jq program makes the key, a JSON object; a tombstone keeps its key (Connect fails)");
    Ok(())
}

/// A text as jq writes it.
fn quote_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
