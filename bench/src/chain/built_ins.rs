//! What a built-in adds to a chain that does nothing.

use anyhow::Result;

use super::{
    SECTION,
    configs::{Configs, Which},
    job::Timed,
    sandbox::Sandbox,
};
use crate::{
    Options,
    events::{Size, events},
    report::{Limit, Report, Unit},
    rounds::{Variant, race},
};

const BATCH: usize = 128;

const BUILT_INS: [(&str, Which); 2] = [("filter", Which::Filter), ("topic-router", Which::TopicRouter)];

pub(super) fn run(options: &Options, configs: &Configs, report: &mut Report) -> Result<()> {
    for (plugin, which) in BUILT_INS {
        let name = format!("built-in.{plugin}.b{BATCH}");
        if !options.wants(&name) {
            continue;
        }
        report.begin(&name);
        let events = events(4096, Size::Usual);
        let mut without = Sandbox::new(&configs.blueprint(Which::Nothing(0))?)?;
        let mut with = Sandbox::new(&configs.blueprint(which)?)?;
        let mut variants: Vec<Box<dyn Variant + '_>> =
            vec![Box::new(Timed::new(&mut without, &events, BATCH)), Box::new(Timed::new(&mut with, &events, BATCH))];
        let times = race(&mut variants, options.rounds(15), events.len())?;
        let [without, with] = times.as_slice() else { continue };
        let premiums: Vec<f64> = with.iter().zip(without).map(|(with, without)| with - without).collect();
        let name = format!("{name}.premium");
        report.measure(SECTION, name.clone(), Unit::NsPerRecord, &premiums);
        report.bar(&name, format!("{plugin}, batch {BATCH}: at most 60 ns a record"), Limit::AtMost(60.0));
    }
    Ok(())
}
