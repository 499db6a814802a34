//! Compiles the built-in plugins to WebAssembly components.

#[path = "build/guests.rs"]
mod guests;

use std::{env, path::PathBuf};

/// Folder, plugin and crate (with `weir-` before it) have the same name.
const PLUGINS: [&str; 11] = [
    "regex-extractor",
    "header-enricher",
    "timestamp-fixer",
    "filter",
    "mod-router",
    "header-router",
    "topic-router",
    "key-setter",
    "value-editor",
    "splitter",
    "jq",
];

fn main() -> Result<(), guests::Failure> {
    let workspace = guests::workspace()?;
    for plugin in PLUGINS {
        let folder = workspace.join("plugins").join(plugin);
        println!("cargo::rerun-if-changed={}", folder.join("Cargo.toml").display());
        println!("cargo::rerun-if-changed={}", folder.join("src").display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");

    let components = guests::build(&PLUGINS.map(|plugin| format!("weir-{plugin}")))?;
    let mut list =
        String::from("/// Every built-in, in the order of the documentation.\npub const BUILT_INS: &[BuiltIn] = &[\n");
    for (plugin, component) in PLUGINS.iter().zip(components) {
        let page = workspace.join("docs").join(format!("{plugin}.md"));
        let page = if page.exists() { format!("include_str!({page:?})") } else { "\"\"".to_owned() };
        list += &format!("    BuiltIn {{ name: {plugin:?}, bytes: include_bytes!({component:?}), page: {page} }},\n");
    }
    list += "];\n";
    guests::write_if_changed(&PathBuf::from(env::var("OUT_DIR")?).join("built_ins.rs"), list.as_bytes())?;
    Ok(())
}
