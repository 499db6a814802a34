//! What takes minutes each or tells nothing on a busy machine: faults, changes and promises in seconds. `make faults` runs it,
//! `make test` does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod frozen;
mod generations;
mod pipelines_under_load;
mod random_changes;
mod status_tells;
mod swaps_under_load;

/// Returns what the environment says, or what is usual.
fn setting<T: std::str::FromStr<Err: std::fmt::Debug>>(name: &str, usual: T) -> T {
    std::env::var(name).map_or(usual, |text| text.parse().expect(name))
}
