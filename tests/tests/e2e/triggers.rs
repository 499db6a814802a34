//! What makes a running weir look at its configuration, besides a file that is replaced.

use std::{collections::BTreeSet, fs, os::unix::fs::symlink};

use rustix::process::Signal;
use weir_tests::{Broker, Gateway, Load, Tally, Topic, eventually, unique, within};

use super::reload::{PARTITIONS, State, shows};

fn topics(name: &str) -> (String, String) {
    let (from, to) = (unique(name), unique(&format!("{name}-out")));
    Broker::shared().oracle.create([Topic::new(&from, PARTITIONS), Topic::new(&to, PARTITIONS)]);
    (from, to)
}

#[test]
fn a_hangup_reloads_and_is_answered_also_where_nothing_changed() {
    within(120, || {
        let (from, to) = topics("hangup");
        let state = State { number: 0, plugin: 0, rule: false, interceptor: false };
        let gateway = Gateway::new(&state.config(&from, &to));
        gateway.write("user.wat", state.plugin());
        let mut running = gateway.run();
        let load = Load::start(Broker::shared(), &from, PARTITIONS, 500);
        shows(&to, &state);
        let hangup = |words: &str| {
            let before = running.log().len();
            running.signal(Signal::HUP);
            running.says_after(before, words);
        };
        hangup("nothing has changed");
        gateway.write("weir.toml", state.config(&from, &to).replace("delivery =", "deliverry ="));
        running.says("deliverry");
        // By itself weir says it once.
        hangup("deliverry");
        let next = State { number: 1, ..state };
        gateway.write("weir.toml", next.config(&from, &to));
        running.signal(Signal::HUP);
        shows(&to, &next);
        load.finish();
        assert!(running.lives());
        assert!(running.stop().0.success());
    });
}

#[test]
fn a_config_map_swapped_by_its_link_takes_effect_as_a_whole() {
    within(120, || {
        let broker = Broker::shared();
        let (from, to) = topics("map");
        let states = [0, 1, 2].map(|number| State { number, plugin: number, rule: false, interceptor: false });
        let gateway = Gateway::new("");
        for state in &states {
            let version = gateway.path(&format!("..{}", state.number));
            fs::create_dir(&version).unwrap();
            fs::write(version.join("weir.toml"), state.config(&from, &to)).unwrap();
            fs::write(version.join("user.wat"), state.plugin()).unwrap();
        }
        // As a kubelet does: a new link is renamed over the old.
        let swap = |state: &State| {
            symlink(format!("..{}", state.number), gateway.path("..data_tmp")).unwrap();
            fs::rename(gateway.path("..data_tmp"), gateway.path("..data")).unwrap();
        };
        swap(&states[0]);
        fs::remove_file(gateway.path("weir.toml")).unwrap();
        for file in ["weir.toml", "user.wat"] {
            symlink(format!("..data/{file}"), gateway.path(file)).unwrap();
        }
        let running = gateway.run();
        let load = Load::start(broker, &from, PARTITIONS, 1000);
        shows(&to, &states[0]);
        for state in &states[1..] {
            swap(state);
            shows(&to, state);
            // A kubelet removes what was before.
            fs::remove_dir_all(gateway.path(&format!("..{}", state.number - 1))).unwrap();
        }
        let sent = load.finish();
        eventually(60, "everything is settled", || {
            (broker.oracle.committed(&from) == broker.oracle.ends(&[&from])).then_some(())
        });
        assert!(running.stop().0.success());
        let outputs = broker.oracle.read(&[&to]);
        assert_eq!(Tally::of(&outputs, sent, PARTITIONS), Tally::default(), "of {sent} records");
        let seen: BTreeSet<(u32, u32)> = outputs.iter().map(State::of).map(|at| (at.number, at.plugin)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [(0, 0), (1, 1), (2, 2)], "configuration and plugin");
    });
}
