//! The page about the configuration names what is read. `WEIR_UPDATE_DOCS=1 cargo test -p weir documented` writes its
//! tables and its list of properties.

use std::{
    fmt::{self, Write as _},
    fs,
    path::PathBuf,
};

use super::super::{keys, options};

const KEYS: &str = "<!-- keys -->\n";
const BEGIN: &str = "<!-- properties -->\n";
const END: &str = "<!-- end -->";

/// When a change of a key takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// At a reload, between two batches.
    Reload,
    /// At a reload, by which the pipeline starts again from its watermark.
    PipelineStart,
    /// Where weir is started again: a reload that changes it is refused.
    Restart,
}

impl Effect {
    /// Returns when a change of a key of this kind of table takes effect. What asks for more than a reload is decided by
    /// `reload`, and a test of that room compares.
    fn of(kind: keys::Kind, name: &str) -> Self {
        match (kind, name) {
            (keys::Kind::Top | keys::Kind::Kafka | keys::Kind::Admin, _) => Self::Restart,
            (
                keys::Kind::Pipeline,
                "from" | "group" | "delivery" | "start" | "on_gap" | "breaker" | "partition_by" | "instance"
                | "group_protocol" | "ledger_topic" | "workers" | "batch" | "consumer" | "producer",
            ) => Self::PipelineStart,
            _ => Self::Reload,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reload => "reload",
            Self::PipelineStart => "pipeline restart",
            Self::Restart => "restart",
        })
    }
}

fn rows(kind: keys::Kind, keys: &[keys::Key]) -> String {
    let mut rows = "| key | type | default | takes effect | |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for key in keys.iter().filter(|key| !key.form.is_empty()) {
        let default = if key.default.is_empty() { String::new() } else { format!("{} ", key.default) };
        let effect = Effect::of(kind, key.name);
        writeln!(rows, "| `{}` | {} | {default}| {effect} | {} |", key.name, key.form, key.meaning).unwrap();
    }
    rows
}

#[test]
fn the_page_names_every_key_and_every_property() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut parts = page.split(KEYS);
    let mut page = parts.next().unwrap().to_owned();
    for (kind, keys) in keys::TABLES {
        let (_, after) = parts.next().expect("there is a place for every table").split_once(END).unwrap();
        write!(page, "{KEYS}{}{END}{after}", rows(kind, keys)).unwrap();
    }
    assert_eq!(parts.next(), None, "there is a place for a table that is not there");
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let mut list = String::new();
    for (title, side) in [
        ("Every client", options::Side::Every),
        ("Consumers", options::Side::Consumer),
        ("Producers", options::Side::Producer),
    ] {
        let mut names: Vec<String> = options::names_of(side).iter().map(|name| format!("`{name}`")).collect();
        names.sort();
        writeln!(list, "{title}: {}.\n", names.join(", ")).unwrap();
    }
    let wanted = format!("{before}{BEGIN}{list}{END}{after}");
    if std::env::var_os("WEIR_UPDATE_DOCS").is_some() {
        fs::write(&path, wanted).unwrap();
    } else {
        assert!(
            fs::read_to_string(&path).unwrap() == wanted,
            "its tables are out of date: run this test with WEIR_UPDATE_DOCS=1"
        );
    }
}
