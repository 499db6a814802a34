//! What the documentation of Apache Kafka says of each of its sixteen transforms, and what the import makes of it.
//!
//! Where a transform's page has no records of its own, these are the ones that its words describe; the converter is Connect's
//! JsonConverter without schemas. The topic `c-out` means that the transform left the topic alone.

use serde_json::{Value, json};

use super::*;

/// A connector's properties for one transform or several, as its REST interface takes them.
fn imported(transforms: &Value) -> Imported {
    let converter = "org.apache.kafka.connect.json.JsonConverter";
    let mut config = json!({
        "connector.class": "x.Sink", "topics": "in", "bootstrap.servers": "b:9092",
        "value.converter": converter, "value.converter.schemas.enable": "false",
    });
    for (key, value) in transforms.as_object().unwrap() {
        let value = value.as_str().unwrap().replace("AK.", "org.apache.kafka.connect.transforms.");
        config[key.as_str()] = value.into();
    }
    super::super::connect(&json!({ "name": "c", "config": config }).to_string(), &Options::default()).unwrap()
}

/// The properties of a single transform `t`.
fn one(class: &str, properties: &Value) -> Value {
    let mut transforms = json!({ "transforms": "t", "transforms.t.type": format!("AK.{class}") });
    for (key, value) in properties.as_object().unwrap() {
        transforms[format!("transforms.t.{key}")] = value.clone();
    }
    transforms
}

/// A record by the members that are not as usual.
fn record(topic: &str, members: &Value) -> Value {
    let mut record = json!({ "topic": topic, "headers": [], "key": "k", "payload": "{}" });
    for (name, member) in members.as_object().unwrap() {
        record[name.as_str()] = member.clone();
    }
    record
}

/// What comes out of a chain, each by its topic, headers, key and payload.
fn outputs(imported: &Imported, input: &Value) -> Vec<Value> {
    let loaded = load(&imported.config).unwrap();
    let (_, blueprint) = loaded.first_key_value().unwrap();
    let mut chain = blueprint.prepare(None).unwrap().adopt(None);
    let line = format!("{input}\n");
    let mut reader = Reader::new(line.as_bytes(), Format::Records, "in");
    let mut made = Vec::new();
    replay::run(&mut chain, Cut::default(), &mut reader, |produced| -> Result<(), std::convert::Infallible> {
        let mut text = Vec::new();
        produced.write(&mut text);
        let mut record: Value = serde_json::from_slice(&text).unwrap();
        for member in ["partition", "offset", "tstype", "ts"] {
            record.as_object_mut().unwrap().remove(member);
        }
        made.push(record);
        Ok(())
    })
    .unwrap();
    made
}

/// The record comes out with these members, and no other.
#[track_caller]
fn check(transforms: &Value, input: &Value, output: &Value) {
    let imported = imported(transforms);
    let expected = record("c-out", &{
        let mut members = input.clone();
        for (name, member) in output.as_object().unwrap() {
            members[name.as_str()] = member.clone();
        }
        members.as_object_mut().unwrap().remove("ts");
        members
    });
    let made = outputs(&imported, &record("in", input));
    assert_eq!(made, [expected], "{transforms}\n{}\n{}", imported.config, imported.report);
}

/// No record comes out.
#[track_caller]
fn check_dropped(transforms: &Value, input: &Value) {
    let imported = imported(transforms);
    assert_eq!(outputs(&imported, &record("in", input)), [] as [Value; 0], "{transforms}\n{}", imported.config);
}

#[test]
fn the_example_of_the_user_guide() {
    // "Kafka Connect › Transformations": lines of a file become maps that tell where they came from.
    let transforms = json!({
        "transforms": "MakeMap, InsertSource",
        "transforms.MakeMap.type": "AK.HoistField$Value",
        "transforms.MakeMap.field": "line",
        "transforms.InsertSource.type": "AK.InsertField$Value",
        "transforms.InsertSource.static.field": "data_source",
        "transforms.InsertSource.static.value": "test-file-source",
    });
    for line in ["foo", "bar", "hello world"] {
        let expected = format!("{{\"line\":\"{line}\",\"data_source\":\"test-file-source\"}}");
        check(&transforms, &json!({ "payload": format!("\"{line}\"") }), &json!({ "payload": expected }));
    }
}

