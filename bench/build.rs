//! Tells the suite what it was built with.

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let told = Command::new(rustc).arg("--version").output().ok();
    let told = told.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let version = told.split_whitespace().nth(1).unwrap_or("unknown");
    println!("cargo::rustc-env=WEIR_BENCH_RUSTC={version}");
    // PROFILE says `release` for every profile that inherits from it; the folder of the profile says which it is.
    let out = env::var("OUT_DIR").unwrap_or_default();
    let profile = std::path::Path::new(&out).ancestors().nth(3).and_then(|folder| folder.file_name()?.to_str());
    println!("cargo::rustc-env=WEIR_BENCH_PROFILE={}", profile.unwrap_or("unknown"));
}
