//! The tests' own eyes and hands on Kafka: a Java process beside the broker (`oracle/Oracle.java`).

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, BufWriter, Write},
    net::{Shutdown, TcpStream},
    process::{Child, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{Record, child_process, jars::Jars};

/// A running oracle. Each request is a connection of its own, so that tests ask side by side.
#[derive(Debug)]
pub struct Oracle {
    port: u16,
    // It ends when its standard input does.
    _child: Child,
}

/// A topic to be made.
#[derive(Clone, Debug)]
pub struct Topic<'a> {
    name: &'a str,
    partitions: i32,
    config: Vec<(&'a str, &'a str)>,
}

impl<'a> Topic<'a> {
    /// One whose records are never deleted, however old their timestamps.
    pub fn new(name: &'a str, partitions: i32) -> Self {
        Self { name, partitions, config: vec![("retention.ms", "-1")] }
    }

    /// With one more of Kafka's topic settings.
    #[must_use]
    pub fn with(mut self, key: &'a str, value: &'a str) -> Self {
        self.config.push((key, value));
        self
    }
}

/// An offset by topic and partition.
pub type Offsets = BTreeMap<(String, i32), i64>;

impl Oracle {
    pub(crate) fn start(jars: &Jars, brokers: &str) -> Self {
        let mut java = child_process::command("java");
        java.args([
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
        ]);
        // It asks for new topics until they are there.
        java.arg("-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy=off");
        java.args(["-cp", &jars.class_path, "Oracle", brokers]);
        java.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = child_process::spawn(java).expect("java starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("the oracle's output");
        BufReader::new(out).read_line(&mut line).expect("the oracle's port");
        Self { port: line.trim().parse().expect("the oracle's port"), _child: child }
    }

    fn ask(&self, question: &Value) -> BufWriter<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the oracle listens");
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a limit");
        let mut writer = BufWriter::with_capacity(1 << 16, stream);
        writeln!(writer, "{question}").expect("the oracle hears");
        writer
    }

    fn answer(&self, question: &Value) -> Value {
        finish(self.ask(question), |_| ())
    }

