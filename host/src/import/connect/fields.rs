//! Transforms of single fields of the value.

use super::{
    chain::Chain,
    transform::{Side, Transform},
};
use crate::import::{properties::Property, report::Grade};

/// Why a key's fields cannot be edited.
const KEY: &str = "fields of keys are not edited: set the key by key-setter, with a template";

/// All of a text, whatever its bytes are.
pub(super) const WHOLE: &str = r"(?s-u)\A.*\z";

pub(super) fn insert_field(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    if transform.side == Side::Key {
        return Err(KEY.to_owned());
    }
    // A field may end in `!` (required) or `?` (optional), which speak of schemas.
    let field = |key: &str| transform.text(key).map(|field| field.trim_end_matches(['!', '?']));
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

pub(super) fn mask_field(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    if transform.side == Side::Key {
        return Err(KEY.to_owned());
    }
    let fields = transform.get("fields").map(Property::list).unwrap_or_default();
    let replacement = transform.text("replacement").filter(|text| !text.is_empty());
    if let Some(text) = replacement.filter(|text| looks_like_group(text)) {
        return Err(format!("the replacement `{text}` looks like a group of other systems: weir would warn of it"));
    }
    let with = replacement.unwrap_or_default().replace('$', "$$");
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

/// Whether a text has a group as sed and Python write it, `\1` or `\k<name>`.
fn looks_like_group(text: &str) -> bool {
    text.split('\\')
        .skip(1)
        .any(|after| after.starts_with(|letter: char| letter.is_ascii_digit() || "kg".contains(letter)))
}

pub(super) fn replace_field(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    if transform.side == Side::Key {
        return Err(KEY.to_owned());
    }
    for field in transform.either(["exclude", "blacklist"]).map(Property::list).unwrap_or_default() {
        let pointer = chain.pointer(field, false)?;
        chain.edit(transform.alias, [("remove", Some(pointer.into()))]);
    }
    let kept = transform.either(["include", "whitelist"]).map(Property::list).unwrap_or_default();
    if !kept.is_empty() {
        if chain.is_wrapped() {
            let text =
                "`include` would take the schema away that stands beside the payload: write values without schemas";
            return Err(text.to_owned());
        }
        let pointers = kept.iter().map(|field| chain.pointer(field, false)).collect::<Result<_, _>>()?;
        chain.edit(transform.alias, [("keep", Some(pointers))]);
    }
    for (from, to) in renames(&transform.get("renames").map(Property::list).unwrap_or_default())? {
        let pointer = chain.pointer(from, false)?;
        chain.edit(transform.alias, [("rename", Some(pointer.into())), ("to", Some(to.into()))]);
    }
    transform.say(Grade::Translated, "value-editor removes, keeps and renames the members");
    Ok(())
}

/// Pairs of an old and a new name, in an order in which no new name is that of a member that is still to be renamed: Connect
/// makes all renames at once, and value-editor one after the other.
fn renames<'p>(pairs: &[&'p str]) -> Result<Vec<(&'p str, &'p str)>, String> {
    let mut left = Vec::new();
    for pair in pairs {
        let (from, to) = pair.split_once(':').ok_or_else(|| format!("`{pair}` is not `old:new`"))?;
        let (from, to) = (from.trim(), to.trim());
        if from != to {
            left.push((from, to));
        }
    }
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let is_free = |(_, to): &(&str, &str)| left.iter().all(|(from, _)| from != to);
        let Some(at) = left.iter().position(is_free) else {
            return Err("its renames go in a circle: write a program of jq (docs/jq.md)".to_owned());
        };
        ordered.push(left.remove(at));
    }
    Ok(ordered)
}
