//! The bindings are generated once and kept in the repository, so that nobody who builds a plugin compiles a generator.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::Path};

use wit_bindgen_core::{Files, WorldGenerator as _};
use wit_bindgen_rust::Opts;
use wit_parser::Resolve;

/// What to set to write the bindings anew.
const UPDATE: &str = "WEIR_UPDATE_BINDINGS";

/// Of each package: the folder, the world, the file in `src/bindings`, the module, and the macro that exports the world.
const PACKAGES: [[&str; 5]; 2] = [
    ["wit", "interceptor", "generated.rs", "weir_sdk::bindings", "export_component"],
    ["wit-packed", "packed", "packed.rs", "weir_sdk::bindings::packed", "export_packed"],
];

fn generate([package, world, _, module, export]: [&str; 5]) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(folder.join(package)).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let options = Opts {
        format: true,
        pub_export_macro: true,
        default_bindings_module: Some(module.to_owned()),
        export_macro_name: Some(export.to_owned()),
        runtime_path: Some("::weir_sdk::bindings::rt".to_owned()),
        additional_derive_attributes: ["PartialEq", "Eq", "Hash"].map(str::to_owned).to_vec(),
        ..Opts::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files).unwrap();
    let (_, text) = files.iter().next().unwrap();
    String::from_utf8(text.to_vec()).unwrap()
}

#[test]
fn the_bindings_are_those_of_the_interface() {
    for package in PACKAGES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bindings").join(package[2]);
        let generated = generate(package);
        if std::env::var_os(UPDATE).is_some() {
            fs::write(&path, &generated).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let path = path.display();
        assert!(kept == generated, "{path} is not what the interface says: set {UPDATE}=1 and run this test");
    }
}
