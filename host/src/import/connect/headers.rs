//! Transforms of headers.

use super::{
    chain::Chain,
    jq,
    transform::{Side, Transform},
};
use crate::import::{header_name::check_header_name, properties::Property, report::Grade, toml_text::Item};

pub(super) fn drop_headers(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let names = transform.get("headers").map(Property::list).unwrap_or_default();
    names.iter().try_for_each(|name| check_header_name(name))?;
    let names = names.into_iter().map(str::to_owned).collect();
    chain.pipeline.push("header-enricher", transform.alias, [("remove", names)]);
    transform.say(Grade::Translated, "header-enricher removes them");
    Ok(())
}

pub(super) fn insert_header(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let name = transform.text("header").ok_or("it has no `header`")?;
    check_header_name(name)?;
    let value = chain.pipeline.literal(transform.alias, transform.text("value.literal").unwrap_or_default(), false);
    chain.enrich(transform.alias, name, value);
    transform.say(Grade::Differs, "header-enricher replaces headers of that name; Connect adds one more");
    Ok(())
}

pub(super) fn header_from(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let fields = transform.get("fields").map(Property::list).unwrap_or_default();
    let headers = transform.get("headers").map(Property::list).unwrap_or_default();
    if fields.len() != headers.len() {
        return Err("`fields` and `headers` are not equally many".to_owned());
    }
    headers.iter().try_for_each(|header| check_header_name(header))?;
    let moves = transform.text("operation").is_some_and(|operation| operation.eq_ignore_ascii_case("move"));
    if transform.side == Side::Key {
        let pairs: Vec<(&str, &str)> = fields.into_iter().zip(headers).collect();
        return jq::header_from_key(chain, transform, &pairs, moves);
    }
    for (field, header) in fields.iter().zip(&headers) {
        let member = chain.member(field, transform.is_path())?;
        chain.enrich(transform.alias, header, member);
    }
    if moves {
        for field in &fields {
            let pointer = chain.pointer(field, transform.is_path())?;
            chain.edit(transform.alias, [("remove", Some(Item::Text(pointer)))]);
        }
    }
    let text = "header-enricher writes the members as text, and replaces headers of those names; where one is missing no header \
                is written (Connect: null)";
    transform.say(Grade::Differs, text);
    Ok(())
}
