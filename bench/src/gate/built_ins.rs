//! Each built-in beside a native program that does the same: instructions per record, made code included.
//!
//! Both begin with a record as a consumer lends it and end with one as a producer is given it. The native program lends key
//! and value where they stay, and makes a list of owned headers, as one by rdkafka has to: its safe calls cannot hand on the
//! list that came. The chain fills a batch, runs it and makes the list that weir makes: without the headers that the record
//! came with, where they go out as they came, since weir hands these on. `jq` is left out: what a program costs is the
//! program's.

mod by_chain;
mod records;

use std::{hint::black_box, path::Path};

use anyhow::{Context as _, Result, bail, ensure};

use self::{
    by_chain::ByChain,
    records::{as_sent, collected, with_fields},
};
use super::{
    native::{self, Consumed, Produced, Program},
    work::{BATCH, gate_measured},
};

/// A built-in at work.
pub(super) struct BuiltIn {
    pub(super) name: &'static str,
    /// Its config, in TOML.
    config: &'static str,
    records: fn() -> Result<Vec<Consumed>>,
    program: fn() -> Result<Box<dyn Program>>,
}

/// In the order in which they are told.
pub(super) const BUILT_INS: [BuiltIn; 10] = [
    BuiltIn {
        name: "filter",
        config: r#"keep = { any = [{ header = "agent", in = ["web", "app/4.2"] }, { key = true, null = true }] }"#,
        records: as_sent,
        program: || Ok(Box::new(native::Filter)),
    },
    BuiltIn {
        name: "header-enricher",
        config: r#"headers = [
  { name = "dc",   value = "hz1" },
  { name = "path", value = "/recom/log/{customName}/{sceneId}/{serviceName}/{logType}" },
]
preserve_existing = true"#,
        records: with_fields,
        program: || Ok(Box::new(native::Enricher)),
    },
    BuiltIn {
        name: "header-router",
        config: r#"header = "logType"
match = { click = "events-click", buy = "events-order" }
default = "events-other""#,
        records: with_fields,
        program: || Ok(Box::new(native::ByHeader)),
    },
    BuiltIn {
        name: "key-setter",
        config: r#"from = { json = "/itemSetId" }"#,
        records: as_sent,
        program: || Ok(Box::new(native::KeySetter)),
    },
    BuiltIn {
        name: "mod-router",
        config: r#"from = { json = "/userId" }
buckets = 12
topic = "events-{bucket:02}"
missing = "dead-letter""#,
        records: as_sent,
        program: || Ok(Box::new(native::Modulo::new())),
    },
    BuiltIn {
        name: "regex-extractor",
        config: r#"rules = [
  { pattern = '"actionTime":(\d+)',    headers = ["timestamp"] },
  { pattern = '"businessId":"(.+?)"',  headers = ["customName"] },
  { pattern = '"sceneId":"(.+?)"',     headers = ["sceneId"] },
  { pattern = '"serviceName":"(.+?)"', headers = ["serviceName"] },
  { pattern = '"logType":"(.+?)"',     headers = ["logType"] },
  { pattern = '"itemSetId":"(.+?)"',   headers = ["itemSetId"] },
]"#,
        records: as_sent,
        program: || Ok(Box::new(native::Extractor::new()?)),
    },
    BuiltIn {
        name: "splitter",
        config: r#"by = "documents"
position_header = "part"
count_header = "parts""#,
        records: collected,
        program: || Ok(Box::new(native::Splitter::default())),
    },
    BuiltIn {
        name: "timestamp-fixer",
        config: r#"from = { header = "timestamp" }
max_ahead = "5m"
max_behind = "24h"
keep_original = "client-timestamp"
set_header = "timestamp""#,
        records: with_fields,
        program: || Ok(Box::new(native::TimeFixer)),
    },
    BuiltIn {
        name: "topic-router",
        config: r#"topic = "events-{agent}"
invalid = "replace""#,
        records: as_sent,
        program: || Ok(Box::new(native::ByTemplate)),
    },
    BuiltIn {
        name: "value-editor",
        config: r#"edits = [
  { mask = { json = "/session" }, keep_last = 4 },
  { remove = "/device/screen" },
  { set = "/source", to = "{topic}" },
]"#,
        records: as_sent,
        program: || Ok(Box::new(native::Editor)),
    },
];

impl BuiltIn {
    /// The built-in of that name.
    fn of(name: &str) -> Result<&'static Self> {
        BUILT_INS.iter().find(|built_in| built_in.name == name).with_context(|| format!("no built-in `{name}`"))
    }

    /// Fails unless the chain and the native program bring the same, record by record.
    pub(super) fn compare(&self, cache: &Path) -> Result<()> {
        let records = (self.records)()?;
        let mut chain = ByChain::new(self.name, self.config, cache)?;
        let mut program = (self.program)()?;
        for records in records.chunks(BATCH) {
            let mut natively = Vec::new();
            for record in records {
                program.run(record, &mut |out| natively.push(out.into_owned()));
            }
            ensure_same(&chain.produced(records)?, &natively).with_context(|| self.name.to_owned())?;
        }
        Ok(())
    }
}

/// Fails unless something came out, and the same both times.
fn ensure_same(by_chain: &[Produced<'_>], natively: &[Produced<'_>]) -> Result<()> {
    ensure!(!natively.is_empty(), "nothing comes out");
    if let Some((chain, native)) = by_chain.iter().zip(natively).find(|(chain, native)| chain != native) {
        bail!("the chain brings {chain:?}, the native program {native:?}");
    }
    ensure!(by_chain.len() == natively.len(), "{} records come out, natively {}", by_chain.len(), natively.len());
    Ok(())
}

/// Does a built-in's work by its chain: twice to get warm, once measured.
pub(super) fn run_chain(name: &str, cache: &Path) -> Result<()> {
    let built_in = BuiltIn::of(name)?;
    let records = (built_in.records)()?;
    let mut chain = ByChain::new(name, built_in.config, cache)?;
    let mut pass = || records.chunks(BATCH).try_for_each(|records| chain.pass(records));
    pass()?;
    pass()?;
    gate_measured(&mut pass)
}

/// Does the same by the native program.
pub(super) fn run_native(name: &str) -> Result<()> {
    let built_in = BuiltIn::of(name)?;
    let records = (built_in.records)()?;
    let mut program = (built_in.program)()?;
    let mut pass = || {
        for record in &records {
            program.run(record, &mut |out| {
                black_box(&out);
            });
        }
        Ok(())
    };
    pass()?;
    pass()?;
    gate_measured(&mut pass)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_record_that_differs_is_missing_or_is_one_too_many_is_told() {
        let records = as_sent().unwrap();
        let all: Vec<Produced<'_>> = records.iter().take(3).map(Consumed::unchanged).collect();
        let fails = |by_chain: &[Produced<'_>], natively: &[Produced<'_>]| ensure_same(by_chain, natively).is_err();
        assert!(!fails(&all, &all));
        let changes: [fn(&mut Produced<'_>); 5] = [
            |record| record.topic = "other".into(),
            |record| record.key = None,
            |record| record.value = (&b"{}"[..]).into(),
            |record| record.headers.swap(0, 1),
            |record| record.timestamp += 1,
        ];
        for change in changes {
            let mut changed = all.clone();
            change(&mut changed[1]);
            assert!(fails(&all, &changed), "{changed:?}");
        }
        assert!(fails(&all, &all[..2]) && fails(&all[..2], &all) && fails(&[], &[]));
    }
}
