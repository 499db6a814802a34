//! What people write who come from other systems, and what they are told to write.

use super::{super::References, *};

const KAFKA: &str = "[kafka]\nbrokers = \"b:1\"\n";
const PIPELINE: &str = "[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\n";

/// Every text with what is to be said of it; and nothing else is said.
#[track_caller]
fn each_says(cases: &[(String, &str)]) {
    for (text, words) in cases {
        let mistakes = load_text(text).expect_err(text);
        let told = mistakes.render(false);
        let flat = told.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "`{words}`:\n{told}");
        assert_eq!(mistakes.count(), 1, "{told}");
    }
}

#[test]
fn keys_of_other_systems_have_a_translation() {
    let kafka = |line: &str| format!("{KAFKA}{line}\n{PIPELINE}");
    let pipeline = |line: &str| format!("{KAFKA}{PIPELINE}{line}\n");
    let top = |line: &str| format!("{line}\n{KAFKA}{PIPELINE}");
    each_says(&[
        (kafka("bootstrap.servers = \"b:1\""), "unknown key `bootstrap.servers` in [kafka]"),
        (kafka("\"bootstrap.servers\" = \"b:1\""), "write `brokers` in [kafka]"),
        (kafka("security.protocol = \"SSL\""), "librdkafka's properties stand in [kafka.options]"),
        (
            kafka("sasl.jaas.config = \"x\""),
            "\"sasl.mechanism\", \"sasl.username\" and \"sasl.password\" in [kafka.options]",
        ),
        (pipeline("\"group.id\" = \"x\""), "write `group` in [pipelines.NAME]"),
        (pipeline("auto.offset.reset = \"latest\""), "unknown key `auto.offset.reset` in [pipelines.p]"),
        (pipeline("auto_offset_reset = \"latest\""), "write `start = \"earliest\"`"),
        (pipeline("linger.ms = 5"), "librdkafka's properties stand in [pipelines.NAME.producer]"),
        (pipeline("sink = \"out\""), "is `to = \"topic\"` in [pipelines.NAME]"),
        (pipeline("dlq = \"dead\""), "write `dead_letter = \"topic\"` in [pipelines.NAME]"),
        (pipeline("processors = []"), "[[pipelines.NAME.interceptors]], in order; `weir plugins` lists"),
        (pipeline("errors.tolerance = \"all\""), "write `on_fault = \"dead-letter\"`"),
        (pipeline("tasks.max = 4"), "write `workers = 4`"),
        (top("[sources.x]\ntype = \"kafka\""), "where records come from is `from = [\"topic\"]`"),
        (top("\"connector.class\" = \"x\""), "this is a connector's configuration"),
        (
            pipeline("[[pipelines.p.interceptors]]\nplugin = \"mod-router\"\nargs = {}"),
            "what the plugin is to read stands in its `config`",
        ),
    ]);
}

#[test]
fn values_of_another_kind_have_a_translation() {
    let pipeline = |line: &str| format!("{KAFKA}[pipelines.p]\nfrom = [\"in\"]\n{line}\n");
    let from = |list: &str| format!("{KAFKA}[pipelines.p]\nfrom = {list}\ngroup = \"g\"\n");
    let brokers = |value: &str| format!("[kafka]\nbrokers = {value}\n{PIPELINE}");
    each_says(&[
        (brokers("[\"a:1\", \"b:1\"]"), "write one string: `brokers = \"a:1,b:1\"`"),
        (brokers("\"SASL_SSL://b:9093\""), "leave out the protocol: \"b:9093\""),
        (brokers("\"b\""), "write `host:port`"),
        (pipeline("group = 5"), "write it in quotation marks: \"5\""),
        (pipeline("group = \"g\"\nworkers = \"4\""), "leave out the quotation marks"),
        (pipeline("group = \"g\"\ntopics = \"x\""), "write `topics = [\"x\"]`"),
        (pipeline("group = \"g\"\ntopics = [\"^x-.*\"]"), "write \"x-*\""),
        (from("\"in\""), "write `from = [\"in\"]`"),
        (from("[\"in-*\"]"), "write \"^in-.*$\""),
        (from("[\"in-.*\"]"), "write '^in-.*'"),
        (from("[\"one,two\"]"), "write each in quotation marks: \"one\", \"two\""),
        (pipeline("group = \"\\d\""), "between single quotes it is a character like any other"),
        (pipeline("group = mine"), "write it in quotation marks"),
        (pipeline("group = \"g\"\ngroup.id = \"x\""), "write `group` in [pipelines.NAME]"),
    ]);
}

