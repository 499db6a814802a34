//! What the costs of all rounds say.
//!
//! `LOAD.COMPRESSION.wWORKERS.CONTENDER` is the CPU time of the contender's process, steady; below `whole`, `broker`,
//! `rate` and `peak` stand that of its whole life, the broker's beside it, records a second and memory. A ratio tells how
//! many of the second one's records per CPU second are one of the first's: above 1, the second is better. A ratio of rates
//! has the second one above: above 1, it is faster by the clock.

use super::{
    Pair,
    rounds::{Costs, Variant},
    run::Cost,
    setup::Contender,
};
use crate::report::{Limit, Report, Unit};

pub(super) const SECTION: &str = "kafka";
/// The share of its records a second that a weir has left whose admin API is besieged.
const BESIEGED_RATE: f64 = 0.95;
/// MiB that the siege may take.
const BESIEGED_MEMORY: f64 = 32.0;
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
            report.ratio(SECTION, name.clone(), &samples(first, |cost| cost.cpu), &samples(other, |cost| cost.cpu));
            if let Some((limit, text)) = pair.bar(variant.load) {
                report.bar(&name, text, Limit::AtLeast(limit));
            }
            let name = format!("{variant}.rate.{other}/{first}");
            report.ratio(SECTION, name.clone(), &samples(other, |cost| cost.rate), &samples(first, |cost| cost.rate));
            if let Some((limit, text)) = pair.rate_bar(variant.load) {
                report.bar(&name, text, Limit::AtLeast(limit));
            }
        }
    }
    if pairs.contains(&Pair::Siege) {
        tell_siege(report, variant, costs);
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

/// What a siege of the admin API costs records and memory, round by round.
fn tell_siege(report: &mut Report, variant: &Variant, costs: &Costs) {
    let (Some(free), Some(besieged)) = (costs.get(&Contender::Empty), costs.get(&Contender::Besieged)) else { return };
    let (of, from) = (Contender::Besieged, Contender::Empty);
    let name = format!("{variant}.rate.{of}/{from}");
    let text = "200 idle and 50 hostile connections cost at most 5 % of the records a second";
    report.bar(&name, text, Limit::AtLeast(BESIEGED_RATE));
    let name = format!("{variant}.peak.{of}-{from}");
    let more: Vec<f64> = besieged.iter().zip(free).map(|(besieged, free)| besieged.peak - free.peak).collect();
    report.measure(SECTION, name.clone(), Unit::Mebibytes, &more);
    let text = "200 idle and 50 hostile connections take at most 32 MiB";
    report.bar(&name, text, Limit::AtMost(BESIEGED_MEMORY));
}
