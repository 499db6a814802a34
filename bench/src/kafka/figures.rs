//! What the costs of all rounds say.
//!
//! `LOAD.COMPRESSION.wWORKERS.CONTENDER` is the CPU time of the contender's process, steady; below `whole`, `broker`,
//! `rate` and `peak` stand that of its whole life, the broker's beside it, records a second and memory. A ratio tells how
//! many of the second one's records per CPU second are one of the first's: above 1, the second is better.

use super::{
    Pair,
    rounds::{Costs, Variant},
    run::Cost,
    setup::Contender,
};
use crate::report::{Limit, Report, Unit};

const SECTION: &str = "kafka";
/// MiB that weir may have with two workers at full rate.
pub(super) const MEMORY: f64 = 256.0;

/// Adds everything that was measured of one variant.
pub(super) fn tell(report: &mut Report, variant: &Variant, pairs: &[Pair], costs: &Costs) {
    let samples = |contender: &Contender, which: fn(&Cost) -> f64| -> Vec<f64> {
        costs.get(contender).into_iter().flatten().map(which).collect()
    };
    for contender in costs.keys() {
        let name = format!("{variant}.{contender}");
        report.measure(SECTION, name, Unit::SecondsPerMillion, &samples(contender, |cost| cost.cpu));
    }
    for pair in pairs {
        let Some((first, others)) = pair.contenders().split_first() else { continue };
        for other in others {
            let name = format!("{variant}.{first}/{other}");
            let (first, other) = (samples(first, |cost| cost.cpu), samples(other, |cost| cost.cpu));
            report.ratio(SECTION, name.clone(), &first, &other);
            if let Some((limit, text)) = pair.bar() {
                report.bar(&name, text, Limit::AtLeast(limit));
            }
        }
    }
    let mut beside = |which: &str, unit: Unit, of: fn(&Cost) -> f64| {
        for contender in costs.keys() {
            report.measure(SECTION, format!("{variant}.{which}.{contender}"), unit, &samples(contender, of));
        }
    };
    beside("whole", Unit::SecondsPerMillion, |cost| cost.whole);
    beside("broker", Unit::SecondsPerMillion, |cost| cost.broker);
    beside("rate", Unit::RecordsPerSecond, |cost| cost.rate);
    beside("peak", Unit::Mebibytes, |cost| cost.peak);
    report.bar(
        &format!("{variant}.peak.{}", Contender::Recom),
        "RSS of `weir run` with the recom chain at most 256 MiB",
        Limit::AtMost(MEMORY),
    );
    let rows = costs.keys().map(|contender| (contender.words(), format!("{variant}.{contender}")));
    report.plot(
        format!("kafka.{variant}"),
        format!("On a real Kafka ({variant}): CPU seconds of a million records"),
        rows,
    );
}
