//! Bad records cost what they cost, not what stands beside them.

use weir_tests::{Broker, Gateway, Guest, Record, Running, Topic, eventually, unique, within};

const PARTITIONS: i32 = 4;
const RECORDS: usize = 20_000;

fn settled(running: &mut Running, topic: &str, seconds: u64) {
    let oracle = &Broker::shared().oracle;
    eventually(seconds, "everything is settled", || {
        assert!(running.lives(), "weir ended");
        (oracle.committed(topic) == oracle.ends(&[topic])).then_some(())
    });
}

/// The numbers in a topic that came from each source partition, in the order in which they stand there.
fn numbers(topic: &str) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new(); PARTITIONS as usize];
    for record in Broker::shared().oracle.read(&[topic]) {
        let number: usize = String::from_utf8(record.value.unwrap()).unwrap().parse().unwrap();
        found[number % PARTITIONS as usize].push(number);
    }
    found
}

/// What of `0..RECORDS` is wanted, by source partition.
fn wanted(is_wanted: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new(); PARTITIONS as usize];
    for number in (0..RECORDS).filter(|number| is_wanted(*number)) {
        found[number % PARTITIONS as usize].push(number);
    }
    found
}

fn record(topic: &str, number: usize) -> Record {
    let partition = (number % PARTITIONS as usize) as i32;
    Record::to(topic).partition(partition).at(1_700_000_000_000).key(format!("k{number}")).value(number.to_string())
}

#[test]
fn records_for_a_missing_topic_hold_nobody_up_and_go_there_once_it_is_made() {
    within(240, || {
        let broker = Broker::shared();
        let (from, to, dead) = (unique("half"), unique("half-out"), unique("half-dead"));
        let (there, missing) = (format!("{to}-0"), format!("{to}-1"));
        broker.oracle.create([&from, &there, &dead].map(|name| Topic::new(name, PARTITIONS)));
        // 0, 1, 2, 3 go to the one; 4, 5, 6, 7 to the other: half of each partition.
        let bucket = |n: usize| n / 4 % 2;
        let made = |n: usize| {
            Record { value: Some(n.to_string().into()), ..record(&from, n) }.header("b", bucket(n).to_string())
        };
        broker.oracle.produce((0..RECORDS).map(made));
        let gateway = Gateway::against(
            broker,
            &format!(
                r#"[pipelines.p]
from = ["{from}"]
group = "{from}"
delivery = "at-least-once"
dead_letter = "{dead}"
topics = ["{to}-*"]
workers = 1
partition_by = "source"
[[pipelines.p.interceptors]]
plugin = "mod-router"
config = {{ from = {{ header = "b" }}, buckets = 2, topic = "{to}-{{bucket}}" }}
"#
            ),
        );
        let mut running = gateway.run();
        settled(&mut running, &from, 60);
        assert!(numbers(&there) == wanted(|n| bucket(n) == 0), "other records, or in another order");
        assert!(numbers(&dead) == wanted(|n| bucket(n) == 1), "other dead letters, or in another order");
        broker.oracle.create([Topic::new(&missing, PARTITIONS)]);
        let mut next = RECORDS;
        eventually(30, "records go to the topic that was made", || {
            broker.oracle.produce([made(next + 4)]);
            next += 8;
            (broker.oracle.count(&[&missing]) > 0).then_some(())
        });
        broker.oracle.produce([made(next + 4)]);
        settled(&mut running, &from, 60);
        assert!(running.stop().0.success());
        let late: Vec<usize> = numbers(&missing).concat();
        let died: Vec<usize> = numbers(&dead).concat().into_iter().filter(|n| *n >= RECORDS).collect();
        let sent: Vec<usize> = (RECORDS..=next).step_by(8).map(|n| n + 4).collect();
        assert_eq!([died, late.clone()].concat(), sent, "one was lost, or died once the topic was there");
        assert!(late.len() >= 2, "{late:?}");
    });
}

