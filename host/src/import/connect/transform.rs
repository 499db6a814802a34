//! One transform after the other.

use super::{
    chain::Chain,
    fields, headers, jq, known,
    predicate::{self, Applies},
    replace, time, topics, values,
};
use crate::import::{
    properties::{Properties, Property},
    report::Grade,
};

/// Where transforms stand: at the top of a connector, or below a flow of MirrorMaker.
#[derive(Debug)]
pub(super) struct Scope<'p> {
    pub(super) properties: &'p Properties,
    /// With a dot at its end, or empty.
    pub(super) prefix: String,
}

impl<'p> Scope<'p> {
    pub(super) fn get(&self, key: &str) -> Option<&'p Property> {
        self.properties.get(&format!("{}{key}", self.prefix))
    }
}

/// What a transform works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Key,
    Value,
    Record,
}

/// One transform.
#[derive(Debug)]
pub(super) struct Transform<'p> {
    pub(super) scope: &'p Scope<'p>,
    pub(super) alias: &'p str,
    /// The class without its package and side.
    pub(super) class: &'p str,
    pub(super) side: Side,
}

impl<'p> Transform<'p> {
    pub(super) fn get(&self, key: &str) -> Option<&'p Property> {
        self.scope.get(&format!("transforms.{}.{key}", self.alias))
    }

    pub(super) fn text(&self, key: &str) -> Option<&'p str> {
        self.get(key).map(|property| property.value.as_str())
    }

    /// The first of these properties that is there: newer and older names.
    pub(super) fn either(&self, keys: [&str; 2]) -> Option<&'p Property> {
        keys.into_iter().find_map(|key| self.get(key))
    }

    /// Whether dots in field names lead into members.
    pub(super) fn is_path(&self) -> bool {
        self.text("field.syntax.version").is_some_and(|version| version.eq_ignore_ascii_case("V2"))
    }

    /// Notes what became of the transform.
    pub(super) fn say(&self, grade: Grade, text: impl Into<String>) {
        match self.get("type") {
            Some(property) => self.scope.properties.say(property, grade, text),
            None => self.scope.properties.say_of(self.alias, grade, text),
        }
    }

    /// Notes what became of all of its properties but the type.
    pub(super) fn say_of_all(&self, grade: Grade, text: &str) {
        let prefix = format!("{}transforms.{}.", self.scope.prefix, self.alias);
        for (_, property) in self.scope.properties.below(&prefix).filter(|(key, _)| *key != "type") {
            self.scope.properties.say(property, grade, text);
        }
    }

    /// Notes that it cannot be said, in the report and at its place.
    pub(super) fn impossible(&self, chain: &mut Chain, text: &str) {
        self.say(Grade::Impossible, text);
        self.say_of_all(Grade::Impossible, "belongs to a transform that cannot be");
        chain.pipeline.note(format!("MISSING: the transform {} ({}): {text}", self.alias, self.class));
    }
}

/// Adds every transform of a connector or flow.
pub(super) fn add_all(chain: &mut Chain, scope: &Scope<'_>) {
    let aliases = scope.get("transforms").map(Property::list).unwrap_or_default();
    for alias in aliases {
        let Some(class) = scope.get(&format!("transforms.{alias}.type")) else {
            let text = format!("the transform `{alias}` has no type");
            scope.properties.say_of("transforms", Grade::Impossible, text);
            continue;
        };
        let whole = class.value.trim();
        let (class, side) = match whole.rsplit_once('$') {
            Some((class, "Key")) => (class, Side::Key),
            Some((class, "Value")) => (class, Side::Value),
            _ => (whole, Side::Record),
        };
        let transform = Transform { scope, alias, class: class.rsplit('.').next().unwrap_or(class), side };
        add(chain, &transform);
    }
}

fn add(chain: &mut Chain, transform: &Transform<'_>) {
    if transform.class == "Filter" && transform.side == Side::Record {
        return predicate::filter(chain, transform);
    }
    match predicate::applies(chain, transform) {
        Applies::Always => {}
        Applies::Never => {
            let text = "its predicate holds for none of the topics";
            transform.say(Grade::Unneeded, text);
            return transform.say_of_all(Grade::Unneeded, text);
        }
        Applies::Sometimes(why) => return transform.impossible(chain, &why),
    }
    if let Some(property) = transform.get("replace.null.with.default") {
        transform.scope.properties.say(property, Grade::Unneeded, "speaks of defaults in schemas");
    }
    let before = chain.clone();
    let done = match transform.class {
        "Cast" => values::cast(chain, transform),
        "DropHeaders" => headers::drop_headers(chain, transform),
        "ExtractField" => values::extract_field(chain, transform),
        "Flatten" => jq::flatten(chain, transform),
        "HeaderFrom" => headers::header_from(chain, transform),
        "HoistField" => values::hoist_field(chain, transform),
        "InsertField" => fields::insert_field(chain, transform),
        "InsertHeader" => headers::insert_header(chain, transform),
        "MaskField" => fields::mask_field(chain, transform),
        "RegexRouter" => topics::regex_router(chain, transform, ["regex", "replacement"]),
        "ReplaceField" => replace::replace_field(chain, transform),
        "SetSchemaMetadata" => {
            transform.say(Grade::Unneeded, "weir's records have no schemas");
            transform.say_of_all(Grade::Unneeded, "weir's records have no schemas");
            Ok(())
        }
        "TimestampConverter" => time::timestamp_converter(chain, transform),
        "TimestampRouter" => topics::timestamp_router(chain, transform),
        "ValueToKey" => values::value_to_key(chain, transform),
        _ => known::add(chain, transform),
    };
    if let Err(why) = done {
        // Not half of it.
        *chain = before;
        transform.impossible(chain, &why);
    }
}
