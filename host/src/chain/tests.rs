#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod cutting;
mod dead_letters;
mod edits;
mod faults;
mod generations;
mod lies;
mod model;
mod overlay;
mod stand;
