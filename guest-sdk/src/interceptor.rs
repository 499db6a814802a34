//! What a plugin is.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Batch, Edits, Files, Mistake, Plan};

/// A plugin: how it is called, what it is told, and what it does to a batch.
///
/// It keeps nothing that matters between two batches: weir may throw an instance away and make it anew at any time,
/// and no answer may depend on where a batch was cut.
pub trait Interceptor: Sized {
    /// Its config; the doc comments of the fields become the config's JSON Schema. Let serde refuse unknown fields.
    type Config: DeserializeOwned + JsonSchema;

    /// Its name, in kebab-case.
    const NAME: &'static str;
    /// Its version; mostly `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// What it does, in a sentence.
    const SUMMARY: &'static str;

    /// Makes an instance and says what it reads and may change. Called once an instance, and whenever weir only
    /// wants to know whether a config is right.
    ///
    /// # Errors
    /// Every mistake in the config, not only the first.
    fn new(config: Self::Config, files: &Files) -> Result<(Self, Plan), Vec<Mistake>>;

    /// Says what changes in a batch; what it says nothing of stays as it is.
    ///
    /// # Errors
    /// The batch as a whole could not be processed. weir then tries halves of it, down to the one record that the
    /// error is about, which follows the interceptor's `on_fault`. A record that is wrong is no error: see
    /// [`Edits::dead_letter`].
    fn process(&mut self, batch: &Batch, edits: &mut Edits) -> Result<(), String>;
}
