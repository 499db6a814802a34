//! Topics that are named by a template.

use std::collections::HashMap;

use weir_rules::{TOPIC_NAME_BYTES, pattern_covers, topic_name_fault};

use super::{Abilities, Piece, Template, TemplateReader, TemplateView};
use crate::{Batch, Edits, Mistake, Plan, Topic};

/// How much of a name stands in a reason.
const QUOTED: usize = 80;

/// Names of a batch that are looked at one by one before a map is asked.
const FEW: usize = 16;

/// A template that names topics, and what they may be.
#[derive(Debug)]
pub struct TopicTemplate {
    reader: TemplateReader,
    /// What names have to be covered by; empty where whatever the template gives is.
    fence: Vec<String>,
    replace: bool,
    varies: bool,
    may_be_allowed: bool,
}

/// Why a record has no topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoTopic {
    /// This part of the template has no value.
    Missing(String),
    /// The name is not one that the record may go to.
    Invalid(String),
}

impl TopicTemplate {
    /// Reads the template at `at` of the config and declares what it needs, and the topics that it may name: `topics`, or
    /// where there are none, the template with `*` for each of its parts. With `replace`, characters that Kafka refuses
    /// become `_`, and what is too long is cut.
    ///
    /// # Errors
    /// What is wrong with the template.
    pub fn declare(
        (template, at): (&str, &str),
        topics: &[String],
        replace: bool,
        plan: &mut Plan,
        abilities: &Abilities<'_>,
    ) -> Result<Self, Mistake> {
        let read = Template::read(template, at)?;
        // What is wrong with the texts is wrong whatever the parts are.
        if let Some(why) = topic_name_fault(&read.with("x")) {
            return Err(Mistake::new(at, format!("`{template}` cannot name a topic: {why}")));
        }
        let varies = !matches!(read.pieces(), [] | [Piece::Text(_)]);
        let pattern = read.with("*");
        let is_allowed = |topic: &String| pattern_covers(topic.as_bytes(), pattern.as_bytes());
        let may_be_allowed = varies || topics.is_empty() || topics.iter().any(is_allowed);
        let reader = read.declare(plan, abilities).map_err(|wrong| Mistake::new(at, wrong))?;
        let declared = std::mem::take(plan);
        *plan = if topics.is_empty() { declared.topics([&pattern]) } else { declared.topics(topics) };
        let is_covered = topics.is_empty() || topics.contains(&pattern);
        // A name that is cut may no longer be what the template says.
        let fence = match (is_covered, replace) {
            (true, false) => Vec::new(),
            (true, true) if topics.is_empty() => vec![pattern],
            _ => topics.to_vec(),
        };
        Ok(Self { reader, fence, replace, varies, may_be_allowed })
    }

    /// Whether it may name one of `topics`: false where it is a single topic and none of them.
    pub fn may_be_allowed(&self) -> bool {
        self.may_be_allowed
    }

    /// Whether it may have no value in some record.
    pub fn may_miss(&self) -> bool {
        self.reader.may_miss()
    }

    /// Whether it is not the same topic for all records.
    pub fn varies(&self) -> bool {
        self.varies
    }

    /// The topics of a batch's rows.
    ///
    /// # Errors
    /// The batch does not have the columns of the plan.
    pub fn within<'a>(&'a self, batch: &'a Batch) -> Result<Topics<'a>, String> {
        let view = self.reader.within(batch)?;
        Ok(Topics {
            template: self,
            view,
            name: Vec::new(),
            names: Vec::new(),
            numbers: HashMap::new(),
            last: 0,
            known_row: None,
        })
    }

