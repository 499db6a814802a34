//! A published version of the interface never changes: neither what it says nor how it lies in memory.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{fmt::Write, path::Path};

use wit_component::{OutputToString, WitPrinter};
use wit_parser::{Docs, PackageId, Resolve, SizeAlign, Type, TypeDefKind, abi::AbiVariant};

/// A package of the interface: its folder, and what it said and how it lay in memory when it was published.
struct Published {
    folder: &'static str,
    text: &'static str,
    layout: &'static str,
}

const PACKAGES: [Published; 2] = [
    Published {
        folder: "wit",
        text: include_str!("../golden/interceptor-0.1.0.wit"),
        layout: include_str!("../golden/interceptor-0.1.0.layout"),
    },
    Published {
        folder: "wit-packed",
        text: include_str!("../golden/packed-0.1.0.wit"),
        layout: include_str!("../golden/packed-0.1.0.layout"),
    },
];

fn interface(folder: &str) -> (Resolve, PackageId) {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    (resolve, package)
}

#[track_caller]
fn check(name: &str, golden: &str, actual: &str) {
    let golden = golden.replace("\r\n", "\n");
    let first = golden.lines().zip(actual.lines()).find(|(golden, actual)| golden != actual);
    assert!(
        golden == actual,
        "{name} is not what was published as 0.1.0: a new ability is a new interface or a new version\n\
         first difference (golden, now): {first:?}\nnow:\n{actual}",
    );
}

#[test]
fn the_interface_says_what_was_published() {
    for Published { folder, text, .. } in PACKAGES {
        let (resolve, package) = interface(folder);
        let mut printer = WitPrinter::<OutputToString>::default();
        printer.emit_docs(false);
        printer.print(&resolve, package, &[]).unwrap();
        check(folder, text, &printer.output.to_string());
    }
}

#[test]
fn the_interface_lies_in_memory_as_it_was_published() {
    for Published { folder, layout, .. } in PACKAGES {
        check(&format!("the layout of {folder}"), layout, &layout_of(folder));
    }
}

fn layout_of(folder: &str) -> String {
    let (resolve, package) = interface(folder);
    let mut sizes = SizeAlign::default();
    sizes.fill(&resolve);
    let mut layout = String::new();
    for &interface in resolve.packages[package].interfaces.values() {
        let interface = &resolve.interfaces[interface];
        for (name, &id) in &interface.types {
            let ty = Type::Id(id);
            let (size, align) = (sizes.size(&ty).size_wasm32(), sizes.align(&ty).align_wasm32());
            writeln!(layout, "{name}: {size} bytes, aligned to {align}").unwrap();
            if let TypeDefKind::Record(record) = &resolve.types[id].kind {
                let fields = sizes.field_offsets(record.fields.iter().map(|field| &field.ty));
                for (field, (offset, _)) in record.fields.iter().zip(fields) {
                    writeln!(layout, "  {} at {}", field.name, offset.size_wasm32()).unwrap();
                }
            }
        }
        for (name, function) in &interface.functions {
            for (variant, way) in [(AbiVariant::GuestImport, "imported"), (AbiVariant::GuestExport, "exported")] {
                let signature = resolve.wasm_signature(variant, function);
                writeln!(layout, "{name} {way}: {:?} -> {:?}", signature.params, signature.results).unwrap();
            }
        }
    }
    layout
}

#[test]
fn every_item_of_the_interface_is_documented() {
    let bare: Vec<String> = PACKAGES.iter().flat_map(|package| bare_items(package.folder)).collect();
    assert_eq!(bare, Vec::<String>::new());
}

/// Items that nothing is said about.
fn bare_items(folder: &str) -> Vec<String> {
    let (resolve, package) = interface(folder);
    let mut bare = Vec::new();
    let mut look = |name: String, docs: &Docs| {
        if docs.contents.as_deref().unwrap_or_default().trim().is_empty() {
            bare.push(name);
        }
    };
    let package = &resolve.packages[package];
    look("the package".to_owned(), &package.docs);
    for (name, &world) in &package.worlds {
        look(name.clone(), &resolve.worlds[world].docs);
    }
    for (of, &interface) in &package.interfaces {
        let interface = &resolve.interfaces[interface];
        look(of.clone(), &interface.docs);
        for (name, function) in &interface.functions {
            look(format!("{of}.{name}"), &function.docs);
        }
        for (name, &id) in &interface.types {
            let ty = &resolve.types[id];
            let mut part = |part: &str, docs: &Docs| look(format!("{of}.{name}.{part}"), docs);
            match &ty.kind {
                TypeDefKind::Record(it) => it.fields.iter().for_each(|it| part(&it.name, &it.docs)),
                TypeDefKind::Variant(it) => it.cases.iter().for_each(|it| part(&it.name, &it.docs)),
                TypeDefKind::Enum(it) => it.cases.iter().for_each(|it| part(&it.name, &it.docs)),
                TypeDefKind::Flags(it) => it.flags.iter().for_each(|it| part(&it.name, &it.docs)),
                // What is only used from elsewhere is documented there.
                TypeDefKind::Type(_) => continue,
                other => panic!("{name}: {other:?} is not looked into"),
            }
            look(format!("{of}.{name}"), &ty.docs);
        }
    }
    bare
}
