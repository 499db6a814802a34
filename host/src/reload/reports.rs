//! What came of attempts, told once.

use super::Outcome;

/// So many reasons of a refusal stand in the log.
const REASONS: usize = 20;

/// Writes an outcome into the log.
pub(super) fn log(outcome: &Outcome) {
    match outcome {
        Outcome::Unchanged => {
            tracing::info!("reload: the files are those of the running generation, nothing has changed")
        }
        Outcome::Applied { generation, digest, changes, warnings } => {
            tracing::info!(generation, digest, changes = changes.to_string(), "reload: applied");
            for warning in warnings {
                tracing::warn!(generation, "reload: {warning}");
            }
        }
        Outcome::RolledBack { generation, digest, left, why, changes } => {
            tracing::error!(generation, digest, left, why, changes = changes.to_string(), "reload: rolled back");
        }
        Outcome::Superseded => tracing::info!("reload: given up, the files have changed again"),
        Outcome::Rejected { reasons } => {
            let count = reasons.len();
            let reasons = told(reasons);
            tracing::error!(count, reasons, "reload: rejected; the old generation goes on");
        }
        Outcome::NeedsRestart { keys } => {
            let keys = keys.join(", ");
            tracing::error!(keys, "reload: needs a restart; the old generation goes on");
        }
    }
}

/// Reasons in one line; of very many the first.
fn told(reasons: &[String]) -> String {
    let mut text = reasons.iter().take(REASONS).map(String::as_str).collect::<Vec<_>>().join("; ");
    if reasons.len() > REASONS {
        text.push_str(&format!("; and {} more, which `weir check` shows", reasons.len() - REASONS));
    }
    text
}

/// What has been told already.
///
/// A refusal is looked into once more before it is told, because a file may have been read half written; the same
/// refusal is told once, until something else has come of an attempt. An answer to a request is always news.
#[derive(Debug, Default)]
pub(super) struct Reports {
    told: Option<Outcome>,
    pending: Option<Outcome>,
}

impl Reports {
    pub(super) fn is_news(&mut self, outcome: &Outcome, asked: bool) -> bool {
        let pending = self.pending.take();
        if !outcome.is_refusal() {
            // Whoever put the old files back wants to hear that the refusal is over.
            let refused = self.told.take().is_some();
            return asked || refused || *outcome != Outcome::Unchanged;
        }
        if asked {
            self.told = Some(outcome.clone());
            return true;
        }
        if self.told.as_ref() == Some(outcome) {
            return false;
        }
        if pending.is_none() {
            self.pending = Some(outcome.clone());
            return false;
        }
        self.told = Some(outcome.clone());
        true
    }

    pub(super) fn is_pending(&self) -> bool {
        self.pending.is_some()
    }
}
