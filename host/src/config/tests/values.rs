//! Values that cannot be, and what an operator is told: exactly this.

use super::tells;

#[test]
fn durations_and_sizes_need_units() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
group = "g"
batch = { records = 0, bytes = 4096, age = 1.5 }
breaker = { faults = 0.01, over = "1 minute" }
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
deadline = 50
memory = "32mb"
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
deadline = "10s"
memory = "1KiB"
"#,
        r#"
  × `records` is out of bounds
   ╭─[weir.toml:6:21]
 6 │ batch = { records = 0, bytes = 4096, age = 1.5 }
   ·                     ─
   ╰────
  help: from 1 to 65536

  × `bytes` needs a unit
   ╭─[weir.toml:6:32]
 6 │ batch = { records = 0, bytes = 4096, age = 1.5 }
   ·                                ────
   ╰────
  help: write `bytes = "4096B"`

  × `age` needs a unit
   ╭─[weir.toml:6:44]
 6 │ batch = { records = 0, bytes = 4096, age = 1.5 }
   ·                                            ───
   ╰────
  help: write a duration as "50ms", "5m" or "1m30s"

  × `faults` needs a unit
   ╭─[weir.toml:7:22]
 7 │ breaker = { faults = 0.01, over = "1 minute" }
   ·                      ────
   ╰────
  help: write a percentage above 0% and at most 100% as "1%"

  × `1 minute` is not a duration
   ╭─[weir.toml:7:35]
 7 │ breaker = { faults = 0.01, over = "1 minute" }
   ·                                   ──────────
   ╰────
  help: write it as "50ms", "5m" or "1m30s"

  × `deadline` needs a unit
    ╭─[weir.toml:10:12]
 10 │ deadline = 50
    ·            ──
    ╰────
  help: write `deadline = "50ms"`

  × `32mb` is not a size
    ╭─[weir.toml:11:10]
 11 │ memory = "32mb"
    ·          ──────
    ╰────
  help: write it as "32MiB", "1MB" or "64KiB"

  × `deadline` is out of bounds
    ╭─[weir.toml:14:12]
 14 │ deadline = "10s"
    ·            ─────
    ╰────
  help: from 1ms to 5s

  × `memory` is out of bounds
    ╭─[weir.toml:15:10]
 15 │ memory = "1KiB"
    ·          ──────
    ╰────
  help: from 64KiB to 4GiB
"#,
    );
}

#[test]
fn words_get_the_nearest_right_one() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
group = "g"
delivery = "exactly_once"
start = "earlyest"
on_gap = "skip"
partition_by = "keys"
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
on_fault = "dlq"
allow = { inputs = ["values", "header:"], effects = ["header"] }
"#,
        r#"
  × `delivery` cannot be `exactly_once`
   ╭─[weir.toml:6:12]
 6 │ delivery = "exactly_once"
   ·            ──────────────
   ╰────
  help: did you mean "exactly-once"? `delivery` is "at-least-once" or "exactly-once"

  × `start` cannot be `earlyest`
   ╭─[weir.toml:7:9]
 7 │ start = "earlyest"
   ·         ──────────
   ╰────
  help: did you mean "earliest"?

  × `on_gap` cannot be `skip`
   ╭─[weir.toml:8:10]
 8 │ on_gap = "skip"
   ·          ──────
   ╰────
  help: `on_gap` is "stop" or "earliest"

  × `partition_by` cannot be `keys`
   ╭─[weir.toml:9:16]
 9 │ partition_by = "keys"
   ·                ──────
   ╰────
  help: did you mean "key"? `partition_by` is "key" or "source"

  × `on_fault` cannot be `dlq`
    ╭─[weir.toml:12:12]
 12 │ on_fault = "dlq"
    ·            ─────
    ╰────
  help: `on_fault` is "dead-letter", "stop" or "pass"

  × there is no input `values`
    ╭─[weir.toml:13:21]
 13 │ allow = { inputs = ["values", "header:"], effects = ["header"] }
    ·                     ────────
    ╰────
  help: did you mean "value"?

  × there is no input `header:`
    ╭─[weir.toml:13:31]
 13 │ allow = { inputs = ["values", "header:"], effects = ["header"] }
    ·                               ─────────
    ╰────
  help: "key", "value", "timestamp", "timestamp-type", "received", "offset", "json", "capture", "all-headers" or
        "header:NAME"

  × there is no effect `header`
    ╭─[weir.toml:13:54]
 13 │ allow = { inputs = ["values", "header:"], effects = ["header"] }
    ·                                                      ────────
    ╰────
  help: did you mean "headers"?
"#,
    );
}

#[test]
fn a_time_to_start_at_needs_its_zone() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
group = "g"
start = 2026-01-31T08:00:00
"#,
        r#"
  × `start` cannot be `2026-01-31T08:00:00`
   ╭─[weir.toml:6:9]
 6 │ start = 2026-01-31T08:00:00
   ·         ───────────────────
   ╰────
  help: "earliest", "latest", or a time with its zone, as in "2026-01-31T08:00:00Z"
"#,
    );
}

#[test]
fn a_source_is_a_topic_or_a_posix_expression() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["a b", "^in-\\d+$", "^(", "", "x", "x"]
group = "g"
[pipelines.other]
from = []
group = "h"
topics = ["a*", "b/c"]
"#,
        r#"
  × `a b` is not a valid topic name: Kafka allows letters, digits, `.`, `_` and `-`, but no space
   ╭─[weir.toml:4:9]
 4 │ from = ["a b", "^in-\\d+$", "^(", "", "x", "x"]
   ·         ─────
   ╰────
  help: a regular expression begins with `^`

  × `from` takes POSIX expressions, which have no `\d`
   ╭─[weir.toml:4:16]
 4 │ from = ["a b", "^in-\\d+$", "^(", "", "x", "x"]
   ·                ───────────
   ╰────
  help: write [0-9]

  × `^(` is not a valid regular expression: unclosed group
   ╭─[weir.toml:4:29]
 4 │ from = ["a b", "^in-\\d+$", "^(", "", "x", "x"]
   ·                             ────
   ╰────

  × `` is not a valid topic name: it is empty
   ╭─[weir.toml:4:35]
 4 │ from = ["a b", "^in-\\d+$", "^(", "", "x", "x"]
   ·                                   ──
   ╰────

  × `x` stands in `from` twice
   ╭─[weir.toml:4:44]
 4 │ from = ["a b", "^in-\\d+$", "^(", "", "x", "x"]
   ·                                            ───
   ╰────

  × `from` is empty
   ╭─[weir.toml:7:8]
 7 │ from = []
   ·        ──
   ╰────
  help: name at least one topic

  × `b/c` is neither a valid topic name nor a pattern: Kafka allows letters, digits, `.`, `_` and `-`, but no `/`
   ╭─[weir.toml:9:17]
 9 │ topics = ["a*", "b/c"]
   ·                 ─────
   ╰────
  help: `topics` holds names, and patterns in which `*` stands for any characters
"#,
    );
}
