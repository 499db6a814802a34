//! Batches and answers as one list each: `wit-packed/packed.wit` says how they are laid out.

mod answer;
mod batch;
#[cfg(test)]
mod tests;

pub(crate) use answer::{Answer, Part};
pub(crate) use batch::{Column, Packed};
