//! JSON pointers, as RFC 6901 defines them.

mod path;

use std::borrow::Cow;

pub use path::{Unlike, of_path};

use crate::json::DEPTH;

/// Says why a text is not a JSON pointer, and what to write instead; none where it is one.
pub fn fault(pointer: &str) -> Option<String> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Some(match of_path(pointer) {
            Ok(here) => format!("a JSON pointer begins with `/`: write \"{here}\""),
            Err(unlike) => unlike.to_string(),
        });
    }
    if pointer.matches('/').count() > DEPTH {
        return Some(format!("a JSON pointer has at most {DEPTH} names: deeper documents are not valid"));
    }
    let is_escaped = pointer.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    (!is_escaped).then(|| "in a JSON pointer `~` is written `~0`, and `/` inside a name `~1`".to_owned())
}

/// As [`fault`], where the pointer names an array and its items are meant: a wildcard behind it is left out.
pub fn array_fault(pointer: &str) -> Option<String> {
    match path::of_array(pointer) {
        Some("") if !pointer.starts_with('/') => {
            Some("a JSON pointer of the whole document is empty: write \"\"".to_owned())
        }
        Some(array) if !pointer.starts_with('/') => fault(array),
        _ => fault(pointer),
    }
}

/// Says what in a valid pointer looks like another notation, and what to write for it; none where nothing does.
pub fn warning(pointer: &str) -> Option<String> {
    let path = pointer.strip_prefix('/')?;
    let is_path = path.starts_with("$.") || path.starts_with('$') && path[1..].starts_with('[') || has_index(path);
    if is_path {
        return Some(match of_path(path) {
            Ok(here) => format!(
                "`{pointer}` names a member that is called so; write \"{here}\" for what JSONPath calls `{path}`"
            ),
            Err(unlike) => {
                format!("`{pointer}` names a member that is called so. If JSONPath's `{path}` is meant: {unlike}")
            }
        });
    }
    let wildcard = path.split('/').find(|name| matches!(*name, "*" | "**"))?;
    let meant = Unlike::Several;
    Some(format!("in `{pointer}` a member is named that is called `{wildcard}`. If any member is meant: {meant}"))
}

/// As [`warning`], where the pointer names an array and its items are meant.
pub fn array_warning(pointer: &str) -> Option<String> {
    let array = path::of_array(pointer).filter(|_| pointer.starts_with('/'));
    let array = array.filter(|array| warning(array).is_none());
    match array {
        Some(array) => Some(format!("the items of an array are meant by the array's own pointer: write \"{array}\"")),
        None => warning(pointer),
    }
}

/// Whether a name ends with an index or a wildcard in brackets, as in `items[0]`.
fn has_index(path: &str) -> bool {
    path.split('/').any(|name| {
        let index = name.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
        index.is_some_and(|(name, index)| {
            let is_number = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
            (is_number && !name.is_empty()) || path::read_brackets(index).is_err()
        })
    })
}

/// Appends one name or index, escaped.
pub fn push(pointer: &mut String, part: &str) {
    pointer.push('/');
    pointer.push_str(&escape(part));
}

/// Returns a name as it stands between two slashes.
pub fn escape(part: &str) -> Cow<'_, str> {
    if part.contains(['~', '/']) { part.replace('~', "~0").replace('/', "~1").into() } else { part.into() }
}

/// Returns what a part between two slashes names.
pub fn unescape(part: &str) -> Cow<'_, str> {
    if part.contains('~') { part.replace("~1", "/").replace("~0", "~").into() } else { part.into() }
}

/// Returns the names and indexes of a pointer, unescaped; what stands before the first slash is left out.
pub fn parts(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(unescape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_begin_with_a_slash_and_escape_the_tilde() {
        for pointer in ["", "/", "/a/0", "/a~1b~0c", "//"] {
            assert_eq!(fault(pointer), None, "{pointer}");
        }
        for pointer in ["a", "$.a", "/a~", "/a~2", "~0"] {
            assert!(fault(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn a_pointer_that_is_a_path_with_a_slash_is_warned_of() {
        for (pointer, meant) in [("/$.a", "\"/a\""), ("/a/items[0]", "\"/a/items/0\""), ("/$['a']", "\"/a\"")] {
            assert!(warning(pointer).is_some_and(|said| said.contains(meant)), "{pointer}");
        }
        for pointer in ["", "/", "/a.b", "/http.status/0", "/$ref", "/[0]", "/a[b]", "/a*", "/*a/b"] {
            assert_eq!(warning(pointer), None, "{pointer}");
        }
    }

    #[test]
    fn a_wildcard_in_a_pointer_is_warned_of() {
        for pointer in
            ["/*", "/items/*/id", "/items[*]/id", "/items[]", "/**/id", "/a[-1]", "/a[?(@.b)]", "/$..a", "/[*]"]
        {
            assert!(warning(pointer).is_some_and(|said| said.contains("`jq`")), "{pointer}");
            assert_eq!(fault(pointer), None, "a member may be called so: {pointer}");
        }
    }

    #[test]
    fn the_items_of_an_array_are_named_by_the_array() {
        for path in ["$.items[*]", ".items[]", "items.*", "items[*]"] {
            assert!(array_fault(path).is_some_and(|said| said.ends_with("write \"/items\"")), "{path}");
        }
        assert!(array_fault("$[*]").is_some_and(|said| said.ends_with("write \"\"")));
        for pointer in ["/items/*", "/items[*]", "/items[]"] {
            assert_eq!(array_fault(pointer), None);
            assert!(array_warning(pointer).is_some_and(|said| said.ends_with("write \"/items\"")), "{pointer}");
        }
        for (path, said) in [(".[]", array_fault(".[]")), ("[]", array_fault("[]")), ("/*", array_warning("/*"))] {
            assert!(said.is_some_and(|said| said.ends_with("write \"\"")), "{path}");
        }
        assert!(array_warning("/a/*/items").is_some_and(|said| said.contains("`jq`")));
        assert!(array_fault("$.a[*].items[*]").is_some_and(|said| said.contains("`jq`")));
        assert_eq!((array_fault("/items"), array_warning("/items")), (None, None));
    }

    #[test]
    fn what_is_pushed_comes_apart_again() {
        let names = ["a", "", "~", "/", "~1", "a/b~c", "~0~1"];
        let mut pointer = String::new();
        names.iter().for_each(|name| push(&mut pointer, name));
        assert_eq!(fault(&pointer), None);
        assert_eq!(parts(&pointer).collect::<Vec<_>>(), names);
    }
}
