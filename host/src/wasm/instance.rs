//! A plugin at work: one store, called by one thread at a time.

use std::{fmt, time::Duration};

use wasmtime::{Store, ThrownException, Trap};

use super::{
    Engine, Fault, Instance, Limits, Plugin, Said, Setup, SetupError, Warning, WasiImport,
    host_imports::State,
    limits::{ANSWER_BYTES, Meter, START_BUDGET},
    v0_1::Exports,
};
use crate::abi;

impl Plugin {
    /// What it imports of WASI, in the order of its imports; what an adapter answers inside a core module is left out.
    pub fn wasi_imports(&self) -> &[WasiImport] {
        &self.linked.wasi
    }

    /// Instantiates, calls `describe`, throws the instance away.
    ///
    /// Of the limits the memory holds; the CPU time is that of starting (seconds).
    ///
    /// # Errors
    /// [`Fault`], never `Failed`.
    pub fn describe(&self, limits: Limits) -> Result<abi::Description, Fault> {
        let mut instance = self.instantiate(limits, START_BUDGET)?;
        instance.call(Meter::begin_once, START_BUDGET, |exports, store| exports.describe(store))
    }

    /// Instantiates and configures. What the guest says meanwhile is in the first [`Instance::take_said`].
    ///
    /// The CPU time for starting is a few seconds of its own, whatever the deadline of a call.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn set_up(&self, setup: &Setup) -> Result<(Instance, abi::Plan), SetupError> {
        self.set_up_within(setup, START_BUDGET)
    }

    /// `budget`: CPU time of the start functions, and once more of `configure`.
    pub(super) fn set_up_within(&self, setup: &Setup, budget: Duration) -> Result<(Instance, abi::Plan), SetupError> {
        let mut instance = self.instantiate(setup.limits, budget)?;
        instance.store.data_mut().files = Some(setup.files.clone());
        let answer = instance.call(Meter::begin_once, budget, |exports, store| exports.configure(store, &setup.config));
        instance.store.data_mut().files = None;
        match answer? {
            Ok(plan) => Ok((instance, plan)),
            Err(text) => Err(SetupError::Config { mistakes: mistakes(&text), warnings: instance.take_warnings() }),
        }
    }

    /// A new store with a new instance in it; start functions run here.
    fn instantiate(&self, limits: Limits, budget: Duration) -> Result<Instance, Fault> {
        let mut store =
            Store::new(&self.engine.inner.engine, State::new(Meter::new(limits.memory, self.engine.cancel.clone())));
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(ANSWER_BYTES);
        if store.get_fuel().is_ok() {
            // Only an engine that counts has fuel, and there is always enough of it.
            let filled = store.set_fuel(u64::MAX);
            debug_assert!(filled.is_ok());
        }
        store.epoch_deadline_callback(|mut store| Ok(store.data_mut().meter.tick()));
        store.set_epoch_deadline(1);
        store.data_mut().meter.begin_once(budget);
        let made = self.linked.instantiate(&mut store);
        store.data_mut().meter.finish();
        store.data_mut().end_call();
        match made {
            Ok(exports) => Ok(Instance { store, exports, limits, poisoned: false }),
            Err(error) => Err(fault(store.data(), &error)),
        }
    }
}

