//! The log of a weir that runs: for people, and for machines.

use serde_json::Value;
use weir_tests::{
    Broker, Gateway, Guest, Record, Topic,
    admin::{address, get},
    eventually, unique, within,
};

/// Two pipelines, of which the second has a plugin that faults at a record that begins with `T`.
fn config(from: &str) -> String {
    let pipeline = |name: &str, more: &str| {
        format!(
            "[pipelines.{name}]\nfrom = [\"{from}\"]\nto = \"{from}-{name}\"\ndead_letter = \"{from}-dead\"\n\
             group = \"{from}-{name}\"\n{more}\n"
        )
    };
    let guest = "[[pipelines.second.interceptors]]\nplugin = \"./guest.wat\"\n";
    [pipeline("first", ""), pipeline("second", guest)].concat()
}

fn started(from: &str, guest: &Guest) -> Gateway {
    let topics = ["", "-first", "-second", "-dead"].map(|end| format!("{from}{end}"));
    Broker::shared().oracle.create(topics.each_ref().map(|topic| Topic::new(topic, 1)));
    let gateway = Gateway::against(Broker::shared(), &config(from));
    gateway.write("guest.wat", guest.text());
    gateway
}

/// Both pipelines have carried or set aside these.
fn carries(from: &str, values: &[&str]) {
    let oracle = &Broker::shared().oracle;
    oracle.produce(values.iter().map(|value| Record::to(from).value(*value)));
    eventually(60, "everything is committed", || {
        let ends = oracle.ends(&[from]);
        let done = ["first", "second"].iter().all(|name| oracle.committed(&format!("{from}-{name}")) == ends);
        done.then_some(())
    });
}

#[test]
fn every_line_of_a_json_log_is_json_and_tells_what_runs_and_what_became_of_the_records() {
    within(120, || {
        let from = unique("log");
        let gateway = started(&from, &Guest::named("trap").when('T', "(unreachable)"));
        let running = gateway.run_with(&[("WEIR_LOG_FORMAT", "json")]);
        carries(&from, &["a", "T", "b"]);
        let mut running = running;
        running.signal(rustix::process::Signal::TERM);
        assert!(running.exit(30).success());
        let log = eventually(10, "the log is whole", || {
            let log = running.log();
            (log.matches("in all").count() == 2).then_some(log)
        });
        let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        for line in &lines {
            for field in ["timestamp", "level", "target", "message"] {
                assert!(line[field].is_string(), "no `{field}`: {line}");
            }
        }
        let said = |words: &str| lines.iter().filter(|line| line["message"] == words).collect::<Vec<_>>();
        let [runs] = said("running")[..] else { panic!("{log}") };
        assert_eq!(runs["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(runs["config"], gateway.path("weir.toml").to_str().unwrap());
        assert_eq!(runs["brokers"], Broker::shared().address);
        assert_eq!((&runs["pipelines"], &runs["generation"]), (&"first, second".into(), &1.into()));
        assert!(runs["digest"].as_str().is_some_and(|digest| digest.len() == 64), "{runs}");
        let totals: Vec<_> = said("in all")
            .into_iter()
            .map(|line| {
                let counts = ["read", "out", "dropped", "dead", "lost", "unsettled"];
                (line["pipeline"].as_str().unwrap(), counts.map(|name| line[name].as_u64().unwrap()))
            })
            .collect();
        assert_eq!(totals, [("first", [3, 3, 0, 0, 0, 0]), ("second", [3, 2, 0, 1, 0, 0])]);
    });
}

#[test]
fn at_the_end_tables_tell_what_became_of_the_records() {
    within(120, || {
        let from = unique("totals");
        let gateway = started(&from, &Guest::named("trap").when('T', "(unreachable)"));
        let mut running = gateway.run();
        carries(&from, &["a", "T", "b"]);
        running.signal(rustix::process::Signal::TERM);
        assert!(running.exit(30).success());
        let log = eventually(10, "the log is whole", || {
            let log = running.log();
            log.contains("fault: trap").then_some(log)
        });
        let rows: Vec<Vec<&str>> = log.lines().map(|line| line.split_whitespace().collect()).collect();
        let names = ["-first", "-second", "-dead"].map(|end| format!("{from}{end}"));
        for row in [vec!["pipeline", "topic", "records"], vec!["first", &names[0], "3"], vec!["second", &names[1], "2"]]
        {
            assert!(rows.contains(&row), "{row:?}: {log}");
        }
        let dead = rows.iter().find(|row| row.first() == Some(&names[2].as_str())).expect("a row of dead letters");
        assert_eq!((&dead[1..3], dead.last()), (&["trap", "by"][..], Some(&"1")), "{log}");
    });
}

#[test]
fn a_member_that_gets_no_partition_says_nothing_of_it() {
    within(120, || {
        let from = unique("spare");
        let topics = [from.clone(), format!("{from}-out")];
        Broker::shared().oracle.create(topics.each_ref().map(|topic| Topic::new(topic, 1)));
        let config = format!(
            "[admin]\nlisten = \"127.0.0.1:0\"\n[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{from}-out\"\ngroup = \"{from}\"\n"
        );
        let gateways = [(); 2].map(|()| Gateway::against(Broker::shared(), &config));
        let members = gateways.each_ref().map(|gateway| {
            let running = gateway.run();
            let address = address(&running);
            eventually(60, "it has joined its group", || (get(address, "/ready").0 == 200).then_some(()));
            running
        });
        eventually(60, "one of them has the partition", || {
            members.iter().any(|member| member.log().contains("partitions assigned")).then_some(())
        });
        for member in members {
            let log = member.log();
            assert!(!log.contains("count=0"), "{log}");
            assert!(member.stop().0.success());
        }
    });
}

#[test]
fn what_a_plugin_says_can_neither_colour_nor_forge_a_line() {
    within(120, || {
        let from = unique("escapes");
        let said = "\u{1b}[31mred\r\n2026-01-01T00:00:00Z ERROR forged\u{7}\u{202e}";
        let data: String = said.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        let fields = format!(
            "(import \"weir:interceptor/host@0.1.0\" \"log\" (func $log (param i32 i32 i32)))\
             (data (i32.const 59000) \"{data}\")"
        );
        let says = format!("(call $log (i32.const 2) (i32.const 59000) (i32.const {}))", said.len());
        let gateway = started(&from, &Guest::named("talk").with(&fields).when('T', &says));
        let running = gateway.run();
        carries(&from, &["a", "T"]);
        running.says("forged");
        let log = running.log();
        let obeyed = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
        assert!(!log.contains(obeyed), "{log:?}");
        assert!(log.contains("\\u{1b}[31mred\\r\\n2026"), "{log}");
        assert!(!log.lines().any(|line| line.starts_with("2026-01-01T00:00:00Z")), "{log}");
        assert!(running.stop().0.success());
    });
}
