//! Predicates: which records a transform is for.

use super::{
    chain::Chain,
    topics,
    transform::{Side, Transform},
};
use crate::import::{
    header_name::check_header_name,
    java::{self, Expression},
    report::Grade,
    toml_text::Item,
};

/// Which records a transform is for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Applies {
    Always,
    Never,
    /// For some; why that cannot be said.
    Sometimes(String),
}

/// The predicate of a transform.
struct Predicate<'p> {
    class: &'p str,
    /// Its pattern or header.
    argument: &'p str,
    negate: bool,
}

/// `None` without a predicate.
fn read<'p>(transform: &Transform<'p>) -> Option<Result<Predicate<'p>, String>> {
    let alias = transform.text("predicate").filter(|alias| !alias.is_empty())?;
    let negate = transform.get("negate").is_some_and(crate::import::properties::Property::is_true);
    let scope = transform.scope;
    let Some(class) = scope.get(&format!("predicates.{alias}.type")) else {
        return Some(Err(format!("there is no predicate `{alias}`")));
    };
    scope.get("predicates");
    let class = class.value.rsplit('.').next().unwrap_or_default();
    let key = if class == "TopicNameMatches" { "pattern" } else { "name" };
    let argument = scope.get(&format!("predicates.{alias}.{key}")).map_or("", |property| property.value.as_str());
    Some(Ok(Predicate { class, argument, negate }))
}

/// Whether a transform, which is no filter, is for all records.
pub(super) fn applies(chain: &Chain, transform: &Transform<'_>) -> Applies {
    let predicate = match read(transform) {
        None => return Applies::Always,
        Some(Err(why)) => return Applies::Sometimes(why),
        Some(Ok(predicate)) => predicate,
    };
    if predicate.class == "RecordIsTombstone" && predicate.negate && transform.side == Side::Value {
        // Tombstones have nothing that could be edited.
        return Applies::Always;
    }
    if predicate.class == "TopicNameMatches"
        && let Some(expression) = topics::of_name(predicate.argument)
        && chain.topic == super::chain::SAME_TOPIC
        && chain.pipeline.from.iter().all(|topic| !topic.starts_with('^'))
    {
        let holds = |topic: &String| expression.is_match(topic) != predicate.negate;
        if chain.pipeline.from.iter().all(holds) {
            return Applies::Always;
        }
        if !chain.pipeline.from.iter().any(holds) {
            return Applies::Never;
        }
        return Applies::Sometimes("it is for some of the topics: give those a pipeline of their own".to_owned());
    }
    let text = "interceptors have no predicates: split the pipeline in two, each with a filter, or write a plugin";
    Applies::Sometimes(text.to_owned())
}

/// Connect's Filter: drops what its predicate holds for.
pub(super) fn filter(chain: &mut Chain, transform: &Transform<'_>) {
    let predicate = read(transform);
    let asks_for_a_header = matches!(&predicate, Some(Ok(predicate)) if predicate.class == "HasHeaderKey");
    let condition = match predicate {
        None => Ok((Item::table([("topic", Some(true.into())), ("exists", Some(true.into()))]), None)),
        Some(Err(why)) => Err(why),
        Some(Ok(predicate)) => condition(&predicate),
    };
    match condition {
        Ok((condition, original)) => {
            chain.pipeline.push("filter", transform.alias, [("drop", condition)]);
            if let Some((pattern, expression)) = original {
                chain.pipeline.remark_original(pattern, &expression);
            }
            if asks_for_a_header {
                let text = "filter drops, and counts, what the predicate holds for; a header whose last value is null counts as not \
                            there (Connect: it is there)";
                transform.say(Grade::Differs, text);
            } else {
                transform.say(Grade::Translated, "filter drops, and counts, what the predicate holds for");
            }
        }
        Err(why) => transform.impossible(chain, &why),
    }
}

/// A condition of a filter, and the expression in it beside Java's.
type Condition<'p> = (Item, Option<(&'p str, Expression)>);

fn condition<'p>(predicate: &Predicate<'p>) -> Result<Condition<'p>, String> {
    let mut original = None;
    let held = match predicate.class {
        "RecordIsTombstone" => Item::table([("value", Some(true.into())), ("null", Some(true.into()))]),
        "HasHeaderKey" => {
            check_header_name(predicate.argument)?;
            Item::table([("header", Some(predicate.argument.into())), ("exists", Some(true.into()))])
        }
        "TopicNameMatches" => {
            // Connect's expression must match the whole name.
            let expression = java::translate_name(predicate.argument).map_err(|why| {
                format!("{why}; or give the topics that it matches, or the others, a pipeline of their own")
            })?;
            let matches = expression.text.as_str().into();
            original = Some((predicate.argument, expression.clone()));
            Item::table([("topic", Some(true.into())), ("matches", Some(matches))])
        }
        other => return Err(format!("`{other}` is a class of its own: write the condition of a filter")),
    };
    let condition = if predicate.negate { Item::table([("not", Some(held))]) } else { held };
    Ok((condition, original))
}