impl Instance {
    /// One call. After any fault but [`Fault::Failed`] every further call returns `Trap("poisoned")`.
    ///
    /// The batch must be as the interface says (columns of its count, offsets ascending). The answer is only what the
    /// guest said: whether it keeps to the batch and to its plan is for the caller to check.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn process(&mut self, batch: abi::BatchView<'_>) -> Result<Box<abi::Edits<'_>>, Fault> {
        let deadline = self.limits.deadline;
        self.call(Meter::begin, deadline, |exports, store| exports.process(store, batch))?.map_err(Fault::Failed)
    }

    /// What was said since the last call of this, emptied. What the last call answered is given up.
    pub fn take_said(&mut self) -> Said {
        self.exports.forget_answer();
        self.store.data_mut().take_said()
    }

    /// What it warned of in its config, emptied. It is no part of [`Instance::take_said`].
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.store.data_mut().warnings).iter().map(|text| warning(text)).collect()
    }

    /// Thread CPU time spent inside calls so far, starting included. Calls of less than 5 ms are measured by samples,
    /// so it is right over many of them, and some calls behind.
    pub fn cpu(&self) -> Duration {
        self.store.data().meter.cpu()
    }

    /// Bytes of linear memory now.
    pub fn memory(&self) -> usize {
        self.store.data().meter.memory()
    }

    /// Instructions of the guest so far, starting included; 0 unless the engine counts ([`Engine::counting`]).
    pub fn instructions(&self) -> u64 {
        self.store.get_fuel().map_or(0, |left| u64::MAX - left)
    }

    fn call<'a, T>(
        &'a mut self,
        begin: impl FnOnce(&mut Meter, Duration),
        budget: Duration,
        function: impl FnOnce(&'a mut Exports, &mut Store<State>) -> wasmtime::Result<T>,
    ) -> Result<T, Fault> {
        if self.poisoned {
            return Err(Fault::Trap("poisoned".to_owned()));
        }
        self.store.set_epoch_deadline(1);
        self.store.data_mut().last_words.clear();
        begin(&mut self.store.data_mut().meter, budget);
        let answer = function(&mut self.exports, &mut self.store);
        self.store.data_mut().meter.finish();
        self.store.data_mut().end_call();
        answer.map_err(|error| {
            self.poisoned = true;
            fault(self.store.data(), &error)
        })
    }
}

/// What a failed call comes from. A guest that was refused memory ends in whatever its allocator does then, mostly
/// `unreachable`, so the refusal tells more than the trap, but for those that no allocator ends in: a guest can go on without
/// the memory.
fn fault(state: &State, error: &wasmtime::Error) -> Fault {
    if let Some(budget) = state.meter.late() {
        return Fault::Deadline(budget);
    }
    if let Some(limit) = state.meter.refused()
        && !has_other_cause(error)
    {
        return Fault::Memory(limit);
    }
    let reason = match error.downcast_ref::<Trap>() {
        Some(trap) => {
            let text = trap.to_string();
            text.strip_prefix("wasm trap: ").unwrap_or(&text).to_owned()
        }
        None if error.is::<ThrownException>() => "an exception that the plugin does not catch".to_owned(),
        None => {
            // With `{:#}`, an error of a host function comes last, behind the frames of the guest that called it.
            let text = super::one_line(&error.root_cause());
            // The engine has no type for this.
            if text.contains("fuel allocated for hostcalls") {
                format!("hands over more than {} MiB in one call", ANSWER_BYTES >> 20)
            } else {
                text
            }
        }
    };
    Fault::Trap(match state.last_words.line() {
        Some(words) => format!("{reason}; it said: {words}"),
        None => reason,
    })
}

/// Whether a call failed for a reason that no allocator has which is refused memory.
fn has_other_cause(error: &wasmtime::Error) -> bool {
    let is_of_code = |trap: &Trap| {
        use Trap::{
            ArrayOutOfBounds, BadConversionToInteger, CastFailure, IntegerDivisionByZero, IntegerOverflow,
            StackOverflow,
        };
        matches!(
            trap,
            ArrayOutOfBounds
                | BadConversionToInteger
                | CastFailure
                | IntegerDivisionByZero
                | IntegerOverflow
                | StackOverflow
        )
    };
    error.is::<ThrownException>() || error.downcast_ref::<Trap>().is_some_and(is_of_code)
}

/// `/pointer: message`; the pointer may be empty.
fn pointed(line: &str) -> (Option<&str>, &str) {
    match line.split_once(": ") {
        Some((pointer, message)) if pointer.starts_with('/') || pointer.is_empty() => (Some(pointer), message.trim()),
        _ => (None, line),
    }
}

fn warning(text: &str) -> Warning {
    let (pointer, message) = pointed(text.trim());
    Warning { pointer: pointer.map(str::to_owned), message: message.replace(['\n', '\r'], " ") }
}

/// `configure`'s error: a mistake a line, `/pointer: what is wrong`. A line without a pointer gets an empty one.
fn mistakes(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (pointer, message) = pointed(line);
        all.push((pointer.unwrap_or_default().to_owned(), message.to_owned()));
    }
    if all.is_empty() {
        all.push((String::new(), "the plugin does not say what is wrong".to_owned()));
    }
    all
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("cache", &self.inner.cache).finish_non_exhaustive()
    }
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").finish_non_exhaustive()
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("limits", &self.limits)
            .field("poisoned", &self.poisoned)
            .finish_non_exhaustive()
    }
}
