//! What the WIT says, as Rust types.

#![allow(missing_docs, unreachable_pub, reason = "generated code; the WIT documents it")]

wasmtime::component::bindgen!({
    path: "../guest-sdk/wit-packed",
    world: "packed",
    ownership: Borrowing { duplicate_if_necessary: true },
});
