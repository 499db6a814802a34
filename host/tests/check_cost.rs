//! What `check` costs grows with the configuration, not with its square, plugins included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use std::{fs, path::Path, time::Duration};

use rustix::time::{ClockId, clock_gettime};
use weir::{
    chain::Blueprint,
    config::{self, Mistakes},
    wasm::Engine,
};

/// What `check` does with a configuration; returns its mistakes.
fn check(engine: &Engine, path: &Path) -> Mistakes {
    let (config, mut mistakes) = match config::load_or_part(path, config::References::Resolve, config::Probes::Read) {
        Ok(config) => (Some(config), Mistakes::default()),
        Err(part) => (part.rest, part.mistakes),
    };
    if let Some(config) = &config {
        for pipeline in config.pipelines.values() {
            if let Err(more) = Blueprint::build(engine, config, pipeline, "".into()) {
                mistakes.append(more);
            }
        }
    }
    drop(mistakes.render(false));
    mistakes
}

/// CPU time of this thread, in which plugins are configured.
fn now() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Ten times the lines cost at most forty times as much: a quadratic cost would be a hundred, and caches and neighbours
/// make up to thirty of ten.
#[track_caller]
fn is_linear(name: &str, n: usize, plugin: &str, config: impl Fn(usize) -> String) -> Mistakes {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::new(Some(folder.path().join("cache"))).unwrap();
    let path = folder.path().join("weir.toml");
    let cost = |n: usize| {
        let head = "[kafka]\nbrokers = 'localhost:9092'\n[pipelines.a]\nfrom = ['x']\ngroup = 'g'\nto = 'y'\ntopics = ['t*']\n";
        let text = format!(
            "{head}[[pipelines.a.interceptors]]\nplugin = '{plugin}'\n[pipelines.a.interceptors.config]\n{}",
            config(n)
        );
        assert!(text.len() <= 1 << 20, "{name}: {} bytes are more than is read", text.len());
        fs::write(&path, text).unwrap();
        let mut mistakes = Mistakes::default();
        let tries = (0..3).map(|_| {
            let before = now();
            mistakes = check(&engine, &path);
            now() - before
        });
        (tries.min().unwrap(), mistakes)
    };
    // What loading the plugin costs is the same for all.
    let (least, _) = cost(0);
    let ((small, _), (large, mistakes)) = (cost(n), cost(10 * n));
    let (small, large) = (small.saturating_sub(least), large.saturating_sub(least));
    let told = format!(
        "{name}: {small:?} for {n}, {large:?} for ten times that, above {least:?}: {} mistakes",
        mistakes.count()
    );
    println!("{told}; {:?}", mistakes.listed().first().map(|first| &first.message));
    assert!(large <= 40 * small + Duration::from_millis(50), "{told}");
    mistakes
}

fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

#[test]
fn rules_of_a_regex_extractor() {
    let rules = |rule: fn(usize) -> String| move |n| format!("rules = [\n{}]\n", lines(n, rule));
    let wrong = is_linear("unknown keys", 1000, "regex-extractor", rules(|at| format!("{{ patern = 'a{at}' }},\n")));
    assert!(wrong.count() >= 10_000, "{}", wrong.count());
    is_linear("a wrong expression", 1000, "regex-extractor", rules(|at| format!("{{ pattern = '(a{at}' }},\n")));
    is_linear(
        "a blank header",
        1000,
        "regex-extractor",
        rules(|at| format!("{{ pattern = '(a{at})', headers = [' '] }},\n")),
    );
}

#[test]
fn templates_of_a_header_enricher() {
    let headers = |header: fn(usize) -> String| move |n| format!("headers = [\n{}]\n", lines(n, header));
    is_linear(
        "open braces",
        1000,
        "header-enricher",
        headers(|at| format!("{{ name = 'h{at}', value = 'x{{{at}' }},\n")),
    );
    is_linear("numbers", 1000, "header-enricher", headers(|at| format!("{{ name = 'h{at}', value = {at} }},\n")));
    is_linear(
        "zones",
        1000,
        "header-enricher",
        headers(|at| format!("{{ name = 'h{at}', value = '', zone = 'Z{}' }},\n", at % 7)),
    );
    // An interceptor may have 1,024 inputs.
    is_linear(
        "templates",
        100,
        "header-enricher",
        headers(|at| format!("{{ name = 'h{at}', value = '{{x{at}}}' }},\n")),
    );
    is_linear("renames", 100, "header-enricher", |n| {
        format!("rename = [\n{}]\n", lines(n, |at| format!("{{ from = 'a{at}', to = 'b{at}' }},\n")))
    });
}

#[test]
fn topics_of_the_routers() {
    is_linear("a table", 2000, "header-router", |n| {
        format!(
            "header = 'h'\n[pipelines.a.interceptors.config.match]\n{}",
            lines(n, |at| format!("v{at} = 't{at}'\n"))
        )
    });
    is_linear("a table of wrong topics", 2000, "header-router", |n| {
        format!(
            "header = 'h'\n[pipelines.a.interceptors.config.match]\n{}",
            lines(n, |at| format!("v{at} = 't {at}'\n"))
        )
    });
}
