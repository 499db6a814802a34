//! What becomes of a panic, and the end of the process.

use std::{
    any::Any,
    cell::Cell,
    io::Write as _,
    panic::{self, PanicHookInfo},
    sync::{Mutex, OnceLock, PoisonError},
    thread,
    time::Duration,
};

/// The first panic of a thread that the process cannot do without.
static PANICKED: Mutex<Option<String>> = Mutex::new(None);
/// How long the others may take to settle after it; unset: nobody ends the process.
static LIMIT: OnceLock<Duration> = OnceLock::new();

thread_local! {
    /// Whether the process cannot do without this thread.
    static IS_ESSENTIAL: Cell<bool> = const { Cell::new(false) };
}

/// Whether the process cannot do without this thread from now on: its panic is known before what it owns is dropped, which
/// may block for long. Returns what held before.
pub(super) fn set_essential(is_essential: bool) -> bool {
    IS_ESSENTIAL.replace(is_essential)
}

/// Writes panics into the log, with their place, instead of as plain text to standard error.
pub fn log_panics() {
    panic::set_hook(Box::new(log));
}

fn log(info: &PanicHookInfo<'_>) {
    let thread = thread::current();
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let words = words_of(info.payload());
    let name = thread.name().unwrap_or("unnamed");
    tracing::error!(thread = name, place, "a thread panicked: {words}");
    if IS_ESSENTIAL.get() {
        note(name, words);
    }
}

/// A panic of a thread that the process cannot do without ends the process with status 1, `limit` later if nobody who
/// looks at [`panicked`] has done so before.
pub fn end_process_on_panic(limit: Duration) {
    // Set already, it stays.
    let _ = LIMIT.set(limit);
}

/// The name and the words of the first thread that panicked which the process cannot do without.
pub fn panicked() -> Option<String> {
    PANICKED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn note(thread: &str, words: &str) {
    let what = format!("the thread `{thread}` panicked: {words}");
    PANICKED.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what);
}

/// Notes the panic of a thread that the process cannot do without.
pub(super) fn report(thread: &str, words: &str) {
    note(thread, words);
    if let Some(limit) = LIMIT.get() {
        thread::sleep(*limit);
        tracing::error!(thread, "ending with status 1: a thread panicked that weir cannot do without");
        end_process(1);
    }
}

/// Ends the process at once, without running the destructors of the process: threads of librdkafka and of OpenSSL, which
/// clients are still being closed by, would use what these destroy.
pub fn end_process(status: u8) -> ! {
    // Where nobody listens, the status still says it.
    let _ = std::io::stdout().flush();
    let _ = std::io::stderr().flush();
    signal_hook::low_level::exit(i32::from(status))
}

pub(super) fn words_of(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words")
}
