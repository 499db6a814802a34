//! Holds figures against the committed ones, or writes them where that is asked for.

use std::{fs, sync::Mutex};

use weir_tests::baseline;
pub(crate) use weir_tests::baseline::Section;

const UPDATE: &str = "WEIR_UPDATE_BASELINE=1 cargo test -p weir --test gate";

/// Tests of one process run side by side and share the file.
static FILE: Mutex<()> = Mutex::new(());

/// Fails unless `figures` are what the section says; writes them there instead where that is asked for.
#[track_caller]
pub(crate) fn compare(section: &str, figures: &Section) {
    let _alone = FILE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let text = fs::read_to_string(baseline::path()).unwrap();
    if std::env::var_os("WEIR_UPDATE_BASELINE").is_some() {
        fs::write(baseline::path(), baseline::updated(&text, section, figures).unwrap()).unwrap();
        return;
    }
    let wrong = baseline::differences(&text, section, figures).unwrap();
    assert!(wrong.is_empty(), "\n{}\nIf that is meant: {UPDATE}\n", wrong.join("\n"));
}
