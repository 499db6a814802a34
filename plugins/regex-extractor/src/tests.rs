//! Rules over records, run by the host and by the guest, which must agree.

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};
use weir_sdk::{
    Input,
    testing::{Bench, Outcome, Record, Verdict, take_said},
};

use super::*;

fn matcher(pattern: &str, group: u32, bytes: &[u8]) -> Option<Vec<u8>> {
    let captures = regex::bytes::Regex::new(pattern).unwrap();
    Some(captures.captures(bytes)?.get(group as usize)?.as_bytes().to_vec())
}

fn run(mut config: Value, who: &str, records: &[Record]) -> Vec<Outcome> {
    config["run"] = json!(who);
    let mut bench = Bench::<RegexExtractor>::new(&config).unwrap().matcher(matcher);
    let whole = bench.run(records).unwrap();
    for size in [1, 2] {
        assert_eq!(bench.run_cut(size, records).unwrap(), whole, "cut at {size}");
    }
    whole
}

fn outcome(config: &Value, record: Record) -> Outcome {
    let host = run(config.clone(), "host", std::slice::from_ref(&record));
    assert_eq!(host, run(config.clone(), "guest", &[record]), "host and guest differ");
    host.into_iter().next().unwrap()
}

#[track_caller]
fn check(rules: Value, record: Record, headers: &[(&str, &str)]) {
    let outcome = outcome(&json!({ "rules": rules }), record);
    let text = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let got: Vec<_> = outcome.record.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let expected: Vec<_> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect();
    assert_eq!((got, outcome.verdict), (expected, Verdict::Keep));
}

