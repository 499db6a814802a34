//! Writes the generated records into topics.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use weir::{
    config::{Kafka, Secret},
    endpoint::{Outgoing, Refusal, Sink as _, Tag},
    kafka::{Headers, Producer},
};

use super::{digest::Digest, setup::BUCKETS};
use crate::events::{Event, Size, events, stream};

/// What a feed wrote, and so what must come out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fed {
    /// Records.
    pub(crate) records: u64,
    /// Of them, by userId modulo 12.
    pub(crate) buckets: [u64; BUCKETS],
    /// Of a program that changes nothing, into a topic that a digest calls `out`.
    pub(crate) unchanged: Digest,
}

/// A producer of generated records.
pub(crate) struct Feed {
    producer: Producer,
    topic: String,
    events: Box<dyn Iterator<Item = Event> + Send>,
    fed: Fed,
    error: Option<String>,
}

impl Feed {
    pub(crate) fn new(brokers: &str, topic: &str, compression: &str) -> Result<Self> {
        let options = BTreeMap::from([("compression.type".to_owned(), Secret(compression.to_owned()))]);
        let producer = Producer::plain(&Kafka { brokers: brokers.to_owned(), options })?;
        let events = Box::new(stream(Size::Usual));
        Ok(Self { producer, topic: topic.to_owned(), events, fed: Fed::default(), error: None })
    }

    /// One whose records begin anew after some thousands, so that making them costs nothing.
    pub(crate) fn repeating(brokers: &str, topic: &str) -> Result<Self> {
        let events = Box::new(events(100_000, Size::Usual).into_iter().cycle());
        Ok(Self { events, ..Self::new(brokers, topic, "none")? })
    }

    fn send(&mut self) -> Result<()> {
        let event = self.events.next().context("events without an end")?;
        let Event { key, value, server, headers } = &event;
        let user: i64 = std::str::from_utf8(key)?.parse()?;
        let tag = Tag { slot: 0, output: 0, partition: 0 };
        let message = Outgoing {
            topic: &self.topic,
            partition: None,
            key: Some(key),
            value: Some(value),
            timestamp: Some(*server),
            tag,
        };
        let each = || headers.iter().map(|(name, value)| (*name, Some(value.as_slice())));
        loop {
            match self.producer.send(
                &message,
                Headers::NONE,
                each().map(|(name, value)| (name.as_bytes(), value)),
                None,
            ) {
                Ok(()) => break,
                Err(refused) if refused.kind == Refusal::Retriable => {
                    serve(&mut self.producer, Duration::from_millis(5), &mut self.error)?;
                }
                Err(refused) => bail!("feeding: {}", refused.reason),
            }
        }
        self.fed.records += 1;
        self.fed.buckets[user.rem_euclid(BUCKETS as i64) as usize] += 1;
        self.fed.unchanged.add("out", Some(key), Some(value), Some(*server), each());
        Ok(())
    }

    fn serve(&mut self, wait: Duration) -> Result<()> {
        serve(&mut self.producer, wait, &mut self.error)
    }

    /// Writes `count` records as fast as the broker takes them.
    pub(crate) fn fill(mut self, count: u64) -> Result<Fed> {
        for number in 0..count {
            self.send()?;
            if number % 1024 == 0 {
                self.serve(Duration::ZERO)?;
                while self.producer.held() > 100_000 {
                    self.serve(Duration::from_millis(5))?;
                }
            }
        }
        self.finish()
    }

    /// Writes `rate` records a second for `time`.
    pub(crate) fn pace(mut self, rate: f64, time: Duration) -> Result<Fed> {
        let start = Instant::now();
        loop {
            let elapsed = start.elapsed().min(time);
            while (self.fed.records as f64) < elapsed.as_secs_f64() * rate {
                self.send()?;
            }
            self.serve(Duration::ZERO)?;
            if elapsed == time {
                return self.finish();
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Writes as fast as may be while `room` says how many more may be written, until it says that it is over.
    pub(crate) fn keep_ahead(mut self, mut room: impl FnMut(u64) -> Option<u64>) -> Result<Fed> {
        while let Some(room) = room(self.fed.records) {
            for _ in 0..room {
                self.send()?;
            }
            self.serve(if room == 0 { Duration::from_millis(5) } else { Duration::ZERO })?;
        }
        self.finish()
    }

    fn finish(mut self) -> Result<Fed> {
        let until = Instant::now() + Duration::from_secs(60);
        while self.producer.held() > 0 {
            self.serve(Duration::from_millis(10))?;
            anyhow::ensure!(Instant::now() < until, "the broker does not take the records");
        }
        Ok(self.fed)
    }
}

/// Takes the reports in that are there; fails once one of them was an error.
fn serve(producer: &mut Producer, wait: Duration, error: &mut Option<String>) -> Result<()> {
    producer.serve(wait, |report| {
        if let Some(refused) = report.refused {
            error.get_or_insert(refused.reason);
        }
    });
    match error {
        None => Ok(()),
        Some(error) => bail!("feeding: {error}"),
    }
}
