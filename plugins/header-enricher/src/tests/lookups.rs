//! Values that are looked up in tables.

use weir_sdk::Files;

use super::*;

const REGIONS: &str = "country,region,capital\r\nde,Europe,Berlin\r\njp,Asia,\"Tōkyō, Japan\"\r\n";
const USERS: &str =
    "{\"key\":\"u1\",\"value\":\"jp\"}\n{\"key\":\"u2\",\"value\":\"xx\"}\n{\"key\":7,\"value\":\"de\"}\n";

fn files() -> Files {
    Files::of([("regions", REGIONS), ("users", USERS)])
}

fn bench(config: Value) -> Bench<Enricher> {
    Bench::with_files(config, &files()).unwrap().from("t", 0)
}

/// Header `h` of one record after a config that writes it.
fn found(template: &str, record: &Record) -> Option<String> {
    let config = json!({ "headers": [write("h", template)] });
    bench(config).run(std::slice::from_ref(record)).unwrap()[0].record.last("h")
}

#[test]
fn a_value_is_found_by_any_part_as_the_key() {
    let record = Record::of(r#"{"user":{"id":7},"country":"jp"}"#).key("u1").header("country", "de");
    for (template, expected) in [
        ("{lookup:regions:{country}:region}", "Europe"),
        ("<{lookup:regions:{json:/country}:capital}>", "<Tōkyō, Japan>"),
        ("{lookup:users:{key}}", "jp"),
        ("{lookup:users:{json:/user/id}}/{country}", "de/de"),
        ("{lookup:regions[region]:{lookup:regions:{country}:region}:capital}", "Berlin"),
        ("{lookup:regions:{lookup:users:{key}}:region}-{lookup:users:u{json:/one}{partition}}", "none"),
    ] {
        let expected = Some(expected.to_owned()).filter(|expected| expected != "none");
        assert_eq!(found(template, &record), expected, "{template}");
    }
    assert_eq!(found("{lookup:users:u{offset}}", &Record::of("").offset(2)).as_deref(), Some("xx"));
}

#[test]
fn a_key_that_is_not_there_follows_missing_and_is_counted() {
    let config = |missing: Value| json!({ "headers": [write("h", "<{lookup:regions:{country}:region}{dc}>")], "missing": missing });
    let records = [
        Record::of("").header("country", "de").header("dc", "1"),
        Record::of("").header("country", "xx").header("dc", "1"),
        Record::of("").header("dc", "1"),
    ];
    let headers = |missing: Value| {
        take_said();
        let outcomes = bench(config(missing)).run(&records).unwrap();
        assert_eq!(take_said().counts["missing_h"], 2);
        outcomes.into_iter().map(|outcome| outcome.record.last("h")).collect::<Vec<_>>()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(headers(json!("skip")), [some("<Europe1>"), None, None]);
    assert_eq!(headers(json!("empty")), [some("<Europe1>"), some("<1>"), some("<1>")]);
    assert_eq!(headers(json!({ "default": "?" })), [some("<Europe1>"), some("<?1>"), some("<?1>")]);
    let mut bench = bench(config(json!("dead-letter")));
    assert!(bench.plan().declared_effects().contains(Effects::DEAD_LETTER));
    let verdicts: Vec<_> = bench.run(&records).unwrap().into_iter().map(|outcome| outcome.verdict).collect();
    let dead = |part: &str| Verdict::DeadLetter(format!("header `h`: `{part}` has no value"));
    let not_known = dead("{lookup:regions:{header:country}:region}");
    assert_eq!(verdicts, [Verdict::Keep, not_known, dead("{header:country}")]);
}

#[test]
fn a_key_is_what_entries_above_and_renames_left() {
    let config = json!({
        "rename": [{ "from": "cc", "to": "country" }],
        "headers": [
            write("region", "{lookup:regions:{country}:region}"),
            write("country", "{lookup:users:{key}}"),
            write("capital", "{lookup:regions:{country}:capital}"),
        ],
    });
    let outcomes = bench(config).run(&[Record::of("").key("u1").header("cc", "de")]).unwrap();
    let last = |name: &str| outcomes[0].record.last(name).unwrap();
    assert_eq!((last("region"), last("capital")), ("Europe".to_owned(), "Tōkyō, Japan".to_owned()));
}

#[test]
fn the_plan_reads_what_keys_need() {
    let template = "{lookup:users:{json:/id}-{key}}{lookup:users:{country}}{lookup:users:{json:/id}}";
    let bench = bench(json!({ "headers": [write("h", template)] }));
    assert_eq!(bench.plan().declared_inputs(), [Input::json("/id"), Input::key(), Input::header("country")]);
}

#[test]
fn what_is_wrong_with_a_table_or_a_lookup_is_told_at_its_template() {
    let broken = Files::of([("broken", "a,b\n1\n2\n"), ("regions", REGIONS)]);
    let templates = [
        ("{lookup:broken:{key}}", "file `broken`: line 2 has 1 cell and line 1 has 2"),
        ("{lookup:gone:{key}}", "has no `gone`; write `files = { gone = \"./gone.csv\" }`"),
        (
            "{lookup:regions:{key}}",
            "line 1 names `country`, `region`, `capital`: say which of them is the value, `{lookup:regions:…:NAME}`",
        ),
        ("{lookup:regions:country}", "`{lookup:regions:{country}}`"),
        ("{lookup:regions:{timestamp:%!}:region}", "`%!`"),
    ];
    let headers: Vec<_> = templates.iter().map(|(template, _)| write("h", template)).collect();
    let mistakes = Bench::<Enricher>::with_files(json!({ "headers": headers }), &broken).unwrap_err();
    assert_eq!(mistakes.len(), templates.len(), "{mistakes:?}");
    for (at, (mistake, (_, words))) in mistakes.iter().zip(&templates).enumerate() {
        assert_eq!(mistake.pointer, format!("/headers/{at}/value"));
        assert!(mistake.message.contains(words), "{mistake}");
    }
}

#[test]
fn no_answer_depends_on_where_a_batch_was_cut() {
    for missing in ["skip", "empty", "dead-letter"] {
        let config = json!({
            "headers": [write("a", "{lookup:regions:{country}:region}"), write("b", "{a}/{lookup:regions[region]:{a}:capital}")],
            "missing": missing,
        });
        let record = |at: usize| match at % 3 {
            0 => Record::of("").header("country", "de"),
            1 => Record::of("").header("country", "jp"),
            _ => Record::of("").header("country", "xx"),
        };
        let records: Vec<_> = (0..30).map(record).collect();
        let whole = bench(config.clone()).run(&records).unwrap();
        for size in [1, 2, 7] {
            assert_eq!(bench(config.clone()).run_cut(size, &records).unwrap(), whole, "{missing} {size}");
        }
    }
}
