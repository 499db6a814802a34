//! Guests that mean harm cost the record that provoked them, and nothing else.

use std::collections::BTreeMap;

use weir_tests::{
    Broker, Gateway, Guest, Load, Record, Tally, Topic, eventually,
    guest::{answers, at, effect},
    unique, within,
};

/// What a guest does, the value's first letter that provokes it, and the kinds of fault that name it rightly.
struct Sin {
    mark: char,
    name: &'static str,
    guest: Guest,
    kinds: &'static [&'static str],
}

fn sins() -> Vec<Sin> {
    let sin = |mark, name, instructions: &str, kinds| Sin {
        mark,
        name,
        guest: Guest::named(name).when(mark, instructions),
        kinds,
    };
    let outside = answers(&[(at::VERDICTS, 0x7fff_0000), (at::VERDICTS + 4, 16)]);
    let too_many = answers(&[(at::VERDICTS, 61_000), (at::VERDICTS + 4, 60_000)]);
    let bad_reasons = answers(&[(at::REASONS, 1), (at::REASONS + 4, 1024), (at::REASONS + 8, 3)]);
    let key = answers(&[(at::KEY, 1)]);
    let error = answers(&[(at::ERROR, 1), (at::ERROR + 4, 1024), (at::ERROR + 8, 5)]);
    let grow = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) (unreachable)";
    let flood = answers(&[(at::EXPAND, 1), (at::EXPAND + 4, 1 << 17), (at::EXPAND + 8, 5 << 20)]);
    let flood = format!("(drop (memory.grow (i32.const 400)))\n{flood}");
    let recursion = "(call $sin (local.get $batch))";
    let mut flood = sin('F', "flood", &flood, &["invalid-edit", "memory"]);
    flood.guest = flood.guest.may(effect::EXPAND);
    vec![
        sin('T', "trap", "(unreachable)", &["trap"]),
        sin('L', "endless", "(loop $l (br $l))", &["deadline"]),
        sin('M', "hog", grow, &["memory", "trap"]),
        sin('R', "recursion", recursion, &["trap"]),
        sin('O', "outside", &outside, &["invalid-edit", "trap"]),
        sin('V', "verdicts", &too_many, &["invalid-edit"]),
        sin('C', "reasons", &bad_reasons, &["invalid-edit"]),
        sin('U', "undeclared", &key, &["undeclared-effect"]),
        sin('E', "error", &error, &["failed"]),
        flood,
    ]
}

impl Sin {
    /// Its interceptor. Only the endless one is to meet the deadline: memory that grows to its limit costs tens of
    /// milliseconds of page faults, more on a busy machine.
    fn interceptor(&self, pipeline: &str, on_fault: &str) -> String {
        let Self { name, kinds, .. } = self;
        let deadline = if kinds.contains(&"deadline") { "50ms" } else { "5s" };
        format!(
            "[[pipelines.{pipeline}.interceptors]]\nname = \"{name}\"\nplugin = \"./{name}.wat\"\n\
             deadline = \"{deadline}\"\non_fault = \"{on_fault}\"\n"
        )
    }
}

#[test]
fn hostile_guests_cost_the_record_and_the_neighbours_go_on() {
    within(240, || {
        let broker = Broker::shared();
        let (from, to, dead) = (unique("sins"), unique("sins-out"), unique("sins-dead"));
        let (near, near_to) = (unique("near"), unique("near-out"));
        let topics = [(&from, 2), (&to, 2), (&dead, 1), (&near, 2), (&near_to, 2)];
        broker.oracle.create(topics.map(|(name, partitions)| Topic::new(name, partitions)));
        let sins = sins();
        let gateway = Gateway::against(
            broker,
            &format!(
                r#"
[pipelines.near]
from = ["{near}"]
to = "{near_to}"
group = "{near}"
delivery = "at-least-once"

[pipelines.sins]
from = ["{from}"]
to = "{to}"
dead_letter = "{dead}"
group = "{from}"
delivery = "at-least-once"
{}"#,
                sins.iter().map(|sin| sin.interceptor("sins", "dead-letter")).collect::<String>()
            ),
        );
        for Sin { name, guest, .. } in &sins {
            gateway.write(&format!("{name}.wat"), guest.text());
        }
        // Each sin twice, far apart, among records that provoke nobody.
        let good = |number: usize| {
            let record = Record::to(&from).partition((number % 2) as i32).at(1_700_000_000_000 + number as i64);
            record
                .key(format!("k{number}"))
                .value(format!("good {number}"))
                .header("n", format!("{number}"))
                .null_header("n")
        };
        let mut sent: Vec<Record> = (0..4000).map(good).collect();
        let mut provoked: BTreeMap<i64, &Sin> = BTreeMap::new();
        for (place, sin) in sins.iter().chain(&sins).enumerate() {
            let at = 100 + place * 181;
            sent[at].value = Some(format!("{} provokes {}", sin.mark, sin.name).into_bytes());
            provoked.insert(at as i64, sin);
        }
        broker.oracle.produce(sent.clone());
        let load = Load::start(broker, &near, 2, 1000);
        let mut running = gateway.run();
        let good = sent.len() - provoked.len();
        eventually(150, "all records are settled", || {
            let settled = broker.oracle.committed(&from) == broker.oracle.ends(&[&from]);
            assert!(running.lives(), "weir ended");
            settled.then_some(())
        });
        assert_eq!(broker.oracle.count(&[&to]), good as i64);
        let count = load.finish();
        eventually(30, "the neighbour's records are settled", || {
            (broker.oracle.committed(&near) == broker.oracle.ends(&[&near])).then_some(())
        });
        assert!(running.stop().0.success());
        assert_eq!(Tally::of(&broker.oracle.read(&[&near_to]), count, 2), Tally::default());

        let letters = broker.oracle.read(&[&dead]);
        assert_eq!(letters.len(), provoked.len());
        for letter in letters {
            let header = |name: &str| {
                letter.text(&format!("weir.error.{name}")).unwrap_or_else(|| panic!("no {name}: {letter:?}"))
            };
            let (partition, offset): (i64, i64) =
                (header("partition").parse().unwrap(), header("offset").parse().unwrap());
            let number = offset * 2 + partition;
            let sin = provoked[&number];
            let record = &sent[number as usize];
            assert_eq!((&letter.key, &letter.value), (&record.key, &record.value));
            assert_eq!(letter.headers[..2], record.headers);
            assert!(letter.headers[2..].iter().all(|(name, _)| name.starts_with("weir.error.")), "{letter:?}");
            assert_eq!((header("pipeline").as_str(), header("interceptor").as_str()), ("sins", sin.name));
            assert_eq!((header("topic"), header("timestamp")), (from.clone(), record.timestamp.unwrap().to_string()));
            assert!(
                sin.kinds.contains(&header("kind").as_str()),
                "{}: {} ({})",
                sin.name,
                header("kind"),
                header("message")
            );
            assert!(!header("generation").is_empty() && header("message").len() <= 1024);
        }
    });
}

