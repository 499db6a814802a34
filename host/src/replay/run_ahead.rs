//! Runs a chain in a thread of its own, some records ahead of whoever takes what they give.

use std::{
    convert::Infallible,
    io::{self, BufRead},
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
};

use super::{Error, ran::Ran, read_ahead::ReadAhead, window::Window};
use crate::{
    chain::Chain,
    record_file::Reader,
    threads::{self, Role},
};

/// What comes of an input.
pub(super) enum Part {
    /// What records gave, and why there are no more behind them, where that is no end of the input.
    Ran(Ran, Result<(), Error<Infallible>>),
    /// The end, with the chain.
    End(Box<Chain>),
}

/// A chain that runs ahead: beside what is being taken there is only what is being run.
pub(super) struct RunAhead {
    parts: Receiver<Part>,
    /// Takes buffers that are free again.
    free: Sender<Ran>,
}

impl RunAhead {
    /// Starts to read and to run.
    pub(super) fn start<R: BufRead + Send + 'static>(
        mut chain: Chain,
        window: Window,
        input: Reader<R>,
    ) -> io::Result<Self> {
        let mut ahead = ReadAhead::start(input, window.records(), window.bytes())?;
        let (full, parts) = sync_channel(0);
        let (free, freed) = channel();
        threads::start(Role::Replay, "replay", move || {
            if run(&mut chain, &window, &mut ahead, &full, &freed) {
                // Nobody needs it where nobody takes anything.
                let _ = full.send(Part::End(Box::new(chain)));
            }
        })?;
        Ok(Self { parts, free })
    }

    /// What comes next; none where the thread panicked, or behind a mistake.
    pub(super) fn next(&mut self) -> Option<Part> {
        self.parts.recv().ok()
    }

    /// Gives back the buffers of a part that is no longer needed.
    pub(super) fn give_back(&mut self, mut ran: Ran) {
        ran.clear();
        // Nobody needs them at the end.
        let _ = self.free.send(ran);
    }
}

/// Runs until the end, a mistake, or until nobody takes what is run. Returns whether it was the end.
fn run(
    chain: &mut Chain,
    window: &Window,
    ahead: &mut ReadAhead,
    full: &SyncSender<Part>,
    freed: &Receiver<Ran>,
) -> bool {
    while let Some((rows, read)) = ahead.next() {
        let mut from = 0;
        while from < rows.len() {
            let mut ran = freed.try_recv().unwrap_or_default();
            let ended = window.run(&rows, from, chain, &mut ran);
            from += ran.seats.len();
            let goes_on = ended.is_ok();
            if full.send(Part::Ran(ran, ended)).is_err() || !goes_on {
                return false;
            }
        }
        if let Err(error) = read {
            // Nobody needs it where nobody takes anything.
            let _ = full.send(Part::Ran(Ran::default(), Err(error.into())));
            return false;
        }
        ahead.give_back(rows);
    }
    true
}