#[test]
fn headers() {
    let insert = one("InsertHeader", &json!({ "header": "h", "value.literal": "v" }));
    check(&insert, &json!({ "headers": ["a", "1"] }), &json!({ "headers": ["a", "1", "h", "v"] }));
    check(&insert, &json!({ "payload": null, "key": null }), &json!({ "headers": ["h", "v"] }));
    // Connect adds one more: the report says so.
    check(&insert, &json!({ "headers": ["h", "1"] }), &json!({ "headers": ["h", "v"] }));
    let drop = one("DropHeaders", &json!({ "headers": "a, b" }));
    check(&drop, &json!({ "headers": ["a", "1", "c", "2", "a", null, "b", "3"] }), &json!({ "headers": ["c", "2"] }));
    check(&drop, &json!({ "headers": [], "payload": null }), &json!({}));
    let from = |operation: &str| {
        one("HeaderFrom$Value", &json!({ "fields": "f1,f2", "headers": "h1,h2", "operation": operation }))
    };
    let both = json!({ "payload": "{\"f1\":\"a\",\"f2\":7,\"f3\":1.50}" });
    check(&from("copy"), &both, &json!({ "headers": ["h1", "a", "h2", "7"] }));
    check(&from("move"), &both, &json!({ "headers": ["h1", "a", "h2", "7"], "payload": "{\"f3\":1.50}" }));
    // Connect writes a null: the report says so.
    check(&from("copy"), &json!({ "payload": "{\"f1\":null,\"f2\":\"\"}" }), &json!({ "headers": ["h2", ""] }));
    check(&from("move"), &json!({ "payload": null }), &json!({}));
}

#[test]
fn fields_that_are_extracted_hoisted_and_inserted() {
    let extract = one("ExtractField$Value", &json!({ "field": "f" }));
    check(&extract, &json!({ "payload": "{\"f\":{\"g\":1}}" }), &json!({ "payload": "{\"g\":1}" }));
    check(&extract, &json!({ "payload": "{\"f\":null}" }), &json!({ "payload": null }));
    check(&extract, &json!({ "payload": null }), &json!({}));
    let path = one("ExtractField$Value", &json!({ "field": "f.g", "field.syntax.version": "V2" }));
    check(&path, &json!({ "payload": "{\"f\":{\"g\":[1]}}" }), &json!({ "payload": "[1]" }));
    let key = one("ExtractField$Key", &json!({ "field": "id" }));
    check(&key, &json!({ "key": "{\"id\":42}" }), &json!({ "key": "42" }));
    check(&key, &json!({ "key": "{\"id\":null}" }), &json!({ "key": null }));
    check(&key, &json!({ "key": null }), &json!({}));
    let hoist = one("HoistField$Value", &json!({ "field": "a$1" }));
    check(&hoist, &json!({ "payload": "[1,2]" }), &json!({ "payload": "{\"a$1\":[1,2]}" }));
    let hoist = one("HoistField$Key", &json!({ "field": "id" }));
    check(&hoist, &json!({ "key": "7" }), &json!({ "key": "{\"id\":7}" }));
    let insert = one(
        "InsertField$Value",
        &json!({ "topic.field": "t", "partition.field": "p", "offset.field": "o!", "timestamp.field": "at?" }),
    );
    let at = json!({ "payload": "{\"a\":1}", "ts": 5 });
    check(&insert, &at, &json!({ "payload": "{\"a\":1,\"t\":\"in\",\"p\":0,\"o\":0,\"at\":5}" }));
    check(&insert, &json!({ "payload": null }), &json!({}));
}

