//! The floor: records go on as they came.

use anyhow::{Context as _, Result};
use weir::config::Pipeline;

use super::{
    program::Step,
    raw::{Headers, Message, Producer, Topic},
};

/// Key, value, headers and timestamp kept; nothing else done.
pub(crate) struct Relay {
    to: Topic,
    copy_headers: bool,
}

impl Relay {
    pub(crate) fn new(pipeline: &Pipeline, producer: &mut Producer, copy_headers: bool) -> Result<Self> {
        let to = pipeline.to.as_deref().context("`to`")?;
        Ok(Self { to: producer.topic(to)?, copy_headers })
    }
}

impl Step for Relay {
    fn step(&mut self, message: &mut Message) -> (Topic, Option<Headers>, i64) {
        let timestamp = message.timestamp();
        (self.to, take_headers(message, self.copy_headers, 0), timestamp)
    }
}

/// The message's headers: its own list, or a copy with room for some more.
pub(super) fn take_headers(message: &mut Message, copy: bool, more: usize) -> Option<Headers> {
    let own = message.detach_headers();
    if !copy {
        return own;
    }
    let own = own?;
    let each = || (0..).map_while(|at| own.get(at));
    let mut copied = Headers::new(each().count() + more);
    each().for_each(|(name, value)| copied.add(name, value));
    Some(copied)
}
