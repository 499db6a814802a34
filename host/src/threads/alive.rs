//! The threads that are alive, and what they say they do.

use std::{
    cell::Cell,
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

/// By a number that counts up, so that the oldest comes first.
static THREADS: Mutex<(u64, BTreeMap<u64, Thread>)> = Mutex::new((0, BTreeMap::new()));

thread_local! {
    /// This thread's number.
    static NUMBER: Cell<Option<u64>> = const { Cell::new(None) };
}

struct Thread {
    name: String,
    /// Empty: nothing to say.
    doing: String,
}

fn lock() -> MutexGuard<'static, (u64, BTreeMap<u64, Thread>)> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This thread is listed while it lives.
pub(super) struct Entry(u64);

impl Entry {
    pub(super) fn new(name: String) -> Self {
        Self(add(name))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        lock().1.remove(&self.0);
    }
}

fn add(name: String) -> u64 {
    let mut threads = lock();
    threads.0 += 1;
    let number = threads.0;
    threads.1.insert(number, Thread { name, doing: String::new() });
    NUMBER.set(Some(number));
    number
}

/// Says what this thread does from now on, for [`alive`]; nothing where `what` is empty. A thread that was not started
/// here is listed from its first word on.
pub fn doing(what: impl Into<String>) {
    let number = NUMBER.get().unwrap_or_else(|| add(thread::current().name().unwrap_or("unnamed").to_owned()));
    if let Some(thread) = lock().1.get_mut(&number) {
        thread.doing = what.into();
    }
}

/// The names of the threads that are alive, oldest first, each with what it does in brackets where it has said so.
pub fn alive() -> Vec<String> {
    let threads = lock();
    let text = |thread: &Thread| match thread.doing.as_str() {
        "" => thread.name.clone(),
        doing => format!("{} ({doing})", thread.name),
    };
    threads.1.values().map(text).collect()
}
