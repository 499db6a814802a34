//! Interceptors that cannot be, and what an operator is told: exactly this.

use super::tells;

#[test]
fn plugins_that_are_not_there() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
group = "g"
[[pipelines.recom.interceptors]]
plugin = "regex-extracter"
[[pipelines.recom.interceptors]]
plugin = "mine.wasm"
[[pipelines.recom.interceptors]]
plugin = "./gone.wasm"
[[pipelines.recom.interceptors]]
plugin = "./folder"
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
sha256 = "00"
"#,
        r#"
  × there is no plugin `regex-extracter`
   ╭─[weir.toml:7:10]
 7 │ plugin = "regex-extracter"
   ·          ─────────────────
   ╰────
  help: did you mean "regex-extractor"? A path begins with `./`

  × there is no plugin `mine.wasm`
   ╭─[weir.toml:9:10]
 9 │ plugin = "mine.wasm"
   ·          ───────────
   ╰────
  help: a path begins with `./`: write "./mine.wasm"

  × `./gone.wasm` cannot be read: it does not exist
    ╭─[weir.toml:11:10]
 11 │ plugin = "./gone.wasm"
    ·          ─────────────
    ╰────
  help: paths are relative to the file that names them

  × `./folder` cannot be read: it is a directory
    ╭─[weir.toml:13:10]
 13 │ plugin = "./folder"
    ·          ──────────
    ╰────
  help: paths are relative to the file that names them

  × `./a.wat` has another sha256 than the one it is pinned to
    ╭─[weir.toml:16:10]
 16 │ sha256 = "00"
    ·          ────
    ╰────
  help: where the plugin is the right one, write `sha256 =
        "53e7063e8f00de24101c5df8adf057dab53cd03748a3f8216541f0d92ea2fb88"`
"#,
    );
}

#[test]
fn names_of_interceptors_are_their_own() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
group = "g"
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
name = "one"
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
name = "one"
"#,
        r#"
  × another interceptor of this pipeline is called `one`
    ╭─[weir.toml:11:8]
 11 │ name = "one"
    ·        ─────
    ╰────
"#,
    );
}

#[test]
fn a_dead_letter_needs_a_topic() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
group = "g"
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
on_fault = "dead-letter"
"#,
        r#"
  × the pipeline has no `dead_letter`
   ╭─[weir.toml:8:12]
 8 │ on_fault = "dead-letter"
   ·            ─────────────
   ╰────
  help: name a topic by `dead_letter` in [pipelines.recom], or write `on_fault = "stop"`
"#,
    );
}

#[test]
fn what_json_cannot_say_is_told() {
    tells(
        r#"
[kafka]
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
group = "g"
[[pipelines.recom.interceptors]]
plugin = "./a.wat"
config = { a = inf, b = [nan], c = { env = "WEIR_NOT_SET" }, d = { file = "./gone" } }
files = { f = "./gone" }
"#,
        r#"
  × plugins read JSON, which has neither `inf` nor `nan`
   ╭─[weir.toml:8:16]
 8 │ config = { a = inf, b = [nan], c = { env = "WEIR_NOT_SET" }, d = { file = "./gone" } }
   ·                ───
   ╰────

  × plugins read JSON, which has neither `inf` nor `nan`
   ╭─[weir.toml:8:26]
 8 │ config = { a = inf, b = [nan], c = { env = "WEIR_NOT_SET" }, d = { file = "./gone" } }
   ·                          ───
   ╰────

  × the environment has no `WEIR_NOT_SET`
   ╭─[weir.toml:8:44]
 8 │ config = { a = inf, b = [nan], c = { env = "WEIR_NOT_SET" }, d = { file = "./gone" } }
   ·                                            ──────────────
   ╰────

  × `./gone` cannot be read: it does not exist
   ╭─[weir.toml:8:75]
 8 │ config = { a = inf, b = [nan], c = { env = "WEIR_NOT_SET" }, d = { file = "./gone" } }
   ·                                                                           ────────
   ╰────
  help: paths are relative to the file that names them

  × `./gone` cannot be read: it does not exist
   ╭─[weir.toml:9:15]
 9 │ files = { f = "./gone" }
   ·               ────────
   ╰────
  help: paths are relative to the file that names them
"#,
    );
}
