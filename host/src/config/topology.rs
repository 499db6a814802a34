//! Looks at the pipelines together: no record may come round, and no two may take it from each other.
//!
//! Names are looked up and expressions are compared one by one within a budget, so that the time a check takes grows with
//! what was written, not with its square.

mod graph;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    Pipeline,
    reading::Reading,
    topics::{Budget, TopicSet, Topics},
};
use graph::Graph;

/// Of a longer circle some pipelines in the middle are left out.
const SHOWN: usize = 20;

/// A pipeline's ends: sets of topics, each with the pointer of where it is written.
struct Ends<'a> {
    pipeline: &'a Pipeline,
    from: TopicSet,
    out: Vec<(Topics, String)>,
}

/// Refuses what would let records go round or be read by one of two.
pub(super) fn check(reading: &mut Reading, pipelines: &BTreeMap<String, Arc<Pipeline>>) {
    let budget = Budget::default();
    let ends: Vec<Ends<'_>> = pipelines.values().map(|pipeline| Ends::of(reading, pipeline, &budget)).collect();
    for own in &ends {
        own_sources(reading, own, &budget);
        own_ledger(reading, own.pipeline);
    }
    circles(reading, &ends, &budget);
    shared_groups(reading, &ends, &budget);
    let many = ends.iter().max_by_key(|ends| ends.from.expressions().len() + ends.out.len());
    if let Some(ends) = many.filter(|_| budget.is_spent()) {
        let message = "the topics of all pipelines together hold too many patterns and expressions, or too large ones";
        let help = "name topics instead, or write fewer and simpler expressions";
        wrong(reading, ends.pipeline, "", message, Some(help));
    }
}

impl<'a> Ends<'a> {
    fn of(reading: &mut Reading, pipeline: &'a Pipeline, budget: &Budget) -> Self {
        let mut from = TopicSet::default();
        let mut out = Vec::new();
        // What is wrong because the budget is spent is told once, for all.
        let mut too_large = |pointer: &str, text: &str| {
            if !budget.is_spent() {
                wrong(reading, pipeline, pointer, &format!("`{text}` is too large an expression"), None);
            }
        };
        for (index, source) in pipeline.from.iter().enumerate() {
            match Topics::of_source(source, budget) {
                Some(topics) => from.insert(topics),
                None => too_large(&format!("/from/{index}"), source),
            }
        }
        for (index, pattern) in pipeline.topics.iter().enumerate() {
            let pointer = format!("/topics/{index}");
            match Topics::of_pattern(pattern, budget) {
                Some(topics) => out.push((topics, pointer)),
                None => too_large(&pointer, &pattern.0),
            }
        }
        for (key, topic) in
            [("to", &pipeline.to), ("dead_letter", &pipeline.dead_letter), ("ledger_topic", &pipeline.ledger_topic)]
        {
            out.extend(topic.as_ref().map(|topic| (Topics::One(topic.clone()), format!("/{key}"))));
        }
        Self { pipeline, from, out }
    }

    /// A topic that this pipeline writes and `other` reads, and where the writing stands.
    fn feeds(&self, other: &Self, budget: &Budget) -> Option<(String, &str)> {
        self.out.iter().find_map(|(out, pointer)| Some((other.from.shared(out, budget)?, pointer.as_str())))
    }
}

fn own_sources(reading: &mut Reading, own: &Ends<'_>, budget: &Budget) {
    for (out, pointer) in &own.out {
        let Some(topic) = own.from.shared(out, budget) else { continue };
        let message = format!("records could come round: the pipeline itself reads `{topic}`");
        let help = match pointer.starts_with("/topics") {
            true => "name the topics more closely, so that none of them is a source",
            false => "choose a topic that is no source",
        };
        wrong(reading, own.pipeline, pointer, &message, Some(help));
    }
}

