//! What is well written and still refused: exactly this is said.

use super::{load_in, tells};

#[test]
fn a_pipeline_does_not_write_what_it_reads() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in", "^raw-"]
group = "g"
to = "in"
dead_letter = "raw-dead"
topics = ["i*", "r*-x", "out-*"]
"#,
        r#"
  × records could come round: the pipeline itself reads `in`
   ╭─[weir.toml:6:6]
 6 │ to = "in"
   ·      ────
   ╰────
  help: choose a topic that is no source

  × records could come round: the pipeline itself reads `raw-dead`
   ╭─[weir.toml:7:15]
 7 │ dead_letter = "raw-dead"
   ·               ──────────
   ╰────
  help: choose a topic that is no source

  × records could come round: the pipeline itself reads `in`
   ╭─[weir.toml:8:11]
 8 │ topics = ["i*", "r*-x", "out-*"]
   ·           ────
   ╰────
  help: name the topics more closely, so that none of them is a source

  × records could come round: the pipeline itself reads `raw-x`
   ╭─[weir.toml:8:17]
 8 │ topics = ["i*", "r*-x", "out-*"]
   ·                 ──────
   ╰────
  help: name the topics more closely, so that none of them is a source
"#,
    );
}

#[test]
fn nothing_but_the_ledger_goes_to_the_ledger_topic() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.a]
from = ["in"]
group = "a"
to = "out"
ledger_topic = "out"
[pipelines.b]
from = ["in"]
group = "b"
to = "out"
topics = ["events-*"]
ledger_topic = "events-ledger"
[pipelines.c]
from = ["in"]
group = "c"
to = "out"
dead_letter = "dead"
ledger_topic = "dead"
[pipelines.d]
from = ["in"]
group = "d"
to = "out"
ledger_topic = "in"
"#,
        r#"
  × records of the pipeline may go to the ledger topic `out`: it stands in `to`, too
   ╭─[weir.toml:7:16]
 7 │ ledger_topic = "out"
   ·                ─────
   ╰────
  help: choose a topic that nothing else goes to, such as `weir-ledger`

  × records of the pipeline may go to the ledger topic `events-ledger`: it stands in `topics`, too
    ╭─[weir.toml:13:16]
 13 │ ledger_topic = "events-ledger"
    ·                ───────────────
    ╰────
  help: choose a topic that nothing else goes to, or name `topics` more closely

  × records of the pipeline may go to the ledger topic `dead`: it stands in `dead_letter`, too
    ╭─[weir.toml:19:16]
 19 │ ledger_topic = "dead"
    ·                ──────
    ╰────
  help: choose a topic that nothing else goes to, such as `weir-ledger`

  × records could come round: the pipeline itself reads `in`
    ╭─[weir.toml:24:16]
 24 │ ledger_topic = "in"
    ·                ────
    ╰────
  help: choose a topic that is no source
"#,
    );
}

#[test]
fn a_circle_over_pipelines_is_told_once() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.a]
from = ["one"]
group = "a"
to = "two"
[pipelines.b]
from = ["two"]
group = "b"
topics = ["three-*"]
[pipelines.c]
from = ["^three-[0-9]+$"]
group = "c"
dead_letter = "one"
"#,
        r#"
  × records could go round for ever: a -> b -> c -> a (over `two`)
   ╭─[weir.toml:6:6]
 6 │ to = "two"
   ·      ─────
   ╰────
"#,
    );
}

#[test]
fn a_group_is_used_once_on_a_topic() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.a]
from = ["in-1"]
group = "g"
[pipelines.b]
from = ["^in-"]
group = "g"
[pipelines.c]
from = ["else"]
group = "g"
"#,
        r#"
  × [pipelines.a] has the same group and reads `in-1` too: each would get a part of it
   ╭─[weir.toml:8:9]
 8 │ group = "g"
   ·         ───
   ╰────
  help: give each pipeline a group of its own
"#,
    );
}