#[test]
fn groups_go_into_headers() {
    let event = || Record::of(r#"{"actionTime":1700000000000,"businessId":"shop","sceneId":"home"}"#);
    let business = json!({ "pattern": r#""businessId":"(.+?)""#, "headers": ["customName"] });
    let time = json!({ "pattern": r#""actionTime":(\d+)"#, "headers": ["timestamp"] });
    check(json!([time, business]), event(), &[("timestamp", "1700000000000"), ("customName", "shop")]);
    let both = json!([{ "pattern": r#""(\w+)":"(\w+)""#, "headers": ["a", "b"] }]);
    check(both, event(), &[("a", "businessId"), ("b", "shop")]);
    check(json!([{ "pattern": "(b)(u)(s)", "headers": ["", "u"] }]), event(), &[("u", "u")]);
    check(json!([{ "pattern": "(?P<one>b)u(?<two>s)(i)" }]), event(), &[("one", "b"), ("two", "s")]);
    check(json!([{ "pattern": "(nothing)", "headers": ["x"] }]), event(), &[]);
    check(json!([{ "pattern": "x*()", "headers": ["empty"] }]), event(), &[("empty", "")]);
    check(json!([]), event(), &[]);
}

#[test]
fn a_group_without_a_part_in_the_match_is_no_missing_match() {
    let rule = json!([{ "pattern": "(a)|(b)", "headers": ["a", "b"], "no_match": { "default": "none" } }]);
    check(rule.clone(), Record::of("a"), &[("a", "a")]);
    check(rule.clone(), Record::of("b"), &[("b", "b")]);
    check(rule, Record::of("c"), &[("a", "none"), ("b", "none")]);
    let optional = json!([{ "pattern": "x(y)?", "headers": ["y"], "no_match": "dead-letter" }]);
    check(optional, Record::of("x"), &[]);
}

#[test]
fn an_expression_looks_where_its_source_says() {
    let record = || Record::of("v1").key("k2").header("h", "h3").header("h", "h4");
    let rule = |source: Value| json!([{ "pattern": r"(\d)", "headers": ["n"], "source": source }]);
    let with = |n: &'static str| [("h", "h3"), ("h", "h4"), ("n", n)];
    check(rule(json!("value")), record(), &with("1"));
    check(rule(json!("key")), record(), &with("2"));
    check(rule(json!({ "header": "h" })), record(), &with("4"));
    check(rule(json!({ "header": "none" })), record(), &[("h", "h3"), ("h", "h4")]);
    check(rule(json!("value")), Record::tombstone(), &[]);
}

#[test]
fn an_expression_looks_in_any_part_of_the_record() {
    let record = || {
        let log = r#"{"message":"user=7","inner":"{\"n\":8}","text":"a=9\r\n"}"#;
        Record::of(log).key("k2").header("h", "h4").timestamp(1_700_000_000_005)
    };
    let found = |source: Value, pattern: &str| {
        let rules = json!([{ "pattern": pattern, "headers": ["n"], "source": source }]);
        outcome(&json!({ "rules": rules }), record()).record.last("n")
    };
    let digit = |source: Value| found(source, r"(\d)$").unwrap_or_default();
    assert_eq!(digit(json!({ "json": "/message" })), "7");
    assert_eq!(digit(json!({ "json": "/n", "source": { "json": "/inner" } })), "8");
    assert_eq!(digit(json!({ "key": true })), "2");
    assert_eq!(digit(json!({ "header": "h" })), "4");
    assert_eq!(digit(json!({ "template": "{key}/{h}5" })), "5");
    assert_eq!(digit(json!({ "timestamp": true })), "5");
    assert_eq!(found(json!({ "value": true }), "(user)").as_deref(), Some("user"));
    assert_eq!(found(json!({ "capture": "user=." }), "=(.)").as_deref(), Some("7"));
    assert_eq!(found(json!({ "topic": true }), "^(.)").as_deref(), Some("t"));
    assert_eq!(found(json!({ "json": "/none" }), "(.)"), None);
    let java = json!([{ "pattern": "=(.)$", "headers": ["n"], "source": { "json": "/text" }, "dialect": "java" }]);
    assert_eq!(outcome(&json!({ "rules": java }), record()).record.last("n").as_deref(), Some("9"));
    let back = json!([{ "pattern": "(?<==)(.)", "headers": ["n"], "source": { "json": "/message" }, "engine": "backtracking" }]);
    assert_eq!(outcome(&json!({ "rules": back }), record()).record.last("n").as_deref(), Some("7"));
    // Only the member enters the sandbox.
    let rules = json!([{ "pattern": "(.)", "headers": ["n"], "source": { "json": "/message" } }]);
    let bench = Bench::<RegexExtractor>::new(json!({ "rules": rules })).unwrap();
    assert_eq!(bench.plan().declared_inputs(), [Input::json("/message")]);
}

#[test]
fn bytes_that_are_not_utf_8_are_searched_and_lifted() {
    let outcome =
        outcome(&json!({ "rules": [{ "pattern": "a(?-u:(.))b", "headers": ["x"] }] }), Record::of(b"\xffa\xfeb"));
    assert_eq!(outcome.record.headers, [("x".to_owned(), Some(vec![0xfe]))]);
}

#[test]
fn a_later_rule_wins_where_it_matches() {
    let rules = json!([
        { "pattern": "(a.)", "headers": ["x"], "no_match": { "default": "none" } },
        { "pattern": "(b.)", "headers": ["x"] },
    ]);
    check(rules.clone(), Record::of("a1b2"), &[("x", "b2")]);
    check(rules.clone(), Record::of("a1"), &[("x", "a1")]);
    check(rules.clone(), Record::of("b2"), &[("x", "b2")]);
    check(rules, Record::of(""), &[("x", "none")]);
}

#[test]
fn a_header_that_is_there_is_replaced_in_place_or_preserved() {
    let record = || Record::of("new").header("x", "old").header("y", "y").header("x", "older");
    let rule = json!({ "pattern": "(new)", "headers": ["x"] });
    check(json!([rule]), record(), &[("x", "new"), ("y", "y")]);
    let preserved = |all: bool, rule: Value| {
        let config = json!({ "rules": [rule], "preserve_existing": all });
        outcome(&config, record()).record.last("x").unwrap()
    };
    assert_eq!(preserved(true, rule.clone()), "older");
    assert_eq!(
        preserved(true, json!({ "pattern": "(no)t", "headers": ["x"], "no_match": { "default": "d" } })),
        "older"
    );
    assert_eq!(preserved(true, json!({ "pattern": "(new)", "headers": ["x"], "preserve_existing": false })), "new");
    assert_eq!(preserved(false, json!({ "pattern": "(new)", "headers": ["x"], "preserve_existing": true })), "older");
    let config = json!({ "rules": [rule], "preserve_existing": true });
    assert_eq!(outcome(&config, Record::of("new").null_header("x")).record.last("x").unwrap(), "new");
}

#[test]
fn a_date_becomes_milliseconds() {
    let rule = |more: Value| {
        let mut rule = json!({
            "pattern": r"\[(.*?)\]", "headers": ["time"], "date": { "format": "%d/%b/%Y:%H:%M:%S %z" }
        });
        rule.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        json!([rule])
    };
    let line = || Record::of(r#"1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1""#);
    check(rule(json!({})), line(), &[("time", "1431857103000")]);
    let berlin = json!({ "date": { "format": "%Y-%m-%d %H:%M:%S", "zone": "Europe/Berlin" } });
    check(rule(berlin.clone()), Record::of("[2024-07-01 12:00:00]"), &[("time", "1719828000000")]);
    check(rule(berlin), Record::of("[2024-13-01 12:00:00]"), &[]);
    check(rule(json!({ "no_match": { "default": "0" } })), Record::of("[yesterday]"), &[("time", "0")]);
}

#[test]
fn a_date_may_have_several_formats_and_lack_its_year() {
    let config = json!({ "rules": [{
        "pattern": r"\[(.*?)\]", "headers": ["time"],
        "date": { "format": ["%b %e %H:%M:%S", "iso8601", "ms"], "zone": "Asia/Shanghai" },
    }] });
    let at = |text: &str| Record::of(text).timestamp(1_451_606_405_000);
    let time = |record: Record| outcome(&config, record).record.last("time");
    take_said();
    assert_eq!(time(at("[Jan  1 07:58:00]")).as_deref(), Some("1451606280000"));
    assert_eq!(time(at("[2019-07-11 12:00,5]")), None);
    assert_eq!(time(at("[2019-07-11 12:00]")).as_deref(), Some("1562817600000"));
    assert_eq!(time(at("[1562832000123]")).as_deref(), Some("1562832000123"));
    // By the host and by the guest, each whole, cut at 1 and at 2.
    let counts = take_said().counts;
    assert_eq!([counts["read_1"], counts["read_2"], counts["read_3"], counts["unreadable_date"]], [6, 6, 6, 6]);
    assert_eq!(time(Record::of("[Jan  1 07:58:00]")), None);
    let plan = Bench::<RegexExtractor>::new(&config).unwrap().plan().clone();
    assert!(plan.declared_inputs().contains(&Input::timestamp()));
}

#[test]
fn what_does_not_match_may_be_set_aside_and_is_counted() {
    let config = json!({ "rules": [
        { "pattern": r"\[(.*?)\]", "headers": ["time"], "date": { "format": "%F" }, "no_match": "dead-letter" },
    ] });
    let dead = |record: Record| match outcome(&config, record).verdict {
        Verdict::DeadLetter(reason) => reason,
        other => format!("{other:?}"),
    };
    take_said();
    assert_eq!(dead(Record::of("x")), r"rule 0: nothing matches `\[(.*?)\]`");
    assert_eq!(dead(Record::of("[x]")), "rule 0: `x` is no date of the format `%F`");
    assert_eq!(dead(Record::of("[2024-01-01]")), "Keep");
    // By the host and by the guest, each whole, cut at 1 and at 2.
    let counts = take_said().counts;
    assert_eq!((counts["no_match"], counts["unreadable_date"]), (6, 6));
}

#[test]
fn the_plan_reads_captures_only_and_each_once() {
    let rules = json!([
        { "pattern": "(a)(b)", "headers": ["x", "y"] },
        { "pattern": "(a)(b)", "headers": ["z"], "source": "key", "preserve_existing": true },
        { "pattern": "(a)|b", "headers": ["x"], "no_match": "dead-letter" },
        { "pattern": "(a)(b)", "headers": ["w"] },
    ]);
    let plan = |run: &str| Bench::<RegexExtractor>::new(json!({ "rules": rules, "run": run })).unwrap().plan().clone();
    let host = plan("host");
    let expected = [
        Input::capture("(a)(b)", 1),
        Input::capture("(a)(b)", 2),
        Input::header("z"),
        Input::capture("(a)(b)", 1).of_key(),
        Input::capture("(a)|b", 1),
        Input::capture("(a)|b", 0),
    ];
    assert_eq!(host.declared_inputs(), expected);
    assert_eq!(host.declared_headers(), ["x", "y", "z", "w"]);
    assert_eq!(host.declared_effects(), Effects::HEADERS | Effects::DEAD_LETTER);
    assert_eq!(plan("guest").declared_inputs(), [Input::value(), Input::header("z"), Input::key()]);
}

#[test]
fn every_mistake_is_said_with_its_place() {
    let config = json!({ "rules": [
        { "pattern": "(a", "headers": ["x"] },
        { "pattern": "a", "headers": ["x"] },
        { "pattern": "(a)", "headers": ["x", "y"] },
        { "pattern": "(a)" },
        { "pattern": "(a)(b)", "headers": ["x", "y"], "date": { "format": "%F", "zone": "Mars" } },
        { "pattern": "(a)(b)", "headers": ["x", "y"], "date": { "format": "%F" } },
        { "pattern": r"(a)\1", "headers": ["x"], "source": { "header": "" }, "date": { "format": "%Y" } },
        { "pattern": "(a)", "headers": [""] },
    ] });
    let mistakes = Bench::<RegexExtractor>::new(&config).unwrap_err();
    let pointers: Vec<_> = mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
    let expected = [
        "/rules/0/pattern",
        "/rules/1/headers",
        "/rules/2/headers",
        "/rules/3",
        "/rules/4/date/zone",
        "/rules/4/date",
        "/rules/5/date",
        "/rules/6/date/format",
        "/rules/6/source/header",
        "/rules/6/pattern",
        "/rules/7/headers",
    ];
    assert_eq!(pointers, expected);
    assert!(mistakes[0].message.starts_with("not a valid regular expression: `(` at character 1: no `)` closes it"));
}

#[test]
fn java_patterns_find_what_java_finds() {
    let java = |pattern: &str| json!([{ "pattern": pattern, "headers": ["h"], "dialect": "java" }]);
    check(java(r"user=(\w+)"), Record::of("user=tom登录成功 n=12"), &[("h", "tom")]);
    check(java(r"=(\d+)"), Record::of("user=tom n=１２ m=3"), &[("h", "3")]);
    for end in ["", "\n", "\r\n", "\r", "\u{85}", "\u{2028}"] {
        check(java("status=(.*)$"), Record::of(format!("a status=ok{end}").as_bytes()), &[("h", "ok")]);
    }
    check(java(r"\Qa.b\E=(\d+)\Z"), Record::of("a.b=12\n"), &[("h", "12")]);
    check(java("(?i)name=(?>[a-z]+)-([^,]*+),"), Record::of("NAME=x-y z,"), &[("h", "y z")]);
    let all = json!({ "rules": [{ "pattern": r"(\w+)$", "headers": ["h"] }], "dialect": "java" });
    assert_eq!(outcome(&all, Record::of("é a\n")).record.last("h").unwrap(), "a");
    let but_one =
        json!({ "rules": [{ "pattern": r"(\w+)$", "headers": ["h"], "dialect": "rust" }], "dialect": "java" });
    assert_eq!(outcome(&but_one, Record::of("aé")).record.last("h").unwrap(), "aé");
}

#[test]
fn java_patterns_go_over_bytes_that_are_not_utf_8() {
    let config = json!({ "rules": [{ "pattern": "name=(.+?) ", "headers": ["h"] }], "dialect": "java" });
    let outcome = outcome(&config, Record::of(b"name=Ren\xe9e\xb0 x"));
    assert_eq!(outcome.record.headers, [("h".to_owned(), Some(b"Ren\xe9e\xb0".to_vec()))]);
}

#[test]
fn what_is_refused_says_what_to_write() {
    let says = |pattern: &str, dialect: &str| {
        let config = json!({ "rules": [{ "pattern": pattern, "headers": ["h"] }], "dialect": dialect });
        let mistakes = Bench::<RegexExtractor>::new(&config).unwrap_err();
        assert_eq!((mistakes.len(), mistakes[0].pointer.as_str()), (1, "/rules/0/pattern"));
        mistakes[0].message.clone()
    };
    let behind = says(r"(?<=userId=)(\d+)", "rust");
    assert!(behind.contains("`(?<=userId=)` at character 1") && behind.contains(r"`userId=(\d+)`"), "{behind}");
    assert!(behind.ends_with("; `engine = \"backtracking\"` reads it"), "{behind}");
    assert!(says(r"(a)\1", "java").ends_with("; `engine = \"backtracking\"` reads it"));
    let quoted = says(r"(\Qa.b\E)", "rust");
    assert!(quoted.contains(r"`\Q`") && quoted.ends_with("`dialect = \"java\"` reads it"), "{quoted}");
    assert!(says(r"(\w++)\w", "java").contains("possessive"));
}

#[test]
fn what_is_surely_not_meant_is_a_warning_at_its_place() {
    let config =
        json!({ "rules": [{ "pattern": "(a)", "headers": ["h"] }, { "pattern": r"=(\\d+)", "headers": ["h"] }] });
    take_said();
    let _ = Bench::<RegexExtractor>::new(&config).unwrap();
    let said = take_said().logs;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(format!("{said:?}").contains("/rules/1/pattern: "), "{said:?}");
}

#[test]
fn a_search_that_goes_back_has_look_around_and_back_references() {
    let found = |pattern: &str, dialect: &str, record: Record| {
        let rules = json!([{ "pattern": pattern, "headers": ["h"], "engine": "backtracking", "dialect": dialect }]);
        outcome(&json!({ "rules": rules }), record).record.last("h").unwrap_or_default()
    };
    for dialect in ["rust", "java"] {
        assert_eq!(found(r"(?<=userId=)(\d+)", dialect, Record::of("userId=42")), "42");
        assert_eq!(found(r"(\w+) (?!b)", dialect, Record::of("x b y c")), "b");
        assert_eq!(found(r"(?<q>['\x22])(?:.*?)\k<q>", dialect, Record::of("say 'it\"s' ")), "'");
        assert_eq!(found(r"(a+)b\1", dialect, Record::of("aaab aabaa")), "aa");
        assert_eq!(found(r"=([^,]+)", dialect, Record::of(b"\xff=Ren\xe9,")), "Ren\u{fffd}");
    }
    assert_eq!(found(r"(\w+)$", "java", Record::of("x aé é a\r\n")), "a");
    assert_eq!(found("(?m)^(b)$", "java", Record::of("a\u{2028}b\rc")), "b");
    assert_eq!(found(r"(?>a|ab)(c)|(d)", "java", Record::of("abc")), "");
}

#[test]
fn a_search_that_goes_back_too_often_is_a_fault() {
    let config =
        json!({ "rules": [{ "pattern": r"^(?:a|b|ab)*(a|b)=\1$", "headers": ["h"], "engine": "backtracking" }] });
    let mut bench = Bench::<RegexExtractor>::new(&config).unwrap();
    let fault = bench.run(&[Record::of(format!("{}=a", "ab".repeat(40)).as_bytes())]).unwrap_err();
    assert!(fault.contains("more than 1000000 times"), "{fault}");
}
