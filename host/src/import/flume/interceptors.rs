//! Flume's interceptors.

use super::{
    chain::{Chain, TimeFrom},
    component::Component,
    extractor,
};
use crate::import::{header_name::check_header_name, java, report::Grade, toml_text::Item};

/// Adds one interceptor to the chain.
pub(super) fn add(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    match interceptor.kind().trim_end_matches("interceptor") {
        "timestamp" => timestamp(chain, interceptor),
        "host" => host(chain, interceptor),
        "static" => constant(chain, interceptor),
        "remove_header" | "removeheader" => remove_header(chain, interceptor),
        "uuid" => uuid(chain, interceptor),
        "search_replace" | "searchandreplace" => search_replace(chain, interceptor),
        "regex_filter" | "regexfiltering" => regex_filter(chain, interceptor),
        "regex_extractor" | "regexextractor" => extractor::add(chain, interceptor),
        "morphline" => {
            impossible(
                chain,
                interceptor,
                "a morphline: write its commands as interceptors, or a plugin (docs/plugins.md)",
            );
        }
        _ => {
            let text = "a class of its own: write it as a plugin, one screen in your language (docs/plugins.md)";
            impossible(chain, interceptor, text);
        }
    }
}

/// Notes an interceptor that cannot be said, in the report and at its place.
pub(super) fn impossible(chain: &mut Chain<'_>, interceptor: &Component<'_>, text: &str) {
    interceptor.say("type", Grade::Impossible, text);
    for (key, property) in interceptor.below("") {
        if key != "type" {
            interceptor.properties.say(property, Grade::Impossible, "belongs to an interceptor that cannot be");
        }
    }
    let kind = interceptor.text_or("type", "without a type");
    chain.pipeline.note(format!("MISSING: Flume's interceptor {} ({kind}): {text}", interceptor.name));
}

fn enrich(chain: &mut Chain<'_>, interceptor: &Component<'_>, name: &str, value: Item, preserve: bool, time: TimeFrom) {
    if let Err(why) = check_header_name(name) {
        return impossible(chain, interceptor, &why);
    }
    // Flume's Kafka source writes its headers first.
    if preserve {
        chain.need_header(name);
    }
    let preserve = preserve.then(|| true.into());
    let entry = Item::table([("name", Some(name.into())), ("value", Some(value)), ("preserve_existing", preserve)]);
    chain.pipeline.append("header-enricher", "headers", &interceptor.name, entry);
    chain.wrote(name, time);
}

fn timestamp(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    let name = interceptor.text("headerName").or_else(|| interceptor.text("header")).unwrap_or("timestamp");
    let preserve = interceptor.is_true_or("preserveExisting", false);
    if preserve && name == "timestamp" && chain.is_kafka && !chain.writes(name) {
        interceptor.say(
            "type",
            Grade::Unneeded,
            "Flume's Kafka source has written the header already, and it is preserved",
        );
        return;
    }
    enrich(chain, interceptor, name, "{received}".into(), preserve, TimeFrom::Clock);
    let text = format!(
        "header-enricher writes when weir fetched the record into `{name}`; a replay takes it from the record file"
    );
    interceptor.say("type", Grade::Differs, text);
}

fn host(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    let name = interceptor.text_or("hostHeader", "host");
    let preserve = interceptor.is_true_or("preserveExisting", false);
    let by_address = interceptor.is_true_or("useIP", true);
    let value = Item::table([("env", Some("HOSTNAME".into()))]);
    enrich(chain, interceptor, name, value, preserve, TimeFrom::Event);
    let address = if by_address { ", and its name, not its IP address" } else { "" };
    let text = format!(
        "header-enricher writes the environment's HOSTNAME, which must be set{address}: plugins do not know their machine"
    );
    interceptor.say("type", Grade::Differs, text);
}

fn constant(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    let name = interceptor.text_or("key", "key");
    let value = chain.pipeline.literal(&interceptor.name, interceptor.text_or("value", "value"), false);
    let preserve = interceptor.is_true_or("preserveExisting", true);
    enrich(chain, interceptor, name, value.into(), preserve, TimeFrom::Event);
    interceptor.say("type", Grade::Translated, format!("header-enricher writes `{name}`"));
}

fn uuid(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    let name = interceptor.text_or("headerName", "id");
    let preserve = interceptor.is_true_or("preserveExisting", true);
    let prefix = chain.pipeline.literal(&interceptor.name, interceptor.text_or("prefix", ""), true);
    let value = format!("{prefix}{{uuid}}");
    enrich(chain, interceptor, name, value.into(), preserve, TimeFrom::Event);
    let text =
        "the UUID is made of topic, partition and offset: the same when the record is read again; Flume's is random";
    interceptor.say("type", Grade::Differs, text);
}

