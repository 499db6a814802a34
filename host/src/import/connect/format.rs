//! What keys and values are in Kafka, by the converters of a connector.

use crate::import::{
    properties::{Properties, Property},
    report::Grade,
};

/// What bytes in Kafka are to a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON as it stands.
    Json,
    /// JSON, the data in `payload` beside their schema.
    Wrapped,
    /// One text, or bytes.
    Text,
    /// Avro, Protobuf or something of its own.
    Other,
}

impl Format {
    /// That of values. Says in the report what differs.
    pub(super) fn of_values(properties: &Properties) -> Self {
        let Some((format, property)) = Self::read(properties, "value") else {
            let text = "the worker says how values are written; weir's interceptors read JSON without a schema";
            properties.say_of("value.converter", Grade::Differs, text);
            return Self::Json;
        };
        let (grade, text) = match format {
            Self::Json => (Grade::Translated, "JSON is read as it stands"),
            Self::Wrapped => (
                Grade::Differs,
                "values are `{\"schema\": …, \"payload\": …}`: pointers begin with /payload, and schemas stay as they are",
            ),
            Self::Text if edits_values(properties) => (
                Grade::Differs,
                "to Connect a value is one text, of which it edits no fields; here members are edited where the text is JSON",
            ),
            Self::Text => (Grade::Translated, "values are bytes; where they are JSON members are read all the same"),
            Self::Other => (
                Grade::Impossible,
                "weir's interceptors read JSON: members of Avro or Protobuf need a plugin (docs/plugins.md)",
            ),
        };
        properties.say(property, grade, text);
        format
    }

    /// That of keys, for a transform that looks into them. Says in the report what differs.
    pub(super) fn of_keys(properties: &Properties) -> Self {
        let Some((format, property)) = Self::read(properties, "key") else {
            let text = "the worker says how keys are written; transforms of keys read JSON without a schema";
            properties.say_of("key.converter", Grade::Differs, text);
            return Self::Json;
        };
        let (grade, text) = match format {
            Self::Json => (Grade::Translated, "JSON is read as it stands"),
            Self::Wrapped => (
                Grade::Differs,
                "keys are `{\"schema\": …, \"payload\": …}`: ExtractField takes the member of the payload without its schema",
            ),
            Self::Text => (Grade::Translated, "keys are bytes"),
            Self::Other => (
                Grade::Impossible,
                "weir's interceptors read JSON: members of Avro or Protobuf need a plugin (docs/plugins.md)",
            ),
        };
        properties.say(property, grade, text);
        format
    }

    /// By the properties of `key` or `value`, with the one that says it; none where the worker's count.
    fn read<'p>(properties: &'p Properties, side: &str) -> Option<(Self, &'p Property)> {
        let converter = properties.get(&format!("{side}.converter"))?;
        let schemas = properties.get(&format!("{side}.converter.schemas.enable"));
        Some(match converter.value.trim().rsplit('.').next().unwrap_or_default() {
            "JsonConverter" if schemas.is_none_or(|schemas| !schemas.value.eq_ignore_ascii_case("false")) => {
                (Self::Wrapped, schemas.unwrap_or(converter))
            }
            "JsonConverter" => (Self::Json, converter),
            "StringConverter" | "ByteArrayConverter" => (Self::Text, converter),
            _ => (Self::Other, converter),
        })
    }

    /// Whether weir reads it as JSON.
    pub(super) fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Wrapped)
    }

    /// Checks that a program of jq may make another document of it, `whole` where it may be any text to Connect.
    ///
    /// # Errors
    /// Why not, and what to do instead.
    pub(super) fn check_document(self, whole: bool) -> Result<(), String> {
        match self {
            Self::Json => Ok(()),
            Self::Text if !whole => Ok(()),
            Self::Wrapped => {
                Err("the schema beside the payload would no longer fit: write JSON without schemas".to_owned())
            }
            Self::Text => {
                Err("to Connect it is one text, and weir's jq reads JSON: have it written as JSON, or write a \
                               plugin (docs/plugins.md)"
                    .to_owned())
            }
            Self::Other => Err("it is not JSON: write a plugin (docs/plugins.md)".to_owned()),
        }
    }
}

/// Whether a transform of values stands there.
fn edits_values(properties: &Properties) -> bool {
    let is_of_values =
        |(key, property): (&str, &Property)| key.ends_with(".type") && property.value.ends_with("$Value");
    properties.below("transforms.").any(is_of_values)
}