#[test]
fn fields_that_are_replaced_masked_cast_and_flattened() {
    let exclude = one("ReplaceField$Value", &json!({ "exclude": "b", "renames": "foo:bar,abc:xyz" }));
    let input = json!({ "payload": "{\"foo\":1,\"b\":2,\"abc\":null,\"d\":3}" });
    check(&exclude, &input, &json!({ "payload": "{\"bar\":1,\"xyz\":null,\"d\":3}" }));
    check(&exclude, &json!({ "payload": null }), &json!({}));
    let include = one("ReplaceField$Value", &json!({ "include": "foo" }));
    check(&include, &input, &json!({ "payload": "{\"foo\":1}" }));
    let both = one("ReplaceField$Value", &json!({ "include": "foo", "renames": "foo:bar" }));
    check(&both, &input, &json!({ "payload": "{\"bar\":1}" }));
    // All at once, in whatever order they stand there.
    let moved = one("ReplaceField$Value", &json!({ "renames": "foo:b,b:c" }));
    check(&moved, &input, &json!({ "payload": "{\"b\":1,\"c\":2,\"abc\":null,\"d\":3}" }));
    let mask = one("MaskField$Value", &json!({ "fields": "a", "replacement": "***" }));
    check(&mask, &json!({ "payload": "{\"a\":\"x\",\"b\":1}" }), &json!({ "payload": "{\"a\":\"***\",\"b\":1}" }));
    check(&mask, &json!({ "payload": null }), &json!({}));
    let empty = one("MaskField$Value", &json!({ "fields": "a" }));
    check(&empty, &json!({ "payload": "{\"a\":\"x\"}" }), &json!({ "payload": "{\"a\":\"\"}" }));
    let cast = one("Cast$Value", &json!({ "spec": "a:int32,b:boolean,c:string" }));
    check(
        &cast,
        &json!({ "payload": "{\"a\":\"-7\",\"b\":\"true\",\"c\":1.50}" }),
        &json!({ "payload": "{\"a\":-7,\"b\":true,\"c\":\"1.50\"}" }),
    );
    check(&cast, &json!({ "payload": null }), &json!({}));
    let flatten = one("Flatten$Value", &json!({}));
    let nested = json!({ "payload": "{\"a\":{\"b\":1,\"c\":{\"d\":null}},\"e\":[{\"f\":2}]}" });
    check(&flatten, &nested, &json!({ "payload": "{\"a.b\":1,\"a.c.d\":null,\"e\":[{\"f\":2}]}" }));
    check(&flatten, &json!({ "payload": null }), &json!({}));
}

#[test]
fn whole_values_that_are_cast() {
    let cast = |spec: &str| one("Cast$Value", &json!({ "spec": spec }));
    for (spec, from, to) in [
        ("int32", "\"57\"", "57"),
        ("int8", "5.7", "5"),
        ("float64", "5", "5.0"),
        ("boolean", "0", "false"),
        ("string", "true", "\"true\""),
        ("int64", "null", "null"),
    ] {
        check(&cast(spec), &json!({ "payload": from }), &json!({ "payload": to }));
    }
    check(&cast("int32"), &json!({ "payload": null }), &json!({}));
}

#[test]
fn times() {
    // "a field to a string by a format", "a string to unix".
    let to_text = one(
        "TimestampConverter$Value",
        &json!({ "field": "at", "target.type": "string", "format": "yyyy-MM-dd HH:mm:ss.SSS" }),
    );
    let text = json!({ "payload": "{\"at\":\"2019-04-25 15:02:16.000\",\"b\":1}" });
    check(&to_text, &json!({ "payload": "{\"at\":1556204536000,\"b\":1}" }), &text);
    check(&to_text, &text, &json!({}));
    check(&to_text, &json!({ "payload": null }), &json!({}));
    let to_unix = |precision: &str| {
        let properties = json!({ "target.type": "unix", "format": "yyyy-MM-dd", "unix.precision": precision });
        one("TimestampConverter$Key", &properties)
    };
    for (precision, key) in [
        ("seconds", "1556150400"),
        ("milliseconds", "1556150400000"),
        ("microseconds", "1556150400000000"),
        ("nanoseconds", "1556150400000000000"),
    ] {
        check(&to_unix(precision), &json!({ "key": "\"2019-04-25\"" }), &json!({ "key": key }));
        check(&to_unix(precision), &json!({ "key": key }), &json!({}));
    }
    check(&to_unix("seconds"), &json!({ "key": null }), &json!({}));
    // A key that is a text stays JSON, as Connect's JsonConverter writes it.
    let key = one("TimestampConverter$Key", &json!({ "field": "", "target.type": "string", "format": "HH:mm" }));
    check(&key, &json!({ "key": "5400000" }), &json!({ "key": "\"01:30\"" }));
}

