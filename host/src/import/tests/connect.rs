//! The transforms of Apache Kafka, one by one.

use super::*;

const APACHE: &str = "org.apache.kafka.connect.transforms";

/// What one transform becomes.
pub(super) fn transform(class: &str, lines: &str) -> Imported {
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
        ("TimestampConverter$Value", "field = a\ntarget.type = Timestamp"),
        ("TimestampConverter$Value", "field = a\ntarget.type = string"),
        ("TimestampConverter$Value", "target.type = string\nformat = YYYY"),
        ("TimestampConverter$Value", "target.type = unix\nunix.precision = days"),
        ("TimestampConverter$Key", "target.type = unix\nformat = Z yyyy"),
        ("Cast$Value", "spec = int32,a:string"),
        ("Cast$Value", "spec = a:b:string"),
        ("Cast$Value", "spec = a:int32,b:decimal"),
        ("Cast$Key", "spec = decimal"),
        ("ValueToKey", ""),
        ("HeaderFrom$Key", "fields = a\nheaders = b,c"),
        ("InsertField$Key", ""),
        ("MaskField$Key", ""),
        ("ReplaceField$Value", "renames = a"),
        ("ReplaceField$Value", "renames = a:b:c"),
        ("RegexRouter", "regex = (.*)\nreplacement = ${x}"),
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

/// A sink connector with these converters and a transform.
fn with_converters(converters: &str, class: &str, lines: &str) -> Imported {
    let own: String = lines.lines().map(|line| format!("transforms.t.{}\n", line.trim())).collect();
    let converters = converters.replace("C.", "org.apache.kafka.connect.");
    let text = format!(
        "name = c\nconnector.class = x.Sink\ntopics = in\n{converters}transforms = t\ntransforms.t.type = {APACHE}.{class}\n{own}"
    );
    let imported = super::super::connect(&text, &Options::default()).unwrap();
    assert_eq!(mistakes(&imported.config), None);
    imported
}

#[test]
fn what_a_converter_makes_of_keys_and_values_is_told() {
    let json = "value.converter = C.json.JsonConverter\nvalue.converter.schemas.enable = false\n";
    let text = "value.converter = C.storage.StringConverter\n";
    let key = |converter: &str| converter.replace("value.", "key.");
    let of = |converters: &str, class: &str, lines: &str| {
        let imported = with_converters(converters, class, lines);
        (grade_of(&imported, "transforms.t.type"), imported.report.to_string())
    };
    let [cast, mask] = [("Cast$Key", "spec = int32"), ("MaskField$Value", "fields = a")];
    let both = format!("{json}{}", key(json));
    assert_eq!(of(&both, cast.0, cast.1).0, Grade::Differs);
    let (grade, report) = of(&format!("{json}{}", key("value.converter = C.json.JsonConverter\n")), cast.0, cast.1);
    assert!(grade == Grade::Impossible && report.contains("differs     key.converter: keys are `{"), "{report}");
    for (converters, why) in [
        (format!("{json}{}", key(text)), "to Connect it is one text"),
        (format!("{text}{}", key(json)), "records whose values are JSON"),
        (format!("{json}key.converter = io.x.AvroConverter\n"), "it is not JSON"),
    ] {
        let (grade, report) = of(&converters, cast.0, cast.1);
        assert!(grade == Grade::Impossible && report.contains(why), "{converters}{report}");
    }
    let (_, report) = of(json, cast.0, cast.1);
    assert!(report.contains("key.converter: the worker says"), "{report}");
    // Whose keys nothing looks into.
    assert!(of(&both, mask.0, mask.1).1.contains("key.converter: stays with the connector"));

    let (grade, report) = of(text, mask.0, mask.1);
    assert_eq!(grade, Grade::Differs);
    assert!(report.contains("differs     value.converter: to Connect a value is one text"), "{report}");
    assert!(of(text, "DropHeaders", "headers = a").1.contains("translated  value.converter: values are bytes"));
    for (class, lines) in [("HoistField$Value", "field = line"), ("Cast$Value", "spec = int32")] {
        assert_eq!(of(text, class, lines).0, Grade::Impossible, "{class}");
    }
    let wrapped = with_converters(&key("value.converter = C.json.JsonConverter\n"), "ExtractField$Key", "field = id");
    assert!(wrapped.config.contains("json = \"/payload/id\""), "{}", wrapped.config);
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

#[test]
fn groups_of_a_topic_may_be_called_by_their_names() {
    let imported = transform("RegexRouter", "regex = (?<a>.)(?<b>.)\nreplacement = ${b}.${a}");
    assert!(imported.config.contains("to = \"n.i\""), "{}", imported.config);
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
