//! Rules that hold in the gateway and in its plugins alike, each written down once.
//!
//! Part of the host and of every plugin made with `weir-sdk`, so it depends on nothing unless the feature `pattern` is asked for.

mod duration;
mod header_name;
mod hex;
mod java_date;
pub mod json;
pub mod json_pointer;
mod murmur2;
pub mod pattern;
mod template_part;
mod topic_name;

pub use duration::{DURATION_UNITS, duration};
pub use header_name::{header_name_fault, header_name_warning};
pub use hex::hex;
pub use java_date::{DatePattern, DateUse, date_pattern, strftime_of_java, strftime_of_joda};
pub use murmur2::{murmur2, positive_murmur2};
pub use template_part::{TEMPLATE_PARTS, TEMPLATE_SIGNS, is_plain_name};
pub use topic_name::{TOPIC_NAME_BYTES, pattern_covers, topic_name_fault, topic_pattern_fault};
