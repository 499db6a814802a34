//! What the WIT says, as Rust types.
//!
//! Arguments borrow (slices go in without a copy), results are owned: guest memory is freed when a call returns.

#![allow(missing_docs, unreachable_pub, reason = "generated code; the WIT documents it")]

wasmtime::component::bindgen!({
    path: "../guest-sdk/wit",
    world: "interceptor",
    ownership: Borrowing { duplicate_if_necessary: true },
    // It is refused by a trap outside `configure`: an empty answer would read as "no such file".
    imports: { "weir:interceptor/lookup.get": trappable },
});
