//! Flume's `regex_extractor`.

use weir_rules::{DateUse, strftime_of_java};

use super::{
    chain::{Chain, TimeFrom},
    component::Component,
    interceptors::{impossible, say_of_tombstones},
};
use crate::import::{header_name::check_header_name, java, report::Grade, toml_text::Item};

/// What becomes of a group.
struct Serializer<'p> {
    header: &'p str,
    /// The strftime format of a date that becomes milliseconds.
    date: Option<String>,
}

pub(super) fn add(chain: &mut Chain<'_>, interceptor: &Component<'_>) {
    let Some(pattern) = interceptor.text("regex") else {
        return impossible(chain, interceptor, "it has no `regex`");
    };
    let rule = match java::translate_rule(pattern) {
        Ok(rule) => rule,
        Err(why) => return impossible(chain, interceptor, &why),
    };
    let mut serializers = Vec::new();
    for name in interceptor.words("serializers") {
        match serializer(&interceptor.child("serializers", name)) {
            Ok(serializer) => serializers.push(serializer),
            Err(why) => return impossible(chain, interceptor, &why),
        }
    }
    if serializers.is_empty() {
        return impossible(chain, interceptor, "it has no `serializers`");
    }
    let groups = java::groups(pattern).len();
    if groups == 0 {
        return impossible(chain, interceptor, "its expression has no group, and so writes no header");
    }
    if groups < serializers.len() {
        serializers.truncate(groups);
        interceptor.say("serializers", Grade::Unneeded, "those beyond the expression's groups write nothing");
    }
    let mut dates: Vec<Option<String>> = serializers.iter().map(|serializer| serializer.date.clone()).collect();
    dates.sort_unstable();
    dates.dedup();
    // A rule has one `date`: where groups differ, each kind gets a rule of its own.
    for date in dates {
        let mut headers: Vec<&str> =
            serializers.iter().map(|serializer| if serializer.date == date { serializer.header } else { "" }).collect();
        while headers.last() == Some(&"") {
            headers.pop();
        }
        let zone = chain.options.zone.clone();
        let date = date.map(|format| Item::table([("format", Some(format.into())), ("zone", Some(zone.into()))]));
        let entry = Item::table([
            ("pattern", Some(rule.expression.text.as_str().into())),
            ("headers", Some(headers.iter().map(|&name| name.to_owned()).collect())),
            ("date", date),
            ("dialect", rule.dialect.clone()),
            ("engine", rule.engine.clone()),
        ]);
        chain.pipeline.append("regex-extractor", "rules", &interceptor.name, entry);
    }
    chain.pipeline.remark_original(pattern, &rule.expression);
    for serializer in &serializers {
        chain.wrote(serializer.header, TimeFrom::Event);
    }
    let names: Vec<&str> = serializers.iter().map(|serializer| serializer.header).collect();
    interceptor.say("type", Grade::Translated, format!("regex-extractor writes {}", names.join(", ")));
    say_of_tombstones(interceptor, "regex", pattern);
}

fn serializer<'p>(component: &Component<'p>) -> Result<Serializer<'p>, String> {
    let name = &component.name;
    let header = component.text("name").ok_or_else(|| format!("the serializer `{name}` has no `name`"))?;
    check_header_name(header)?;
    let date = match component.kind().as_str() {
        "" | "default" | "regexextractorinterceptorpassthroughserializer" => None,
        "regexextractorinterceptormillisserializer" => {
            let pattern =
                component.text("pattern").ok_or_else(|| format!("the serializer `{name}` has no `pattern`"))?;
            let format = strftime_of_java(pattern, DateUse::Read)?;
            let text = format!(
                "`{format}`, in the zone that the rule names (Flume: the machine's); what cannot be read counts as no match, \
                 where Flume fails"
            );
            component.say("pattern", Grade::Differs, text);
            Some(format)
        }
        _ => return Err(format!("the serializer `{name}` is a class of its own: write a plugin (docs/plugins.md)")),
    };
    Ok(Serializer { header, date })
}
