//! Every edit, natively, and what peers document of theirs.

#![allow(clippy::unwrap_used, reason = "tests")]

mod mistakes;
mod peers;

use serde_json::{Value, json};
use weir_sdk::testing::{Bench, Outcome, Record, Verdict, take_said};

use super::*;

fn bench(edits: &Value) -> Bench<ValueEditor> {
    Bench::new(json!({ "edits": edits })).unwrap()
}

fn run(config: &Value, record: Record) -> Outcome {
    Bench::<ValueEditor>::new(config).unwrap().run(&[record]).unwrap().remove(0)
}

fn text(outcome: &Outcome) -> String {
    outcome
        .record
        .value
        .as_ref()
        .map_or_else(|| "(null)".to_owned(), |value| String::from_utf8_lossy(value).into_owned())
}

/// What one edit makes of a value.
#[track_caller]
fn check(edit: Value, value: &str, expected: &str) {
    let outcome = bench(&json!([edit])).run(&[Record::of(value)]).unwrap().remove(0);
    assert_eq!((text(&outcome).as_str(), outcome.verdict), (expected, Verdict::Keep), "{edit} {value}");
}

/// The same for an edit that finds nothing: the value stays, and it is counted.
#[track_caller]
fn check_missing(edit: Value, value: &str) {
    take_said();
    check(edit, value, value);
    assert_eq!(take_said().counts.get("missing"), Some(&1), "{value}");
}

#[test]
fn replace_works_on_any_bytes() {
    check(json!({ "replace": "[0-9]+", "with": "#" }), "a1b22", "a#b#");
    check(json!({ "replace": "[0-9]+", "with": "#", "all": false }), "a1b22", "a#b22");
    check(json!({ "replace": "(\\w+)@(\\w+)", "with": "$2 at ${1}x$$" }), "me@home", "home at mex$");
    check(json!({ "replace": "x*", "with": "-" }), "aü", "-a-ü-");
    check(json!({ "replace": "b", "with": "c" }), "aaa", "aaa");
    check(json!({ "replace": "(?s)^.*$", "with": "" }), "a\nb", "");
    let bytes = bench(&json!([{ "replace": "(?-u)\\xFF", "with": "?" }])).run(&[Record::of(b"a\xFFb\xFE")]).unwrap();
    assert_eq!(bytes[0].record.value.as_deref(), Some(b"a?b\xFE".as_slice()));
}

