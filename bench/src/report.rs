//! What was measured: figures, ratios, and the lines of "done when" that they are held against.
//!
//! Sections add [`Measure`]s; [`Report::publish`] prints the table, writes `bench.json` and draws the plots.
//!
//! # `bench.json`
//!
//! One object; members are only ever added to it:
//!
//! | member | what |
//! | --- | --- |
//! | `version` | 1 |
//! | `machine` | `cpu`, `cores`, `memory_mib`, `kernel`, `rustc`, `optimised` (whether link-time optimisation was on), `weir`, `date` (RFC 3339) |
//! | `measures` | a list of `section`, `name`, `unit`, `median`, `low`, `high` (the quartiles), `n` (how many rounds) |
//! | `bars` | a list of `section`, `name` (of the measure), `text`, `at` (`"least"` or `"most"`), `limit`, `value`, `holds` |
//!
//! Names are paths with points between, from the comparison to the variant: `recom.350B.b128.f1` is variant `f1` on values
//! of 350 bytes in batches of 128. A ratio is called like its upper and lower variant: `recom.350B.b128.f1/captures` says
//! how many times the CPU of `captures` `f1` takes.

mod machine;
mod plot;
mod table;

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use serde::Serialize;

use machine::Machine;

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(dead_code, reason = "each section uses some")]
pub(crate) enum Unit {
    /// CPU time of one record.
    #[serde(rename = "ns/record")]
    NsPerRecord,
    /// CPU time of one document.
    #[serde(rename = "ns/document")]
    NsPerDocument,
    /// 10^9 bytes a second of CPU time.
    #[serde(rename = "GB/s")]
    GigabytesPerSecond,
    /// CPU seconds of a million records.
    #[serde(rename = "s/1e6 records")]
    SecondsPerMillion,
    /// Records per second of wall time.
    #[serde(rename = "records/s")]
    RecordsPerSecond,
    /// Time, of what the name says.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Memory.
    #[serde(rename = "KiB")]
    Kibibytes,
    /// Memory.
    #[serde(rename = "MiB")]
    Mebibytes,
    /// How many times.
    #[serde(rename = "x")]
    Times,
}

impl Unit {
    fn text(self) -> &'static str {
        match self {
            Self::NsPerRecord => "ns/record",
            Self::NsPerDocument => "ns/document",
            Self::GigabytesPerSecond => "GB/s",
            Self::SecondsPerMillion => "s/1e6 records",
            Self::RecordsPerSecond => "records/s",
            Self::Milliseconds => "ms",
            Self::Kibibytes => "KiB",
            Self::Mebibytes => "MiB",
            Self::Times => "x",
        }
    }
}

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measure {
    /// The section that it belongs to.
    pub(crate) section: &'static str,
    /// What was measured; see the module's documentation.
    pub(crate) name: String,
    /// What it counts.
    pub(crate) unit: Unit,
    /// The median of all rounds.
    pub(crate) median: f64,
    /// The first quartile.
    pub(crate) low: f64,
    /// The third quartile.
    pub(crate) high: f64,
    /// How many rounds.
    pub(crate) n: usize,
}

/// What a measure is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    /// Less is a miss.
    AtLeast(f64),
    /// More is a miss.
    AtMost(f64),
}

/// A line of "done when" and whether it holds.
#[derive(Clone, Debug, Serialize)]
struct Bar {
    section: &'static str,
    name: String,
    text: String,
    at: &'static str,
    limit: f64,
    value: f64,
    holds: bool,
}

/// Everything of one run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    measures: Vec<Measure>,
    bars: Vec<Bar>,
    plots: Vec<plot::Plot>,
}

#[derive(Serialize)]
struct File<'a> {
    version: u32,
    machine: Machine,
    measures: &'a [Measure],
    bars: &'a [Bar],
}

impl Report {
    /// Tells people what is being measured; goes to standard error.
    pub(crate) fn begin(&self, what: &str) {
        tell(format_args!("{what} ..."));
    }

    /// Adds a figure, one sample a round, and answers its median. No samples, no figure: the answer is 0 then.
    pub(crate) fn measure(
        &mut self,
        section: &'static str,
        name: impl Into<String>,
        unit: Unit,
        samples: &[f64],
    ) -> f64 {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| quantile(&sorted, part);
        let Some(median) = at(0.5) else { return 0.0 };
        let (low, high) = (at(0.25).unwrap_or(median), at(0.75).unwrap_or(median));
        self.measures.push(Measure { section, name: name.into(), unit, median, low, high, n: samples.len() });
        median
    }

