//! Walks JSON documents without making values of them: for plugins that read or edit the bytes of one member and leave
//! all others as they are.
//!
//! It takes what weir's own `json` inputs take: RFC 8259's grammar, at most [`DEPTH`] arrays and objects in each other; a
//! byte order mark and a Schema Registry frame before the document are passed over; the bytes of texts need not be UTF-8.
//!
//! ```
//! use weir_sdk::json::{Pointer, find};
//!
//! let document = br#"{"user": {"name": "Ada"}}"#;
//! let mut hits = Vec::new();
//! find(document, &Pointer::new("/user/name"), &mut hits)?;
//! assert_eq!(&document[hits[0].value.clone()], br#""Ada""#);
//! # Ok::<(), weir_sdk::json::Broken>(())
//! ```

mod find;
mod grammar;
mod pointer;
mod reader;
mod scan;
#[cfg(test)]
mod tests;
mod text;

pub use find::{Hit, Missing, Place, find, locate, member};
pub use pointer::{Pointer, Token};
pub use reader::{Broken, Inside, Member, Reader, Text};
pub use text::{quote, text_of};
pub use weir_rules::json::{DEPTH, document_start};
