//! What of jq is there, and how it differs.

use super::*;

#[test]
fn members_keep_their_order() {
    check(". + {b: 9, c: 3}", "{\"b\":1,\"a\":2}", &["{\"b\":9,\"a\":2,\"c\":3}"]);
    check(".a = 9", "{\"b\":1,\"a\":2}", &["{\"b\":1,\"a\":9}"]);
    check("to_entries | from_entries", "{\"b\":1,\"a\":2}", &["{\"b\":1,\"a\":2}"]);
    check("keys, keys_unsorted", "{\"b\":1,\"a\":2}", &["[\"a\",\"b\"]", "[\"b\",\"a\"]"]);
    check(
        "del(.a, .x), del(.x.y), delpaths([[\"b\"], [\"a\"]])",
        "{\"a\":1,\"b\":2,\"c\":3}",
        &["{\"b\":2,\"c\":3}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3}"],
    );
    check(
        "del(.[0, -1, 9]), del(.[1:]), del(.[:-3]), del(.[] | select(. > 2)), del(.), del(.[-9])",
        "[1,2,3,4]",
        &["[2,3]", "[1]", "[2,3,4]", "[1,2]", "null", "[1,2,3,4]"],
    );
    check("del(.a[0].b, .a[1])", "{\"a\":[{\"b\":1,\"c\":2},3]}", &["{\"a\":[{\"c\":2}]}"]);
    check(
        "del(.[-1], .[-2]), del(.[1], .[-3]), del(.[0:2], .[3]), del(.[0], .[1:2])",
        "[1,2,3,4]",
        &["[1,2]", "[1,3,4]", "[3]", "[3,4]"],
    );
    check("del(.[-2].a, .[-1])", "[{\"a\":1},{\"a\":2},{\"a\":3}]", &["[{\"a\":1},{}]"]);
    check_dead("del(.[0])", "{\"a\":1}", "cannot index {\"a\":1} with 0");
    check("with_entries({name: (.key + \"2\"), value})", "{\"a\":1}", &["{\"a2\":1}"]);
    check("with_entries(select(.key != \"a\"))", "{\"a\":1,\"b\":2,\"c\":3}", &["{\"b\":2,\"c\":3}"]);
}

#[test]
fn regular_expressions_are_those_of_weir() {
    check("test(\"^\\\\d+$\"), test(\"B\"; \"i\"), test(\"b\"; \"x\")", "\"12b\"", &["false", "true", "true"]);
    check("capture(\"(?<y>\\\\d+)-(?<m>\\\\d+)\")", "\"on 2024-05\"", &["{\"y\":\"2024\",\"m\":\"05\"}"]);
    check("[scan(\"\\\\p{L}+\")]", "\"é a1\"", &["[\"é\",\"a\"]"]);
    check("gsub(\"(?<c>[0-9])\"; \"<\\(.c)>\"), sub(\"\\\\d\"; \"\")", "\"a1b2\"", &["\"a<1>b<2>\"", "\"ab2\""]);
    check("[splits(\", *\")], split(\",\")", "\"a, b,c\"", &["[\"a\",\"b\",\"c\"]", "[\"a\",\" b\",\"c\"]"]);
    check(
        "[match(\"(?<x>é)?b\"; \"g\") | [.offset, .length, .captures[].name]]",
        "\"éb😀b\"",
        &["[[0,2,\"x\"],[3,1,\"x\"]]"],
    );
    check("[match(\"\"; \"g\").offset], [match(\"\"; \"gn\")]", "\"ab\"", &["[0,1,2]", "[]"]);
    check(
        "capture(\"(?<a>x)?(?<b>y)\"), [scan(\"(x)?(y)\")], test(\"Y\"; null)",
        "\"y\"",
        &["{\"a\":null,\"b\":\"y\"}", "[[null,\"y\"]]", "false"],
    );
    check(
        "match(\"(a)(?<n>b)?\"; \"g\")",
        "\"éa\"",
        &[
            "{\"offset\":1,\"length\":1,\"string\":\"a\",\"captures\":[{\"offset\":1,\"length\":1,\"string\":\"a\",\"name\":null},{\"offset\":-1,\"length\":0,\"string\":null,\"name\":\"n\"}]}",
        ],
    );
    check_dead("test(\"(\")", "\"\"", "invalid regex: unclosed group");
    check_dead("test(\"a\"; \"q\")", "\"\"", "invalid regex flag: q");
    assert!(
        outputs(&json!({ "program": "test(\"(?=a)\")" }), "\"\"")
            .unwrap_err()
            .starts_with("invalid regex: look-around")
    );
}

