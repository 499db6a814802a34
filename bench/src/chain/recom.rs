//! The recom job: in the sandbox with its fields declared as expressions, declared as members, found in the guest, and
//! done by one plugin; natively as rows (F1) and as columns (F3).

use anyhow::Result;

use super::{
    SECTION,
    columns::Columns,
    configs::{Configs, Which},
    job::{Job, Timed, compare},
    rows::Rows,
    sandbox::Sandbox,
};
use crate::{
    Options,
    events::{Size, events},
    report::{Limit, Report, Unit},
    rounds::{Variant, race},
};

/// How many records one call sees.
pub(super) const BATCHES: [usize; 4] = [1, 16, 128, 1024];

/// How long values are; longer ones are mostly JSON, of which the section `json` tells more.
fn sizes() -> impl Iterator<Item = Size> {
    Size::ALL.into_iter().filter(|size| *size != Size::Vast)
}

/// Variants in the order of the table, each with the chain that it is, if it is one.
const VARIANTS: [(&str, Option<Which>); 9] = [
    ("f1", None),
    ("f1-serde", None),
    ("f3", None),
    ("captures", Some(Which::Captures)),
    ("json", Some(Which::Members)),
    ("json-first", Some(Which::MembersFirst)),
    ("captures-one-plugin", Some(Which::FusedCaptures)),
    ("json-one-plugin", Some(Which::FusedMembers)),
    ("captures-in-guest", Some(Which::InGuest)),
];

/// Ratios: the upper one's CPU time in those of the lower one.
const RATIOS: [(&str, &str); 11] = [
    ("f1", "captures"),
    ("f1", "json"),
    ("f1", "json-first"),
    ("f3", "captures"),
    ("f3", "json"),
    ("f3", "json-first"),
    ("f1-serde", "json"),
    ("captures", "captures-one-plugin"),
    ("json", "json-one-plugin"),
    ("captures-in-guest", "captures"),
    ("captures-in-guest", "f1"),
];

