//! Transforms of whole values and keys.

use super::{
    chain::{Chain, pointer},
    fields::WHOLE,
    format::Format,
    jq,
    transform::{Side, Transform},
};
use crate::import::{java, properties::Property, report::Grade, toml_text::Item};

pub(super) fn cast(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let spec = transform.get("spec").map(Property::list).unwrap_or_default();
    let mut casts = Vec::new();
    for pair in &spec {
        match pair.split(':').collect::<Vec<_>>()[..] {
            [kind] if spec.len() == 1 => return jq::cast_whole(chain, transform, kind),
            [_] => return Err(format!("`{pair}` casts the whole, and stands beside others: Connect refuses that")),
            [field, kind] => casts.push((field, kind)),
            _ => return Err(format!("`{pair}` is neither a type nor `field:type`")),
        }
    }
    if casts.is_empty() {
        return Err("it has no `spec`".to_owned());
    }
    if transform.side == Side::Key || casts.iter().any(|(_, kind)| !kind.trim().eq_ignore_ascii_case("string")) {
        return jq::cast(chain, transform, &casts);
    }
    // Templates see the value as an interceptor gets it: edits before these have to be done by then.
    chain.separate_edits();
    for (field, _) in casts {
        let (at, member) = (chain.pointer(field, false)?, chain.member(field, false)?);
        chain.edit(transform.alias, [("set", Some(at.into())), ("to", Some(member.into()))]);
    }
    transform.say(Grade::Translated, "value-editor writes the members as text");
    Ok(())
}

pub(super) fn extract_field(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let field = transform.text("field").ok_or("it has no `field`")?;
    if transform.side == Side::Key {
        if chain.key_of.take().as_deref() == Some(field) {
            transform.say(Grade::Translated, "key-setter has made the key of the member alone");
            return Ok(());
        }
        let is_wrapped = chain.key_format(transform.scope.properties) == Format::Wrapped;
        let at = pointer(field, transform.is_path())?;
        let at = if is_wrapped { format!("/payload{at}") } else { at };
        let from = Item::table([("json", Some(at.into())), ("source", Some("key".into()))]);
        chain.pipeline.push("key-setter", transform.alias, [("from", from), ("missing", "null".into())]);
    } else {
        let at = chain.pointer(field, transform.is_path())?;
        let part = Item::table([("json", Some(at.into()))]);
        chain.edit(transform.alias, [("take", Some(part))]);
    }
    transform
        .say(Grade::Differs, "a text becomes its bytes; Connect's JsonConverter would write it in quotation marks");
    Ok(())
}

pub(super) fn hoist_field(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let field = transform.text("field").ok_or("it has no `field`")?;
    let format = if transform.side == Side::Key { chain.key_format(transform.scope.properties) } else { chain.value };
    format.check_document(true)?;
    let name = serde_json::Value::from(field).to_string();
    if transform.side == Side::Key {
        let template = format!("{{{{{}:{{key}}}}}}", chain.pipeline.literal(transform.alias, &name, false));
        let from = Item::table([("template", Some(template.into()))]);
        chain.pipeline.push("key-setter", transform.alias, [("from", from), ("missing", "keep".into())]);
        chain.made_key();
    } else {
        let with = format!("{{{}:${{0}}}}", java::editor_text(&name));
        let edit = [("replace", Some(WHOLE.into())), ("with", Some(with.into())), ("all", Some(false.into()))];
        chain.edit(transform.alias, edit);
    }
    transform.say(Grade::Differs, "the JSON text is wrapped; a null stays null (Connect wraps it)");
    Ok(())
}

pub(super) fn value_to_key(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let fields = transform.get("fields").map(Property::list).unwrap_or_default();
    let field = match fields[..] {
        [] => return Err("it has no `fields`".to_owned()),
        [field] => field,
        _ => {
            chain.key_of = None;
            return jq::value_to_key(chain, transform, &fields);
        }
    };
    let at = chain.pointer(field, false)?;
    let from = Item::table([("json", Some(at.into()))]);
    chain.pipeline.push("key-setter", transform.alias, [("from", from), ("missing", "null".into())]);
    chain.key_of = Some(field.to_owned());
    let text = "the key is the member alone, as after ExtractField$Key; Connect makes a structure with this one field";
    transform.say(Grade::Differs, text);
    Ok(())
}
