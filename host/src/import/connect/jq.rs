//! Transforms that become a jq program: those that look at each member, or at what kind it is, and those of keys.

use super::{
    chain::Chain,
    transform::{Side, Transform},
};
use crate::import::{report::Grade, toml_text::Item};

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
const TEXT: &str = r#"def text: if type == "string" then .
  elif type == "object" or type == "array" then error("cannot be cast to a text")
  else tojson end;"#;

/// A program that makes another document of one.
#[derive(Debug)]
pub(super) struct Program {
    /// Functions that `filter` calls, each ended by a semicolon.
    pub(super) definitions: String,
    /// The new document of the old one.
    pub(super) filter: String,
    /// Whether it is for documents that are no objects.
    pub(super) is_whole: bool,
}

impl Program {
    /// Steps that each edit an object, one after the other.
    pub(super) fn of_object(class: &str, definitions: &[&str], steps: &[String]) -> Self {
        let filter = format!(
            "if type == \"object\" then\n  {}\nelse error(\"{class} wants an object\") end",
            steps.join("\n  | ")
        );
        Self { definitions: definitions.join("\n"), filter, is_whole: false }
    }

    /// Adds it for the transform's side.
    ///
    /// # Errors
    /// Why this side is not read by jq.
    pub(super) fn add(self, chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
        let Self { definitions, filter, is_whole } = self;
        let definitions = if definitions.is_empty() { definitions } else { definitions + "\n" };
        if transform.side == Side::Key {
            check_key(chain, transform)?;
            let program = format!(
                "{definitions}def edited: {filter};\nif $key == null then {{}} else {{key: ($key | fromjson | edited | tojson)}} \
                 end\n"
            );
            push_for_key(chain, transform, program, Vec::new());
        } else {
            chain.value.check_document(is_whole)?;
            chain.pipeline.push("jq", transform.alias, [("program", format!("{definitions}{filter}\n").into())]);
        }
        Ok(())
    }
}

/// Checks that a program may read the key: jq's records have values that are JSON.
fn check_key(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    if chain.key_of.is_some() {
        return Err(
            "the key above is the member alone, where Connect has a structure: make the key by one program of jq \
                    (docs/jq.md)"
                .to_owned(),
        );
    }
    chain.key_format(transform.scope.properties).check_document(true)?;
    let of_value = chain.value.is_json();
    if of_value {
        Ok(())
    } else {
        Err("jq edits keys of records whose values are JSON: write a plugin (docs/plugins.md)".to_owned())
    }
}

fn push_for_key(chain: &mut Chain, transform: &Transform<'_>, program: String, headers: Vec<String>) {
    let config = [
        ("program", program.into()),
        ("output", "record".into()),
        ("headers", headers.into_iter().collect()),
        ("tombstone", "run".into()),
    ];
    chain.pipeline.push("jq", transform.alias, config);
}

/// Notes what a program of the transform's side does.
pub(super) fn say_edits(transform: &Transform<'_>, what: &str) {
    let text = if transform.side == Side::Key {
        format!(
            "a jq program edits the key, and writes its document anew; a key that is null stays so, and a record whose value is no \
             JSON is a dead letter{what}"
        )
    } else {
        format!("a jq program edits the value, and writes the document anew{what}")
    };
    transform.say(Grade::Differs, text);
}

/// The function that does a cast, and its definition.
fn cast_of(kind: &str) -> Result<(&'static str, &'static str), String> {
    match kind.trim().to_ascii_lowercase().as_str() {
        "int8" | "int16" | "int32" | "int64" => Ok(("int", INTEGER)),
        "float32" | "float64" => Ok(("float", FLOAT)),
        "boolean" => Ok(("bool", BOOLEAN)),
        "string" => Ok(("text", TEXT)),
        _ => Err(format!("`{kind}` is none of the types that Cast has")),
    }
}

/// A cast of the whole key or value.
pub(super) fn cast_whole(chain: &mut Chain, transform: &Transform<'_>, kind: &str) -> Result<(), String> {
    let (function, definition) = cast_of(kind)?;
    let filter = format!("if . == null then . else {function} end");
    Program { definitions: definition.to_owned(), filter, is_whole: true }.add(chain, transform)?;
    say_edits(transform, CAST);
    Ok(())
}

const CAST: &str = "; an integer beyond its type's range stays as it is (Connect cuts it), and a text gets a number as the \
                    document has it";

/// Casts of members, each a name and a type.
pub(super) fn cast(chain: &mut Chain, transform: &Transform<'_>, casts: &[(&str, &str)]) -> Result<(), String> {
    let mut definitions: Vec<&str> = Vec::new();
    let mut steps = Vec::new();
    for (field, kind) in casts {
        let (function, definition) = cast_of(kind)?;
        if !definitions.contains(&definition) {
            definitions.push(definition);
        }
        let member = member(field);
        steps.push(format!("(if {member} != null then {member} |= {function} end)"));
    }
    Program::of_object("Cast", &definitions, &steps).add(chain, transform)?;
    say_edits(transform, CAST);
    Ok(())
}

pub(super) fn flatten(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let delimiter = quote_text(transform.text("delimiter").unwrap_or("."));
    let definitions = format!(
        "def members($name): if type == \"object\"\n  then to_entries[] | .key as $key | .value\n    | members(if $name == \"\" \
         then $key else $name + {delimiter} + $key end)\n  else {{($name): .}} end;"
    );
    let filter = "if type == \"object\" then [members(\"\")] | add // {} else error(\"Flatten wants an object\") end";
    Program { definitions, filter: filter.to_owned(), is_whole: false }.add(chain, transform)?;
    if transform.side == Side::Key {
        say_edits(transform, "; lists stay as they are, as in Connect");
    } else {
        transform.say(Grade::Translated, "a jq program flattens the members; lists stay as they are, as in Connect");
    }
    Ok(())
}

/// Fields of the key as headers; `moves` takes them away from the key.
pub(super) fn header_from_key(
    chain: &mut Chain,
    transform: &Transform<'_>,
    fields: &[(&str, &str)],
    moves: bool,
) -> Result<(), String> {
    check_key(chain, transform)?;
    let headers: Vec<String> = fields
        .iter()
        .map(|(field, header)| {
            format!("{{key: {}, value: ($from[{}] | header)}}", quote_text(header), quote_text(field))
        })
        .collect();
    let key = if moves {
        let gone: Vec<String> = fields.iter().map(|(field, _)| member(field)).collect();
        format!(",\n    key: ($from | del({}) | tojson)", gone.join(", "))
    } else {
        String::new()
    };
    let program = format!(
        "def header: if type == \"object\" or type == \"array\" then tojson else . end;\nif $key == null then {{}} else ($key | \
         fromjson\n  | if type == \"object\" then . else error(\"HeaderFrom wants an object\") end) as $from\n  | {{headers: \
         ([{}]\n      | map(select(.value != null)) | from_entries){key}}} end\n",
        headers.join(", ")
    );
    push_for_key(chain, transform, program, fields.iter().map(|(_, header)| (*header).to_owned()).collect());
    let text = "a jq program writes members of the key as headers, replacing those of these names; where one is missing no header \
                is written (Connect: null), and a record whose value is no JSON is a dead letter";
    transform.say(Grade::Differs, text);
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
    chain.made_key();
    transform
        .say(Grade::Differs, "a jq program makes the key, a JSON object; a tombstone keeps its key (Connect fails)");
    Ok(())
}

/// The path of a member.
pub(super) fn member(field: &str) -> String {
    format!(".[{}]", quote_text(field))
}

/// A text as jq writes it.
pub(super) fn quote_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
