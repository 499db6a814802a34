//! A source, channel, sink or interceptor: the properties below one prefix.

use crate::import::{
    properties::{Properties, Property},
    report::Grade,
};

/// The properties of one component.
#[derive(Clone, Debug)]
pub(super) struct Component<'p> {
    pub(super) properties: &'p Properties,
    /// The agent's name.
    pub(super) agent: &'p str,
    pub(super) name: String,
    /// With the dot at its end.
    prefix: String,
}

impl<'p> Component<'p> {
    /// `kind` is `sources`, `channels` or `sinks`.
    pub(super) fn of_agent(properties: &'p Properties, agent: &'p str, kind: &str, name: &str) -> Self {
        Self { properties, agent, name: name.to_owned(), prefix: format!("{agent}.{kind}.{name}.") }
    }

    /// A component within this one, such as `interceptors.i1`.
    pub(super) fn child(&self, kind: &str, name: &str) -> Self {
        let prefix = format!("{}{kind}.{name}.", self.prefix);
        Self { properties: self.properties, agent: self.agent, name: name.to_owned(), prefix }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'p Property> {
        self.properties.get(&format!("{}{key}", self.prefix))
    }

    pub(super) fn text(&self, key: &str) -> Option<&'p str> {
        self.get(key).map(|property| property.value.as_str())
    }

    pub(super) fn text_or(&self, key: &str, default: &'p str) -> &'p str {
        self.text(key).unwrap_or(default)
    }

    pub(super) fn words(&self, key: &str) -> Vec<&'p str> {
        self.get(key).map(Property::words).unwrap_or_default()
    }

    pub(super) fn is_true_or(&self, key: &str, default: bool) -> bool {
        self.get(key).map_or(default, Property::is_true)
    }

    /// The properties whose keys begin with this, and the rests of their keys.
    pub(super) fn below(&self, key: &str) -> Vec<(String, &'p Property)> {
        let prefix = format!("{}{key}", self.prefix);
        let properties: &'p Properties = self.properties;
        properties
            .below(&prefix)
            .filter_map(|(rest, property)| Some((rest.to_owned(), properties.get(&property.key)?)))
            .collect()
    }

    /// The type, in lower case; of Flume's own classes without the package.
    pub(super) fn kind(&self) -> String {
        let written = self.text("type").unwrap_or_default();
        let class = written.strip_suffix("$Builder").unwrap_or(written);
        // Others' classes are not Flume's, whatever they are called.
        let own = class.strip_prefix("org.apache.flume.").and_then(|class| class.rsplit('.').next());
        own.unwrap_or(class).to_ascii_lowercase()
    }

    /// Notes what became of a property of this component; of its type, where the property is not there.
    pub(super) fn say(&self, key: &str, grade: Grade, text: impl Into<String>) {
        match self.get(key).or_else(|| self.get("type")) {
            Some(property) => self.properties.say(property, grade, text),
            None => self.properties.say_of(self.prefix.trim_end_matches('.'), grade, text),
        }
    }

    /// As [`Self::say`], only where the property is there.
    pub(super) fn say_if_there(&self, key: &str, grade: Grade, text: &str) {
        if let Some(property) = self.get(key) {
            self.properties.say(property, grade, text);
        }
    }
}
