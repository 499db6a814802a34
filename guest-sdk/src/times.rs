//! Times as records hold them: counts since the epoch, RFC 3339, ISO 8601, strftime formats, and several of them in order.
//!
//! The feature `dates` brings the reader and its time zone database; [`foreign_format`] is there without it.

#[cfg(feature = "dates")]
mod fill;
mod foreign;
#[cfg(feature = "dates")]
mod format;
#[cfg(feature = "dates")]
mod iso8601;
#[cfg(feature = "dates")]
mod names;
#[cfg(feature = "dates")]
mod number;
#[cfg(feature = "dates")]
mod reader;
#[cfg(feature = "dates")]
mod rfc3339;
#[cfg(feature = "dates")]
mod scan;
#[cfg(all(test, feature = "dates"))]
mod tests;
#[cfg(feature = "dates")]
mod unit;

pub use foreign::foreign_format;
#[cfg(feature = "dates")]
pub use names::Months;
#[cfg(feature = "dates")]
pub use number::thirteen_digits;
#[cfg(feature = "dates")]
pub use reader::{Reader, Setup, Units};
