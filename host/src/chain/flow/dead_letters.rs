//! Dead letters: the input record as it came, with headers that say why.

use std::sync::Arc;

use super::{DeadLetter, Flow, Span};
use crate::{
    batch::{Full, HeaderRef},
    chain::{Death, Fate, MESSAGE_BYTES, Stop, text::cut},
};

/// The headers of a dead letter, in the order in which they are added.
const NAMES: [&str; 9] = [
    "weir.error.pipeline",
    "weir.error.interceptor",
    "weir.error.kind",
    "weir.error.message",
    "weir.error.topic",
    "weir.error.partition",
    "weir.error.offset",
    "weir.error.timestamp",
    "weir.error.generation",
];

/// Where a pipeline's dead letters go and what they say. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    pub(in crate::chain) pipeline: Arc<str>,
    pub(in crate::chain) topic: Option<Arc<str>>,
    pub(in crate::chain) generation: Arc<str>,
    pub(in crate::chain) interceptors: Arc<[Arc<str>]>,
}

impl DeadLetters {
    /// The dead-letter topic; none: a dead letter stops the pipeline.
    pub fn topic(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    /// What names the one to blame: the interceptor, or else the pipeline.
    pub fn blamed(&self, interceptor: Option<usize>) -> &str {
        interceptor.and_then(|at| self.interceptors.get(at)).unwrap_or(&self.pipeline)
    }
}

impl Flow {
    /// Turns an input into a dead letter, also after the chain has run (`produce`, `unknown-topic`): its rows go out no
    /// more. One that is dead already stays as it is. An input that does not exist changes nothing.
    ///
    /// # Errors
    /// [`Stop`] where there is no topic for them; the flow is as before.
    pub fn dead_letter(&mut self, dead_letters: &DeadLetters, input: u32, death: Death) -> Result<(), Stop> {
        let Some(offset) = self.batch.inputs().get(input as usize).map(|record| record.offset) else {
            return Ok(());
        };
        if self.is_dead(input) {
            return Ok(());
        }
        let stop =
            |death: Death| Stop { interceptor: dead_letters.blamed(death.interceptor).to_owned(), offset, death };
        let Some(topic) = dead_letters.topic.clone() else {
            let mut death = death;
            death.message.push_str("; the pipeline has no `dead_letter` topic to set the record aside in");
            return Err(stop(death));
        };
        self.ensure_rows();
        let headers = match self.append_error_headers(dead_letters, input, &death) {
            Ok(headers) => headers,
            Err(full) => {
                let message = format!("{}; {full}", death.message);
                return Err(stop(Death { message, ..death }));
            }
        };
        let at = self.dead_letters.partition_point(|letter| letter.input < input);
        self.dead_letters.insert(at, DeadLetter { input, topic, headers });
        self.fates[input as usize] = Fate::Dead(Box::new(death));
        Ok(())
    }

    fn append_error_headers(&mut self, dead_letters: &DeadLetters, input: u32, death: &Death) -> Result<Span, Full> {
        let Some(record) = self.batch.inputs().get(input as usize).cloned() else {
            return Ok(Span::default());
        };
        let from = self.headers.len();
        for header in self.batch.headers_of(&record) {
            // All nine go, also those that get no successor: a stale one would speak of another death.
            let name = self.batch.name(header.name);
            if !NAMES.iter().any(|ours| ours.as_bytes() == name) {
                self.headers.push(*header);
            }
        }
        let interceptor =
            death.interceptor.and_then(|at| dead_letters.interceptors.get(at)).map(|name| name.to_string());
        let topic = self.batch.topic().to_string();
        let values: [Option<String>; 9] = [
            Some(dead_letters.pipeline.to_string()),
            interceptor,
            Some(death.kind.as_str().to_owned()),
            Some(cut(&death.message, MESSAGE_BYTES).to_owned()),
            Some(topic),
            Some(self.batch.partition().to_string()),
            Some(record.offset.to_string()),
            record.timestamp.millis().map(|ms| ms.to_string()),
            Some(dead_letters.generation.to_string()),
        ];
        for (name, value) in NAMES.iter().zip(values) {
            let Some(value) = value else { continue };
            let name = self.batch.intern(name.as_bytes())?;
            let value = self.batch.append(value.as_bytes())?;
            self.headers.push(HeaderRef { name, value });
        }
        Ok(Span { from: from as u32, to: self.headers.len() as u32 })
    }
}
