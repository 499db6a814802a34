//! Destination topics that were found missing: which of them are missing for certain, and when to ask again.
//!
//! Records must not die because a broker that has just come back knows less for a while, nor because a topic that was made a
//! moment ago is not known everywhere yet. So a topic counts as missing once answers have said so for [`CONFIRMED`], each
//! by a broker that knows a topic of the pipeline's own; by brokers that know none of these, once they have said so for
//! [`DOUBTED`]. From then on an answer stands for [`FRESH`], so that the records of a topic that is made go there at once.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::endpoint::TopicsTold;

/// How long brokers that know the pipeline's own topics must not know a topic.
const CONFIRMED: Duration = Duration::from_millis(400);
/// The same for brokers that know none of them.
const DOUBTED: Duration = Duration::from_secs(5);
/// How long an answer stands ...
const FRESH: Duration = Duration::from_millis(1500);
/// ... and when a topic that is missing is asked for again.
const INTERVAL: Duration = Duration::from_secs(1);
/// Between two questions for a topic that is not confirmed, or that is there and was not reached.
const SOON: Duration = Duration::from_millis(100);
/// How long to wait for an answer, before the question is taken for lost.
const LOST: Duration = Duration::from_secs(10);
/// How long a topic is remembered that nothing is sent to any more.
const REMEMBERED: Duration = Duration::from_secs(60);
/// So many topics are asked for at a time, and remembered without a record that waits for them.
const MAX_TOPICS: usize = 1000;

/// What is known of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing speaks against sending to it.
    Send,
    /// It has to be asked for first.
    Ask,
    /// It does not exist.
    Missing,
}

#[derive(Debug)]
struct Absence {
    /// Since when no broker has known it that knew the pipeline's own topics, and the same of any broker.
    confirmed: Option<Instant>,
    doubted: Option<Instant>,
    /// When it was last said to be absent; before that it is not.
    absent: Option<Instant>,
    is_missing: bool,
    /// When to ask next.
    next: Instant,
    used: Instant,
}

impl Absence {
    fn new(now: Instant) -> Self {
        Self { confirmed: None, doubted: None, absent: None, is_missing: false, next: now, used: now }
    }
}

/// The topics of one worker that are or may be missing.
#[derive(Debug, Default)]
pub(super) struct MissingTopics {
    topics: HashMap<String, Absence>,
    /// The pipeline's own topics: a broker that knows none of them has just come back.
    own: Vec<String>,
    /// When the question was asked that is not answered.
    asked: Option<Instant>,
}