#[test]
fn what_delivery_depends_on_is_not_an_option() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[kafka.options]
acks = "1"
"group.id" = "x"
security.protcol = "SSL"
"enable.ssl.certificate.verification" = false
plugin.library.paths = "/x.so"
[pipelines.recom]
from = ["in"]
group = "g"
[pipelines.recom.consumer]
"linger.ms" = 5
"auto.offset.reset" = "latest"
[pipelines.recom.producer]
"fetch.min.bytes" = 1
"message.timeout.ms" = 1000
"#,
        r#"
  × `acks` is refused: a record is settled when all replicas have it
   ╭─[weir.toml:4:1]
 4 │ acks = "1"
   · ────
   ╰────

  × `group.id` is refused: weir has a key for it
   ╭─[weir.toml:5:1]
 5 │ "group.id" = "x"
   · ──────────
   ╰────
  help: write `group` in [pipelines.NAME]

  × `security.protcol` is not among the librdkafka properties that weir passes on
   ╭─[weir.toml:6:10]
 6 │ security.protcol = "***"
   ·          ───────
   ╰────
  help: did you mean `security.protocol`?

  × `enable.ssl.certificate.verification = false` is refused: anyone on the way could pose as the broker
   ╭─[weir.toml:7:41]
 7 │ "enable.ssl.certificate.verification" = false
   ·                                         ─────
   ╰────
  help: name the broker's authority by `ssl.ca.location` instead

  × `plugin.library.paths` is refused: it loads foreign code into weir
   ╭─[weir.toml:8:16]
 8 │ plugin.library.paths = "/x.so"
   ·                ─────
   ╰────

  × `linger.ms` speaks of producers
    ╭─[weir.toml:13:1]
 13 │ "linger.ms" = 5
    · ───────────
    ╰────
  help: it belongs in `producer` or [kafka.options]

  × `auto.offset.reset` is refused: weir has keys for it
    ╭─[weir.toml:14:1]
 14 │ "auto.offset.reset" = "latest"
    · ───────────────────
    ╰────
  help: write `start` and `on_gap` in [pipelines.NAME]

  × `fetch.min.bytes` speaks of consumers
    ╭─[weir.toml:16:1]
 16 │ "fetch.min.bytes" = 1
    · ─────────────────
    ╰────
  help: it belongs in `consumer` or [kafka.options]

  × `message.timeout.ms` is refused: a record that expires would be lost
    ╭─[weir.toml:17:1]
 17 │ "message.timeout.ms" = 1000
    · ────────────────────
    ╰────
"#,
    );
}

#[test]
fn a_secret_is_never_shown() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[kafka.options]
"sasl.pasword" = "hunter2"
"sasl.password" = ["hunter2"]
[admin]
listen = "127.0.0.1:1"
token = "hunter2"
[pipelines.recom]
from = ["in"]
group = "g"
"#,
        r#"
  × `sasl.pasword` is not among the librdkafka properties that weir passes on
   ╭─[weir.toml:4:1]
 4 │ "sasl.pasword" = "*******"
   · ──────────────
   ╰────
  help: did you mean `sasl.password`?

  × expected a string, found a list
   ╭─[weir.toml:5:19]
 5 │ "sasl.password" = *"*******"*
   ·                   ───────────
   ╰────

  × a token does not stand in the file itself
   ╭─[weir.toml:8:9]
 8 │ token = "*******"
   ·         ─────────
   ╰────
  help: write `token = { env = "WEIR_ADMIN_TOKEN" }` or `{ file = "…" }`
"#,
    );
}

#[test]
fn a_secret_is_not_shown_in_a_broken_file_either() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[kafka.options]
"sasl.password" = "hunter2
"#,
        r#"
  × invalid basic string, expected `"`
   ╭─[weir.toml:4:26]
 4 │ "sasl.password" = "*******
   ·                          ─
   ╰────
"#,
    );
}

#[test]
fn a_static_member_cannot_use_the_new_protocol() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
group = "g"
group_protocol = "consumer"
instance = "a"
"#,
        r#"
  × a static membership (`instance`) dies for good under this protocol
   ╭─[weir.toml:6:18]
 6 │ group_protocol = "consumer"
   ·                  ──────────
   ╰────
  help: leave out `instance`, or write `group_protocol = "classic"`
"#,
    );
}

#[test]
fn what_comes_from_the_environment_or_from_a_file_is_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "hunter2hunter2\n").unwrap();
    // Short ones are left out only where they are quoted.
    let config = |value: &str| {
        format!(
            "[kafka]\nbrokers = 'localhost:9092'\n[pipelines.p]\nfrom = ['in']\nto = 'out'\ngroup = 'g'\n\
             [[pipelines.p.interceptors]]\nplugin = {value}\non_fault = {value}\n"
        )
    };
    for value in ["{ env = 'CARGO_PKG_NAME' }", "{ file = './secret' }"] {
        let told = load_in(folder.path(), &config(value)).expect_err("there is a mistake in it").render(false);
        assert!(told.contains("there is no plugin `…`") && told.contains("`on_fault` cannot be `…`"), "{told}");
        assert!(!told.contains("hunter2") && !told.contains("`weir`"), "{told}");
    }
}
