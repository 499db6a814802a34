//! Files and addresses that are broken, and what an operator is told: exactly this.

use super::tells;

#[test]
fn what_is_broken_is_told_with_what_is_wrong() {
    tells(
        r#"
[kafka
brokers = "localhost:9092"
[pipelines.recom]
from = ["in"]
gruop = "g"
group = "g
"#,
        r#"
  × unclosed table, expected `]`
   ╭─[weir.toml:1:6]
 1 │ [kafka
   ·      ─
   ╰────

  × unknown key `gruop` in [pipelines.recom]
   ╭─[weir.toml:5:1]
 5 │ gruop = "g"
   · ─────
   ╰────
  help: did you mean `group`?

  × invalid basic string, expected `"`
   ╭─[weir.toml:6:10]
 6 │ group = "g
   ·          ─
   ╰────
"#,
    );
}

#[test]
fn brokers_and_addresses_have_ports() {
    tells(
        r#"
[kafka]
brokers = "localhost"
[admin]
listen = "0.0.0.0:9644"
[pipelines.recom]
from = ["in"]
group = "g"
[pipelines."a b"]
from = ["in"]
group = "h"
"#,
        r#"
  × `localhost` is not a broker's address
   ╭─[weir.toml:2:11]
 2 │ brokers = "localhost"
   ·           ───────────
   ╰────
  help: write `host:port`, with commas between several

  × listening anywhere but at loopback needs a `token`
   ╭─[weir.toml:4:10]
 4 │ listen = "0.0.0.0:9644"
   ·          ──────────────
   ╰────
  help: add `token = { env = "WEIR_ADMIN_TOKEN" }`, or listen at 127.0.0.1

  × `a b` is not a valid pipeline name
   ╭─[weir.toml:8:12]
 8 │ [pipelines."a b"]
   ·            ─────
   ╰────
  help: it stands in metrics and transaction names: letters, digits, `_`, `-` and `.`
"#,
    );
}
