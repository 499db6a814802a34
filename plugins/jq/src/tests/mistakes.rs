//! Mistakes in configs and programs, and the files that programs are made of.

use weir_sdk::Files;

use super::*;

#[track_caller]
fn check_mistakes(config: Value, files: &Files, expected: &[&str]) {
    let mistakes = Bench::<Jq>::with_files(&config, files).err().unwrap_or_default();
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(lines, expected, "{config}");
}

#[track_caller]
fn check_program(program: &str, expected: &[&str]) {
    let expected: Vec<String> = expected.iter().map(|line| format!("/program: {line}")).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check_mistakes(json!({ "program": program }), &Files::default(), &expected);
}

#[test]
fn a_program_is_read_before_the_first_record() {
    check_program("{a: .b", &["line 1, column 7: unexpected end, expected closing brace"]);
    check_program(".a |\n  map(", &["line 2, column 7: unexpected end, expected closing parenthesis"]);
    check_program("", &["line 1, column 1: unexpected end, expected term"]);
    check_program(".a ||", &["line 1, column 4: unexpected `||`, expected the end"]);
    check_program("if . then 1", &["line 1, column 12: unexpected end, expected else or end"]);
    check_program("\"\\q\"", &["line 1, column 3: unexpected `q\"`, expected string escape sequence"]);
    check_program(
        "foo(1) | $x |\n  \"é\" | bar",
        &[
            "line 1, column 1: undefined filter foo/1",
            "line 1, column 10: undefined variable $x",
            "line 2, column 9: undefined filter bar/0",
        ],
    );
    check_program("'.a'", &["line 1, column 1: unexpected `'.a'`: leave out the shell's quotes"]);
    check_program("break $out", &["line 1, column 7: undefined label $out"]);
}

#[test]
fn what_depends_on_the_machine_is_refused_with_what_to_write() {
    check_program(
        "now, env.HOME, $ENV.HOME",
        &[
            "line 1, column 1: undefined filter now/0: there is no clock: write `$timestamp / 1000`, or `$received / 1000` for when weir fetched the record",
            "line 1, column 6: undefined filter env/0: there is no environment: write the value into the program, or have a header-enricher write a header",
            "line 1, column 16: undefined variable $ENV: there is no environment: write the value into the program, or have a header-enricher write a header",
        ],
    );
    for name in [
        "localtime",
        "strflocaltime(\"\")",
        "input",
        "inputs",
        "input_filename",
        "input_line_number",
        "debug",
        "debug(1)",
        "stderr",
        "halt",
        "halt_error",
        "halt_error(1)",
        "get_search_list",
    ] {
        let mistakes = Bench::<Jq>::new(json!({ "program": name })).unwrap_err();
        assert!(mistakes.len() == 1 && mistakes[0].message.matches(": ").count() >= 2, "{name}: {mistakes:?}");
    }
}

#[test]
fn all_mistakes_of_a_config_are_said_at_once() {
    let config = json!({
        "program": "{", "output": "record", "headers": ["a", " "], "topics": ["a b"], "max_outputs": 0,
    });
    check_mistakes(
        config,
        &Files::default(),
        &[
            "/max_outputs: 0 outputs: write a number from 1 to 16384",
            &format!("/headers/1: {}", weir_sdk::header_mistake(" ").unwrap()),
            &format!("/topics/0: {}", weir_sdk::topic_pattern_mistake("a b").unwrap()),
            "/program: line 1, column 2: unexpected end, expected closing brace",
        ],
    );
    let unused = "is only of use with `output = \"record\"`: then an output may be `{ headers: {…}, topic: \"…\" }`";
    check_mistakes(
        json!({ "program": ".", "headers": ["a"], "topics": ["a"] }),
        &Files::default(),
        &[&format!("/headers: {unused}"), &format!("/topics: {unused}")],
    );
    check_mistakes(json!({}), &Files::default(), &[": missing field `program`"]);
}

#[test]
fn modules_are_files() {
    let files = Files::of([
        ("lib", b"def double: . * 2; def offset: $offset;".as_slice()),
        ("more", b"def half: .x / 2;"),
        ("names", b"{\"de\":\"Germany\",\"fr\":\"France\"}"),
        ("broken", b"def f: ("),
        ("latin", b"\".\xe9\""),
    ]);
    let program = "include \"lib\"; import \"more\" as more; import \"names\" as $names;
        {name: $names[0][.c], x: (.x | double), y: more::half, o: offset}";
    let mut bench = Bench::<Jq>::with_files(json!({ "program": program }), &files).unwrap();
    let outcome = bench.run(&[Record::of("{\"c\":\"de\",\"x\":3}").offset(4)]).unwrap().remove(0);
    assert_eq!(outcome.record.value.as_deref(), Some("{\"name\":\"Germany\",\"x\":6,\"y\":1.5,\"o\":4}".as_bytes()));
    let mistake = |program: &str, expected: &str| {
        check_mistakes(json!({ "program": program }), &files, &[&format!("/program: {expected}")]);
    };
    mistake("include \"broken\"; f", "file `broken`, line 1, column 9: unexpected end, expected closing parenthesis");
    mistake(
        "include \"gone\"; import \"lib\" as $lib; .",
        "line 1, column 10: the interceptor's `files` has no `gone`; write `files = { gone = \"./gone.jq\" }` beside its `plugin`",
    );
    mistake(
        "import \"a.json\" as $a; .",
        "line 1, column 9: the interceptor's `files` has no `a.json`; write `files = { \"a.json\" = \"./a.json\" }` beside its `plugin`",
    );
    mistake("import \"lib\" as $lib; .", "line 1, column 9: file `lib` is not JSON: byte offset 0: value expected");
    mistake("include \"latin\"; .", "line 1, column 10: file `latin` is not UTF-8 from byte 2");
    mistake(".a |\ninclude \"gone\"; .", "line 2, column 9: unexpected `\"gone\"`, expected the end");
    mistake("more::half", "line 1, column 1: undefined module more");
}
