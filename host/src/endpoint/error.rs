//! What the outside refused.

/// What an endpoint or its client library refused to do, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{doing}: {reason}")]
pub struct Error {
    /// What was being done, such as `read the committed offsets`.
    pub doing: &'static str,
    /// What the client library says.
    pub reason: String,
}

impl Error {
    pub(crate) fn new(doing: &'static str, reason: impl std::fmt::Display) -> Self {
        Self { doing, reason: reason.to_string() }
    }
}
