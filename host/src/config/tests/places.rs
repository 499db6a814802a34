//! Directories, files that are named, and references.

use std::fs;

use super::*;

const KAFKA: &str = "[kafka]\nbrokers = 'localhost:9092'\n";
const PIPELINE: &str = "[pipelines.a]\nfrom = ['x']\ngroup = 'g'\nto = 'y'\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn told(folder: &tempfile::TempDir, path: &str) -> String {
    let told = load(&folder.path().join(path)).expect_err("there is a mistake in it").render(false);
    told.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_directory_is_read_whole_but_for_dotfiles_and_other_endings() {
    let b = PIPELINE.replace("pipelines.a", "pipelines.b").replace("'g'", "'h'");
    let folder = folder(&[
        ("c/10-kafka.toml", KAFKA),
        ("c/20-a.toml", PIPELINE),
        ("c/30-b.toml", &b),
        ("c/.hidden.toml", "broken"),
        ("c/notes.txt", "broken"),
        ("c/deeper/x.toml", "broken"),
    ]);
    let config = load(&folder.path().join("c")).unwrap();
    assert_eq!(config.pipelines.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(config.files.len(), 3);
    assert_eq!(config.pipelines["b"].place.source, 2);
}

#[test]
fn a_table_stands_in_one_file_of_a_directory() {
    let folder = folder(&[("c/1.toml", KAFKA), ("c/2.toml", &format!("\n{PIPELINE}{KAFKA}")), ("c/3.toml", PIPELINE)]);
    assert_eq!(
        told(&folder, "c"),
        r"  × [kafka] stands already in c/1.toml:1
   ╭─[c/2.toml:6:2]
 6 │ [kafka]
   ·  ─────
   ╰────
  help: a table may stand in one file of the directory only

  × [pipelines.a] stands already in c/2.toml:2
   ╭─[c/3.toml:1:12]
 1 │ [pipelines.a]
   ·            ─
   ╰────
  help: a table may stand in one file of the directory only
"
    );
}

#[test]
fn tables_below_anothers_may_stand_in_a_file_of_their_own() {
    let options = "[kafka.options]\n'client.id' = 'me'\n[pipelines.a.consumer]\n'fetch.min.bytes' = 7\n";
    let folder = folder(&[("c/1.toml", KAFKA), ("c/2.toml", PIPELINE), ("c/3.toml", options)]);
    let config = load(&folder.path().join("c")).unwrap();
    assert_eq!(config.kafka.options["client.id"], Secret("me".to_owned()));
    assert_eq!(config.pipelines["a"].consumer["fetch.min.bytes"], Secret("7".to_owned()));
}

#[test]
fn an_empty_directory_and_a_missing_file_are_mistakes() {
    let folder = folder(&[("c/notes.txt", "")]);
    assert_eq!(told(&folder, "c").trim(), "× the directory `c` holds no *.toml");
    assert_eq!(told(&folder, "gone.toml").trim(), "× `gone.toml` cannot be read: it does not exist");
}

#[test]
fn paths_are_relative_to_the_file_that_names_them_and_read_once() {
    let interceptor = "[[pipelines.a.interceptors]]\nplugin = '../p/one.wat'\nfiles = { list = './list.csv' }\n";
    let folder = folder(&[
        ("c/weir.toml", &format!("{KAFKA}{PIPELINE}{interceptor}{interceptor}")),
        ("p/one.wat", "(component)"),
        ("c/list.csv", "a,b"),
    ]);
    let config = load(&folder.path().join("c/weir.toml")).unwrap();
    let [one, two] = &config.pipelines["a"].interceptors[..] else { panic!() };
    assert_eq!((&*one.plugin.bytes, &*one.files["list"]), (&b"(component)"[..], &b"a,b"[..]));
    assert!(std::sync::Arc::ptr_eq(&one.plugin.bytes, &two.plugin.bytes));
    assert_eq!((one.name.as_str(), two.name.as_str()), ("one", "one-2"));
    assert_eq!(config.files.len(), 3);
}

#[test]
fn a_pin_that_fits_is_accepted_in_any_case() {
    let sha256 = "53E7063E8F00DE24101C5DF8ADF057DAB53CD03748A3F8216541F0D92EA2FB88";
    let interceptor = format!("[[pipelines.a.interceptors]]\nplugin = './one.wat'\nsha256 = '{sha256}'\n");
    let folder = folder(&[("weir.toml", &format!("{KAFKA}{PIPELINE}{interceptor}")), ("one.wat", "(component)\n")]);
    let config = load(&folder.path().join("weir.toml")).unwrap();
    assert_eq!(config.pipelines["a"].interceptors[0].plugin.sha256, sha256.to_lowercase());
}

#[test]
fn references_stand_for_strings_anywhere() {
    let text = format!(
        "{KAFKA}[kafka.options]\n'sasl.password' = {{ file = './secret' }}\n[pipelines.a]\nfrom = ['x']\n\
         group = {{ env = 'CARGO_PKG_NAME' }}\nto = {{ file = './topic' }}\n[[pipelines.a.interceptors]]\n\
         plugin = './one.wat'\nconfig = {{ key = {{ file = './secret' }}, from = {{ header = 'h' }}, both = {{ env = 'a', file = 'b' }} }}\n"
    );
    let folder = folder(&[("weir.toml", &text), ("secret", "hunter2\n"), ("topic", "out"), ("one.wat", "(component)")]);
    let config = load(&folder.path().join("weir.toml")).unwrap();
    let a = &config.pipelines["a"];
    assert_eq!((a.group.as_str(), a.to.as_deref()), (env!("CARGO_PKG_NAME"), Some("out")));
    assert_eq!(config.kafka.options["sasl.password"], Secret("hunter2".to_owned()));
    assert_eq!(a.interceptors[0].config, r#"{"key":"hunter2","from":{"header":"h"},"both":{"env":"a","file":"b"}}"#);
    assert!(!format!("{:?}", config.kafka).contains("hunter2"));
}
