#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use std::{
    io,
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use weir_tests::Guest;

use super::*;
use crate::{
    app::{Look, blueprints, load},
    kafka::MockCluster,
    wasm::Engine,
};

/// A pipeline with the rest of its keys, whose plugin may route to `named` and `planned`.
fn built(brokers: &str, rest: &str) -> (tempfile::TempDir, Config, Blueprints) {
    let folder = tempfile::tempdir().unwrap();
    let guest = Guest::named("router").may_route_to("named").may_route_to("planned");
    std::fs::write(folder.path().join("guest.wat"), guest.text()).unwrap();
    let text = format!(
        "[kafka]\nbrokers = \"{brokers}\"\n[pipelines.p]\ngroup = \"g\"\n{rest}\n\
         [[pipelines.p.interceptors]]\nplugin = \"./guest.wat\"\n"
    );
    let path = folder.path().join("weir.toml");
    std::fs::write(&path, text).unwrap();
    let engine = Engine::new(None).unwrap();
    let config = load(&engine, &path, Look::default()).unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false)));
    let (blueprints, _) = blueprints(&engine, &config).unwrap();
    (folder, config, blueprints)
}

/// What is told, a line each, without the folder.
fn lines(found: &[crate::config::Mistake]) -> Vec<String> {
    found.iter().map(|one| one.line().rsplit_once('/').map(|(_, line)| line.to_owned()).unwrap_or_default()).collect()
}

fn has(lines: &[String], beginning: &str) -> bool {
    lines.iter().any(|line| line.starts_with(beginning))
}

#[test]
fn a_check_names_what_is_not_in_the_cluster_at_its_line() {
    let cluster = MockCluster::start().unwrap();
    cluster.create(["in-1", "out", "planned"], 2).unwrap();
    let rest = "from = [\"in-1\", \"in-2\", \"^more-.*$\", \"^in-[0-9]+$\"]\nto = \"oat\"\n\
                topics = [\"named\", \"planned\"]\ndead_letter = \"dead\"";
    let (_folder, config, blueprints) = built(&cluster.address(), rest);
    let report = check_online(&config, &blueprints).unwrap();
    assert_eq!((report.count, report.answering), (1, 1));
    let mistakes: Vec<String> =
        report.found.listed().iter().map(|one| one.place().unwrap() + " " + &one.message).collect();
    let ends: Vec<&str> = mistakes.iter().map(|line| line.split("weir.toml:").nth(1).unwrap()).collect();
    assert_eq!(
        ends,
        [
            "5:17 there is no topic `in-2`",
            "6:6 there is no topic `oat`",
            "7:11 there is no topic `named`",
            "8:15 there is no topic `dead`",
        ]
    );
    assert_eq!(report.found.listed()[1].help.as_deref(), Some("there is `out`; weir creates no topics"));
    let warnings: Vec<&str> = report.found.warnings().listed().iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        warnings,
        [
            "interceptor `guest` may route to topics that are not there: named",
            "no topic of the cluster matches `^more-.*$` now"
        ]
    );
    // librdkafka's cluster tells neither.
    assert!(report.unchecked.iter().any(|one| one.starts_with("the rights on topics: ")), "{:?}", report.unchecked);
    assert!(report.unchecked.iter().any(|one| one.contains("settings")), "{:?}", report.unchecked);
}

#[test]
fn a_check_that_no_broker_answers_tells_the_address_that_failed() {
    // Nobody listens there any more.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (_folder, config, blueprints) =
        built(&address, "from = [\"in\"]\nto = \"out\"\ntopics = [\"named\", \"planned\"]");
    let error = check_online(&config, &blueprints).unwrap_err().to_string();
    assert!(error.starts_with(&format!("no broker answers at {address}: {address}/bootstrap: ")), "{error}");
    assert!(error.contains("Connection refused"), "{error}");
}

/// Passes every connection on to `to`; returns where it listens, and how many there were.
fn proxy(to: String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, count) = (listener.local_addr().unwrap().to_string(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    thread::spawn(move || {
        for one in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let other = TcpStream::connect(&to).unwrap();
            for (mut from, mut to) in [(one.try_clone().unwrap(), other.try_clone().unwrap()), (other, one)] {
                thread::spawn(move || io::copy(&mut from, &mut to));
            }
        }
    });
    (address, count)
}

#[test]
fn a_reload_connects_to_the_cluster_once() {
    let cluster = MockCluster::start().unwrap();
    cluster.create(["in", "out", "named"], 1).unwrap();
    let (address, connections) = proxy(cluster.address());
    let rest = "from = [\"in\"]\nto = \"out\"\ntopics = [\"named\", \"pl*\"]\nunknown_topics = \"refuse\"";
    let (_folder, config, blueprints) = built(&address, rest);
    let outside = Outside::new(&Signals::listen().unwrap());
    let look = outside.look_at_config(&config).unwrap_or_else(|missing| panic!("{missing}"));
    let missing = look.look_at_plans(&config, &blueprints).unwrap_err();
    assert!(has(&lines(missing.listed()), "weir.toml:10:10: interceptor `guest` may route"), "{missing}");
    // What is created while the plugins compile counts.
    cluster.create(["planned"], 1).unwrap();
    look.look_at_plans(&config, &blueprints).unwrap_or_else(|missing| panic!("{missing}"));
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}
