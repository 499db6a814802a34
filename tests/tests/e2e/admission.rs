//! Brokers that ask who comes, and brokers that must show who they are.

use weir_tests::{
    Gateway, Guarded, Record, Running, Topic,
    broker::{PASSWORD, USER},
    eventually, unique, within,
};

/// A gateway that speaks to `address` with these options, and its topics, which are there.
fn gateway(address: &str, options: &str) -> (Gateway, [String; 2]) {
    let topics = ["admission", "admission-out"].map(unique);
    let [from, to] = &topics;
    Guarded::shared().broker.oracle.create([from, to].map(|name| Topic::new(name, 1)));
    let config = format!(
        r#"[kafka]
brokers = "{address}"
[kafka.options]
{options}

[pipelines.p]
from = ["{from}"]
to = "{to}"
group = "{from}"
delivery = "at-least-once"
"#
    );
    (Gateway::new(&config), topics)
}

fn sasl(mechanism: &str, user: &str, password: &str) -> (Gateway, [String; 2]) {
    let guarded = Guarded::shared();
    gateway(
        &guarded.sasl,
        &format!(
            r#""security.protocol" = "SASL_PLAINTEXT"
"sasl.mechanisms" = "{mechanism}"
"sasl.username" = "{user}"
"sasl.password" = "{password}""#
        ),
    )
}

/// It carries a record.
fn carries(running: Running, [from, to]: &[String; 2]) {
    let oracle = &Guarded::shared().broker.oracle;
    oracle.produce([Record::to(from).value("a record")]);
    eventually(30, "it carries a record", || (oracle.count(&[to]) == 1).then_some(()));
    assert!(running.stop().0.success());
}

/// It ends by itself and says all of these, and never the password.
fn is_turned_away(gateway: &Gateway, words: &[&str], password: &str) {
    let mut running = gateway.run();
    let status = running.exit(20);
    let log = running.log();
    assert_eq!(status.code(), Some(1), "{log}");
    for words in words {
        assert!(log.contains(words), "nothing about `{words}`:\n{log}");
    }
    assert!(password.is_empty() || !log.contains(password), "the password stands in the log:\n{log}");
}

#[test]
fn the_right_password_lets_it_in() {
    within(90, || {
        let (gateway, topics) = sasl("PLAIN", USER, PASSWORD);
        carries(gateway.run(), &topics);
    });
}

#[test]
fn a_wrong_password_ends_the_start_and_names_the_broker_and_the_keys() {
    within(90, || {
        let (gateway, _) = sasl("PLAIN", USER, "guessed-word");
        let words = [&Guarded::shared().sasl, "Authentication failed", "sasl.password", "sasl.username"];
        is_turned_away(&gateway, &words, "guessed-word");
        let captured = gateway.weir(&["capture", "-c", "weir.toml", "--topic", "t", "--output", "-"]).expect(1);
        for words in [Guarded::shared().sasl.as_str(), "sasl.password"] {
            assert!(captured.err.contains(words), "nothing about `{words}`:\n{}", captured.err);
        }
    });
}

#[test]
fn a_mechanism_that_the_broker_does_not_offer_ends_the_start_and_names_what_it_offers() {
    within(90, || {
        let (gateway, _) = sasl("SCRAM-SHA-512", USER, PASSWORD);
        is_turned_away(
            &gateway,
            &[&Guarded::shared().sasl, "Unsupported SASL mechanism", "PLAIN", "SCRAM-SHA-256", "sasl.mechanisms"],
            PASSWORD,
        );
    });
}

#[test]
fn a_password_that_changes_while_it_runs_is_named_and_waited_for() {
    within(120, || {
        let oracle = &Guarded::shared().broker.oracle;
        oracle.set_password("changing", "first-word");
        let (gateway, [from, to]) = sasl("SCRAM-SHA-256", "changing", "first-word");
        let mut running = gateway.run();
        oracle.produce([Record::to(&from).value("before")]);
        eventually(30, "it carries a record", || (oracle.count(&[&to]) == 1).then_some(()));
        oracle.set_password("changing", "second-word");
        let said = running.says_after(0, "does not let weir in");
        for words in [Guarded::shared().sasl.as_str(), "sasl.password", "ERROR"] {
            assert!(said.contains(words), "nothing about `{words}`: {said}");
        }
        oracle.set_password("changing", "first-word");
        oracle.produce([Record::to(&from).value("after")]);
        eventually(60, "it goes on", || (oracle.count(&[&to]) == 2).then_some(()));
        assert!(running.lives());
        let log = running.log();
        let told = log.lines().filter(|line| line.contains("does not let weir in")).count();
        // Two or three clients, one line in ten seconds each; each tries four times a second.
        assert!(told <= 20, "{told} lines:\n{log}");
        assert!(running.stop().0.success());
    });
}

#[test]
fn a_broker_that_wants_another_protocol_is_waited_for_and_the_log_says_what_may_be_wrong() {
    within(90, || {
        let guarded = Guarded::shared();
        for (address, options) in [(&guarded.sasl, ""), (&guarded.tls, "")] {
            let (gateway, _) = gateway(address, options);
            let mut running = gateway.run();
            let said = running.says_after(0, "waiting for the brokers");
            assert!(said.contains("security.protocol") && said.contains(address.as_str()), "{said}");
            assert!(running.lives());
        }
    });
}

fn tls(authority: &std::path::Path) -> (Gateway, [String; 2]) {
    let options = format!("\"security.protocol\" = \"SSL\"\n\"ssl.ca.location\" = \"{}\"", authority.display());
    gateway(&Guarded::shared().tls, &options)
}

#[test]
fn a_broker_whose_authority_is_trusted_is_spoken_to_in_tls() {
    within(90, || {
        let (gateway, topics) = tls(&Guarded::shared().keys.authority);
        carries(gateway.run(), &topics);
    });
}

#[test]
fn a_broker_whose_authority_is_another_one_is_not_spoken_to() {
    within(90, || {
        let guarded = Guarded::shared();
        let (gateway, _) = tls(&guarded.keys.other_authority);
        is_turned_away(&gateway, &[&guarded.tls, "certificate", "ssl.ca.location"], "");
    });
}
