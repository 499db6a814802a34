//! What asks weir's admin API while it is measured, as a monitoring system and an operator do.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};

/// Between two questions.
const PAUSE: Duration = Duration::from_secs(1);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);

/// An address that nobody listens at.
pub(super) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Asks for metrics and status every second, from a thread of its own.
#[derive(Debug)]
pub(super) struct Scraper {
    end: Sender<()>,
    thread: JoinHandle<u32>,
}

impl Scraper {
    pub(super) fn start(address: SocketAddr) -> Self {
        let (end, ended) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut answers = 0;
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                answers += u32::from(ask(address, "/metrics").and_then(|()| ask(address, "/status")).is_ok());
            }
            answers
        });
        Self { end, thread }
    }

    /// Asks no more.
    ///
    /// # Errors
    /// Fewer than half of the questions in this time were answered.
    pub(super) fn stop(self, time: Duration) -> Result<()> {
        drop(self.end);
        let answers = self.thread.join().map_err(|_| anyhow::anyhow!("what asks weir panicked"))?;
        ensure!(f64::from(answers) >= time.as_secs_f64() / 2.0 - 1.0, "only {answers} answers in {time:?}");
        Ok(())
    }
}

fn ask(address: SocketAddr, path: &str) -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let status = answer.get(..12).context("no status")?;
    ensure!(status == b"HTTP/1.1 200", "{}", String::from_utf8_lossy(status));
    Ok(())
}
