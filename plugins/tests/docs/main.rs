//! Every built-in has a page in `docs/`, whose table of keys is made from the code and whose example is run.
//!
//! `WEIR_UPDATE_DOCS=1 cargo test -p weir-plugins --test docs` writes the tables.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod example;
mod keys;

use std::{fs, path::Path};

use weir_sdk::Interceptor;

const BEGIN: &str = "<!-- keys: made from the code by WEIR_UPDATE_DOCS=1 cargo test -p weir-plugins --test docs -->";
const END: &str = "<!-- end of keys -->";

/// The page has today's table of keys, and its example does what it says.
fn check<P: Interceptor>() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(format!("{}.md", P::NAME));
    let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let page = page.replace("\r\n", "\n");
    let (before, rest) = page.split_once(BEGIN).expect("the page says where its keys begin");
    let (_, after) = rest.split_once(END).expect("the page says where its keys end");
    let keys = keys::table(schemars::schema_for!(P::Config).as_value());
    let fresh = format!("{before}{BEGIN}\n\n{keys}\n{END}{after}");
    if std::env::var_os("WEIR_UPDATE_DOCS").is_some() {
        fs::write(&path, &fresh).unwrap();
    } else {
        assert_eq!(page, fresh, "docs/{}.md is out of date: {BEGIN}", P::NAME);
    }
    assert!(page.starts_with(&format!("# {}\n\n{}\n", P::NAME, P::SUMMARY)), "the page begins with name and summary");
    example::check::<P>(&page);
}

#[test]
fn the_page_of_header_enricher_is_true() {
    check::<weir_header_enricher::Enricher>();
}

#[test]
fn the_page_of_timestamp_fixer_is_true() {
    check::<weir_timestamp_fixer::Fixer>();
}

#[test]
fn the_page_of_mod_router_is_true() {
    check::<weir_mod_router::ModRouter>();
}

#[test]
fn the_page_of_header_router_is_true() {
    check::<weir_header_router::HeaderRouter>();
}

#[test]
fn the_page_of_regex_extractor_is_true() {
    check::<weir_regex_extractor::RegexExtractor>();
}

#[test]
fn the_page_of_filter_is_true() {
    check::<weir_filter::Filter>();
}

#[test]
fn the_page_of_topic_router_is_true() {
    check::<weir_topic_router::TopicRouter>();
}

#[test]
fn the_page_of_key_setter_is_true() {
    check::<weir_key_setter::KeySetter>();
}

#[test]
fn the_page_of_value_editor_is_true() {
    check::<weir_value_editor::ValueEditor>();
}

#[test]
fn the_page_of_splitter_is_true() {
    check::<weir_splitter::Splitter>();
}

#[test]
fn the_page_of_jq_is_true() {
    check::<weir_jq::Jq>();
}

/// Apache Kafka's own transforms (its documentation, "Kafka Connect", "Transformations") and predicates.
const CONNECT: [&str; 18] = [
    "Cast",
    "DropHeaders",
    "ExtractField",
    "Filter",
    "Flatten",
    "HeaderFrom",
    "HoistField",
    "InsertField",
    "InsertHeader",
    "MaskField",
    "RegexRouter",
    "ReplaceField",
    "SetSchemaMetadata",
    "TimestampConverter",
    "TimestampRouter",
    "ValueToKey",
    "RecordIsTombstone",
    "HasHeaderKey",
];

/// Flume's interceptors and selectors (its user guide).
const FLUME: [&str; 9] = [
    "timestamp",
    "host",
    "static",
    "remove_header",
    "search_replace",
    "regex_filter",
    "regex_extractor",
    "multiplexing",
    "replicating",
];

/// Selectors are told of as such.
fn is_selector(name: &str, text: &str) -> bool {
    ["multiplexing", "replicating"].contains(&name) && text.contains(name) && text.contains("selector")
}

#[test]
fn whoever_comes_from_connect_or_flume_finds_each_of_its_parts() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = |name: &str| fs::read_to_string(project.join(name)).unwrap();
    let (readme, migration) = (page("README.md"), page("docs/migration.md"));
    let connect = migration.split("\n## ").find(|section| section.starts_with("Kafka Connect")).unwrap();
    let flume = migration.split("\n## ").find(|section| section.starts_with("Flume")).unwrap();
    let rows = |text: &str| text.lines().filter(|line| line.starts_with('|')).collect::<String>();
    for (names, section) in [(&CONNECT[..], connect), (&FLUME[..], flume)] {
        let (section, readme) = (rows(section), rows(&readme));
        for name in names {
            // `ExtractField$Key` and the like have rows of their own.
            let quoted = ["`", "$", " "].map(|end| format!("`{name}{end}"));
            let quoted = |text: &str| quoted.iter().any(|quoted| text.contains(quoted));
            assert!(quoted(&section) || is_selector(name, &section), "docs/migration.md has no row for {name}");
            // A condition of `filter`, as its own page tells.
            let is_predicate = ["RecordIsTombstone", "HasHeaderKey"].contains(name);
            let is_there = quoted(&readme) || is_selector(name, &readme);
            assert!(is_predicate || is_there, "README.md has no row for {name}");
        }
    }
}
