//! What librdkafka makes of the properties that the operator wrote, without a broker.
//!
//! Each value is given to librdkafka's own parser, each file that one names is opened, and then a client of each kind is
//! made that knows no broker, which loads the certificates and sees what does not go together.

use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    path::Path,
};

use rdkafka::{
    client::{Client, DefaultClientContext},
    config::{ClientConfig, RDKafkaLogLevel},
    error::KafkaError,
    types::RDKafkaType,
};

use super::settings;
use crate::config::{Config, Mistake, Mistakes, Pipeline, Place, Secret, Share, nearest};

/// Properties that take one of a few words. librdkafka tells some of them only when it speaks to a broker.
const WORDS: &[(&str, &[&str])] = &[
    ("security.protocol", &["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
    ("sasl.mechanism", MECHANISMS),
    ("sasl.mechanisms", MECHANISMS),
    ("compression.type", CODECS),
    ("compression.codec", CODECS),
    ("broker.address.family", &["any", "v4", "v6"]),
    ("ssl.endpoint.identification.algorithm", &["https"]),
];
const MECHANISMS: &[&str] = &["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"];
const CODECS: &[&str] = &["none", "gzip", "snappy", "lz4", "zstd"];

/// Properties that name a file.
const FILES: &[&str] = &[
    "ssl.ca.location",
    "https.ca.location",
    "ssl.crl.location",
    "ssl.certificate.location",
    "ssl.key.location",
    "ssl.keystore.location",
    "sasl.kerberos.keytab",
];

/// The mistakes in the values of the properties of `config`. With `files` also those that only show on the machine on which
/// weir will run: in the files that properties name, and in how the properties go together.
pub fn check_properties(config: &Config, files: bool) -> Mistakes {
    let mut check = Check { config, files, mistakes: Mistakes::default(), seen: HashSet::new() };
    let of_kafka = |name: &str| pointer(&config.kafka_place, "/options", name);
    check.values(&config.kafka.options, &|name| of_kafka(name).map(|pointer| (&config.kafka_place, pointer)));
    for pipeline in config.pipelines.values() {
        for (table, properties) in [("/consumer", &pipeline.consumer), ("/producer", &pipeline.producer)] {
            let place = |name: &str| match pointer(&pipeline.place, table, name) {
                Some(pointer) => Some((&pipeline.place, pointer)),
                None => of_kafka(name).map(|pointer| (&config.kafka_place, pointer)),
            };
            check.values(properties, &place);
        }
    }
    if files && check.mistakes.is_empty() {
        // Of clients that get the same properties one is made.
        let mut made: Vec<(bool, &BTreeMap<String, Secret>)> = Vec::new();
        for pipeline in config.pipelines.values() {
            for (reads, properties) in [(true, &pipeline.consumer), (false, &pipeline.producer)] {
                let has_some = !config.kafka.options.is_empty() || !properties.is_empty();
                if has_some && !made.contains(&(reads, properties)) {
                    made.push((reads, properties));
                    check.client(pipeline, reads);
                }
            }
        }
    }
    check.mistakes.sort_by_path();
    check.mistakes
}

/// Where a property stands within `table`; written with or without quotation marks round its dots.
fn pointer(place: &Place, table: &str, name: &str) -> Option<String> {
    [format!("{table}/{name}"), format!("{table}/{}", name.replace('.', "/"))]
        .into_iter()
        .find(|pointer| place.has(pointer))
}

struct Check<'a> {
    config: &'a Config,
    files: bool,
    mistakes: Mistakes,
    /// Name and value of what was looked at: what stands in [kafka.options] comes back with every pipeline.
    seen: HashSet<(String, String)>,
}

impl<'a> Check<'a> {
    /// Each value by itself.
    fn values(&mut self, properties: &BTreeMap<String, Secret>, place: &dyn Fn(&str) -> Option<(&'a Place, String)>) {
        for (name, Secret(value)) in properties {
            if !self.seen.insert((name.clone(), value.clone())) {
                continue;
            }
            let wrong = word(name, value).or_else(|| parsed(name, value)).or_else(|| {
                let is_file = self.files && FILES.contains(&name.as_str()) && value != "probe";
                if is_file { unreadable(name, value) } else { None }
            });
            let Some((message, help)) = wrong else { continue };
            self.mistakes.push(match place(name) {
                Some((place, pointer)) => place.mistake(self.config, &pointer, message, help),
                None => Mistake { at: None, message, help },
            });
        }
    }

    /// What a client says of all properties together.
    fn client(&mut self, pipeline: &'a Pipeline, reads: bool) {
        let kafka = &self.config.kafka;
        let (mut config, kind, table, own) = if reads {
            let config = settings::consumer(kafka, pipeline, Share::of_machine(1));
            (config, RDKafkaType::RD_KAFKA_CONSUMER, "/consumer", &pipeline.consumer)
        } else {
            let config = settings::producer(kafka, Some(pipeline), None);
            (config, RDKafkaType::RD_KAFKA_PRODUCER, "/producer", &pipeline.producer)
        };
        // It knows nobody to speak to.
        config.remove("bootstrap.servers");
        config.remove("debug");
        config.set_log_level(RDKafkaLogLevel::Emerg);
        let made = config
            .create_native_config()
            .and_then(|native| Client::new(&config, native, kind, DefaultClientContext).map(drop));
        let Err(error) = made else { return };
        let reason = match error {
            KafkaError::ClientConfig(_, reason, ..) | KafkaError::ClientCreation(reason) => reason,
            error => error.to_string(),
        };
        // The longest name that librdkafka speaks of.
        let names = kafka.options.keys().chain(own.keys()).filter(|name| reason.contains(name.as_str()));
        let blamed = names.max_by_key(|name| name.len()).map(String::as_str);
        let (place, pointer) = match blamed {
            Some(name) => match pointer(&pipeline.place, table, name) {
                Some(pointer) => (&pipeline.place, pointer),
                None => {
                    (&self.config.kafka_place, pointer(&self.config.kafka_place, "/options", name).unwrap_or_default())
                }
            },
            None if pipeline.place.has(table) => (&pipeline.place, table.to_owned()),
            None => (&self.config.kafka_place, "/options".to_owned()),
        };
        let message = format!("librdkafka makes no client of these properties: {}", reason.trim_end_matches('.'));
        self.mistakes.push(place.mistake(self.config, &pointer, message, None));
    }
}

/// A value that is none of the words which the property takes.
fn word(name: &str, value: &str) -> Option<(String, Option<String>)> {
    let (_, words) = WORDS.iter().find(|(property, _)| *property == name)?;
    if words.iter().any(|word| word.eq_ignore_ascii_case(value)) {
        return None;
    }
    let help = match nearest(value, words.iter().copied()) {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => format!("write one of {}", words.join(", ")),
    };
    Some((format!("`{name}` cannot be `{value}`"), Some(help)))
}

/// What librdkafka's own parser says of a value. A secret's value is not among its words.
fn parsed(name: &str, value: &str) -> Option<(String, Option<String>)> {
    let error = ClientConfig::new().set(name, value).create_native_config().err()?;
    let KafkaError::ClientConfig(_, reason, ..) = error else { return None };
    let reason = reason.trim_end_matches('.');
    Some((format!("librdkafka does not take this value of `{name}`: {reason}"), None))
}

/// Why a file cannot be read.
fn unreadable(name: &str, value: &str) -> Option<(String, Option<String>)> {
    let path = Path::new(value);
    let error = File::open(path).err()?;
    let help = path.is_relative().then(|| {
        "such a path is relative to the folder in which weir is started: write it from the root on".to_owned()
    });
    Some((format!("`{name}`: `{value}` cannot be read: {error}"), help))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::config;

    /// What is said of these lines of `[kafka.options]`: key and message.
    fn told(options: &str, more: &str) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weir.toml");
        let text = format!(
            "[kafka]\nbrokers = \"b:1\"\n[kafka.options]\n{options}\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\n{more}"
        );
        std::fs::write(&path, text).unwrap();
        let mistakes = check_properties(&config::load(&path).unwrap(), true);
        let told = |mistake: &Mistake| (mistake.key().unwrap_or_default(), mistake.line());
        mistakes.listed().iter().map(told).collect()
    }

    #[test]
    fn values_that_librdkafka_takes_are_no_mistakes() {
        let options = "security.protocol = \"sasl_plaintext\"\n\"sasl.mechanism\" = \"SCRAM-SHA-512\"\n\
                       \"sasl.username\" = \"u\"\n\"sasl.password\" = \"p\"\n\"linger.ms\" = 5\n\
                       \"compression.type\" = \"lz4\"";
        assert_eq!(told(options, ""), []);
        assert_eq!(told("", ""), []);
    }

    #[test]
    fn each_value_is_told_at_its_key() {
        for (options, key, words) in [
            ("security.protocol = \"SASL_SLS\"", "kafka.options.security.protocol", "did you mean \"SASL_SSL\"?"),
            (
                "\"sasl.mechanism\" = \"SCRAM-SHA-265\"",
                "kafka.options.\"sasl.mechanism\"",
                "did you mean \"SCRAM-SHA-256\"?",
            ),
            ("\"compression.type\" = \"lz5\"", "kafka.options.\"compression.type\"", "did you mean \"lz4\"?"),
            ("\"linger.ms\" = \"soon\"", "kafka.options.\"linger.ms\"", "linger.ms"),
            (
                "\"ssl.ca.location\" = \"/no/ca.pem\"",
                "kafka.options.\"ssl.ca.location\"",
                "`/no/ca.pem` cannot be read",
            ),
        ] {
            let told = told(options, "");
            assert_eq!(told.len(), 1, "{told:?}");
            assert_eq!(told[0].0, key);
            assert!(told[0].1.contains(words), "{told:?}");
        }
        let told = told("", "[pipelines.p.consumer]\n\"fetch.min.bytes\" = \"many\"\n");
        assert_eq!(told[0].0, "pipelines.p.consumer.\"fetch.min.bytes\"", "{told:?}");
    }

    #[test]
    fn what_does_not_go_together_is_told_and_a_file_that_holds_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, "no certificate").unwrap();
        let told_of = told(&format!("security.protocol = \"SSL\"\n\"ssl.ca.location\" = \"{}\"", file.display()), "");
        assert_eq!(told_of.len(), 1, "{told_of:?}");
        assert_eq!(told_of[0].0, "kafka.options.\"ssl.ca.location\"", "{told_of:?}");
        let told_of =
            told("", "[pipelines.p.consumer]\n\"session.timeout.ms\" = 300000\n\"max.poll.interval.ms\" = 6000\n");
        assert_eq!(told_of.len(), 1, "{told_of:?}");
    }
}
