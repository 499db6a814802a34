//! The engine's settings, its memory and its clock.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, Weak},
    thread,
};

use anyhow::Context as _;
use rustix::process::{Resource, getrlimit};
use wasmtime::{
    Collector, Config, EngineWeak, InstanceAllocationStrategy, OperatorCost, OptLevel, PoolingAllocationConfig,
    RegallocAlgorithm, Strategy, component::Linker,
};

use super::{
    Cancel, CompilerProgram, Engine,
    cache::Cache,
    host_imports::{self, State},
    limits::{TABLE_ELEMENTS, TICK},
    v0_1::Linked,
};
use crate::threads::{self, Role};

/// Instances that can be alive at once: interceptors times workers, twice during a reload; of plugins with more than one
/// memory fewer, and the objects of one that has objects are a memory of their own. Each reserves 4 GiB of address space
/// (of 128 TiB) and no memory.
const INSTANCES: u32 = 4096;

/// Bytes of stack for guest code; worker threads have 2 MiB.
const WASM_STACK: usize = 512 << 10;

/// Under this much address space per process a 4 GiB reservation for each memory is hopeless, in bytes.
const SMALL_ADDRESS_SPACE: u64 = 1 << 40;

/// What a memory reserves then, in bytes beyond its first size. Less, and growing copies it again and again; more, and
/// fewer instances fit.
const LITTLE_RESERVATION: u64 = 32 << 20;

pub(super) struct Inner {
    pub(super) engine: wasmtime::Engine,
    pub(super) linker: Linker<State>,
    pub(super) cache: Option<Cache>,
    pub(super) profile: Profile,
    /// What compiles plugins that are not built in; none = this process.
    pub(super) program: Option<CompilerProgram>,
    /// The code that is in use, by the SHA-256 of the plugin: the same plugin in many places is there once.
    pub(super) loaded: Mutex<HashMap<[u8; 32], Weak<Linked>>>,
}

/// What machine code depends on, besides the plugin and this version of weir.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Profile {
    /// Instructions are counted.
    counting: bool,
    /// There is little address space: memories are checked instead of guarded.
    little_space: bool,
    /// Any CPU of this architecture runs the code.
    portable: bool,
}

impl Profile {
    fn new(counting: bool) -> Self {
        let address_space = getrlimit(Resource::As).current.unwrap_or(u64::MAX);
        let little_space = address_space < SMALL_ADDRESS_SPACE;
        if little_space {
            tracing::warn!(
                address_space,
                "little address space: plugins run with explicit bounds checks, at half speed"
            );
        }
        Self { counting, little_space, portable: false }
    }

    /// For [`Profile::from_byte`].
    pub(super) fn to_byte(self) -> u8 {
        u8::from(self.counting) | u8::from(self.little_space) << 1 | u8::from(self.portable) << 2
    }

    pub(super) fn from_byte(byte: u8) -> Self {
        Self { counting: byte & 1 != 0, little_space: byte & 2 != 0, portable: byte & 4 != 0 }
    }
}

impl Engine {
    /// Makes the engine. `cache`: the folder for compiled code, made if need be; none = compile each time. A folder
    /// that others could write to is not used, with a warning.
    ///
    /// It compiles in this process, so nothing but limits on their sizes bounds what plugins cost: for plugins that are
    /// trusted. For all others there is [`Engine::with_compiler`].
    ///
    /// # Errors
    /// The machine cannot run the engine at all: no memory to reserve, no thread for its clock.
    pub fn new(cache: Option<PathBuf>) -> anyhow::Result<Self> {
        Self::start(cache, Profile::new(false), None)
    }

