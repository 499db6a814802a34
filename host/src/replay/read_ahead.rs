//! Reads an input in a thread of its own, some records ahead of whoever takes them.

use std::{
    io::{self, BufRead},
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
};

use crate::{
    record_file::{ReadError, Reader, Rows},
    threads::{self, Role},
};

/// Records, and the mistake behind them that ends the input.
type Part = (Rows, Result<(), ReadError>);
/// As the thread sends it: whether the input goes on behind them.
type Read = (Rows, Result<bool, ReadError>);

/// An input that is read ahead: beside the part that is being taken one is waiting and one is being read.
pub(super) struct ReadAhead {
    parts: Receiver<Read>,
    /// Whether the last part was the end.
    is_over: bool,
    /// Takes buffers that are free again.
    free: Sender<Rows>,
}

impl ReadAhead {
    /// Starts to read in parts of so many records, or so many bytes of them.
    pub(super) fn start<R: BufRead + Send + 'static>(
        mut input: Reader<R>,
        records: usize,
        bytes: usize,
    ) -> io::Result<Self> {
        let (full, parts) = sync_channel(1);
        let (free, freed) = channel();
        threads::start(Role::ReadAhead, "read-ahead", move || read(&mut input, records, bytes, &full, &freed))?;
        Ok(Self { parts, is_over: false, free })
    }

    /// The next part; none at the end.
    pub(super) fn next(&mut self) -> Option<Part> {
        if self.is_over {
            return None;
        }
        let (rows, read) = self.parts.recv().unwrap_or_else(|_| {
            // It panicked: what it had not read is missing, so this is no end.
            let error = io::Error::other("the thread that reads the input has ended before its end");
            (Rows::default(), Err(ReadError::Io { line: 0, error }))
        });
        self.is_over = !matches!(read, Ok(true));
        Some((rows, read.map(|_| ())))
    }

    /// Gives back the buffers of a part that is no longer needed.
    pub(super) fn give_back(&mut self, mut rows: Rows) {
        rows.clear();
        // Nobody needs them at the end.
        let _ = self.free.send(rows);
    }
}

/// Reads until the end, a mistake, or until nobody takes what is read.
fn read<R: BufRead>(
    input: &mut Reader<R>,
    records: usize,
    bytes: usize,
    full: &SyncSender<Read>,
    freed: &Receiver<Rows>,
) {
    loop {
        let mut rows = freed.try_recv().unwrap_or_default();
        let read = input.fill(records, bytes, &mut rows);
        let goes_on = matches!(read, Ok(true));
        if full.send((rows, read)).is_err() || !goes_on {
            return;
        }
    }
}
