//! Confluent's Filter, whose condition is a JSONPath.

use weir_rules::json_pointer::of_path;

use super::{
    chain::Chain,
    transform::{Side, Transform},
};
use crate::import::{report::Grade, toml_text::Item};

/// A comparison of a member with a text.
#[derive(Debug, PartialEq, Eq)]
struct Comparison<'p> {
    pointer: String,
    text: &'p str,
    is_negated: bool,
}

pub(super) fn filter(chain: &mut Chain, transform: &Transform<'_>) -> Result<(), String> {
    let written = transform.text("filter.condition").unwrap_or_default();
    let Some(Comparison { pointer, text, is_negated }) = comparison(written).filter(|_| transform.side == Side::Value)
    else {
        return Err(format!(
            "`{written}`: only `$[?(@.field == 'text')]` of the value is translated; write the condition of a filter, such \
             as `keep = {{ json = \"/level\", equals = \"error\" }}` (docs/filter.md)"
        ));
    };
    let keeps = match transform.text("filter.type").unwrap_or_default() {
        "include" => true,
        "exclude" => false,
        other => return Err(format!("`filter.type` is `{other}`: it is `include` or `exclude`")),
    };
    let pointer = chain.in_payload(&pointer);
    let exists = |is: bool| Item::table([("json", Some(pointer.as_str().into())), ("exists", Some(is.into()))]);
    let equals = Item::table([("json", Some(pointer.as_str().into())), ("equals", Some(text.into()))]);
    // It is met by a record without the member.
    let held = if is_negated { Item::table([("not", Some(equals))]) } else { equals };
    let missing = transform.text("missing.or.null.behavior").unwrap_or("fail");
    let is_met_by_missing = match missing {
        "fail" => is_negated,
        "include" => keeps,
        "exclude" => !keeps,
        other => return Err(format!("`missing.or.null.behavior` is `{other}`: it is `fail`, `include` or `exclude`")),
    };
    let held = match (is_met_by_missing, is_negated) {
        (true, false) => Item::table([("any", Some(Item::List(vec![exists(false), held])))]),
        (false, true) => Item::table([("all", Some(Item::List(vec![exists(true), held])))]),
        _ => held,
    };
    let mut config = Vec::new();
    if missing == "fail" {
        config.push(("dead_letter".to_owned(), exists(false)));
    }
    config.push((if keeps { "keep" } else { "drop" }.to_owned(), held));
    chain.pipeline.push_table("filter", transform.alias, config);
    if missing == "fail" {
        let text = "filter; a record without the member is a dead letter (Connect fails)";
        transform.say(Grade::Differs, text);
    } else {
        transform.say(Grade::Translated, "filter drops, and counts, the others");
    }
    Ok(())
}

/// `$[?(@.level == 'error')]`.
fn comparison(written: &str) -> Option<Comparison<'_>> {
    let inside = written.trim().strip_prefix("$[?(")?.strip_suffix(")]")?.trim().strip_prefix('@')?;
    let (path, literal, is_negated) = match (inside.split_once("=="), inside.split_once("!=")) {
        (Some((path, literal)), None) => (path, literal, false),
        (None, Some((path, literal))) => (path, literal, true),
        _ => return None,
    };
    let literal = literal.trim();
    let quote = literal.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let text = literal.strip_prefix(quote)?.strip_suffix(quote)?;
    let path = path.trim();
    let is_path = path.len() > 1 && path.starts_with(['.', '[']) && !path.contains(['*', '?', '(', '&', '|', ':']);
    let is_plain = !text.contains(['\'', '"', '\\']) && is_path && !path.contains("..");
    let pointer = of_path(path).ok().filter(|_| is_plain)?;
    Some(Comparison { pointer, text, is_negated })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_with_a_text_are_read_and_nothing_else() {
        for (written, pointer, text, is_negated) in [
            ("$[?(@.level == 'error')]", "/level", "error", false),
            ("$[?(@['a b'].c!=\"x y\")]", "/a b/c", "x y", true),
        ] {
            let read = comparison(written);
            assert_eq!(read, Some(Comparison { pointer: pointer.to_owned(), text, is_negated }), "{written}");
        }
        for written in [
            "",
            "$.level",
            "$[?(@.n == 5)]",
            "$[?(@.a)]",
            "$[?(@.a == 'x' && @.b == 'y')]",
            "$[?(@..a == 'x')]",
            "$[?(@.a[*] == 'x')]",
            "$.b[?(@.a == 'x')]",
        ] {
            assert_eq!(comparison(written), None, "{written}");
        }
    }
}
