//! The page about the configuration names what is read. `WEIR_UPDATE_DOCS=1 cargo test -p weir documented` writes its
//! list of properties.

use std::{fmt::Write, fs, path::PathBuf};

use super::super::{options, table};

const BEGIN: &str = "<!-- properties -->\n";
const END: &str = "<!-- end -->";

#[test]
fn the_page_names_every_key_and_every_property() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let page = fs::read_to_string(&path).unwrap();
    for key in
        table::HOMES.iter().flat_map(|(_, keys)| *keys).filter(|key| !["kafka", "admin", "pipelines"].contains(key))
    {
        assert!(page.contains(&format!("\n| `{key}` |")), "`{key}` stands in no table of {}", path.display());
    }
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
        assert!(page == wanted, "the list of properties is out of date: run this test with WEIR_UPDATE_DOCS=1");
    }
}
