//! Makes a component of a core module, so that a plugin needs nothing but a compiler.

use std::borrow::Cow;

use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use super::{
    LoadError, advice, host_imports, packed,
    wasi::{is_wasi, preview1},
};

/// The interface that guests are written against.
pub(super) const WIT: &str = include_str!("../../../guest-sdk/wit/interceptor.wit");
/// What they may export beside it.
const PACKED_WIT: &str = include_str!("../../../guest-sdk/wit-packed/packed.wit");

/// The Wasm of a plugin, whatever form it has: what is text is read.
///
/// # Errors
/// It is neither Wasm nor its text form.
pub(super) fn to_binary(plugin: &[u8]) -> Result<Cow<'_, [u8]>, LoadError> {
    match plugin {
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] | [b'\0', b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => {
            Ok(Cow::Borrowed(plugin))
        }
        [b'\0', b'a', b's', b'm', ..] => {
            Err(LoadError::Invalid("is Wasm of an unknown version, or cut off".to_owned()))
        }
        [0x7f, b'E', b'L', b'F', ..] => Err(LoadError::Invalid(
            "is compiled code, which weir never loads from a file: give it the .wasm it was made from".to_owned(),
        )),
        [] => Err(LoadError::Invalid("is empty".to_owned())),
        _ => from_text(plugin).map(Cow::Owned),
    }
}

/// The component of a Wasm binary: a core module becomes one.
///
/// # Errors
/// It is a module that does not fit.
pub(super) fn to_component(wasm: &[u8]) -> Result<Cow<'_, [u8]>, LoadError> {
    if is_module(wasm) { componentize(wasm).map(Cow::Owned) } else { Ok(Cow::Borrowed(wasm)) }
}

/// Whether a Wasm binary is a core module.
pub(super) fn is_module(wasm: &[u8]) -> bool {
    wasm.get(4) == Some(&1)
}

fn from_text(bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    let unknown = || LoadError::Invalid("is neither a Wasm component, nor a core module, nor .wat text".to_owned());
    let text = str::from_utf8(bytes).map_err(|_| unknown())?;
    if !text.contains("(module") && !text.contains("(component") {
        return Err(unknown());
    }
    wat::parse_str(text).map_err(|error| {
        let text = error.to_string();
        // The first lines hold what is wrong and where; the drawing below them does not fit into one line.
        let told = text.lines().take(2).map(str::trim).collect::<Vec<_>>().join(" ");
        LoadError::Invalid(format!("is no valid .wat text: {told}"))
    })
}

/// Makes a component of a core module, with or without the `component-type` section that binding generators write.
///
/// # Errors
/// It is no valid module, imports what weir does not give, or lacks an export or has one of a wrong signature.
pub(super) fn componentize(module: &[u8]) -> Result<Vec<u8>, LoadError> {
    let Seen { is_described, has_preview1, is_packed } = inspect(module)?;
    let mut module = module.to_vec();
    let invalid = |error: anyhow::Error| LoadError::Invalid(format!("{error:#}"));
    if !is_described {
        describe(&mut module, WIT, "interceptor").map_err(invalid)?;
        if is_packed {
            describe(&mut module, PACKED_WIT, "packed").map_err(invalid)?;
        }
    }
    let adapter = if has_preview1 { Some(preview1::adapter().map_err(invalid)?) } else { None };
    let encoded = ComponentEncoder::default().validate(true).module(&module).and_then(|encoder| {
        match adapter {
            Some(adapter) => encoder.adapter(preview1::MODULE, adapter)?,
            None => encoder,
        }
        .encode()
    });
    encoded.map_err(|error| {
        if let Some(missing) = advice::missing_extensions(&module) {
            return LoadError::Invalid(missing);
        }
        let error = super::one_line(&error);
        // These say how the encoder works, not what is wrong.
        let error = ["failed to decode world from module: ", "module was not valid: "]
            .iter()
            .fold(error.as_str(), |error, step| error.strip_prefix(step).unwrap_or(error));
        LoadError::Invalid(format!(
            "the module does not fit weir's interface: {error} (a plugin exports its memory, `cabi_realloc` and the \
             functions of `weir:interceptor/plugin@0.1.0`)"
        ))
    })
}

/// What tells how a module becomes a component.
#[derive(Default)]
struct Seen {
    /// It carries a description of its world.
    is_described: bool,
    /// It imports WASI preview 1.
    has_preview1: bool,
    /// It exports what takes packed batches.
    is_packed: bool,
}

/// Refuses imports that weir does not give.
fn inspect(module: &[u8]) -> Result<Seen, LoadError> {
    let mut seen = Seen::default();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(broken)?;
        match payload {
            Payload::CustomSection(section) => {
                seen.is_described |= section.name().starts_with("component-type");
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let name = export.map_err(broken)?.name;
                    seen.is_packed |= name.strip_prefix(packed::EXPORT).is_some_and(|rest| rest.starts_with('#'));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(broken)?;
                    if import.module == preview1::MODULE {
                        seen.has_preview1 = true;
                        continue;
                    }
                    if is_wasi(import.module) {
                        continue;
                    }
                    let refused = match host_imports::given(import.module) {
                        Some(functions) => !functions.contains(&import.name),
                        // Other manglings of the same names are for the encoder to understand.
                        None => !import.module.contains("weir:interceptor/"),
                    };
                    if refused {
                        return Err(LoadError::Import(format!("{}#{}", import.module, import.name)));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(seen)
}

pub(super) fn broken(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Invalid(format!("is no valid Wasm: {}", super::one_line(&error)))
}

/// Appends the description of one of weir's own worlds.
fn describe(module: &mut Vec<u8>, wit: &str, world: &str) -> anyhow::Result<()> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str(format!("{world}.wit"), wit)?;
    let world = resolve.select_world(&[package], Some(world))?;
    wit_component::embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
}
