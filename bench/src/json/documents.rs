//! Documents to read.

use std::fs;

use anyhow::{Context as _, Result};
use weir_tests::paths::shared_data;

use crate::events::{Size, events};

/// Bytes of generated documents: not more than the caches of a server hold.
const BYTES: usize = 1 << 20;

/// Documents of one kind.
#[derive(Clone, Debug)]
pub(super) struct Documents {
    /// As it stands in the names of figures.
    pub(super) name: &'static str,
    pub(super) values: Vec<Vec<u8>>,
    /// GB/s that weir is to reach.
    pub(super) goal: Option<f64>,
}

impl Documents {
    /// These documents, without a goal.
    pub(super) fn of(name: &'static str, values: Vec<Vec<u8>>) -> Self {
        Self { name, values, goal: None }
    }

    /// The recom job's events.
    pub(super) fn events(size: Size) -> Self {
        let events = events(BYTES.div_ceil(size.bytes()), size);
        let goal = (size != Size::Usual).then_some(4.0);
        Self { goal, ..Self::of(size.name(), events.into_iter().map(|event| event.value).collect()) }
    }

    /// The lines of a file beside the project; none where it is not there.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn file(name: &'static str, file: &str) -> Result<Option<Self>> {
        let Some(path) = shared_data(file) else { return Ok(None) };
        let text = fs::read(&path).with_context(|| path.display().to_string())?;
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let goal = (name == "twitter").then_some(2.5);
        Ok(Some(Self { goal, ..Self::of(name, lines.map(<[u8]>::to_vec).collect()) }))
    }

    /// Bytes of all of them.
    pub(super) fn bytes(&self) -> usize {
        self.values.iter().map(Vec::len).sum()
    }
}
