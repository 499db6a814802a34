//! What the WIT says, as Rust types.
//!
//! Arguments borrow (slices go in without a copy), results are owned: guest memory is freed when a call returns.

wasmtime::component::bindgen!({
    path: "../guest-sdk/wit",
    world: "interceptor",
    ownership: Borrowing { duplicate_if_necessary: true },
});
