//! Keys that are missing, misspelt or misplaced, and what an operator is told: exactly this.

use super::tells;

#[test]
fn unknown_keys_get_the_nearest_right_name() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
form = ["in"]
group = "g"
deadletter = "d"
zebra = 1
breaker = { faults = "1%", ower = "1m" }
"#,
        r#"
  × unknown key `form` in [pipelines.recom]
   ╭─[weir.toml:4:1]
 4 │ form = ["in"]
   · ────
   ╰────
  help: did you mean `from`?

  × unknown key `deadletter` in [pipelines.recom]
   ╭─[weir.toml:6:1]
 6 │ deadletter = "d"
   · ──────────
   ╰────
  help: did you mean `dead_letter`?

  × unknown key `zebra` in [pipelines.recom]
   ╭─[weir.toml:7:1]
 7 │ zebra = 1
   · ─────
   ╰────
  help: known here: from, group, to, topics, dead_letter, delivery, start, on_gap, breaker, unknown_topics,
        stamp_generation, rollback, probe, partition_by, instance, group_protocol, ledger_topic, workers, batch, json,
        consumer, producer, interceptors

  × unknown key `ower` in `breaker` of [pipelines.recom]
   ╭─[weir.toml:8:28]
 8 │ breaker = { faults = "1%", ower = "1m" }
   ·                            ────
   ╰────
  help: did you mean `over`?
"#,
    );
}

#[test]
fn a_key_in_the_wrong_table_is_sent_to_the_right_one() {
    tells(
        r#"
brokers = "localhost:9092"
[kafka]
brokers = "localhost:9092"
from = ["in"]
[pipelines]
group = "g"
[pipelines.recom]
from = ["in"]
group = "g"
on_fault = "stop"
listen = "127.0.0.1:1"
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
dead_letter = "d"
rules = []
from = { json = "/userId" }
"#,
        r#"
  × `brokers` belongs in [kafka], not above every table
   ╭─[weir.toml:1:1]
 1 │ brokers = "localhost:9092"
   · ───────
   ╰────

  × `from` belongs in [pipelines.NAME], not in [kafka]
   ╭─[weir.toml:4:1]
 4 │ from = ["in"]
   · ────
   ╰────

  × `group` belongs in [pipelines.NAME], not in [pipelines]
   ╭─[weir.toml:6:1]
 6 │ group = "g"
   · ─────
   ╰────
  help: write [pipelines.NAME]

  × `on_fault` belongs in [[pipelines.recom.interceptors]], not in [pipelines.recom]
    ╭─[weir.toml:10:1]
 10 │ on_fault = "stop"
    · ────────
    ╰────

  × `listen` belongs in [admin], not in [pipelines.recom]
    ╭─[weir.toml:11:1]
 11 │ listen = "127.0.0.1:1"
    · ──────
    ╰────

  × `dead_letter` belongs in [pipelines.recom], not in [[pipelines.recom.interceptors]]
    ╭─[weir.toml:14:1]
 14 │ dead_letter = "d"
    · ───────────
    ╰────

  × unknown key `rules` in [[pipelines.recom.interceptors]]
    ╭─[weir.toml:15:1]
 15 │ rules = []
    · ─────
    ╰────
  help: what the plugin is to read belongs in [pipelines.recom.interceptors.config]

  × `from` belongs in [pipelines.recom.interceptors.config], not in [[pipelines.recom.interceptors]]
    ╭─[weir.toml:16:1]
 16 │ from = { json = "/userId" }
    · ────
    ╰────
"#,
    );
}

#[test]
fn missing_keys_are_told_with_an_example() {
    tells(
        r#"
[kafka]
[pipelines.recom]
[[pipelines.recom.interceptors]]
"#,
        r#"
  × [kafka] has no `brokers`
   ╭─[weir.toml:1:1]
 1 │ [kafka]
   · ───────
   ╰────
  help: write `brokers = "localhost:9092"`

  × [pipelines.recom] has no `from`
   ╭─[weir.toml:2:1]
 2 │ [pipelines.recom]
   · ─────────────────
   ╰────
  help: write `from = ["topic"]`

  × [pipelines.recom] has no `group`
   ╭─[weir.toml:2:1]
 2 │ [pipelines.recom]
   · ─────────────────
   ╰────
  help: write `group = "weir-recom"`

  × [[pipelines.recom.interceptors]] has no `plugin`
   ╭─[weir.toml:3:1]
 3 │ [[pipelines.recom.interceptors]]
   · ────────────────────────────────
   ╰────
  help: write `plugin = "regex-extractor"`
"#,
    );
}

#[test]
fn an_empty_file_lacks_everything() {
    tells(
        r#"

"#,
        r#"
  × there is no [kafka]
   ╭─[weir.toml:1:1]
   ╰────
  help: write
        [kafka]
        brokers = "localhost:9092"

  × there is no pipeline
   ╭─[weir.toml:1:1]
   ╰────
  help: write
        [pipelines.NAME]
        from = ["…"]
        group = "…"
        to = "…"
"#,
    );
}

#[test]
fn wrong_types_say_what_was_found() {
    tells(
        r#"
[kafka]
brokers = 9092
[pipelines.recom]
from = "in"
group = ["g"]
to = true
workers = "2"
batch = 7
consumer = []
interceptors = { plugin = "x" }
"#,
        r#"
  × expected a string, found a number
   ╭─[weir.toml:2:11]
 2 │ brokers = 9092
   ·           ────
   ╰────
  help: write it in quotation marks: "9092"

  × expected a list, found a string
   ╭─[weir.toml:4:8]
 4 │ from = "in"
   ·        ────
   ╰────
  help: write `from = ["in"]`

  × expected a string, found a list
   ╭─[weir.toml:5:9]
 5 │ group = ["g"]
   ·         ─────
   ╰────

  × expected a string, found true or false
   ╭─[weir.toml:6:6]
 6 │ to = true
   ·      ────
   ╰────

  × expected a whole number, found a string
   ╭─[weir.toml:7:11]
 7 │ workers = "2"
   ·           ───
   ╰────
  help: leave out the quotation marks

  × expected a table, found a number
   ╭─[weir.toml:8:9]
 8 │ batch = 7
   ·         ─
   ╰────

  × expected a table, found a list
   ╭─[weir.toml:9:12]
 9 │ consumer = []
   ·            ──
   ╰────
  help: begin one with [pipelines.recom.consumer]

  × expected a list of tables, found a table
    ╭─[weir.toml:10:16]
 10 │ interceptors = { plugin = "x" }
    ·                ────────────────
    ╰────
  help: each begins with [[pipelines.recom.interceptors]], in two brackets
"#,
    );
}
