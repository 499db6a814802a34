//! Starts weir's threads, each by its name and for one purpose, and knows which are alive and what they do.
//!
//! No panic goes unseen: that of a pipeline's thread stops the pipeline ([`start_guarded`]), that of any other ends the
//! process ([`start`]). Threads that weir does not start are librdkafka's, where a panic of a callback aborts the
//! process, and that of the file watcher, which a look every 5 s stands in for.

mod alive;
mod lock;
mod panic;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    thread::{Builder, JoinHandle},
};

pub use alive::{alive, doing};
pub use lock::lock;
pub use panic::{end_process, end_process_on_panic, log_panics, panicked};

use crate::failpoint;

/// What a thread is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Serves the groups of all pipelines while they are quiet.
    Control,
    /// Serves one pipeline's group while that may block.
    Group,
    /// Runs a pipeline's chain.
    Worker,
    /// Takes over changes of the configuration.
    Reload,
    /// Waits for SIGHUP.
    Sighup,
    /// Waits for SIGTERM and SIGINT.
    Signals,
    /// Moves the plugins' clock.
    Clock,
    /// Closes a consumer.
    Close,
    /// Closes a producer.
    Discard,
    /// Takes the reports of a shared producer.
    Reports,
    /// Ends the process when its time is over.
    Watchdog,
    /// Serves operators.
    Admin,
    /// Runs the chain of a replay.
    Replay,
    /// Reads the input of a replay.
    ReadAhead,
    /// Writes the output of a replay.
    WriteBehind,
}

impl Role {
    /// Every role, with the word that names it in `WEIR_FAILPOINT`.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::Control, "control"),
        (Self::Group, "group"),
        (Self::Worker, "worker"),
        (Self::Reload, "reload"),
        (Self::Sighup, "sighup"),
        (Self::Signals, "signals"),
        (Self::Clock, "clock"),
        (Self::Close, "close"),
        (Self::Discard, "discard"),
        (Self::Reports, "reports"),
        (Self::Watchdog, "watchdog"),
        (Self::Admin, "admin"),
        (Self::Replay, "replay"),
        (Self::ReadAhead, "read-ahead"),
        (Self::WriteBehind, "write-behind"),
    ];
}

/// Starts a thread that the process cannot do without: a panic in it ends the process with status 1. What it is joined
/// for is `None` where it panicked.
///
/// # Errors
/// The system gives no thread.
pub fn start<T: Send + 'static>(
    role: Role,
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<Option<T>>> {
    let thread = name.to_owned();
    spawn(role, name, true, move |words| panic::report(&thread, words), body)
}

/// Starts a thread whose panic is told to `on_panic`, in that thread, with the words of the panic.
///
/// # Errors
/// The system gives no thread.
pub fn start_guarded<T: Send + 'static>(
    role: Role,
    name: &str,
    on_panic: impl FnOnce(&str) + Send + 'static,
    body: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<Option<T>>> {
    spawn(role, name, false, on_panic, body)
}

fn spawn<T: Send + 'static>(
    role: Role,
    name: &str,
    is_essential: bool,
    on_panic: impl FnOnce(&str) + Send + 'static,
    body: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<Option<T>>> {
    let thread = name.to_owned();
    Builder::new().name(thread.clone()).spawn(move || {
        let _alive = alive::Entry::new(thread);
        let body = move || {
            panic::set_essential(is_essential);
            if let Some((_, word)) = Role::ALL.iter().find(|(known, _)| *known == role) {
                failpoint::begin_thread(word);
            }
            body()
        };
        // What the thread owned is dropped or poisoned by now; what it shared is behind locks that tell.
        guarded(body).inspect_err(|words| on_panic(words)).ok()
    })
}

/// Runs `body` in this thread. A panic of it is the caller's to answer for, also where the process cannot do without the
/// thread.
///
/// # Errors
/// The words of its panic.
pub fn guarded<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    let was_essential = panic::set_essential(false);
    let done = catch_unwind(AssertUnwindSafe(body)).map_err(|payload| panic::words_of(&*payload).to_owned());
    panic::set_essential(was_essential);
    done
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn the_panic_of_a_guarded_thread_is_told_in_its_words() {
        let (tell, told) = channel();
        let number = 7;
        let thread = start_guarded(
            Role::Worker,
            "guarded",
            move |words| tell.send(words.to_owned()).unwrap(),
            move || {
                if number == 7 {
                    panic!("number {number}");
                }
            },
        );
        assert_eq!(thread.unwrap().join().unwrap(), None);
        assert_eq!(told.recv().unwrap(), "number 7");
    }

    #[test]
    fn a_panic_that_somebody_answers_for_is_not_that_of_a_thread_that_the_process_cannot_do_without() {
        log_panics();
        let thread = start(Role::Control, "essential", || {
            assert_eq!(
                guarded(|| -> () { panic!("of a guest of the thread") }),
                Err("of a guest of the thread".to_owned())
            );
            panicked()
        });
        let panicked = thread.unwrap().join().unwrap().flatten();
        assert!(!panicked.is_some_and(|what| what.contains("of a guest")));
    }

    #[test]
    fn a_thread_is_listed_with_what_it_does_until_it_ends() {
        let ((begin, begun), (end, ended)) = (channel(), channel::<()>());
        let thread = start(Role::Worker, "listed", move || {
            doing("its work");
            begin.send(()).unwrap();
            ended.recv().unwrap();
            5
        });
        begun.recv().unwrap();
        assert!(alive().contains(&"listed (its work)".to_owned()), "{:?}", alive());
        end.send(()).unwrap();
        assert_eq!(thread.unwrap().join().unwrap(), Some(5));
        assert!(!alive().iter().any(|name| name.starts_with("listed")), "{:?}", alive());
    }
}
