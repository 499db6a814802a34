//! RFC 6901 pointers, ready to be compared with names.

use std::borrow::Cow;

use weir_rules::json_pointer;

use weir_rules::json::unescape;

use super::Text;
use crate::are_same;

/// A way into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// From the document's value inwards.
    pub tokens: Vec<Token>,
}

/// A step of a pointer: a member's name, or an item's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// As a name.
    pub name: String,
    /// As a number: digits without a zero in front.
    pub index: Option<usize>,
}

impl Pointer {
    /// Reads a pointer. What is none is for [`json_pointer_mistake`](crate::json_pointer_mistake) to say beforehand.
    pub fn new(pointer: &str) -> Self {
        let token = |name: Cow<'_, str>| {
            let is_number = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
            let index = if is_number && (name == "0" || !name.starts_with('0')) { name.parse().ok() } else { None };
            Token { name: name.into_owned(), index }
        };
        Self { tokens: json_pointer::parts(pointer).map(token).collect() }
    }
}

impl Token {
    /// Whether it names a member of that name, or the item of that number.
    #[inline(always)]
    pub fn is(&self, document: &[u8], name: Option<&Text>, index: usize) -> bool {
        match name {
            None => self.index == Some(index),
            Some(Text { inner, escaped: false }) if inner.len() != self.name.len() => false,
            Some(name) => self.is_name(document, name),
        }
    }

    #[inline(never)]
    fn is_name(&self, document: &[u8], name: &Text) -> bool {
        let raw = document.get(name.inner.clone()).unwrap_or_default();
        if name.escaped { *unescape(raw) == *self.name.as_bytes() } else { are_same(raw, self.name.as_bytes()) }
    }
}
