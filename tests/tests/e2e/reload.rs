//! Configurations that change while records flow.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use weir_tests::{
    Broker, Gateway, Guest, Load, Record, Running, Tally, Topic, eventually, load::source, oversized, unique, within,
};

pub(crate) const PARTITIONS: i32 = 3;

/// Ends the load and, once everything is settled, weir; every record came through once, in its partition's order.
pub(crate) fn carried(broker: &Broker, mut running: Running, load: Load, (from, to): (&str, &str)) -> Vec<Record> {
    let sent = load.finish();
    eventually(60, "everything is settled", || {
        (broker.oracle.committed(from) == broker.oracle.ends(&[from])).then_some(())
    });
    assert!(running.lives());
    assert!(running.stop().0.success());
    let outputs = broker.oracle.read(&[to]);
    assert_eq!(Tally::of(&outputs, sent, PARTITIONS), Tally::default(), "of {sent} records");
    outputs
}

/// What one generation does to a record: how its headers show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Written by the first interceptor and by the last: both must come from the same generation.
    pub(crate) number: u32,
    /// The version of the user's plugin.
    pub(crate) plugin: u32,
    /// Whether a further rule and a further interceptor are there.
    pub(crate) rule: bool,
    pub(crate) interceptor: bool,
}

impl State {
    pub(crate) fn config(&self, from: &str, to: &str) -> String {
        let rule = if self.rule { r#", { name = "rule", value = "yes" }"# } else { "" };
        let interceptor = if self.interceptor {
            "[[pipelines.p.interceptors]]\nname = \"more\"\nplugin = \"header-enricher\"\nconfig = { headers = [ { name = \"interceptor\", value = \"yes\" } ] }\n"
        } else {
            ""
        };
        let number = self.number;
        Gateway::config(
            Broker::shared(),
            &format!(
                r#"[pipelines.p]
from = ["{from}"]
to = "{to}"
group = "{from}"
delivery = "at-least-once"

[[pipelines.p.interceptors]]
name = "first"
plugin = "header-enricher"
config = {{ headers = [ {{ name = "first", value = "{number}" }}{rule} ] }}

[[pipelines.p.interceptors]]
name = "user"
plugin = "./user.wat"

{interceptor}
[[pipelines.p.interceptors]]
name = "last"
plugin = "header-enricher"
config = {{ headers = [ {{ name = "last", value = "{number}" }} ] }}
"#
            ),
        )
    }

    pub(crate) fn plugin(&self) -> String {
        Guest::named("user").stamps("user", &self.plugin.to_string()).text()
    }

    /// What a record says of the generation that made it.
    pub(crate) fn of(record: &Record) -> Self {
        let number =
            |name: &str| record.text(name).unwrap_or_else(|| panic!("no `{name}`: {record:?}")).parse().unwrap();
        assert_eq!(record.text("first"), record.text("last"), "two generations at work on one record");
        let has = |name: &str| record.text(name).is_some();
        Self { number: number("first"), plugin: number("user"), rule: has("rule"), interceptor: has("interceptor") }
    }
}

/// Waits until records of this state arrive.
pub(crate) fn shows(to: &str, state: &State) {
    eventually(30, &format!("records show {state:?}"), || {
        let last = Broker::shared().oracle.last(to);
        last.iter().any(|record| State::of(record) == *state).then_some(())
    });
}

/// Breaks something, waits for the complaint, and puts back what was there.
fn refused(gateway: &Gateway, running: &Running, file: &str, bad: &[u8], words: &str) {
    let good = fs::read(gateway.path(file)).unwrap();
    let before = running.log().len();
    // In place and not by a rename: as a careless editor does.
    fs::write(gateway.path(file), bad).unwrap();
    running.says_after(before, words);
    gateway.write(file, good);
}

#[test]
fn fifty_good_changes_and_twenty_bad_ones_under_load() {
    within(300, || {
        let broker = Broker::shared();
        let (from, to) = (unique("reload"), unique("reload-out"));
        broker.oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
        let mut state = State { number: 0, plugin: 0, rule: false, interceptor: false };
        let gateway = Gateway::new(&state.config(&from, &to));
        gateway.write("user.wat", state.plugin());
        let running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, 2000);
        shows(&to, &state);
        let mut states = vec![state.clone()];
        for change in 0..50 {
            match change % 5 {
                0 | 3 => state.number += 1,
                1 => state.rule = !state.rule,
                2 => state.interceptor = !state.interceptor,
                _ => state.plugin += 1,
            }
            if change % 5 == 4 {
                gateway.write("user.wat", state.plugin());
            } else {
                gateway.write("weir.toml", state.config(&from, &to));
            }
            shows(&to, &state);
            states.push(state.clone());
            if change % 10 < 4 {
                let config = state.config(&from, &to);
                match change % 10 {
                    0 => refused(&gateway, &running, "weir.toml", &config.as_bytes()[..config.len() / 2], "rejected"),
                    1 => {
                        let unknown = config.replace("delivery =", "deliverry =");
                        refused(&gateway, &running, "weir.toml", unknown.as_bytes(), "deliverry");
                    }
                    2 => {
                        let plugin = state.plugin();
                        refused(&gateway, &running, "user.wat", &plugin.as_bytes()[..plugin.len() / 2], "user.wat");
                    }
                    _ => {
                        let failing = Guest::named("user").configures_with("(unreachable)").text();
                        refused(&gateway, &running, "user.wat", failing.as_bytes(), "user.wat");
                    }
                }
            }
        }
        let outputs = carried(broker, running, load, (&from, &to));
        // Generations never go backwards within a source partition.
        let mut last: BTreeMap<i32, usize> = BTreeMap::new();
        let mut by_source: Vec<&Record> = outputs.iter().collect();
        by_source.sort_by_key(|record| source(record));
        let mut used = vec![0_u64; states.len()];
        for record in by_source {
            let at = last.entry(source(record).0).or_default();
            let now = State::of(record);
            let found = states[*at..].iter().position(|state| *state == now);
            *at += found.unwrap_or_else(|| panic!("{now:?} is no generation from {:?} on: {record:?}", states[*at]));
            used[*at] += 1;
        }
        assert!(used.iter().all(|records| *records > 0), "a generation carried nothing: {used:?}");
    });
}

