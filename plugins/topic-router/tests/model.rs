//! topic-router against names that are put together letter by letter.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};
use weir_sdk::testing::{Bench, Record, Verdict};
use weir_topic_router::TopicRouter;

#[derive(Clone, Debug)]
enum Piece {
    Text(&'static str),
    Header,
    Json,
    Topic,
    Partition,
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        2 => select(vec!["a", "x-", "_", "."]).prop_map(Piece::Text),
        2 => Just(Piece::Header),
        2 => Just(Piece::Json),
        1 => Just(Piece::Topic),
        1 => Just(Piece::Partition),
    ]
}

#[derive(Clone, Debug)]
struct Config {
    pieces: Vec<Piece>,
    topics: Vec<&'static str>,
    missing: &'static str,
    invalid: &'static str,
}

fn config() -> impl Strategy<Value = Config> {
    let topics = vec(select(vec!["a*", "*b", "*-*", "in", "*"]), 0..3);
    let missing = select(vec!["dead-letter", "keep", "gone"]);
    let invalid = select(vec!["dead-letter", "replace", "odd"]);
    (vec(piece(), 1..5), topics, missing, invalid).prop_map(|(pieces, topics, missing, invalid)| Config {
        pieces,
        topics,
        missing,
        invalid,
    })
}

#[derive(Clone, Debug)]
struct Given {
    header: Option<String>,
    json: Option<String>,
}

fn given() -> impl Strategy<Value = Given> {
    let name = || prop_oneof![6 => "[ab.-]{0,3}", 2 => "[a é/*\n]{0,3}", 1 => "b{240,260}"];
    (option::weighted(0.8, name()), option::weighted(0.8, name())).prop_map(|(header, json)| Given { header, json })
}

/// Where a record goes.
#[derive(Clone, Debug, PartialEq)]
enum Fate {
    To(String),
    Left,
    Dead,
}

impl Config {
    fn template(&self) -> String {
        let written = |piece: &Piece| match piece {
            Piece::Text(text) => text,
            Piece::Header => "{h}",
            Piece::Json => "{json:/n}",
            Piece::Topic => "{topic}",
            Piece::Partition => "{partition}",
        };
        self.pieces.iter().map(written).collect()
    }

    fn written(&self) -> Value {
        let named = |word: &str| match word {
            "gone" | "odd" => json!({ "topic": word }),
            word => json!(word),
        };
        json!({
            "topic": self.template(), "topics": self.topics,
            "missing": named(self.missing), "invalid": named(self.invalid),
        })
    }

    /// The texts alone could not be a part of any name, or are all there is and none of the topics, so that nothing would go
    /// anywhere.
    fn is_refused(&self) -> bool {
        let parts = self.pieces.iter().map(|piece| if let Piece::Text(text) = piece { text } else { "x" });
        let name = parts.collect::<String>();
        let is_fixed = self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
        !is_name(&name) || (is_fixed && !self.allows(&name) && self.invalid != "odd")
    }

    fn allows(&self, name: &str) -> bool {
        self.topics.is_empty() || self.topics.iter().any(|pattern| covers(pattern, name))
    }

    fn fate(&self, given: &Given) -> Fate {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => Some((*text).to_owned()),
            Piece::Header => given.header.clone(),
            Piece::Json => given.json.clone(),
            Piece::Topic => Some("in".to_owned()),
            Piece::Partition => Some("3".to_owned()),
        };
        let Some(name) = self.pieces.iter().map(text).collect::<Option<String>>() else {
            return match self.missing {
                "keep" => Fate::Left,
                "gone" => Fate::To("gone".to_owned()),
                _ => Fate::Dead,
            };
        };
        let name = if self.invalid == "replace" && !is_name(&name) { replaced(&name) } else { name };
        // A name that was cut or changed must still be what the template says.
        let is_like = covers(&self.pieces.iter().map(Piece::star).collect::<String>(), &name);
        if is_name(&name) && self.allows(&name) && (is_like || !self.topics.is_empty()) {
            return Fate::To(name);
        }
        if self.invalid == "odd" { Fate::To("odd".to_owned()) } else { Fate::Dead }
    }
}

impl Piece {
    fn star(&self) -> &'static str {
        if let Self::Text(text) = self { text } else { "*" }
    }
}

fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "._-".contains(letter)
}

fn is_name(name: &str) -> bool {
    !["", ".", ".."].contains(&name) && name.len() <= 249 && name.chars().all(is_letter)
}

fn replaced(name: &str) -> String {
    let name: String = name.chars().map(|letter| if is_letter(letter) { letter } else { '_' }).take(249).collect();
    if name == "." || name == ".." { name.replace('.', "_") } else { name }
}

fn covers(pattern: &str, text: &str) -> bool {
    match pattern.split_at_checked(1) {
        None => text.is_empty(),
        Some(("*", rest)) => (0..=text.len()).any(|at| text.is_char_boundary(at) && covers(rest, &text[at..])),
        Some((letter, rest)) => text.strip_prefix(letter).is_some_and(|text| covers(rest, text)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn records_go_to_the_topic_that_their_parts_name(
        config in config(),
        given in vec(given(), 1..10),
        cut in 1..7_usize,
    ) {
        let bench = Bench::<TopicRouter>::new(config.written());
        prop_assert_eq!(bench.is_err(), config.is_refused(), "{}", config.template());
        let Ok(bench) = bench else { return Ok(()) };
        let record = |given: &Given| {
            let record = Record::of(json!({ "n": given.json }).to_string());
            if let Some(header) = &given.header { record.header("h", header) } else { record.null_header("h") }
        };
        let records: Vec<Record> = given.iter().map(record).collect();
        let fates: Vec<Fate> = bench.from("in", 3).run_cut(cut, &records).unwrap().into_iter().map(|outcome| {
            match (outcome.verdict, outcome.topic) {
                (Verdict::Keep, Some(topic)) => Fate::To(topic),
                (Verdict::Keep, None) => Fate::Left,
                _ => Fate::Dead,
            }
        }).collect();
        prop_assert_eq!(fates, given.iter().map(|given| config.fate(given)).collect::<Vec<_>>());
    }
}
