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

/// An input that is read ahead: beside the part that is being taken one is waiting and one is being read.
pub(super) struct ReadAhead {
    parts: Receiver<Part>,
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
        Ok(Self { parts, free })
    }

    /// The next part; none at the end.
    pub(super) fn next(&mut self) -> Option<Part> {
        self.parts.recv().ok()
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
    full: &SyncSender<Part>,
    freed: &Receiver<Rows>,
) {
    loop {
        let mut rows = freed.try_recv().unwrap_or_default();
        let read = input.fill(records, bytes, &mut rows);
        let goes_on = matches!(read, Ok(true));
        if full.send((rows, read.map(|_| ()))).is_err() || !goes_on {
            return;
        }
    }
}
