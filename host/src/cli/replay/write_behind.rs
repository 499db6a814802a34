//! Writes in a thread of its own, some blocks behind whoever gives them.

use std::{
    io::{self, Write},
    mem,
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    thread::JoinHandle,
};

use crate::threads::{self, Role};

/// Bytes that are written at a time.
const BLOCK: usize = 256 * 1024;
/// Bytes of a block beyond which its room is given back: it held a very large record.
const KEPT: usize = 4 * BLOCK;
/// Blocks that may wait for a slow reader.
const WAITING: usize = 2;

/// Takes lines and writes them in their order.
pub(super) struct WriteBehind {
    block: Vec<u8>,
    /// Gone once the thread is to end, or has ended.
    full: Option<SyncSender<Vec<u8>>>,
    freed: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<Option<io::Result<()>>>>,
}

impl WriteBehind {
    pub(super) fn start(to: impl Write + Send + 'static) -> io::Result<Self> {
        let (full, blocks) = sync_channel(WAITING);
        let (free, freed) = channel();
        let thread = threads::start(Role::WriteBehind, "write-behind", move || write(to, &blocks, &free))?;
        Ok(Self { block: Vec::new(), full: Some(full), freed, thread: Some(thread) })
    }

    /// Takes a line, which `write` appends with its line feed.
    ///
    /// # Errors
    /// What was given before could not be written.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        write(&mut self.block);
        if self.block.len() < BLOCK { Ok(()) } else { self.hand_over() }
    }

    /// Writes out everything and ends.
    ///
    /// # Errors
    /// What was given could not be written.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.hand_over()?;
        self.end()
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let next = self.freed.try_recv().unwrap_or_default();
        let block = mem::replace(&mut self.block, next);
        match &self.full {
            Some(full) if full.send(block).is_ok() => Ok(()),
            _ => self.end(),
        }
    }

    /// Waits for the thread; its error is told once.
    fn end(&mut self) -> io::Result<()> {
        self.full = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Some(result))) => result,
            _ => Err(io::Error::other("its thread is gone")),
        }
    }
}

/// Writes block by block until there are no more or one cannot be written.
fn write(mut to: impl Write, blocks: &Receiver<Vec<u8>>, free: &Sender<Vec<u8>>) -> io::Result<()> {
    for mut block in blocks {
        to.write_all(&block)?;
        block.clear();
        if block.capacity() <= KEPT {
            // Nobody needs it at the end.
            let _ = free.send(block);
        }
    }
    to.flush()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Takes so many bytes, then none.
    struct Limited(Arc<Mutex<Vec<u8>>>, usize);

    impl Write for Limited {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut taken = self.0.lock().unwrap();
            if taken.len() >= self.1 {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_once_and_in_order() {
        let taken = Arc::<Mutex<Vec<u8>>>::default();
        let mut behind = WriteBehind::start(Limited(Arc::clone(&taken), usize::MAX)).unwrap();
        let mut expected = Vec::new();
        for number in 0..200_000 {
            let line = format!("line {number}\n");
            behind.write(|block| block.extend_from_slice(line.as_bytes())).unwrap();
            expected.extend_from_slice(line.as_bytes());
        }
        behind.finish().unwrap();
        assert!(*taken.lock().unwrap() == expected);
    }

    #[test]
    fn what_cannot_be_written_is_told_by_its_own_error() {
        let mut behind = WriteBehind::start(Limited(Arc::default(), BLOCK)).unwrap();
        let line = [b'x'; 1000];
        let error = (0..100_000).find_map(|_| behind.write(|block| block.extend_from_slice(&line)).err()).unwrap();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        let mut behind = WriteBehind::start(Limited(Arc::default(), 0)).unwrap();
        behind.write(|block| block.extend_from_slice(&line)).unwrap();
        assert_eq!(behind.finish().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
