//! Topics made of records.

use super::{gateway::Pipeline, template, toml_text::Item};

/// Routes by a template, where weir can: its topics must not be those that the pipeline reads. What `missing` says is done
/// with a record without a part. Returns why not.
pub(super) fn route_by_template(
    pipeline: &mut Pipeline,
    comment: &str,
    template_text: &str,
    missing: Item,
) -> Result<(), String> {
    let pattern = template::topic_pattern(template_text);
    if let Some(own) = pipeline.from.iter().find(|topic| reads(topic, &pattern)) {
        return Err(format!(
            "its topics (`{pattern}`) may be those that the pipeline reads (`{own}`): put an own beginning before them"
        ));
    }
    if let Some(fault) = weir_rules::topic_pattern_fault(&pattern) {
        return Err(format!("`{template_text}` is not a valid topic name: {fault}"));
    }
    pipeline.allow(&pattern);
    pipeline.push("topic-router", comment, [("topic", template_text.into()), ("missing", missing)]);
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
