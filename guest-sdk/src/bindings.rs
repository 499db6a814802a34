//! What the WIT says, as Rust types; only [`export!`](crate::export!) and this crate's rooms use it.

#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    missing_debug_implementations,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    clippy::allow_attributes_without_reason,
    reason = "generated from the WIT, where every item is documented"
)]

wit_bindgen::generate!({
    path: "wit",
    world: "interceptor",
    pub_export_macro: true,
    default_bindings_module: "weir_sdk::bindings",
    export_macro_name: "export_component",
    runtime_path: "::weir_sdk::bindings::rt",
    additional_derives: [PartialEq, Eq, Hash],
});

/// What generated code calls.
pub use wit_bindgen::rt;

/// The interface's types.
pub use self::weir::interceptor::types;
