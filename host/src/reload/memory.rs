//! What was rolled back, remembered over restarts in a file of `state_dir`.

use std::{
    fs::{self, DirBuilder},
    io,
    path::Path,
};

use serde_json::{Value, json};

use super::{candidate::Content, fingerprint};
use crate::config::Config;

/// The file's name. It holds one JSON object: `content` (SHA-256, hex), `at` (RFC 3339), `why`.
const FILE: &str = "rolled-back.json";

/// Remembers content that was rolled back; earlier ones are forgotten.
pub(super) fn write(folder: &Path, content: &Content, why: &str) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let at = jiff::Timestamp::now().to_string();
    let text = json!({ "content": weir_rules::hex(content), "at": at, "why": why });
    // By a rename, so that it is never there half.
    let new = folder.join(format!(".{FILE}.new"));
    fs::write(&new, format!("{text:#}\n"))?;
    fs::rename(new, folder.join(FILE))
}

/// When and why the configuration was rolled back, in words for people; none: it was not, as far as is remembered.
pub fn rolled_back(config: &Config) -> Option<String> {
    let path = config.state_dir.as_ref()?.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "cannot see what was rolled back");
            return None;
        }
    };
    let Ok(told) = serde_json::from_str::<Value>(&text) else {
        tracing::warn!(path = %path.display(), "this file is not weir's: what was rolled back is not known");
        return None;
    };
    if told["content"] != weir_rules::hex(&fingerprint::of(config)) {
        return None;
    }
    let (at, why) = (told["at"].as_str().unwrap_or_default(), told["why"].as_str().unwrap_or_default());
    Some(format!("it was rolled back at {at}: {why} (remembered in {})", path.display()))
}
