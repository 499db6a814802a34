//! JSON pointers, as RFC 6901 defines them.

use std::borrow::Cow;

/// Says why a text is not a JSON pointer, and what to write instead; none where it is one.
pub fn fault(pointer: &str) -> Option<String> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Some(format!("a JSON pointer begins with `/`: write `/{pointer}`"));
    }
    let is_escaped = pointer.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    (!is_escaped).then(|| "in a JSON pointer `~` is written `~0`, and `/` inside a name `~1`".to_owned())
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
    fn what_is_pushed_comes_apart_again() {
        let names = ["a", "", "~", "/", "~1", "a/b~c", "~0~1"];
        let mut pointer = String::new();
        names.iter().for_each(|name| push(&mut pointer, name));
        assert_eq!(fault(&pointer), None);
        assert_eq!(parts(&pointer).collect::<Vec<_>>(), names);
    }
}
