//! Builds a blueprint: every plugin is loaded, described and set up, and every mistake is told at once.

use std::sync::Arc;

use super::{super::guest::WasmMaker, Blueprint, Stage, digest, unused};
use crate::{
    abi,
    chain::{
        DeadLetters,
        edits::Permit,
        plan::{self, Objection},
        schedule::Schedule,
        text::printable,
    },
    config::{self, Mistake, Mistakes, Warnings},
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
    /// Every mistake found, at its place in the configuration, and the warnings beside them. Where the values of
    /// references were not asked for ([`config::References::AsGiven`]) and a plugin cannot do without one, there may be
    /// no mistake and a warning that says so.
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
        if !mistakes.is_empty() || stages.len() < pipeline.interceptors.len() {
            return Err(mistakes);
        }
        match Self::assemble(Arc::clone(pipeline), generation, stages, &mut expressions) {
            Ok(mut blueprint) => {
                blueprint.warnings = mistakes.take_warnings();
                unused::topics(config, pipeline, &blueprint.stages, &mut blueprint.warnings);
                Ok(Arc::new(blueprint))
            }
            Err(error) => {
                mistakes.push(Mistake { at: None, message: error.to_string(), help: None });
                Err(mistakes)
            }
        }
    }

    /// Puts checked stages together.
    pub(in crate::chain) fn assemble(
        pipeline: Arc<config::Pipeline>,
        generation: Arc<str>,
        stages: Vec<Stage>,
        expressions: &mut Expressions,
    ) -> Result<Self, WantError> {
        let plans = stages.iter().map(|stage| (&stage.plan, stage.deadline));
        let schedule = Schedule::new(plans, pipeline.json, expressions)?;
        let instances: Vec<String> = stages.iter().map(|stage| stage.identity.clone()).collect();
        let digest = digest::of_pipeline(&pipeline, &instances);
        let generation = if generation.is_empty() { Arc::from(&digest[..SHORT]) } else { generation };
        let stamp = pipeline.stamp_generation.clone().map(|name| abi::HeaderEdit {
            name: name.into(),
            op: abi::HeaderOp::Set,
            cells: abi::Cells::Constant(Some(generation.as_bytes().to_vec().into())),
        });
        let dead_letters = DeadLetters {
            pipeline: Arc::from(&*pipeline.name),
            topic: pipeline.dead_letter.as_deref().map(Arc::from),
            generation,
            interceptors: stages.iter().map(|stage| Arc::clone(&stage.name)).collect(),
        };
        let to = pipeline.to.as_deref().map(Arc::from);
        let warnings = Warnings::default();
        Ok(Self { pipeline, digest, dead_letters, to, stamp, stages, schedule, warnings })
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

    /// As [`Found::add`]; what the plugin warns of.
    fn warn(&mut self, warnings: Vec<wasm::Warning>) {
        for wasm::Warning { pointer, message } in warnings {
            let message = printable(&message, MISTAKE_BYTES).into_owned();
            let pointer = pointer.map_or("/plugin".to_owned(), |pointer| format!("/config{pointer}"));
            let mut warnings = Warnings::default();
            warnings.push(self.interceptor.place.mistake(self.config, &pointer, message, None));
            self.mistakes.warn(warnings);
        }
    }

    /// Whether what is said of `pointer`, within the plugin's config, may only be due to the value of a reference that is
    /// not there; then that is said instead.
    fn is_of_reference(&mut self, pointer: &str) -> bool {
        let pointer = pointer.trim_end_matches('#');
        let below = format!("{pointer}/");
        // What stands beside it, such as the pattern that headers are counted against.
        let beside = pointer.rsplit_once('/').map(|(table, _)| format!("{table}/")).filter(|table| table != "/");
        let is_near = |given: &&String| {
            *given == pointer
                || given.starts_with(&below)
                || beside.as_ref().is_some_and(|beside| given.starts_with(beside.as_str()))
        };
        let given = self.interceptor.references.iter().find(is_near);
        let Some(given) = given else { return false };
        let message = "whether the plugin takes this cannot be told without its value".to_owned();
        let help = Some("leave out `--no-env` where the value is there".to_owned());
        let mut warnings = Warnings::default();
        warnings.push(self.interceptor.place.mistake(self.config, &format!("/config{given}"), message, help));
        self.mistakes.warn(warnings);
        true
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
        if found.is_of_reference(pointer) {
            continue;
        }
        found.add(&format!("/config{pointer}"), message.clone(), help.clone());
    }
    found.mistakes.add_unlisted(by_schema.unlisted());
    let setup = wasm::Setup { config: interceptor.config.clone(), files: interceptor.files.clone(), limits };
    let plan = match plugin.set_up(&setup) {
        Ok((mut instance, plan)) => {
            found.warn(instance.take_warnings());
            if !by_schema.is_empty() {
                return None;
            }
            plan
        }
        Err(wasm::SetupError::Config { mistakes, warnings }) => {
            found.warn(warnings);
            for (pointer, message) in mistakes.into_iter().filter(|(pointer, _)| !by_schema.speaks_of(pointer)) {
                if !found.is_of_reference(&pointer) {
                    found.add(&format!("/config{pointer}"), message, None);
                }
            }
            return None;
        }
        Err(wasm::SetupError::Fault(fault)) => {
            let name = &interceptor.plugin.name;
            let bytes: usize = interceptor.files.values().map(|file| file.len()).sum();
            let help = (matches!(fault, wasm::Fault::Memory(_)) && bytes > 0)
                .then(|| format!("its `files` have {bytes} bytes: write a larger `memory`, or shorten them"));
            found.add("/plugin", format!("plugin `{name}` cannot be configured: {fault}"), help);
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
