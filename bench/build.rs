//! Compiles the suite's own plugin, and tells the suite what it was built with.

#[path = "../plugins/build/guests.rs"]
mod guests;

use std::{env, path::Path, process::Command};

fn main() -> Result<(), guests::Failure> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../plugins/build");
    println!("cargo::rerun-if-changed=guest/src");
    println!("cargo::rerun-if-changed=guest/Cargo.toml");
    for component in guests::build(&["weir-bench-guest".to_owned()])? {
        println!("cargo::rustc-env=WEIR_BENCH_GUEST={}", component.display());
    }

    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let told = Command::new(rustc).arg("--version").output().ok();
    let told = told.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let version = told.split_whitespace().nth(1).unwrap_or("unknown");
    println!("cargo::rustc-env=WEIR_BENCH_RUSTC={version}");
    // PROFILE says `release` for every profile that inherits from it; the folder of the profile says which it is.
    let out = env::var("OUT_DIR")?;
    let profile = Path::new(&out).ancestors().nth(3).and_then(|folder| folder.file_name()?.to_str());
    println!("cargo::rustc-env=WEIR_BENCH_PROFILE={}", profile.unwrap_or("unknown"));
    Ok(())
}
