//! Whole files, each beside the configuration and the report that are made of it. `WEIR_UPDATE_EXAMPLES=1` writes them.

use std::{fs, path::PathBuf};

use super::*;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/import/tests/examples")
}

#[test]
fn examples_become_what_stands_beside_them() {
    let mut seen = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let imported = match extension.as_str() {
            "conf" => super::super::flume(&text, &Options::default()),
            "json" | "properties" => super::super::connect(&text, &Options::default()),
            _ => continue,
        };
        let imported = imported.unwrap();
        seen += 1;
        for (ending, made) in [("toml", &imported.config), ("report", &imported.report.to_string())] {
            let beside = path.with_extension(ending);
            if std::env::var_os("WEIR_UPDATE_EXAMPLES").is_some() {
                fs::write(&beside, made).unwrap();
            }
            assert_eq!(fs::read_to_string(&beside).unwrap_or_default(), *made, "{}", beside.display());
        }
        assert_eq!(mistakes(&imported.config), None, "{}", path.display());
        let lines = text.lines().enumerate().filter(|(_, line)| extension != "json" && line.contains(" = "));
        for (at, line) in lines {
            let told = imported.report.entries.iter().any(|entry| entry.line == at + 1);
            assert!(told || line.starts_with('#'), "{}:{}: nothing is said of it", path.display(), at + 1);
        }
    }
    assert!(seen >= 5, "{seen} examples");
}
