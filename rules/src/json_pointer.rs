//! JSON pointers, as RFC 6901 defines them.

use std::borrow::Cow;

use crate::json::DEPTH;

/// Says why a text is not a JSON pointer, and what to write instead; none where it is one.
pub fn fault(pointer: &str) -> Option<String> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Some(format!("a JSON pointer begins with `/`: write \"{}\"", of_path(pointer)));
    }
    if pointer.matches('/').count() > DEPTH {
        return Some(format!("a JSON pointer has at most {DEPTH} names: deeper documents are not valid"));
    }
    let is_escaped = pointer.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    (!is_escaped).then(|| "in a JSON pointer `~` is written `~0`, and `/` inside a name `~1`".to_owned())
}

/// Says what in a valid pointer looks like another notation, and what to write for it; none where nothing does.
pub fn warning(pointer: &str) -> Option<String> {
    let path = pointer.strip_prefix('/')?;
    let is_path = path.starts_with("$.") || path.starts_with('$') && path[1..].starts_with('[') || has_index(path);
    is_path.then(|| {
        format!(
            "`{pointer}` names a member that is called so; write \"{}\" for what JSONPath calls `{path}`",
            of_path(path)
        )
    })
}

/// Whether a name ends with an index in brackets, as in `items[0]`.
fn has_index(path: &str) -> bool {
    path.split('/').any(|name| {
        let index = name.strip_suffix(']').and_then(|rest| rest.rsplit_once('['));
        index.is_some_and(|(name, index)| {
            !name.is_empty() && !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit())
        })
    })
}

/// Returns the pointer for a path of names with dots and brackets, as JSONPath, jq and others write it: `$.a[0].b`, `.a`,
/// `a.b`, `$['a b']`, `[a][b]`.
pub fn of_path(path: &str) -> String {
    let mut pointer = String::new();
    let mut name = String::new();
    let mut rest =
        path.strip_prefix('$').filter(|rest| rest.is_empty() || rest.starts_with(['.', '['])).unwrap_or(path);
    let end = |name: &mut String, pointer: &mut String| {
        if !name.is_empty() {
            push(pointer, name);
            name.clear();
        }
    };
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '.' | '/' => end(&mut name, &mut pointer),
            '[' => {
                let Some((inside, after)) = rest.split_once(']') else {
                    name.push(letter);
                    continue;
                };
                end(&mut name, &mut pointer);
                push(&mut pointer, inside.trim_matches(['"', '\'']));
                rest = after;
            }
            _ => name.push(letter),
        }
    }
    end(&mut name, &mut pointer);
    if pointer.is_empty() && path != "$" { "/".to_owned() } else { pointer }
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
    fn other_notations_are_translated() {
        for (path, pointer) in [
            ("$.actionTime", "/actionTime"),
            ("actionTime", "/actionTime"),
            (".a.b", "/a/b"),
            ("a.b", "/a/b"),
            ("a/b", "/a/b"),
            ("$.a[0].b", "/a/0/b"),
            ("$['a b'][\"c/d\"]", "/a b/c~1d"),
            ("[a][b]", "/a/b"),
            ("$", ""),
            ("a[", "/a["),
            ("日.志", "/日/志"),
        ] {
            assert_eq!(of_path(path), pointer, "{path}");
            assert_eq!(super::fault(&of_path(path)), None, "{path}");
            assert!(super::fault(path).is_some_and(|said| said.contains(&format!("\"{pointer}\""))), "{path}");
        }
    }

    #[test]
    fn a_pointer_that_is_a_path_with_a_slash_is_warned_of() {
        for (pointer, meant) in [("/$.a", "\"/a\""), ("/a/items[0]", "\"/a/items/0\""), ("/$['a']", "\"/a\"")] {
            assert!(warning(pointer).is_some_and(|said| said.contains(meant)), "{pointer}");
        }
        for pointer in ["", "/", "/a.b", "/http.status/0", "/$ref", "/[0]", "/a[b]"] {
            assert_eq!(warning(pointer), None, "{pointer}");
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
