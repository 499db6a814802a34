#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod cutting;
mod dead_letters;
mod edits;
mod faults;
mod fixture;
mod generations;
mod malformed_answers;
mod model;
mod null_cells;
mod overlay;
mod slow_captures;