pub(super) fn run(options: &Options, configs: &Configs, report: &mut Report) -> Result<()> {
    let name = |size: Size, batch: usize| format!("recom.{}.b{batch}", size.name());
    let mut jobs: Option<Vec<(&'static str, Box<dyn Job>)>> = None;
    for size in sizes() {
        let batches: Vec<usize> = BATCHES.into_iter().filter(|&batch| options.wants(&name(size, batch))).collect();
        if batches.is_empty() {
            continue;
        }
        let jobs = match &mut jobs {
            Some(jobs) => jobs,
            none => none.insert(make(configs)?),
        };
        // Enough for a pass to take milliseconds, and not more than the caches of a server hold.
        let count = ((4 << 20) / size.bytes()).clamp(1024, 4096);
        let events = events(count, size);
        for batch in batches {
            let name = name(size, batch);
            report.begin(&name);
            compare(jobs, &events, batch)?;
            let mut variants: Vec<Box<dyn Variant + '_>> = Vec::new();
            for (_, job) in jobs.iter_mut() {
                variants.push(Box::new(Timed::new(&mut **job, &events, batch)));
            }
            let times = race(&mut variants, options.rounds(15), events.len())?;
            tell(report, &name, &times);
        }
        plot(report, size);
    }
    bars(report);
    Ok(())
}

fn make(configs: &Configs) -> Result<Vec<(&'static str, Box<dyn Job>)>> {
    let mut jobs: Vec<(&'static str, Box<dyn Job>)> = Vec::new();
    for (name, which) in VARIANTS {
        jobs.push((
            name,
            match (name, which) {
                (_, Some(which)) => Box::new(Sandbox::new(&configs.blueprint(which)?)?),
                ("f1", _) => Box::new(Rows::regex()?),
                ("f1-serde", _) => Box::new(Rows::serde()),
                _ => Box::new(Columns::new()),
            },
        ));
    }
    Ok(jobs)
}

fn tell(report: &mut Report, name: &str, times: &[Vec<f64>]) {
    let of = |variant: &str| {
        let place = VARIANTS.iter().position(|(known, _)| *known == variant);
        place.and_then(|at| times.get(at)).map(Vec::as_slice).unwrap_or_default()
    };
    for (variant, _) in VARIANTS {
        report.measure(SECTION, format!("{name}.{variant}"), Unit::NsPerRecord, of(variant));
    }
    for (upper, lower) in RATIOS {
        report.ratio(SECTION, format!("{name}.{upper}/{lower}"), of(upper), of(lower));
    }
    let better: Vec<f64> = of("captures").iter().zip(of("json")).map(|(one, other)| one.min(*other)).collect();
    report.ratio(SECTION, format!("{name}.f3/better"), of("f3"), &better);
}

fn plot(report: &mut Report, size: Size) {
    let labels = [
        ("native rows, regex crate", "f1"),
        ("native rows, serde", "f1-serde"),
        ("native columns, one scan", "f3"),
        ("weir, captures declared", "captures"),
        ("weir, JSON members declared", "json"),
        ("weir, JSON members, the first", "json-first"),
        ("weir, captures, one plugin", "captures-one-plugin"),
        ("weir, JSON, one plugin", "json-one-plugin"),
        ("weir, regex in the guest", "captures-in-guest"),
    ];
    let prefix = format!("recom.{}.b128", size.name());
    let rows = labels.map(|(label, variant)| (label, format!("{prefix}.{variant}")));
    report.plot(
        format!("recom-{}", size.name()),
        format!("The recom job, values of {}, batches of 128", size.name()),
        rows,
    );
}

fn bars(report: &mut Report) {
    let faster = |part: &str, limit: f64| {
        (part.to_owned(), format!("{part}: weir at least {limit} x as fast as native rows (F1)"), Limit::AtLeast(limit))
    };
    let split = |how: &str| {
        let text = format!("the job over four plugins, {how}: at most 15 % dearer than in one");
        (format!("350B.b128.{how}/{how}-one-plugin"), text, Limit::AtMost(1.15))
    };
    let ceiling = "350B.b128.f3/better";
    let mut all = vec![
        (ceiling.to_owned(), format!("{ceiling}: at least 0.7 of the ceiling's (F3) speed"), Limit::AtLeast(0.7)),
        split("captures"),
        split("json"),
    ];
    for (batch, limit) in [(1, 0.8), (16, 5.0), (128, 7.0)] {
        all.extend(["captures", "json"].map(|how| faster(&format!("350B.b{batch}.f1/{how}"), limit)));
    }
    for (part, limit) in [
        ("2.4KB.b128.f1/json", 4.0),
        ("8.4KB.b128.f1/json", 2.0),
        ("2.4KB.b128.f1/json-first", 7.0),
        ("8.4KB.b128.f1/json-first", 8.0),
    ] {
        all.push(faster(part, limit));
    }
    for (part, text, limit) in all {
        report.bar(&format!("recom.{part}"), text, limit);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn all_variants_bring_the_same_records_however_batches_are_cut() {
        let folder = tempfile::tempdir().unwrap();
        let mut jobs = make(&Configs::new(folder.path()).unwrap()).unwrap();
        for size in sizes() {
            let events = events(300, size);
            for batch in [1, 7, 300] {
                compare(&mut jobs, &events, batch).unwrap();
            }
        }
    }

    #[test]
    fn a_variant_that_brings_something_else_is_named() {
        struct Forgets(Rows);
        impl Job for Forgets {
            fn batch(
                &mut self,
                at: i64,
                events: &[crate::events::Event],
                sink: &mut super::super::sink::Sink,
            ) -> Result<()> {
                self.0.batch(at, &events[1..], sink)
            }
        }
        let forgets = Forgets(Rows::regex().unwrap());
        let mut jobs: Vec<(&str, Box<dyn Job>)> =
            vec![("all", Box::new(Rows::serde())), ("forgets", Box::new(forgets))];
        let told = compare(&mut jobs, &events(3, Size::Usual), 3).unwrap_err().to_string();
        assert!(told.starts_with("forgets and all differ at byte "), "{told}");
    }
}
