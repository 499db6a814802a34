//! What is wrong stands in `weir status` within two seconds, with its reason: nobody needs the log for it.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use weir_tests::{
    Broker, Gateway, Guarded, Guest, Record, Running, Topic, admin::address, broker::PASSWORD, eventually, unique,
    within,
};

/// From when something is there to be seen until the status tells it.
const SOON: Duration = Duration::from_secs(2);
/// How often the status is asked.
const PACE: Duration = Duration::from_millis(50);
/// Until what was caused is there to be seen.
const CAUSED: Duration = Duration::from_secs(60);

/// The column of the status for people that tells lost records.
const LOST: usize = 7;

/// A weir with one pipeline that is asked for its status.
struct Fixture {
    gateway: Gateway,
    running: Running,
    from: String,
}

impl Fixture {
    /// Of a pipeline `p` from a topic of its own to `FROM-out`, with these keys and interceptors, that has carried a record.
    fn start(name: &str, partitions: i32, more: &str) -> Self {
        let broker = Broker::shared();
        let from = topics(broker, name, partitions);
        let gateway = Gateway::new(&config(&format!("brokers = \"{}\"", broker.address), &from, more));
        gateway.write("trap.wat", Guest::named("trap").when('T', "(unreachable)").text());
        Self::carrying(broker, gateway, from)
    }

    /// The same as a user of its own, who has every right on what nobody was given any right on.
    fn of_a_user() -> (Self, String) {
        let Guarded { broker, sasl, .. } = Guarded::shared();
        let user = unique("user");
        broker.oracle.set_password(&user, PASSWORD);
        let from = topics(broker, "told", 1);
        let kafka = format!(
            "brokers = \"{sasl}\"\noptions = {{ \"security.protocol\" = \"SASL_PLAINTEXT\", \"sasl.mechanisms\" = \
             \"SCRAM-SHA-256\", \"sasl.username\" = \"{user}\", \"sasl.password\" = \"{PASSWORD}\" }}"
        );
        let gateway = Gateway::new(&config(&kafka, &from, &format!("to = \"{from}-out\"")));
        (Self::carrying(broker, gateway, from), user)
    }

    fn carrying(broker: &Broker, gateway: Gateway, from: String) -> Self {
        let running = gateway.run();
        broker.oracle.produce([Record::to(&from).partition(0).value("first")]);
        eventually(60, "the first record is settled", || {
            (broker.oracle.committed(&from).values().sum::<i64>() == 1).then_some(())
        });
        Self { gateway, running, from }
    }

    /// The status for machines, and the one for people.
    fn status(&self) -> (Value, String) {
        let admin = format!("http://{}", address(&self.running));
        let [json, plain] = [&["--json"][..], &[]].map(|more| {
            let status = self.gateway.weir(&[&["status", "--admin", &admin], more].concat());
            assert!(matches!(status.status, Some(0 | 1)) && !status.out.is_empty(), "{}", status.err);
            status
        });
        (serde_json::from_slice(&json.out).unwrap(), plain.text())
    }

    /// Causes something. Within [`SOON`] of when that is `there` to be seen the status shows it, and the one for people has
    /// all of these words.
    #[track_caller]
    fn tells(&self, cause: impl FnOnce(), there: impl Fn() -> bool, shows: impl Fn(&Value) -> bool, words: &[&str]) {
        self.tells_in_words(cause, there, shows, |_, plain| words.iter().all(|word| plain.contains(word)));
    }

    /// The same where the words depend on what the status for machines shows.
    #[track_caller]
    fn tells_in_words(
        &self,
        cause: impl FnOnce(),
        there: impl Fn() -> bool,
        shows: impl Fn(&Value) -> bool,
        says: impl Fn(&Value, &str) -> bool,
    ) {
        let is_told = |(json, plain): &(Value, String)| shows(json) && says(json, plain);
        assert!(!is_told(&self.status()), "it is told before there is anything to tell");
        cause();
        let (begun, mut since) = (Instant::now(), None);
        loop {
            if since.is_none() && there() {
                since = Some(Instant::now());
            }
            let status = self.status();
            if is_told(&status) {
                break;
            }
            let waited = since.map_or(Duration::ZERO, |since| since.elapsed());
            assert!(waited < SOON, "for {waited:?} not told: {}\n{}", status.0, status.1);
            assert!(begun.elapsed() < CAUSED, "nothing there is to be seen of what was caused");
            // How often the status is asked.
            std::thread::sleep(PACE);
        }
        let took = since.map_or(Duration::ZERO, |since| since.elapsed());
        assert!(took < SOON, "told after {took:?}");
    }
}

