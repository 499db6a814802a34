//! What other systems document of their edits, with their own examples where they give some.

use super::*;

#[test]
fn flume_search_and_replace() {
    // Flume's user guide, "Search and Replace Interceptor": leading word characters go.
    check(json!({ "replace": "^[A-Za-z0-9_]+", "with": "" }), "name42: hello", ": hello");
    // The same: groups in the replacement.
    check(
        json!({ "replace": "The quick brown ([a-z]+) jumped over the lazy ([a-z]+)", "with": "The hungry $2 ate the careless $1" }),
        "The quick brown fox jumped over the lazy dog",
        "The hungry dog ate the careless fox",
    );
}

#[test]
fn connect_replace_field() {
    // ReplaceField: `exclude`, `include` and `renames` of top-level fields.
    let value = "{\"foo\":1,\"bar\":2,\"baz\":3}";
    check(json!({ "remove": "/foo" }), value, "{\"bar\":2,\"baz\":3}");
    check(json!({ "keep": ["/foo", "/baz"] }), value, "{\"foo\":1,\"baz\":3}");
    check(json!({ "rename": "/foo", "to": "c1" }), value, "{\"c1\":1,\"bar\":2,\"baz\":3}");
}

#[test]
fn connect_mask_field() {
    // MaskField: an empty value of the field's type, or `replacement`; a field that is not there stays away.
    let numbers = json!({ "replace": "(?s).+", "with": "0", "json": "/balance" });
    check(numbers.clone(), "{\"balance\":-12.5}", "{\"balance\":0}");
    check(numbers, "{\"other\":1}", "{\"other\":1}");
    check(json!({ "replace": "(?s).+", "with": "", "json": "/name" }), "{\"name\":\"Ada\"}", "{\"name\":\"\"}");
    check(
        json!({ "replace": "(?s).+", "with": "***-***-****", "json": "/phone" }),
        "{\"phone\":\"5551234\"}",
        "{\"phone\":\"***-***-****\"}",
    );
}

#[test]
fn connect_extract_hoist_and_insert_field() {
    // ExtractField: `{"user":{"id":7}}` with field `user` gives `{"id":7}`; null stays null.
    check(json!({ "take": { "json": "/user" } }), "{\"user\":{\"id\":7}}", "{\"id\":7}");
    check(json!({ "take": { "json": "/user" } }), "{\"user\":null}", "(null)");
    // HoistField: the value becomes the field of a new one.
    let config = json!({ "edits": [{ "take": { "template": "{{\"line\":{value}}}" } }] });
    assert_eq!(text(&run(&config, Record::of("[1, 2]"))), "{\"line\":[1, 2]}");
    // InsertField: topic, offset, timestamp and a static value.
    let config = json!({ "edits": [
        { "set": "/topic", "to": "{topic}" },
        { "set": "/offset", "to_json": "{offset}" },
        { "set": "/at", "to_json": "{timestamp}" },
        { "set": "/dc", "to": "hz1" },
    ] });
    let outcome = run(&config, Record::of("{}").offset(9).timestamp(1_700_000_000_000));
    assert_eq!(text(&outcome), "{\"topic\":\"topic\",\"offset\":9,\"at\":1700000000000,\"dc\":\"hz1\"}");
}

#[test]
fn vector_redact_and_logstash_mutate() {
    // Vector's redact: every match of a pattern becomes [REDACTED], wherever it stands.
    check(
        json!({ "replace": "\\d{3}-\\d{2}-\\d{4}", "with": "[REDACTED]" }),
        "{\"message\":\"my ssn is 123-45-6789\"}",
        "{\"message\":\"my ssn is [REDACTED]\"}",
    );
    // Logstash's mutate: gsub on a field, copy, and replace.
    check(
        json!({ "replace": "/", "with": "_", "json": "/path" }),
        "{\"path\":\"/a/b\",\"x\":\"/\"}",
        "{\"path\":\"_a_b\",\"x\":\"/\"}",
    );
    check(
        json!({ "set": "/copy", "from": "/source" }),
        "{\"source\":{\"a\":1}}",
        "{\"source\":{\"a\":1},\"copy\":{\"a\":1}}",
    );
}
