//! Plugins that export the function themselves.

use std::{collections::BTreeMap, time::Duration};

use weir_tests::Guest;

use super::Bytes;
use crate::{
    abi::{BatchView, ColumnView, Edits},
    wasm::{Engine, Fault, Limits, LoadError, Setup, componentize::componentize},
};

/// A core module that takes packed batches and gives the bytes as its answer, or as its error.
fn guest(is_error: bool, answer: &[u8]) -> Guest {
    let escaped = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let (at, text) = (110_000_u32, 110_100_u32);
    let result = [u32::from(is_error), text, answer.len() as u32].map(u32::to_le_bytes).concat();
    Guest::named("packed").with(&format!(
        "(data (i32.const {at}) \"{}\") (data (i32.const {text}) \"{}\")
         (func (export \"weir:packed/plugin@0.1.0#process\") (param i32 i32) (result i32) (i32.const {at}))",
        escaped(&result),
        escaped(answer),
    ))
}

fn call(guest: &Guest) -> Result<Edits<'static>, Fault> {
    call_bytes(guest.text().as_bytes())
}

fn call_bytes(plugin: &[u8]) -> Result<Edits<'static>, Fault> {
    let limits = Limits { deadline: Duration::from_secs(1), memory: 32 << 20 };
    let setup = Setup { config: "{}".to_owned(), files: BTreeMap::new(), limits };
    let plugin = Engine::new(None).unwrap().load(plugin).unwrap();
    let (mut instance, _) = plugin.set_up(&setup).unwrap();
    let column = Bytes::of(&[Some("one"), Some("two")]);
    let columns = vec![ColumnView::Bytes(column.view())];
    let edits = instance.process(BatchView { topic: "t", partition: 0, count: 2, columns, headers: None })?;
    Ok(edits.into_owned())
}

#[test]
fn a_core_module_that_exports_it_is_called_by_it() {
    let edits = call(&guest(false, &[2, 0, 0, 0, 2, 0, 0, 0, 0, 1])).unwrap();
    assert_eq!(edits.verdicts, [0, 1]);
    assert_eq!(call(&guest(true, b"not today")).unwrap_err(), Fault::Failed("not today".to_owned()));
}

#[test]
fn an_answer_that_is_laid_out_wrongly_is_a_fault() {
    let wrong = [
        (&[2, 0, 0, 0, 9, 0, 0, 0][..], "its packed answer of 8 bytes is cut off"),
        (&[0, 0, 0, 0, 7], "its packed answer goes on for 1 bytes behind its end"),
        (&[0, 0, 1, 0], "its packed answer has parts 65536, which there is not"),
    ];
    for (answer, text) in wrong {
        assert_eq!(call(&guest(false, answer)).unwrap_err(), Fault::Trap(text.to_owned()), "{answer:?}");
    }
}

#[test]
fn another_version_of_it_is_left_alone() {
    let module = wat::parse_str(guest(true, b"packed").text()).unwrap();
    let mut plugin = componentize(&module).unwrap();
    let (name, other) = (b"weir:packed/plugin@0.1.0", b"weir:packed/plugin@0.1.1");
    for at in 0..plugin.len() - name.len() {
        if plugin[at..].starts_with(name) {
            plugin[at..at + name.len()].copy_from_slice(other);
        }
    }
    call_bytes(&plugin).unwrap();
}

#[test]
fn one_of_another_signature_is_refused_by_its_name() {
    let guest = Guest::named("packed")
        .with("(func (export \"weir:packed/plugin@0.1.0#process\") (param i32) (result i32) (i32.const 0))");
    match Engine::new(None).unwrap().load(guest.text().as_bytes()) {
        Err(LoadError::Invalid(text)) => assert!(text.contains("weir:packed/plugin@0.1.0"), "{text}"),
        other => panic!("{other:?}"),
    }
}