impl MissingTopics {
    pub(super) fn new(own: Vec<String>) -> Self {
        Self { own, ..Self::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// Whether messages for the topic have to look at [`Self::verdict`] first.
    pub(super) fn contains(&self, topic: &str) -> bool {
        self.topics.contains_key(topic)
    }

    /// A message was refused because its topic, or the topic's partition, is missing.
    pub(super) fn note_absent(&mut self, topic: &str, now: Instant) {
        if !self.topics.contains_key(topic) {
            self.topics.insert(topic.to_owned(), Absence::new(now));
        }
    }

    /// What to do with a message for the topic.
    pub(super) fn verdict(&mut self, topic: &str, now: Instant) -> Verdict {
        let Some(absence) = self.topics.get_mut(topic) else { return Verdict::Send };
        absence.used = now;
        let is_fresh = absence.absent.is_some_and(|absent| now.saturating_duration_since(absent) < FRESH);
        if absence.is_missing && is_fresh { Verdict::Missing } else { Verdict::Ask }
    }

    /// The topics to ask for now, of those that messages wait for; none while a question is not answered. The pipeline's
    /// own come last.
    pub(super) fn question(&mut self, now: Instant) -> Option<Vec<&str>> {
        if self.topics.is_empty() {
            return None;
        }
        if self.asked.is_some_and(|asked| now.saturating_duration_since(asked) < LOST) {
            return None;
        }
        self.asked = None;
        let mut due = Vec::new();
        for (topic, absence) in &mut self.topics {
            let is_wanted = absence.absent.is_none_or(|absent| absence.used > absent) || !absence.is_missing;
            if is_wanted && absence.next <= now && due.len() < MAX_TOPICS {
                due.push(topic.as_str());
            }
        }
        if due.is_empty() {
            return None;
        }
        self.asked = Some(now);
        due.extend(self.own.iter().map(String::as_str));
        Some(due)
    }

    /// A broker answered, or the question failed. Returns the topics that are there.
    pub(super) fn answer(&mut self, told: Option<TopicsTold>, now: Instant) -> Vec<(String, i32)> {
        let asked = self.asked.take().unwrap_or(now);
        let Some(told) = told else {
            // Nothing is known of the meantime: an absence that is not confirmed begins anew.
            for absence in self.topics.values_mut().filter(|absence| !absence.is_missing) {
                (absence.confirmed, absence.doubted, absence.next) = (None, None, now + SOON);
            }
            return Vec::new();
        };
        let is_own = |name: &String| self.own.contains(name);
        let is_informed = told.present.iter().any(|(name, _)| is_own(name));
        for name in &told.absent {
            let Some(absence) = self.topics.get_mut(name) else { continue };
            let doubted = *absence.doubted.get_or_insert(asked);
            let confirmed = if is_informed { Some(*absence.confirmed.get_or_insert(asked)) } else { None };
            let lasts = |since: Instant, time: Duration| asked.saturating_duration_since(since) >= time;
            absence.absent = Some(now);
            absence.is_missing |= confirmed.is_some_and(|since| lasts(since, CONFIRMED)) || lasts(doubted, DOUBTED);
            absence.next = now + if absence.is_missing { INTERVAL } else { SOON };
        }
        let mut present = Vec::new();
        for (name, partitions) in told.present {
            // What was sent to it before the client knew it may still be refused: then it is asked for again, and soon.
            if self.topics.remove(&name).is_some() {
                present.push((name, partitions));
            }
        }
        present
    }

    /// The sink that was asked is gone, and the answer with it.
    pub(super) fn forget_question(&mut self) {
        self.asked = None;
    }

    /// Forgets topics that nothing was sent to for long, and the oldest where there are too many: their names may come from
    /// records. No message waits for one that is missing for certain and whose answer is fresh.
    pub(super) fn prune(&mut self, now: Instant) {
        let age = |absence: &Absence| now.saturating_duration_since(absence.used);
        self.topics.retain(|_, absence| !absence.is_missing || age(absence) < REMEMBERED);
        if self.topics.len() > 2 * MAX_TOPICS {
            let mut ages: Vec<Duration> = self.topics.values().map(age).collect();
            ages.sort_unstable();
            let oldest = ages[MAX_TOPICS];
            self.topics.retain(|_, absence| !absence.is_missing || age(absence) < oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "dead";

    fn absent(topic: &str, is_informed: bool) -> TopicsTold {
        let (own, absent) = ((OWN.to_owned(), 1), topic.to_owned());
        if is_informed {
            TopicsTold { present: vec![own], absent: vec![absent] }
        } else {
            TopicsTold { present: Vec::new(), absent: vec![OWN.to_owned(), absent] }
        }
    }

    /// After how many ms of answers, asked as often as it wants, a topic counts as missing.
    fn missing_after(is_informed: impl Fn(u64) -> bool) -> Option<u64> {
        let (mut topics, start) = (MissingTopics::new(vec![OWN.to_owned()]), Instant::now());
        topics.note_absent("t", start);
        (0..20_000).step_by(10).find(|&ms| {
            let now = start + Duration::from_millis(ms);
            if topics.question(now).is_some() {
                assert_eq!(topics.answer(Some(absent("t", is_informed(ms))), now), []);
            }
            topics.verdict("t", now) == Verdict::Missing
        })
    }

    #[test]
    fn a_topic_is_missing_once_brokers_that_know_the_pipelines_own_have_said_so_for_a_while() {
        assert_eq!(missing_after(|_| true), Some(400));
    }

    #[test]
    fn a_broker_that_has_just_come_back_is_not_believed_at_once() {
        assert_eq!(missing_after(|_| false), Some(5000));
        assert_eq!(missing_after(|ms| ms > 2000), Some(2500), "it knows all again");
    }

    #[test]
    fn an_answer_that_fails_begins_anew_what_was_not_certain() {
        let (mut topics, start) = (MissingTopics::new(vec![OWN.to_owned()]), Instant::now());
        topics.note_absent("t", start);
        let at = |ms| start + Duration::from_millis(ms);
        topics.question(at(0));
        topics.answer(Some(absent("t", true)), at(0));
        topics.question(at(300));
        topics.answer(None, at(300));
        topics.question(at(500));
        topics.answer(Some(absent("t", true)), at(500));
        assert_eq!(topics.verdict("t", at(500)), Verdict::Ask);
    }

    #[test]
    fn a_topic_that_is_missing_is_asked_for_every_second_and_is_there_with_the_next_answer() {
        let (mut topics, start) = (MissingTopics::new(vec![OWN.to_owned()]), Instant::now());
        topics.note_absent("t", start);
        let at = |ms| start + Duration::from_millis(ms);
        let mut questions = 0;
        for ms in (0..5000).step_by(10) {
            if topics.question(at(ms)).is_some() {
                questions += 1;
                topics.answer(Some(absent("t", true)), at(ms));
            }
            topics.verdict("t", at(ms));
        }
        assert!((8..=10).contains(&questions), "{questions}");
        assert_eq!(topics.verdict("t", at(7000)), Verdict::Ask, "the answer is old");
        assert_eq!(topics.question(at(7000)), Some(vec!["t", OWN]));
        let told = TopicsTold { present: vec![(OWN.to_owned(), 1), ("t".to_owned(), 3)], absent: Vec::new() };
        assert_eq!(topics.answer(Some(told), at(7010)), [("t".to_owned(), 3)]);
        assert_eq!(topics.verdict("t", at(7010)), Verdict::Send);
        assert!(topics.is_empty());
    }

    #[test]
    fn topics_whose_names_come_from_records_do_not_pile_up() {
        let (mut topics, start) = (MissingTopics::default(), Instant::now());
        for number in 0..10_000_u64 {
            let now = start + Duration::from_millis(number);
            topics.note_absent(&number.to_string(), now);
            if let Some(question) = topics.question(now) {
                let absent = question.into_iter().map(str::to_owned).collect();
                topics.answer(Some(TopicsTold { present: Vec::new(), absent }), now);
            }
        }
        // Nothing waits for them any more, and every broker says that they are not there.
        for absence in topics.topics.values_mut() {
            absence.is_missing = true;
        }
        topics.prune(start + Duration::from_secs(10));
        assert!(topics.topics.len() <= 2 * MAX_TOPICS, "{}", topics.topics.len());
        topics.prune(start + Duration::from_secs(100));
        assert!(topics.is_empty());
    }
}
