//! The transforms of Apache Kafka, one by one.

use super::*;

const APACHE: &str = "org.apache.kafka.connect.transforms";

/// What one transform becomes.
fn transform(class: &str, lines: &str) -> Imported {
    let own: String = lines.lines().map(|line| format!("transforms.t.{}\n", line.trim())).collect();
    with_transforms(&format!("transforms = t\ntransforms.t.type = {APACHE}.{class}\n{own}"))
}

#[test]
fn each_transform_that_can_be_said_becomes_a_built_in() {
    for (class, lines, expected, grade) in [
        ("DropHeaders", "headers = a, b", r#""header-enricher" remove = ["a", "b"]"#, Grade::Translated),
        (
            "InsertHeader",
            "header = h\nvalue.literal = {v}",
            r#""header-enricher" headers = [{ name = "weir.text.1", value = "{weir.text.1}", missing = { default = "{v}" } }, { name = "h", value = "{weir.text.1}" }] "header-enricher" remove = ["weir.text.1"]"#,
            Grade::Differs,
        ),
        (
            "HeaderFrom$Value",
            "fields = a\nheaders = h\noperation = move",
            r#""header-enricher" headers = [{ name = "h", value = "{json:/a}" }] "value-editor" edits = [{ remove = "/a" }]"#,
            Grade::Differs,
        ),
        (
            "ExtractField$Value",
            "field = a/b",
            r#""value-editor" edits = [{ take = { json = "/a~1b" } }]"#,
            Grade::Differs,
        ),
        (
            "ExtractField$Key",
            "field = a.b\nfield.syntax.version = V2",
            r#""key-setter" from = { json = "/a/b", source = "key" } missing = "null""#,
            Grade::Differs,
        ),
        (
            "HoistField$Value",
            "field = line",
            r#""value-editor" edits = [{ replace = '(?s-u)\A.*\z', with = '{"line":${0}}', all = false }]"#,
            Grade::Differs,
        ),
        (
            "HoistField$Key",
            "field = id",
            r#""key-setter" from = { template = '{{"id":{key}}}' } missing = "keep""#,
            Grade::Differs,
        ),
        (
            "InsertField$Value",
            "static.field = dc\nstatic.value = x\noffset.field = o!\ntopic.field = t?",
            "\"value-editor\" edits = [{ set = \"/t\", to = \"{topic}\" }, { set = \"/o\", to_json = \"{offset}\" }, \
             { set = \"/dc\", to = \"x\" }]",
            Grade::Translated,
        ),
        (
            "MaskField$Value",
            "fields = card\nreplacement = ***",
            r#""value-editor" edits = [{ replace = '(?s-u)\A.*\z', with = "***", json = "/card", all = false }]"#,
            Grade::Differs,
        ),
        (
            "ReplaceField$Value",
            "exclude = a\nrenames = b:c",
            r#""value-editor" edits = [{ remove = "/a" }, { rename = "/b", to = "c" }]"#,
            Grade::Translated,
        ),
        (
            "ReplaceField$Value",
            "whitelist = a,b",
            r#""value-editor" edits = [{ keep = ["/a", "/b"] }]"#,
            Grade::Translated,
        ),
        (
            "Cast$Value",
            "spec = a:string",
            r#""value-editor" edits = [{ set = "/a", to = "{json:/a}" }]"#,
            Grade::Translated,
        ),
        ("ValueToKey", "fields = id", r#""key-setter" from = { json = "/id" } missing = "null""#, Grade::Differs),
        ("SetSchemaMetadata$Value", "schema.name = x", "", Grade::Unneeded),
        (
            "TimestampRouter",
            "topic.format = ${topic}_${timestamp}\ntimestamp.format = yyyy-MM",
            r#""topic-router" topic = "{topic}_{timestamp:%Y-%m}" missing = "keep""#,
            Grade::Translated,
        ),
        ("TimestampRouter", "topic.format = x-${timestamp}\ntimestamp.format =", "", Grade::Translated),
        (
            "RegexRouter",
            "regex = (.*)\nreplacement = copy-$1",
            r#""topic-router" topic = "copy-{topic}" missing = "keep""#,
            Grade::Translated,
        ),
        ("RegexRouter", "regex = i(n)\nreplacement = u$1", "", Grade::Translated),
    ] {
        let imported = transform(class, lines);
        assert_eq!(interceptors(&imported).replace('\n', " "), expected, "{class} {lines}\n{}", imported.report);
        assert_eq!(grade_of(&imported, "transforms.t.type"), grade, "{class} {lines}");
    }
    assert!(transform("RegexRouter", "regex = i(n)\nreplacement = u$1").config.contains("to = \"un\""));
}

#[test]
fn what_cannot_be_said_stands_at_its_place_and_in_the_report() {
    for (class, lines) in [
        ("Flatten$Key", ""),
        ("Cast$Key", "spec = a:string"),
        ("TimestampConverter$Value", "field = a\ntarget.type = unix"),
        ("Cast$Value", "spec = int32"),
        ("Cast$Value", "spec = a:int32,b:decimal"),
        ("ValueToKey", ""),
        ("HeaderFrom$Key", "fields = a\nheaders = b"),
        ("InsertField$Key", "static.field = a\nstatic.value = b"),
        ("RegexRouter", "regex = (?q).*\nreplacement = b"),
        ("Other$Value", ""),
    ] {
        let imported = transform(class, lines);
        assert_eq!(grade_of(&imported, "transforms.t.type"), Grade::Impossible, "{class}");
        assert!(imported.config.contains("# MISSING: the transform t"), "{}", imported.config);
    }
}

#[test]
fn predicates_become_conditions_of_filters() {
    let filter = |lines: &str| {
        let base = format!(
            "transforms = t\ntransforms.t.type = {APACHE}.Filter\ntransforms.t.predicate = p\npredicates = p\n"
        );
        interceptors(&with_transforms(&format!("{base}{lines}"))).replace('\n', " ")
    };
    let tombstone = format!("predicates.p.type = {APACHE}.predicates.RecordIsTombstone\n");
    assert_eq!(filter(&tombstone), r#""filter" drop = { value = true, null = true }"#);
    assert_eq!(
        filter(&format!("{tombstone}transforms.t.negate = true")),
        r#""filter" drop = { not = { value = true, null = true } }"#
    );
    let header = format!("predicates.p.type = {APACHE}.predicates.HasHeaderKey\npredicates.p.name = h");
    assert_eq!(filter(&header), r#""filter" drop = { header = "h", exists = true }"#);
    let topic = format!("predicates.p.type = {APACHE}.predicates.TopicNameMatches\npredicates.p.pattern = a-b|c");
    assert_eq!(filter(&topic), r#""filter" drop = { topic = true, matches = "^(?:a-b|c)$" }"#);
}

#[test]
fn a_predicate_of_another_transform_is_looked_at_where_that_is_possible() {
    let with = |predicate: &str, negate: bool| {
        with_transforms(&format!(
            "transforms = t\ntransforms.t.type = {APACHE}.ReplaceField$Value\ntransforms.t.exclude = a\n\
             transforms.t.predicate = p\ntransforms.t.negate = {negate}\npredicates = p\n{predicate}"
        ))
    };
    let grade = |imported: &Imported| grade_of(imported, "transforms.t.type");
    let topic = format!("predicates.p.type = {APACHE}.predicates.TopicNameMatches\npredicates.p.pattern = i.");
    assert_eq!(grade(&with(&topic, false)), Grade::Translated);
    assert_eq!(grade(&with(&topic, true)), Grade::Unneeded);
    let tombstone = format!("predicates.p.type = {APACHE}.predicates.RecordIsTombstone");
    assert_eq!(grade(&with(&tombstone, true)), Grade::Translated);
    assert_eq!(grade(&with(&tombstone, false)), Grade::Impossible);
    assert_eq!(grade(&with("", false)), Grade::Impossible);
}

#[test]
fn routers_that_follow_each_other_make_one_topic() {
    let imported = with_transforms(&format!(
        "transforms = a,b,k,e\ntransforms.a.type = {APACHE}.RegexRouter\ntransforms.a.regex = .*\n\
         transforms.a.replacement = pre-$0\ntransforms.b.type = {APACHE}.TimestampRouter\n\
         transforms.k.type = {APACHE}.ValueToKey\ntransforms.k.fields = id\n\
         transforms.e.type = {APACHE}.ExtractField$Key\ntransforms.e.field = id"
    ));
    let all = interceptors(&imported);
    assert!(all.contains("topic = \"pre-{topic}-{timestamp:%Y%m%d}\""), "{all}");
    assert_eq!(all.matches("key-setter").count(), 1);
    assert!(imported.config.contains("topics = [\"pre-*-*\"]"), "{}", imported.config);
}

#[test]
fn groups_of_a_topic_are_lifted_where_several_are_read() {
    let text = format!(
        "name = c\nconnector.class = x.Sink\ntopics = shop.orders, shop.users\ntransforms = r\n\
         transforms.r.type = {APACHE}.RegexRouter\ntransforms.r.regex = shop[.](.*)\ntransforms.r.replacement = wh-$1"
    );
    let imported = super::super::connect(&text, &Options::default()).unwrap();
    assert_eq!(mistakes(&imported.config), None);
    let all = interceptors(&imported);
    assert!(all.contains("topic = \"wh-{weir.r.1}\""), "{all}");
    assert!(all.contains("remove = [\"weir.r.0\", \"weir.r.1\"]"), "{all}");
}

#[test]
fn schemas_beside_the_payload_are_known() {
    let text = format!(
        "name = c\nconnector.class = x.Sink\ntopics = in\nvalue.converter = org.apache.kafka.connect.json.JsonConverter\n\
         transforms = t\ntransforms.t.type = {APACHE}.MaskField$Value\ntransforms.t.fields = a"
    );
    let imported = super::super::connect(&text, &Options::default()).unwrap();
    assert!(imported.config.contains("json = \"/payload/a\""), "{}", imported.config);
}

/// What one transform makes of values; `DEAD` where it sets them aside.
fn values(class: &str, lines: &str, values: &[&str]) -> Vec<String> {
    let records: Vec<String> = values.iter().map(|value| format!("\"payload\":{value:?}")).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let made = run(&transform(class, lines), &records);
    let value = |line: String| line.strip_prefix("c-out ").map_or("DEAD".to_owned(), str::to_owned);
    made.into_iter().map(value).collect()
}

#[test]
fn masked_members_keep_their_kind_and_no_others_appear() {
    let records = [r#"{"card":"1","b":2}"#, r#"{"b":2}"#, r#"{"card":null}"#, r#"{"card":5}"#, "{\"card\":\"a\\nb\"}"];
    let text = values("MaskField$Value", "fields = card\nreplacement = $x{y}", &records);
    let x = r#"{"card":"$x{y}"}"#;
    assert_eq!(text, [r#"{"card":"$x{y}","b":2}"#, r#"{"b":2}"#, r#"{"card":null}"#, x, x]);
    let number = values("MaskField$Value", "fields = card\nreplacement = 0", &records[3..4]);
    assert_eq!(number, [r#"{"card":0}"#]);
    let none = transform("MaskField$Value", "fields = card");
    assert!(none.report.to_string().contains("Connect adds a null"), "{}", none.report);
}

#[test]
fn flattened_members_are_those_of_connect() {
    let records =
        [r#"{"a":{"b":false,"c":null,"d":0}}"#, "{}", r#"{"a":{},"b":[{"c":1}],"d":{"e":{"f":1.50}}}"#, "[1]"];
    let expected = [r#"{"a_b":false,"a_c":null,"a_d":0}"#, "{}", r#"{"b":[{"c":1}],"d_e_f":1.50}"#, "DEAD"];
    assert_eq!(values("Flatten$Value", "delimiter = _", &records), expected);
    assert_eq!(values("Flatten$Value", "", &[r#"{"":{"b":1}}"#, r#"{"a":{"b":1}}"#]), [r#"{"b":1}"#, r#"{"a.b":1}"#]);
}

#[test]
fn casts_are_those_of_connect() {
    let records = [
        r#"{"a":-5.7,"b":5,"c":"True","d":1.50}"#,
        r#"{"a":"-57","b":"1.5","c":0,"d":true}"#,
        r#"{"a":true,"x":1}"#,
        "{}",
        r#"{"a":null}"#,
        r#"{"a":"5.7"}"#,
        r#"{"a":12345678901234567}"#,
    ];
    let expected = [
        r#"{"a":-5,"b":5.0,"c":true,"d":"1.50"}"#,
        r#"{"a":-57,"b":1.5,"c":false,"d":"true"}"#,
        r#"{"a":1,"x":1}"#,
        "{}",
        r#"{"a":null}"#,
        "DEAD",
        r#"{"a":12345678901234567}"#,
    ];
    assert_eq!(values("Cast$Value", "spec = a:int64, b:float64, c:boolean, d:string", &records), expected);
}

#[test]
fn a_condition_of_confluents_filter_is_a_filters_where_it_compares_with_a_text() {
    let records = [r#"{"level":"error"}"#, r#"{"level":"info"}"#, "{}"];
    let filter = |operator: &str, lines: &str| {
        values("Filter$Value", &format!("filter.condition = $[?(@.level {operator} 'error')]\n{lines}"), &records)
    };
    let [error, info, none] = records;
    assert_eq!(filter("==", "filter.type = include"), [error, "DEAD"]);
    assert_eq!(filter("==", "filter.type = exclude"), [info, "DEAD"]);
    assert_eq!(filter("!=", "filter.type = include"), [info, "DEAD"]);
    for (operator, kind, missing, expected) in [
        ("==", "include", "include", vec![error, none]),
        ("==", "include", "exclude", vec![error]),
        ("==", "exclude", "include", vec![info, none]),
        ("==", "exclude", "exclude", vec![info]),
        ("!=", "include", "include", vec![info, none]),
        ("!=", "include", "exclude", vec![info]),
        ("!=", "exclude", "include", vec![error, none]),
        ("!=", "exclude", "exclude", vec![error]),
    ] {
        let lines = format!("filter.type = {kind}\nmissing.or.null.behavior = {missing}");
        assert_eq!(filter(operator, &lines), expected, "{operator} {lines}");
    }
    let other = transform("Filter$Value", "filter.condition = $[?(@.n > 5)]\nfilter.type = include");
    assert_eq!(grade_of(&other, "transforms.t.type"), Grade::Impossible);
    assert!(other.report.to_string().contains("docs/filter.md"), "{}", other.report);
}

#[test]
fn expressions_are_translated_where_they_are_not_read_as_java_s() {
    let topic = format!(
        "transforms = t\ntransforms.t.type = {APACHE}.Filter\ntransforms.t.predicate = p\npredicates = p\n\
         predicates.p.type = {APACHE}.predicates.TopicNameMatches\npredicates.p.pattern = "
    );
    let dropped =
        |pattern: &str| run(&with_transforms(&format!("{topic}{pattern}")), &["\"payload\":\"x\""]).is_empty();
    assert!(dropped(".*i.*") && dropped(r"\\w+$") && dropped(r"\\Qin\\E") && dropped("(?i)IN"));
    assert!(!dropped("i") && !dropped(r"\\d+"));
    let ahead = with_transforms(&format!("{topic}(?!a).*"));
    assert_eq!(grade_of(&ahead, "transforms.t.type"), Grade::Impossible);
    assert!(ahead.report.to_string().contains("a pipeline of their own"), "{}", ahead.report);
}
