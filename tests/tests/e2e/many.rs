//! Many pipelines in one process, which share what each would have alone.

use weir_tests::{Broker, Gateway, Record, Topic, child_process::thread_names, eventually, unique, within};

/// More than have producers of their own.
const PIPELINES: usize = 18;
const RECORDS: usize = 4_000;
const PARTITIONS: i32 = 2;

/// The pipelines `p0` ... from one topic into topics of their own, of which the first takes no record without a key.
fn pipelines(from: &str) -> String {
    let pipeline = |number: usize| {
        format!(
            "[pipelines.p{number}]\nfrom = [\"{from}\"]\ngroup = \"{from}-{number}\"\nto = \"{from}-out-{number}\"\n\
             dead_letter = \"{from}-dead\"\npartition_by = \"source\"\n"
        )
    };
    (0..PIPELINES).map(pipeline).collect()
}

fn create(from: &str) {
    let outs: Vec<String> = (0..PIPELINES).map(|number| format!("{from}-out-{number}")).collect();
    let oracle = &Broker::shared().oracle;
    oracle.create([Topic::new(from, PARTITIONS), Topic::new(&format!("{from}-dead"), PARTITIONS)]);
    oracle.create(outs.iter().enumerate().map(|(number, name)| {
        let topic = Topic::new(name, PARTITIONS);
        if number == 0 { topic.with("cleanup.policy", "compact") } else { topic }
    }));
}

#[test]
fn pipelines_that_share_a_producer_lose_and_swap_nothing_where_one_of_them_is_refused_records() {
    within(240, || {
        let broker = Broker::shared();
        let oracle = &broker.oracle;
        let from = unique("many");
        create(&from);
        let is_bad = |n: usize| n % 500 == 41;
        let record = |n: usize| {
            let record = Record::to(&from).partition((n % PARTITIONS as usize) as i32).value(n.to_string());
            if is_bad(n) { record } else { record.key(format!("k{n}")) }
        };
        oracle.produce((0..RECORDS / 2).map(record));
        let gateway = Gateway::against(broker, &pipelines(&from));
        let mut running = gateway.run();
        let settled = |running: &mut weir_tests::Running, number: usize| {
            eventually(120, "everything is settled", || {
                assert!(running.lives(), "weir ended");
                (oracle.committed(&format!("{from}-{number}")) == oracle.ends(&[&from])).then_some(())
            });
        };
        settled(&mut running, PIPELINES - 1);
        oracle.produce((RECORDS / 2..RECORDS).map(record));
        for number in 0..PIPELINES {
            settled(&mut running, number);
        }
        let shared = thread_names(running.pid())
            .expect("it lives")
            .iter()
            .filter(|name| name.starts_with("kafka-reports"))
            .count();
        assert!((3..=4).contains(&shared), "{shared} producers for {PIPELINES} pipelines, eight of which share one");
        assert!(running.stop().0.success());
        let in_order = |is_wanted: &dyn Fn(usize) -> bool, partition: usize| -> Vec<usize> {
            (0..RECORDS).filter(|n| n % PARTITIONS as usize == partition && is_wanted(*n)).collect()
        };
        // What is sent again where a neighbour was refused may stand there twice, and in order each time.
        let read = |topic: &str, partition: usize| -> Vec<usize> {
            let numbers = oracle
                .read(&[topic])
                .into_iter()
                .map(|record| String::from_utf8(record.value.unwrap()).unwrap().parse::<usize>().unwrap());
            let mut seen = std::collections::HashSet::new();
            numbers.filter(|n| n % PARTITIONS as usize == partition && seen.insert(*n)).collect()
        };
        for partition in 0..PARTITIONS as usize {
            for number in 1..PIPELINES {
                let found = read(&format!("{from}-out-{number}"), partition);
                assert!(
                    found == in_order(&|_| true, partition),
                    "pipeline {number}: other records, or in another order"
                );
            }
            let (out, dead) = (read(&format!("{from}-out-0"), partition), read(&format!("{from}-dead"), partition));
            assert!(out == in_order(&|n| !is_bad(n), partition), "other records, or in another order");
            assert!(dead == in_order(&is_bad, partition), "other dead letters, or in another order");
        }
    });
}

#[test]
fn a_panic_of_the_thread_that_takes_the_reports_of_a_shared_producer_ends_the_process() {
    within(60, || {
        let from = unique("many");
        create(&from);
        let gateway = Gateway::against(Broker::shared(), &pipelines(&from));
        let mut running = gateway.run_with(&[("WEIR_FAILPOINT", "panic:reports")]);
        running.says("asked to by WEIR_FAILPOINT");
        assert_eq!(running.exit(5).code(), Some(1));
    });
}
