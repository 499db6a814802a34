//! Dead letters: the input record as it came, with headers that say why.

use std::sync::Arc;

use super::{
    Death, Fate, Flow, Stop,
    flow::{Grave, Span},
};
use crate::batch::{Full, HeaderRef};

/// The longest `weir.error.message`, in bytes.
const MESSAGE: usize = 1024;

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
pub struct Graveyard {
    pub(super) pipeline: Arc<str>,
    pub(super) topic: Option<Arc<str>>,
    pub(super) generation: Arc<str>,
    pub(super) interceptors: Arc<[Arc<str>]>,
}

impl Graveyard {
    /// The dead-letter topic; none: a dead letter stops the pipeline.
    pub fn topic(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    /// What names the one to blame: the interceptor, or else the pipeline.
    pub(super) fn culprit(&self, interceptor: Option<usize>) -> &str {
        interceptor.and_then(|at| self.interceptors.get(at)).unwrap_or(&self.pipeline)
    }
}

impl Flow {
    /// Turns an input into a dead letter, also after the chain has run (`produce`, `unknown-topic`): its rows go out no
    /// more. One that is dead already stays as it is. An input that does not exist changes nothing.
    ///
    /// # Errors
    /// [`Stop`] where the graveyard has no topic; the flow is as before.
    pub fn bury(&mut self, graveyard: &Graveyard, input: u32, death: Death) -> Result<(), Stop> {
        let Some(offset) = self.batch.inputs().get(input as usize).map(|record| record.offset) else {
            return Ok(());
        };
        if self.is_dead(input) {
            return Ok(());
        }
        let stop = |death: Death| Stop { interceptor: graveyard.culprit(death.interceptor).to_owned(), offset, death };
        let Some(topic) = graveyard.topic.clone() else {
            let mut death = death;
            death.message.push_str("; the pipeline has no `dead_letter` topic to set the record aside in");
            return Err(stop(death));
        };
        self.ensure_rows();
        let headers = match self.write_epitaph(graveyard, input, &death) {
            Ok(headers) => headers,
            Err(full) => {
                let message = format!("{}; {full}", death.message);
                return Err(stop(Death { message, ..death }));
            }
        };
        let at = self.graves.partition_point(|grave| grave.input < input);
        self.graves.insert(at, Grave { input, topic, headers });
        self.fates[input as usize] = Fate::Dead(Box::new(death));
        Ok(())
    }

    fn write_epitaph(&mut self, graveyard: &Graveyard, input: u32, death: &Death) -> Result<Span, Full> {
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
        let interceptor = death.interceptor.and_then(|at| graveyard.interceptors.get(at)).map(|name| name.to_string());
        let topic = self.batch.topic().to_string();
        let values: [Option<String>; 9] = [
            Some(graveyard.pipeline.to_string()),
            interceptor,
            Some(death.kind.as_str().to_owned()),
            Some(cut(&death.message, MESSAGE).to_owned()),
            Some(topic),
            Some(self.batch.partition().to_string()),
            Some(record.offset.to_string()),
            record.timestamp.millis().map(|ms| ms.to_string()),
            Some(graveyard.generation.to_string()),
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

/// The longest beginning of `text` that has at most `limit` bytes and ends between two characters.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}