#[test]
fn what_cannot_change_while_it_runs_is_refused_as_a_whole() {
    within(120, || {
        let broker = Broker::shared();
        let (from, to) = (unique("static"), unique("static-out"));
        broker.oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
        let state = State { number: 0, plugin: 0, rule: false, interceptor: false };
        let gateway = Gateway::new(&state.config(&from, &to));
        gateway.write("user.wat", state.plugin());
        let running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, 500);
        shows(&to, &state);
        let before = running.log().len();
        let next = State { number: 1, ..state.clone() };
        gateway.write("weir.toml", format!("on_stop = \"hold\"\n{}", next.config(&from, &to)));
        running.says_after(before, "on_stop");
        // The good one after it takes effect: with its number.
        let next = State { number: 2, ..state };
        gateway.write("weir.toml", next.config(&from, &to));
        shows(&to, &next);
        load.finish();
        assert!(running.stop().0.success());
        let numbers = broker
            .oracle
            .read(&[&to])
            .iter()
            .map(|record| State::of(record).number)
            .collect::<std::collections::BTreeSet<_>>();
        assert_eq!(numbers.into_iter().collect::<Vec<_>>(), [0, 2]);
    });
}

#[test]
fn a_plugin_that_is_dear_to_compile_holds_up_neither_records_nor_the_next_change_nor_the_end() {
    within(180, || {
        let broker = Broker::shared();
        let (from, to) = (unique("dear"), unique("dear-out"));
        broker.oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
        let state = State { number: 0, plugin: 0, rule: false, interceptor: false };
        let gateway = Gateway::new(&state.config(&from, &to));
        gateway.write("user.wat", state.plugin());
        let running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, 500);
        shows(&to, &state);
        // Refused by its size, while records flow.
        let (before, passed) = (running.log().len(), broker.oracle.ends(&[&to]));
        gateway.write("user.wat", oversized::nested_loops(300));
        running.says_after(before, "64 loops inside each other");
        eventually(30, "records flow", || (broker.oracle.ends(&[&to]) != passed).then_some(()));
        // One that would take half a minute gives way to the next.
        gateway.write("user.wat", oversized::dear_functions(3000));
        eventually(30, "it is compiled", || (compilers_of(&running) > 0).then_some(()));
        let next = State { plugin: 1, ..state };
        let begun = Instant::now();
        gateway.write("user.wat", next.plugin());
        shows(&to, &next);
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        // And to the end.
        gateway.write("user.wat", oversized::dear_functions(3000));
        eventually(30, "it is compiled", || (compilers_of(&running) > 0).then_some(()));
        let sent = load.finish();
        // What was not read when weir ends is not lost, and not there.
        let outputs = || broker.oracle.count(&[&to]);
        eventually(30, "all is delivered", || (outputs() >= broker.oracle.count(&[&from])).then_some(()));
        let (status, time) = running.stop();
        assert!(status.success() && time < Duration::from_secs(15), "{status} after {time:?}");
        let outputs = broker.oracle.read(&[&to]);
        assert_eq!(Tally::of(&outputs, sent, PARTITIONS).lost, 0);
    });
}

/// How many processes compile for this weir.
fn compilers_of(running: &Running) -> usize {
    let parent = running.pid().to_string();
    let stats = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // `pid (name) state parent …`; a name may hold anything.
        stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().nth(1) == Some(&*parent))
    });
    stats.filter(|is_child| *is_child).count()
}
