//! What the files of a configuration may hold, and how they may be spoiled.

use std::collections::BTreeMap;

use weir_tests::{Guest, oversized, rng::Rng};

/// Contents by name.
pub(super) type Files = BTreeMap<&'static str, Vec<u8>>;

/// Interceptors that may be there or not; each adds its letter to the header `trail`.
const LETTERS: [char; 4] = ['a', 'b', 'c', 'd'];

/// A good configuration and its files.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// In order: [`LETTERS`], `u` for the user's plugin, `t` for the one with a table. The last two are always there.
    chain: Vec<char>,
    /// Written by every letter.
    number: u32,
    plugin: u32,
    table: u32,
    deadline: u64,
    memory: u64,
    batch: u64,
    workers: u64,
}

impl State {
    pub(super) fn first() -> Self {
        let chain = vec!['a', 'u', 't'];
        Self { chain, number: 0, plugin: 0, table: 0, deadline: 500, memory: 32, batch: 1024, workers: 1 }
    }

    /// Changes one thing; returns which.
    pub(super) fn change(&mut self, rng: &mut Rng) -> &'static str {
        let absent: Vec<char> = LETTERS.into_iter().filter(|letter| !self.chain.contains(letter)).collect();
        let length = self.chain.len() as u64;
        let other = |rng: &mut Rng, now: u64, all: &[u64]| {
            let others: Vec<u64> = all.iter().copied().filter(|one| *one != now).collect();
            rng.pick(&others)
        };
        match rng.below(10) {
            0 if !absent.is_empty() => {
                self.chain.insert(rng.below(length + 1) as usize, rng.pick(&absent));
                "an interceptor more"
            }
            1 if absent.len() < LETTERS.len() => {
                let present: Vec<char> = LETTERS.into_iter().filter(|letter| self.chain.contains(letter)).collect();
                let gone = rng.pick(&present);
                self.chain.retain(|letter| *letter != gone);
                "an interceptor less"
            }
            2 => {
                let first = rng.below(length);
                let second = (first + 1 + rng.below(length - 1)) % length;
                self.chain.swap(first as usize, second as usize);
                "another order"
            }
            3 | 4 => {
                self.table += 1;
                "the table"
            }
            5 | 6 => {
                self.plugin += 1;
                "the plugin"
            }
            7 => {
                self.deadline = other(rng, self.deadline, &[400, 500, 600]);
                "the deadline"
            }
            8 => {
                self.memory = other(rng, self.memory, &[32, 48, 64]);
                "the memory"
            }
            9 => {
                if rng.below(2) == 0 {
                    self.batch = other(rng, self.batch, &[64, 256, 1024]);
                } else {
                    self.workers = other(rng, self.workers, &[1, 2]);
                }
                "batches or workers"
            }
            _ if absent.len() < LETTERS.len() => {
                self.number += 1;
                "a value"
            }
            // No interceptor writes the value.
            _ => {
                self.table += 1;
                "the table"
            }
        }
    }

    /// Whether the change from `before` is one that the pipeline starts again for.
    pub(super) fn starts_again(&self, before: &Self) -> bool {
        (self.batch, self.workers) != (before.batch, before.workers)
    }

    /// What its chain writes to a record of this partition.
    pub(super) fn headers(&self, partition: i32) -> BTreeMap<String, String> {
        let letters: String = self.chain.iter().filter(|letter| LETTERS.contains(letter)).collect();
        let mut headers: BTreeMap<String, String> =
            letters.chars().map(|letter| (letter.to_string(), self.number.to_string())).collect();
        headers.insert("user".to_owned(), self.plugin.to_string());
        headers.insert("table".to_owned(), format!("{}-of-{partition}", self.table));
        if !letters.is_empty() {
            headers.insert("trail".to_owned(), letters);
        }
        headers
    }

    pub(super) fn files(&self, brokers: &str, from: &str, to: &str) -> Files {
        let interceptors: String = self.chain.iter().map(|letter| self.interceptor(*letter)).collect();
        let Self { batch, workers, .. } = self;
        let config = format!(
            r#"[admin]
listen = "127.0.0.1:0"

[kafka]
brokers = "{brokers}"

[pipelines.p]
from = ["{from}"]
to = "{to}"
group = "{from}"
stamp_generation = "generation"
batch = {{ records = {batch} }}
workers = {workers}
{interceptors}"#
        );
        let probe = format!(r#"{{"topic":"{from}","partition":0,"offset":0,"key":"k","payload":"v","headers":[]}}"#);
        let plugin = Guest::named("user").stamps("user", &self.plugin.to_string());
        Files::from([
            ("weir.toml", config.into_bytes()),
            ("user.wasm", compiled(plugin)),
            ("names.csv", self.table().into_bytes()),
            ("probe.ndjson", probe.clone().into_bytes()),
            ("expected.ndjson", probe.into_bytes()),
        ])
    }

    fn table(&self) -> String {
        let row = |partition: u32| format!("{partition},{}-of-{partition}\n", self.table);
        format!("partition,name\n{}", (0..8).map(row).collect::<String>())
    }

    fn interceptor(&self, letter: char) -> String {
        let Self { number, deadline, memory, .. } = self;
        let rest = match letter {
            'u' => format!("plugin = \"./user.wasm\"\ndeadline = \"{deadline}ms\"\nmemory = \"{memory}MiB\""),
            't' => "plugin = \"header-enricher\"\nfiles = { names = \"./names.csv\" }\n\
                    config = { headers = [{ name = \"table\", value = \"{lookup:names:{partition}}\" }] }"
                .to_owned(),
            _ => format!(
                "plugin = \"header-enricher\"\nconfig = {{ missing = \"empty\", headers = [\
                 {{ name = \"{letter}\", value = \"{number}\" }}, {{ name = \"trail\", value = \"{{trail}}{letter}\" }}] }}"
            ),
        };
        format!("\n[[pipelines.p.interceptors]]\nname = \"{letter}\"\n{rest}\n")
    }
}

