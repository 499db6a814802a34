//! What one store may use: linear memory, tables, instances and thread CPU time.

use std::time::Duration;

use wasmtime::{ResourceLimiter, Trap, UpdateDeadline};

use super::Cancel;
use crate::cpu::thread_cpu;

/// CPU time for everything that happens once in an instance's life: start functions, `describe`, `configure`.
///
/// Interpreted languages start their runtime here and regular expressions are compiled, which a call's deadline need
/// not allow for. Larger, and an endless start function holds up a reload for longer; smaller, and a heavy plugin on a
/// slow machine is blamed.
pub(super) const START_BUDGET: Duration = Duration::from_secs(5);

/// How much data one call may hand from the guest to the host, in bytes of host memory.
///
/// Lists may overlap in the guest's memory, so its memory limit does not bound them. Brokers take records of about
/// 1 MiB and a batch is cut at 256 KiB, so an honest answer is far below.
pub(super) const ANSWER_BYTES: usize = 64 << 20;

/// Elements over all tables of a store. CPython and debug builds of C# have some ten thousand functions.
pub(super) const TABLE_ELEMENTS: usize = 64 << 10;

/// How often a running guest is asked for its CPU time; asking costs about half a microsecond.
pub(super) const TICK: Duration = Duration::from_millis(5);

/// Of the calls shorter than a tick, every how many-th is measured. Reading a thread's CPU time twice costs as much as
/// an empty call; an odd number falls into step with fewer patterns of batches.
const SAMPLE: u32 = 31;

/// The engine looks at its clock in loops and at calls of the guest's own functions, never in a call of the host. So every
/// so many of those ask for the CPU time themselves, and so does each that takes in more than so many bytes.
const HOST_CALLS: u32 = 64;
const HOST_BYTES: usize = 4 << 10;

/// Core instances of one store; a component linked from shared libraries has some dozens.
const INSTANCES: usize = 256;
const TABLES: usize = 64;
const MEMORIES: usize = 8;

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
    /// Thread CPU time at which the call must be over; known from its first tick on.
    end: Option<Duration>,
    late: bool,
    /// Thread CPU time at which the call began, if it is measured.
    from: Option<Duration>,
    /// Whether the call stands for itself only, and not for the unmeasured ones before it.
    alone: bool,
    /// Short calls since the last that was measured, that one included.
    short: u32,
    /// Calls until the next is measured.
    unmeasured: u32,
    cpu: Duration,
    host_calls: u32,
    cancel: Cancel,
}

impl Meter {
    /// `limit`: bytes of linear memory, over all memories of the store. Where `cancel` says so, a running call ends as if
    /// its time were over.
    pub(super) fn new(limit: usize, cancel: Cancel) -> Self {
        Self {
            memory: 0,
            limit,
            pending: 0,
            refused: false,
            elements: 0,
            budget: START_BUDGET,
            end: None,
            late: false,
            from: None,
            alone: false,
            short: 0,
            unmeasured: 0,
            cpu: Duration::ZERO,
            host_calls: 0,
            cancel,
        }
    }

    /// A call begins on this thread. Mostly nothing is measured unless it outlasts a tick.
    pub(super) fn begin(&mut self, budget: Duration) {
        let measured = self.unmeasured == 0;
        self.unmeasured = self.unmeasured.saturating_sub(1);
        self.short += 1;
        self.start(budget, measured, false);
    }

    /// A call that happens once in an instance's life begins on this thread.
    pub(super) fn begin_once(&mut self, budget: Duration) {
        self.short += 1;
        self.start(budget, true, true);
    }

    fn start(&mut self, budget: Duration, measured: bool, alone: bool) {
        self.budget = budget;
        self.end = None;
        self.late = false;
        self.refused = false;
        self.alone = alone;
        self.from = measured.then(thread_cpu);
    }

    /// Asked at every tick while the guest runs.
    pub(super) fn tick(&mut self) -> UpdateDeadline {
        let now = thread_cpu();
        // What it used before its first tick is at most a tick, and is not held against it.
        let end = *self.end.get_or_insert(now.saturating_add(self.budget));
        self.late = now > end || self.cancel.is_cancelled();
        if self.late { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) }
    }

    /// The guest calls the host and hands over so many bytes.
    ///
    /// # Errors
    /// [`Trap::Interrupt`]: the call ran past its deadline.
    pub(super) fn host_call(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.host_calls = self.host_calls.wrapping_add(1);
        if bytes < HOST_BYTES && !self.host_calls.is_multiple_of(HOST_CALLS) {
            return Ok(());
        }
        match self.tick() {
            UpdateDeadline::Interrupt => Err(Trap::Interrupt.into()),
            _ => Ok(()),
        }
    }

    /// The call is over.
    pub(super) fn finish(&mut self) {
        let begun = self.from.take();
        // Of a call that is not measured, the first tick is known, if there was one.
        let Some(from) = begun.or_else(|| self.end.map(|end| end.saturating_sub(self.budget))) else { return };
        let now = thread_cpu();
        let spent = now.saturating_sub(from);
        let after_tick = self.end.map_or(Duration::ZERO, |end| now.saturating_sub(end.saturating_sub(self.budget)));
        if self.alone || after_tick > TICK {
            self.short -= 1;
            // Before its first tick a call ran for half a tick on the average.
            self.cpu += if begun.is_some() { spent } else { spent + TICK / 2 };
        } else if begun.is_some() {
            self.cpu += spent * self.short;
            self.short = 0;
            self.unmeasured = SAMPLE - 1;
        }
    }

    /// Thread CPU time of all calls: of those longer than a tick as measured, of the others by samples.
    pub(super) fn cpu(&self) -> Duration {
        self.cpu
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