    /// As [`Engine::new`]; plugins that are not built in are compiled by `program` in a process of its own, which is held
    /// to a budget of CPU time and memory and can be given up.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn with_compiler(cache: Option<PathBuf>, program: CompilerProgram) -> anyhow::Result<Self> {
        Self::start(cache, Profile::new(false), Some(program))
    }

    /// An engine whose instances count the instructions that they run ([`super::Instance::instructions`]): for gates
    /// that do not depend on the machine. Counting makes guests about a tenth slower.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn counting() -> anyhow::Result<Self> {
        Self::start(None, Profile::new(true), None)
    }

    /// As [`Engine::new`]; its code uses no instructions beyond those that every CPU of this architecture has, so that what
    /// one process compiles runs in another that is shown another CPU, such as under valgrind.
    ///
    /// # Errors
    /// As [`Engine::new`].
    pub fn portable(cache: Option<PathBuf>) -> anyhow::Result<Self> {
        Self::start(cache, Profile { portable: true, ..Profile::new(false) }, None)
    }

    /// The same engine, whose work on plugins ends where `cancel` says so.
    #[must_use]
    pub fn cancelled_by(&self, cancel: &Cancel) -> Self {
        Self { inner: Arc::clone(&self.inner), cancel: cancel.clone() }
    }

    fn start(cache: Option<PathBuf>, profile: Profile, program: Option<CompilerProgram>) -> anyhow::Result<Self> {
        let engine = allocate(profile)?;
        let linker =
            host_imports::linker(&engine).map_err(anyhow::Error::msg).context("linking the host's interface")?;
        let clock = engine.weak();
        threads::start(Role::Clock, "wasm-clock", move || tick(&clock)).context("starting the deadline clock")?;
        let cache = cache.and_then(|folder| match Cache::open(&folder, &engine) {
            Ok(cache) => Some(cache),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "compiled plugins are not cached");
                None
            }
        });
        let inner = Inner { engine, linker, cache, profile, program, loaded: Mutex::default() };
        Ok(Self { inner: Arc::new(inner), cancel: Cancel::default() })
    }
}

/// What counts as an instruction: not what the compiler makes disappear, and a copy once, however long it is.
fn costs() -> OperatorCost {
    let mut costs = OperatorCost::new();
    (costs.LocalGet, costs.LocalSet, costs.LocalTee, costs.I32Const, costs.I64Const) = (0, 0, 0, 0, 0);
    costs.variable.memory_copy_per_byte = 0;
    costs.variable.memory_fill_per_byte = 0;
    costs
}

/// Moves the epoch until nobody can run code any more.
pub(super) fn tick(engine: &EngineWeak) {
    loop {
        thread::sleep(TICK);
        match engine.upgrade() {
            Some(engine) => engine.increment_epoch(),
            None => return,
        }
    }
}

/// The engine with pooled memory, or with memory on demand where the address space does not suffice.
fn allocate(profile: Profile) -> anyhow::Result<wasmtime::Engine> {
    if profile.little_space {
        return compiling(profile);
    }
    let mut config = settings(profile)?;
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    wasmtime::Engine::new(&config).or_else(|error| {
        let error = format!("{error:#}");
        tracing::warn!(error, "no pool of memory for plugins: instances are made on demand, which is slower");
        compiling(profile)
    })
}

/// An engine without a pool: all that compiling needs.
///
/// # Errors
/// The machine cannot run the engine at all.
pub(super) fn compiling(profile: Profile) -> anyhow::Result<wasmtime::Engine> {
    let mut config = settings(profile)?;
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    wasmtime::Engine::new(&config).map_err(anyhow::Error::msg).context("starting the Wasm engine")
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES)
        .total_core_instances(INSTANCES * 16)
        .total_memories(INSTANCES)
        .total_tables(INSTANCES * 4)
        .total_gc_heaps(INSTANCES)
        .table_elements(TABLE_ELEMENTS)
        .max_tables_per_module(8)
        // Large modules (an interpreter) have large tables of functions in here.
        .max_core_instance_size(16 << 20)
        .max_component_instance_size(16 << 20);
    pool
}

/// All but the allocation. Guests are deterministic: NaNs are canonical, no threads, no relaxed SIMD.
///
/// # Errors
/// Of a portable profile: the compiler does not know this architecture.
fn settings(profile: Profile) -> anyhow::Result<Config> {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::Backtracking)
        .cranelift_nan_canonicalization(true)
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .wasm_backtrace_max_frames(None)
        .wasm_component_model(true)
        .wasm_simd(true)
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_exceptions(true)
        // The only one that frees cycles.
        .collector(Collector::Copying)
        .wasm_relaxed_simd(false)
        .relaxed_simd_deterministic(true)
        .wasm_memory64(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false);
    if profile.counting {
        config.consume_fuel(true).operator_cost(costs());
    }
    if profile.little_space {
        config.memory_reservation(0).memory_reservation_for_growth(LITTLE_RESERVATION).memory_guard_size(0);
    }
    if profile.portable {
        // With a target that is named, the compiler does not look at the CPU.
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        config.target(&target).map_err(anyhow::Error::msg).context("choosing the code's target")?;
    }
    Ok(config)
}
