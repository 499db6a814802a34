//! Memory of a chain: how much more is resident with many of them that have worked.

use std::fs;

use anyhow::{Context as _, Result};
use rustix::param::page_size;

use super::SECTION;
use crate::{
    Options,
    chain::{
        configs::{Configs, Which},
        job::exactly,
        sandbox::Sandbox,
    },
    events::{Size, events},
    report::{Report, Unit},
};

/// Chains of one round. They stay until the last round, so that none gets what another has given back.
const CHAINS: usize = 48;

pub(super) fn run(options: &Options, configs: &Configs, report: &mut Report) -> Result<()> {
    for (kind, which) in [("captures", Which::Captures), ("json", Which::Members), ("in-guest", Which::InGuest)] {
        for batch in [128, 1024] {
            let name = format!("memory.{kind}.b{batch}");
            if !options.wants(&name) {
                continue;
            }
            report.begin(&name);
            let blueprint = configs.blueprint(which)?;
            let events = events(batch * 2, Size::Usual);
            let mut chains = Vec::new();
            let mut samples = Vec::new();
            // The first round takes what the allocator has left over from what ran before, and does not count.
            for round in 0..=options.rounds(3) {
                let before = resident()?;
                for _ in 0..CHAINS {
                    let mut chain = Sandbox::new(&blueprint)?;
                    std::hint::black_box(exactly(&mut chain, &events, batch)?);
                    chains.push(chain);
                }
                if round > 0 {
                    samples.push((resident()? - before) / 1024.0 / CHAINS as f64);
                }
            }
            report.measure(SECTION, format!("{name}.a-chain"), Unit::Kibibytes, &samples);
        }
    }
    Ok(())
}

/// Bytes of this process that are in memory.
fn resident() -> Result<f64> {
    let text = fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = text.split_whitespace().nth(1).context("/proc/self/statm")?.parse()?;
    Ok((pages * page_size() as u64) as f64)
}
