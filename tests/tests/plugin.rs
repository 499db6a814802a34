//! The commands for authors of plugins.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::{Value, json};
use weir_tests::{Gateway, golden, paths::project as root};

fn guest(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/guests").join(name)).unwrap()
}

/// Traps where a value begins with `!t`; else changes nothing.
fn project() -> Gateway {
    let project = Gateway::new("");
    project.write("plugin.wat", guest("poison.wat"));
    fs::create_dir(project.path("cases")).unwrap();
    project
}

fn write(project: &Gateway, name: &str, text: impl AsRef<[u8]>) {
    fs::write(project.path(name), text).unwrap();
}

fn case(name: &str, values: &[&str], expected: &Value) -> String {
    let input: Vec<Value> = values.iter().map(|value| json!({"topic": "in", "ts": 5, "payload": value})).collect();
    json!({"name": name, "input": input, "expected": expected}).to_string()
}

fn passed(value: &str) -> Value {
    json!({"topic": "out", "partition": null, "offset": null, "tstype": "create", "ts": 5, "headers": [], "key": null, "payload": value})
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn cases_pass_or_show_what_differs() {
    let project = project();
    write(
        &project,
        "cases/a.json",
        case("it changes nothing", &["one", "two"], &json!([passed("one"), passed("two")])),
    );
    let ran = project.weir(&["plugin", "test", "."]).expect(0);
    assert_eq!(text(&ran.out), "passed  a: it changes nothing\n");
    assert!(ran.err.contains("1 passed, 0 failed, each at 5 cuttings"), "{}", ran.err);

    write(&project, "cases/b.json", case("it changes something", &["one"], &json!([passed("other")])));
    let ran = project.weir(&["plugin", "test", "."]).expect(1);
    let told = "FAILED  b: it changes something\n        all records in one batch:\n        \
                record 1 differs (from input line 1):\n          payload\n            expected \"other\"\n            got      \"one\"\n";
    assert!(text(&ran.out).ends_with(told), "{}", text(&ran.out));

    let tap = text(&project.weir(&["plugin", "test", ".", "--tap"]).expect(1).out);
    assert!(tap.starts_with("TAP version 13\n1..2\nok 1 - a: it changes nothing\nnot ok 2 - b: "), "{tap}");
    project.weir(&["plugin", "test", ".", "--junit", "junit.xml"]).expect(1);
    let xml = fs::read_to_string(project.path("junit.xml")).unwrap();
    assert!(xml.contains("tests=\"2\" failures=\"1\"") && xml.contains("<failure>all records in one batch:"), "{xml}");
}

#[test]
fn an_update_writes_what_comes_out_and_keeps_the_rest() {
    let project = project();
    let input = json!({"topic": "in", "ts": 5, "payload": "!t"});
    write(&project, "cases/a.json", json!({"name": "it traps", "dead_letter": "dead", "input": [input]}).to_string());
    let out = text(&project.weir(&["plugin", "test", "."]).expect(1).out);
    assert!(out.contains("has neither `expected` nor `mistakes`; --update writes them"), "{out}");
    project.weir(&["plugin", "test", ".", "--update"]).expect(0);
    project.weir(&["plugin", "test", "."]).expect(0);
    let case: Value = serde_json::from_str(&fs::read_to_string(project.path("cases/a.json")).unwrap()).unwrap();
    assert_eq!((&case["name"], &case["input"]), (&json!("it traps"), &json!([input])));
    assert_eq!(case["expected"][0]["topic"], "dead");
}

#[test]
fn mistakes_in_a_config_are_a_case_too() {
    let project = Gateway::new("");
    project.write("plugin.wat", guest("configure-error.wat"));
    fs::create_dir(project.path("cases")).unwrap();
    let mistakes = ["/rules/0/pattern: unclosed group", ": no rule is of any use", "/dc: must not be empty"];
    write(&project, "cases/a.json", json!({"name": "it refuses", "mistakes": mistakes}).to_string());
    project.weir(&["plugin", "test", "."]).expect(0);
    write(&project, "cases/a.json", json!({"name": "it refuses", "mistakes": mistakes[1..]}).to_string());
    let out = text(&project.weir(&["plugin", "test"]).expect(1).out);
    assert!(out.contains("mistakes in the config:") && out.contains("/dc: must not be empty"), "{out}");
}

#[test]
fn an_update_gives_up_no_records_for_a_config_that_is_refused() {
    let project = Gateway::new("");
    project.write("plugin.wat", guest("configure-error.wat"));
    fs::create_dir(project.path("cases")).unwrap();
    let before = case("it was right once", &["one"], &json!([passed("one")]));
    write(&project, "cases/a.json", &before);
    let out = text(&project.weir(&["plugin", "test", "--update"]).expect(1).out);
    assert!(out.contains("the plugin refuses the config: /rules/0/pattern: unclosed group;"), "{out}");
    assert_eq!(fs::read_to_string(project.path("cases/a.json")).unwrap(), before);
}

#[test]
fn what_is_not_there_is_named_with_what_to_do() {
    let project = Gateway::new("");
    let err = project.weir(&["plugin", "test", "."]).expect(1).err;
    assert!(err.contains("there is no plugin.wasm in `.`: build it, or name it with --plugin"), "{err}");
    project.write("plugin.wat", guest("identity.wat"));
    let err = project.weir(&["plugin", "test", "."]).expect(1).err;
    assert!(err.contains("cannot read `./cases`"), "{err}");
    fs::create_dir(project.path("cases")).unwrap();
    let err = project.weir(&["plugin", "test", "."]).expect(1).err;
    assert!(err.contains("there is no case in `./cases`"), "{err}");
    write(&project, "cases/a.json", "{\"name\": \"a\", \"inptu\": []}");
    let out = text(&project.weir(&["plugin", "test", "."]).expect(1).out);
    assert!(out.contains("unknown field `inptu`"), "{out}");
}

#[test]
fn inspect_tells_what_a_plugin_is_and_what_it_costs() {
    let project = project();
    let out = text(&project.weir(&["plugin", "inspect", "plugin.wat"]).expect(0).out);
    for part in ["hostile 1: ", "text of a core module", "weir:interceptor@0.1.0", "reads          value", "a record"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let json: Value =
        serde_json::from_slice(&project.weir(&["plugin", "inspect", "plugin.wat", "--json"]).expect(0).out).unwrap();
    assert_eq!(json["name"], "hostile");
    assert_eq!(json["wasi"], json!({"given": [], "refused": [], "hint": null}));
    assert_eq!(json["sha256"].as_str().unwrap().len(), 64);
    assert!(json["instructions_per_record"].as_u64().unwrap() > 0 && json["memory_bytes"] == 2 << 16, "{json}");
}

#[test]
fn inspect_names_what_a_plugin_must_not_call() {
    let project = Gateway::new("");
    let import =
        "(import \"wasi_snapshot_preview1\" \"path_unlink_file\" (func $unlink (param i32 i32 i32) (result i32)))";
    let plugin = String::from_utf8(guest("identity.wat")).unwrap();
    let plugin = plugin.replacen("(module\n", &format!("(module\n{import}\n"), 1);
    let plugin = plugin.replacen(
        "(func (export \"weir:interceptor/plugin@0.1.0#process\")",
        "(func (export \"unlink\") (drop (call $unlink (i32.const 0) (i32.const 0) (i32.const 0))))
         (func (export \"weir:interceptor/plugin@0.1.0#process\")",
        1,
    );
    project.write("plugin.wat", plugin);
    let out = text(&project.weir(&["plugin", "inspect", "plugin.wat"]).expect(0).out);
    assert!(out.contains("wasi_snapshot_preview1: a call of path_unlink_file is a fault"), "{out}");
}

/// What tools leave in a template's folder that somebody built there.
const BUILT: [&str; 8] =
    ["node_modules", "target", ".venv", ".zig-cache", "build", "plugin.wasm", "package-lock.json", "Cargo.lock"];

/// The languages that have a template, and the paths of its files below it.
fn templates() -> BTreeMap<String, BTreeSet<String>> {
    let mut templates = BTreeMap::new();
    for language in fs::read_dir(root().join("languages")).unwrap() {
        let language = language.unwrap();
        let template = language.path().join("template");
        let mut files = BTreeSet::new();
        list(&template, &template, &mut files);
        templates.insert(language.file_name().into_string().unwrap(), files);
    }
    templates
}

/// The files below `folder`, by their paths from `template`.
fn list(template: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if BUILT.iter().any(|built| path.ends_with(built)) {
            continue;
        }
        if path.is_dir() {
            list(template, &path, files);
        } else {
            files.insert(path.strip_prefix(template).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn a_new_project_is_the_template_with_the_users_name_in_it() {
    let templates = templates();
    assert!(templates.len() > 5, "{templates:?}");
    for (language, files) in templates {
        let folder = Gateway::new("");
        folder.weir(&["plugin", "new", "--lang", &language, "route-users"]).expect(0);
        for file in &files {
            let template = fs::read_to_string(root().join("languages").join(&language).join("template").join(file));
            let made = fs::read_to_string(folder.path("route-users").join(file));
            let made = made.unwrap_or_else(|error| panic!("{language}/{file}: {error}"));
            assert!(made == template.unwrap().replace("my-plugin", "route-users"), "{language}/{file}");
        }
        assert_eq!(count(&folder.path("route-users")), files.len(), "{language}");
        let again = folder.weir(&["plugin", "new", "--lang", &language, "route-users"]).expect(1).err;
        assert!(again.contains("`./route-users` is there already"), "{again}");
    }
    Gateway::new("").weir(&["plugin", "new", "--lang", "cobol", "x"]).expect(2);
}

/// Files below a folder.
fn count(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
}

#[test]
fn what_is_kept_twice_for_projects_of_their_own_is_the_same() {
    let read = |path: &str| fs::read(root().join(path)).unwrap();
    for language in ["python", "javascript", "typescript"] {
        let copy = format!("languages/{language}/template/wit/interceptor.wit");
        assert!(read(&copy) == read("guest-sdk/wit/interceptor.wit"), "{copy}");
    }
    assert!(read("languages/cpp/template/weir.h") == read("languages/c/template/weir.h"), "weir.h");
}

#[test]
fn guests_that_were_built_for_interface_0_1_still_pass_the_conformance_kit() {
    let guests = golden::guests();
    assert!(guests.len() >= 5, "{:?}", guests.iter().map(|(name, _)| name).collect::<Vec<_>>());
    let kit = root().join("conformance");
    for (name, bytes) in guests {
        // Dead letters name the interceptor by its file.
        let folder = Gateway::new("");
        folder.write("plugin.wasm", bytes);
        let ran = folder.weir(&["plugin", "test", "--plugin", "plugin.wasm", kit.to_str().unwrap()]);
        assert!(ran.status == Some(0), "{name}:\n{}{}", text(&ran.out), ran.err);
    }
}

#[test]
fn a_plugin_that_faults_on_batches_alone_does_not_pass() {
    let project = project();
    // Faults in every call of more than one record; weir makes the calls again record by record.
    let process = "(func (export \"weir:interceptor/plugin@0.1.0#process\") (param i32) (result i32)";
    let faults =
        format!("{process} (if (i32.gt_u (i32.load offset=12 (local.get 0)) (i32.const 1)) (then unreachable))");
    let guest = text(&guest("identity.wat")).replace(process, &faults);
    write(&project, "plugin.wat", guest);
    write(
        &project,
        "cases/a.json",
        case("it changes nothing", &["one", "two"], &json!([passed("one"), passed("two")])),
    );
    let ran = project.weir(&["plugin", "test", "."]).expect(1);
    let said = text(&ran.out);
    assert!(
        said.contains("all records in one batch: the records are as expected, but 1 calls faulted (trap)"),
        "{said}"
    );
}
