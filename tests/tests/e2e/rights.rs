//! Rights that weir lacks: each is told as what it is, with what it is missing on and the command that grants it.

use weir_tests::{Gateway, Guarded, Record, Running, Topic, broker::PASSWORD, eventually, unique, within};

/// A gateway of a user of its own, who has every right on what nobody was given any right on.
struct User {
    gateway: Gateway,
    name: String,
    from: String,
    to: String,
}

impl User {
    fn new() -> Self {
        let oracle = &Guarded::shared().broker.oracle;
        let [name, from, to] = ["user", "rights", "rights-out"].map(unique);
        oracle.set_password(&name, PASSWORD);
        oracle.create([&from, &to].map(|topic| Topic::new(topic, 1)));
        let sasl = &Guarded::shared().sasl;
        let gateway = Gateway::new(&format!(
            "[kafka]\nbrokers = \"{sasl}\"\n[kafka.options]\n\"security.protocol\" = \"SASL_PLAINTEXT\"\n\
             \"sasl.mechanisms\" = \"SCRAM-SHA-256\"\n\"sasl.username\" = \"{name}\"\n\"sasl.password\" = \"{PASSWORD}\"\n\
             [pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\n"
        ));
        Self { gateway, name, from, to }
    }

    /// From now on the user may do this and nothing else.
    fn may_only(&self, operation: &str, (kind, name): (&str, &str)) {
        Guarded::shared().broker.oracle.allow(&self.name, operation, kind, name);
    }

    /// It ends by itself, once a record was there to be carried, and says all of these.
    fn is_refused(&self, words: &[&str]) {
        let mut running = self.gateway.run();
        Guarded::shared().broker.oracle.produce([Record::to(&self.from).value("a record")]);
        let status = running.exit(60);
        let log = running.log();
        assert_eq!(status.code(), Some(1), "{log}");
        for words in words {
            assert!(log.contains(words), "nothing about `{words}`:\n{log}");
        }
    }
}

#[test]
fn a_topic_that_may_not_be_seen_is_not_told_as_one_that_is_not_there() {
    within(120, || {
        let user = User::new();
        user.may_only("CREATE", ("TOPIC", &user.from));
        let grant = format!("--operation Read --topic {}", user.from);
        user.is_refused(&["weir may not see the topic", "kafka-acls.sh --add", &grant]);
    });
}

#[test]
fn a_source_that_may_not_be_read_stops_the_pipeline() {
    within(120, || {
        let user = User::new();
        user.may_only("DESCRIBE", ("TOPIC", &user.from));
        let grant = format!("--operation Read --topic {}", user.from);
        user.is_refused(&["weir lacks Read on the topic", &grant]);
    });
}

#[test]
fn a_group_that_may_not_be_joined_stops_the_pipeline() {
    within(120, || {
        let user = User::new();
        user.may_only("DESCRIBE", ("GROUP", &user.from));
        let grant = format!("--operation Read --group {}", user.from);
        user.is_refused(&["weir lacks Read on the group", &grant]);
    });
}

#[test]
fn a_destination_that_may_not_be_written_stops_the_pipeline() {
    within(120, || {
        let user = User::new();
        user.may_only("DESCRIBE", ("TOPIC", &user.to));
        let grant = format!("--operation Write --topic {}", user.to);
        user.is_refused(&["weir lacks Write on the topic", &grant]);
    });
}

#[test]
fn a_right_that_is_taken_away_while_it_runs_is_told_at_once() {
    within(120, || {
        let user = User::new();
        let oracle = &Guarded::shared().broker.oracle;
        let mut running: Running = user.gateway.run();
        oracle.produce([Record::to(&user.from).value("one")]);
        eventually(60, "it carries a record", || (oracle.count(&[&user.to]) == 1).then_some(()));
        user.may_only("DESCRIBE", ("TOPIC", &user.to));
        oracle.produce([Record::to(&user.from).value("two")]);
        assert_eq!(running.exit(60).code(), Some(1));
        assert!(running.log().contains("weir lacks Write on the topic"), "{}", running.log());
    });
}