#[test]
fn keys_are_edited_as_values_are() {
    let cast = one("Cast$Key", &json!({ "spec": "a:int32,b:string" }));
    check(&cast, &json!({ "key": "{\"a\":\"7\",\"b\":1.50}" }), &json!({ "key": "{\"a\":7,\"b\":\"1.50\"}" }));
    check(&cast, &json!({ "key": "{\"a\":\"7\"}", "payload": null }), &json!({ "key": "{\"a\":7}" }));
    check(&cast, &json!({ "key": null, "payload": null }), &json!({}));
    check(&one("Cast$Key", &json!({ "spec": "int32" })), &json!({ "key": "\"42\"" }), &json!({ "key": "42" }));
    check(&one("Cast$Key", &json!({ "spec": "string" })), &json!({ "key": "42" }), &json!({ "key": "\"42\"" }));
    let flatten = one("Flatten$Key", &json!({ "delimiter": "_" }));
    check(&flatten, &json!({ "key": "{\"a\":{\"b\":1}}" }), &json!({ "key": "{\"a_b\":1}" }));
    let from =
        |operation: &str| one("HeaderFrom$Key", &json!({ "fields": "a,b", "headers": "h,i", "operation": operation }));
    let key = json!({ "headers": ["h", "0"], "key": "{\"a\":\"x\",\"b\":[1],\"c\":2}" });
    check(&from("copy"), &key, &json!({ "headers": ["h", "x", "i", "[1]"] }));
    check(&from("move"), &key, &json!({ "headers": ["h", "x", "i", "[1]"], "key": "{\"c\":2}" }));
    // Connect writes a null: the report says so.
    check(
        &from("copy"),
        &json!({ "headers": ["h", "0"], "key": "{\"b\":false}" }),
        &json!({ "headers": ["h", "0", "i", "false"] }),
    );
    let insert = one(
        "InsertField$Key",
        &json!({
            "topic.field": "t", "partition.field": "p", "offset.field": "o!", "timestamp.field": "at?",
            "static.field": "s", "static.value": "{x}",
        }),
    );
    let inserted = "{\"a\":1,\"t\":\"in\",\"p\":0,\"o\":0,\"s\":\"{x}\",\"at\":1700000000000}";
    check(&insert, &json!({ "key": "{\"a\":1}", "ts": 1_700_000_000_000_i64 }), &json!({ "key": inserted }));
    let mask = one("MaskField$Key", &json!({ "fields": "a,b,c,d,e,f,g" }));
    let kinds = "{\"a\":\"x\",\"b\":7,\"c\":1.5,\"d\":true,\"e\":[1],\"f\":{\"g\":1},\"h\":1}";
    let masked = "{\"a\":\"\",\"b\":0,\"c\":0.0,\"d\":false,\"e\":[],\"f\":{},\"h\":1,\"g\":null}";
    check(&mask, &json!({ "key": kinds }), &json!({ "key": masked }));
    let replaced = one("MaskField$Key", &json!({ "fields": "a,b,c", "replacement": "12.7" }));
    let kinds = "{\"a\":\"x\",\"b\":7,\"c\":1.5}";
    check(&replaced, &json!({ "key": kinds }), &json!({ "key": "{\"a\":\"12.7\",\"b\":12,\"c\":12.7}" }));
    let replace = one("ReplaceField$Key", &json!({ "exclude": "x", "include": "a,b,x", "renames": "a:b,b:a" }));
    let input = json!({ "key": "{\"x\":1,\"a\":false,\"b\":null,\"c\":4}", "payload": null });
    check(&replace, &input, &json!({ "key": "{\"b\":false,\"a\":null}" }));
}

#[test]
fn keys_of_values() {
    let chain = json!({
        "transforms": "createKey,extractInt",
        "transforms.createKey.type": "AK.ValueToKey",
        "transforms.createKey.fields": "c1",
        "transforms.extractInt.type": "AK.ExtractField$Key",
        "transforms.extractInt.field": "c1",
    });
    check(&chain, &json!({ "key": null, "payload": "{\"c1\":100,\"c2\":\"x\"}" }), &json!({ "key": "100" }));
    check(&chain, &json!({ "payload": "{\"c1\":null}" }), &json!({ "key": null }));
    // Without ExtractField Connect makes a structure: the report says so.
    let alone = one("ValueToKey", &json!({ "fields": "id" }));
    check(&alone, &json!({ "payload": "{\"id\":\"a\"}" }), &json!({ "key": "a" }));
    let several = one("ValueToKey", &json!({ "fields": "a,b" }));
    check(&several, &json!({ "payload": "{\"b\":1.50,\"a\":\"x\"}" }), &json!({ "key": "{\"a\":\"x\",\"b\":1.50}" }));
    check(&several, &json!({ "payload": "{\"a\":null}" }), &json!({ "key": "{\"a\":null,\"b\":null}" }));
    // Connect fails: the report says so.
    check(&several, &json!({ "payload": null }), &json!({}));
}