#[test]
fn records_that_a_broker_refuses_become_dead_letters_and_the_others_pass_in_order() {
    within(240, || {
        let broker = Broker::shared();
        let (from, to, dead) = (unique("keyless"), unique("keyless-out"), unique("keyless-dead"));
        let compacted = Topic::new(&to, PARTITIONS).with("cleanup.policy", "compact");
        broker.oracle.create([Topic::new(&from, PARTITIONS), compacted, Topic::new(&dead, PARTITIONS)]);
        let is_bad = |n: usize| n % 100 == 41 || (5000..5010).contains(&n);
        let made = |n: usize| if is_bad(n) { Record { key: None, ..record(&from, n) } } else { record(&from, n) };
        broker.oracle.produce((0..RECORDS).map(made));
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\ngroup = \"{from}\"\nto = \"{to}\"\ndead_letter = \"{dead}\"\n\
                 delivery = \"at-least-once\"\nworkers = 1\npartition_by = \"source\"\n"
            ),
        );
        let mut running = gateway.run();
        settled(&mut running, &from, 60);
        assert!(running.stop().0.success());
        assert!(numbers(&to) == wanted(|n| !is_bad(n)), "other records, or in another order");
        assert!(numbers(&dead) == wanted(is_bad), "other dead letters, or in another order");
        let kinds = broker.oracle.read(&[&dead]).into_iter().map(|letter| letter.text("weir.error.kind").unwrap());
        assert!(kinds.into_iter().all(|kind| kind == "produce"));
    });
}

/// Instructions that take a second or more of a processor.
const LONG: &str = "(global.set $n (i64.const 1200000000))
  (loop $l (global.set $n (i64.sub (global.get $n) (i64.const 1))) (br_if $l (i64.ne (global.get $n) (i64.const 0))))";

#[test]
fn a_second_instance_joins_while_plugins_take_seconds_a_call_and_both_go_on() {
    within(300, || {
        let broker = Broker::shared();
        let (from, to) = (unique("slow"), unique("slow-out"));
        let (partitions, each) = (8, 100);
        broker.oracle.create([Topic::new(&from, partitions), Topic::new(&to, partitions)]);
        let value = |n: usize| format!("{}{n}", if (n / partitions as usize).is_multiple_of(each) { "x" } else { "" });
        let feed = |numbers: std::ops::Range<usize>| {
            let one =
                |n| Record::to(&from).partition((n % partitions as usize) as i32).key(format!("k{n}")).value(value(n));
            broker.oracle.produce(numbers.map(one).collect::<Vec<_>>());
        };
        let round = each * partitions as usize;
        feed(0..round);
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\ngroup = \"{from}\"\nto = \"{to}\"\ndelivery = \"at-least-once\"\n\
                 workers = 1\npartition_by = \"source\"\nbatch = {{ records = 4096 }}\n\
                 [[pipelines.p.interceptors]]\nplugin = \"./slow.wat\"\ndeadline = \"5s\"\non_fault = \"stop\"\n"
            ),
        );
        let slow = Guest::named("slow").with("(global $n (mut i64) (i64.const 0))").when('x', LONG);
        gateway.write("slow.wat", slow.text());
        let mut one = gateway.run();
        eventually(60, "the first one works", || (broker.oracle.count(&[&to]) > 0).then_some(()));
        let mut other = gateway.run();
        feed(round..2 * round);
        eventually(90, "both have partitions", || {
            assert!(one.lives() && other.lives(), "weir ended: {}", one.log());
            let members = broker.oracle.members(&from)?;
            (members.len() == 2 && members.iter().all(|held| *held > 0)).then_some(())
        });
        feed(2 * round..3 * round);
        settled(&mut one, &from, 180);
        for running in [one, other] {
            assert!(!running.log().contains("stopped: "), "{}", running.log());
            assert!(running.stop().0.success());
        }
        let mut missing: std::collections::BTreeSet<String> = (0..3 * round).map(value).collect();
        for record in broker.oracle.read(&[&to]) {
            missing.remove(&String::from_utf8(record.value.unwrap()).unwrap());
        }
        assert!(missing.is_empty(), "lost: {missing:?}");
    });
}
