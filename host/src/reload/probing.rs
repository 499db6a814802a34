//! Which pipelines an attempt probes.

use super::{Blueprints, Reloader, reasons};
use crate::{
    chain::Blueprint,
    config::{Config, Mistakes},
    probe,
    wasm::Cancel,
};

impl Reloader {
    /// Runs the probes of `config`, but those that what serves has passed.
    ///
    /// # Errors
    /// Why not, a text a pipeline.
    pub(super) fn run_probes(
        &self,
        config: &Config,
        blueprints: &Blueprints,
        cancel: &Cancel,
    ) -> Result<(), Vec<String>> {
        let to_run = blueprints.iter().filter(|(name, blueprint)| !self.has_passed(name, blueprint));
        let failed: Mistakes =
            to_run.filter_map(|(_, blueprint)| probe::run(config, blueprint, cancel).err().map(|one| *one)).collect();
        if failed.is_empty() { Ok(()) } else { Err(reasons(&failed)) }
    }

    /// Whether what serves under that name is the same and has the same probe: run once more, it could only fail for
    /// the machine's reasons.
    fn has_passed(&self, name: &str, new: &Blueprint) -> bool {
        let Some((running, config)) = self.blueprints.get(name).zip(self.config.pipelines.get(name)) else {
            return false;
        };
        let pipeline = new.pipeline();
        // How batches are cut changes no answer, but it may fault a call.
        running.digest() == new.digest() && (&config.probe, config.batch) == (&pipeline.probe, pipeline.batch)
    }
}
