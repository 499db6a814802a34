//! Programs that decide where a record goes, or that it goes nowhere.

use serde::Deserialize;

use super::{Consumed, DEAD, Produced, Program};

/// Of filter: keeps what an agent of a list sent, and what has no key.
#[derive(Debug)]
pub(in crate::gate) struct Filter;

impl Program for Filter {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        if matches!(record.header("agent"), Some(b"web" | b"app/4.2")) || record.key.is_none() {
            produce(record.unchanged());
        }
    }
}

/// Of mod-router: one of twelve topics, by the user's id.
#[derive(Debug)]
pub(in crate::gate) struct Modulo {
    topics: [String; 12],
}

impl Modulo {
    pub(in crate::gate) fn new() -> Self {
        Self { topics: std::array::from_fn(|bucket| format!("events-{bucket:02}")) }
    }
}

#[derive(Deserialize)]
struct User {
    #[serde(rename = "userId")]
    user_id: i64,
}

impl Program for Modulo {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let user = serde_json::from_slice::<User>(&record.value);
        let topic = match &user {
            Ok(user) => &self.topics[user.user_id.rem_euclid(12) as usize],
            Err(_) => DEAD,
        };
        produce(Produced { topic: topic.into(), ..record.unchanged() });
    }
}

/// Of header-router: by a table from a header's value.
#[derive(Debug)]
pub(in crate::gate) struct ByHeader;

impl Program for ByHeader {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let topic = match record.header("logType") {
            Some(b"click") => "events-click",
            Some(b"buy") => "events-order",
            _ => "events-other",
        };
        produce(Produced { topic: topic.into(), ..record.unchanged() });
    }
}

/// Of topic-router: a topic whose name is made of a header.
#[derive(Debug)]
pub(in crate::gate) struct ByTemplate;

/// The longest name of a topic.
const LONGEST: usize = 249;

impl Program for ByTemplate {
    fn run(&mut self, record: &Consumed, produce: &mut dyn FnMut(Produced<'_>)) {
        let Some(agent) = record.header("agent") else {
            produce(Produced { topic: DEAD.into(), ..record.unchanged() });
            return;
        };
        let agent = String::from_utf8_lossy(agent);
        let mut topic = String::with_capacity("events-".len() + agent.len());
        topic.push_str("events-");
        topic.extend(agent.chars().map(|character| {
            let stays = character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
            if stays { character } else { '_' }
        }));
        topic.truncate(LONGEST);
        produce(Produced { topic: topic.into(), ..record.unchanged() });
    }
}
