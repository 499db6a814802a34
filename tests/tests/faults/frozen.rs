//! Brokers that stand still for longer than a session lasts, again and again.

use rustix::process::Signal;
use weir_tests::{Broker, Gateway, Record, Topic, eventually, unique, within};

/// How long the broker stands still: twice as long as a session, and as long as it was seen to matter.
const FROZEN: std::time::Duration = std::time::Duration::from_secs(22);
/// How long it runs in between.
const THAWED: std::time::Duration = std::time::Duration::from_secs(10);
/// Pipelines, each with a group of its own: so many tries at once.
const TRIES: usize = 5;

fn a_broker_that_freezes_twice(protocol: &'static str) {
    within(240, move || {
        let broker = Broker::own();
        let oracle = &broker.oracle;
        let from = unique("frozen");
        let outs: Vec<String> = (0..TRIES).map(|number| format!("{from}-out-{number}")).collect();
        oracle.create([Topic::new(&from, 4)]);
        oracle.create(outs.iter().map(|name| Topic::new(name, 1)));
        let pipelines: Vec<String> = outs
            .iter()
            .enumerate()
            .map(|(number, to)| {
                format!(
                    r#"[pipelines.p{number}]
from = ["{from}"]
to = "{to}"
group = "{to}"
workers = 1
delivery = "at-least-once"
{protocol}
"#
                )
            })
            .collect();
        let gateway = Gateway::against(&broker, &pipelines.join("\n"));
        let mut running = gateway.run();
        let send = || oracle.produce((0..20).map(|n| Record::to(&from).partition(n % 4).value(n.to_string())));
        let flows = |seconds, what: &str| {
            let before: Vec<i64> = outs.iter().map(|to| oracle.count(&[to])).collect();
            send();
            eventually(seconds, what, || {
                let moved = outs.iter().zip(&before).filter(|(to, before)| oracle.count(&[to]) >= **before + 20);
                (moved.count() == TRIES).then_some(())
            });
        };
        flows(60, "records flow at first");
        for _ in 0..2 {
            broker.signal(Signal::STOP);
            // The fault itself: nothing shows how long it has lasted but time.
            std::thread::sleep(FROZEN);
            broker.signal(Signal::CONT);
            std::thread::sleep(THAWED);
        }
        flows(20, "records flow again within 30 s of the second thaw");
        assert!(running.lives());
        assert!(running.stop().0.success());
        broker.kill();
    });
}

#[test]
fn a_broker_that_freezes_twice_for_longer_than_a_session_stops_no_pipeline() {
    a_broker_that_freezes_twice("consumer = { \"session.timeout.ms\" = 10000 }");
}

#[test]
fn a_broker_that_freezes_twice_stops_no_pipeline_whose_group_the_broker_leads() {
    a_broker_that_freezes_twice("group_protocol = \"consumer\"");
}
