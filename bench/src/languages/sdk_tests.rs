//! The tests that stand beside a language's SDK (`languages/LANGUAGE/tests`), with the tools that its project brought.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use weir_tests::paths::project as root;

use super::project::{Project, copy};

/// A language and what runs its tests, in the folder that holds them; the README there or their first lines say the same.
/// Rust's are the package's own, WAT has no SDK.
const TESTS: [(&str, &str); 8] = [
    (
        "c",
        "cc -std=c11 -Wall -Wextra -Werror -g -fsanitize=address,undefined -I ../template weir_test.c -o weir_test
./weir_test",
    ),
    (
        "cpp",
        "c++ -std=c++20 -Wall -Wextra -Werror -g -fsanitize=address,undefined -I ../template weir_test.cpp -o weir_test
./weir_test",
    ),
    ("zig", "python -m ziglang test --dep weir -Mroot=weir_test.zig -Mweir=../template/weir.zig"),
    ("go", "go vet ./... && go test ./..."),
    ("python", "python -m unittest"),
    ("javascript", "node --import ./host.mjs --test"),
    ("typescript", "npm install && npm test"),
    (
        "assemblyscript",
        "../template/node_modules/.bin/asc plugin.ts -O3 --runtime minimal --use abort=../template/assembly/weir/abort \
         --transform ../template/exports.mjs -o plugin.wasm
weir plugin test --plugin plugin.wasm .",
    ),
];

/// Runs the tests of a language's SDK, if it has any, on a copy under `folder`.
///
/// # Errors
/// They fail; what they said. There are tests that nobody says how to run.
pub(super) fn run(language: &str, project: &Project, folder: &Path) -> Result<()> {
    let Some((_, command)) = TESTS.iter().find(|(of, _)| *of == language) else {
        ensure!(!root().join("languages").join(language).join("tests").is_dir(), "nothing runs the tests of its SDK");
        return Ok(());
    };
    let languages = folder.join("languages");
    // Templates hold a copy of the interface, and the tests compare it.
    copy(&root().join("guest-sdk/wit"), &folder.join("guest-sdk/wit"))?;
    for part in ["template", "tests"] {
        copy(&root().join("languages").join(language).join(part), &languages.join(language).join(part))?;
    }
    // One is made from the other, and its test compares them.
    if language == "typescript" {
        copy(&root().join("languages/javascript/template"), &languages.join("javascript/template"))?;
    }
    let installed = project.folder.join("node_modules");
    if installed.is_dir() {
        let link = languages.join(language).join("template/node_modules");
        if !fs::exists(&link)? {
            std::os::unix::fs::symlink(installed, link)?;
        }
    }
    let tests = languages.join(language).join("tests");
    let own = project.folder.join(".venv/bin");
    project
        .run(&format!("cd '{}'\nPATH='{}':\"$PATH\"\n{command}", tests.display(), own.display()))
        .context("the tests of the SDK")?;
    Ok(())
}
