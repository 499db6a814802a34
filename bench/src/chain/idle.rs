//! What it costs to be there: chains of 0 to 8 interceptors that do nothing.

use anyhow::{Result, ensure};

use super::{
    SECTION,
    configs::{Configs, Which},
    job::{Timed, exactly},
    recom::BATCHES,
    sandbox::Sandbox,
};
use crate::{
    Options,
    events::{Event, Size, events},
    report::{Limit, Report, Unit},
    rounds::{Variant, race},
};

const LONGEST: usize = 8;

pub(super) fn run(options: &Options, configs: &Configs, report: &mut Report) -> Result<()> {
    let events = events(4096, Size::Usual);
    for (kind, which) in [("nothing", Which::Nothing as fn(usize) -> Which), ("looks", Which::Looks)] {
        let name = |batch: usize| format!("noop.{kind}.b{batch}");
        let batches: Vec<usize> = BATCHES.into_iter().filter(|&batch| options.wants(&name(batch))).collect();
        if batches.is_empty() {
            continue;
        }
        let mut chains = Vec::new();
        for length in 0..=LONGEST {
            chains.push(Sandbox::new(&configs.blueprint(which(length))?)?);
        }
        compare(&mut chains, &events)?;
        for batch in batches {
            report.begin(&name(batch));
            let mut variants: Vec<Box<dyn Variant + '_>> = Vec::new();
            for chain in &mut chains {
                variants.push(Box::new(Timed::new(chain, &events, batch)));
            }
            let times = race(&mut variants, options.rounds(15), events.len())?;
            tell(report, &name(batch), &times);
        }
    }
    bars(report);
    Ok(())
}

/// Every chain brings the records as they came.
fn compare(chains: &mut [Sandbox], events: &[Event]) -> Result<()> {
    let mut empty = None;
    for (length, chain) in chains.iter_mut().enumerate() {
        let got = exactly(chain, events, 128)?;
        let empty = empty.get_or_insert_with(|| got.clone());
        ensure!(*empty == got, "{length} interceptors that do nothing change something");
    }
    Ok(())
}

fn tell(report: &mut Report, name: &str, times: &[Vec<f64>]) {
    for (length, times) in times.iter().enumerate().filter(|(length, _)| [0, 1, 4, 8].contains(length)) {
        report.measure(SECTION, format!("{name}.chain-of-{length}"), Unit::NsPerRecord, times);
    }
    let rounds = times.first().map_or(0, Vec::len);
    let premiums: Vec<f64> = (0..rounds).map(|round| slope(times.iter().skip(1).map(|times| times[round]))).collect();
    report.measure(SECTION, format!("{name}.premium"), Unit::NsPerRecord, &premiums);
}

/// Of a line through the points (1, first), (2, second) ... by least squares: what each further one adds.
fn slope(points: impl Iterator<Item = f64>) -> f64 {
    let points: Vec<(f64, f64)> = points.enumerate().map(|(at, y)| ((at + 1) as f64, y)).collect();
    let count = points.len() as f64;
    let (x_mean, y_mean) = (
        points.iter().map(|point| point.0).sum::<f64>() / count,
        points.iter().map(|point| point.1).sum::<f64>() / count,
    );
    let up: f64 = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let along: f64 = points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
    up / along
}

fn bars(report: &mut Report) {
    for (kind, what) in [("nothing", "reads nothing"), ("looks", "looks at two columns")] {
        // Of a batch of one it is what a call costs.
        for (batch, limit) in [(1, 700.0), (128, 25.0), (1024, 15.0)] {
            let text = format!("a no-op interceptor that {what}, batch {batch}: at most {limit} ns a record");
            report.bar(&format!("noop.{kind}.b{batch}.premium"), text, Limit::AtMost(limit));
        }
    }
    let rows = [1, 16, 128, 1024].map(|batch| (batch, format!("noop.nothing.b{batch}.premium")));
    let labels = rows.clone().map(|(batch, _)| format!("batches of {batch}"));
    let rows = labels.iter().zip(rows).map(|(label, (_, name))| (label.as_str(), name));
    report.plot("noop", "What one more interceptor that does nothing adds", rows);
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn the_slope_of_a_line_is_what_each_step_adds() {
        assert!((slope([5.0, 8.0, 11.0].into_iter()) - 3.0).abs() < 1e-9);
    }
}
