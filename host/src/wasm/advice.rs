//! What the author of a plugin can do, in the words of the tool that made it.

use std::path::Path;

use wasmparser::{Validator, WasmFeatures};

use super::Anatomy;

/// Returns how the tool that made a plugin leaves out the parts of WASI that weir refuses; none where it is not known or has
/// no way.
pub fn leave_out_wasi(anatomy: &Anatomy) -> Option<&'static str> {
    const TOOLS: [(&str, &str); 3] = [
        // What componentize-py snapshots with; it leaves no name of its own.
        ("component-init-transform", "componentize-py leaves out what the program does not use with `--stub-wasi`"),
        ("ComponentizeJS", "componentize-js leaves it out with `--disable stdio random clocks http fetch-event`"),
        // Of these two a component tells the same.
        (
            "rustc",
            "leave it out: in Rust with `--target wasm32-unknown-unknown`, in componentize-qjs with `--stub-wasi`",
        ),
    ];
    // Adapters written in Rust are part of components of any language.
    let is_rust = anatomy.producers.get("language").is_some_and(|all| all.keys().all(|name| name == "Rust"));
    let tools = TOOLS.iter().filter(|(tool, _)| *tool != "rustc" || is_rust);
    tools.copied().find(|(tool, _)| anatomy.is_made_by(tool)).map(|(_, advice)| advice)
}

/// Returns how a source file becomes a plugin; none where the ending is not that of a language with a page in the
/// documentation.
pub fn how_to_build(path: &Path) -> Option<&'static str> {
    Some(match path.extension()?.to_str()? {
        "py" => "build it: `componentize-py -d wit -w interceptor componentize --stub-wasi NAME -o plugin.wasm`",
        "go" => "build it: `GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o plugin.wasm .`",
        "js" | "mjs" => {
            "build it: `componentize-qjs --wit wit -n interceptor --js FILE --sync --stub-wasi -o plugin.wasm`"
        }
        "ts" => "compile it to JavaScript, or with AssemblyScript's `asc`, as `weir plugin new --lang` shows",
        "rs" => "build it: `cargo build --release --target wasm32-unknown-unknown`",
        "c" => "build it: `zig cc -target wasm32-freestanding -O3 -nostdlib -Wl,--no-entry FILE -o plugin.wasm`",
        "cpp" | "cc" => {
            "build it: `zig c++ -target wasm32-wasi -O3 -mexec-model=reactor -fno-exceptions FILE -o plugin.wasm`"
        }
        "zig" => "build it: `zig build-exe FILE -target wasm32-freestanding -O ReleaseFast -fno-entry -rdynamic`",
        _ => return None,
    })
}

/// Extensions of WebAssembly that compilers use and weir does not run, and what helps.
const EXTENSIONS: [(WasmFeatures, &str, &str); 5] = [
    (
        WasmFeatures::LEGACY_EXCEPTIONS,
        "the old exception handling",
        "compile for the standard one (`exnref`: `-mllvm -wasm-use-legacy-eh=false` for C++) or without: `-fno-exceptions`",
    ),
    (WasmFeatures::THREADS, "threads and shared memory", "compile for one thread"),
    (WasmFeatures::MEMORY64, "memories of 64 bits", "compile for wasm32"),
    (WasmFeatures::CM_ASYNC, "asynchronous functions", "build it synchronous: `--sync` of componentize-qjs"),
    (WasmFeatures::STACK_SWITCHING, "stack switching", "compile without it"),
];

/// Returns which extensions a plugin needs that weir does not run, and what helps; none where that is not what is wrong with
/// it.
pub(super) fn missing_extensions(wasm: &[u8]) -> Option<String> {
    let is_valid = |features| Validator::new_with_features(features).validate_all(wasm).is_ok();
    let all = WasmFeatures::all();
    if !is_valid(all) {
        return None;
    }
    let needed: Vec<_> = EXTENSIONS.iter().filter(|(extension, ..)| !is_valid(all - *extension)).collect();
    let names: Vec<&str> = needed.iter().map(|(_, name, _)| *name).collect();
    let mut cures: Vec<&str> = needed.iter().map(|(.., cure)| *cure).collect();
    cures.dedup();
    if names.is_empty() {
        return None;
    }
    Some(format!("needs {}, which weir does not run: {}", names.join(" and "), cures.join("; ")))
}