    /// The name of a topic that a text gives.
    fn checked(&self, text: &[u8]) -> Result<String, NoTopic> {
        let name = String::from_utf8_lossy(text);
        let name = match topic_name_fault(&name) {
            None => name.into_owned(),
            Some(_) if self.replace => replaced(&name),
            Some(why) => return Err(NoTopic::Invalid(format!("`{}` is not a valid topic name: {why}", quoted(text)))),
        };
        if let Some(why) = topic_name_fault(&name) {
            return Err(NoTopic::Invalid(format!("`{}` is not a valid topic name: {why}", quoted(text))));
        }
        if !self.fence.is_empty()
            && !self.fence.iter().any(|pattern| pattern_covers(pattern.as_bytes(), name.as_bytes()))
        {
            return Err(NoTopic::Invalid(format!(
                "topic `{}` is none of `{}`",
                quoted(name.as_bytes()),
                self.fence.join("`, `")
            )));
        }
        Ok(name)
    }
}

/// A name in which what Kafka refuses is `_`, and no longer than Kafka takes.
fn replaced(name: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let name: String =
        name.chars().map(|letter| if allowed(letter) { letter } else { '_' }).take(TOPIC_NAME_BYTES).collect();
    if name.bytes().all(|letter| letter == b'.') { "_".repeat(name.len()) } else { name }
}

fn quoted(text: &[u8]) -> String {
    let more = if text.len() > QUOTED { "…" } else { "" };
    format!("{}{more}", text.get(..QUOTED).unwrap_or(text).escape_ascii())
}

/// The topics of one batch, each looked at once.
#[derive(Debug)]
pub struct Topics<'a> {
    template: &'a TopicTemplate,
    view: TemplateView<'a>,
    /// Of the row that is looked at.
    name: Vec<u8>,
    names: Vec<(Vec<u8>, Result<Topic, NoTopic>)>,
    /// Of all names but the first few.
    numbers: HashMap<Vec<u8>, usize>,
    /// The name that was asked for last: mostly the next one is the same.
    last: usize,
    /// A row that has it.
    known_row: Option<usize>,
}

impl Topics<'_> {
    /// The topic of a row within these edits.
    ///
    /// # Errors
    /// Why there is none.
    pub fn topic(&mut self, row: usize, edits: &mut Edits) -> Result<Topic, NoTopic> {
        // Mostly the parts are those of the row before: the name need not be made again.
        if self.known_row.is_some_and(|known| self.view.is_same(row, known))
            && let Some((_, topic)) = self.names.get(self.last)
        {
            return topic.clone();
        }
        self.name.clear();
        if !self.view.append(row, &mut self.name) {
            return Err(NoTopic::Missing(self.view.missing(row).unwrap_or_default()));
        }
        let at = match self.known() {
            Some(at) => at,
            None => self.learn(edits),
        };
        self.last = at;
        self.known_row = Some(row);
        match self.names.get(at) {
            Some((_, topic)) => topic.clone(),
            None => Err(NoTopic::Invalid(String::new())),
        }
    }

    fn known(&self) -> Option<usize> {
        let is_it = |at: usize| self.names.get(at).is_some_and(|(name, _)| *name == self.name);
        if is_it(self.last) {
            return Some(self.last);
        }
        let few = (0..self.names.len().min(FEW)).find(|at| is_it(*at));
        few.or_else(|| if self.numbers.is_empty() { None } else { self.numbers.get(&self.name).copied() })
    }

    #[inline(never)]
    fn learn(&mut self, edits: &mut Edits) -> usize {
        let topic = self.template.checked(&self.name).map(|name| edits.topic(&name));
        let at = self.names.len();
        self.names.push((self.name.clone(), topic));
        if at >= FEW {
            self.numbers.insert(self.name.clone(), at);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kafka_refuses_is_replaced_and_cut() {
        for (name, is) in [
            ("a b/c", "a_b_c"),
            ("日志-1", "__-1"),
            ("..", "__"),
            (".", "_"),
            ("", ""),
            ("a.b_c-D9", "a.b_c-D9"),
            ("\u{fffd}x", "_x"),
        ] {
            assert_eq!(replaced(name), is, "{name}");
        }
        assert_eq!(replaced(&"ä".repeat(300)), "_".repeat(249));
    }
}
