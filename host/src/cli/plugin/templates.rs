//! The projects that `weir plugin new` makes, as they stand in `languages/`; a test compares the list with the folders.

/// The name that stands in every template where the user's belongs.
pub(super) const PLACEHOLDER: &str = "my-plugin";

/// A language that has a template.
pub(super) struct Language {
    /// As `--lang` takes it.
    pub(super) name: &'static str,
    /// As people write it.
    pub(super) title: &'static str,
    /// Path in the project, and text.
    pub(super) files: &'static [(&'static str, &'static str)],
}

macro_rules! template {
    ($name:literal, $title:literal, [$($file:literal),* $(,)?]) => {
        Language {
            name: $name,
            title: $title,
            files: &[$(($file, include_str!(concat!("../../../../languages/", $name, "/template/", $file)))),*],
        }
    };
}

/// In the order of the documentation.
pub(super) const LANGUAGES: &[Language] = &[
    template!(
        "rust",
        "Rust",
        [
            ".cargo/config.toml",
            ".gitignore",
            "Cargo.toml",
            "README.md",
            "cases/dead-letters.json",
            "cases/drop-option.json",
            "cases/drops.json",
            "cases/headers.json",
            "cases/mistakes.json",
            "cases/routes.json",
            "events.ndjson",
            "rust-toolchain.toml",
            "src/lib.rs",
            "tests/native.rs",
            "weir.toml"
        ]
    ),
    template!(
        "c",
        "C",
        [
            ".clang-format",
            ".gitignore",
            "README.md",
            "cases/another-type-is-dropped.json",
            "cases/clicks-and-views.json",
            "cases/dropped-by-default.json",
            "cases/without-a-user.json",
            "events.ndjson",
            "plugin.c",
            "requirements.txt",
            "weir.h",
            "weir.toml"
        ]
    ),
    template!(
        "cpp",
        "C++",
        [
            ".clang-format",
            ".gitignore",
            "README.md",
            "cases/another-type-is-dropped.json",
            "cases/clicks-and-views.json",
            "cases/dropped-by-default.json",
            "cases/without-a-user.json",
            "events.ndjson",
            "plugin.cpp",
            "requirements.txt",
            "weir.h",
            "weir.hpp",
            "weir.toml"
        ]
    ),
    template!(
        "zig",
        "Zig",
        [
            ".gitignore",
            "README.md",
            "cases/dead-letters.json",
            "cases/drop-option.json",
            "cases/drops.json",
            "cases/headers.json",
            "cases/mistakes.json",
            "cases/routes.json",
            "events.ndjson",
            "plugin.zig",
            "requirements.txt",
            "weir.toml",
            "weir.zig"
        ]
    ),
    template!(
        "go",
        "Go",
        [
            ".gitignore",
            "README.md",
            "cases/another-type-is-dropped.json",
            "cases/clicks-and-views.json",
            "cases/dropped-by-default.json",
            "cases/without-a-user.json",
            "events.ndjson",
            "go.mod",
            "main.go",
            "main_test.go",
            "weir.toml",
            "weir/abi_wasip1.go",
            "weir/batch.go",
            "weir/config.go",
            "weir/edits.go",
            "weir/native.go",
            "weir/plan.go",
            "weir/weir.go"
        ]
    ),
    template!(
        "python",
        "Python",
        [
            ".gitignore",
            "README.md",
            "app.py",
            "cases/clicks.json",
            "cases/dropped.json",
            "cases/no-user.json",
            "cases/others.json",
            "cases/views.json",
            "events.ndjson",
            "requirements.txt",
            "weir.py",
            "weir.toml",
            "wit/interceptor.wit"
        ]
    ),
    template!(
        "javascript",
        "JavaScript",
        [
            ".gitignore",
            "README.md",
            "cases/clicks.json",
            "cases/dropped.json",
            "cases/no-user.json",
            "cases/others.json",
            "cases/views.json",
            "events.ndjson",
            "package.json",
            "plugin.js",
            "weir.d.ts",
            "weir.js",
            "weir.toml",
            "wit/interceptor.wit"
        ]
    ),
    template!(
        "typescript",
        "TypeScript",
        [
            ".gitignore",
            "README.md",
            "cases/clicks.json",
            "cases/dropped.json",
            "cases/no-user.json",
            "cases/others.json",
            "cases/views.json",
            "events.ndjson",
            "host.d.ts",
            "package.json",
            "plugin.ts",
            "tsconfig.json",
            "weir.toml",
            "weir.ts",
            "wit/interceptor.wit"
        ]
    ),
    template!(
        "assemblyscript",
        "AssemblyScript",
        [
            ".gitignore",
            ".prettierrc.json",
            "README.md",
            "asconfig.json",
            "assembly/index.ts",
            "assembly/json.ts",
            "assembly/tsconfig.json",
            "assembly/weir.ts",
            "cases/dead-letters.json",
            "cases/drop-option.json",
            "cases/drops.json",
            "cases/headers.json",
            "cases/mistakes.json",
            "cases/routes.json",
            "events.ndjson",
            "exports.mjs",
            "package.json",
            "weir.toml"
        ]
    ),
    template!(
        "wat",
        "WebAssembly text",
        [
            ".gitignore",
            "README.md",
            "cases/dead-letters.json",
            "cases/drops.json",
            "cases/headers.json",
            "cases/mistakes.json",
            "cases/routes.json",
            "events.ndjson",
            "plugin.wat",
            "weir.toml"
        ]
    ),
];
