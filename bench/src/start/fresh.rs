//! What a worker waits for: a fresh chain of a blueprint that is compiled, and its first batch.

use anyhow::Result;

use super::SECTION;
use crate::{
    Options,
    chain::{
        configs::{Configs, Which},
        job::exactly,
        sandbox::Sandbox,
    },
    clock,
    events::{Size, events},
    report::{Limit, Report, Unit},
};

pub(super) fn run(options: &Options, configs: &Configs, report: &mut Report) -> Result<()> {
    let chains =
        [("fresh.captures", Which::Captures), ("fresh.json", Which::Members), ("fresh.in-guest", Which::InGuest)];
    let events = events(128, Size::Usual);
    for (name, which) in chains.into_iter().filter(|(name, _)| options.wants(name)) {
        report.begin(name);
        let blueprint = configs.blueprint(which)?;
        let (mut made, mut first) = (Vec::new(), Vec::new());
        for round in 0..=options.rounds(50) {
            let began = clock::thread_cpu();
            let mut chain = Sandbox::new(&blueprint)?;
            let stands = clock::thread_cpu();
            std::hint::black_box(exactly(&mut chain, &events, events.len())?);
            let ran = clock::thread_cpu();
            if round > 0 {
                made.push((stands - began).as_secs_f64() * 1e3);
                first.push((ran - stands).as_secs_f64() * 1e3);
            }
        }
        report.measure(SECTION, format!("{name}.made"), Unit::Milliseconds, &made);
        report.measure(SECTION, format!("{name}.first-batch"), Unit::Milliseconds, &first);
    }
    report.bar("fresh.captures.made", "a fresh chain instance: at most 2 ms of CPU", Limit::AtMost(2.0));
    Ok(())
}
