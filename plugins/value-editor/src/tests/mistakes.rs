//! Configs that are wrong.

use super::*;

#[track_caller]
fn check(edits: Value, expected: &[&str]) {
    let mistakes = Bench::<ValueEditor>::new(json!({ "edits": edits })).err().unwrap_or_default();
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(lines, expected);
}

#[test]
fn an_edit_does_one_thing() {
    check(json!([]), &["/edits: there are none: write one at least"]);
    check(
        json!([{}]),
        &["/edits/0: does nothing: write one of `replace`, `mask`, `hash`, `set`, `remove`, `rename`, `keep`, `take`"],
    );
    check(
        json!([{ "remove": "/a", "take": { "json": "/a" } }]),
        &["/edits/0: `remove` and `take` stand together: write an edit for each"],
    );
    check(
        json!([{ "remove": "/a" }, { "remove": "/a", "with": "x", "key": "k" }]),
        &[
            "/edits/1/with: stands beside `replace` or `mask` only, and this edit has `remove`",
            "/edits/1/key: stands beside `hash` only, and this edit has `remove`",
        ],
    );
}

#[test]
fn pointers_expressions_and_groups_are_checked() {
    check(
        json!([{ "remove": "" }, { "rename": "", "to": "b" }, { "keep": ["/a", ""] }]),
        &[
            "/edits/0/remove: is the whole document: name a member, as in `/member`",
            "/edits/1/rename: is the whole document: name a member, as in `/member`",
            "/edits/2/keep/1: is the whole document: name a member, as in `/member`",
        ],
    );
    let deep = "/a".repeat(129);
    let too_deep = format!(
        "/edits/0/remove: `{deep}` is not a JSON pointer: a JSON pointer has at most 128 names: deeper documents are not valid"
    );
    check(json!([{ "remove": deep }]), &[&too_deep]);
    let pointers = Bench::<ValueEditor>::new(json!({ "edits": [
        { "remove": "a" },
        { "mask": { "json": "a" } },
        { "mask": { "capture": "x", "source": { "json": "a" } } },
        { "set": "a", "from": "b" },
        { "take": { "json": "a" } },
        { "replace": "a", "with": "b", "json": "a" },
    ] }));
    let places: Vec<_> = pointers.unwrap_err().into_iter().map(|mistake| mistake.pointer).collect();
    assert_eq!(
        places,
        [
            "/edits/0/remove",
            "/edits/1/mask/json",
            "/edits/2/mask/source/json",
            "/edits/3/set",
            "/edits/3/from",
            "/edits/4/take/json",
            "/edits/5/json",
        ]
    );
    check(
        json!([{ "replace": "(", "with": "" }]),
        &[
            r"/edits/0/replace: not a valid regular expression: `(` at character 1: no `)` closes it; a parenthesis itself is `\(`",
        ],
    );
    check(
        json!([{ "replace": "a", "with": "$1" }]),
        &["/edits/0/with: the expression has no group `1`: put parentheses around the part that is meant"],
    );
    check(
        json!([{ "mask": { "capture": "(a)", "group": 2 } }]),
        &["/edits/0/mask/group: the expression has no group 2: it has 1 only"],
    );
    check(
        json!([{ "replace": "(\\w{1000}){1000}", "with": "" }]),
        &["/edits/0/replace: the expression is too large: it may take 8 MiB when compiled"],
    );
}

#[test]
fn what_an_edit_needs_is_said() {
    check(
        json!([{ "replace": "a" }]),
        &[
            "/edits/0: `replace` needs what comes in place of a match: write `with = \"…\"` beside it, `\"\"` for nothing",
        ],
    );
    check(
        json!([{ "hash": { "json": "/a" } }, { "hash": { "json": "/a" }, "key": "" }]),
        &[
            "/edits/0: `hash` needs a secret: write `key = { env = \"NAME\" }` beside it",
            "/edits/1/key: is empty: anybody could compute the hashes",
        ],
    );
    let one_value = "`set` needs one value: write one of `to`, `to_json` and `from` beside it";
    check(
        json!([{ "set": "/a" }, { "set": "/a", "to": "x", "from": "/b" }]),
        &[&format!("/edits/0: {one_value}"), &format!("/edits/1: {one_value}")],
    );
    check(
        json!([{ "set": "/a", "to_json": "abc" }]),
        &["/edits/0/to_json: `abc` is not JSON; a text is written `to = \"abc\"`"],
    );
    check(
        json!([{ "rename": "/a" }, { "rename": "/a/b", "to": "b" }]),
        &[
            "/edits/0: `rename` needs the new name: write `to = \"…\"` beside it",
            "/edits/1/to: is the name that the member has already",
        ],
    );
    let one_target = "needs exactly one of `value = true`, `json = \"/member\"` and `capture = 'expression'`";
    check(
        json!([{ "mask": {} }, { "mask": { "json": "/a", "value": true } }, { "mask": { "value": false } }]),
        &[
            &format!("/edits/0/mask: {one_target}"),
            &format!("/edits/1/mask: {one_target}"),
            &format!("/edits/2/mask: {one_target}"),
        ],
    );
    check(
        json!([{ "mask": { "json": "/a", "group": 1, "source": { "json": "/b" } } }]),
        &["/edits/0/mask/group: stands beside `capture` only", "/edits/0/mask/source: stands beside `capture` only"],
    );
    check(
        json!([{ "take": { "value": true } }]),
        &["/edits/0/take/value: is the value already: name a part of it, or another part of the record"],
    );
}

#[test]
fn what_another_system_has_is_told_with_what_it_is_here() {
    let warns = |edit: Value, pointer: &str, says: &str| {
        take_said();
        let _ = Bench::<ValueEditor>::new(json!({ "edits": [edit] })).unwrap();
        let said = take_said().logs;
        assert!(!said.is_empty() && said.iter().all(|(_, line)| *line == said[0].1), "{said:?}");
        assert!(said[0].1.starts_with(&format!("{pointer}: ")) && said[0].1.contains(says), "{said:?}");
    };
    warns(json!({ "replace": r"\\d+", "with": "" }), "/edits/0/replace", r"`\d`");
    warns(json!({ "mask": { "capture": r"\d++" } }), "/edits/0/mask/capture", r"write `\d+`");
    warns(json!({ "take": { "capture": "/(err)/i" } }), "/edits/0/take/capture", "`(?i)(err)`");
    warns(json!({ "replace": "(a)", "with": r"\1-****" }), "/edits/0/with", "`$1`");
    warns(json!({ "mask": { "json": "/items[*]/card" } }), "/edits/0/mask/json", "`jq`");
    warns(json!({ "remove": "/items/*/secret" }), "/edits/0/remove", "`jq`");
    warns(json!({ "set": "/a[0]", "to": "x" }), "/edits/0/set", "\"/a/0\"");
    let around = Bench::<ValueEditor>::new(json!({ "edits": [{ "replace": "a(?!b)", "with": "" }] })).unwrap_err();
    assert!(around[0].message.contains("`(?!b)` at character 2: negative look-ahead"), "{around:?}");
}
