//! What one store may use: linear memory, tables, instances and thread CPU time.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{ResourceLimiter, UpdateDeadline};

/// CPU time for everything that happens once in an instance's life: start functions, `describe`, `configure`.
///
/// Interpreted languages start their runtime here and regular expressions are compiled, which a call's deadline need
/// not allow for. Larger, and an endless start function holds up a reload for longer; smaller, and a heavy plugin on a
/// slow machine is convicted.
pub(super) const START_BUDGET: Duration = Duration::from_secs(5);

/// How much data one call may hand from the guest to the host, in bytes of host memory.
///
/// Lists may overlap in the guest's memory, so its memory limit does not bound them. Brokers take records of about
/// 1 MiB and a batch is cut at 256 KiB, so an honest answer is far below.
pub(super) const ANSWER_BYTES: usize = 64 << 20;

/// Elements over all tables of a store. CPython and debug builds of C# have some ten thousand functions.
pub(super) const TABLE_ELEMENTS: usize = 64 << 10;

/// Core instances of one store; a component linked from shared libraries has some dozens.
const INSTANCES: usize = 256;
const TABLES: usize = 64;
const MEMORIES: usize = 8;

/// CPU time of the calling thread.
pub(super) fn thread_cpu() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// Counts what a store uses and remembers why it was stopped.
#[derive(Debug)]
pub(super) struct Meter {
    memory: usize,
    limit: usize,
    /// What the last permitted growth added, in case it fails after all.
    pending: usize,
    refused: bool,
    elements: usize,
    budget: Duration,
    /// Thread CPU time at which the call must be over.
    end: Duration,
    late: bool,
}

impl Meter {
    /// `limit`: bytes of linear memory, over all memories of the store.
    pub(super) fn new(limit: usize) -> Self {
        let budget = START_BUDGET;
        Self { memory: 0, limit, pending: 0, refused: false, elements: 0, budget, end: Duration::ZERO, late: false }
    }

    /// A call begins on this thread; answers the thread's CPU time.
    pub(super) fn begin(&mut self, budget: Duration) -> Duration {
        let now = thread_cpu();
        self.budget = budget;
        self.end = now.saturating_add(budget);
        self.late = false;
        self.refused = false;
        now
    }

    /// Asked at every tick while the guest runs.
    pub(super) fn tick(&mut self) -> UpdateDeadline {
        self.late = thread_cpu() > self.end;
        if self.late { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) }
    }

    /// The budget, if the last call was stopped for exceeding it.
    pub(super) fn late(&self) -> Option<Duration> {
        self.late.then_some(self.budget)
    }

    /// The limit, if the last call was refused memory.
    pub(super) fn refused(&self) -> Option<usize> {
        self.refused.then_some(self.limit)
    }

    /// Bytes of linear memory now.
    pub(super) fn memory(&self) -> usize {
        self.memory
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let fits = self.memory.checked_add(more).is_some_and(|all| all <= self.limit);
        if fits {
            self.memory += more;
            self.pending = more;
        } else {
            self.refused = true;
        }
        Ok(fits)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory -= self.pending;
        self.pending = 0;
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current);
        let fits = self.elements.saturating_add(more) <= TABLE_ELEMENTS;
        if fits {
            self.elements += more;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}
