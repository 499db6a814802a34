//! What the host gives a plugin: `log`, `count`, and the files its config names.
//!
//! Built natively (tests), the same calls write into this thread's [`Said`](crate::testing::Said) instead.

use std::collections::BTreeMap;

#[cfg(target_arch = "wasm32")]
use crate::bindings::weir::interceptor::{host, lookup};

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Of use to the plugin's author only.
    Debug,
    /// What an operator asked to know.
    Info,
    /// Something went wrong and was made good.
    Warn,
    /// Data is at risk or a person must act.
    Error,
}

/// Writes a line to weir's log. Never per record: once a batch at most. It takes effect when the edits of the
/// call are accepted.
pub fn log(level: Level, message: &str) {
    #[cfg(target_arch = "wasm32")]
    host::log(
        match level {
            Level::Debug => host::Level::Debug,
            Level::Info => host::Level::Info,
            Level::Warn => host::Level::Warn,
            Level::Error => host::Level::Error,
        },
        message,
    );
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::heard_log(level, message);
}

/// Adds to a metric of this interceptor (`weir_interceptor_count_total{name}`); adding 0 says nothing.
/// Sum up over the batch and call it once a name: at most 64 names an interceptor. It takes effect when the edits of
/// the call are accepted.
pub fn count(name: &str, by: u32) {
    if by == 0 {
        return;
    }
    #[cfg(target_arch = "wasm32")]
    host::count(name, by);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::heard_count(name, by);
}

/// The files that the interceptor's config names.
///
/// They are only to be had in [`Interceptor::new`](crate::Interceptor::new): afterwards a plugin reads nothing.
#[derive(Debug, Default)]
pub struct Files {
    given: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// The files of a test: name and bytes.
    pub fn of<N: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (N, B)>) -> Self {
        Self { given: files.into_iter().map(|(name, bytes)| (name.into(), bytes.into())).collect() }
    }

    /// The bytes of the file of that name; `None` where weir has none.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        #[cfg(target_arch = "wasm32")]
        if self.given.is_empty() {
            return lookup::get(name);
        }
        self.given.get(name).cloned()
    }

    /// The bytes of a file that the config speaks of; `ending` is that of most such files.
    ///
    /// # Errors
    /// There is none of that name: how it is named beside the `plugin`.
    pub fn named(&self, name: &str, ending: &str) -> Result<Vec<u8>, String> {
        self.get(name).ok_or_else(|| {
            let is_bare = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            let key = if is_bare { name.to_owned() } else { format!("{name:?}") };
            let path = if name.contains('.') { name.to_owned() } else { format!("{name}.{ending}") };
            format!(
                "the interceptor's `files` has no `{name}`; write `files = {{ {key} = \"./{path}\" }}` beside its `plugin`"
            )
        })
    }
}
