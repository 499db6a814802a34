//! `weir plugins`.

mod page;

use std::{fmt::Write as _, io::Write as _, time::Duration};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use weir_plugins::{BUILT_INS, BuiltIn};

use super::{Outcome, plan_text::printable, set_up};
use crate::{
    abi::Description,
    config::nearest,
    wasm::{Engine, Limits},
};

/// What a built-in may use to describe itself.
const LIMITS: Limits = Limits { deadline: Duration::from_secs(1), memory: 32 << 20 };

/// Lists the plugins that come with weir; of one its keys and an example.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The plugin.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Print JSON, with the JSON Schema of each config.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let chosen: Vec<&BuiltIn> = match &arguments.name {
        Some(name) => vec![find(name)?],
        None => BUILT_INS.iter().collect(),
    };
    let engine = set_up::engine()?;
    let described = chosen
        .into_iter()
        .map(|built_in| Ok((built_in, describe(&engine, built_in)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let text = match (&described[..], arguments.json) {
        (all, true) => {
            let all: Vec<Value> = all.iter().map(|(built_in, description)| json(built_in, description)).collect();
            let document =
                if arguments.name.is_some() { all.into_iter().next().unwrap_or_default() } else { all.into() };
            format!("{document:#}\n")
        }
        ([(built_in, description)], false) if arguments.name.is_some() => one(built_in, description),
        (all, false) => list(all),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Outcome::Done)
}

/// What a built-in says of itself.
pub(super) fn describe(engine: &Engine, built_in: &BuiltIn) -> anyhow::Result<Description> {
    let described = engine.load(built_in.bytes).map(|plugin| plugin.describe(LIMITS));
    described
        .with_context(|| built_in.name.to_owned())?
        .with_context(|| format!("{} cannot describe itself", built_in.name))
}

fn find(name: &str) -> anyhow::Result<&'static BuiltIn> {
    let Some(built_in) = weir_plugins::find(name) else {
        let names: Vec<&str> = BUILT_INS.iter().map(|built_in| built_in.name).collect();
        match nearest(name, names.iter().copied()) {
            Some(near) => bail!("there is no built-in `{name}`: did you mean `{near}`?"),
            None => bail!("there is no built-in `{name}`; there are {}", names.join(", ")),
        }
    };
    Ok(built_in)
}

/// A line each.
fn list(all: &[(&BuiltIn, Description)]) -> String {
    let width = all.iter().map(|(built_in, _)| built_in.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (built_in, description) in all {
        // Writing into a String cannot fail.
        let _infallible = writeln!(text, "{:<width$}  {}", built_in.name, printable(&description.summary));
    }
    text.push_str("\nKeys and an example of one: weir plugins NAME\n");
    text
}

fn one(built_in: &BuiltIn, description: &Description) -> String {
    let mut text = format!("{} {}\n{}\n", built_in.name, description.version, printable(&description.summary));
    if let Some(example) = page::example(built_in.page) {
        text.push_str("\nExample\n\n");
        example.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    text.push_str("\nKeys of its config\n");
    for key in page::keys(built_in.page) {
        let default = match key.default.as_str() {
            "**required**" => "needed".to_owned(),
            "–" => "may be left out".to_owned(),
            default => format!("default {default}"),
        };
        let _infallible = writeln!(text, "\n  {}  ({}; {default})", key.name, key.form);
        for line in &key.meaning {
            page::wrapped(line, 76).iter().for_each(|line| text.push_str(&format!("    {line}\n")));
        }
    }
    text
}

fn json(built_in: &BuiltIn, description: &Description) -> Value {
    json!({
        "name": built_in.name,
        "version": description.version,
        "summary": description.summary,
        "example": page::example(built_in.page),
        "config_schema": serde_json::from_str::<Value>(&description.config_schema).unwrap_or_default(),
    })
}
