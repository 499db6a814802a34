//! What a plugin may call: `log`, `count` and `lookup`, whatever version of the interface it speaks.
//!
//! Everything a guest says is kept until the caller takes it, within bounds: a call that loops over `log` costs its own
//! CPU time and no memory of ours.

use std::{collections::BTreeMap, sync::Arc};

use tracing::Level;
use wasmtime::{Engine, component::Linker};

use super::{
    Said,
    last_words::LastWords,
    limits::Meter,
    v0_1,
    wasi::{Printed, Resources, Stream},
};

/// Log lines kept of one call.
const LOG_LINES: usize = 1000;
/// Warnings kept of one `configure`: as many as are shown.
const WARNINGS: usize = 300;
/// Bytes of a log line.
const LOG_BYTES: usize = 4 << 10;
/// Bytes that are printed between two looks at the deadline.
const PRINTED_BYTES: usize = 64 << 10;
/// Names that one instance may count under: each becomes a metric.
const COUNT_NAMES: usize = 64;
/// Bytes of such a name.
const COUNT_NAME_BYTES: usize = 128;

/// The functions that weir gives under the name of an interface; none if it does not know the interface.
pub(super) fn given(interface: &str) -> Option<&'static [&'static str]> {
    v0_1::IMPORTS.iter().find(|(name, _)| *name == interface).map(|(_, functions)| *functions)
}

/// What a store carries.
#[derive(Debug)]
pub(super) struct State {
    pub(super) meter: Meter,
    /// There only while `configure` runs.
    pub(super) files: Option<BTreeMap<String, Arc<[u8]>>>,
    /// What `configure` warned of.
    pub(super) warnings: Vec<String>,
    said: Said,
    /// What was counted under so far.
    names: Vec<Arc<str>>,
    /// Whether something was dropped since the last [`State::take_said`], and it was said.
    logs_dropped: bool,
    counts_dropped: bool,
    printed: Printed,
    pub(super) last_words: LastWords,
    pub(super) resources: Resources,
}

impl State {
    pub(super) fn new(meter: Meter) -> Self {
        Self {
            meter,
            files: None,
            warnings: Vec::new(),
            said: Said::default(),
            names: Vec::new(),
            logs_dropped: false,
            counts_dropped: false,
            printed: Printed::default(),
            last_words: LastWords::default(),
            resources: Resources::default(),
        }
    }

    /// A call is over: what it printed without the end of a line is a line.
    pub(super) fn end_call(&mut self) {
        let mut printed = std::mem::take(&mut self.printed);
        printed.end(|stream, line| self.keep_line(stream, line));
        self.printed = printed;
    }

    /// Keeps what a plugin prints as lines of its log.
    ///
    /// # Errors
    /// As [`Meter::host_call`].
    pub(super) fn print(&mut self, stream: Stream, bytes: &[u8]) -> wasmtime::Result<()> {
        for piece in bytes.chunks(PRINTED_BYTES) {
            self.meter.host_call(piece.len())?;
            let mut printed = std::mem::take(&mut self.printed);
            printed.print(stream, piece, |line| self.keep_line(stream, line));
            self.printed = printed;
        }
        Ok(())
    }

    fn keep_line(&mut self, stream: Stream, line: String) {
        let level = match stream {
            Stream::Out => Level::INFO,
            Stream::Err => Level::WARN,
        };
        if stream == Stream::Err {
            self.last_words.push(&line);
        }
        self.keep_log(level, line);
    }

    pub(super) fn take_said(&mut self) -> Said {
        self.logs_dropped = false;
        self.counts_dropped = false;
        std::mem::take(&mut self.said)
    }

    /// The name, the same one each time, if it may be counted under: it was before, or there is room for it.
    fn admitted(&mut self, name: &str) -> Option<Arc<str>> {
        if let Some(known) = self.names.iter().find(|known| ***known == *name) {
            return Some(Arc::clone(known));
        }
        let room = self.names.len() < COUNT_NAMES && name.len() <= COUNT_NAME_BYTES && !name.is_empty();
        let name = room.then(|| Arc::from(name))?;
        self.names.push(Arc::clone(&name));
        Some(name)
    }

    /// Keeps what a guest logs: what it warns of in its config beside the log.
    pub(super) fn log(&mut self, level: Level, message: String) {
        if level != Level::WARN || self.files.is_none() {
            self.keep_log(level, message);
        } else if self.warnings.len() < WARNINGS {
            self.warnings.push(cut(message));
        }
    }

    /// Keeps a line until [`State::take_said`].
    pub(super) fn keep_log(&mut self, level: Level, message: String) {
        if level == Level::ERROR {
            self.last_words.push(&message);
        }
        let lines = self.said.logs.len();
        if lines >= LOG_LINES {
            if !self.logs_dropped {
                self.logs_dropped = true;
                self.said
                    .logs
                    .push((Level::WARN, format!("more than {LOG_LINES} log lines in one call: the rest is dropped")));
            }
            return;
        }
        self.said.logs.push((level, cut(message)));
    }

    /// Adds to what was counted under `name` since [`State::take_said`].
    pub(super) fn keep_count(&mut self, name: &str, by: u32) {
        let Some(name) = self.admitted(name) else {
            if !self.counts_dropped {
                self.counts_dropped = true;
                let text = format!(
                    "counts dropped: a plugin may count under {COUNT_NAMES} names of 1 to {COUNT_NAME_BYTES} bytes each"
                );
                self.said.logs.push((Level::WARN, text));
            }
            return;
        };
        match self.said.counts.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &name)) {
            Some((_, sum)) => *sum = sum.saturating_add(u64::from(by)),
            None => self.said.counts.push((name, u64::from(by))),
        }
    }

    /// A lookup file's content.
    pub(super) fn file(&mut self, name: &str) -> wasmtime::Result<Option<Vec<u8>>> {
        self.meter.host_call(usize::MAX)?;
        match &self.files {
            Some(files) => Ok(files.get(name).map(|file| file.to_vec())),
            None => Err(wasmtime::Error::msg("`lookup.get` was called outside `configure`")),
        }
    }
}

/// A line of at most [`LOG_BYTES`].
fn cut(mut message: String) -> String {
    if message.len() > LOG_BYTES {
        let end = message.floor_char_boundary(LOG_BYTES);
        message.truncate(end);
        message.shrink_to_fit();
        message.push('…');
    }
    message
}

/// A linker that gives the host's interface and nothing else.
pub(super) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    v0_1::link(&mut linker)?;
    Ok(linker)
}