#[test]
fn topics() {
    let router = |regex: &str, with: &str| one("RegexRouter", &json!({ "regex": regex, "replacement": with }));
    check(&router("(.*)", "copy-$1"), &json!({}), &json!({ "topic": "copy-in" }));
    check(&router("(.)(.)", "$2.$1"), &json!({ "payload": null }), &json!({ "topic": "n.i" }));
    // The expression has to match the whole name.
    check(&router("i", "x"), &json!({}), &json!({}));
    let daily = one("TimestampRouter", &json!({}));
    check(&daily, &json!({ "ts": 1_483_228_799_999_i64 }), &json!({ "topic": "in-20161231" }));
    let monthly =
        one("TimestampRouter", &json!({ "topic.format": "foo-${topic}-${timestamp}", "timestamp.format": "yyyyMM" }));
    check(&monthly, &json!({ "payload": null, "ts": 1_483_228_800_000_i64 }), &json!({ "topic": "foo-in-201701" }));
}

#[test]
fn filters_and_predicates() {
    let filter = |predicate: Value, negate: &str| {
        let mut transforms = json!({
            "transforms": "Filter", "transforms.Filter.type": "AK.Filter",
            "transforms.Filter.predicate": "P", "transforms.Filter.negate": negate, "predicates": "P",
        });
        for (key, value) in predicate.as_object().unwrap() {
            transforms[format!("predicates.P.{key}")] = value.clone();
        }
        transforms
    };
    let tombstone = || json!({ "type": "AK.predicates.RecordIsTombstone" });
    check_dropped(&filter(tombstone(), "false"), &json!({ "payload": null }));
    check(&filter(tombstone(), "false"), &json!({ "payload": "" }), &json!({}));
    check(&filter(tombstone(), "true"), &json!({ "payload": null }), &json!({}));
    let header = || json!({ "type": "AK.predicates.HasHeaderKey", "name": "h" });
    check_dropped(&filter(header(), "false"), &json!({ "headers": ["h", ""] }));
    check(&filter(header(), "false"), &json!({ "headers": ["H", "1"] }), &json!({}));
    check_dropped(&filter(header(), "true"), &json!({}));
    let imported = imported(&filter(header(), "false"));
    assert_eq!(grade_of(&imported, "transforms.Filter.type"), Grade::Differs, "of a header whose value is null");
    let topic = |pattern: &str| json!({ "type": "AK.predicates.TopicNameMatches", "pattern": pattern });
    check_dropped(&filter(topic("i."), "false"), &json!({}));
    check(&filter(topic("i"), "false"), &json!({}), &json!({}));
    // Without a predicate everything is dropped.
    check_dropped(&one("Filter", &json!({})), &json!({}));
}

#[test]
fn what_cannot_be_said_is_told_as_impossible() {
    for (class, properties) in [
        ("TimestampConverter$Value", json!({ "field": "a", "target.type": "Date" })),
        ("TimestampConverter$Key", json!({ "target.type": "Timestamp", "format": "yyyy" })),
        ("Cast$Value", json!({ "spec": "bytes" })),
    ] {
        let imported = imported(&one(class, &properties));
        assert_eq!(grade_of(&imported, "transforms.t.type"), Grade::Impossible, "{class} {properties}");
        assert_eq!(mistakes(&imported.config), None, "{class}");
    }
    for class in ["SetSchemaMetadata$Key", "SetSchemaMetadata$Value"] {
        let imported = imported(&one(class, &json!({ "schema.name": "x", "schema.version": "2" })));
        assert_eq!(grade_of(&imported, "transforms.t.type"), Grade::Unneeded);
        assert_eq!(outputs(&imported, &record("in", &json!({}))), [record("c-out", &json!({}))]);
    }
}