/// A source of so many partitions, a destination and a topic of dead letters; the name of the first.
fn topics(broker: &Broker, name: &str, partitions: i32) -> String {
    let from = unique(name);
    let (to, dead) = (format!("{from}-out"), format!("{from}-dead"));
    broker.oracle.create([Topic::new(&from, partitions), Topic::new(&to, 1), Topic::new(&dead, 1)]);
    from
}

fn config(kafka: &str, from: &str, more: &str) -> String {
    format!(
        "on_stop = \"hold\"\n[admin]\nlisten = \"127.0.0.1:0\"\n[kafka]\n{kafka}\n[pipelines.p]\nfrom = [\"{from}\"]\n\
         group = \"{from}\"\n{}\n",
        more.replace("OUT", &format!("{from}-out")).replace("DEAD", &format!("{from}-dead"))
    )
}

/// Whether the pipeline is told as stopped by this.
fn is_stopped_by(status: &Value, why: &str) -> bool {
    let pipeline = &status["pipelines"][0];
    pipeline["state"] == "stopped" && pipeline["reason"].as_str().is_some_and(|reason| reason.contains(why))
}

fn values(topic: &str, count: usize) -> impl Iterator<Item = Record> {
    (0..count).map(move |number| Record::to(topic).partition(0).value(number.to_string()))
}

#[test]
fn status_tells_a_pipeline_that_stopped_within_two_seconds_of_the_record_that_stops_it() {
    within(240, || {
        let interceptor = "[[pipelines.p.interceptors]]\nplugin = \"./trap.wat\"\non_fault = \"stop\"";
        let weir = Fixture::start("told-stop", 1, &format!("to = \"OUT\"\n{interceptor}"));
        weir.tells(
            || Broker::shared().oracle.produce([Record::to(&weir.from).partition(0).value("T")]),
            || true,
            |status| is_stopped_by(status, "trap") && status["ready"] == false,
            &["not ready", "stopped: ", "trap"],
        );
    });
}

/// Freezes weir while records that it has not read are deleted.
fn a_gap(weir: &Fixture, records: usize) {
    let oracle = &Broker::shared().oracle;
    weir.running.signal(Signal::STOP);
    // Answers the request that is on its way to the broker: the next one comes when weir runs again.
    oracle.produce(values(&weir.from, 1));
    oracle.produce(values(&weir.from, 2 * records));
    oracle.delete_records(&weir.from, 0, oracle.count(&[&weir.from]) - records as i64);
    weir.running.signal(Signal::CONT);
}

#[test]
fn status_tells_a_gap_that_stops_a_pipeline_within_two_seconds_of_when_it_could_be_met() {
    within(240, || {
        let weir = Fixture::start("told-gap", 1, "to = \"OUT\"\non_gap = \"stop\"");
        let stopped = |status: &Value| is_stopped_by(status, "is gone");
        weir.tells(|| a_gap(&weir, 20), || true, stopped, &["not ready", "stopped: ", "is gone"]);
    });
}

#[test]
fn status_tells_the_records_that_a_gap_has_cost_within_two_seconds_of_when_it_could_be_met() {
    within(240, || {
        let weir = Fixture::start("told-lost", 1, "to = \"OUT\"\non_gap = \"earliest\"");
        let lost = |status: &Value| status["pipelines"][0]["records"]["lost"].as_u64().unwrap();
        let says = |status: &Value, plain: &str| {
            let row = plain.lines().find(|line| line.starts_with("p ")).unwrap_or_default();
            row.split_whitespace().nth(LOST) == Some(&*lost(status).to_string())
        };
        weir.tells_in_words(|| a_gap(&weir, 20), || true, |status| lost(status) >= 20, says);
    });
}

