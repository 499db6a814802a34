//! Transforms of single fields.

use super::{
    chain::{Chain, SAME_TOPIC},
    jq::{self, Program, quote_text},
    transform::{Side, Transform},
};
use crate::import::{java, properties::Property, report::Grade};

/// All of a text, whatever its bytes are.
pub(super) const WHOLE: &str = r"(?s-u)\A.*\z";

pub(super) fn insert_field(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    if transform.side == Side::Key {
        return insert_into_key(chain, transform);
    }
    let field = |key: &str| inserted_field(transform, key);
    let mut found = false;
    let mut set = |chain: &mut Chain, name: &str, key: &str, value: String| {
        let pointer = chain.pointer(name, false)?;
        chain.edit(transform.alias, [("set", Some(pointer.into())), (key, Some(value.into()))]);
        found = true;
        Ok::<_, String>(())
    };
    let topic = chain.topic.clone();
    if let Some(name) = field("topic.field") {
        if topic.contains("{timestamp:") {
            return Err(format!(
                "value-editor's templates have no dates: have a header-enricher write `{topic}` into a header, and set the \
                 member to that"
            ));
        }
        set(chain, name, "to", topic)?;
    }
    for (key, part) in
        [("partition.field", "{partition}"), ("offset.field", "{offset}"), ("timestamp.field", "{timestamp}")]
    {
        if let Some(name) = field(key) {
            set(chain, name, "to_json", part.to_owned())?;
        }
    }
    if let Some(name) = field("static.field") {
        let value = chain.pipeline.literal(transform.alias, transform.text("static.value").unwrap_or_default(), false);
        set(chain, name, "to", value)?;
    }
    if !found {
        return Err("it names no field".to_owned());
    }
    transform.say(Grade::Translated, "value-editor sets the members");
    Ok(())
}

/// The name of a field that is inserted. It may end in `!` (required) or `?` (optional), which speak of schemas.
fn inserted_field<'p>(transform: &Transform<'p>, key: &str) -> Option<&'p str> {
    transform.text(key).map(|field| field.trim_end_matches(['!', '?']))
}

fn insert_into_key(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let mut steps = Vec::new();
    let mut set = |field: &str, value: &str| steps.push(format!("{} = {value}", jq::member(field)));
    if let Some(field) = inserted_field(transform, "topic.field") {
        if chain.topic == SAME_TOPIC {
            set(field, "$topic");
        } else if chain.topic.contains('{') {
            return Err(format!("a program of jq does not know the topic `{}`", chain.topic));
        } else {
            set(field, &quote_text(&chain.topic));
        }
    }
    for (key, variable) in [("partition.field", "$partition"), ("offset.field", "$offset")] {
        if let Some(field) = inserted_field(transform, key) {
            set(field, variable);
        }
    }
    if let Some(field) = inserted_field(transform, "static.field") {
        set(field, &quote_text(transform.text("static.value").unwrap_or_default()));
    }
    if let Some(field) = inserted_field(transform, "timestamp.field") {
        steps.push(format!("(if $timestamp != null then {} = $timestamp end)", jq::member(field)));
    }
    if steps.is_empty() {
        return Err("it names no field".to_owned());
    }
    Program::of_object("InsertField", &[], &steps).add(chain, transform)?;
    jq::say_edits(transform, "");
    Ok(())
}

pub(super) fn mask_field(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let fields = transform.get("fields").map(Property::list).unwrap_or_default();
    let replacement = transform.text("replacement").filter(|text| !text.is_empty());
    if transform.side == Side::Key {
        let steps: Vec<String> = fields.iter().map(|field| format!("{} |= mask", jq::member(field))).collect();
        if steps.is_empty() {
            return Err("it names no field".to_owned());
        }
        Program::of_object("MaskField", &[&mask(replacement)], &steps).add(chain, transform)?;
        jq::say_edits(transform, "");
        return Ok(());
    }
    let with = java::editor_text(replacement.unwrap_or_default());
    for field in fields {
        let edit = [
            ("replace", Some(WHOLE.into())),
            ("with", Some(with.as_str().into())),
            ("json", Some(chain.pointer(field, false)?.into())),
            ("all", Some(false.into())),
        ];
        chain.edit(transform.alias, edit);
    }
    let text = if replacement.is_some() {
        "value-editor replaces what the members say, and a number by a text where the replacement is none (Connect fails); a \
         member that is not there stays so (Connect adds a null)"
    } else {
        "value-editor empties what the members say, and makes a text of each (Connect: 0, false, [] or {} of other kinds); a \
         member that is not there stays so (Connect adds a null)"
    };
    transform.say(Grade::Differs, text);
    Ok(())
}

/// A function of jq that masks a value as Connect does: by one of the same kind.
fn mask(replacement: Option<&str>) -> String {
    let (text, number, others) = match replacement.map(quote_text) {
        None => (
            "\"\"".to_owned(),
            "(if tojson | test(\"^-?[0-9]+$\") then 0 else 0.0 end)".to_owned(),
            "elif type == \"boolean\" then false\n  elif type == \"array\" then []\n  else {} end".to_owned(),
        ),
        Some(text) => {
            let number = format!(
                "(tojson as $old | {text} | tonumber\n    | if $old | test(\"^-?[0-9]+$\") then (if . < 0 then ceil else floor end) \
                 else . * 1.0 end)"
            );
            (text, number, "else error(\"only numbers and texts have a replacement\") end".to_owned())
        }
    };
    format!(
        "def mask: if . == null then .\n  elif type == \"string\" then {text}\n  elif type == \"number\" then {number}\n  {others};"
    )
}
