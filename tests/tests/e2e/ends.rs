//! How weir ends: with which status, and within `shutdown_timeout` whatever is going on.

use std::{
    fs,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use weir_tests::{Broker, Gateway, Guest, Record, Running, Topic, eventually, oversized, unique, within};

/// A pipeline `p` with a plugin that misbehaves on records that begin with `T`.
fn pipeline(from: &str, more: &str, interceptor: &str) -> String {
    format!(
        "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{from}-out\"\ndead_letter = \"{from}-dead\"\ngroup = \"{from}\"\n\
         {more}\n[[pipelines.p.interceptors]]\nplugin = \"./guest.wat\"\n{interceptor}\n"
    )
}

fn create(broker: &Broker, from: &str) {
    let [to, dead] = ["out", "dead"].map(|end| format!("{from}-{end}"));
    broker.oracle.create([from, &to, &dead].map(|name| Topic::new(name, 1)));
}

fn value(from: &str, value: &str) -> Record {
    Record::to(from).partition(0).value(value)
}

/// SIGTERM; its status, once it has ended within `limit`.
#[track_caller]
fn ends_within(mut running: Running, limit: Duration) -> Option<i32> {
    let start = Instant::now();
    running.signal(Signal::TERM);
    let status = running.exit(60);
    assert!(start.elapsed() < limit, "{status} after {:?}", start.elapsed());
    status.code()
}

#[test]
fn weir_ends_with_status_1_when_its_only_pipeline_has_stopped() {
    within(60, || {
        let (broker, from) = (Broker::shared(), unique("alone"));
        create(broker, &from);
        broker.oracle.produce([value(&from, "a"), value(&from, "T")]);
        let gateway = Gateway::against(broker, &pipeline(&from, "", "on_fault = \"stop\""));
        gateway.write("guest.wat", Guest::named("trap").when('T', "(unreachable)").text());
        let mut running = gateway.run();
        let status = running.exit(30);
        assert_eq!(status.code(), Some(1));
        assert!(running.log().contains("no pipeline runs any more"), "it says why it ends");
    });
}

#[test]
fn a_stopped_pipeline_starts_again_from_its_watermark_with_the_change_that_cures_it() {
    within(120, || {
        let (broker, from) = (Broker::shared(), unique("revived"));
        create(broker, &from);
        broker.oracle.produce(["a", "T", "b"].map(|text| value(&from, text)));
        let config =
            |on_fault: &str| format!("on_stop = \"hold\"\n{}", Gateway::config(broker, &pipeline(&from, "", on_fault)));
        let gateway = Gateway::new(&config("on_fault = \"stop\""));
        gateway.write("guest.wat", Guest::named("trap").when('T', "(unreachable)").text());
        let mut running = gateway.run();
        running.says("stopped: ");
        broker.oracle.produce([value(&from, "c")]);
        assert!(running.lives(), "it holds what it has");
        gateway.write("weir.toml", config("on_fault = \"dead-letter\""));
        running.says("revived: ");
        eventually(30, "everything is committed", || {
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        let texts = |topic: &str| {
            let records = broker.oracle.read(&[&format!("{from}-{topic}")]);
            records.into_iter().map(|record| String::from_utf8(record.value.unwrap()).unwrap()).collect::<Vec<_>>()
        };
        // What stood before the fault may have been sent before it stopped, and comes once more then.
        let out = texts("out");
        assert!(out == ["a", "b", "c"] || out == ["a", "a", "b", "c"], "{out:?}");
        assert_eq!(texts("dead"), ["T"]);
        assert!(running.stop().0.success(), "nothing is stopped any more");
    });
}

#[test]
fn a_plugin_that_is_busy_for_long_does_not_keep_weir_from_ending() {
    within(90, || {
        let (broker, from) = (Broker::shared(), unique("busy"));
        create(broker, &from);
        let config = Gateway::config(broker, &pipeline(&from, "workers = 1", "deadline = \"5s\""));
        let gateway = Gateway::new(&format!("shutdown_timeout = \"2s\"\n{config}"));
        gateway.write("guest.wat", Guest::named("endless").when('T', "(loop $l (br $l))").text());
        let running = gateway.run();
        broker.oracle.produce([value(&from, "a")]);
        eventually(30, "it carries a record", || (broker.oracle.count(&[&format!("{from}-out")]) == 1).then_some(()));
        let before = cpu_ticks(running.pid());
        broker.oracle.produce([value(&from, "T")]);
        eventually(30, "the plugin is busy", || (cpu_ticks(running.pid()) > before + 50).then_some(()));
        assert_eq!(ends_within(running, Duration::from_secs(3)), Some(1), "not everything is settled");
    });
}

#[test]
fn a_plugin_that_is_dear_to_compile_does_not_keep_weir_from_ending() {
    within(120, || {
        let (broker, from) = (Broker::shared(), unique("dear"));
        create(broker, &from);
        let config = Gateway::config(broker, &pipeline(&from, "", ""));
        let gateway = Gateway::new(&format!("shutdown_timeout = \"3s\"\n{config}"));
        let dear = oversized::dear_functions(1000);
        gateway.write("guest.wat", &dear);
        // While it starts: nothing has been begun that would have to be settled.
        let running = gateway.run_with(&[("WEIR_CACHE", gateway.path("cache").to_str().unwrap())]);
        eventually(30, "it compiles", || (cpu_ticks(running.pid()) > 100).then_some(()));
        assert_eq!(ends_within(running, Duration::from_secs(2)), Some(0));
        // As a reload: what runs is settled meanwhile.
        gateway.write("guest.wat", Guest::named("cheap").text());
        let running = gateway.run_with(&[("WEIR_CACHE", gateway.path("cache").to_str().unwrap())]);
        broker.oracle.produce([value(&from, "a")]);
        eventually(30, "everything is committed", || {
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        let before = cpu_ticks(running.pid());
        gateway.write("guest.wat", &dear);
        eventually(30, "it compiles", || (cpu_ticks(running.pid()) > before + 100).then_some(()));
        assert_eq!(ends_within(running, Duration::from_secs(4)), Some(0), "everything is settled");
    });
}

#[test]
fn brokers_that_are_frozen_do_not_keep_weir_from_ending() {
    within(180, || {
        let (broker, from) = (Broker::own(), unique("frozen"));
        create(&broker, &from);
        let config = Gateway::config(&broker, &pipeline(&from, "", ""));
        let gateway = Gateway::new(&format!("shutdown_timeout = \"3s\"\n{config}"));
        gateway.write("guest.wat", Guest::named("none").text());
        let running = gateway.run();
        broker.oracle.produce([value(&from, "a")]);
        eventually(30, "everything is committed", || {
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        let java = Pid::from_raw(broker.process().unwrap() as i32).unwrap();
        kill_process(java, Signal::STOP).unwrap();
        assert_eq!(ends_within(running, Duration::from_secs(4)), Some(0), "nothing was left to settle");
        // While it starts.
        let running = gateway.run();
        eventually(30, "it has begun to connect", || running.log().contains("waiting for the brokers").then_some(()));
        assert_eq!(ends_within(running, Duration::from_secs(2)), Some(0));
        broker.kill();
    });
}

#[test]
fn a_hundred_pipelines_end_within_ten_seconds() {
    within(240, || {
        let (broker, from) = (Broker::shared(), unique("hundred"));
        create(broker, &from);
        let pipelines: String = (0..100)
            .map(|number| {
                format!(
                    "[pipelines.p{number}]\nfrom = [\"{from}\"]\nto = \"{from}-out\"\ngroup = \"{from}-{number}\"\n"
                )
            })
            .collect();
        let gateway = Gateway::against(broker, &pipelines);
        let running = gateway.run();
        broker.oracle.produce((0..10).map(|number| value(&from, &number.to_string())));
        let ends = broker.oracle.ends(&[&from]);
        eventually(120, "every pipeline has committed everything", || {
            (0..100).all(|number| broker.oracle.committed(&format!("{from}-{number}")) == ends).then_some(())
        });
        assert_eq!(ends_within(running, Duration::from_secs(10)), Some(0));
    });
}

/// CPU time that a process and its children have used, in hundredths of a second.
fn cpu_ticks(pid: u32) -> u64 {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let stats = processes.filter_map(|process| fs::read_to_string(process.path().join("stat")).ok());
    stats
        .filter_map(|stat| {
            let (number, rest) = stat.split_once(" (")?;
            // The name in brackets may hold anything; behind it stand state, parent, and further on user and system time.
            let fields: Vec<&str> = rest.rsplit_once(") ")?.1.split(' ').collect();
            let of = |at: usize| fields.get(at)?.parse::<u64>().ok();
            (number.parse() == Ok(pid) || of(1)? == u64::from(pid)).then_some(of(11)? + of(12)?)
        })
        .sum()
}
