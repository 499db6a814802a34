//! The conformance kit over a language's reference plugin, as its project builds it and as its compilers do by themselves.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use weir_tests::paths::project as root;

use super::project::{Project, copy};

/// What the plugin panics with.
const PANIC: &str = "told so by the script";

/// Of a language: where a panic's place is told, the text that a dead letter has to hold.
const PLACES: [(&str, &str); 6] = [
    ("rust", "src/lib.rs:"),
    ("go", "main.go:"),
    ("python", "app.py:"),
    ("javascript", "plugin.js"),
    ("typescript", "plugin"),
    ("assemblyscript", "index.ts:"),
];

/// A way to build the same project that people take who know the compiler and not weir.
struct OtherBuild {
    language: &'static str,
    name: &'static str,
    command: &'static str,
    /// MiB that it needs.
    memory: u32,
}

const OTHER_BUILDS: [OtherBuild; 4] = [
    OtherBuild {
        language: "rust",
        name: "wasm32-wasip1",
        command: "rustup target add wasm32-wasip1
cargo build --release --target wasm32-wasip1 --target-dir target
cp target/wasm32-wasip1/release/plugin.wasm .",
        memory: 32,
    },
    OtherBuild {
        language: "rust",
        name: "wasm32-wasip2",
        command: "rustup target add wasm32-wasip2
cargo build --release --target wasm32-wasip2 --target-dir target
cp target/wasm32-wasip2/release/plugin.wasm .",
        memory: 32,
    },
    OtherBuild {
        language: "javascript",
        name: "componentize-qjs --sync",
        command: "npx componentize-qjs --wit wit -n interceptor --js plugin.js --module-root . --sync -o plugin.wasm",
        memory: 32,
    },
    // Another engine: SpiderMonkey, with stdio, random numbers, clocks and HTTP.
    OtherBuild {
        language: "javascript",
        name: "componentize-js",
        command: "npm install --no-save @bytecodealliance/componentize-js@0.23.0 @bytecodealliance/preview2-shim@0.25.0 esbuild@0.28.2
npx esbuild plugin.js --bundle --format=esm --external:weir:* --outfile=bundled/plugin.js
npx componentize-js bundled/plugin.js --wit wit --world-name interceptor -o plugin.wasm",
        memory: 128,
    },
];

/// Lays the reference plugin over the project, builds it and runs every case; again for the other ways to build it, unless
/// `quick`.
/// Returns how many cases passed, none where the language has no reference plugin.
///
/// # Errors
/// A build fails, or a case.
pub(super) fn run(language: &str, project: &Project, kit: &Path, quick: bool) -> Result<Option<usize>> {
    let reference = root().join("languages").join(language).join("conformance");
    if !reference.is_dir() {
        return Ok(None);
    }
    project.lay_over(&reference)?;
    copy(&root().join("conformance/cases"), &kit.join("cases"))?;
    // What a language cannot give stands beside its plugin.
    let own = reference.join("cases");
    if own.is_dir() {
        copy(&own, &kit.join("cases"))?;
    }
    for command in project.build_commands()? {
        project.run(&command).context("the reference plugin")?;
    }
    let passed = run_cases(language, project, kit, 32)?;
    for build in OTHER_BUILDS.iter().filter(|build| !quick && build.language == language) {
        project.run(build.command).with_context(|| build.name.to_owned())?;
        run_cases(language, project, kit, build.memory).with_context(|| build.name.to_owned())?;
    }
    Ok(Some(passed))
}

fn run_cases(language: &str, project: &Project, kit: &Path, memory: u32) -> Result<usize> {
    let kit_name = kit.display();
    project.run(&format!("weir plugin test --plugin plugin.wasm --memory-mib {memory} '{kit_name}'"))?;
    check_panic(language, project, memory)?;
    Ok(fs::read_dir(kit.join("cases"))?.count())
}

/// A panic's text, and its place where the language tells it, are in the dead letter.
fn check_panic(language: &str, project: &Project, memory: u32) -> Result<()> {
    let script = json!({ "script": ["input value", format!("panic 0=bad {PANIC}")] });
    let config = format!(
        "[kafka]\nbrokers = \"localhost:9092\"\n\n[pipelines.panics]\nfrom = [\"in\"]\ngroup = \"panics\"\nto = \"out\"\ndead_letter = \"dead\"\n\n\
         [[pipelines.panics.interceptors]]\nname = \"reference\"\nplugin = \"./plugin.wasm\"\nmemory = \"{memory}MiB\"\nconfig = {{ script = {} }}\n",
        script["script"],
    );
    fs::write(project.folder.join("panics.toml"), config)?;
    fs::write(project.folder.join("panics.ndjson"), "{\"payload\":\"good\"}\n{\"payload\":\"bad\"}\n")?;
    let said = project.run("weir replay -c panics.toml --input panics.ndjson 2>/dev/null")?;
    let dead: Value = serde_json::from_str(said.lines().last().context("nothing came out")?)?;
    let place = PLACES.iter().find(|(of, _)| *of == language).map(|(_, place)| *place);
    let headers = dead["headers"].as_array().context("a record without headers came out")?;
    let message: String = headers.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n");
    ensure!(message.contains(PANIC), "the dead letter has no text of the panic: {message}");
    ensure!(place.is_none_or(|place| message.contains(place)), "the dead letter has no place of the panic: {message}");
    Ok(())
}
