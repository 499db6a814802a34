//! The dead letters of late, for those who ask why.

use std::{collections::VecDeque, sync::Mutex, time::SystemTime};

use super::dispatcher::Slot;
use crate::{
    chain::{DeathKind, Fate},
    endpoint::Partition,
    threads::lock,
};

/// So many are kept.
const KEPT: usize = 100;

/// A record that became a dead letter, without anything of the record.
#[derive(Clone, Debug)]
pub struct RecentDeath {
    /// When the dead letter was delivered.
    pub at: SystemTime,
    /// Where the record was read.
    pub partition: Partition,
    /// Where the record was read.
    pub offset: i64,
    /// By which interceptor; none: by the pipeline itself.
    pub interceptor: Option<String>,
    /// As in `weir.error.kind`.
    pub kind: DeathKind,
    /// As in `weir.error.message`: weir's words, or the plugin's.
    pub reason: String,
}

/// The newest dead letters of a pipeline.
#[derive(Debug, Default)]
pub(super) struct Deaths(Mutex<VecDeque<RecentDeath>>);

impl Deaths {
    /// Notes those of a batch that is settled.
    pub(super) fn note<H>(&self, slot: &Slot<H>) {
        let interceptors = slot.blueprint.as_ref().map(|blueprint| &blueprint.pipeline().interceptors);
        let dead = slot.flow.batch.inputs().iter().zip(slot.flow.fates()).filter_map(|(input, fate)| match fate {
            Fate::Dead(death) => Some((input.offset, death)),
            Fate::Out | Fate::Dropped(_) => None,
        });
        // Of a batch that died as a whole, the newest do.
        let dead: Vec<_> = dead.collect();
        let at = SystemTime::now();
        let mut kept = lock(&self.0);
        for (offset, death) in &dead[dead.len().saturating_sub(KEPT)..] {
            if kept.len() == KEPT {
                kept.pop_front();
            }
            let named = death.interceptor.and_then(|place| interceptors?.get(place));
            kept.push_back(RecentDeath {
                at,
                partition: slot.partition.clone(),
                offset: *offset,
                interceptor: named.map(|interceptor| interceptor.name.clone()),
                kind: death.kind,
                reason: death.message.clone(),
            });
        }
    }

    /// The newest first, at most `limit`.
    pub(super) fn newest(&self, limit: usize) -> Vec<RecentDeath> {
        lock(&self.0).iter().rev().take(limit).cloned().collect()
    }
}
