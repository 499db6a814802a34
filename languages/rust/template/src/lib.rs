//! Routes records by their type: drops those of one type, and sets aside those without a user.

use schemars::JsonSchema;
use serde::Deserialize;
use weir_sdk::{Batch, Edits, Effects, Files, Input, Interceptor, Mistake, Plan};

/// What an operator writes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Records of this type are dropped.
    #[serde(default = "debug")]
    drop: String,
}

fn debug() -> String {
    "debug".to_owned()
}

/// The interceptor.
#[derive(Debug)]
pub struct MyPlugin(Config);

impl Interceptor for MyPlugin {
    type Config = Config;
    const NAME: &'static str = "my-plugin";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Routes records by their type.";

    fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        let plan = Plan::new()
            .input(Input::header("type"))
            .input(Input::json("/userId"))
            .effects(Effects::DROP | Effects::DEAD_LETTER)
            .header_names(["seen-by"])
            .topics(["clicks", "views"]);
        Ok((Self(config), plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let types = batch.bytes(0)?;
        let users = batch.bytes(1)?;
        let clicks = edits.topic("clicks");
        let views = edits.topic("views");
        for row in batch.rows() {
            let kind = types.get(row);
            if kind == Some(self.0.drop.as_bytes()) {
                edits.drop(row);
                continue;
            }
            if users.is_null(row) {
                edits.dead_letter(row, "no userId");
                continue;
            }
            edits.set_header("seen-by").row(row, b"weir");
            match kind {
                Some(b"click") => edits.route(row, clicks),
                Some(b"view") => edits.route(row, views),
                _ => {}
            }
        }
        Ok(())
    }
}

weir_sdk::export!(MyPlugin);
