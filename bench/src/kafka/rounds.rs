//! Rounds in turns, and what they say.

use std::{collections::BTreeMap, fmt, time::Duration};

use anyhow::{Context as _, Result, ensure};

use super::{
    cluster::Cluster,
    feed::{Fed, Feed},
    run::{Binaries, Cost, Load, Run},
    setup::Contender,
};

/// What is the same for all contenders of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) workers: usize,
    pub(crate) compression: String,
    pub(crate) load: LoadKind,
}

/// How records come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LoadKind {
    /// All are there already.
    Backlog,
    /// Half as many a second as the slowest of them can take.
    Half,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = match self.load {
            LoadKind::Backlog => "backlog",
            LoadKind::Half => "half load",
        };
        write!(f, "{load}, {}, workers {}", self.compression, self.workers)
    }
}

/// All that was measured of one variant: a cost per round, by contender.
pub(crate) struct Measured {
    pub(crate) variant: Variant,
    pub(crate) costs: BTreeMap<Contender, Vec<Cost>>,
}

/// Everything that rounds need.
pub(crate) struct Bench {
    pub(crate) cluster: Cluster,
    pub(crate) binaries: Binaries,
    pub(crate) records: u64,
    /// Full topics, by compression.
    pub(crate) inputs: BTreeMap<String, (String, Fed)>,
    pub(crate) number: usize,
}

impl Bench {
    /// The full topic of a compression, filled when first asked for.
    pub(crate) fn input(&mut self, compression: &str) -> Result<Load> {
        if !self.inputs.contains_key(compression) {
            let topic = format!("b{}-in-{compression}", std::process::id());
            self.cluster.create(std::slice::from_ref(&topic));
            let fed = Feed::new(&self.cluster.broker.address, &topic, compression)?.fill(self.records)?;
            self.inputs.insert(compression.to_owned(), (topic, fed));
        }
        let (topic, fed) = self.inputs.get(compression).context("an input")?.clone();
        Ok(Load::Backlog { topic, fed })
    }

    /// One run of one contender; reads what came out where told to.
    pub(crate) fn once(
        &mut self,
        contender: Contender,
        variant: &Variant,
        load: &Load,
        read: bool,
    ) -> Result<super::run::Outcome> {
        self.number += 1;
        let run = Run {
            cluster: &self.cluster,
            binaries: &self.binaries,
            contender,
            workers: variant.workers,
            compression: &variant.compression,
            load,
            number: self.number,
            read,
        };
        run.run()
    }

    /// `rounds` rounds of all contenders in turns; `each` hears of every run. In the first round everything that came out
    /// is read where `read` says so: what natives and weir made of the same records must be the same.
    pub(crate) fn rounds(
        &mut self,
        variant: &Variant,
        contenders: &[Contender],
        rounds: usize,
        load: &Load,
        read: bool,
        mut each: impl FnMut(Contender, &Cost),
    ) -> Result<Measured> {
        let mut costs: BTreeMap<Contender, Vec<Cost>> = BTreeMap::new();
        for round in 0..rounds {
            let mut recom = None;
            for place in 0..contenders.len() {
                // Who goes first changes from round to round.
                let contender = contenders[(place + round) % contenders.len()];
                let outcome = self.once(contender, variant, load, read && round == 0)?;
                each(contender, &outcome.cost);
                costs.entry(contender).or_default().push(outcome.cost);
                if !contender.is_unchanged() && !outcome.digests.is_empty() {
                    let other = recom.get_or_insert_with(|| outcome.digests.clone());
                    ensure!(*other == outcome.digests, "weir and the native program made different records");
                }
            }
        }
        Ok(Measured { variant: variant.clone(), costs })
    }
}

/// How long records are fed at a pace.
pub(crate) const PACED: Duration = Duration::from_secs(10);

/// A median with what lies round it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// Of at least one number.
    pub(crate) fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() {
            0 => f64::NAN,
            count if count % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
            _ => sorted[middle],
        };
        let end = |number: Option<&f64>| number.copied().unwrap_or(f64::NAN);
        Self { median, least: end(sorted.first()), most: end(sorted.last()) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.median, self.least, self.most)
    }
}

impl Measured {
    /// Records per CPU second of `one` in those of `other`, round by round.
    pub(crate) fn ratio(&self, one: Contender, other: Contender) -> Option<Spread> {
        let (one, other) = (self.costs.get(&one)?, self.costs.get(&other)?);
        Some(Spread::of(one.iter().zip(other).map(|(one, other)| other.cpu / one.cpu)))
    }

    /// One of the costs of a contender, over the rounds.
    pub(crate) fn spread(&self, contender: Contender, which: impl Fn(&Cost) -> f64) -> Option<Spread> {
        Some(Spread::of(self.costs.get(&contender)?.iter().map(which)))
    }
}