fn compiled(guest: Guest) -> Vec<u8> {
    wat::parse_str(guest.text()).unwrap()
}

/// What no configuration may be changed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bad {
    HalfWritten,
    UnknownKey,
    NoPlugin,
    HalfAPlugin,
    CompileBomb,
    OtherBytesThanPinned,
    ConfigureTraps,
    ConfigureLoops,
    ConfigureRefuses,
    BrokenTable,
    FailedProbe,
    Brokers,
    Admin,
    MissingTopic,
}

impl Bad {
    pub(super) const ALL: [Self; 14] = [
        Self::HalfWritten,
        Self::UnknownKey,
        Self::NoPlugin,
        Self::HalfAPlugin,
        Self::CompileBomb,
        Self::OtherBytesThanPinned,
        Self::ConfigureTraps,
        Self::ConfigureLoops,
        Self::ConfigureRefuses,
        Self::BrokenTable,
        Self::FailedProbe,
        Self::Brokers,
        Self::Admin,
        Self::MissingTopic,
    ];

    /// The files of a good state with another value and this mistake; what a reload of them comes to, and words of why.
    pub(super) fn spoil(
        self,
        good: &State,
        rng: &mut Rng,
        files: impl Fn(&State) -> Files,
    ) -> (Files, &'static str, &'static str) {
        let mut all = files(good);
        // One file only, so that no glance in between sees a configuration that is good.
        let other = files(&State { number: good.number + 1_000_000, deadline: 700, ..good.clone() });
        let config = String::from_utf8(other["weir.toml"].clone()).unwrap();
        let guest =
            |instructions: &str| compiled(Guest::named("user").stamps("user", "0").configures_with(instructions));
        let plugin = |wasm: Vec<u8>| ("user.wasm", wasm);
        let text = |text: String| ("weir.toml", text.into_bytes());
        let instead = |old: &str, new: &str| text(config.replacen(old, new, 1));
        let pipeline = |keys: &str| instead("[pipelines.p]\n", &format!("[pipelines.p]\n{keys}\n"));
        let refused = |file, words| (file, "refused", words);
        let (spoiled, outcome, words) = match self {
            Self::HalfWritten => {
                // Within a text: what ends between two lines may be whole.
                let mut end = 1 + rng.below(config.len() as u64 - 1) as usize;
                while config[..end].matches('"').count().is_multiple_of(2) {
                    end = if end + 1 < config.len() { end + 1 } else { 1 };
                }
                refused(text(config[..end].to_owned()), "weir.toml")
            }
            Self::UnknownKey => refused(instead("group =", "grooup ="), "grooup"),
            Self::NoPlugin => {
                all.remove("user.wasm");
                return (all, "refused", "user.wasm");
            }
            Self::HalfAPlugin => {
                let mut wasm = all["user.wasm"].clone();
                wasm.truncate(rng.below(wasm.len() as u64) as usize);
                refused(plugin(wasm), "user.wasm")
            }
            Self::CompileBomb => refused(plugin(oversized::nested_loops(300)), "more than 64 loops inside each other"),
            Self::OtherBytesThanPinned => {
                let pin = format!("\"./user.wasm\"\nsha256 = \"{}\"", "0".repeat(64));
                refused(instead("\"./user.wasm\"", &pin), "sha256")
            }
            Self::ConfigureTraps => refused(plugin(guest("(unreachable)")), "user.wasm"),
            Self::ConfigureLoops => refused(plugin(guest("(loop $l (br $l))")), "user.wasm"),
            Self::ConfigureRefuses => {
                refused(instead("{lookup:names:{partition}}", "{lookup:nobody:{partition}}"), "nobody")
            }
            Self::BrokenTable => refused(("names.csv", format!("{}0,another\n", good.table()).into_bytes()), "names"),
            Self::FailedProbe => {
                let probe = "probe = { input = \"probe.ndjson\", expect = \"expected.ndjson\" }";
                refused(pipeline(probe), "probe.ndjson")
            }
            Self::Brokers => {
                (instead("brokers = \"127.0.0.1", "brokers = \"localhost"), "restart-needed", "kafka.brokers")
            }
            Self::Admin => (instead("127.0.0.1:0", "127.0.0.1:1"), "restart-needed", "admin"),
            Self::MissingTopic => {
                let router = "\n[[pipelines.p.interceptors]]\nname = \"r\"\nplugin = \"header-router\"\n\
                              config = { header = \"h\", match = { x = \"nowhere-to-be-found\" } }\n";
                let keys = "unknown_topics = \"refuse\"\ntopics = [\"nowhere-*\"]\n";
                refused(
                    text(config.replacen("workers =", &format!("{keys}workers ="), 1) + router),
                    "nowhere-to-be-found",
                )
            }
        };
        all.extend([spoiled]);
        (all, outcome, words)
    }
}
