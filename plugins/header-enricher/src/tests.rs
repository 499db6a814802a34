#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod lookups;

use serde_json::{Value, json};
use weir_sdk::{
    Effects, Input,
    testing::{Bench, Record, Verdict, take_said},
};

use crate::Enricher;

fn bench(config: Value) -> Bench<Enricher> {
    Bench::new(config).unwrap().from("client-events", 7)
}

/// The headers of one record after the config, `name=value`, null as `name`.
fn after(config: Value, record: &Record) -> Vec<String> {
    let outcomes = bench(config).run(std::slice::from_ref(record)).unwrap();
    assert_eq!(outcomes[0].verdict, Verdict::Keep);
    let headers = outcomes[0].record.headers.iter();
    let shown = headers.map(|(name, value)| match value {
        Some(value) => format!("{name}={}", String::from_utf8_lossy(value)),
        None => name.clone(),
    });
    shown.collect()
}

fn write(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

#[test]
fn the_recom_path_is_made_of_headers_and_the_day() {
    let config = json!({
        "headers": [
            write("dc", "hz1"),
            write("path", "/recom/log/{customName}/{sceneId}/{timestamp:%Y%m%d}"),
        ],
        "zone": "Asia/Shanghai",
    });
    let record = Record::of("x").header("customName", "acme").header("sceneId", "7").timestamp(1_700_006_399_999);
    assert_eq!(after(config, &record), ["customName=acme", "sceneId=7", "dc=hz1", "path=/recom/log/acme/7/20231115"]);
}

#[test]
fn every_part_is_of_the_record_it_stands_in() {
    let template =
        "{key}|{value}|{topic}|{partition}|{offset}|{timestamp}|{received}|{received:%H:%M}|{json:/a/0}|{{}}";
    let record = Record::of(r#"{"a":[1.5]}"#).key("k").timestamp(5).received(60_000).offset(42);
    assert_eq!(
        after(json!({ "headers": [write("h", template)] }), &record),
        [r#"h=k|{"a":[1.5]}|client-events|7|42|5|60000|00:01|1.5|{}"#]
    );
}

#[test]
fn bytes_that_are_no_text_are_copied_as_they_are() {
    let mut bench = bench(json!({ "headers": [write("h", "<{raw}>")] }));
    let record = Record::of("x").header("raw", [0xff, 0x00, 0xfe]);
    let outcomes = bench.run(&[record]).unwrap();
    assert_eq!(outcomes[0].record.headers[1].1.as_deref(), Some(&b"<\xff\x00\xfe>"[..]));
}

#[test]
fn a_header_of_the_name_of_a_part_is_reached_by_its_kind() {
    let record = Record::of("x").header("topic", "own");
    let config = json!({ "headers": [write("a", "{topic}"), write("b", "{header:topic}")] });
    assert_eq!(after(config, &record), ["topic=own", "a=client-events", "b=own"]);
}

#[test]
fn of_repeated_headers_a_template_sees_the_last_and_writing_replaces_all() {
    let record = Record::of("x").header("a", "1").header("b", "2").header("a", "3");
    assert_eq!(after(json!({ "headers": [write("a", "{a}!")] }), &record), ["a=3!", "b=2"]);
}

#[test]
fn a_template_sees_what_the_entries_above_wrote() {
    let config = json!({ "headers": [
        write("a", "{a}1"), write("b", "{a}2"), write("a", "{b}3"), write("c", "{a}{b}"), write("k", "const"),
        write("d", "{k}"),
    ] });
    assert_eq!(
        after(config, &Record::of("x").header("a", "0")),
        ["a=0123", "b=012", "c=0123012", "k=const", "d=const"]
    );
}

#[test]
fn an_entry_that_was_skipped_shows_what_was_there_before() {
    let config = json!({ "headers": [write("a", "{nothing}"), write("b", "{a}")] });
    assert_eq!(after(config.clone(), &Record::of("x").header("a", "old")), ["a=old", "b=old"]);
    assert!(after(config, &Record::of("x")).is_empty());
}

#[test]
fn a_constant_after_a_template_of_the_same_name_wins() {
    let config = json!({ "headers": [write("a", "{key}"), write("a", "last")] });
    assert_eq!(after(config, &Record::of("x").key("k")), ["a=last"]);
}

#[test]
fn a_missing_part_follows_the_policy_of_its_entry_or_of_all() {
    let with = |missing: Value| json!({ "headers": [write("h", "/{a}/{b}")], "missing": missing });
    let record = Record::of("x").header("b", "2").null_header("a");
    assert_eq!(after(with(json!("skip")), &record), ["b=2", "a"]);
    assert_eq!(after(with(json!("empty")), &record), ["b=2", "a", "h=//2"]);
    assert_eq!(after(with(json!({ "default": "none" })), &record), ["b=2", "a", "h=/none/2"]);
    let own = json!({
        "headers": [{ "name": "h", "value": "{a}", "missing": "empty" }],
        "missing": "dead-letter",
    });
    assert_eq!(after(own, &record), ["b=2", "a", "h="]);
}

#[test]
fn a_record_without_a_needed_part_is_set_aside_with_its_name() {
    let mut bench = bench(json!({ "headers": [write("path", "/{customName}")], "missing": "dead-letter" }));
    let records = [Record::of("x"), Record::of("x").header("customName", "")];
    let outcomes = bench.run(&records).unwrap();
    let reason = "header `path`: `{header:customName}` has no value".to_owned();
    assert_eq!(outcomes[0].verdict, Verdict::DeadLetter(reason));
    assert_eq!(outcomes[1].verdict, Verdict::Keep);
    assert_eq!(outcomes[1].record.last("path").as_deref(), Some("/"));
}

#[test]
fn every_kind_of_part_can_be_missing() {
    for part in ["{key}", "{value}", "{timestamp}", "{timestamp:%Y}", "{json:/a}", "{header:h}"] {
        assert_eq!(after(json!({ "headers": [write("x", part)] }), &Record::tombstone()), [""; 0], "{part}");
    }
    let far = Record::of("x").timestamp(i64::MAX);
    assert_eq!(after(json!({ "headers": [write("x", "{timestamp:%Y}")] }), &far), [""; 0]);
}

#[test]
fn what_exists_is_preserved_for_all_or_for_one() {
    let record = Record::of("x").header("a", "old").null_header("b");
    let config = json!({
        "headers": [write("a", "new"), write("b", "new"), { "name": "a", "value": "forced", "preserve_existing": false }],
        "preserve_existing": true,
    });
    assert_eq!(after(config, &record), ["a=forced", "b=new"]);
    let config = json!({ "headers": [{ "name": "a", "value": "{nothing}", "preserve_existing": true }], "missing": "dead-letter" });
    assert_eq!(after(config, &record), ["a=old", "b"], "what is preserved needs no parts");
}

#[test]
fn preserved_entries_of_one_name_are_a_chain_of_fallbacks() {
    let config = json!({
        "headers": [write("id", "{json:/id}"), write("id", "{key}"), write("id", "unknown")],
        "preserve_existing": true,
    });
    assert_eq!(after(config.clone(), &Record::of(r#"{"id":7}"#).key("k")), ["id=7"]);
    assert_eq!(after(config.clone(), &Record::of("{}").key("k")), ["id=k"]);
    assert_eq!(after(config, &Record::of("{}")), ["id=unknown"]);
}

#[test]
fn a_rename_takes_every_header_of_the_name_as_it_is() {
    let record =
        Record::of("x").header("a", "1").header("c", "3").null_header("a").header("a", [0xff]).header("b", "old");
    let outcomes = bench(json!({ "rename": [{ "from": "a", "to": "b" }] })).run(&[record]).unwrap();
    let expected = [("c", Some(&b"3"[..])), ("b", Some(b"1")), ("b", None), ("b", Some(b"\xff"))];
    let headers: Vec<_> =
        outcomes[0].record.headers.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
    assert_eq!(headers, expected);
}

#[test]
fn two_names_can_be_swapped_and_what_has_no_old_name_is_left_alone() {
    let config = json!({ "rename": [{ "from": "a", "to": "b" }, { "from": "b", "to": "a" }] });
    assert_eq!(after(config.clone(), &Record::of("x").header("a", "1").header("b", "2")), ["b=1", "a=2"]);
    assert_eq!(after(config.clone(), &Record::of("x").header("b", "2")), ["a=2"]);
    assert_eq!(after(config, &Record::of("x").header("c", "3")), ["c=3"]);
}

#[test]
fn a_rename_onto_an_existing_header_is_not_done_where_that_is_preserved() {
    let config = json!({ "rename": [{ "from": "a", "to": "b" }], "preserve_existing": true });
    assert_eq!(after(config.clone(), &Record::of("x").header("a", "1").header("b", "2")), ["a=1", "b=2"]);
    assert_eq!(after(config, &Record::of("x").header("a", "1")), ["b=1"]);
}

#[test]
fn renames_come_before_templates_and_removals_after_them() {
    let config = json!({
        "headers": [write("c", "{b}"), write("d", "[{a}]")],
        "rename": [{ "from": "a", "to": "b" }],
        "remove": ["b", "c2"],
        "missing": "empty",
    });
    let record = Record::of("x").header("a", "1").header("c2", "x").header("c2", "y");
    assert_eq!(after(config.clone(), &record), ["c=1", "d=[]"]);
    assert_eq!(after(config, &Record::of("x").header("b", "2")), ["c=2", "d=[]"]);
}

#[test]
fn headers_are_removed_by_what_they_are_called() {
    let config = json!({
        "headers": [write("x-debug", "1"), write("kept", "{x-trace}")],
        "rename": [{ "from": "old", "to": "x-new" }],
        "remove": ["plain"],
        "remove_matching": ["^x-", "(?i)secret", "^$"],
    });
    let record = || {
        Record::of("v")
            .header("x-trace", "7")
            .header("MySecret", "s")
            .header("", "e")
            .header("ax-b", "1")
            .header("plain", "p")
    };
    assert_eq!(after(config.clone(), &record()), ["ax-b=1", "kept=7"]);
    assert_eq!(
        after(config.clone(), &Record::of("v").header("old", "1").header("x-a", "1").header("x-a", "2")),
        [""; 0]
    );
    let records = [record(), Record::of("v"), Record::of("v").header("x-1", "1").header("b", "2")];
    let whole = bench(config.clone()).run(&records).unwrap();
    assert_eq!(whole[2].record.headers.len(), 1);
    assert_eq!(bench(config.clone()).run_cut(1, &records).unwrap(), whole);
    let enricher = bench(config);
    assert_eq!(enricher.plan().declared_headers()[0], "*");
    assert!(enricher.plan().reads_all_headers());
}

#[test]
fn a_record_has_a_uuid_of_where_it_stands() {
    let config = json!({ "headers": [write("id", "{uuid}")] });
    // Python: uuid.uuid5(uuid.NAMESPACE_URL, "kafka:client-events/7/17")
    assert_eq!(after(config.clone(), &Record::of("v").offset(17)), ["id=81fd72ea-8ff5-5d5a-9257-6b4b5371f0bb"]);
    assert_ne!(after(config.clone(), &Record::of("v").offset(18)), after(config, &Record::of("v").offset(17)));
}

#[test]
fn what_has_no_value_is_counted_by_header() {
    let config = json!({
        "headers": [
            write("path", "/{a}/{b}"), write("path", "{a}"), { "name": "e", "value": "{b}{b}", "missing": "empty" },
            write("t", "{timestamp}"), write("dc", "hz1"),
        ],
    });
    let records =
        [Record::of("v"), Record::of("v").header("a", "1"), Record::of("v").header("a", "1").header("b", "2")];
    for size in [1, 3] {
        take_said();
        bench(config.clone()).run_cut(size, &records).unwrap();
        let counts = take_said().counts;
        let expected = [("missing_e", 2), ("missing_path", 3), ("missing_t", 3)];
        assert_eq!(counts.iter().map(|(name, count)| (name.as_str(), *count)).collect::<Vec<_>>(), expected);
    }
    let many: Vec<_> = (0..100).map(|number| write(&format!("h{number}"), "{x}")).collect();
    take_said();
    bench(json!({ "headers": many })).run(&[Record::of("v")]).unwrap();
    let counts = take_said().counts;
    assert_eq!((counts.len(), counts["missing_others"]), (64, 37));
}

#[test]
fn another_system_s_notation_is_warned_of_or_refused() {
    let told = |template: &str| {
        take_said();
        let made = Bench::<Enricher>::new(json!({ "headers": [write("x", "y"), write("h", template)] }));
        let mistakes = made.err().into_iter().flatten().map(|mistake| mistake.to_string());
        take_said().logs.into_iter().map(|(_, told)| told).chain(mistakes).collect::<Vec<_>>().join("\n")
    };
    for (template, here) in [
        ("/recom/log/%{customName}/%Y%m%d", "{timestamp:%Y%m%d}"),
        ("{header:ts:%Y%m%d}", "timestamp-fixer"),
        ("{json:$.user.id}", "\"/user/id\""),
        ("{{x}}", "`{x}`"),
    ] {
        let told = told(template);
        assert!(told.lines().all(|line| line.starts_with("/headers/1/value: ")) && told.contains(here), "{told}");
    }
    assert_eq!(told("/{customName}/{timestamp:%Y%m%d}"), "");
}

#[test]
fn a_header_that_is_only_needed_on_the_way_can_be_removed() {
    let config = json!({ "headers": [write("t", "{key}"), write("h", "{t}")], "remove": ["t"] });
    assert_eq!(after(config, &Record::of("x").key("k").header("t", "old")), ["h=k"]);
}

#[test]
fn the_plan_reads_each_thing_once_and_names_its_headers() {
    let config = json!({ "headers": [write("a", "{x}{x}{key}{topic}"), write("b", "{x}{timestamp}{timestamp:%Y}")], "remove": ["c", "a"] });
    let bench = bench(config);
    let plan = bench.plan();
    assert_eq!(plan.declared_inputs(), [Input::header("x"), Input::key(), Input::timestamp()]);
    assert_eq!(plan.declared_headers(), ["a", "b", "c"]);
    assert!(!plan.reads_all_headers());
    assert_eq!(plan.declared_effects(), Effects::HEADERS);
}

#[test]
fn the_plan_asks_for_dead_letters_and_all_headers_only_where_it_needs_them() {
    let needs = |config: Value| {
        let bench = bench(config);
        (bench.plan().declared_effects().contains(Effects::DEAD_LETTER), bench.plan().reads_all_headers())
    };
    let constant = json!({ "headers": [write("a", "{topic}")], "missing": "dead-letter" });
    assert_eq!(needs(constant), (false, false));
    assert_eq!(needs(json!({ "headers": [write("a", "{key}")], "missing": "dead-letter" })), (true, false));
    assert_eq!(needs(json!({ "rename": [{ "from": "a", "to": "b" }] })), (false, true));
    assert_eq!(bench(json!({})).plan().declared_effects(), Effects::none());
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let config = json!({
        "headers": [
            write("", "{a"), write("b", "{timestamp:%!}"), { "name": "c", "value": "x", "zone": "Nowhere" }, write("*", "x"),
        ],
        "rename": [{ "from": "a", "to": "a" }, { "from": "a", "to": "b" }, { "from": "c", "to": "b" }],
        "remove": [""],
        "remove_matching": ["a", "("],
        "zone": "Mars",
    });
    let mistakes = Bench::<Enricher>::new(config).unwrap_err();
    let mut pointers: Vec<_> = mistakes.iter().map(|mistake| mistake.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "/headers/0/name",
            "/headers/0/value",
            "/headers/1/value",
            "/headers/2/zone",
            "/headers/3/name",
            "/remove/0",
            "/remove_matching/1",
            "/rename/0/to",
            "/rename/1/from",
            "/rename/2/to",
            "/zone",
        ]
    );
}

#[test]
fn what_another_system_has_is_told_with_what_it_is_here() {
    let warns = |config: Value, pointer: &str, says: &str| {
        take_said();
        bench(config);
        let said = take_said().logs;
        let is_said = said.len() == 1 && said[0].1.starts_with(&format!("{pointer}: ")) && said[0].1.contains(says);
        assert!(is_said, "{said:?}");
    };
    warns(json!({ "remove_matching": ["a", r"^x-\\d$"] }), "/remove_matching/1", r"`\d`");
    warns(json!({ "remove_matching": ["/^x-/i"] }), "/remove_matching/0", "`(?i)^x-`");
    warns(json!({ "remove_matching": ["x++"] }), "/remove_matching/0", "write `x+`, which is as fast");
    warns(json!({ "remove": ["%{level}"] }), "/remove/0", "`level`");
    warns(json!({ "headers": [write("x-{customName}", "1")] }), "/headers/0/name", "no template");
    warns(json!({ "headers": [write("d", "{json:/t:%Y%m%d}")] }), "/headers/0/value", "`{timestamp:%Y%m%d}`");
    warns(json!({ "headers": [write("e", "{json:/a[0]}")] }), "/headers/0/value", "\"/a/0\"");
    let mistakes = Bench::<Enricher>::new(json!({ "remove_matching": ["a", "x(?=-)", "%{IP}"] })).unwrap_err();
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(lines[0].starts_with("/remove_matching/1: ") && lines[0].contains("look-ahead"), "{lines:?}");
    assert!(lines[1].starts_with("/remove_matching/2: ") && lines[1].contains("Grok"), "{lines:?}");
}

#[test]
fn names_may_be_matched_by_java_s_expressions() {
    let record = Record::of("v").header("x.a1", "1").header("x.é", "2").header("xya", "3").header("X.B", "4");
    let config = |patterns: Value| json!({ "remove_matching": patterns, "dialect": "java" });
    assert_eq!(after(config(json!([r"^\Qx.\E\w+$"])), &record), ["x.é=2", "xya=3", "X.B=4"]);
    assert_eq!(after(config(json!([r"(?i)^x\.b", "^xy(?>a)$"])), &record), ["x.a1=1", "x.é=2"]);
    assert_eq!(after(config(json!([r"\bé\b", "[^x.].*"])), &record), Vec::<String>::new());
    let wrong = Bench::<Enricher>::new(config(json!(["a", r"(a)\1"]))).unwrap_err().remove(0);
    assert_eq!(wrong.pointer, "/remove_matching/1");
}

#[test]
fn no_answer_depends_on_where_a_batch_was_cut() {
    let config = json!({
        "headers": [write("p", "/{a}/{timestamp:%Y%m%d%H%M}"), write("q", "{p}{key}"), write("r", "{topic}")],
        "rename": [{ "from": "z", "to": "a" }],
        "missing": "dead-letter",
    });
    let records: Vec<_> = (0..40_u8)
        .map(|n| {
            let record = Record::of("x").timestamp(1_700_000_000_000 + i64::from(n) * 20_011).offset(i64::from(n));
            let record = if n % 3 == 0 { record.header("a", [n]) } else { record.header("z", [n]).header("z", "") };
            if n % 5 == 0 { record } else { record.key([n]) }
        })
        .collect();
    let whole = bench(config.clone()).run(&records).unwrap();
    for size in [1, 2, 7] {
        assert_eq!(bench(config.clone()).run_cut(size, &records).unwrap(), whole, "{size}");
    }
}
