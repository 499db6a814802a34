//! WASI without a world behind it, for what compilers put into every program.
//!
//! Start-up code gets inert answers: no arguments, no environment, no files, a clock that stands still, the same random
//! bytes at every call, sleeps that return at once. What a plugin prints becomes its log. All else is refused by a fault
//! that names the function. Nothing here blocks, and no answer depends on what an instance has seen before.
//!
//! A core module that imports preview 1 gets an adapter when it becomes a component ([`preview1`]); what a component
//! imports of WASI 0.2 is linked under the names that it uses ([`link`]), whatever 0.2.x they are of.

mod answers;
mod link;
pub(super) mod preview1;
mod printed;
mod resources;

pub(super) use link::{WasiLinker, is_wasi};
pub(super) use printed::Printed;
pub(super) use resources::Resources;

/// What the wall clock says at every call: 2000-01-01T00:00:00Z, in seconds since the epoch. A date that nobody takes for
/// the time of a record.
const WALL_CLOCK: u64 = 946_684_800;

/// What the monotonic clock says at every call, in ns: some runtimes take 0 for a clock that is not there.
const MONOTONIC_CLOCK: u64 = 1_000_000_000;

/// What both clocks claim to resolve, in ns.
const CLOCK_RESOLUTION: u64 = 1_000;

/// Where every call's random numbers begin: xorshift64 (Marsaglia, "Xorshift RNGs", 2003).
const SEED: u64 = 88_172_645_463_325_252;

/// The number after `state`; not 0 where `state` is not.
const fn xorshift(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^ state << 17
}

/// A stream that a plugin prints to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

impl Stream {
    /// Of a file's number: 2 is standard error.
    pub(super) fn of(number: u32) -> Self {
        if number == 2 { Self::Err } else { Self::Out }
    }
}
