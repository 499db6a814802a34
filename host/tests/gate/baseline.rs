//! The committed figures.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Mutex};

use toml::{Table, Value};

/// Figures by name, all of the kind where less is better.
pub(crate) type Section = BTreeMap<String, f64>;

/// By how much a figure may differ.
const TOLERANCE: f64 = 0.05;

const UPDATE: &str = "WEIR_UPDATE_BASELINE=1 cargo test -p weir --test gate";

const HEAD: &str = "\
# What a record of the recom job costs, in figures that do not depend on the machine. Tests fail where a figure differs
# by more than 5 %. Updated on purpose with the command that the failing test names; guest and memory:
#   WEIR_UPDATE_BASELINE=1 cargo test -p weir --test gate
# guest: WebAssembly instructions per record and plugin, host: native instructions per record, memory: see its names.

";

/// Tests of one process run side by side and share the file.
static FILE: Mutex<()> = Mutex::new(());

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../bench/baseline.toml")
}

/// Fails unless `figures` are what the section says; writes them there instead where that is asked for.
#[track_caller]
pub(crate) fn compare(section: &str, figures: &Section) {
    let _alone = FILE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut all: Table = fs::read_to_string(path()).map_or_else(|_| Table::new(), |text| text.parse().unwrap());
    if std::env::var_os("WEIR_UPDATE_BASELINE").is_some() {
        let rounded = |figure: f64| Value::Float((figure * 100.0).round() / 100.0);
        let table: Table = figures.iter().map(|(name, figure)| (name.clone(), rounded(*figure))).collect();
        all.insert(section.to_owned(), Value::Table(table));
        fs::write(path(), format!("{HEAD}{}", toml::to_string(&all).unwrap())).unwrap();
        return;
    }
    let empty = Table::new();
    let known = all.get(section).and_then(Value::as_table).unwrap_or(&empty);
    let mut wrong = Vec::new();
    for (name, figure) in figures {
        match known.get(name).and_then(Value::as_float) {
            None => wrong.push(format!("{section}.{name}: {figure:.2}, and the baseline does not know it")),
            Some(known) if (figure - known).abs() > known * TOLERANCE => {
                let change = (figure / known - 1.0) * 100.0;
                wrong.push(format!("{section}.{name}: {figure:.2}, {change:+.1} % of the baseline's {known:.2}"));
            }
            Some(_) => {}
        }
    }
    wrong
        .extend(known.keys().filter(|name| !figures.contains_key(*name)).map(|name| format!("{section}.{name}: gone")));
    assert!(wrong.is_empty(), "\n{}\nIf that is meant: {UPDATE}\n", wrong.join("\n"));
}
