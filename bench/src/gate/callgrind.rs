//! Runs a work under callgrind and reads what it counted.

use std::{collections::HashMap, fs, path::Path, process::Command};

use anyhow::{Context as _, bail};

use super::work;

/// Native instructions of the host that the measured part of `name` took. Code that the Wasm engine made is left out:
/// it depends on the machine's CPU, and fuel counts it better.
pub(super) fn count(name: &str, cache: &Path) -> anyhow::Result<u64> {
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
    match host_instructions(&text) {
        0 => bail!("{name}: callgrind counted nothing: is there a function of the name {}?", work::MEASURED),
        count => Ok(count),
    }
}

/// What the engine calls in place of an instruction that code for any CPU does not use: it belongs to the code it made.
const IN_PLACE_OF_INSTRUCTIONS: &str = "wasmtime::runtime::vm::libcalls::";

/// The own cost of all functions in object files. The format: "Callgrind Format Specification" of valgrind's manual.
fn host_instructions(text: &str) -> u64 {
    // `ob=(3) /path` gives number 3 its name, `ob=(3)` uses it; functions are numbered for themselves.
    let mut in_file: HashMap<&str, bool> = HashMap::new();
    let mut of_host: HashMap<&str, bool> = HashMap::new();
    let mut counts = true;
    let mut is_host = true;
    let mut is_callee = false;
    let mut sum = 0;
    for line in text.lines() {
        if let Some(object) = line.strip_prefix("ob=") {
            counts = is_file(object, &mut in_file);
        } else if let Some(object) = line.strip_prefix("cob=") {
            is_file(object, &mut in_file);
        } else if let Some(function) = line.strip_prefix("fn=") {
            is_host = remembered(function, &mut of_host, |name| !name.contains(IN_PLACE_OF_INSTRUCTIONS));
        } else if let Some(function) = line.strip_prefix("cfn=") {
            remembered(function, &mut of_host, |name| !name.contains(IN_PLACE_OF_INSTRUCTIONS));
        } else if line.starts_with("calls=") {
            // The next line is what the callee cost, which counts where it stands itself.
            is_callee = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            if counts && is_host && !is_callee {
                sum += line.split_whitespace().nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or(0);
            }
            is_callee = false;
        }
    }
    sum
}

fn is_file<'a>(object: &'a str, known: &mut HashMap<&'a str, bool>) -> bool {
    // What stands in no file is called ???.
    remembered(object, known, |name| name.starts_with('/'))
}

/// What holds of a name that stands behind its number once and is told by the number alone ever after.
fn remembered<'a>(written: &'a str, known: &mut HashMap<&'a str, bool>, holds: impl FnOnce(&str) -> bool) -> bool {
    match written.split_once(' ') {
        Some((number, name)) => {
            let holds = holds(name);
            known.insert(number, holds);
            holds
        }
        None => known.get(written).copied().unwrap_or(false),
    }
}

#[cfg(test)]
mod tests {
    use super::host_instructions;

    #[test]
    fn own_costs_in_files_are_added_up_and_those_of_callees_and_of_made_code_are_not() {
        let text = "version: 1\nevents: Ir\n\nob=(1) /bin/weir\nfl=(1) ???\nfn=(1) run\n0 10\ncob=(2) ???\n\
                    cfn=(2) 0x1234\ncalls=3 0\n0 5000\n+4 7\n\nob=(2)\nfn=(2)\n0 4000\n\nob=(1)\nfn=(3) other\n0 100\n\
                    fn=(4) wasmtime::runtime::vm::libcalls::raw::i8x16_shuffle\n0 300\n\nfn=(3)\n0 10\n\ntotals: 5427\n";
        assert_eq!(host_instructions(text), 127);
    }
}
