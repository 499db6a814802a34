//! Regular expressions as a config has them: in Rust's syntax or in Java's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use weir_rules::pattern::Reader;

#[cfg(feature = "pattern")]
pub use self::reading::{check, fault, translate, translate_backtracking, translate_whole, warnings};

#[cfg(feature = "pattern")]
mod reading;

/// Whose regular expressions are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Rust's regex crate.
    #[default]
    Rust,
    /// `java.util.regex`: a pattern of Flume, Kafka Connect or Logstash as it stands.
    Java,
}

impl From<Dialect> for weir_rules::pattern::Dialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Rust => Self::Rust,
            Dialect::Java => Self::Java,
        }
    }
}
