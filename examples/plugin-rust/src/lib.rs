//! Drops what robots did, and says in a header what everybody else came with.

use schemars::JsonSchema;
use serde::Deserialize;
use weir_sdk::{Batch, Edits, Effects, Files, Input, Interceptor, Mistake, Plan, count};

/// What an operator writes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Words in a user agent, in small letters, by which a robot is known.
    words: Vec<String>,
    /// The header that gets `app` or `browser`.
    #[serde(default = "client")]
    header: String,
}

fn client() -> String {
    "client".into()
}

/// The interceptor.
#[derive(Debug)]
pub struct Robots(Config);

impl Interceptor for Robots {
    type Config = Config;
    const NAME: &'static str = "robots";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Drops what robots did, and says what everybody else came with.";

    fn new(config: Config, _: &Files) -> Result<(Self, Plan), Vec<Mistake>> {
        if let Some(at) = config.words.iter().position(|word| word.is_empty() || *word != word.to_lowercase()) {
            return Err(vec![Mistake::new(format!("/words/{at}"), "a word has small letters, at least one")]);
        }
        let plan = Plan::new().input(Input::json("/agent")).header_names([&config.header]).effects(Effects::DROP);
        Ok((Self(config), plan))
    }

    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String> {
        let agents = batch.bytes(0)?;
        let mut robots = 0;
        for row in batch.rows() {
            let Some(agent) = agents.text(row).map(str::to_lowercase) else { continue };
            if self.0.words.iter().any(|word| agent.contains(word)) {
                edits.drop(row);
                robots += 1;
            } else {
                let client = if agent.starts_with("shop-app/") { "app" } else { "browser" };
                edits.set_header(&self.0.header).row(row, client.as_bytes());
            }
        }
        count("robots", robots);
        Ok(())
    }
}

weir_sdk::export!(Robots);
