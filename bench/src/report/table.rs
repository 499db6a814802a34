//! The table on the terminal.

use std::io::{self, Write};

use super::{Bar, Measure, machine::Machine, number};

/// Prints everything: the machine, the figures by comparison, then the lines of "done when".
pub(super) fn print(out: &mut impl Write, machine: &Machine, measures: &[Measure], bars: &[Bar]) -> io::Result<()> {
    let Machine { cpu, cores, memory_mib, kernel, rustc, optimised, weir, date } = machine;
    writeln!(out, "weir {weir}, {date}: {cpu}, {cores} threads, {memory_mib} MiB, {kernel}, rustc {rustc}")?;
    if !optimised {
        writeln!(out, "NOT built by `--release`: figures for tuning only")?;
    }
    let width = measures.iter().map(|measure| leaf(&measure.name).len()).max().unwrap_or(0);
    let mut above = None;
    for measure in measures {
        let group = (measure.section, group(&measure.name));
        if above != Some(group) {
            writeln!(out, "\n{} {}", group.0, group.1)?;
            above = Some(group);
        }
        let Measure { median, low, high, n, unit, .. } = measure;
        writeln!(
            out,
            "  {:width$}  {:>8} {:13} {:>8} .. {:<8} of {n}",
            leaf(&measure.name),
            number(*median),
            unit.text(),
            number(*low),
            number(*high),
        )?;
    }
    if !bars.is_empty() {
        writeln!(out, "\ndone when")?;
    }
    for Bar { name, text, at, limit, value, holds, .. } in bars {
        let word = if *holds { "holds " } else { "MISSED" };
        writeln!(out, "  {word}  {:>8} (at {at} {})  {text}  [{name}]", number(*value), number(*limit))?;
    }
    Ok(())
}

/// The comparison that a measure belongs to: the name without its last part.
fn group(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(group, _)| group)
}

fn leaf(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, leaf)| leaf)
}
