//! Compiles the built-in plugins to WebAssembly components.

#[path = "build/guests.rs"]
mod guests;

use std::{env, path::PathBuf};

/// Folder, plugin and crate (with `weir-` before it) have the same name.
const PLUGINS: [&str; 5] = ["regex-extractor", "header-enricher", "timestamp-fixer", "mod-router", "header-router"];

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
        list += &format!("    BuiltIn {{ name: {plugin:?}, bytes: include_bytes!({component:?}) }},\n");
    }
    list += "];\n";
    guests::write_if_changed(&PathBuf::from(env::var("OUT_DIR")?).join("built_ins.rs"), list.as_bytes())?;
    Ok(())
}