    /// Makes topics.
    pub fn create<'a>(&self, topics: impl IntoIterator<Item = Topic<'a>>) {
        let topics: Vec<Value> = topics
            .into_iter()
            .map(|topic| {
                let config: BTreeMap<_, _> = topic.config.into_iter().collect();
                json!({ "name": topic.name, "partitions": topic.partitions, "config": config })
            })
            .collect();
        self.answer(&json!({ "do": "create", "topics": topics }));
    }

    /// Gives a topic more partitions; returns when they can be written to.
    pub fn grow(&self, topic: &str, partitions: i32) {
        self.answer(&json!({ "do": "grow", "topic": topic, "partitions": partitions }));
    }

    /// Sets what a group without members has committed of a partition, as `kafka-consumer-groups --reset-offsets` does.
    pub fn reset_offset(&self, group: &str, topic: &str, partition: i32, offset: i64) {
        let ask =
            json!({ "do": "reset-offset", "group": group, "topic": topic, "partition": partition, "offset": offset });
        self.answer(&ask);
    }

    /// Writes records with a partition in a transaction named `id`, which stays open until [`Oracle::end_transaction`].
    pub fn open_transaction(&self, id: &str, records: impl IntoIterator<Item = Record>) {
        let mut feed = Feed { writer: self.ask(&json!({ "do": "open-transaction", "id": id })) };
        for record in records {
            feed.send(&record);
        }
        feed.finish();
    }

    /// Commits or aborts an open transaction.
    pub fn end_transaction(&self, id: &str, commit: bool) {
        self.answer(&json!({ "do": "end-transaction", "id": id, "commit": commit }));
    }

    /// Removes a topic; returns when one of the same name can be created.
    pub fn delete(&self, topic: &str) {
        self.answer(&json!({ "do": "delete", "topic": topic }));
    }

    /// Lets `user` in by SCRAM with this password, and with no other from now on.
    pub fn set_password(&self, user: &str, password: &str) {
        self.answer(&json!({ "do": "set-password", "user": user, "password": password }));
    }

    /// From now on `user` may read, write and see the topic, and do nothing else with it, and nobody else anything.
    pub fn narrow(&self, topic: &str, user: &str) {
        self.answer(&json!({ "do": "narrow", "topic": topic, "user": user }));
    }

    /// From now on `user` may do `operation` with what is of this kind (`TOPIC`, `GROUP`, `CLUSTER`) and name, and nobody
    /// anything else with it.
    pub fn allow(&self, user: &str, operation: &str, kind: &str, name: &str) {
        self.answer(&json!({ "do": "allow", "user": user, "operation": operation, "kind": kind, "name": name }));
    }

    /// The same with all topics whose names begin so.
    pub fn allow_prefixed(&self, user: &str, operation: &str, prefix: &str) {
        let ask = json!({ "do": "allow", "user": user, "operation": operation, "kind": "TOPIC", "name": prefix, "pattern": "PREFIXED" });
        self.answer(&ask);
    }

    /// Removes the records of a partition below an offset, as retention does.
    pub fn delete_records(&self, topic: &str, partition: i32, before: i64) {
        self.answer(&json!({ "do": "delete-records", "topic": topic, "partition": partition, "before": before }));
    }

    /// Writes records, acks=all; returns when the broker has them all.
    pub fn produce(&self, records: impl IntoIterator<Item = Record>) {
        let mut feed = self.feed();
        for record in records {
            feed.send(&record);
        }
        feed.finish();
    }

    /// Begins to write records one by one.
    pub fn feed(&self) -> Feed {
        Feed { writer: self.ask(&json!({ "do": "produce" })) }
    }

    /// Begins to write these records over and over to `topic`, to its partitions in turn and `rate` a second, each with the
    /// header [`crate::load::SOURCE`]: more of them than [`crate::Load`] can.
    pub fn flood(&self, topic: &str, partitions: i32, rate: u64, models: &[Record]) -> Flood {
        let mut writer = self.ask(&json!({ "do": "flood", "topic": topic, "partitions": partitions, "rate": rate }));
        for model in models {
            writeln!(writer, "{}", model.to_oracle()).expect("the oracle hears");
        }
        writeln!(writer).and_then(|()| writer.flush()).expect("the oracle hears");
        Flood { writer }
    }

    /// Everything that stands in the topics now, in order per partition.
    pub fn read(&self, topics: &[&str]) -> Vec<Record> {
        let mut records = Vec::new();
        finish(self.ask(&json!({ "do": "read", "topics": topics })), |line| records.push(Record::from_oracle(line)));
        records
    }

    /// Of everything that stands in the topics now, in order per partition, the last header of each of these names as text:
    /// for more records than one wants to hold.
    pub fn read_headers(&self, topics: &[&str], names: &[&str], mut take: impl FnMut(&[Option<&str>])) {
        let question = json!({ "do": "read", "topics": topics, "headers": names });
        finish(self.ask(&question), |line| {
            let headers: Vec<Option<&str>> = line.as_array().expect("headers").iter().map(Value::as_str).collect();
            take(&headers);
        });
    }

    /// The last record of each partition of a topic.
    pub fn last(&self, topic: &str) -> Vec<Record> {
        let mut records = Vec::new();
        let question = json!({ "do": "read", "topics": [topic], "last": 1 });
        finish(self.ask(&question), |line| records.push(Record::from_oracle(line)));
        records
    }

    /// The end of each partition of the topics.
    pub fn ends(&self, topics: &[&str]) -> Offsets {
        offsets(&self.answer(&json!({ "do": "ends", "topics": topics }))["ends"])
    }

    /// How many records the topics were ever given (no transactions, nothing compacted).
    pub fn count(&self, topics: &[&str]) -> i64 {
        self.ends(topics).values().sum()
    }

    /// What a group has committed.
    pub fn committed(&self, group: &str) -> Offsets {
        offsets(&self.answer(&json!({ "do": "committed", "group": group }))["committed"])
    }

    /// How many partitions each member of a group holds; none while the group is being balanced.
    pub fn members(&self, group: &str) -> Option<Vec<i64>> {
        let answer = self.answer(&json!({ "do": "group", "group": group }));
        let members = answer["members"].as_array().expect("members").iter();
        (answer["state"] == "Stable").then(|| members.map(|held| held.as_i64().expect("a number")).collect())
    }
}

/// Records on their way to the broker.
#[derive(Debug)]
pub struct Feed {
    writer: BufWriter<TcpStream>,
}

impl Feed {
    /// Sends one; it arrives with the next [`Feed::flush`] at the latest.
    pub fn send(&mut self, record: &Record) {
        writeln!(self.writer, "{}", record.to_oracle()).expect("the oracle hears");
    }

    /// Hands over what was sent so far.
    pub fn flush(&mut self) {
        self.writer.flush().expect("the oracle hears");
    }

    /// Returns when the broker has them all.
    pub fn finish(self) {
        finish(self.writer, |_| ());
    }
}

/// A flood that goes on beside the test.
#[derive(Debug)]
pub struct Flood {
    writer: BufWriter<TcpStream>,
}

impl Flood {
    /// Ends it; how many records the broker has.
    pub fn finish(self) -> u64 {
        finish(self.writer, |_| ())["count"].as_u64().expect("a count")
    }
}

/// Reads the answer's lines up to the last, which it returns.
fn finish(writer: BufWriter<TcpStream>, mut line: impl FnMut(&Value)) -> Value {
    let stream = writer.into_inner().expect("the oracle hears");
    stream.shutdown(Shutdown::Write).expect("the oracle hears");
    for text in BufReader::with_capacity(1 << 16, stream).lines() {
        let value: Value = serde_json::from_str(&text.expect("the oracle answers in time")).expect("JSON");
        if let Some(error) = value.get("error") {
            panic!("the oracle: {error}");
        }
        if value.get("ok").is_some() {
            return value;
        }
        line(&value);
    }
    panic!("the oracle went away");
}

fn offsets(list: &Value) -> Offsets {
    let entry = |entry: &Value| Some(((entry[0].as_str()?.to_owned(), entry[1].as_i64()? as i32), entry[2].as_i64()?));
    list.as_array().expect("a list").iter().map(|found| entry(found).expect("topic, partition, offset")).collect()
}
