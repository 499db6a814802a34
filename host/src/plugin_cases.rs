//! A plugin's cases: records that go in and what must come out, run through the very chain that `weir run` runs.
//!
//! A case is a JSON file ([`Case`]). It is run at several sizes of batches, and with a new instance for every record,
//! because no answer may depend on either.

mod case;
mod check;

pub use case::{Case, CaseError};
pub use check::{CUTS, CheckError, Cutting, Subject, Verdict};

#[cfg(test)]
mod tests;
