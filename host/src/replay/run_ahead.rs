//! Runs a chain in a thread of its own, some records ahead of whoever takes what they give.

use std::{
    convert::Infallible,
    io::{self, BufRead},
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    thread::JoinHandle,
};

use super::{Error, ran::Ran, read_ahead::ReadAhead, window::Window};
use crate::{
    chain::Chain,
    record_file::Reader,
    threads::{self, Role},
};

/// What records gave, and why there are no more behind them, where that is no end of the input.
type Part = (Ran, Result<(), Error<Infallible>>);

/// A chain that runs ahead: beside what is being taken there is only what is being run.
pub(super) struct RunAhead {
    parts: Receiver<Part>,
    /// Takes buffers that are free again.
    free: Sender<Ran>,
    thread: JoinHandle<Option<Chain>>,
}

impl RunAhead {
    /// Starts to read and to run.
    pub(super) fn start<R: BufRead + Send + 'static>(
        mut chain: Chain,
        mut window: Window,
        input: Reader<R>,
    ) -> io::Result<Self> {
        let mut ahead = ReadAhead::start(input, window.records(), window.bytes())?;
        let (full, parts) = sync_channel(0);
        let (free, freed) = channel();
        let thread = threads::start(Role::Replay, "replay", move || {
            run(&mut chain, &mut window, &mut ahead, &full, &freed);
            chain
        })?;
        Ok(Self { parts, free, thread })
    }

    /// The next records that were run; none at the end.
    pub(super) fn next(&mut self) -> Option<Part> {
        self.parts.recv().ok()
    }

    /// Gives back the buffers of a part that is no longer needed.
    pub(super) fn give_back(&mut self, mut ran: Ran) {
        ran.clear();
        // Nobody needs them at the end.
        let _ = self.free.send(ran);
    }

    /// The chain, once there are no more parts; none where its thread panicked.
    pub(super) fn end(self) -> Option<Chain> {
        drop(self.parts);
        self.thread.join().ok().flatten()
    }
}

/// Runs until the end, a mistake, or until nobody takes what is run.
fn run(chain: &mut Chain, window: &mut Window, ahead: &mut ReadAhead, full: &SyncSender<Part>, freed: &Receiver<Ran>) {
    while let Some((rows, read)) = ahead.next() {
        let mut from = 0;
        while from < rows.len() {
            let mut ran = freed.try_recv().unwrap_or_default();
            let ended = window.run(&rows, from, chain, &mut ran);
            from += ran.seats.len();
            let goes_on = ended.is_ok();
            if full.send((ran, ended)).is_err() || !goes_on {
                return;
            }
        }
        if let Err(error) = read {
            // Nobody needs it where nobody takes anything.
            let _ = full.send((Ran::default(), Err(error.into())));
            return;
        }
        ahead.give_back(rows);
    }
}
