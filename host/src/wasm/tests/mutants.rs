//! Plugins with a few bytes changed, and valid modules of random code: whatever comes of them, weir goes on.

#![allow(clippy::print_stdout, reason = "the seed and the figures, for whoever looks at a run")]

use std::{
    hash::{BuildHasher as _, RandomState},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};

use weir_tests::rng::Rng;

use super::*;

/// Mutants a run, unless [`COUNT`] says how many.
const MUTANTS: u64 = 2000;
const COUNT: &str = "WEIR_TEST_MUTANTS";
/// To see one run again.
const SEED: &str = "WEIR_TEST_SEED";
const CHILD: &str = "WEIR_TEST_MUTANTS_CHILD";
/// Of [`MUTANTS`] together, on the wall: a minute and a half of CPU time, and the machine may have much else to do.
const LIMIT: Duration = Duration::from_secs(1800);
/// Of one mutant, from its bytes to its answer, on the wall: a start that never ends takes 5 s of CPU time.
const LONGEST: Duration = Duration::from_secs(120);
/// Of the whole process, in KiB.
const MOST_MEMORY: u64 = 1 << 20;

#[test]
fn two_thousand_mutants_of_plugins_cause_no_panic_no_hang_and_no_hunger_for_memory() {
    const NAME: &str =
        "wasm::tests::mutants::two_thousand_mutants_of_plugins_cause_no_panic_no_hang_and_no_hunger_for_memory";
    if let Some(seed) = std::env::var(CHILD).ok().and_then(|seed| seed.parse().ok()) {
        return run(seed);
    }
    let given = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = given.unwrap_or_else(|| RandomState::new().hash_one(0) >> 16);
    // Shown where it fails; an abort or a hang would take the other tests with it, so this runs in a process of its own.
    println!("{SEED}={seed}");
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", NAME, "--nocapture"]).env(CHILD, seed.to_string()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{SEED}={seed}: {}\n{out}\n{err}", output.status);
    println!("{}", out.lines().find(|line| line.contains("loaded")).unwrap_or_default());
}

/// Plugins to begin with: small ones and what is built in, as core modules and as components.
fn originals() -> Vec<Vec<u8>> {
    let mut originals = Vec::new();
    for name in ["identity", "poison", "lookup", "talk", "offsets-outside", "memory-hog", "objects"] {
        let module = wat::parse_bytes(&guest(&format!("{name}.wat"))).unwrap().into_owned();
        originals.push(super::super::componentize::componentize(&module).unwrap());
        originals.push(module);
    }
    originals.extend(weir_plugins::BUILT_INS.iter().map(|built_in| built_in.bytes.to_vec()));
    originals.extend(weir_tests::golden::guests().into_iter().map(|(_, bytes)| bytes));
    originals.sort_by_key(Vec::len);
    originals
}

/// Of so many mutants one is of a large plugin: they take as long as all others.
const LARGE: u64 = 50;
/// Bytes of a small one.
const SMALL: usize = 40_000;
/// Of so many mutants one is a module of random code.
const GENERATED: u64 = 5;
fn mutant(originals: &[Vec<u8>], generated: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let small = originals.partition_point(|original| original.len() < SMALL);
    let mut bytes = if rng.below(GENERATED) == 0 {
        generated[rng.below(generated.len() as u64) as usize].clone()
    } else if rng.below(LARGE) == 0 {
        originals[small + rng.below((originals.len() - small) as u64) as usize].clone()
    } else {
        originals[rng.below(small as u64) as usize].clone()
    };
    // Random code is run as it is now and then.
    if rng.below(GENERATED) == 0 {
        return bytes;
    }
    for _ in 0..=rng.below(6) / 4 {
        let at = rng.below(bytes.len().max(1) as u64) as usize;
        match rng.below(12) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, rng.next_u64() as u8),
            2 => drop(bytes.drain(at..(at + 1 + rng.below(4) as usize).min(bytes.len()))),
            // Numbers that are too large for what they count.
            3 if at + 5 <= bytes.len() => bytes[at..at + 5].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x0f]),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << rng.below(8);
                }
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

fn run(seed: u64) {
    let mutants = std::env::var(COUNT).ok().and_then(|count| count.parse().ok()).unwrap_or(MUTANTS);
    let (originals, generated) = (originals(), weir_tests::golden::random_modules());
    let (engine, sandboxed) = (Engine::new(None).unwrap(), compiling::sandboxed());
    let next = AtomicU64::new(0);
    let slowest = Mutex::new((Duration::ZERO, 0));
    let loaded = AtomicU64::new(0);
    let (done, wait) = mpsc::channel::<()>();
    let limit = LIMIT * mutants.div_ceil(MUTANTS) as u32;
    thread::spawn(move || {
        if wait.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
            println!("still running after {limit:?}");
            std::process::exit(1);
        }
    });
    let (began, hands) = (Instant::now(), thread::available_parallelism().map_or(2, usize::from));
    thread::scope(|scope| {
        for _ in 0..hands {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= mutants {
                        return;
                    }
                    let bytes = mutant(&originals, &generated, &mut Rng::new(seed ^ number << 40));
                    let begun = Instant::now();
                    // Some in the way of `weir run`; a process for each would take minutes.
                    let engine = if number.is_multiple_of(20) { &sandboxed } else { &engine };
                    loaded.fetch_add(u64::from(exercise(engine, &bytes)), Ordering::Relaxed);
                    let mut slowest = slowest.lock().unwrap();
                    *slowest = (*slowest).max((begun.elapsed(), number));
                }
            });
        }
    });
    drop(done);
    let (time, number) = *slowest.lock().unwrap();
    let memory = most_memory();
    let loaded = loaded.into_inner();
    println!("{loaded} of {mutants} loaded in {:?}; slowest: {number} with {time:?}; {memory} KiB", began.elapsed());
    assert!(time < LONGEST, "mutant {number} took {time:?}");
    assert!(memory < MOST_MEMORY, "{memory} KiB");
    assert!(loaded > mutants / 40, "too few of them get as far as to be run: {loaded}");
}

/// Loads, describes, configures and calls a plugin, whatever each of them says; whether it could be loaded.
fn exercise(engine: &Engine, bytes: &[u8]) -> bool {
    let Ok(plugin) = engine.load(bytes) else { return false };
    let _ = plugin.describe(LIMITS);
    if let Ok((mut instance, _)) = plugin.set_up_within(&setup(), Duration::from_millis(50)) {
        let _ = call(&mut instance, &[b"one", b"!w", b""]);
        let _ = instance.take_said();
    }
    true
}

/// The most memory that this process has had, in KiB.
fn most_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
