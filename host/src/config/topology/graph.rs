//! Which pipeline may read what which pipeline writes.
//!
//! Between a pipeline that writes and one that reads stands a topic: were each pair an edge, a thousand pipelines on one
//! topic would make a million of them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::{
    super::topics::{Budget, Topics},
    Ends,
};

#[derive(Debug, Default)]
pub(super) struct Graph {
    /// By pipeline: what of `readers` it writes to.
    writes: Vec<Vec<usize>>,
    /// By topic name, or by expression: the pipelines that read it.
    readers: Vec<Vec<usize>>,
    /// By pipeline: what of `readers` it stands in.
    reads: Vec<Vec<usize>>,
    /// By topic: the pipelines that write to it.
    writers: Vec<Vec<usize>>,
}

impl Graph {
    pub(super) fn of(ends: &[Ends<'_>], budget: &Budget) -> Self {
        let mut graph = Self::default();
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        let mut expressions: Vec<(&Topics, usize)> = Vec::new();
        for (at, reader) in ends.iter().enumerate() {
            for name in reader.from.names() {
                let topic = *names.entry(name).or_insert_with(|| {
                    graph.readers.push(Vec::new());
                    graph.readers.len() - 1
                });
                graph.readers[topic].push(at);
            }
            for expression in reader.from.expressions() {
                expressions.push((expression, graph.readers.len()));
                graph.readers.push(vec![at]);
            }
        }
        for writer in ends {
            let mut writes = Vec::new();
            for (out, _) in &writer.out {
                match out {
                    Topics::One(name) => writes.extend(names.get(name.as_str())),
                    Topics::Many(_) => {
                        let matched = names.iter().filter(|(name, _)| out.matches(name, budget));
                        writes.extend(matched.map(|(_, topic)| topic));
                    }
                }
                let shared = expressions.iter().filter(|(expression, _)| expression.shared(out, budget).is_some());
                writes.extend(shared.map(|(_, topic)| topic));
            }
            graph.writes.push(writes);
        }
        graph.reads = vec![Vec::new(); ends.len()];
        for (topic, pipelines) in graph.readers.iter().enumerate() {
            pipelines.iter().for_each(|at| graph.reads[*at].push(topic));
        }
        graph.writers = vec![Vec::new(); graph.readers.len()];
        for (at, topics) in graph.writes.iter().enumerate() {
            topics.iter().for_each(|topic| graph.writers[*topic].push(at));
        }
        graph
    }

    /// The circles, each as a way that begins and ends at the first of its pipelines: for each pipeline the shortest way
    /// back to it over later ones alone. Pipelines that read what they write themselves are told elsewhere.
    pub(super) fn circles<'g>(&'g self, budget: &'g Budget) -> impl Iterator<Item = Vec<usize>> + 'g {
        let mut core = Core::of(self);
        (0..self.writes.len()).filter_map(move |first| {
            let way = core.holds(first).then(|| self.way_back(first, &core, budget)).flatten();
            // What is left are the circles of later pipelines alone; mostly none.
            core.remove(first);
            way
        })
    }

    fn way_back(&self, first: usize, core: &Core<'_>, budget: &Budget) -> Option<Vec<usize>> {
        let mut before: HashMap<usize, usize> = HashMap::new();
        let mut is_read_by_first = vec![false; self.readers.len()];
        self.reads[first].iter().for_each(|topic| is_read_by_first[*topic] = true);
        let mut seen = vec![false; self.readers.len()];
        let mut queue = VecDeque::from([first]);
        while let Some(at) = queue.pop_front() {
            if !budget.take(1 + self.writes[at].len()) {
                return None;
            }
            if at != first && self.writes[at].iter().any(|topic| is_read_by_first[*topic]) {
                return Some(way(first, at, &before));
            }
            for &topic in &self.writes[at] {
                if std::mem::replace(&mut seen[topic], true) {
                    continue;
                }
                budget.take(self.readers[topic].len());
                for &next in
                    self.readers[topic].iter().filter(|next| core.holds(**next) && **next != first && **next != at)
                {
                    before.entry(next).or_insert_with(|| {
                        queue.push_back(next);
                        at
                    });
                }
            }
        }
        None
    }
}

/// What is left of a graph when pipelines that are certainly on no circle are taken out: those from which no way goes on,
/// and those to which none leads.
struct Core<'g> {
    gone: Vec<bool>,
    forward: Direction<'g>,
    backward: Direction<'g>,
}

/// One direction of the ways.
struct Direction<'g> {
    /// By pipeline, the topics against the direction; by topic, the pipelines against it.
    back: (&'g [Vec<usize>], &'g [Vec<usize>]),
    /// By topic: how many pipelines it still leads to.
    left: Vec<usize>,
    /// By pipeline: how many topics it still goes on to.
    ways: Vec<usize>,
}

impl<'g> Core<'g> {
    fn of(graph: &'g Graph) -> Self {
        let Graph { writes, reads, readers, writers } = graph;
        let mut core = Self {
            gone: vec![false; writes.len()],
            forward: Direction::new((writes, readers), (reads, writers)),
            backward: Direction::new((reads, writers), (writes, readers)),
        };
        for at in 0..writes.len() {
            if core.forward.ways[at] == 0 || core.backward.ways[at] == 0 {
                core.remove(at);
            }
        }
        core
    }

    fn holds(&self, pipeline: usize) -> bool {
        !self.gone[pipeline]
    }

    /// Takes out a pipeline, and whatever has no way on or no way to it by that.
    fn remove(&mut self, pipeline: usize) {
        let mut ends = vec![pipeline];
        while let Some(at) = ends.pop() {
            if !std::mem::replace(&mut self.gone[at], true) {
                self.forward.remove(at, &mut ends);
                self.backward.remove(at, &mut ends);
            }
        }
    }
}

impl<'g> Direction<'g> {
    fn new(onward: (&'g [Vec<usize>], &'g [Vec<usize>]), back: (&'g [Vec<usize>], &'g [Vec<usize>])) -> Self {
        let left: Vec<usize> = onward.1.iter().map(Vec::len).collect();
        let ways = onward.0.iter().map(|topics| topics.iter().filter(|topic| left[**topic] > 0).count()).collect();
        Self { back, left, ways }
    }

    /// Adds the pipelines to `ends` that have no way on without this one.
    fn remove(&mut self, pipeline: usize, ends: &mut Vec<usize>) {
        for &topic in &self.back.0[pipeline] {
            self.left[topic] -= 1;
            if self.left[topic] > 0 {
                continue;
            }
            for &before in &self.back.1[topic] {
                self.ways[before] -= 1;
                if self.ways[before] == 0 {
                    ends.push(before);
                }
            }
        }
    }
}

/// From `first` to `last` and back to `first`.
fn way(first: usize, last: usize, before: &HashMap<usize, usize>) -> Vec<usize> {
    let mut way = vec![first, last];
    while let Some(at) = way.last().filter(|at| **at != first).and_then(|at| before.get(at)) {
        way.push(*at);
    }
    way.reverse();
    way
}
