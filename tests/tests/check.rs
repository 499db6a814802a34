//! What `weir check` finds, and how it is told; and the commands for whoever begins.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{io::ErrorKind, net::TcpListener, os::unix::process::ExitStatusExt as _};

use rustix::process::Signal;
use serde_json::Value;
use weir_tests::{Finished, Gateway, Guest, guest::effect};

const CHECK: [&str; 3] = ["check", "-c", "weir.toml"];

/// A pipeline whose only interceptor is a guest, with this config.
fn config(rest: &str) -> String {
    format!(
        "[kafka]\nbrokers = \"localhost:9\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\nto = \"out\"\n{rest}\
         [[pipelines.p.interceptors]]\nplugin = \"./guest.wat\"\n\
         [pipelines.p.interceptors.config]\nwhen = \"%Y\"\n"
    )
}

fn with_guest(config: &str, guest: &Guest) -> Gateway {
    let gateway = Gateway::new(config);
    gateway.write("guest.wat", guest.text());
    gateway
}

fn warning_guest() -> Guest {
    Guest::named("warner").warns("/when: this is strftime; write \"rfc3339\"")
}

fn weir(gateway: &Gateway, arguments: &[&str]) -> Finished {
    gateway.weir(&[&CHECK[..], arguments].concat())
}

#[test]
fn a_plugins_warning_is_shown_at_its_line_and_hinders_nothing() {
    let gateway = with_guest(&config(""), &warning_guest());
    let checked = weir(&gateway, &[]).expect(0);
    for words in ["⚠ this is strftime; write \"rfc3339\"", "weir.toml:10:8", "1 warning in the configuration"] {
        assert!(checked.err.contains(words), "nothing about `{words}`:\n{}", checked.err);
    }
    assert!(checked.text().contains("pipeline p"), "{}", checked.text());
    gateway.write("in.ndjson", "{\"topic\":\"in\",\"payload\":\"x\"}\n");
    let replayed = gateway.weir(&["replay", "-c", "weir.toml", "--input", "in.ndjson"]).expect(0);
    assert!(replayed.err.contains("this is strftime"), "{}", replayed.err);
    let running = gateway.run();
    running.says("this is strftime; write");
    let log = running.log();
    let line = log.lines().find(|line| line.contains("this is strftime")).unwrap();
    assert!(line.contains("WARN") && line.contains("weir.toml:10:8"), "{line}");
    assert_eq!(log.matches("this is strftime").count(), 1, "{log}");
}

#[test]
fn whoever_denies_warnings_gets_none_past() {
    let gateway = with_guest(&config(""), &warning_guest());
    for command in ["check", "run"] {
        let refused = gateway.weir(&[command, "-c", "weir.toml", "--deny-warnings"]).expect(78);
        for words in ["this is strftime", "1 warning in the configuration, and --deny-warnings lets none pass"] {
            assert!(refused.err.contains(words), "{command}: nothing about `{words}`:\n{}", refused.err);
        }
    }
    weir(&with_guest(&config(""), &Guest::named("quiet")), &["--deny-warnings"]).expect(0);
}

#[test]
fn a_warning_without_a_place_stands_at_the_plugin() {
    let gateway = with_guest(&config(""), &Guest::named("warner").warns("this plugin is old"));
    let checked = weir(&gateway, &[]).expect(0);
    assert!(checked.err.contains("weir.toml:8:10") && checked.err.contains("this plugin is old"), "{}", checked.err);
}

#[test]
fn warnings_and_mistakes_are_told_at_once() {
    let gateway = with_guest(&config("wrokers = 1\n"), &warning_guest());
    let refused = weir(&gateway, &[]).expect(78);
    for words in ["this is strftime", "did you mean `workers`?", "1 mistake and 1 warning in the configuration"] {
        assert!(refused.err.contains(words), "nothing about `{words}`:\n{}", refused.err);
    }
}