    /// Adds how many times `lower` `upper` is, round by round, and answers the median. Both have one sample a round.
    pub(crate) fn ratio(
        &mut self,
        section: &'static str,
        name: impl Into<String>,
        upper: &[f64],
        lower: &[f64],
    ) -> f64 {
        let ratios: Vec<f64> = upper.iter().zip(lower).map(|(upper, lower)| upper / lower).collect();
        self.measure(section, name, Unit::Times, &ratios)
    }

    /// Holds the measure of that name against a line of "done when"; nothing happens where it was not measured.
    pub(crate) fn bar(&mut self, name: &str, text: impl Into<String>, limit: Limit) {
        let Some(measure) = self.find(name) else { return };
        let value = measure.median;
        let (at, limit, holds) = match limit {
            Limit::AtLeast(limit) => ("least", limit, value >= limit),
            Limit::AtMost(limit) => ("most", limit, value <= limit),
        };
        let bar = Bar { section: measure.section, name: name.to_owned(), text: text.into(), at, limit, value, holds };
        self.bars.push(bar);
    }

    /// Draws the measures of these names, each with its label, as horizontal bars into `FILE.svg`. What was not measured
    /// is left out.
    pub(crate) fn plot<'a>(
        &mut self,
        file: impl Into<String>,
        title: impl Into<String>,
        rows: impl IntoIterator<Item = (&'a str, String)>,
    ) {
        let rows = rows.into_iter().filter_map(|(label, name)| Some((label.to_owned(), self.find(&name)?.clone())));
        let rows: Vec<(String, Measure)> = rows.collect();
        if !rows.is_empty() {
            self.plots.push(plot::Plot { file: file.into(), title: title.into(), rows });
        }
    }

    fn find(&self, name: &str) -> Option<&Measure> {
        self.measures.iter().rfind(|measure| measure.name == name)
    }

    /// Prints the table, writes `bench.json` into `out` and the plots into `out/bench`.
    ///
    /// # Errors
    /// A file cannot be written, or standard output is closed.
    pub(crate) fn publish(&self, out: &Path) -> anyhow::Result<()> {
        let machine = Machine::here();
        table::print(&mut io::stdout().lock(), &machine, &self.measures, &self.bars)?;
        let plots = out.join("bench");
        fs::create_dir_all(&plots).with_context(|| format!("{}", plots.display()))?;
        for plot in &self.plots {
            let path = plots.join(format!("{}.svg", plot.file));
            fs::write(&path, plot.svg()).with_context(|| format!("{}", path.display()))?;
        }
        let file = File { version: 1, machine, measures: &self.measures, bars: &self.bars };
        let path = out.join("bench.json");
        fs::write(&path, serde_json::to_vec_pretty(&file)?).with_context(|| format!("{}", path.display()))?;
        Ok(())
    }
}

/// Linear between the neighbours; none of no samples.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = part * last as f64;
    let below = sorted.get(place.floor() as usize)?;
    let above = sorted.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

/// As people read a figure: three digits that count.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

/// A line for people, beside the result.
pub(crate) fn tell(what: std::fmt::Arguments<'_>) {
    // Nobody listens: then nobody misses it.
    let _ = writeln!(io::stderr().lock(), "{what}");
}

/// Says why there are no figures.
pub(crate) fn complain(error: &anyhow::Error) -> ExitCode {
    tell(format_args!("weir-bench: {error:#}"));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians() {
        let mut report = Report::default();
        assert_eq!(report.ratio("chain", "a/b", &[10.0, 40.0, 90.0], &[10.0, 10.0, 10.0]), 4.0);
        // Of the medians it would be 20 / 20.
        assert_eq!(report.ratio("chain", "c/d", &[10.0, 20.0, 60.0], &[20.0, 2.0, 20.0]), 3.0);
    }

    #[test]
    fn a_bar_holds_on_its_limit_and_is_left_out_where_nothing_was_measured() {
        let mut report = Report::default();
        report.measure("chain", "a", Unit::Times, &[5.0]);
        report.bar("a", "at least 5", Limit::AtLeast(5.0));
        report.bar("a", "at most 4.9", Limit::AtMost(4.9));
        report.bar("b", "at least 5", Limit::AtLeast(5.0));
        assert_eq!(report.bars.iter().map(|bar| bar.holds).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn quartiles_lie_between_the_samples() {
        let mut report = Report::default();
        report.measure("chain", "a", Unit::Times, &[4.0, 1.0, 3.0, 2.0]);
        let Measure { low, median, high, n, .. } = report.measures[0];
        assert_eq!((low, median, high, n), (1.75, 2.5, 3.25, 4));
    }
}