/// What reads the ledger topic takes each of its records for the ledger's.
fn own_ledger(reading: &mut Reading, pipeline: &Pipeline) {
    let Some(ledger) = pipeline.ledger_topic.as_deref() else { return };
    let Some((pointer, _)) = pipeline.outputs().into_iter().find(|(_, pattern)| pattern.matches(ledger)) else {
        return;
    };
    let (key, help) = match pointer.strip_prefix("/topics/") {
        Some(_) => ("topics", "choose a topic that nothing else goes to, or name `topics` more closely"),
        None => (pointer.trim_start_matches('/'), "choose a topic that nothing else goes to, such as `weir-ledger`"),
    };
    let message = format!("records of the pipeline may go to the ledger topic `{ledger}`: it stands in `{key}`, too");
    wrong(reading, pipeline, "/ledger_topic", &message, Some(help));
}

/// Each circle is told once, at the first of its pipelines by name.
fn circles(reading: &mut Reading, ends: &[Ends<'_>], budget: &Budget) {
    let graph = Graph::of(ends, budget);
    for way in graph.circles(budget) {
        let mut names: Vec<&str> = way.iter().map(|at| ends[*at].pipeline.name.as_str()).collect();
        if names.len() > SHOWN {
            names.splice(SHOWN / 2..names.len() - SHOWN / 2, ["…"]);
        }
        let Some((topic, pointer)) = ends[way[0]].feeds(&ends[way[1]], budget) else { continue };
        let message = format!("records could go round for ever: {} (over `{topic}`)", names.join(" -> "));
        wrong(reading, ends[way[0]].pipeline, pointer, &message, None);
        if reading.mistakes.is_full() {
            break;
        }
    }
}

fn shared_groups(reading: &mut Reading, ends: &[Ends<'_>], budget: &Budget) {
    let mut groups: HashMap<&str, Readers<'_>> = HashMap::new();
    for (at, later) in ends.iter().enumerate() {
        // An empty one could not be read, and that was told.
        if later.pipeline.group.is_empty() {
            continue;
        }
        let earlier = groups.entry(&later.pipeline.group).or_default();
        for (earlier, topic) in earlier.sharing(ends, later, budget) {
            let message = format!(
                "[pipelines.{}] has the same group and reads `{topic}` too: each would get a part of it",
                ends[earlier].pipeline.name
            );
            wrong(reading, later.pipeline, "/group", &message, Some("give each pipeline a group of its own"));
            if reading.mistakes.is_full() {
                return;
            }
        }
        earlier.add(at, later);
    }
}

/// The pipelines of a group so far, by what they read.
#[derive(Default)]
struct Readers<'a> {
    by_name: BTreeMap<&'a str, Vec<usize>>,
    /// Those that read by expressions.
    by_expression: Vec<usize>,
    count: usize,
}

impl<'a> Readers<'a> {
    fn add(&mut self, at: usize, ends: &'a Ends<'_>) {
        for name in ends.from.names() {
            self.by_name.entry(name).or_default().push(at);
        }
        if !ends.from.expressions().is_empty() {
            self.by_expression.push(at);
        }
        self.count += 1;
    }

    /// The pipelines that share a topic with `later`, and one topic that they share.
    fn sharing(&self, ends: &[Ends<'_>], later: &Ends<'_>, budget: &Budget) -> BTreeMap<usize, String> {
        let named = later.from.names().filter_map(|name| self.by_name.get(name)).flatten().copied();
        let mut candidates: BTreeSet<usize> = named.collect();
        if budget.take(self.by_expression.len()) {
            candidates.extend(&self.by_expression);
        }
        if !later.from.expressions().is_empty() && budget.take(self.by_name.len() + self.count) {
            candidates.extend(self.by_name.values().flatten());
        }
        let shared = |at: usize| Some((at, ends[at].from.shares(&later.from, budget)?));
        candidates.into_iter().filter_map(shared).collect()
    }
}

fn wrong(reading: &mut Reading, pipeline: &Pipeline, pointer: &str, message: &str, help: Option<&str>) {
    reading.wrong_at(pipeline.place.source, pipeline.place.range(pointer), message, help.map(str::to_owned));
}
