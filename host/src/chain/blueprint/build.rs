//! Builds a blueprint: every plugin is loaded, described and set up, and every mistake is told at once.

use std::sync::Arc;

use super::{super::guest::WasmMaker, Blueprint, Stage, digest};
use crate::{
    abi,
    chain::{
        DeadLetters,
        edits::Permit,
        plan::{self, Objection},
        schedule::Schedule,
        text::printable,
    },
    config::{self, Mistake, Mistakes},
    extract::{Expressions, WantError},
    wasm,
};

/// Bytes of a mistake's text: a plugin may say anything.
const MISTAKE_BYTES: usize = 4 << 10;
/// How many digits of the digest name a generation in dead letters.
const SHORT: usize = 12;

impl Blueprint {
    /// Loads, describes and configures every plugin, checks plans against `allow` and `topics`, every mistake at once.
    ///
    /// `generation` is the text of `weir.error.generation`; left empty it is the digest's first 12 digits, which `run`
    /// and `replay` both pass so that their dead letters are equal.
    ///
    /// # Errors
    /// Every mistake found, at its place in the configuration.
    pub fn build(
        engine: &wasm::Engine,
        config: &config::Config,
        pipeline: &Arc<config::Pipeline>,
        generation: Arc<str>,
    ) -> Result<Arc<Self>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut stages = Vec::new();
        let mut expressions = Expressions::default();
        for interceptor in &pipeline.interceptors {
            let mut found = Found { config, interceptor, mistakes: Mistakes::default() };
            stages.extend(build_stage(engine, pipeline, interceptor, &mut expressions, &mut found));
            mistakes.append(found.mistakes);
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Self::assemble(Arc::clone(pipeline), generation, stages, &mut expressions)
            .map_err(|error| Mistakes::from(vec![Mistake { at: None, message: error.to_string(), help: None }]))
    }

    /// Puts checked stages together.
    pub(in crate::chain) fn assemble(
        pipeline: Arc<config::Pipeline>,
        generation: Arc<str>,
        stages: Vec<Stage>,
        expressions: &mut Expressions,
    ) -> Result<Arc<Self>, WantError> {
        let schedule = Schedule::new(stages.iter().map(|stage| (&stage.plan, stage.deadline)), expressions)?;
        let instances: Vec<String> = stages.iter().map(|stage| stage.identity.clone()).collect();
        let digest = digest::of_pipeline(&pipeline, &instances);
        let generation = if generation.is_empty() { Arc::from(&digest[..SHORT]) } else { generation };
        let stamp = pipeline.stamp_generation.clone().map(|name| abi::HeaderEdit {
            name,
            op: abi::HeaderOp::Set,
            cells: abi::Cells::Constant(Some(generation.as_bytes().to_vec())),
        });
        let dead_letters = DeadLetters {
            pipeline: Arc::from(&*pipeline.name),
            topic: pipeline.dead_letter.as_deref().map(Arc::from),
            generation,
            interceptors: stages.iter().map(|stage| Arc::clone(&stage.name)).collect(),
        };
        let to = pipeline.to.as_deref().map(Arc::from);
        Ok(Arc::new(Self { pipeline, digest, dead_letters, to, stamp, stages, schedule }))
    }
}

/// The mistakes of one interceptor.
struct Found<'a> {
    config: &'a config::Config,
    interceptor: &'a config::Interceptor,
    mistakes: Mistakes,
}

impl Found<'_> {
    /// The message may hold a plugin's text.
    fn add(&mut self, pointer: &str, message: impl AsRef<str>, help: Option<String>) {
        let (place, config) = (&self.interceptor.place, self.config);
        self.mistakes.push_with(|| {
            let message = printable(message.as_ref(), MISTAKE_BYTES).into_owned();
            let help = help.map(|help| printable(&help, MISTAKE_BYTES).into_owned());
            place.mistake(config, pointer, message, help)
        });
    }
}

fn build_stage(
    engine: &wasm::Engine,
    pipeline: &config::Pipeline,
    interceptor: &config::Interceptor,
    expressions: &mut Expressions,
    found: &mut Found<'_>,
) -> Option<Stage> {
    let limits = wasm::Limits { deadline: interceptor.deadline, memory: interceptor.memory };
    let plugin = match engine.load(&interceptor.plugin.bytes) {
        Ok(plugin) => plugin,
        Err(error) => {
            let source = interceptor.plugin.path.as_deref().and_then(wasm::how_to_build).map(str::to_owned);
            found.add("/plugin", format!("plugin `{}`: {error}", interceptor.plugin.name), source);
            return None;
        }
    };
    let description = match plugin.describe(limits) {
        Ok(description) => description,
        Err(fault) => {
            let name = &interceptor.plugin.name;
            found.add("/plugin", format!("plugin `{name}` cannot describe itself: {fault}"), None);
            return None;
        }
    };
    // The schema knows the nearest right name of a key; the plugin itself knows what the keys mean. Both are asked, so
    // that all is told at once, and what both object to is told by the schema.
    let by_schema = config::check_schema(&description.config_schema, &interceptor.config);
    for (pointer, message, help) in by_schema.listed() {
        found.add(&format!("/config{pointer}"), message.clone(), help.clone());
    }
    found.mistakes.add_unlisted(by_schema.unlisted());
    let setup = wasm::Setup { config: interceptor.config.clone(), files: interceptor.files.clone(), limits };
    let plan = match plugin.set_up(&setup) {
        Ok((_instance, plan)) if by_schema.is_empty() => plan,
        Ok(_) => return None,
        Err(wasm::SetupError::Config(mistakes)) => {
            for (pointer, message) in mistakes.into_iter().filter(|(pointer, _)| !by_schema.speaks_of(pointer)) {
                found.add(&format!("/config{pointer}"), message, None);
            }
            return None;
        }
        Err(wasm::SetupError::Fault(fault)) => {
            let name = &interceptor.plugin.name;
            found.add("/plugin", format!("plugin `{name}` cannot be configured: {fault}"), None);
            return None;
        }
    };
    let objections = plan::object(&plan, interceptor.allow.as_ref(), &pipeline.topics, expressions);
    for Objection { pointer, message, help } in &objections {
        found.add(pointer, format!("plugin `{}`: {message}", interceptor.plugin.name), help.clone());
    }
    if !objections.is_empty() {
        return None;
    }
    Some(Stage {
        permit: Permit::new(&plan, &pipeline.topics),
        name: Arc::from(&*interceptor.name),
        identity: digest::of_instance(interceptor),
        deadline: interceptor.deadline,
        on_fault: interceptor.on_fault,
        maker: Box::new(WasmMaker { plugin, setup }),
        description,
        plan,
    })
}
