//! Compiles plugins of the workspace to WebAssembly components, with a cargo of its own: the target of the crate whose
//! build script this is part of is the host's. The benchmark's build script includes it too.

use std::{
    env, fmt, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

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

/// Compiles these packages, each a plugin, and answers for each where its component stands: in `OUT_DIR`, named after the
/// package.
///
/// # Errors
/// What the compiler says.
pub(crate) fn build(packages: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let workspace = workspace()?;
    for input in ["Cargo.toml", "Cargo.lock", "guest-sdk/Cargo.toml", "guest-sdk/src", "guest-sdk/wit", "rules/src"] {
        println!("cargo::rerun-if-changed={}", workspace.join(input).display());
    }
    // One for all profiles and for clippy, whose OUT_DIRs differ: the same plugins need not be compiled again for each.
    let target = out.ancestors().nth(4).unwrap_or(&out).join("guests");
    compile(&workspace, &target, packages)?;
    let component = |package: &String| {
        let module = target.join(TARGET).join("guest").join(format!("{}.wasm", package.replace('-', "_")));
        let component = out.join(format!("{package}.wasm"));
        write_if_changed(&component, &componentize(&module)?)?;
        Ok(component)
    };
    packages.iter().map(component).collect()
}

/// The folder above that of the crate whose build script this is.
///
/// # Errors
/// It is not there.
pub(crate) fn workspace() -> Result<PathBuf, Failure> {
    Ok(PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?)
}

fn compile(workspace: &Path, target: &Path, packages: &[String]) -> Result<(), Failure> {
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
    for package in packages {
        cargo.arg("-p").arg(package);
    }
    let output = cargo.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure(format!(
        "these plugins do not compile (is the target there? `rustup target add {TARGET}`):\n{}",
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
pub(crate) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    fs::write(path, bytes)?;
    Ok(())
}

/// What went wrong, as cargo shows it.
pub(crate) struct Failure(pub(crate) String);

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
