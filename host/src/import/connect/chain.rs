//! A pipeline while a connector's transforms are translated.

use weir_rules::json_pointer;

use super::format::Format;
use crate::import::{
    gateway::Pipeline,
    properties::Properties,
    report::Grade,
    router::{Missing, route_by_template},
    template,
    toml_text::Item,
};

/// The topic as it came.
pub(super) const SAME_TOPIC: &str = "{topic}";

/// A pipeline, and what the transforms so far have done.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) pipeline: Pipeline,
    /// The topic of a record at this place, as a template.
    pub(super) topic: String,
    /// The member of the value that the key was made of.
    pub(super) key_of: Option<String>,
    /// Headers that only serve interceptors.
    pub(super) scratch: Vec<String>,
    /// What values are.
    pub(super) value: Format,
    /// Whether a transform has made the key.
    is_key_made: bool,
    /// Whether the next edit begins an interceptor.
    is_separate: bool,
}

impl Chain {
    pub(super) fn new(pipeline: Pipeline) -> Self {
        Self {
            pipeline,
            topic: SAME_TOPIC.to_owned(),
            key_of: None,
            scratch: Vec::new(),
            value: Format::Json,
            is_key_made: false,
            is_separate: false,
        }
    }

    /// The topics by which a connector is fed, or that it writes.
    pub(super) fn read_topics(&mut self, properties: &Properties, name: &str) {
        if let Some(topics) = properties.get("topics") {
            self.pipeline.from = topics.list().into_iter().map(str::to_owned).collect();
            properties.say(topics, Grade::Translated, "`from`; let the sink connector read what weir writes");
        } else if let Some(pattern) = properties.get("topics.regex") {
            self.pipeline.from = vec![format!("^({})$", pattern.value)];
            let text = "`from`, a POSIX regular expression: write `[0-9]` for `\\d`, and no lazy quantifiers or `(?:`";
            let grade = if pattern.value.contains(['\\', '?']) { Grade::Impossible } else { Grade::Translated };
            properties.say(pattern, grade, text);
        } else if let Some(topic) = properties.get("kafka.topic").or_else(|| properties.get("topic")) {
            self.pipeline.from = vec![topic.value.trim().to_owned()];
            properties.say(
                topic,
                Grade::Translated,
                "`from`: weir reads what the source connector writes, without transforms",
            );
        } else if let Some(prefix) = properties.get("topic.prefix") {
            self.pipeline.from = vec![format!("^{}.*$", prefix.value.replace('.', "[.]"))];
            properties.say(
                prefix,
                Grade::Translated,
                "`from`: weir reads what the source connector writes, without transforms",
            );
        }
        let mut faults = Vec::new();
        self.pipeline.from.retain(|topic| {
            let fault = if topic.starts_with('^') { None } else { weir_rules::topic_name_fault(topic) };
            let is_valid = fault.is_none();
            faults.extend(fault.map(|fault| format!("`{topic}` is not a valid topic name: {fault}")));
            is_valid
        });
        for fault in faults {
            properties.say_of("topics", Grade::Impossible, fault);
        }
        if self.pipeline.from.is_empty() {
            self.pipeline.from = vec![format!("{name}-in")];
            let text = format!("it names no topic: `{name}-in` is written; name those that the connector writes");
            properties.say_of("from", Grade::Impossible, text);
        }
    }

    /// What keys are to a transform at this place.
    pub(super) fn key_format(&self, properties: &Properties) -> Format {
        if self.is_key_made { Format::Json } else { Format::of_keys(properties) }
    }

    /// Notes that the key is JSON from here on, whatever it came as.
    pub(super) fn made_key(&mut self) {
        self.is_key_made = true;
    }

    /// The pointer to a field; in a path of Connect's (`field.syntax.version` V2) dots lead into members.
    ///
    /// # Errors
    /// As of [`pointer`].
    pub(super) fn pointer(&self, field: &str, is_path: bool) -> Result<String, String> {
        pointer(field, is_path).map(|pointer| self.in_payload(&pointer))
    }

