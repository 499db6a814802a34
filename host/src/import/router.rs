//! Topics made of records.

use super::{gateway::Pipeline, template, toml_text::Item};

/// What becomes of a record that lacks a part of its topic's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It goes to the pipeline's `to`.
    Keep,
    /// It goes to this topic.
    Topic(String),
    /// The part is empty.
    Empty,
}

/// The header that holds a topic's name while parts of it may be empty.
const TOPIC_HEADER: &str = "weir.topic";

/// Routes by a template, where weir can: its topics must not be those that the pipeline reads. Dates are in `zone`. Returns
/// why not.
pub(super) fn route_by_template(
    pipeline: &mut Pipeline,
    comment: &str,
    template_text: &str,
    missing: &Missing,
    zone: Option<&str>,
) -> Result<(), String> {
    let invalid = |fault: &str| format!("`{template_text}` is not a valid topic name: {fault}");
    let pattern = template::topic_pattern(template_text).ok_or_else(|| invalid("it has a `*`"))?;
    if let Some(own) = pipeline.from.iter().find(|topic| reads(topic, &pattern)) {
        return Err(format!(
            "its topics (`{pattern}`) may be those that the pipeline reads (`{own}`): put an own beginning before them"
        ));
    }
    if let Some(fault) = weir_rules::topic_pattern_fault(&pattern) {
        return Err(invalid(&fault));
    }
    pipeline.allow(&pattern);
    let mut config = Vec::new();
    let mut set = |key: &str, item: Item| config.push((key.to_owned(), item));
    match missing {
        Missing::Keep | Missing::Topic(_) => {
            set("topic", template_text.into());
            set(
                "missing",
                match missing {
                    Missing::Topic(topic) => Item::table([("topic", Some(topic.as_str().into()))]),
                    _ => "keep".into(),
                },
            );
            if let Some(zone) = zone {
                set("zone", zone.into());
            }
        }
        Missing::Empty => {
            let entry = Item::table([
                ("name", Some(TOPIC_HEADER.into())),
                ("value", Some(template_text.into())),
                ("missing", Some("empty".into())),
                ("zone", zone.map(Item::from)),
            ]);
            pipeline.append("header-enricher", "headers", comment, entry);
            set("topic", format!("{{{TOPIC_HEADER}}}").into());
            set("topics", Item::from_iter([pattern]));
            set("missing", "keep".into());
        }
    }
    pipeline.push_table("topic-router", comment, config);
    if *missing == Missing::Empty {
        let names = Item::from_iter([TOPIC_HEADER.to_owned()]);
        pipeline.push("header-enricher", "A header that only served the router", [("remove", names)]);
    }
    Ok(())
}

/// Whether a source, a name or a regular expression, may read a topic that matches a pattern.
pub(super) fn reads(source: &str, pattern: &str) -> bool {
    if !source.starts_with('^') {
        return template::matches(pattern, source);
    }
    let examples = [pattern.replace('*', ""), pattern.replace('*', "x"), pattern.replace('*', "1")];
    // What cannot be read here weir may read all the same.
    regex::Regex::new(source).map_or(true, |source| examples.iter().any(|example| source.is_match(example)))
}
