//! What asks weir's admin API while it is measured, as a monitoring system and an operator do.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Result, ensure};
use weir_tests::admin::try_get;

/// Between two questions.
const PAUSE: Duration = Duration::from_secs(1);

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
                let is_answered = |path| try_get(address, path).is_ok_and(|(status, _)| status == 200);
                answers += u32::from(is_answered("/metrics") && is_answered("/status"));
            }
            answers
        });
        Self { end, thread }
    }

    /// Stops asking.
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
