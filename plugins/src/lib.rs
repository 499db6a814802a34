//! The built-in plugins, compiled to Wasm.

/// A plugin that comes with weir.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// What a configuration calls it.
    pub name: &'static str,
    /// The core module.
    pub bytes: &'static [u8],
}

/// Every built-in, by name.
pub const BUILT_INS: &[BuiltIn] = &[];

/// The built-in of that name.
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    BUILT_INS.iter().find(|built_in| built_in.name == name)
}
