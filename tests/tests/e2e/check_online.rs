//! What `weir check --online` learns of a cluster before weir runs in it.

use serde_json::Value;
use weir_tests::{Broker, Finished, Gateway, Guarded, Topic, broker::PASSWORD, unique, within};

const CHECK: [&str; 4] = ["check", "--online", "-c", "weir.toml"];

/// A pipeline from `from` to `to` with the rest of its keys, which fixes timestamps.
fn pipeline((from, to): (&str, &str), rest: &str) -> String {
    format!(
        "[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\n{rest}\n\
         [[pipelines.p.interceptors]]\nplugin = \"timestamp-fixer\"\nconfig = {{ from = {{ header = \"t\" }}, unit = \"s\" }}\n"
    )
}

fn document(checked: &Finished) -> Value {
    serde_json::from_slice(&checked.out).expect("JSON")
}

/// Messages with their lines.
fn told(document: &Value, kind: &str) -> Vec<(u64, String)> {
    let all = document[kind].as_array().expect("a list").iter();
    all.map(|one| (one["line"].as_u64().unwrap_or_default(), one["message"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn a_configuration_that_suits_its_cluster_is_found_sound() {
    within(120, || {
        let broker = Broker::shared();
        let [from, to, dead] = ["check", "check-out", "check-dead"].map(unique);
        broker.oracle.create([&from, &to, &dead].map(|topic| Topic::new(topic, 1)));
        let gateway = Gateway::against(broker, &pipeline((&from, &to), &format!("dead_letter = \"{dead}\"")));
        let checked = gateway.weir(&[&CHECK[..], &["--deny-warnings"]].concat()).expect(0);
        assert_eq!(checked.err, "");
        let text = checked.text();
        assert!(text.contains("pipeline p") && text.contains("brokers      1 of 1 answer"), "{text}");
        assert!(!text.contains("not checked"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80 || line.contains("sha256")), "{text}");
    });
}

#[test]
fn settings_of_topics_that_undo_or_refuse_what_weir_writes_are_warned_of_at_their_lines() {
    within(120, || {
        let broker = Broker::shared();
        let [from, to, dead, routed] = ["check", "check-out", "check-dead", "check-routed"].map(unique);
        broker.oracle.create([
            Topic::new(&from, 1),
            Topic::new(&to, 1).with("message.timestamp.type", "LogAppendTime"),
            Topic::new(&dead, 1).with("cleanup.policy", "compact").with("message.timestamp.type", "LogAppendTime"),
            Topic::new(&routed, 1).with("max.message.bytes", "1000"),
        ]);
        let rest = format!("topics = [\"{routed}\"]\ndead_letter = \"{dead}\"");
        let config = |more: &str| pipeline((&from, &to), &format!("{rest}{more}"));
        let gateway = Gateway::against(broker, &config(""));
        let checked = document(&gateway.weir(&[&CHECK[..], &["--json"]].concat()).expect(0));
        let warnings = told(&checked, "warnings");
        let has = |line: u64, words: &[&str]| {
            let is = |(at, message): &&(u64, String)| *at == line && words.iter().all(|words| message.contains(words));
            assert_eq!(warnings.iter().filter(is).count(), 1, "{line} {words:?}: {warnings:#?}");
        };
        has(6, &["the broker's time replaces the timestamps", &to]);
        has(8, &[&routed, "1000 bytes", "max.message.bytes", &from, "1048588"]);
        has(9, &[&dead, "no record without a key", "cleanup.policy=compact"]);
        let its_own =
            |message: &str| message.contains("the broker's") || message.contains("bytes") || message.contains("key");
        assert_eq!(warnings.iter().filter(|(_, message)| its_own(message)).count(), 3, "{warnings:#?}");
        assert_eq!((&checked["cluster"]["answering"], &checked["cluster"]["error"]), (&1.into(), &Value::Null));
        gateway.weir(&[&CHECK[..], &["--deny-warnings"]].concat()).expect(78);

        // What the operator wrote of sizes counts more than what is read.
        gateway.write("weir.toml", Gateway::config(broker, &config("\nproducer = { \"message.max.bytes\" = 1000 }")));
        let checked = document(&gateway.weir(&[&CHECK[..], &["--json"]].concat()).expect(0));
        assert!(told(&checked, "warnings").iter().all(|(_, message)| !message.contains("1000 bytes")), "{checked:#}");
    });
}

/// A configuration of a user of its own, whose rights are these, and what a check says of it.
fn as_user(rights: &[(&str, &str, &str)], (from, to): (&str, &str)) -> Finished {
    let (guarded, user) = (Guarded::shared(), unique("user"));
    guarded.broker.oracle.set_password(&user, PASSWORD);
    for (operation, kind, name) in rights {
        guarded.broker.oracle.allow(&user, operation, kind, name);
    }
    let kafka = format!(
        "[kafka]\nbrokers = \"{}\"\n[kafka.options]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\
         \"sasl.mechanisms\" = \"SCRAM-SHA-256\"\n\"sasl.username\" = \"{user}\"\n\"sasl.password\" = \"{PASSWORD}\"\n",
        guarded.sasl
    );
    let gateway = Gateway::new(&format!("{kafka}{}", pipeline((from, to), "")));
    gateway.weir(&[&CHECK[..], &["--json"]].concat())
}

#[test]
fn rights_that_weir_lacks_are_told_with_what_grants_them() {
    within(120, || {
        let [from, to, hidden] = ["check", "check-out", "check-hidden"].map(unique);
        Guarded::shared().broker.oracle.create([&from, &to, &hidden].map(|topic| Topic::new(topic, 1)));
        let only_seen = [
            ("DESCRIBE", "TOPIC", &*from),
            ("DESCRIBE", "TOPIC", &*to),
            ("DESCRIBE", "GROUP", &*from),
            ("CREATE", "TOPIC", &*hidden),
        ];
        let refused = document(&as_user(&only_seen, (&from, &to)).expect(78));
        let expected = [
            (9, format!("weir may not read the topic `{from}`")),
            (10, format!("weir may not write to the topic `{to}`")),
            (11, format!("weir may not join the group `{from}`")),
        ];
        assert_eq!(told(&refused, "mistakes"), expected, "{refused:#}");
        let helps = refused["mistakes"].as_array().unwrap().iter().map(|one| one["help"].as_str().unwrap());
        let grants = [format!("Read --topic {from}"), format!("Write --topic {to}"), format!("Read --group {from}")];
        for (help, grant) in helps.zip(grants) {
            assert!(help.contains("kafka-acls.sh --add") && help.contains(&grant), "{help}");
        }
        let refused = document(&as_user(&[], (&from, &hidden)).expect(78));
        let hidden = format!("weir may not see the topic `{hidden}`, be it there or not");
        assert!(told(&refused, "mistakes").contains(&(10, hidden)), "{refused:#}");
    });
}

#[test]
fn whoever_may_do_what_weir_does_is_let_pass_and_told_what_could_not_be_looked_at() {
    within(120, || {
        let [from, to] = ["check", "check-out"].map(unique);
        Guarded::shared().broker.oracle.create([&from, &to].map(|topic| Topic::new(topic, 1)));
        let rights = [("READ", "TOPIC", &*from), ("WRITE", "TOPIC", &*to), ("READ", "GROUP", &*from)];
        let checked = document(&as_user(&rights, (&from, &to)).expect(0));
        let unchecked = &checked["cluster"]["unchecked"];
        assert!(unchecked[0].as_str().unwrap().contains("DescribeConfigs"), "{checked:#}");
        assert_eq!(unchecked.as_array().unwrap().len(), 1, "{checked:#}");
    });
}