#[test]
fn a_file_in_another_notation_is_told_as_one() {
    let text = |text: &str| text.to_owned();
    each_says(&[
        (text("kafka:\n  brokers: b:1\npipelines:\n  p:\n    from: [in]\n"), "this is YAML, and weir reads TOML"),
        (text("{\n  \"kafka\": { \"brokers\": \"b:1\" }\n}\n"), "this is JSON, and weir reads TOML"),
        (text("{\"name\":\"x\",\"config\":{\"connector.class\":\"y\"}}\n"), "`weir import connect FILE`"),
        (text("bootstrap.servers=b:1\ngroup.id=g\n"), "this is a properties file, and weir reads TOML"),
        (text("a1.sources = r1\na1.sources.r1.type = netcat\n"), "`weir import flume FILE`"),
    ]);
}

#[test]
fn what_is_hardly_meant_is_warned_of_and_read_all_the_same() {
    let config = load_text(&format!("{KAFKA}[pipelines.p]\nfrom = ['^in-\\\\.[0-9]+$']\ngroup = 'g'\n")).unwrap();
    let [warning] = config.warnings.listed() else { panic!("{:?}", config.warnings) };
    assert_eq!(warning.help.as_deref(), Some("write '^in-\\.[0-9]+$'"));
    assert!(warning.line().contains("weir.toml:4:9: `^in-\\\\.[0-9]+$` looks for a backslash"), "{}", warning.line());
    let config = load_text(&format!("{KAFKA}[pipelines.p]\nfrom = ['^in-\\.[0-9]+$']\ngroup = 'g'\n")).unwrap();
    assert!(config.warnings.is_empty());
}

#[test]
fn mistakes_and_warnings_are_told_together() {
    let text = format!("{KAFKA}[pipelines.p]\nfrom = ['^in-\\\\.']\ngroup = 'g'\nworkers = 0\n");
    let mistakes = load_text(&text).unwrap_err();
    assert_eq!((mistakes.count(), mistakes.warnings().count()), (1, 1));
    assert_eq!(mistakes.counts(), "1 mistake and 1 warning");
    assert!(mistakes.warnings().render(false).starts_with("  ⚠ "), "{}", mistakes.warnings().render(false));
}

#[test]
fn references_that_are_taken_as_given_need_nothing() {
    let text = "[kafka]\nbrokers = { env = 'NO_SUCH_VARIABLE' }\n[kafka.options]\n'sasl.password' = { file = '/no/such' }\n\
                [admin]\nlisten = '0.0.0.0:1'\ntoken = { env = 'NO_SUCH_VARIABLE' }\n\
                [pipelines.p]\nfrom = [{ env = 'NO_SUCH_TOPIC' }]\nto = { env = 'NO_OTHER_TOPIC' }\ngroup = { file = '/no/such' }\n\
                delivery = { env = 'D' }\nstart = { env = 'S' }\nbatch = { age = { env = 'A' }, bytes = { env = 'B' } }\n\
                breaker = { faults = { env = 'F' }, over = '1m' }\n\
                [[pipelines.p.interceptors]]\nplugin = './a.wat'\nsha256 = { env = 'P' }\n\
                config = { a = { env = 'A' }, b = [{ c = { file = 'f' } }], d = 'e' }\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.wat"), "(component)\n").unwrap();
    let path = folder.path().join("weir.toml");
    std::fs::write(&path, text).unwrap();
    let told = load(&path).unwrap_err();
    assert!(told.count() > 8, "{told}");
    let config = load_or_part(&path, References::AsGiven, Probes::Read).map_err(|part| part.mistakes).unwrap();
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    let mut references = config.pipelines["p"].interceptors[0].references.clone();
    references.sort();
    assert_eq!(references, ["/a", "/b/0/c"]);
    // What stands in for the same reference is the same: a pipeline that would read what it writes is found.
    std::fs::write(&path, text.replace("NO_OTHER_TOPIC", "NO_SUCH_TOPIC")).unwrap();
    let told = load_or_part(&path, References::AsGiven, Probes::Read).unwrap_err().mistakes;
    assert!(told.to_string().contains("records could come round"), "{told}");
}

#[test]
fn on_a_narrow_terminal_no_line_is_longer_than_it() {
    let text = format!(
        "{KAFKA}[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\nbatch = {{ records = 10, bytes = \"256KiB\", age = \"20 ms\" }}  # {}\n",
        "a remark ".repeat(20)
    );
    let mistakes = load_text(&text).unwrap_err();
    for columns in [60, 80, 100] {
        let told = mistakes.render(Style { colour: false, columns: Some(columns) });
        let lines = told.lines().filter(|line| !line.contains('╭'));
        let longest = lines.map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= columns, "{longest} of {columns}:\n{told}");
        assert!(told.contains("\"20 ms\"") && told.contains("───"), "{told}");
    }
}
