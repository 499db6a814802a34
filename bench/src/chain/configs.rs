//! The chains that are measured, as configurations on disk.

use std::{
    fs, iter,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use weir::{chain::Blueprint, config, wasm::Engine};

/// The example as it stands: its fields are regular expressions, declared.
const CAPTURES: &str = include_str!("../../../examples/recom/weir.toml");

/// The same with fields that are members of a JSON document, which is checked as a whole.
const MEMBERS: &str = include_str!("../../configs/recom-json.toml");

/// The suite's own plugin.
const GUEST: &[u8] = include_bytes!(env!("WEIR_BENCH_GUEST"));

/// What the fixed part of a configuration says.
const HEAD: &str = "[kafka]\nbrokers = \"localhost:9092\"\n\n[pipelines.recom]\nfrom = [\"client-events\"]\n\
                    group = \"weir-recom\"\n";

/// A chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The recom job by four interceptors, fields by declared expressions: the example.
    Captures,
    /// The same, fields as members of JSON.
    Members,
    /// The same, of documents that are read as far as the last of them.
    MembersFirst,
    /// As [`Which::Captures`], but the expressions run in the sandbox.
    InGuest,
    /// One plugin that does all four steps, fields by declared expressions.
    FusedCaptures,
    /// The same, fields as members of JSON.
    FusedMembers,
    /// So many interceptors that do nothing and read nothing.
    Nothing(usize),
    /// So many that look at two columns and change nothing.
    Looks(usize),
    /// A filter on two parts that keeps every record.
    Filter,
    /// A topic made of a header.
    TopicRouter,
}

/// Where configurations lie, and the engine for all of them.
#[derive(Debug)]
pub(crate) struct Configs {
    folder: PathBuf,
    engine: Engine,
}

impl Configs {
    /// In this folder, which need not be empty; compiled code is kept there too.
    ///
    /// # Errors
    /// The folder cannot be written to, or the engine does not run here.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        fs::write(folder.join("guest.wasm"), GUEST)?;
        let engine = Engine::new(Some(folder.join("cache")))?;
        Ok(Self { folder: folder.to_owned(), engine })
    }

    /// Writes the chain's configuration and answers its path.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn path(&self, which: Which) -> Result<PathBuf> {
        let path = self.folder.join(format!("{which:?}.toml").to_lowercase().replace(['(', ')'], "-"));
        fs::write(&path, text(which)?).with_context(|| format!("{}", path.display()))?;
        Ok(path)
    }

    /// The chain, checked and compiled.
    ///
    /// # Errors
    /// It has mistakes.
    pub(crate) fn blueprint(&self, which: Which) -> Result<Arc<Blueprint>> {
        let config = config::load(&self.path(which)?)?;
        let pipeline = config.pipelines.values().next().context("a configuration has a pipeline")?;
        Ok(Blueprint::build(&self.engine, &config, pipeline, Arc::from(""))?)
    }
}

fn text(which: Which) -> Result<String> {
    Ok(match which {
        Which::Captures => CAPTURES.to_owned(),
        Which::Members => MEMBERS.to_owned(),
        Which::MembersFirst => {
            let mark = "[pipelines.recom]\n";
            anyhow::ensure!(MEMBERS.contains(mark), "the pipeline is not where it was");
            MEMBERS.replace(mark, &format!("{mark}json = \"first\"\n"))
        }
        Which::InGuest => {
            let mark = "[pipelines.recom.interceptors.config]\nrules = [";
            anyhow::ensure!(CAPTURES.contains(mark), "the example's first interceptor is not where it was");
            CAPTURES.replace(mark, "[pipelines.recom.interceptors.config]\nrun = \"guest\"\nrules = [")
        }
        Which::FusedCaptures => format!("{}{}", routed(), guest("recom-captures")),
        Which::FusedMembers => format!("{}{}", routed(), guest("recom-members")),
        Which::Nothing(count) => idle(count, "nothing"),
        Which::Looks(count) => idle(count, "looks"),
        Which::Filter => {
            let config =
                "keep = { any = [{ header = \"agent\", in = [\"web\", \"app/4.2\"] }, { key = true, null = true }] }";
            built_in("filter", config)
        }
        Which::TopicRouter => built_in("topic-router", "topic = \"events-{agent}\"\ninvalid = \"replace\""),
    })
}

fn routed() -> String {
    format!("{HEAD}topics = [\"events-*\"]\ndead_letter = \"client-events-dead\"\ndelivery = \"at-least-once\"\n")
}

fn idle(count: usize, does: &str) -> String {
    let head = format!("{HEAD}to = \"events\"\ndelivery = \"at-least-once\"\n");
    iter::once(head).chain(iter::repeat_n(guest(does), count)).collect()
}

fn built_in(plugin: &str, config: &str) -> String {
    let interceptor = format!("\n[[pipelines.recom.interceptors]]\nplugin = \"{plugin}\"\n");
    format!("{}to = \"events\"\n{interceptor}[pipelines.recom.interceptors.config]\n{config}\n", routed())
}

fn guest(does: &str) -> String {
    format!("\n[[pipelines.recom.interceptors]]\nplugin = \"./guest.wasm\"\nconfig = {{ does = \"{does}\" }}\n")
}