fn remove_header(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    let mut names: Vec<String> = interceptor.text("withName").map(str::to_owned).into_iter().collect();
    if let Some(list) = interceptor.text("fromList") {
        let separator = interceptor.text_or("fromListSeparator", r"\s*,\s*");
        match regex::Regex::new(separator) {
            Ok(separator) => names.extend(separator.split(list).filter(|name| !name.is_empty()).map(str::to_owned)),
            Err(_) => interceptor.say("fromListSeparator", Grade::Impossible, "write the names into `remove` by hand"),
        }
    }
    if let Some(why) = names.iter().find_map(|name| check_header_name(name).err()) {
        return impossible(chain, interceptor, &why);
    }
    let mut config = Vec::new();
    let mut original = None;
    if !names.is_empty() {
        config.push(("remove".to_owned(), Item::from_iter(names)));
    }
    if let Some(pattern) = interceptor.text("matching") {
        // Flume's expression must match the whole name.
        let java::Rule { expression, dialect, .. } = match java::translate_header_name(pattern) {
            Ok(rule) => rule,
            Err(why) => return impossible(chain, interceptor, &format!("{why}; or list the names in `remove`")),
        };
        config.push(("remove_matching".to_owned(), Item::from_iter([expression.text.clone()])));
        config.extend(dialect.map(|dialect| ("dialect".to_owned(), dialect)));
        original = Some((pattern, expression));
    }
    if config.is_empty() {
        return impossible(chain, interceptor, "it names no header");
    }
    chain.pipeline.push_table("header-enricher", &interceptor.name, config);
    if let Some((pattern, expression)) = original {
        chain.pipeline.remark_original(pattern, &expression);
    }
    interceptor.say("type", Grade::Translated, "header-enricher removes the headers");
}

fn search_replace(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    let Some(pattern) = interceptor.text("searchPattern") else {
        return impossible(chain, interceptor, "it has no `searchPattern`");
    };
    let java::Rule { expression, dialect, .. } = match java::translate_replaced(pattern) {
        Ok(rule) => rule,
        Err(why) => return impossible(chain, interceptor, &why),
    };
    let with = match java::replacement(interceptor.text_or("replaceString", ""), &java::groups(pattern)) {
        Ok(pieces) => java::editor_replacement(&pieces),
        Err(why) => return impossible(chain, interceptor, &why),
    };
    let edit = Item::table([
        ("replace", Some(expression.text.as_str().into())),
        ("with", Some(with.into())),
        ("all", Some(true.into())),
        ("dialect", dialect),
    ]);
    chain.pipeline.append("value-editor", "edits", &interceptor.name, edit);
    chain.pipeline.remark_original(pattern, &expression);
    interceptor.say("type", Grade::Translated, "value-editor replaces in the value's bytes");
    say_of_tombstones(interceptor, "searchPattern", pattern);
    let charset = interceptor.text_or("charset", "UTF-8");
    if !charset.eq_ignore_ascii_case("UTF-8") && !charset.eq_ignore_ascii_case("US-ASCII") {
        let text = "expressions look at UTF-8: bytes of other character sets are matched by their bytes";
        interceptor.say("charset", Grade::Differs, text);
    }
}

/// Says what becomes of a record without a value where the expression finds something in the empty body that Flume has of it.
pub(super) fn say_of_tombstones(interceptor: &Component<'_>, key: &str, pattern: &str) {
    if java::matches_empty(pattern) {
        let text = "a record without a value stays as it is; to Flume it is an empty text, in which the expression finds something";
        interceptor.say(key, Grade::Differs, text);
    }
}

fn regex_filter(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    let pattern = interceptor.text_or("regex", ".*");
    let java::Rule { expression, dialect, .. } = match java::translate_condition(pattern) {
        Ok(rule) => rule,
        Err(why) => return impossible(chain, interceptor, &why),
    };
    let excludes = interceptor.is_true_or("excludeEvents", false);
    let mut condition = Item::table([
        ("value", Some(true.into())),
        ("matches", Some(expression.text.as_str().into())),
        ("dialect", dialect),
    ]);
    // To Flume a record without a value has an empty body; here no expression matches what is not there.
    if java::matches_empty(pattern) {
        let tombstone = Item::table([("value", Some(true.into())), ("null", Some(true.into()))]);
        condition = Item::table([("any", Some(Item::List(vec![condition, tombstone])))]);
    }
    let (key, text) = if excludes {
        ("drop", "filter drops records whose value matches")
    } else {
        ("keep", "filter drops records whose value does not match")
    };
    chain.pipeline.push("filter", &interceptor.name, [(key, condition)]);
    chain.pipeline.remark_original(pattern, &expression);
    interceptor.say("type", Grade::Translated, format!("{text}; they are counted"));
}
