//! The page about the configuration names what is read. `WEIR_UPDATE_DOCS=1 cargo test -p weir documented` writes its
//! tables and its list of properties.

use std::{fmt::Write, fs, path::PathBuf};

use super::super::{keys, options};

const KEYS: &str = "<!-- keys -->\n";
const BEGIN: &str = "<!-- properties -->\n";
const END: &str = "<!-- end -->";

fn rows(keys: &[keys::Key]) -> String {
    let mut rows = "| key | type | default | |\n| --- | --- | --- | --- |\n".to_owned();
    for key in keys.iter().filter(|key| !key.form.is_empty()) {
        let default = if key.default.is_empty() { String::new() } else { format!("{} ", key.default) };
        writeln!(rows, "| `{}` | {} | {default}| {} |", key.name, key.form, key.meaning).unwrap();
    }
    rows
}

#[test]
fn the_page_names_every_key_and_every_property() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut parts = page.split(KEYS);
    let mut page = parts.next().unwrap().to_owned();
    for (_, keys) in keys::TABLES {
        let (_, after) = parts.next().expect("there is a place for every table").split_once(END).unwrap();
        write!(page, "{KEYS}{}{END}{after}", rows(keys)).unwrap();
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