#[test]
fn on_fault_decides_what_a_fault_costs() {
    within(120, || {
        for sin in sins() {
            let Sin { mark, name, guest, kinds } = &sin;
            let gateway = |on_fault: &str| {
                let gateway = Gateway::new(&format!(
                    "[kafka]\nbrokers = \"localhost:9092\"\n[pipelines.p]\nfrom = [\"in\"]\nto = \"out\"\ndead_letter = \"dead\"\ngroup = \"g\"\n\
                     delivery = \"at-least-once\"\n{}",
                    sin.interceptor("p", on_fault)
                ));
                gateway.write(&format!("{name}.wat"), guest.text());
                gateway
            };
            let values = [
                "one".to_owned(),
                format!("{mark} provokes"),
                "two".to_owned(),
                format!("{mark} again"),
                "three".to_owned(),
            ];
            let input = values.iter().zip(0..).map(|(value, at)| Record {
                offset: Some(at),
                ..Record::to("in").partition(0).at(at).value(value.as_str())
            });
            let input: String = input.map(|record| record.to_line() + "\n").collect();
            let replay = |on_fault: &str| {
                gateway(on_fault).weir_with(&["replay", "-c", "weir.toml", "--input", "-"], input.as_bytes())
            };
            let topics = |text: String| text.lines().map(|line| Record::from_line(line).topic).collect::<Vec<_>>();
            let dead_lettered = replay("dead-letter").expect(0).text();
            let kind =
                dead_lettered.lines().map(Record::from_line).find_map(|record| record.text("weir.error.kind")).unwrap();
            assert!(kinds.contains(&kind.as_str()), "{name}: {kind}");
            assert_eq!(topics(dead_lettered), ["out", "dead", "out", "dead", "out"], "{name}");
            assert_eq!(topics(replay("pass").expect(0).text()), ["out"; 5], "{name}");
            let stopped = replay("stop").expect(1);
            assert!(stopped.err.contains(name) && stopped.err.contains("offset 1"), "{name}: {}", stopped.err);
        }
    });
}

#[test]
fn a_plugin_that_cannot_even_be_loaded_is_refused_by_name() {
    within(120, || {
        let text = Guest::named("fine").text();
        let cases: [(&str, Vec<u8>, &str); 7] = [
            ("start", Guest::named("g").with("(func $f (loop $l (br $l)))(start $f)").text().into(), "start"),
            ("configure", Guest::named("g").configures_with("(loop $l (br $l))").text().into(), "configure"),
            ("trap", Guest::named("g").configures_with("(unreachable)").text().into(), "configure"),
            (
                "import",
                Guest::named("g").with(r#"(import "wasi:sockets/tcp" "connect" (func))"#).text().into(),
                "wasi:sockets/tcp",
            ),
            ("empty", Vec::new(), "empty"),
            ("half", text.as_bytes()[..text.len() / 2].to_vec(), "half"),
            ("noise", vec![0x7f; 1000], "noise"),
        ];
        let interceptors: String = cases
            .iter()
            .map(|(name, ..)| format!("[[pipelines.p.interceptors]]\nplugin = \"./{name}.wasm\"\n"))
            .collect();
        let gateway = Gateway::new(&format!(
            "[kafka]\nbrokers = \"localhost:9092\"\n[pipelines.p]\nfrom = [\"a\"]\nto = \"b\"\ngroup = \"g\"\ndelivery = \"at-least-once\"\n{interceptors}"
        ));
        for (name, bytes, _) in &cases {
            gateway.write(&format!("{name}.wasm"), bytes);
        }
        let refused = gateway.weir(&["check", "-c", "weir.toml"]).expect(78);
        let said = refused.text() + &refused.err;
        for (name, _, words) in &cases {
            assert!(said.contains(&format!("{name}.wasm")), "nothing about {name}.wasm:\n{said}");
            assert!(said.contains(words), "nothing about `{words}` of {name}.wasm:\n{said}");
        }
    });
}
