//! What is refused before anything runs, and how it is said.

use super::*;

fn refusal(bytes: &[u8]) -> String {
    match engine().load(bytes) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("loaded: {:?}", &bytes[..bytes.len().min(80)]),
    }
}

#[track_caller]
fn says(bytes: &[u8], parts: &[&str]) {
    let text = refusal(bytes);
    assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    assert!(text.lines().count() == 1 && text.len() < 2 << 10, "{text}");
}

#[test]
fn imports_are_refused_by_their_names() {
    let import = |name: &str| match load(name) {
        Err(LoadError::Import(import)) => import,
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(import("import-unknown"), "env#start_missiles");
    assert_eq!(import("import-clock"), "weir:interceptor/host@0.1.0#clock");
}

#[test]
fn a_component_may_import_no_more_than_a_module() {
    let component = |import: &str| format!("(component (import {import}))");
    let clock = r#""wasi:clocks/monotonic-clock@0.3.0" (instance (export "now" (func (result u64))))"#;
    says(component(clock).as_bytes(), &["`wasi:clocks/monotonic-clock@0.3.0#now`", "version 0.2"]);
    let own = r#""weir:interceptor/host@0.1.0" (instance (export "clock" (func (result u64))))"#;
    says(component(own).as_bytes(), &["`weir:interceptor/host@0.1.0#clock`"]);
    says(component(r#""f" (func)"#).as_bytes(), &["`f`"]);
}

#[test]
fn exports_that_do_not_fit_are_named() {
    says(&guest("missing-export.wat"), &["weir:interceptor/plugin@0.1.0", "`process`"]);
    says(&guest("wrong-signature.wat"), &["`process`", "[I32] -> [I32]", "[F64] -> [I32]"]);
    says(&guest("other-version.wat"), &["weir:interceptor/plugin@0.1.0", "weir:interceptor/plugin@0.2.0", "version"]);
    says(&guest("other-component.wat"), &["weir:interceptor/plugin@0.1.0", "it exports nothing"]);
    says(b"(module)", &["weir:interceptor/plugin@0.1.0", "`describe`"]);
    let odd = r#"(component
        (core module $m (func (export "f") (result i32) i32.const 0))
        (core instance $i (instantiate $m))
        (func $f (result u32) (canon lift (core func $i "f")))
        (instance $p (export "describe" (func $f)) (export "configure" (func $f)) (export "process" (func $f)))
        (export "weir:interceptor/plugin@0.1.0" (instance $p)))"#;
    says(odd.as_bytes(), &["`describe`", "signature"]);
}

#[test]
fn what_is_no_wasm_is_refused() {
    says(b"", &["empty"]);
    says(b"hello", &["neither a Wasm component, nor a core module, nor .wat text"]);
    says(b"\xff\xfe(module)", &["neither"]);
    says(b"(module", &[".wat text", "expected `)`"]);
    says(b"\x7fELF\x02\x01\x01", &["compiled code", ".wasm"]);
    says(b"\0asm\x02\0\0\0", &["unknown version"]);
    says(&vec![b' '; (64 << 20) + 1], &["64 MiB"]);
}

#[test]
fn a_plugin_cut_anywhere_is_refused() {
    let module = wat::parse_bytes(&guest("poison.wat")).unwrap().into_owned();
    let component = super::super::componentize::componentize(&module).unwrap();
    for whole in [module, component] {
        engine().load(&whole).unwrap();
        for cut in 0..whole.len() {
            // Names at the end may be missing without harm.
            if engine().load(&whole[..cut]).is_ok() {
                assert!(cut > whole.len() / 2, "{cut} of {}", whole.len());
            }
        }
    }
}

#[test]
fn a_plugin_with_a_changed_byte_never_brings_the_host_down() {
    let module = wat::parse_bytes(&guest("poison.wat")).unwrap().into_owned();
    let component = super::super::componentize::componentize(&module).unwrap();
    for whole in [module, component] {
        for at in (8..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            if let Ok(plugin) = engine().load(&bytes)
                && let Ok((mut instance, _)) = plugin.set_up_within(&setup(), Duration::from_millis(50))
            {
                // Whatever it answers, it answers.
                let _ = call(&mut instance, &[b"one", b"!w"]);
            }
        }
    }
}

#[test]
fn the_built_ins_come_in_by_the_same_door() {
    for built_in in weir_plugins::BUILT_INS {
        let plugin = engine().load(built_in.bytes).unwrap_or_else(|error| panic!("{}: {error}", built_in.name));
        assert_eq!(plugin.describe(LIMITS).unwrap().name, built_in.name);
    }
}
