//! Waiting for conditions, always with a limit, and names that no other test has.

use std::{
    panic,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

/// Waits until `look` answers something; panics with `what` when `seconds` have passed.
pub fn eventually<T>(seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "not within {seconds} s: {what}");
        // How often we look decides nothing but the test's own pace.
        thread::sleep(Duration::from_millis(25));
    }
}

/// Runs a test that may take `seconds` at most, so that one that hangs is named. To build the binary under test does not
/// count.
pub fn within(seconds: u64, test: impl FnOnce() + Send + 'static) {
    crate::paths::weir();
    let (done, wait) = mpsc::channel();
    let name = thread::current().name().unwrap_or("test").to_owned();
    let worker = thread::Builder::new().name(name).spawn(move || {
        test();
        let _ = done.send(());
    });
    let worker = worker.expect("a thread");
    match wait.recv_timeout(Duration::from_secs(seconds)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("still running after {seconds} s"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => {
            if let Err(panicked) = worker.join() {
                panic::resume_unwind(panicked);
            }
        }
    }
}

/// `name` with something behind it that no other test and no other run has: for topics and groups.
pub fn unique(name: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let run = (u128::from(std::process::id()) << 20 ^ time) & 0xff_ffff;
    format!("{name}-{run:06x}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
