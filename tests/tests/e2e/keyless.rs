//! Records without a key on their way to a compacted topic, which takes none.

use weir_tests::{Broker, Gateway, Record, Running, Topic, child_process::thread_names, eventually, unique, within};

/// How many clients of Kafka it has: each has one main thread.
fn clients(running: &Running) -> usize {
    thread_names(running.pid()).unwrap().iter().filter(|name| name.starts_with("rdk:main")).count()
}

#[test]
fn records_that_a_compacted_topic_refuses_die_and_those_between_them_keep_their_order() {
    within(120, || {
        let broker = Broker::shared();
        let (from, to, dead) = (unique("keyless"), unique("keyless-out"), unique("keyless-dead"));
        let compacted = Topic::new(&to, 1).with("cleanup.policy", "compact");
        broker.oracle.create([Topic::new(&from, 1), compacted, Topic::new(&dead, 1)]);
        // Several in one request, so that the broker answers for those between them as well.
        let keyless = [3, 4, 9, 40, 41, 47, 900, 1500, 1501, 1502, 1510];
        let record = |n: usize| {
            let record = Record::to(&from).partition(0).at(1_700_000_000_000 + n as i64).value(n.to_string());
            if keyless.contains(&n) { record } else { record.key(format!("{n:04}")) }
        };
        broker.oracle.produce((0..3).map(record).collect::<Vec<_>>());
        let gateway = Gateway::against(
            broker,
            &format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\ngroup = \"{from}\"\nto = \"{to}\"\ndead_letter = \"{dead}\"\n\
                 delivery = \"at-least-once\"\n"
            ),
        );
        let mut running = gateway.run();
        let settled = |running: &mut Running| {
            eventually(60, "everything is settled", || {
                assert!(running.lives(), "weir ended");
                (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
            });
        };
        settled(&mut running);
        let usual = clients(&running);
        broker.oracle.produce((3..2000).map(record).collect::<Vec<_>>());
        settled(&mut running);
        eventually(30, "the producer that found out who is to blame is gone", || {
            (clients(&running) == usual).then_some(())
        });
        assert!(running.stop().0.success());
        let text = |record: Record| String::from_utf8(record.value.unwrap()).unwrap();
        let passed: Vec<String> = (0..2000).filter(|n| !keyless.contains(n)).map(|n| n.to_string()).collect();
        assert_eq!(broker.oracle.read(&[&to]).into_iter().map(text).collect::<Vec<_>>(), passed);
        let letters: Vec<String> = broker.oracle.read(&[&dead]).into_iter().map(text).collect();
        assert_eq!(letters, keyless.map(|n| n.to_string()));
    });
}
