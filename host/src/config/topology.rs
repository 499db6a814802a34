//! Looks at the pipelines together: no record may come round, and no two may take it from each other.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use super::{Pipeline, reading::Reading, topics::Topics};

/// A pipeline's ends: sets of topics, each with the pointer of where it is written.
struct Ends<'a> {
    pipeline: &'a Pipeline,
    from: Vec<(Topics, String)>,
    out: Vec<(Topics, String)>,
}

/// Refuses what would let records go round or be read by one of two.
pub(super) fn check(reading: &mut Reading, pipelines: &BTreeMap<String, Arc<Pipeline>>) {
    let ends: Vec<Ends<'_>> = pipelines.values().map(|pipeline| Ends::of(reading, pipeline)).collect();
    for own in &ends {
        own_sources(reading, own);
    }
    circles(reading, &ends);
    for (at, later) in ends.iter().enumerate() {
        for earlier in &ends[..at] {
            shared_group(reading, earlier, later);
        }
    }
}

impl<'a> Ends<'a> {
    fn of(reading: &mut Reading, pipeline: &'a Pipeline) -> Self {
        let mut keep = |topics: Option<Topics>, pointer: String, text: &str| match topics {
            Some(topics) => Some((topics, pointer)),
            None => {
                wrong(reading, pipeline, &pointer, &format!("`{text}` is too large an expression"), None);
                None
            }
        };
        let mut from = Vec::new();
        for (index, source) in pipeline.from.iter().enumerate() {
            from.extend(keep(Topics::of_source(source), format!("/from/{index}"), source));
        }
        let mut out = Vec::new();
        for (index, pattern) in pipeline.topics.iter().enumerate() {
            out.extend(keep(Topics::of_pattern(pattern), format!("/topics/{index}"), &pattern.0));
        }
        for (key, topic) in
            [("to", &pipeline.to), ("dead_letter", &pipeline.dead_letter), ("ledger_topic", &pipeline.ledger_topic)]
        {
            out.extend(topic.as_ref().map(|topic| (Topics::One(topic.clone()), format!("/{key}"))));
        }
        Self { pipeline, from, out }
    }

    /// A topic that this pipeline writes and `other` reads, and where the writing stands.
    fn feeds(&self, other: &Self) -> Option<(String, &str)> {
        let pairs = self.out.iter().flat_map(|out| other.from.iter().map(move |from| (out, from)));
        pairs.into_iter().find_map(|((out, pointer), (from, _))| Some((out.shared(from)?, pointer.as_str())))
    }
}

fn own_sources(reading: &mut Reading, own: &Ends<'_>) {
    for (out, pointer) in &own.out {
        let Some(topic) = own.from.iter().find_map(|(from, _)| out.shared(from)) else { continue };
        let message = format!("records could come round: the pipeline itself reads `{topic}`");
        let help = match pointer.starts_with("/topics") {
            true => "name the topics more closely, so that none of them is a source",
            false => "choose a topic that is no source",
        };
        wrong(reading, own.pipeline, pointer, &message, Some(help));
    }
}

/// Each circle is told once, at the first of its pipelines by name.
fn circles(reading: &mut Reading, ends: &[Ends<'_>]) {
    for first in 0..ends.len() {
        // The shortest way back to the first over later ones alone.
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        let mut seen = BTreeSet::from([first]);
        let mut queue = VecDeque::from([first]);
        let mut last = None;
        while let Some(at) = queue.pop_front() {
            if at != first && ends[at].feeds(&ends[first]).is_some() {
                last = Some(at);
                break;
            }
            for next in first + 1..ends.len() {
                if !seen.contains(&next) && ends[at].feeds(&ends[next]).is_some() {
                    seen.insert(next);
                    before.insert(next, at);
                    queue.push_back(next);
                }
            }
        }
        let Some(last) = last else { continue };
        let mut way = vec![first, last];
        while let Some(at) = way.last().and_then(|at| before.get(at)) {
            way.push(*at);
        }
        way.reverse();
        let names: Vec<&str> = way.iter().map(|at| ends[*at].pipeline.name.as_str()).collect();
        let Some((topic, pointer)) = ends[first].feeds(&ends[way[1]]) else { continue };
        let message = format!("records could go round for ever: {} (over `{topic}`)", names.join(" -> "));
        wrong(reading, ends[first].pipeline, pointer, &message, None);
    }
}

fn shared_group(reading: &mut Reading, earlier: &Ends<'_>, later: &Ends<'_>) {
    // An empty one could not be read, and that was told.
    if earlier.pipeline.group != later.pipeline.group || later.pipeline.group.is_empty() {
        return;
    }
    let pairs = earlier.from.iter().flat_map(|one| later.from.iter().map(move |two| (&one.0, &two.0)));
    let Some(topic) = pairs.into_iter().find_map(|(one, two)| one.shared(two)) else { return };
    let message = format!(
        "[pipelines.{}] has the same group and reads `{topic}` too: each would get a part of it",
        earlier.pipeline.name
    );
    wrong(reading, later.pipeline, "/group", &message, Some("give each pipeline a group of its own"));
}

fn wrong(reading: &mut Reading, pipeline: &Pipeline, pointer: &str, message: &str, help: Option<&str>) {
    let span = pipeline.place.spans.get(pointer).or_else(|| pipeline.place.spans.get("")).cloned().unwrap_or_default();
    reading.wrong_at(pipeline.place.source, span, message, help.map(str::to_owned));
}
