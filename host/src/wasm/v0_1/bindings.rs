//! What the WIT says, as Rust types.
//!
//! Arguments borrow (slices go in without a copy), results are owned: guest memory is freed when a call returns.

#![allow(missing_docs, unreachable_pub, reason = "generated code; the WIT documents it")]

wasmtime::component::bindgen!({
    path: "../guest-sdk/wit",
    world: "interceptor",
    ownership: Borrowing { duplicate_if_necessary: true },
    // A call past its deadline ends in the host as well. And a lookup outside `configure` is refused by a trap: an empty
    // answer would read as "no such file".
    imports: {
        "weir:interceptor/host.log": trappable,
        "weir:interceptor/host.count": trappable,
        "weir:interceptor/lookup.get": trappable,
    },
});
