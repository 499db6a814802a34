//! Topics that go, and rights that are taken away, while weir runs and nothing is sent.

use serde_json::Value;
use weir_tests::{Broker, Gateway, Guarded, Record, Running, Topic, broker::PASSWORD, eventually, unique, within};

/// What a running weir says that it cannot use.
fn unusable(gateway: &Gateway, running: &Running) -> Vec<(String, String)> {
    let log = running.log();
    let address = log.split("address=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    // Its status is 1 where it is not ready.
    let status = gateway.weir(&["status", "--json", "--admin", &format!("http://{address}")]);
    let status: Value = serde_json::from_slice(&status.out).unwrap();
    let all = status["pipelines"][0]["unusable_topics"].as_array().unwrap().iter();
    all.map(|one| (one["topic"].as_str().unwrap().to_owned(), one["why"].as_str().unwrap().to_owned())).collect()
}

fn await_unusable(gateway: &Gateway, running: &Running, wanted: &[(&str, &str)]) {
    let wanted: Vec<(String, String)> = wanted.iter().map(|(topic, why)| ((*topic).into(), (*why).into())).collect();
    eventually(60, &format!("{wanted:?} cannot be used"), || (unusable(gateway, running) == wanted).then_some(()));
}

#[test]
fn a_destination_that_goes_is_told_once_and_once_more_when_it_is_back() {
    within(240, || {
        let oracle = &Broker::shared().oracle;
        let [from, to, planned] = ["unusable", "unusable-out", "planned"].map(unique);
        oracle.create([&from, &to, &planned].map(|topic| Topic::new(topic, 1)));
        let gateway = Gateway::against(
            Broker::shared(),
            &format!(
                "[admin]\nlisten = \"127.0.0.1:0\"\n[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\n\
                 topics = [\"planned-*\"]\n[[pipelines.p.interceptors]]\nplugin = \"header-router\"\n\
                 config = {{ header = \"h\", match = {{ a = \"{planned}\" }} }}\n"
            ),
        );
        let running = gateway.run();
        oracle.produce([Record::to(&from).value("one")]);
        eventually(60, "it carries a record", || (oracle.count(&[&to]) == 1).then_some(()));
        assert_eq!(unusable(&gateway, &running), []);
        oracle.delete(&planned);
        await_unusable(&gateway, &running, &[(&planned, "missing")]);
        oracle.create([Topic::new(&planned, 1)]);
        await_unusable(&gateway, &running, &[]);
        let log = running.log();
        for words in ["a topic that the configuration or a plan names is not there", "the topic is there again"] {
            let lines: Vec<&str> = log.lines().filter(|line| line.contains(words)).collect();
            assert!(lines.len() == 1 && lines[0].contains(&planned), "{words}: {lines:?}\n{log}");
        }
        assert!(running.stop().0.success());
    });
}

#[test]
fn a_right_that_is_taken_away_is_told_before_a_record_needs_it() {
    within(120, || {
        let guarded = Guarded::shared();
        let [user, from, to] = ["user", "unusable", "unusable-out"].map(unique);
        guarded.broker.oracle.set_password(&user, PASSWORD);
        guarded.broker.oracle.create([&from, &to].map(|topic| Topic::new(topic, 1)));
        let gateway = Gateway::new(&format!(
            "[admin]\nlisten = \"127.0.0.1:0\"\n[kafka]\nbrokers = \"{}\"\n[kafka.options]\n\
             \"security.protocol\" = \"SASL_PLAINTEXT\"\n\"sasl.mechanisms\" = \"SCRAM-SHA-256\"\n\
             \"sasl.username\" = \"{user}\"\n\"sasl.password\" = \"{PASSWORD}\"\n\
             [pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\n",
            guarded.sasl
        ));
        let mut running = gateway.run();
        running.says("running");
        guarded.broker.oracle.allow(&user, "DESCRIBE", "TOPIC", &to);
        await_unusable(&gateway, &running, &[(&to, "not-writable")]);
        let log = running.log();
        assert!(log.contains("weir lacks Write on the topic") && running.lives(), "{log}");
    });
}

#[test]
fn a_planned_topic_that_is_missing_at_the_start_is_a_warning_or_keeps_weir_from_starting() {
    within(120, || {
        let oracle = &Broker::shared().oracle;
        let [from, to, dead, planned] = ["missing", "missing-out", "missing-dead", "planned"].map(unique);
        oracle.create([&from, &to, &dead].map(|topic| Topic::new(topic, 1)));
        let config = |more: &str| {
            format!(
                "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ndead_letter = \"{dead}\"\ngroup = \"{from}\"\n\
                 topics = [\"planned-*\"]\n{more}[[pipelines.p.interceptors]]\nplugin = \"header-router\"\n\
                 config = {{ header = \"h\", match = {{ a = \"{planned}\" }} }}\n"
            )
        };
        let told = format!("interceptor `header-router` may route to topics that are not there: {planned}");
        let refusing = Gateway::against(Broker::shared(), &config("unknown_topics = \"refuse\"\n"));
        let refused = refusing.weir(&["run", "-c", "weir.toml"]).expect(1).err;
        // Long lines are broken where people look.
        let words = refused.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(refused.contains(&planned) && words.contains("weir.toml:"), "{refused}");
        assert!(words.contains("unknown_topics = \"warn\""), "it says what to write instead: {refused}");
        assert!(oracle.committed(&from).is_empty(), "nothing was begun");

        let gateway = Gateway::against(Broker::shared(), &config(""));
        let running = gateway.run();
        oracle.produce(["a", "b"].map(|value| Record::to(&from).value(value).header("h", value)));
        eventually(60, "what goes there is a dead letter, and all else is carried", || {
            (oracle.count(&[&dead]) == 1 && oracle.count(&[&to]) == 1).then_some(())
        });
        assert_eq!(oracle.read(&[&dead])[0].text("weir.error.kind").as_deref(), Some("unknown-topic"));
        let log = running.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&told)).collect();
        assert!(lines.len() == 1 && lines[0].contains(" WARN "), "{lines:?}\n{log}");
        assert!(running.stop().0.success());
    });
}
