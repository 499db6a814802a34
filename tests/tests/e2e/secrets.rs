//! Nothing of a record and no secret stands in anything that weir writes for people: everything is searched.

use std::{fs, net::SocketAddr};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use weir_tests::{
    Gateway, Guarded, Guest, Record, Running, Topic,
    admin::{address, send},
    eventually, unique, within,
};

const KEY: &str = "planted-key-b41f";
const VALUE: &str = "planted-value-90cc";
const HEADER: &str = "planted-header-2d7e";
const TOKEN: &str = "planted-token-77ab";
const PASSWORD: &str = "planted-password-31d9";
const SALT: &str = "planted-salt-e5c2";
const MISTAKE: &str = "planted-mistake-68f0";
/// What must not be found, each with what it is.
const PLANTED: [(&str, &str); 7] = [
    ("a record's key", KEY),
    ("a record's value", VALUE),
    ("a record's header", HEADER),
    ("the admin API's token", TOKEN),
    ("the password for the brokers", PASSWORD),
    ("a secret of a plugin's configuration", SALT),
    ("a secret of a configuration that is refused", MISTAKE),
];
const USER: &str = "secretive";

/// Panics where something that was planted stands in this text, as it is or in another form.
#[track_caller]
fn holds_nothing(place: &str, text: &str) {
    for (what, planted) in PLANTED {
        let listed: Vec<String> = planted.bytes().map(|byte| byte.to_string()).collect();
        let digits: String = planted.bytes().map(|byte| format!("{byte:02x}")).collect();
        // The last bytes of a group of three depend on what follows.
        let whole = &planted[..planted.len() / 3 * 3];
        let forms = [planted.to_owned(), STANDARD_NO_PAD.encode(whole), digits, listed.join(", "), listed.join(",")];
        for form in forms {
            let at = text.find(&form);
            let line =
                at.and_then(|at| text[..at].lines().count().checked_sub(1)).and_then(|line| text.lines().nth(line));
            assert_eq!(at, None, "{what} stands in {place}: {line:?}");
        }
    }
}

