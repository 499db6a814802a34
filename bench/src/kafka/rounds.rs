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
    /// Four times as many are there already: a Java machine needs its time to warm up.
    Long,
    /// Half as many a second as the slowest of them can take.
    Half,
}

/// As it stands in the names of figures.
impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = match self.load {
            LoadKind::Backlog => "backlog",
            LoadKind::Long => "long",
            LoadKind::Half => "half",
        };
        write!(f, "{load}.{}.w{}", self.compression, self.workers)
    }
}

/// All that was measured of one variant: a cost per round, by contender.
pub(crate) type Costs = BTreeMap<Contender, Vec<Cost>>;

/// Everything that rounds need.
pub(crate) struct Bench {
    pub(crate) cluster: Cluster,
    pub(crate) binaries: Binaries,
    /// Full topics, by name.
    pub(crate) inputs: BTreeMap<String, Fed>,
    /// How many runs there were.
    pub(crate) number: usize,
}

impl Bench {
    /// What is read: the full topic of a compression, filled when first asked for, or `rate` records a second.
    pub(crate) fn load(&mut self, variant: &Variant, records: u64, rate: f64) -> Result<Load> {
        let records = match variant.load {
            LoadKind::Backlog => records,
            LoadKind::Long => records * 4,
            LoadKind::Half => return Ok(Load::Paced { rate, time: PACED }),
        };
        let topic = format!("b{}-in-{}-{records}", std::process::id(), variant.compression);
        if !self.inputs.contains_key(&topic) {
            self.cluster.create(std::slice::from_ref(&topic));
            let fed = Feed::new(&self.cluster.broker.address, &topic, &variant.compression)?.fill(records)?;
            self.inputs.insert(topic.clone(), fed);
        }
        let fed = self.inputs.get(&topic).context("an input")?.clone();
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
    ) -> Result<Costs> {
        if self.number == 0 {
            // A broker's first million records cost it twice what later ones do: Java is compiling it.
            for &contender in contenders {
                self.once(contender, variant, load, false)?;
            }
        }
        let mut costs = Costs::new();
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
        Ok(costs)
    }
}

/// How long records are fed at a pace.
const PACED: Duration = Duration::from_secs(10);
