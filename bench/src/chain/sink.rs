//! Where every variant brings its records: one flat buffer, as a producer would encode them.

/// The encoded records of a batch.
///
/// Values themselves are copied only in exact mode, for comparisons: no step changes them, and in timed mode a large
/// value's copy would hide what the variants differ in.
#[derive(Debug)]
pub(crate) struct Sink {
    bytes: Vec<u8>,
    exact: bool,
}

impl Sink {
    /// For timing.
    pub(crate) fn timed() -> Self {
        Self { bytes: Vec::new(), exact: false }
    }

    /// For comparing.
    pub(crate) fn exact() -> Self {
        Self { bytes: Vec::new(), exact: true }
    }

    /// Forgets what was brought.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// What was brought since it was cleared.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins a record; its headers follow.
    #[inline]
    pub(crate) fn record(&mut self, topic: &str, timestamp: i64, key: Option<&[u8]>, value: Option<&[u8]>) {
        self.part(Some(topic.as_bytes()));
        self.bytes.extend_from_slice(&timestamp.to_le_bytes());
        self.part(key);
        if self.exact {
            self.part(value);
        } else {
            self.length(value);
        }
    }

    /// A header of the record that was begun last.
    #[inline]
    pub(crate) fn header(&mut self, name: &[u8], value: Option<&[u8]>) {
        self.part(Some(name));
        self.part(value);
    }

    #[inline]
    fn part(&mut self, bytes: Option<&[u8]>) {
        self.length(bytes);
        self.bytes.extend_from_slice(bytes.unwrap_or_default());
    }

    #[inline]
    fn length(&mut self, bytes: Option<&[u8]>) {
        let length = bytes.map_or(u32::MAX, |bytes| bytes.len() as u32);
        self.bytes.extend_from_slice(&length.to_le_bytes());
    }
}
