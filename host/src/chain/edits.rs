//! What an interceptor answers: checked as a whole first, then applied, so that a bad answer changes nothing.

mod apply;
mod cells;
mod check;
mod headers;
mod permit;
mod routes;

pub(super) use apply::Applier;
pub(super) use cells::{Column, Cursor, Writes};
pub(super) use check::check;
pub(super) use headers::{HeaderWrites, Whole, appended, edited};
pub(super) use permit::Permit;
pub(super) use routes::Routes;

use super::DeathKind;

/// Why an answer is refused, or a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blame {
    pub(super) kind: DeathKind,
    pub(super) message: String,
}

impl Blame {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { kind: DeathKind::InvalidEdit, message: message.into() }
    }

    pub(super) fn undeclared(message: impl Into<String>) -> Self {
        Self { kind: DeathKind::UndeclaredEffect, message: message.into() }
    }
}