#[test]
fn dates_are_in_utc_and_there_is_no_clock() {
    check(
        "todate, gmtime, strftime(\"%Y/%m/%d %H\")",
        "1700000000",
        &["\"2023-11-14T22:13:20Z\"", "[2023,10,14,22,13,20,2,317]", "\"2023/11/14 22\""],
    );
    check("fromdate", "\"2023-11-14T23:13:20+01:00\"", &["1700000000"]);
    check("strptime(\"%Y-%m-%d\") | mktime", "\"2038-01-20\"", &["2147558400"]);
    check(". / 1000 | todate", "4000000000123", &["\"2096-10-02T07:06:40.123Z\""]);
    check("fromdate", "\"2023-11-14T22:13:20.5Z\"", &["1700000000.5"]);
    check_dead("mktime", "[2024,127,1,0,0,0]", "cannot convert [2024,127,1,0,0,0] to time");
    assert!(outputs(&json!({ "program": "fromdate" }), "\"yesterday\"").is_err());
}

#[test]
fn formats_write_and_read() {
    check(
        "@html, @uri, @base64",
        "\"<a b='é'>\"",
        &["\"&lt;a b=&#39;é&#39;&gt;\"", "\"%3Ca%20b%3D%27%C3%A9%27%3E\"", "\"PGEgYj0nw6knPg==\""],
    );
    check("@htmld", "\"&lt;&amp;lt;&x&apos;&#39;\"", &["\"<&lt;&x''\""]);
    check("@urid", "\"%C3%a9+%2\"", &["\"é+%2\""]);
    check("@base64d", "\"PGE+\"", &["\"<a>\""]);
    check("@base64d", "\"YQ\"", &["\"a\""]);
    check("@sh, @json, @text", "[\"it's\",1]", &["\"'it'\\\\''s' 1\"", "\"[\\\"it's\\\",1]\"", "\"[\\\"it's\\\",1]\""]);
    check(
        "@csv, @tsv",
        "[\"a\\\"b\",1.50,null,true,\"t\\tn\\n\\\\\"]",
        &[
            "\"\\\"a\\\"\\\"b\\\",1.50,,true,\\\"t\\tn\\n\\\\\\\"\"",
            "\"a\\\"b\\t1.50\\t\\ttrue\\tt\\\\tn\\\\n\\\\\\\\\"",
        ],
    );
    check("@csv \"\\(.)!\"", "[\"\"]", &["\"\\\"\\\"!\""]);
    check_dead("@csv", "[[1]]", "array ([1]) is not valid in a csv row");
    check_dead("@tsv", "{}", "object ({}) cannot be tsv-formatted, only an array can be");
}

#[test]
fn what_jaqs_library_lacks_is_there() {
    check("IN(1, 2), IN(.; 3)", "2", &["true", "false"]);
    check("INDEX(.id)", "[{\"id\":1},{\"id\":\"x\"}]", &["{\"1\":{\"id\":1},\"x\":{\"id\":\"x\"}}"]);
    check("[leaf_paths], [tostream]", "{\"a\":[1]}", &["[[\"a\",0]]", "[[[\"a\",0],1],[[\"a\",0]],[[\"a\"]]]"]);
    check("join(\",\")", "[1,null,\"a\",true]", &["\"1,,a,true\""]);
    check("from_entries", "[{\"name\":\"a\",\"value\":null},{\"k\":1,\"v\":2}]", &["{\"a\":null,\"1\":2}"]);
    check("walk(if type == \"number\" then . + 1 elif type == \"array\" then add else . end)", "[[1,2],3]", &["9"]);
    // Not as in jq, which makes the objects on the way.
    check_dead(".a.b = 1", "{}", "cannot use null as iterable (array or object)");
    check(".a += {b: 1}", "{}", &["{\"a\":{\"b\":1}}"]);
    check("toarray, trimstr(\"x\")", "\"xax\"", &["[\"xax\"]", "\"a\""]);
    check("(.[] | length)", "[null,\"é😀\",[1],{},-1.5]", &["0", "2", "1", "0", "1.5"]);
    check_dead("length", "true", "true has no length");
    check("walk(if type == \"string\" then ascii_upcase else . end)", "{\"a\":[\"x\"]}", &["{\"a\":[\"X\"]}"]);
    check(
        "reduce .[] as {a: $x} (0; . + $x), limit(1; .[]), first(.[]), ([.[].a] | add)",
        "[{\"a\":1},{\"a\":2}]",
        &["3", "{\"a\":1}", "{\"a\":1}", "3"],
    );
    check(
        "label $out | foreach .[] as $x (0; . + $x; if . > 3 then ., break $out else . end)",
        "[1,2,3,4]",
        &["1", "3", "6"],
    );
    check("def f($n): if $n == 0 then . else . * 2 | f($n - 1) end; f(10)", "1", &["1024"]);
    check(
        "group_by(.k) | map({k: .[0].k, n: length})",
        "[{\"k\":2},{\"k\":1},{\"k\":2}]",
        &["[{\"k\":1,\"n\":1},{\"k\":2,\"n\":2}]"],
    );
    let flat = "[paths(scalars) as $p | {($p | map(tostring) | join(\".\")): getpath($p)}] | add";
    check(flat, "{\"a\":{\"b\":1,\"c\":[true]},\"d\":\"x\"}", &["{\"a.b\":1,\"a.c.0\":true,\"d\":\"x\"}"]);
}