    /// A pointer into what Connect calls the value.
    pub(super) fn in_payload(&self, pointer: &str) -> String {
        format!("{}{pointer}", if self.is_wrapped() { "/payload" } else { "" })
    }

    /// Whether the value is wrapped with its schema.
    pub(super) fn is_wrapped(&self) -> bool {
        self.value == Format::Wrapped
    }

    /// Adds an edit of the value.
    pub(super) fn edit<const N: usize>(&mut self, alias: &str, members: [(&str, Option<Item>); N]) {
        if std::mem::take(&mut self.is_separate) {
            self.pipeline.push("value-editor", alias, [("edits", Item::List(vec![Item::table(members)]))]);
        } else {
            self.pipeline.append("value-editor", "edits", alias, Item::table(members));
        }
    }

    /// Makes the next edit the first of an interceptor.
    pub(super) fn separate_edits(&mut self) {
        self.is_separate = true;
    }

    /// Adds a header that is written.
    pub(super) fn enrich(&mut self, alias: &str, name: &str, value: String) {
        let entry = Item::table([("name", Some(name.into())), ("value", Some(value.into()))]);
        self.pipeline.append("header-enricher", "headers", alias, entry);
    }

    /// Ends the chain: routes to the topic that the transforms made.
    pub(super) fn end(&mut self, properties: &Properties, default: &str) {
        if !self.topic.contains('{') && weir_rules::topic_name_fault(&self.topic).is_none() {
            self.pipeline.to = Some(self.topic.clone());
        } else if self.topic == SAME_TOPIC {
            self.pipeline.to = Some(default.to_owned());
            let text = format!("weir writes to `{default}`: give the connector, or who reads after it, this topic");
            properties.say_of("to", Grade::Differs, text);
        } else {
            let topic = self.topic.clone();
            let comment = "The topic that the transforms made";
            match route_by_template(&mut self.pipeline, comment, &topic, &Missing::Keep, None) {
                Ok(()) => {
                    if !self.scratch.is_empty() {
                        self.pipeline.to = Some(default.to_owned());
                        let text = format!(
                            "a topic that the expression does not match goes to `{default}`: Connect leaves its name"
                        );
                        properties.say_of("to", Grade::Differs, text);
                    }
                }
                Err(why) => {
                    self.pipeline.to = Some(default.to_owned());
                    properties.say_of("topics", Grade::Impossible, format!("`{topic}`: {why}"));
                    self.pipeline.note(format!("MISSING: the topic `{topic}`: {why}"));
                }
            }
        }
        if !self.scratch.is_empty() {
            let names = Item::from_iter(std::mem::take(&mut self.scratch));
            self.pipeline.push("header-enricher", "Headers that only served interceptors", [("remove", names)]);
        }
    }

    /// The template's part for a field of the value.
    pub(super) fn member(&self, field: &str, is_path: bool) -> Result<String, String> {
        let pointer = self.pointer(field, is_path)?;
        template::member(&pointer).ok_or_else(|| format!("`{field}` has a brace in it, which a template cannot name"))
    }
}

/// A field as a pointer. A path may have back quotes round a name with dots.
///
/// # Errors
/// What it looks like instead, of which weir warns.
pub(super) fn pointer(field: &str, is_path: bool) -> Result<String, String> {
    let names = if is_path { names_of(field) } else { vec![field.to_owned()] };
    let pointer: String = names.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect();
    match json_pointer::fault(&pointer).or_else(|| json_pointer::warning(&pointer)) {
        Some(why) => Err(why),
        None => Ok(pointer),
    }
}

/// The names of a path of Connect's.
fn names_of(path: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    for letter in path.chars() {
        match letter {
            '`' => quoted = !quoted,
            '.' if !quoted => names.push(String::new()),
            letter => {
                if let Some(last) = names.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    names
}
