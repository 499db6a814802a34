//! The commands that need no broker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    io::{BufRead, BufReader, BufWriter, Write},
    process::Stdio,
    thread,
};

use weir_tests::{Gateway, Record, child_process, oversized};

const PIPELINE: &str = r#"
[kafka]
brokers = "localhost:9092"

[pipelines.p]
from = ["in"]
to = "out"
topics = ["other-*"]
dead_letter = "dead"
group = "g"
delivery = "at-least-once"

[[pipelines.p.interceptors]]
plugin = "header-enricher"
config = { headers = [ { name = "dc", value = "hz1" } ] }

[[pipelines.p.interceptors]]
plugin = "mod-router"
config = { from = { json = "/id" }, buckets = 3, topic = "other-{bucket}", missing = "dead-letter" }
"#;

fn records() -> String {
    let nasty = [
        Record::to("in").partition(1).key([0xff, 0x00]).value(b"").header("a", "1").null_header("a"),
        Record::to("in").partition(0),
        Record::to("in").partition(0).key("").value([0xc3, 0x28]),
    ];
    let plain = (0..40).map(|id| Record::to("in").partition(id % 3).key("k").value(format!(r#"{{"id":{id}}}"#)));
    let all = nasty.into_iter().chain(plain).enumerate();
    all.map(|(at, record)| {
        Record { offset: Some(at as i64), ..record.at(1_700_000_000_000 + at as i64) }.to_line() + "\n"
    })
    .collect()
}

#[test]
fn replay_writes_the_same_bytes_however_batches_are_cut() {
    let gateway = Gateway::new(PIPELINE);
    gateway.write("in.ndjson", records());
    let replay = |more: &[&str]| {
        let arguments = [&["replay", "-c", "weir.toml", "--input", "in.ndjson"][..], more].concat();
        gateway.weir(&arguments).expect(0).out
    };
    let whole = replay(&[]);
    assert_eq!(String::from_utf8_lossy(&whole).lines().count(), 43);
    for cut in ["1", "2", "7", "1024"] {
        assert!(replay(&["--batch-records", cut]) == whole, "batches of {cut}");
    }
    assert!(
        gateway.weir_with(&["replay", "-c", "weir.toml", "--input", "-"], records().as_bytes()).expect(0).out == whole
    );
}

#[test]
fn replay_reads_csv_logfmt_and_syslog() {
    let gateway = Gateway::new(&PIPELINE.replace("/id", "/procid"));
    let csv = "procid;name\n4;\"a \"\"b\"\"\"\n\n5;\n";
    let logfmt = "procid=4 name=\"a \\\"b\\\"\"\nprocid=5 name=\r\n";
    let syslog = "<13>Oct 11 22:14:15 host cron[4]: a \"b\"\nOct 11 22:14:15 cron[5]: x\n";
    for (format, input, values) in [
        ("csv", csv, [r#"{"procid":"4","name":"a \"b\""}"#, r#"{"procid":"5","name":""}"#]),
        ("logfmt", logfmt, [r#"{"procid":"4","name":"a \"b\""}"#, r#"{"procid":"5","name":""}"#]),
        (
            "syslog",
            syslog,
            [
                r#"{"facility":"user","severity":"notice","timestamp":"Oct 11 22:14:15","hostname":"host","appname":"cron","procid":"4","message":"a \"b\""}"#,
                r#"{"timestamp":"Oct 11 22:14:15","appname":"cron","procid":"5","message":"x"}"#,
            ],
        ),
    ] {
        gateway.write("in.txt", input);
        let text =
            gateway.weir(&["replay", "-c", "weir.toml", "--input", "in.txt", "--format", format]).expect(0).text();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let found: Vec<_> = lines.iter().map(|line| (line["topic"].as_str(), line["payload"].as_str())).collect();
        assert_eq!(found, [(Some("other-1"), Some(values[0])), (Some("other-2"), Some(values[1]))], "{format}");
    }
    gateway.write("in.txt", "a,b\n1,2\n3\n");
    let arguments = ["replay", "-c", "weir.toml", "--input", "in.txt", "--format", "csv"];
    let refused = gateway.weir(&arguments).expect(1);
    assert!(refused.err.contains("in.txt: line 3: there are 1 fields"), "{}", refused.err);
    assert_eq!(refused.text().lines().count(), 1);
}

#[test]
fn replay_ends_well_when_nobody_reads_its_output_and_takes_little_memory_until_then() {
    let value = |length: usize| format!("{{\\\"id\\\":7,\\\"x\\\":\\\"{}\\\"}}", "x".repeat(length));
    let (large, small) = (value(4000), value(20));
    assert_little_memory(20_000, move |_| format!("{{\"payload\":\"{large}\"}}\n"));
    // Each is a batch of its own, as offsets have to ascend within one.
    let same = small.clone();
    assert_little_memory(20_000, move |_| format!("{{\"offset\":7,\"payload\":\"{same}\"}}\n"));
    assert_little_memory(20_000, move |number| format!("{{\"topic\":\"t{number}\",\"payload\":\"{small}\"}}\n"));
}

/// Lines without an end go through, of which so many are read; weir has less than 48 MiB of its own then.
fn assert_little_memory(count: usize, line: impl Fn(usize) -> String + Send + 'static) {
    let gateway = Gateway::new(PIPELINE);
    let mut weir = child_process::command(weir_tests::paths::weir());
    weir.args(["replay", "--input", "-", "-c"]).arg(gateway.path("weir.toml"));
    weir.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child_process::spawn(weir).unwrap();
    let (input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let endless = thread::spawn(move || {
        let mut input = BufWriter::new(input);
        (0..).map(line).take_while(|line| input.write_all(line.as_bytes()).is_ok()).count()
    });
    let mut text = String::new();
    for _ in 0..count {
        text.clear();
        output.read_line(&mut text).unwrap();
        assert!(text.starts_with("{\"topic\":\"other-1\""), "{text}");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB")).unwrap();
    assert!(memory.trim().parse::<u64>().unwrap() < 48 * 1024, "{memory} kB");
    drop(output);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    endless.join().unwrap();
}

#[test]
fn replay_tells_whether_the_output_is_as_expected() {
    let gateway = Gateway::new(PIPELINE);
    gateway.write("in.ndjson", records());
    let expect = ["replay", "-c", "weir.toml", "--input", "in.ndjson", "--expect", "expected.ndjson"];
    gateway.weir(&["replay", "-c", "weir.toml", "--input", "in.ndjson", "--output", "expected.ndjson"]).expect(0);
    gateway.weir(&expect).expect(0);
    gateway.write("in.ndjson", records().replace(r#"{\"id\":17}"#, r#"{\"id\":18}"#));
    let different = gateway.weir(&expect).expect(1);
    let said = different.text() + &different.err;
    // Record 20 of the input is the one; it is shown as it was to be and as it is.
    for words in ["other-2", "other-0", "17", "18"] {
        assert!(said.contains(words), "nothing about `{words}`:\n{said}");
    }
    gateway.weir(&[&expect[..], &["--update"]].concat());
    gateway.weir(&expect).expect(0);
    assert!(!gateway.path("expected.ndjson.new").exists());
    // What breaks off leaves the expectation as it was, and nothing beside it.
    gateway.write("broken.ndjson", records() + "{\n");
    let broken = ["replay", "-c", "weir.toml", "--input", "broken.ndjson", "--expect", "expected.ndjson", "--update"];
    gateway.weir(&broken).expect(1);
    assert!(!gateway.path("expected.ndjson.new").exists());
    gateway.weir(&expect).expect(0);
}

#[test]
fn replay_does_not_write_over_its_input() {
    let gateway = Gateway::new(PIPELINE);
    gateway.write("all.ndjson.new", records());
    let refused =
        gateway.weir(&["replay", "-c", "weir.toml", "--input", "all.ndjson.new", "--expect", "all.ndjson", "--update"]);
    assert!(refused.expect(1).err.contains("`all.ndjson.new` is the input itself"));
    assert_eq!(std::fs::read_to_string(gateway.path("all.ndjson.new")).unwrap(), records());
}

#[test]
fn check_tells_every_mistake_at_once() {
    let gateway = Gateway::new(
        r#"[kafka]
brokers = "localhost:9092"

[pipelines.p]
from = ["in"]
to = "in"
group = "g"
delivry = "at-least-once"
dead_letter = "dead"

[[pipelines.p.interceptors]]
plugin = "regex-extracter"

[[pipelines.p.interceptors]]
plugin = "./nowhere.wasm"
deadline = "50 parsecs"

[[pipelines.p.interceptors]]
plugin = "regex-extractor"
config = { rules = [ { pattern = '(', headers = ["a"] } ] }
"#,
    );
    for command in
        [&["check", "-c", "weir.toml"][..], &["run", "-c", "weir.toml"], &["replay", "-c", "weir.toml", "--input", "-"]]
    {
        let refused = gateway.weir(command).expect(78);
        for words in [
            "delivry",
            "delivery",
            "regex-extracter",
            "regex-extractor",
            "nowhere.wasm",
            "50 parsecs",
            "weir.toml:8",
            "no `)` closes it",
        ] {
            assert!(refused.err.contains(words), "{command:?}: nothing about `{words}`:\n{}", refused.err);
        }
    }
}

#[test]
fn check_asks_every_plugin_about_its_config() {
    let gateway = Gateway::new(
        &PIPELINE
            .replace("buckets = 3", "buckets = 0")
            .replace(r#"{ name = "dc", value = "hz1" }"#, r#"{ name = "dc", value = "{unclosed" }"#),
    );
    let refused = gateway.weir(&["check", "-c", "weir.toml"]).expect(78);
    for words in ["buckets", "unclosed"] {
        assert!(refused.err.contains(words), "nothing about `{words}`:\n{}", refused.err);
    }
}

#[test]
fn check_says_what_to_write_instead() {
    let router = |config: &str| PIPELINE.replace(r#"{ from = { json = "/id" }, buckets = 3"#, config);
    for (config, words) in [
        (
            PIPELINE.replace("plugin = \"mod-router\"", "plugin = \"mod-router\"\nfrom = { json = \"/id\" }"),
            "`from` belongs in [pipelines.p.interceptors.config]",
        ),
        (router(r#"{ from = { key = true, json = "/id" }, buckets = 3"#), "names several parts of the record"),
        (PIPELINE.replace("other-*", "another-*"), "`other-0`, `other-1`, `other-2`, which are outside"),
        (
            PIPELINE.replace("plugin = \"mod-router\"", "plugin = \"header-router\"").replace(
                r#"{ from = { json = "/id" }, buckets = 3, topic = "other-{bucket}", missing = "dead-letter" }"#,
                r#"{ header = "h", match = { a = "other topic" } }"#,
            ),
            "is not a valid topic name: Kafka allows letters",
        ),
    ] {
        let refused = Gateway::new(&config).weir(&["check", "-c", "weir.toml"]).expect(78);
        assert!(refused.err.contains(words), "nothing about `{words}`:\n{}", refused.err);
        assert!(refused.err.contains("1 mistake in"), "{}", refused.err);
    }
}

#[test]
fn check_shows_the_plan_of_a_good_configuration_on_standard_output() {
    let shown = Gateway::new(PIPELINE).weir(&["check", "-c", "weir.toml"]).expect(0).text();
    for words in ["header-enricher", "mod-router", "/id", "other-*"] {
        assert!(shown.contains(words), "nothing about `{words}`:\n{shown}");
    }
}

#[test]
fn a_router_may_have_as_many_buckets_as_its_page_says() {
    Gateway::new(&PIPELINE.replace("buckets = 3", "buckets = 65536")).weir(&["check", "-c", "weir.toml"]).expect(0);
}

#[test]
fn a_plan_that_reaches_outside_its_fence_is_refused() {
    let fenced =
        PIPELINE.replace("plugin = \"mod-router\"", "plugin = \"mod-router\"\nallow = { effects = [\"headers\"] }");
    let refused = Gateway::new(&fenced).weir(&["check", "-c", "weir.toml"]).expect(78);
    assert!(refused.err.contains("route"), "{}", refused.err);
    let elsewhere = PIPELINE.replace("topics = [\"other-*\"]", "topics = [\"another-*\"]");
    let refused = Gateway::new(&elsewhere).weir(&["check", "-c", "weir.toml"]).expect(78);
    assert!(refused.err.contains("other-"), "{}", refused.err);
}

#[test]
fn usage_mistakes_end_with_2() {
    let gateway = Gateway::new(PIPELINE);
    for arguments in [&["rum"][..], &["check"], &["replay", "-c", "weir.toml"], &[]] {
        gateway.weir(arguments).expect(2);
    }
    gateway.weir(&["--help"]).expect(0);
    gateway.weir(&["--version"]).expect(0);
}

#[test]
fn a_missing_file_is_named() {
    let gateway = Gateway::new(PIPELINE);
    let refused = gateway.weir(&["check", "-c", "elsewhere.toml"]).expect(78);
    assert!(refused.err.contains("elsewhere.toml"), "{}", refused.err);
    let refused = gateway.weir(&["replay", "-c", "weir.toml", "--input", "elsewhere.ndjson"]).expect(1);
    assert!(refused.err.contains("elsewhere.ndjson"), "{}", refused.err);
}

#[test]
fn dev_once_settles_its_input_on_a_broker_of_its_own_and_sums_up() {
    let gateway = Gateway::new(PIPELINE);
    gateway.write("in.ndjson", records());
    let done = gateway.weir(&["dev", "-c", "weir.toml", "--input", "in.ndjson", "--once"]).expect(0);
    // 40 records have an id, 14 of them in the first bucket; three have none.
    let summary = done.text();
    for (topic, records) in [("other-0", "14"), ("other-1", "13"), ("other-2", "13"), ("dead", "3")] {
        let has = |line: &str, word: &str| line.split_whitespace().any(|found| found == word);
        assert!(
            summary.lines().any(|line| has(line, topic) && has(line, records)),
            "{topic} has {records}:\n{summary}"
        );
    }
    assert!(done.err.contains("127.0.0.1:"), "its address:\n{}", done.err);
}

#[test]
fn the_readmes_configuration_is_whole() {
    let readme = include_str!("../../README.md");
    let config = readme.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let shown = Gateway::new(config).weir(&["check", "-c", "weir.toml"]).expect(0).text();
    assert!(shown.contains("timestamp-fixer"), "{shown}");
}

/// A configuration whose only interceptor is `plugin`.
fn with_plugin(plugin: &str) -> String {
    format!(
        "[kafka]\nbrokers = \"localhost:9\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\nto = \"out\"\n\
         dead_letter = \"dead\"\n[[pipelines.p.interceptors]]\nplugin = \"{plugin}\"\n"
    )
}

#[test]
fn check_refuses_plugins_that_are_dear_to_compile_and_names_the_limit() {
    let gateway = Gateway::new(&with_plugin("./dear.wasm"));
    for (module, words) in [
        (oversized::nested_loops(300), "`./dear.wasm`: has more than 64 loops inside each other"),
        (oversized::nested_loops(1000), "64 loops"),
        (oversized::nested_loops(500_000), "2097152 bytes of code"),
        (oversized::empty_functions(900_000), "100000 functions"),
        (oversized::calls(3_000_000, 10_000), "1000000 calls"),
        (oversized::table_elements(9_000_000), "262144 elements"),
    ] {
        gateway.write("dear.wasm", module);
        let refused = gateway.weir(&["check", "-c", "weir.toml"]).expect(78);
        assert!(refused.err.contains(words), "{}", refused.err);
    }
}

#[test]
fn check_refuses_files_that_are_too_large_or_have_no_end_without_reading_them() {
    let gateway = Gateway::new(&with_plugin("./plugin.wasm"));
    let refusal = || gateway.weir(&["check", "-c", "weir.toml"]).expect(78).err;
    std::fs::File::create(gateway.path("plugin.wasm")).unwrap().set_len(1 << 40).unwrap();
    assert!(refusal().contains("it is larger than 64 MiB"), "{}", refusal());
    std::fs::remove_file(gateway.path("plugin.wasm")).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, gateway.path("plugin.wasm"), mode).unwrap();
    assert!(refusal().contains("it is not a regular file"), "{}", refusal());
}

#[test]
fn a_cache_home_that_is_no_absolute_path_is_not_used() {
    let gateway = Gateway::new(PIPELINE);
    let home = gateway.path("home");
    std::fs::create_dir(&home).unwrap();
    let check = |cache: &std::path::Path| {
        let mut weir = std::process::Command::new(weir_tests::paths::weir());
        weir.args(["check", "-c", "weir.toml"]).current_dir(gateway.path("")).stdout(std::process::Stdio::null());
        weir.env_remove("WEIR_CACHE").env("HOME", &home).env("XDG_CACHE_HOME", cache);
        assert!(weir.status().unwrap().success());
    };
    check("relative".as_ref());
    assert!(!gateway.path("relative").exists() && home.join(".cache/weir").is_dir());
    check(&gateway.path("absolute"));
    assert!(gateway.path("absolute/weir").is_dir());
}

#[test]
fn the_log_has_colours_on_a_terminal_only_and_none_where_nobody_wants_them() {
    // It warns, waits for brokers where nobody listens, and is ended.
    let config = PIPELINE.replace("localhost:9092", "127.0.0.1:9").replace("\"other-*\"", "\"other-*\", \"elsewhere\"");
    let gateway = Gateway::new(&config);
    let weir = weir_tests::paths::weir();
    let run = format!("timeout 3 {} run -c weir.toml", weir.display());
    let said = |environment: &[(&str, &str)], on_terminal: bool| {
        let mut shell = child_process::command("script");
        let typed = if on_terminal { run.clone() } else { format!("{run} 2>&1 | cat") };
        shell.args(["-qec", &typed, "/dev/null"]).current_dir(gateway.path("")).env_remove("NO_COLOR");
        shell.envs(environment.iter().copied()).stdin(Stdio::null());
        let said = String::from_utf8_lossy(&shell.output().unwrap().stdout).into_owned();
        assert!(said.contains("no interceptor can route to `elsewhere`"), "{said}");
        said
    };
    assert!(said(&[], true).contains("\u{1b}["));
    assert!(said(&[("NO_COLOR", "")], true).contains("\u{1b}["), "empty is as not set (no-color.org)");
    assert!(!said(&[("NO_COLOR", "1")], true).contains('\u{1b}'));
    assert!(!said(&[], false).contains('\u{1b}'));
}