#[test]
fn a_topic_that_nothing_routes_to_is_warned_of() {
    let guest = Guest::named("router").may_route_to("a-*").may_route_to("b");
    let told = |topics: &str| {
        let checked = weir(&with_guest(&config(&format!("topics = {topics}\n")), &guest), &[]).expect(0);
        checked.err
    };
    assert_eq!(told(r#"["a-*", "b"]"#), "");
    let warned = told(r#"["*-x", "b", "a-*", "c-*"]"#);
    assert!(warned.contains("no interceptor can route to `c-*`") && warned.contains("1 warning in"), "{warned}");
    let still = Guest::named("still").may(effect::HEADERS);
    let checked = weir(&with_guest(&config("topics = [\"a\"]\n"), &still), &[]).expect(0);
    assert!(checked.err.contains("leave `topics` out, or add a router"), "{}", checked.err);
}

#[test]
fn check_says_what_reading_the_first_of_json_gives_up() {
    let guest = Guest::named("reader");
    let told = |rest: &str| weir(&with_guest(&config(rest), &guest), &[]).expect(0).text();
    assert!(!told("").contains("  json  "), "{}", told(""));
    let first = told("json = \"first\"\n");
    assert!(first.contains("first, which changes nothing: no interceptor has a `json` input"), "{first}");
    assert!(first.contains("not where plugins read a whole value by themselves: `guest`"), "{first}");
    let routed = config("dead_letter = \"d\"\njson = \"first\"\n")
        .replace("\"./guest.wat\"", "\"key-setter\"")
        .replace("when = \"%Y\"", "from = { json = \"/id\" }");
    let first = weir(&Gateway::new(&routed), &[]).expect(0).text();
    assert!(first.contains("behind the last `json` input above that a record has"), "{first}");
    let wrong = weir(&with_guest(&config("json = \"last\"\n"), &guest), &[]).expect(78);
    assert!(wrong.err.contains("`json` is \"whole\" or \"first\""), "{}", wrong.err);
    let checked = weir(&with_guest(&config("json = \"first\"\n"), &guest), &["--json"]).expect(0);
    assert_eq!(serde_json::from_slice::<Value>(&checked.out).unwrap()["plan"][0]["json"], "first");
}

#[test]
fn check_needs_no_secret_where_references_are_taken_as_given() {
    let secret =
        "[kafka.options]\n\"sasl.password\" = { env = \"NO_SUCH_VARIABLE\" }\n\"ssl.key.location\" = \"/no/key.pem\"\n";
    let text = config("").replace("[pipelines.p]", &format!("{secret}[pipelines.p]"));
    let gateway = with_guest(&text, &Guest::named("guest"));
    let refused = weir(&gateway, &[]).expect(78);
    assert!(refused.err.contains("the environment has no `NO_SUCH_VARIABLE`"), "{}", refused.err);
    let checked = weir(&gateway, &["--no-env"]).expect(0);
    assert!(checked.text().contains("pipeline p"), "{}", checked.text());
    // A built-in that cannot do with what stands in.
    let text = "[kafka]\nbrokers = \"b:1\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\n\
                [[pipelines.p.interceptors]]\nplugin = \"regex-extractor\"\n\
                config = { rules = [{ pattern = { env = \"NO_SUCH_VARIABLE\" }, headers = [\"a\", \"b\"] }] }\n";
    let checked = weir(&Gateway::new(text), &["--no-env"]).expect(0);
    assert!(checked.err.contains("cannot be told without its value"), "{}", checked.err);
    assert!(checked.text().contains("its plan cannot be told"), "{}", checked.text());
}

#[test]
fn check_gives_one_json_document() {
    let gateway = with_guest(&config(""), &warning_guest());
    let document = |gateway: &Gateway, status: i32| -> Value {
        let checked = weir(gateway, &["--json"]).expect(status);
        assert_eq!(checked.err, "");
        serde_json::from_slice(&checked.out).expect("JSON")
    };
    let sound = document(&gateway, 0);
    assert_eq!(sound["mistakes"], Value::Array(Vec::new()));
    let warning = &sound["warnings"][0];
    assert_eq!((&warning["file"], &warning["line"], &warning["column"]), (&"weir.toml".into(), &10.into(), &8.into()));
    assert_eq!(warning["key"], "pipelines.p.interceptors[0].config.when");
    let pipeline = &sound["plan"][0];
    assert_eq!(pipeline["name"], "p");
    assert_eq!(pipeline["interceptors"][0]["describes_itself"]["name"], "warner");
    assert_eq!(pipeline["interceptors"][0]["reads"][0], "value");
    let denied = weir(&gateway, &["--json", "--deny-warnings"]).expect(78);
    assert_eq!(serde_json::from_slice::<Value>(&denied.out).unwrap()["warnings"].as_array().unwrap().len(), 1);

    let wrong = document(&with_guest(&config("wrokers = 1\n"), &warning_guest()), 78);
    let mistake = &wrong["mistakes"][0];
    assert_eq!((&mistake["line"], &mistake["key"]), (&7.into(), &"pipelines.p.wrokers".into()));
    assert_eq!(mistake["help"], "did you mean `workers`?");
    assert_eq!((&wrong["plan"], &wrong["warnings"][0]["line"]), (&Value::Null, &11.into()));
}

#[test]
fn librdkafka_is_asked_about_its_properties_without_a_broker() {
    let options = "[kafka.options]\n\"security.protocol\" = \"SASL_SLS\"\n\"linger.ms\" = \"soon\"\n\
                   \"ssl.ca.location\" = \"/no/ca.pem\"\n";
    let text = config("").replace("[pipelines.p]", &format!("{options}[pipelines.p]"));
    let gateway = with_guest(&text, &warning_guest());
    for command in ["check", "run"] {
        let refused = gateway.weir(&[command, "-c", "weir.toml"]).expect(78);
        for words in ["did you mean \"SASL_SSL\"?", "linger.ms", "`/no/ca.pem` cannot be read", "this is strftime"] {
            assert!(refused.err.contains(words), "{command}: nothing about `{words}`:\n{}", refused.err);
        }
    }
}

#[test]
fn where_the_log_is_json_so_is_why_weir_does_not_start() {
    let gateway = with_guest(&config("wrokers = 1\n"), &warning_guest());
    let refused = gateway.weir(&["run", "-c", "weir.toml", "--log-format", "json", "--log", "off"]).expect(78);
    let lines: Vec<Value> = refused.err.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let levels: Vec<&str> = lines.iter().map(|line| line["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["WARN", "ERROR", "ERROR"], "{}", refused.err);
    assert_eq!((&lines[1]["line"], &lines[1]["help"]), (&7.into(), &"did you mean `workers`?".into()));
    let refused = gateway.weir(&["replay", "-c", "weir.toml", "--log-format", "json", "--input", "-"]).expect(78);
    assert!(refused.err.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{}", refused.err);
}

#[test]
fn words_that_look_like_verdicts_are_told_to_be_topics() {
    let text = "[kafka]\nbrokers = \"b:1\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\ntopics = [\"x\"]\n\
                [[pipelines.p.interceptors]]\nplugin = \"header-router\"\n\
                config = { header = \"h\", match = { a = \"x\" }, default = \"drop\" }\n";
    let refused = weir(&Gateway::new(text), &[]).expect(78);
    assert!(refused.err.contains("`drop` is taken for the name of a topic here"), "{}", refused.err);
    let text = text.replace("header-router", "timestamp-fixer").replace(
        "header = \"h\", match = { a = \"x\" }, default = \"drop\"",
        "from = { header = \"h\" }, max_ahead = 300",
    );
    let refused = weir(&Gateway::new(&text), &[]).expect(78);
    assert!(refused.err.contains("with its unit: \"300s\""), "{}", refused.err);
}

#[test]
fn plugins_are_listed_and_each_tells_its_keys() {
    let gateway = Gateway::new("");
    let listed = gateway.weir(&["plugins"]).expect(0).text();
    let all: Value = serde_json::from_slice(&gateway.weir(&["plugins", "--json"]).expect(0).out).unwrap();
    assert!(all.as_array().unwrap().len() >= 5);
    for plugin in all.as_array().unwrap() {
        let name = plugin["name"].as_str().unwrap();
        assert!(listed.lines().any(|line| line.starts_with(name)), "{listed}");
        assert!(plugin["config_schema"]["properties"].is_object() && plugin["example"].is_string(), "{name}");
    }
    let one = gateway.weir(&["plugins", "mod-router"]).expect(0).text();
    for words in ["plugin = \"mod-router\"", "  buckets  (", "needed"] {
        assert!(one.contains(words), "nothing about `{words}`:\n{one}");
    }
    let unknown = gateway.weir(&["plugins", "mod-ruoter"]).expect(1);
    assert!(unknown.err.contains("did you mean `mod-router`?"), "{}", unknown.err);
}

#[test]
fn the_schema_for_editors_knows_every_built_in() {
    let schema: Value = serde_json::from_slice(&Gateway::new("").weir(&["schema"]).expect(0).out).unwrap();
    let config = schema.pointer("/$defs/mod-router/properties/buckets").unwrap();
    assert!(config["description"].is_string(), "{config}");
    assert!(schema.pointer("/$defs/pipeline/properties/dead_letter/description").is_some());
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn what_init_writes_is_sound_and_nothing_is_overwritten() {
    let gateway = Gateway::new("");
    let written = gateway.weir(&["init", "new/one"]).expect(0);
    assert!(written.err.contains("weir check -c new/one/weir.toml"), "{}", written.err);
    let checked = gateway.weir(&["check", "-c", "new/one/weir.toml", "--deny-warnings"]).expect(0);
    assert!(checked.text().contains("mod-router"), "{}", checked.text());
    let replayed = gateway.weir(&["replay", "-c", "new/one/weir.toml", "--input", "new/one/records.ndjson"]).expect(0);
    assert!(
        replayed.text().contains("events-user-1") && replayed.text().contains("events-clean"),
        "{}",
        replayed.text()
    );
    let refused = gateway.weir(&["init", "new/one"]).expect(1);
    assert!(refused.err.contains("is there already"), "{}", refused.err);
}

#[test]
fn a_shell_completes_every_command() {
    let gateway = Gateway::new("");
    for shell in ["bash", "zsh", "fish"] {
        let text = gateway.weir(&["completions", shell]).expect(0).text();
        assert!(["check", "replay", "plugins"].iter().all(|command| text.contains(command)), "{shell}:\n{text}");
    }
    gateway.weir(&["completions", "dos"]).expect(2);
}

#[test]
fn a_case_may_expect_warnings() {
    let gateway = Gateway::new("");
    gateway.write("plugin.wat", warning_guest().text());
    std::fs::create_dir(gateway.path("cases")).unwrap();
    let case = |warning: &str| {
        let case = serde_json::json!({ "name": "it warns", "input": [], "expected": [], "warnings": [warning] });
        std::fs::write(gateway.path("cases/a.json"), case.to_string()).unwrap();
        gateway.weir(&["plugin", "test", "."])
    };
    case("/when: this is strftime; write \"rfc3339\"").expect(0);
    let failed = case("/when: another").expect(1).text();
    assert!(
        failed.contains("warnings of the config:") && failed.contains("got      /when: this is strftime"),
        "{failed}"
    );
}

/// A pipeline with a probe, whose guest puts a header on every record and traps on those that begin with `T`.
fn probed(rest: &str) -> Gateway {
    let guest = Guest::named("probed").stamps("h", "1").when('T', "(unreachable)");
    let gateway = with_guest(&config(&format!("dead_letter = \"dead\"\n{rest}\n")), &guest);
    gateway.write("in.ndjson", "{\"payload\":\"a\"}\n{\"payload\":\"b\"}\n");
    gateway
}

#[test]
fn what_is_expected_of_a_probe_is_written_by_replay_and_then_checked() {
    let gateway = probed("probe = { input = \"in.ndjson\", expect = \"out.ndjson\" }");
    let missing = weir(&gateway, &[]).expect(78);
    for words in ["`out.ndjson` cannot be read: it does not exist", "weir.toml:8:41", "`weir replay` with `--expect`"] {
        assert!(missing.err.contains(words), "nothing about `{words}`:\n{}", missing.err);
    }
    let renewal = ["replay", "-c", "weir.toml", "--input", "in.ndjson", "--expect", "out.ndjson", "--update"];
    gateway.weir(&renewal).expect(0);
    let checked = weir(&gateway, &[]).expect(0);
    assert!(checked.text().contains("probe        in.ndjson gives out.ndjson"), "{}", checked.text());
    let document: Value = serde_json::from_slice(&weir(&gateway, &["--json"]).expect(0).out).unwrap();
    assert_eq!(document["plan"][0]["probe"]["expect"], "out.ndjson");
    gateway.write("guest.wat", Guest::named("probed").stamps("h", "2").text());
    let printed = format!("weir {}", renewal.join(" "));
    for command in ["check", "run"] {
        let refused = gateway.weir(&[command, "-c", "weir.toml"]).expect(78).err;
        // As one line, whatever the width.
        let words = refused.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        for told in ["record 1 differs (from input line 1): header `h` expected \"1\", got \"2\"; and 1 more", &printed]
        {
            assert!(words.contains(told), "{command}: nothing about `{told}`:\n{refused}");
        }
    }
    // The very command that is told.
    gateway.weir(&renewal).expect(0);
    weir(&gateway, &[]).expect(0);
}

#[test]
fn a_probe_without_an_expectation_lets_no_fault_pass() {
    let gateway = probed("probe = \"in.ndjson\"");
    let checked = weir(&gateway, &[]).expect(0);
    assert!(checked.text().contains("probe        in.ndjson passes"), "{}", checked.text());
    gateway.write("in.ndjson", "{\"payload\":\"a\"}\n{\"payload\":\"T\"}\n");
    let document: Value = serde_json::from_slice(&weir(&gateway, &["--json"]).expect(78).out).unwrap();
    let mistake = &document["mistakes"][0];
    assert_eq!((&mistake["line"], &mistake["key"]), (&8.into(), &"pipelines.p.probe".into()));
    let message = mistake["message"].as_str().unwrap();
    assert!(message.starts_with("pipeline `p` does not pass `in.ndjson`: line 2: a fault (trap) of"), "{message}");
}

#[test]
fn the_files_of_a_probe_are_looked_at_with_everything_else() {
    let gateway = probed("probe = { input = \"in.ndjson\", expct = \"out.ndjson\" }\nwrokers = 1");
    gateway.write("in.ndjson", "nonsense\n");
    let refused = weir(&gateway, &[]).expect(78);
    for words in ["did you mean `workers`?", "did you mean `expect`?", "`in.ndjson` cannot be read: line 1: column 2"] {
        assert!(refused.err.contains(words), "nothing about `{words}`:\n{}", refused.err);
    }
    let refused = weir(&probed("probe = 7"), &[]).expect(78);
    assert!(refused.err.contains("write `probe = \"./probe.ndjson\"`"), "{}", refused.err);
}

#[test]
fn a_probe_is_not_run_without_the_values_that_what_comes_out_depends_on() {
    let gateway = probed("probe = \"in.ndjson\"\nconsumer = { \"client.rack\" = { env = \"NO_SUCH_VARIABLE\" } }");
    gateway.write("in.ndjson", "{\"payload\":\"T\"}\n");
    weir(&gateway, &["--no-env"]).expect(78);
    let config = std::fs::read_to_string(gateway.path("weir.toml")).unwrap();
    gateway.write("weir.toml", config.replace("to = \"out\"", "to = { env = \"NO_SUCH_VARIABLE\" }"));
    let checked = weir(&gateway, &["--no-env"]).expect(0);
    assert!(checked.err.contains("whether the pipeline passes cannot be told without the values"), "{}", checked.err);
}

#[test]
fn only_an_online_check_touches_a_broker() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let text = config("").replace("localhost:9", &listener.local_addr().unwrap().to_string());
    let gateway = with_guest(&text, &Guest::named("quiet"));
    weir(&gateway, &[]).expect(0);
    listener.set_nonblocking(true).unwrap();
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    listener.set_nonblocking(false).unwrap();
    let mut asking = gateway.start(&[&CHECK[..], &["--online"]].concat());
    let _silent = listener.accept().unwrap();
    // Not SIGINT, which whoever starts the tests in the background has made them ignore.
    asking.signal(Signal::TERM);
    assert_eq!(asking.exit(30).signal(), Some(Signal::TERM.as_raw()));
}

#[test]
fn an_online_check_without_secrets_is_a_mistake_of_the_command_line() {
    let refused = weir(&with_guest(&config(""), &Guest::named("quiet")), &["--online", "--no-env"]).expect(2);
    assert!(refused.err.contains("write one of the two"), "{}", refused.err);
}

#[test]
fn brokers_that_cannot_be_reached_are_told_with_their_address_and_why() {
    let text = config("").replace("localhost:9", "127.0.0.1:9");
    let gateway = with_guest(&text, &warning_guest());
    let failed = weir(&gateway, &["--online"]).expect(1);
    for words in ["this is strftime", "no broker answers at 127.0.0.1:9", "127.0.0.1:9/bootstrap", "refused"] {
        assert!(failed.err.contains(words), "nothing about `{words}`:\n{}", failed.err);
    }
    assert_eq!(failed.text(), "");
    let failed = weir(&gateway, &["--online", "--json"]).expect(1);
    assert_eq!(failed.err, "");
    let document: Value = serde_json::from_slice(&failed.out).unwrap();
    assert!(document["cluster"]["error"].as_str().unwrap().contains("refused"), "{document}");
    assert_eq!(document["plan"][0]["name"], "p");
    let denied = weir(&gateway, &["--online", "--deny-warnings"]).expect(78);
    assert!(denied.err.contains("no broker answers at 127.0.0.1:9"), "{}", denied.err);
    // What is wrong in itself is told first: nobody is asked.
    let wrong = with_guest(&text.replace("to = ", "wrokers = 1\nto = "), &warning_guest());
    let refused = weir(&wrong, &["--online", "--json"]).expect(78);
    assert_eq!(serde_json::from_slice::<Value>(&refused.out).unwrap()["cluster"], Value::Null);
}