/// What Java 17's `replaceAll` and `replaceFirst` answered.
#[test]
fn replace_takes_java_s_expressions() {
    let java = |replace: &str, with: &str| json!({ "replace": replace, "with": with, "dialect": "java" });
    check(java("a*$", "X"), "aa\n", "XX\nX");
    check(java("a*", "X"), "baaac", "XbXXcX");
    check(java(r"\b|.", "<$0>"), "éa", "<>é<a><>");
    check(java("ok$", "KO"), "status=ok\r\n", "status=KO\r\n");
    check(java(r"\d|\w", "#"), "x１２3 é", "#１２# é");
    check(java("a$", "b"), "a\u{85}", "b\u{85}");
    check(java("(?<n>.)$", "[$1]"), "ab\r\ncd", "ab\r\nc[d]");
    check(java("(?<n>.)$", "[${n}$0]"), "cd\n", "c[dd]\n");
    check(java("(a)(b)?", "$2$1$12"), "ab", "baa2");
    check(json!({ "replace": "x|(?i:X)", "with": "-", "all": false, "dialect": "java" }), "aXbX", "a-bX");
    check(java(r"\b", "|"), "日志 tom", "|日志| |tom|");
    check(java(r"\Q.\E", "-"), "a.b", "a-b");
    let captured = json!({ "capture": r"=(\w+)$", "dialect": "java" });
    check(json!({ "mask": captured }), "a=bc\n", "a=**\n");
    let whole = json!({ "capture": r"\d+$", "dialect": "java", "source": { "json": "/a" } });
    check(json!({ "mask": whole }), r#"{"a":"x12\n"}"#, r#"{"a":"x**\n"}"#);
    check(json!({ "take": { "capture": "b.*$", "dialect": "java" } }), "a\nbc\r\n", "bc");
}

#[test]
fn replace_in_a_member_leaves_all_other_bytes() {
    let edit = json!({ "replace": "a", "with": "\"", "json": "/x/1" });
    check(
        edit.clone(),
        " {\"a\" : 1.50, \"x\":[\"aa\", \"\\u0062a\"] , \"a\":\"\\/\"}\n",
        " {\"a\" : 1.50, \"x\":[\"aa\", \"b\\\"\"] , \"a\":\"\\/\"}\n",
    );
    // What does not match keeps even its escapes.
    check(edit.clone(), "{\"x\":[0,\"\\u0062\"]}", "{\"x\":[0,\"\\u0062\"]}");
    check_missing(edit, "{\"x\":[0]}");
    // Whatever precedes the document stays in front of it.
    check(
        json!({ "replace": "a", "with": "b", "json": "/x" }),
        "\0\0\0\0\u{7}\u{feff}{\"x\":\"a\"}",
        "\0\0\0\0\u{7}\u{feff}{\"x\":\"b\"}",
    );
}

#[test]
fn a_member_that_is_no_text_keeps_its_kind_where_it_can() {
    let edit = |with: &str| json!({ "replace": "[0-9]{2}$", "with": with, "json": "/n" });
    check(edit("00"), "{\"n\":1234}", "{\"n\":1200}");
    check(edit("**"), "{\"n\":1234}", "{\"n\":\"12**\"}");
    check(edit(""), "{\"n\":12}", "{\"n\":\"\"}");
    check(json!({ "replace": "true", "with": "false", "json": "/n" }), "{\"n\":true}", "{\"n\":false}");
    check(json!({ "replace": "true", "with": "1", "json": "/n" }), "{\"n\":true}", "{\"n\":\"1\"}");
    check(json!({ "replace": "1", "with": "2", "json": "/n" }), "{\"n\":[1, 1]}", "{\"n\":[2, 2]}");
    check(json!({ "replace": "1", "with": "]", "json": "/n" }), "{\"n\":[1]}", "{\"n\":\"[]]\"}");
    check(json!({ "mask": { "json": "/n" }, "with": "0" }), "{\"n\":-12}", "{\"n\":\"000\"}");
    check(json!({ "mask": { "json": "/n" }, "with": "9" }), "{\"n\":12}", "{\"n\":99}");
}

#[test]
fn masks_hide_members_matches_and_values() {
    let card = json!({ "mask": { "json": "/card" }, "keep_last": 4 });
    check(card.clone(), "{\"card\":\"4111111111111111\"}", "{\"card\":\"************1111\"}");
    check(card.clone(), "{\"card\":\"1234\"}", "{\"card\":\"****\"}");
    check_missing(card.clone(), "{\"card\":null}");
    check_missing(card.clone(), "{\"cart\":1}");
    check_missing(card.clone(), "[]");
    // A reader that takes the first of a name that stands twice sees nothing either.
    check(
        card,
        "{\"card\":\"11112222\",\"\\u0063ard\":\"33334444\"}",
        "{\"card\":\"****2222\",\"\\u0063ard\":\"****4444\"}",
    );
    check(
        json!({ "mask": { "capture": "\"ip\":\"\\d+\\.\\d+\\.(\\d+\\.\\d+)\"" }, "with": "x" }),
        "{\"ip\":\"1.2.34.5\"}",
        "{\"ip\":\"1.2.xxxx\"}",
    );
    check(
        json!({ "mask": { "capture": "\\d{4}", "source": { "json": "/t" } } }),
        "{\"t\":\"1234 \\u0031234 5\",\"u\":\"1234\"}",
        "{\"t\":\"**** **** 5\",\"u\":\"1234\"}",
    );
    check(json!({ "mask": { "capture": "(a)|(b)", "group": 2 } }), "abab", "a*a*");
    check(json!({ "mask": { "value": true }, "keep_first": 1 }), "secret", "s*****");
    check(json!({ "mask": { "json": "" } }), "[1]", "\"***\"");
}

#[test]
fn hashes_are_keyed_and_in_hexadecimal() {
    // echo -n 'what do ya want for nothing?' | openssl dgst -sha256 -hmac Jefe
    let digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let edit = |target: Value| json!({ "hash": target, "key": "Jefe" });
    let message = "what do ya want for nothing?";
    check(edit(json!({ "value": true })), message, digest);
    check(edit(json!({ "json": "/m" })), &format!("{{\"m\":\"{message}\"}}"), &format!("{{\"m\":\"{digest}\"}}"));
    check(edit(json!({ "capture": "<(.*)>" })), &format!("<{message}>"), &format!("<{digest}>"));
    check(edit(json!({ "capture": "<(.*)>" })), "<>", "<>");
    // A number and a text of the same digits are the same person.
    let of = |value: &str| text(&bench(&json!([edit(json!({ "json": "/m" }))])).run(&[Record::of(value)]).unwrap()[0]);
    assert_eq!(of("{\"m\":7}"), of("{\"m\":\"7\"}"));
    assert_ne!(of("{\"m\":7}"), of("{\"m\":8}"));
}

#[test]
fn set_replaces_a_member_or_adds_it_last() {
    let edit = |pointer: &str, json: Value| json!({ "set": pointer, "to_json": json });
    check(edit("/a", json!(1.5)), "{\"a\" : true, \"b\":2}", "{\"a\" : 1.5, \"b\":2}");
    check(edit("/c", json!([1, "x"])), "{ \"a\": 1 }", "{ \"a\": 1,\"c\":[1,\"x\"] }");
    check(edit("/c", json!({ "d": null })), "{ }", "{\"c\":{\"d\":null} }");
    check(edit("/a\"b/c/d", json!(false)), "{\"x\":0}", "{\"x\":0,\"a\\\"b\":{\"c\":{\"d\":false}}}");
    check(edit("/a/b", json!(1)), "{\"a\":{\"b\":2},\"a\":{\"c\":3}}", "{\"a\":{\"b\":2},\"a\":{\"c\":3,\"b\":1}}");
    check(edit("/a/-", json!(3)), "{\"a\":[1, 2 ]}", "{\"a\":[1, 2,3 ]}");
    check(edit("/a/0", json!(3)), "{\"a\":[]}", "{\"a\":[3]}");
    check(edit("/a/0", json!(3)), "{\"a\":[1,2]}", "{\"a\":[3,2]}");
    check(edit("/tags/-", json!("\"x\"")), "{}", "{\"tags\":[\"x\"]}");
    check(edit("", json!(7)), " {} ", " 7 ");
    check(edit("/n", json!("null")), "{\"n\":1}", "{\"n\":null}");
    check_missing(edit("/a/2", json!(3)), "{\"a\":[1]}");
    check_missing(edit("/a/b", json!(3)), "{\"a\":[1]}");
    check_missing(edit("/a/b", json!(3)), "{\"a\":\"text\"}");
    check_missing(edit("/a", json!(3)), "7");
}

#[test]
fn set_takes_templates_and_copies() {
    let record = || Record::of("{\"a\":{\"b\":[1.0,\"x\"]}}").header("h", "q\"\n").offset(12).key("k");
    let made = |edit: Value| text(&run(&json!({ "edits": [edit] }), record()));
    assert_eq!(
        made(json!({ "set": "/t", "to": "{topic}/{h}" })),
        "{\"a\":{\"b\":[1.0,\"x\"]},\"t\":\"topic/q\\\"\\n\"}"
    );
    assert_eq!(made(json!({ "set": "/a", "to_json": "{offset}" })), "{\"a\":12}");
    assert_eq!(
        made(json!({ "set": "/a", "to_json": "{{\"o\":{offset},\"k\":\"{key}\"}}" })),
        "{\"a\":{\"o\":12,\"k\":\"k\"}}"
    );
    assert_eq!(made(json!({ "set": "/a", "to": "plain" })), "{\"a\":\"plain\"}");
    assert_eq!(made(json!({ "set": "/a", "to": "" })), "{\"a\":\"\"}");
    assert_eq!(made(json!({ "set": "/c", "from": "/a/b" })), "{\"a\":{\"b\":[1.0,\"x\"]},\"c\":[1.0,\"x\"]}");
    assert_eq!(made(json!({ "set": "/a", "from": "/a/b/1" })), "{\"a\":\"x\"}");
    for missing in [
        json!({ "set": "/t", "to": "{none}" }),
        json!({ "set": "/t", "to_json": "{key}" }),
        json!({ "set": "/t", "to_json": "{none}" }),
        json!({ "set": "/t", "from": "/b" }),
    ] {
        take_said();
        assert_eq!(
            made(missing.clone()),
            text(&run(&json!({ "edits": [{ "remove": "/none" }] }), record())),
            "{missing}"
        );
        assert_eq!(take_said().counts["missing"], 2);
    }
}

#[test]
fn removed_members_take_one_comma_with_them() {
    let edit = |pointer: &str| json!({ "remove": pointer });
    check(edit("/a"), "{ \"a\":1, \"b\":2 }", "{ \"b\":2 }");
    check(edit("/b"), "{ \"a\":1 , \"b\":2 }", "{ \"a\":1 }");
    check(edit("/b"), "{\"a\":1, \"b\":2, \"c\":3}", "{\"a\":1, \"c\":3}");
    check(edit("/a"), "{ \"a\":1 }", "{  }");
    check(edit("/a"), "{\"a\":1,\"a\":2}", "{}");
    check(edit("/a"), "{\"x\":0,\"a\":1,\"a\":2}", "{\"x\":0}");
    check(edit("/a"), "{\"a\":1,\"x\":0,\"a\":2,\"y\":3}", "{\"x\":0,\"y\":3}");
    check(edit("/a/1"), "{\"a\":[1,[2],3]}", "{\"a\":[1,3]}");
    check(edit("/a/b"), "{\"a\":{\"b\":1},\"a\":{\"b\":2,\"c\":3}}", "{\"a\":{},\"a\":{\"c\":3}}");
    check_missing(edit("/a/b"), "{\"a\":1}");
    check_missing(edit("/a"), "7");
}

#[test]
fn renamed_members_keep_their_place() {
    let edit = |pointer: &str, to: &str| json!({ "rename": pointer, "to": to });
    check(edit("/a", "z\""), "{ \"a\" : 1, \"b\":2 }", "{ \"z\\\"\" : 1, \"b\":2 }");
    check(edit("/x/a", "b"), "{\"x\":{\"b\":1, \"a\":2,\"b\":3},\"a\":0}", "{\"x\":{\"b\":2},\"a\":0}");
    check(edit("/0/a", "b"), "[{\"a\":1},{\"a\":1}]", "[{\"b\":1},{\"a\":1}]");
    check(edit("/a", "b"), "{\"a\":1,\"a\":2}", "{\"b\":1,\"b\":2}");
    check_missing(edit("/a", "b"), "{\"b\":1}");
    check_missing(edit("/0", "b"), "[1]");
    check_missing(edit("/x/a", "b"), "{\"x\":{\"a\":1,\"b\":0},\"x\":7}".replace("\"a\"", "\"c\"").as_str());
}

#[test]
fn what_is_not_kept_goes() {
    let edit = |pointers: Value| json!({ "keep": pointers });
    check(edit(json!(["/a", "/c"])), "{ \"a\":1, \"b\":2, \"c\":{\"d\":4}, \"e\":5 }", "{ \"a\":1, \"c\":{\"d\":4} }");
    check(edit(json!(["/a/b", "/c/1"])), "{\"a\":{\"b\":1,\"x\":0},\"c\":[1,2,3]}", "{\"a\":{\"b\":1},\"c\":[2]}");
    check(edit(json!(["/a/b"])), "{\"a\":7,\"a\":{\"x\":0}}", "{\"a\":{}}");
    check(edit(json!(["/a", "/a/b"])), "{\"a\":{\"b\":1,\"x\":0}}", "{\"a\":{\"b\":1,\"x\":0}}");
    check(edit(json!([])), "{\"a\":7}", "{}");
    check(edit(json!(["/z"])), "[]", "[]");
    check_missing(edit(json!(["/a"])), "\"text\"");
}

#[test]
fn a_part_becomes_the_value() {
    let edit = |part: Value| json!({ "take": part });
    check(edit(json!({ "json": "/after" })), "{\"after\": {\"a\": 1.0}}", "{\"a\": 1.0}");
    check(edit(json!({ "json": "/after" })), "{\"after\":\"x\\n\"}", "x\n");
    check(edit(json!({ "json": "/after" })), "{\"after\":null}", "(null)");
    check_missing(edit(json!({ "json": "/after" })), "{}");
    check(edit(json!({ "json": "/a", "source": { "json": "/log" } })), "{\"log\":\"{\\\"a\\\":[1]}\"}", "[1]");
    check(edit(json!({ "json": "/a", "source": { "json": "/log" } })), "{\"log\":{\"a\":\"b\"}}", "b");
    check_missing(edit(json!({ "json": "/a", "source": { "json": "/log" } })), "{\"log\":\"{\"}");
    check(edit(json!({ "capture": "level=(\\w+)" })), "x level=warn y", "warn");
    check(edit(json!({ "capture": "\\w+$", "source": { "json": "/m" } })), "{\"m\":\"a \\u0062c\"}", "bc");
    check_missing(edit(json!({ "capture": "level=(\\w+)" })), "x");
    check_missing(edit(json!({ "header": "h" })), "x");
    let record = Record::of("v").header("h", "one").key("{\"k\":2}");
    let taken = |part: Value| text(&run(&json!({ "edits": [edit(part)] }), record.clone()));
    assert_eq!(taken(json!({ "header": "h" })), "one");
    assert_eq!(taken(json!({ "key": true })), "{\"k\":2}");
    assert_eq!(taken(json!({ "json": "/k", "source": "key" })), "2");
    assert_eq!(taken(json!({ "template": "{h}:{value}" })), "one:v");
}

#[test]
fn edits_work_on_what_those_above_left() {
    let config = json!({ "edits": [
        { "take": { "json": "/after" } },
        { "rename": "/a", "to": "b" },
        { "set": "/c", "from": "/b" },
        { "remove": "/none" },
        { "replace": "1", "with": "2" },
        { "mask": { "json": "/c" }, "with": "0" },
    ] });
    take_said();
    let outcome = run(&config, Record::of("{\"before\":0,\"after\":{\"a\":1}}"));
    assert_eq!(text(&outcome), "{\"b\":2,\"c\":0}");
    let counts = take_said().counts;
    assert_eq!((counts["edited"], counts["missing"]), (1, 1));
    // A value that comes out as it was is not written.
    let back = json!({ "edits": [{ "replace": "a", "with": "b" }, { "replace": "b", "with": "a" }] });
    run(&back, Record::of("a"));
    assert_eq!(take_said().counts.get("edited"), None);
}

#[test]
fn tombstones_pass_and_broken_json_follows_invalid() {
    let edits = json!([{ "replace": "a", "with": "b" }, { "remove": "/x" }]);
    let config = |invalid: &str| json!({ "edits": edits, "invalid": invalid });
    take_said();
    assert_eq!(text(&run(&config("dead-letter"), Record::tombstone())), "(null)");
    let dead = run(&config("dead-letter"), Record::of("{\"a\":1]"));
    let reason = "edit 1: the JSON breaks at byte 6, where `,` or `}` should stand";
    assert_eq!((dead.verdict, dead.record), (Verdict::DeadLetter(reason.to_owned()), Record::of("{\"a\":1]")));
    assert!(take_said().counts.is_empty());
    let kept = run(&config("keep"), Record::of("{\"a\":1]"));
    assert_eq!((kept.verdict, kept.record), (Verdict::Keep, Record::of("{\"a\":1]")));
    assert_eq!(take_said().counts["invalid"], 1);
}

#[test]
fn what_is_missing_may_be_set_aside() {
    let reason = |edit: Value| {
        let config = json!({ "edits": [{ "replace": "1", "with": "2" }, edit], "missing": "dead-letter" });
        let outcome = run(&config, Record::of("{\"a\":1}"));
        assert_eq!(text(&outcome), "{\"a\":1}");
        outcome.verdict
    };
    let dead = |reason: &str| Verdict::DeadLetter(format!("edit 1: {reason}"));
    assert_eq!(reason(json!({ "mask": { "json": "/b" } })), dead("nothing at `/b`"));
    assert_eq!(reason(json!({ "remove": "/b" })), dead("nothing at `/b`"));
    assert_eq!(reason(json!({ "rename": "/b", "to": "c" })), dead("nothing at `/b`"));
    assert_eq!(reason(json!({ "set": "/b", "from": "/c" })), dead("nothing at `/c`, or nowhere to put `/b`"));
    assert_eq!(reason(json!({ "set": "/b", "to": "{x}" })), dead("a part is not there for `/b`, or nowhere to put it"));
    assert_eq!(reason(json!({ "set": "/a/b", "to_json": 1 })), dead("nowhere to put `/a/b`"));
    assert_eq!(reason(json!({ "take": { "header": "h" } })), dead("no header `h`"));
}

#[test]
fn the_plan_names_exactly_what_may_happen() {
    let plan = |config: Value| Bench::<ValueEditor>::new(config).unwrap().plan().clone();
    let text = plan(json!({ "edits": [{ "replace": "a", "with": "b" }], "missing": "dead-letter" }));
    assert_eq!((text.declared_effects(), text.declared_inputs()), (Effects::VALUE, [Input::value()].as_slice()));
    let json = plan(json!({ "edits": [{ "remove": "/a" }] }));
    assert_eq!(json.declared_effects(), Effects::VALUE | Effects::DEAD_LETTER);
    let kept = plan(json!({ "edits": [{ "remove": "/a" }], "invalid": "keep" }));
    assert_eq!(kept.declared_effects(), Effects::VALUE);
    let missing = plan(json!({ "edits": [{ "remove": "/a" }], "invalid": "keep", "missing": "dead-letter" }));
    assert_eq!(missing.declared_effects(), Effects::VALUE | Effects::DEAD_LETTER);
    let parts = plan(json!({ "edits": [{ "set": "/a", "to": "{h}{topic}" }, { "take": { "key": true } }] }));
    assert_eq!(parts.declared_inputs(), [Input::value(), Input::header("h"), Input::key()]);
}