#[test]
fn status_tells_a_burst_of_dead_letters_by_their_kind_within_two_seconds_of_the_last_one() {
    within(240, || {
        // Without a `to` nothing is routed.
        let weir = Fixture::start("told-dead", 1, "dead_letter = \"DEAD\"");
        let dead = format!("{}-dead", weir.from);
        weir.tells(
            || Broker::shared().oracle.produce(values(&weir.from, 499)),
            || Broker::shared().oracle.count(&[&dead]) == 500,
            |status| status["pipelines"][0]["records"]["dead_by_kind"]["unrouted"] == 500,
            &["dead letters: 500 unrouted"],
        );
    });
}

#[test]
fn status_tells_a_refused_change_and_its_mistake_within_two_seconds_of_the_change() {
    within(240, || {
        let weir = Fixture::start("told-refused", 1, "to = \"OUT\"");
        let bad =
            format!("{}deliverry = \"twice\"\n", std::fs::read_to_string(weir.gateway.path("weir.toml")).unwrap());
        weir.tells(
            || weir.gateway.write("weir.toml", bad),
            || true,
            |status| {
                let reload = &status["last_reload"];
                reload["outcome"] == "refused" && reload["reasons"].to_string().contains("deliverry")
            },
            &["refused", "deliverry"],
        );
    });
}

#[test]
fn status_tells_within_two_seconds_that_partitions_have_gone_to_another_member() {
    within(240, || rebalanced(|status| status["pipelines"][0]["partitions"].as_array().unwrap().len() == 1, &[]));
}

#[test]
fn status_tells_within_two_seconds_that_there_was_a_rebalance() {
    // The first one gave it both partitions.
    let shows = |status: &Value| status["pipelines"][0]["last_rebalance"]["partitions"] == 1;
    within(240, move || rebalanced(shows, &["last rebalance: 1 partition "]));
}

/// A second weir joins the first, which has to show that.
fn rebalanced(shows: impl Fn(&Value) -> bool, words: &[&str]) {
    let weir = Fixture::start("told-rebalance", 2, "to = \"OUT\"");
    let other = std::cell::OnceCell::new();
    let join = || {
        other.get_or_init(|| weir.gateway.run());
    };
    weir.tells(join, || Broker::shared().oracle.members(&weir.from) == Some(vec![1, 1]), shows, words);
}

#[test]
fn status_tells_a_missing_right_to_read_within_two_seconds_of_when_it_was_taken_away() {
    within(240, || {
        let (weir, user) = Fixture::of_a_user();
        let why = "weir lacks Read on the topic";
        weir.tells(
            || Guarded::shared().broker.oracle.allow(&user, "DESCRIBE", "TOPIC", &weir.from),
            || true,
            |status| is_stopped_by(status, why),
            &["not ready", "stopped: ", why],
        );
    });
}

#[test]
fn status_tells_a_missing_right_to_write_within_two_seconds_of_the_record_that_needs_it() {
    within(240, || {
        let (weir, user) = Fixture::of_a_user();
        let (oracle, to) = (&Guarded::shared().broker.oracle, format!("{}-out", weir.from));
        oracle.allow(&user, "DESCRIBE", "TOPIC", &to);
        let why = "weir lacks Write on the topic";
        weir.tells(
            || oracle.produce(values(&weir.from, 1)),
            || true,
            |status| is_stopped_by(status, why),
            &["not ready", "stopped: ", why],
        );
    });
}

#[test]
fn status_tells_a_missing_right_to_the_group_within_two_seconds_of_the_log() {
    within(240, || {
        let (weir, user) = Fixture::of_a_user();
        let why = "weir lacks Read on the group";
        weir.tells(
            || Guarded::shared().broker.oracle.allow(&user, "DESCRIBE", "GROUP", &weir.from),
            || weir.running.log().contains(why),
            |status| is_stopped_by(status, why),
            &["not ready", "stopped: ", why],
        );
    });
}

#[test]
fn status_tells_a_missing_right_that_no_record_needs_yet_within_two_seconds_of_the_log() {
    within(240, || {
        let (weir, user) = Fixture::of_a_user();
        let to = format!("{}-out", weir.from);
        weir.tells(
            || Guarded::shared().broker.oracle.allow(&user, "DESCRIBE", "TOPIC", &to),
            || weir.running.log().contains("weir lacks Write on the topic"),
            |status| status["pipelines"][0]["unusable_topics"][0]["why"] == "not-writable",
            &[&format!("topic {to} may not be written to")],
        );
    });
}
