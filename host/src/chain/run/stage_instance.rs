//! An interceptor's instance within a chain, made anew after faults.

use std::{sync::Arc, time::Duration};

use crate::{
    abi::{BatchView, Edits},
    chain::{
        DeathKind, InterceptorCounts,
        counts::Tally,
        edits::Blame,
        guest::{Guest, Maker},
    },
    wasm::{self, Said},
};

/// An interceptor's instance, and what it has counted.
#[derive(Debug, Default)]
pub(in crate::chain) struct StageInstance {
    /// None: made when it is needed.
    guest: Option<Box<dyn Guest>>,
    /// Calls that the instance has answered without a fault.
    calls: u64,
    /// How much of the instance's CPU time is counted.
    cpu: Duration,
    tally: Tally,
}

impl StageInstance {
    pub(in crate::chain) fn new(guest: Option<Box<dyn Guest>>) -> Self {
        let cpu = guest.as_ref().map(|guest| guest.cpu()).unwrap_or_default();
        Self { guest, cpu, ..Self::default() }
    }

    /// One call. What it took is not counted yet.
    ///
    /// # Errors
    /// The outer one: no instance can be made. The inner one: the call faulted.
    pub(super) fn process(
        &mut self,
        maker: &dyn Maker,
        batch: BatchView<'_>,
    ) -> Result<Result<Box<Edits<'_>>, Blame>, Blame> {
        let guest = match &mut self.guest {
            Some(guest) => guest,
            none => none.insert(make(maker)?),
        };
        self.calls += 1;
        Ok(guest.process(batch).map_err(blame))
    }

    /// Counts what the last call took.
    pub(super) fn count_cpu(&mut self) {
        let cpu = self.guest.as_ref().map(|guest| guest.cpu()).unwrap_or_default();
        self.tally.spend(cpu.saturating_sub(self.cpu));
        self.cpu = cpu;
    }

    pub(super) fn take_said(&mut self) -> Said {
        self.guest.as_mut().map(|guest| guest.take_said()).unwrap_or_default()
    }

    /// Whether the last call was the first of its instance, so that nothing earlier can be to blame.
    pub(super) fn was_fresh(&self) -> bool {
        self.calls <= 1
    }

    /// After a fault the instance is thrown away, but where it properly answered an error.
    pub(super) fn faulted(&mut self, kind: DeathKind) {
        if kind != DeathKind::Failed {
            self.guest = None;
            self.cpu = Duration::ZERO;
        }
    }

    /// The next call is made in a fresh instance.
    pub(super) fn renewed(&mut self) {
        if self.guest.is_none() {
            self.calls = 0;
        }
    }

    pub(super) fn accept(&mut self, name: &str, said: Said) {
        self.tally.accept(name, said);
    }

    pub(super) fn confirm_fault(&mut self, kind: DeathKind) {
        self.tally.fault(kind);
    }

    pub(super) fn recovered_fault(&mut self, kind: DeathKind) {
        self.tally.recovered_fault(kind);
    }

    pub(super) fn has_faulted(&self) -> bool {
        self.tally.has_faulted()
    }

    /// Of the instance that is there now.
    pub(super) fn instructions(&self) -> u64 {
        self.guest.as_ref().map(|guest| guest.instructions()).unwrap_or_default()
    }

    pub(super) fn take_counts(&mut self, name: &Arc<str>) -> InterceptorCounts {
        let memory = self.guest.as_ref().map(|guest| guest.memory()).unwrap_or_default();
        self.tally.take(name, memory)
    }
}

fn make(maker: &dyn Maker) -> Result<Box<dyn Guest>, Blame> {
    maker.make().map_err(|error| match error {
        wasm::SetupError::Fault(fault) => {
            let Blame { kind, message } = blame(fault);
            Blame { kind, message: format!("cannot be started again: {message}") }
        }
        wasm::SetupError::Config { mistakes, .. } => {
            let mistakes: Vec<String> =
                mistakes.into_iter().map(|(pointer, message)| format!("{pointer}: {message}")).collect();
            let message = format!("cannot be started again, it refuses its config: {}", mistakes.join("; "));
            Blame { kind: DeathKind::Failed, message }
        }
    })
}

fn blame(fault: wasm::Fault) -> Blame {
    let kind = match &fault {
        wasm::Fault::Failed(_) => DeathKind::Failed,
        wasm::Fault::Trap(_) => DeathKind::Trap,
        wasm::Fault::Deadline(_) => DeathKind::Deadline,
        wasm::Fault::Memory(_) => DeathKind::Memory,
    };
    Blame { kind, message: fault.to_string() }
}
