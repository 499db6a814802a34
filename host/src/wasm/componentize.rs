//! Makes a component of a core module, so that a plugin needs nothing but a compiler.

use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

use super::{LoadError, link};

/// The interface that guests are written against.
pub(super) const WIT: &str = include_str!("../../../guest-sdk/wit/interceptor.wit");

/// `module`: a core module, with or without the `component-type` section that binding generators write.
///
/// # Errors
/// It is no valid module, imports what weir does not give, or lacks an export or has one of a wrong signature.
pub(super) fn componentize(module: &[u8]) -> Result<Vec<u8>, LoadError> {
    let described = inspect(module)?;
    let mut module = module.to_vec();
    if !described {
        describe(&mut module).map_err(|error| LoadError::Invalid(format!("{error:#}")))?;
    }
    let encoded = ComponentEncoder::default().validate(true).module(&module).and_then(|mut encoder| encoder.encode());
    encoded.map_err(|error| {
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

/// Whether the module carries a description of its world; refuses imports that weir does not give.
fn inspect(module: &[u8]) -> Result<bool, LoadError> {
    let mut described = false;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(broken)?;
        match payload {
            Payload::CustomSection(section) => described |= section.name().starts_with("component-type"),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(broken)?;
                    let refused = match link::given(import.module) {
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
    Ok(described)
}

fn broken(error: wasmparser::BinaryReaderError) -> LoadError {
    LoadError::Invalid(format!("is no valid Wasm: {}", super::one_line(&error)))
}

/// Appends the description of weir's own world.
fn describe(module: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("interceptor.wit", WIT)?;
    let world = resolve.select_world(&[package], Some("interceptor"))?;
    wit_component::embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
}