/// Built-ins that set records aside, each in a pipeline of its own, with a letter for its name.
const ALONE: [(&str, &str, &str); 5] = [
    ("a", "topic-router", r#"{ topic = "routed-{json:/route}", topics = ["routed-*"] }"#),
    ("b", "splitter", r#"{ by = { array = "/id" }, empty = "dead-letter" }"#),
    ("c", "key-setter", r#"{ from = { json = "/id/none" }, missing = "dead-letter" }"#),
    ("d", "filter", r#"{ dead_letter = { json = "/id", matches = "planted" } }"#),
    ("e", "value-editor", r#"{ edits = [{ replace = '(planted)', with = "$1", json = "/id" }] }"#),
];

/// A gateway that has been given something of everything, and what runs on it.
struct Fixture {
    gateway: Gateway,
    topics: [String; 4],
    config: String,
}

impl Fixture {
    fn new() -> Self {
        let guarded = Guarded::shared();
        guarded.broker.oracle.set_password(USER, PASSWORD);
        let topics = ["secrets", "secrets-out", "secrets-dead", "secrets-stop"].map(unique);
        guarded.broker.oracle.create(topics.each_ref().map(|topic| Topic::new(topic, 1)));
        let [from, to, dead, stop] = &topics;
        let config = format!(
            r#"state_dir = "state"

[admin]
listen = "127.0.0.1:0"
token = {{ env = "PLANTED_TOKEN" }}

[kafka]
brokers = "{brokers}"
[kafka.options]
"security.protocol" = "SASL_PLAINTEXT"
"sasl.mechanisms" = "SCRAM-SHA-256"
"sasl.username" = "{USER}"
"sasl.password" = {{ file = "password" }}
"debug" = "all"

[pipelines.p]
from = ["{from}"]
to = "{to}"
group = "{from}"
dead_letter = "{dead}"
topics = ["{to}-*"]
[[pipelines.p.interceptors]]
plugin = "./user.wat"
[[pipelines.p.interceptors]]
plugin = "value-editor"
config = {{ edits = [{{ hash = {{ json = "/name" }}, key = {{ env = "PLANTED_SALT" }} }}] }}
[[pipelines.p.interceptors]]
plugin = "mod-router"
config = {{ from = {{ json = "/id" }}, buckets = 1, topic = "{to}-{{bucket}}" }}

[pipelines.q]
from = ["{stop}"]
to = "{to}"
group = "{stop}"
[[pipelines.q.interceptors]]
plugin = "./user.wat"
on_fault = "stop"
"#,
            brokers = guarded.sasl,
        );
        let alone = ALONE.iter().map(|(name, plugin, of_plugin)| {
            let topics = if *plugin == "topic-router" { "topics = [\"routed-*\"]\n" } else { "" };
            format!(
                "\n[pipelines.{name}]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}-{name}\"\n\
                 dead_letter = \"{dead}-{name}\"\n{topics}[[pipelines.{name}.interceptors]]\n\
                 plugin = \"{plugin}\"\nconfig = {of_plugin}\n"
            )
        });
        let config = config + &alone.collect::<String>();
        let more: Vec<String> = ALONE.iter().map(|(name, ..)| format!("{dead}-{name}")).collect();
        guarded.broker.oracle.create(more.iter().chain([&format!("{to}-0")]).map(|topic| Topic::new(topic, 1)));
        let gateway = Gateway::new(&config);
        gateway.write("user.wat", Guest::named("user").when('T', "(unreachable)").text());
        gateway.write("password", PASSWORD);
        fs::create_dir(gateway.path("state")).unwrap();
        Self { gateway, topics, config }
    }

    /// What is planted outside records.
    fn environment<'a>() -> [(&'a str, &'a str); 5] {
        [
            ("WEIR_LOG", "trace"),
            ("PLANTED_TOKEN", TOKEN),
            ("PLANTED_SALT", SALT),
            ("PLANTED_MISTAKE", MISTAKE),
            ("WEIR_ADMIN_TOKEN", TOKEN),
        ]
    }

    /// Every command that says something of what runs or is configured; none of them holds anything that was planted.
    fn search_commands(&self, address: SocketAddr) {
        let admin = format!("http://{address}");
        for arguments in [
            &["status", "--admin", &admin][..],
            &["status", "--json", "--admin", &admin],
            &["reload", "--admin", &admin],
            &["check", "-c", "weir.toml"],
            &["check", "--json", "-c", "weir.toml"],
            &["check", "--online", "-c", "weir.toml"],
        ] {
            let done = self.gateway.weir_in(&Self::environment(), arguments);
            holds_nothing(&format!("`weir {}`", arguments.join(" ")), &(done.text() + &done.err));
        }
    }

    /// Everything that is served, and every file that weir wrote.
    fn search(&self, running: &Running, address: SocketAddr) {
        let letters = ["p"].into_iter().chain(ALONE.map(|(name, ..)| name));
        let letters = letters.map(|name| format!("/pipelines/{name}/dead-letters?limit=100"));
        let paths = ["/metrics", "/status", "/openapi.json", "/nothing"].map(str::to_owned);
        for path in paths.into_iter().chain(letters) {
            for token in [TOKEN, "wrong"] {
                let (_, body) = send(address, "GET", &path, &format!("Authorization: Bearer {token}\r\n"));
                holds_nothing(&path, &body);
            }
        }
        self.search_commands(address);
        for entry in fs::read_dir(self.gateway.path("state")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = fs::read(&path).unwrap();
                holds_nothing(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
            }
        }
        holds_nothing("the log", &running.log());
    }

    /// Writes another configuration; what a reload of it comes to.
    fn reload(&self, address: SocketAddr, config: &str) -> (u16, String) {
        self.gateway.write("weir.toml", config);
        let answer = send(address, "POST", "/reload", &format!("Authorization: Bearer {TOKEN}\r\n"));
        holds_nothing("the answer of a reload", &answer.1);
        answer
    }
}

/// Records of every fate: carried, dead in each interceptor, and one that stops its pipeline.
fn records([from, .., stop]: &[String; 4]) -> Vec<Record> {
    let of = |topic: &str, value: String| {
        let record = Record::to(topic).partition(0).key(KEY).value(value);
        record.header("planted", HEADER).header(HEADER, "name")
    };
    vec![
        of(from, format!(r#"{{"id":4,"name":"{VALUE}"}}"#)),
        of(from, format!("Trap {VALUE}")),
        of(from, format!(r#"{{"id":4,"name":"{VALUE}""#)),
        of(from, format!(r#"{{"id":"{VALUE}","name":7}}"#)),
        of(from, format!(r#"{{"{VALUE}":4}}"#)),
        // What a name cannot be is quoted, so that it is no planted one.
        of(from, format!(r#"{{"id":"none","name":"{VALUE}","route":"a b"}}"#)),
        of(stop, format!("Trap {VALUE}")),
    ]
}

#[test]
fn no_byte_of_a_record_and_no_secret_is_written_for_anybody_to_read() {
    within(400, || {
        let fixture = Fixture::new();
        let oracle = &Guarded::shared().broker.oracle;
        let [from, to, dead, _] = &fixture.topics;
        let mut running = fixture.gateway.run_with(&Fixture::environment());
        let address = address(&running);
        oracle.produce(records(&fixture.topics));
        let out = format!("{to}-0");
        eventually(60, "each record has its fate", || {
            (oracle.count(&[&out]) == 1 && oracle.count(&[dead]) == 5).then_some(())
        });
        running.says("stopped: ");
        for (name, ..) in ALONE.iter().take(4) {
            let letters = format!("{dead}-{name}");
            eventually(60, &letters, || (oracle.count(&[&letters]) > 0).then_some(()));
        }
        // The secrets are in use: one more would be found.
        let letters = oracle.read(&[dead]);
        assert!(letters.iter().all(|letter| letter.key.as_deref() == Some(KEY.as_bytes())), "{letters:?}");
        fixture.search(&running, address);

        // Refused: by the host beside a secret, by a plugin that is given one, and by both at once.
        let config = &fixture.config;
        for (old, new) in [
            ("{ file = \"password\" }", "{ env = \"PLANTED_MISTAKE\", file = \"password\" }"),
            ("key = { env = \"PLANTED_SALT\" }", "kez = { env = \"PLANTED_MISTAKE\" }"),
            ("buckets = 1", "buckets = { env = \"PLANTED_MISTAKE\" }"),
            ("plugin = \"mod-router\"", "plugin = { env = \"PLANTED_MISTAKE\" }"),
            ("from = { json = \"/id\" }", "from = { capture = { env = \"PLANTED_MISTAKE\" }, json = \"/id\" }"),
            ("on_fault = \"stop\"", "on_fault = { env = \"PLANTED_MISTAKE\" }"),
        ] {
            assert!(config.contains(old), "{old}");
            let (code, answer) = fixture.reload(address, &config.replacen(old, new, 1));
            assert_eq!(code, 422, "{new}: {answer}");
            fixture.search_commands(address);
        }
        let (code, answer) = fixture.reload(address, &config.replacen("brokers =", "brokers = \"x:1\" #", 1));
        assert_eq!(code, 409, "{answer}");
        // Applied, and taken back again.
        let (code, answer) = fixture.reload(address, &config.replace("buckets = 1,", "buckets = 1, binary = true,"));
        assert_eq!(code, 200, "{answer}");
        let (code, answer) = send(address, "POST", "/rollback", &format!("Authorization: Bearer {TOKEN}\r\n"));
        assert_eq!(code, 200, "{answer}");
        holds_nothing("the answer of a rollback", &answer);
        oracle.produce(records(&fixture.topics).into_iter().filter(|record| record.topic == *from));
        eventually(60, "it goes on", || (oracle.count(&[&out]) == 2 && oracle.count(&[dead]) == 10).then_some(()));
        fixture.search(&running, address);
        running.signal(rustix::process::Signal::TERM);
        // One of its pipelines has stopped.
        assert_eq!(running.exit(30).code(), Some(1));
        holds_nothing("the log", &running.log());
        assert!(running.log().contains("TRACE") || running.log().contains("DEBUG"), "the log was not verbose");
    });
}

#[test]
fn no_mistake_quotes_what_a_reference_stands_for_whoever_says_it() {
    let planted = [("PLANTED", "hunter2hunter2")];
    let reference = "{ env = \"PLANTED\" }";
    let interceptor = |plugin: &str, config: &str| {
        format!("[[pipelines.p.interceptors]]\nplugin = \"{plugin}\"\nconfig = {{ {config} }}\n")
    };
    let config = |options: &str, interceptor: &str| {
        format!(
            "[kafka]\nbrokers = \"localhost:9092\"\n{options}\n[pipelines.p]\nfrom = [\"in\"]\nto = \"out\"\ngroup = \"g\"\n\
             dead_letter = \"dead\"\n{interceptor}"
        )
    };
    let option = |name: &str| config(&format!("[kafka.options]\n\"{name}\" = {reference}"), "");
    let of_plugin = |plugin: &str, keys: &str| config("", &interceptor(plugin, &keys.replace("REF", reference)));
    for text in [
        option("security.protocol"),
        option("ssl.ca.location"),
        option("socket.timeout.ms"),
        // By the schema, and by the plugin itself.
        of_plugin("timestamp-fixer", "from = { json = \"/t\" }, unit = REF"),
        of_plugin("timestamp-fixer", "from = { json = \"/t\" }, unit = \"ms\", max_ahead = REF"),
        of_plugin("value-editor", "edits = [{ set = \"/a\", to_json = REF }], invalid = \"keep\""),
        of_plugin("value-editor", "edits = [{ remove = \"/a\" }], invalid = REF"),
        of_plugin("header-enricher", "remove = REF"),
    ] {
        let gateway = Gateway::new(&text);
        for arguments in [&["check", "-c", "weir.toml"][..], &["check", "-c", "weir.toml", "--json"]] {
            let checked = gateway.weir_in(&planted, arguments).expect(78);
            assert!(!checked.text().contains("hunter2") && !checked.err.contains("hunter2"), "{text}\n{}", checked.err);
        }
    }
}
