//! The built-in interceptors: plugins like any other, compiled to WebAssembly components and embedded as bytes.
//!
//! They have no private door: each is a crate on `weir-sdk` in a folder beside this one, and a user could have written
//! any of them.

/// A plugin that comes with weir.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// What a config calls it.
    pub name: &'static str,
    /// A WebAssembly component.
    pub bytes: &'static [u8],
    /// Its page of the documentation, in Markdown: an example comes first, then a table of its keys.
    pub page: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/built_ins.rs"));

/// The built-in of that name.
pub fn find(name: &str) -> Option<&'static BuiltIn> {
    BUILT_INS.iter().find(|built_in| built_in.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_is_a_component_that_is_found_by_its_name() {
        for built_in in BUILT_INS {
            assert_eq!(find(built_in.name), Some(built_in));
            // Version 13, layer 1: a component, where a core module has version 1, layer 0.
            assert!(built_in.page.contains("```toml") && built_in.page.contains("| key |"), "{}", built_in.name);
            assert_eq!(built_in.bytes.get(..8), Some(b"\0asm\x0d\0\x01\0".as_slice()), "{}", built_in.name);
        }
        assert_eq!(BUILT_INS.len(), 11);
        assert_eq!(find("no-such-plugin"), None);
    }
}
