//! Runs a work under callgrind and reads what it counted.

use std::{collections::HashMap, fs, path::Path, process::Command};

use anyhow::{Context as _, bail};

use super::work;

/// Instructions that the measured part of a work took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Instructions {
    /// Those of the host. Code that the Wasm engine made is left out, with what it calls of the engine: fuel counts it
    /// better.
    pub(super) host: u64,
    /// Those of the host and of code that the engine made.
    ///
    /// That code is made for any CPU of the architecture, since valgrind shows another one than the machine has. Where it
    /// calls the engine in place of an instruction that some CPUs lack, the call counts, which is in the made code, and what
    /// is called does not: code for the machine has one instruction there.
    pub(super) all: u64,
}

/// Counts what the measured part of `name` takes.
pub(super) fn count(name: &str, cache: &Path) -> anyhow::Result<Instructions> {
    let out = cache.with_file_name(format!("callgrind.{name}"));
    let program = std::env::current_exe()?;
    // Compiled plugins are in the cache afterwards; under valgrind to compile them takes minutes.
    let status = Command::new(&program).args(["gate-work", name]).arg(cache).status()?;
    if !status.success() {
        bail!("{name}: {status}");
    }
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        // Only while this function runs is anything counted.
        .arg(format!("--toggle-collect=*{}*", work::MEASURED))
        // Wasm code is written while the program runs.
        .arg("--smc-check=all-non-file")
        .arg(program)
        .args(["gate-work", name])
        .arg(cache)
        .output()
        .context("the gate counts instructions with valgrind: install it (apt install valgrind)")?;
    if !output.status.success() {
        bail!("{name} under valgrind: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let text = fs::read_to_string(&out).with_context(|| out.display().to_string())?;
    match instructions(&text) {
        Instructions { all: 0, .. } => {
            bail!("{name}: callgrind counted nothing: is there a function of the name {}?", work::MEASURED)
        }
        count => Ok(count),
    }
}

/// What the engine has for made code to call.
const CALLED_BY_MADE_CODE: &str = "wasmtime::runtime::vm::libcalls::";
/// Of these, what stands in place of an instruction that code for any CPU does not use.
const IN_PLACE_OF_INSTRUCTIONS: [&str; 6] = ["i8x16_", "ceil_f", "floor_f", "trunc_f", "nearest_f", "fma_f"];

/// Whose instructions a function's are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Host,
    /// Of the engine, called by made code and by code for the machine alike.
    MadeCode,
    /// Of the engine, where code for the machine has an instruction.
    Nobody,
}

impl Whose {
    fn of(function: &str) -> Self {
        match function.split_once(CALLED_BY_MADE_CODE) {
            None => Self::Host,
            Some((_, called)) => {
                let called = called.trim_start_matches("raw::");
                let is_instruction = IN_PLACE_OF_INSTRUCTIONS.iter().any(|prefix| called.starts_with(prefix));
                if is_instruction { Self::Nobody } else { Self::MadeCode }
            }
        }
    }
}

/// The own cost of all functions. The format: "Callgrind Format Specification" of valgrind's manual.
fn instructions(text: &str) -> Instructions {
    // `ob=(3) /path` gives number 3 its name, `ob=(3)` uses it; functions are numbered for themselves.
    let mut in_file: HashMap<&str, bool> = HashMap::new();
    let mut owners: HashMap<&str, Whose> = HashMap::new();
    let mut stands_in_file = true;
    let mut whose = Whose::Host;
    let mut is_callee = false;
    let mut sum = Instructions::default();
    for line in text.lines() {
        if let Some(object) = line.strip_prefix("ob=") {
            stands_in_file = is_file(object, &mut in_file);
        } else if let Some(object) = line.strip_prefix("cob=") {
            is_file(object, &mut in_file);
        } else if let Some(function) = line.strip_prefix("fn=") {
            whose = remembered(function, &mut owners, Whose::of).unwrap_or(Whose::Host);
        } else if let Some(function) = line.strip_prefix("cfn=") {
            remembered(function, &mut owners, Whose::of);
        } else if line.starts_with("calls=") {
            // The next line is what the callee cost, which counts where it stands itself.
            is_callee = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            if !is_callee {
                let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse().ok()).unwrap_or(0);
                sum.all += if whose == Whose::Nobody { 0 } else { cost };
                sum.host += if stands_in_file && whose == Whose::Host { cost } else { 0 };
            }
            is_callee = false;
        }
    }
    sum
}

fn is_file<'a>(object: &'a str, known: &mut HashMap<&'a str, bool>) -> bool {
    // What stands in no file is called ???.
    remembered(object, known, |name| name.starts_with('/')).unwrap_or(false)
}

/// What is known of a name that stands behind its number once and is told by the number alone ever after.
fn remembered<'a, T: Copy>(
    written: &'a str,
    known: &mut HashMap<&'a str, T>,
    learn: impl FnOnce(&str) -> T,
) -> Option<T> {
    match written.split_once(' ') {
        Some((number, name)) => {
            let learnt = learn(name);
            known.insert(number, learnt);
            Some(learnt)
        }
        None => known.get(written).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Instructions, instructions};

    #[test]
    fn own_costs_are_added_up_without_those_of_callees_and_of_what_stands_in_place_of_an_instruction() {
        let text = "version: 1\nevents: Ir\n\nob=(1) /bin/weir\nfl=(1) ???\nfn=(1) run\n0 10\ncob=(2) ???\n\
                    cfn=(2) 0x1234\ncalls=3 0\n0 5000\n+4 7\n\nob=(2)\nfn=(2)\n0 4000\n\nob=(1)\nfn=(3) other\n0 100\n\
                    fn=(4) wasmtime::runtime::vm::libcalls::raw::i8x16_shuffle\n0 300\n\n\
                    fn=(5) wasmtime::runtime::vm::libcalls::i8x16_shuffle\n0 60\n\n\
                    fn=(6) wasmtime::runtime::vm::libcalls::raw::memory_copy\n0 20\n\nfn=(3)\n0 10\n\ntotals: 5507\n";
        assert_eq!(instructions(text), Instructions { host: 127, all: 4147 });
    }
}
