//! What the WIT says, as Rust types; only [`export!`](crate::export!) and this crate's rooms use it.
//!
//! `generated.rs` is written by the test `bindings`, which also sees that it is what the interface says.

#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    missing_debug_implementations,
    clippy::all,
    clippy::panic,
    clippy::unwrap_used,
    rustdoc::broken_intra_doc_links,
    clippy::undocumented_unsafe_blocks,
    clippy::allow_attributes_without_reason,
    reason = "generated from the WIT, where every item is documented"
)]

include!("bindings/generated.rs");

/// Of the interface with packed batches.
pub mod packed {
    include!("bindings/packed.rs");
}

/// What generated code calls.
pub use wit_bindgen::rt;

/// The interface's types.
pub use self::weir::interceptor::types;
