//! Compiles the built-in plugins to WebAssembly components, with a cargo of its own: this crate's target is the host's.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// Folder, plugin and crate (with `weir-` before it) have the same name.
const PLUGINS: [&str; 5] = ["regex-extractor", "header-enricher", "timestamp-fixer", "mod-router", "header-router"];

const TARGET: &str = "wasm32-unknown-unknown";

/// Every engine that weir runs on has these; without simd128 searching bytes takes 2.6 times as long.
const FEATURES: &str = "-Ctarget-feature=+simd128,+bulk-memory,+sign-ext,+nontrapping-fptoint";

/// What cargo and clippy tell a build script about the build it belongs to, and which must not leak into another one.
const FOREIGN: [&str; 11] = [
    "CARGO_BUILD_",
    "CARGO_CFG_",
    "CARGO_ENCODED_",
    "CARGO_FEATURE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CLIPPY_",
    "RUSTC_W",
    "RUSTFLAGS",
];

fn main() -> Result<(), Failure> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?;
    for watched in ["Cargo.toml", "Cargo.lock", "guest-sdk/Cargo.toml", "guest-sdk/src", "guest-sdk/wit"] {
        println!("cargo::rerun-if-changed={}", workspace.join(watched).display());
    }
    for plugin in PLUGINS {
        let folder = workspace.join("plugins").join(plugin);
        println!("cargo::rerun-if-changed={}", folder.join("Cargo.toml").display());
        println!("cargo::rerun-if-changed={}", folder.join("src").display());
    }
    println!("cargo::rerun-if-changed=build.rs");

    // One for all profiles and for clippy, whose OUT_DIRs differ: the same plugins need not be compiled again for each.
    let target = out.ancestors().nth(4).unwrap_or(&out).join("guests");
    compile(&workspace, &target)?;
    let mut list =
        String::from("/// Every built-in, in the order of the documentation.\npub const BUILT_INS: &[BuiltIn] = &[\n");
    for plugin in PLUGINS {
        let module = target.join(TARGET).join("guest").join(format!("weir_{}.wasm", plugin.replace('-', "_")));
        let component = out.join(format!("{plugin}.wasm"));
        write_if_changed(&component, &componentize(&module)?)?;
        list += &format!("    BuiltIn {{ name: {plugin:?}, bytes: include_bytes!({component:?}) }},\n");
    }
    list += "];\n";
    write_if_changed(&out.join("built_ins.rs"), list.as_bytes())?;
    Ok(())
}

fn compile(workspace: &Path, target: &Path) -> Result<(), Failure> {
    let mut cargo = Command::new(env::var("CARGO")?);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| FOREIGN.iter().any(|prefix| name.starts_with(prefix))) {
            cargo.env_remove(name);
        }
    }
    // Paths of this machine have no place in the binary, and without them the bytes are the same on every machine.
    let mut flags = vec![FEATURES.to_owned(), format!("--remap-path-prefix={}=weir", workspace.display())];
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    if let Some(home) = home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"))) {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    cargo.current_dir(workspace);
    cargo
        .args(["build", "--quiet", "--locked", "--profile", "guest", "--target", TARGET, "--lib", "--target-dir"])
        .arg(target);
    for plugin in PLUGINS {
        cargo.arg("-p").arg(format!("weir-{plugin}"));
    }
    let output = cargo.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure(format!(
        "the built-in plugins do not compile (is the target there? `rustup target add {TARGET}`):\n{}",
        String::from_utf8_lossy(&output.stderr)
    )))
}

/// A component is what weir loads fastest; the module brings the description of its own interface.
fn componentize(module: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = fs::read(module)?;
    let encoded =
        wit_component::ComponentEncoder::default().validate(true).module(&bytes).and_then(|mut it| it.encode());
    encoded.map_err(|error| Failure(format!("{}: {error:#}", module.display())))
}

/// What did not change keeps its time, so that nothing is compiled again because of it.
fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    fs::write(path, bytes)?;
    Ok(())
}

/// What went wrong, as cargo shows it.
struct Failure(String);

impl fmt::Debug for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<env::VarError> for Failure {
    fn from(error: env::VarError) -> Self {
        Self(error.to_string())
    }
}
