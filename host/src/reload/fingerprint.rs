//! Tells whether a configuration, with every file it names, is the one already known.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::config::Config;

/// SHA-256 over all content that was read: the configuration's texts, resolved secrets, plugins, lookup files and probes.
///
/// It speaks of the very bytes that are then checked and compiled, not of what stands in the files a moment later; and not
/// of the folders that they are in, because a weir that is started on `weir.toml` must know what one on `/etc/weir/weir.toml`
/// rolled back.
pub(super) fn of(config: &Config) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        // With its length, so that no two lists of parts read the same.
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for source in &config.sources {
        add(name(&source.path));
        add(source.text.as_bytes());
    }
    add(config.kafka.brokers.as_bytes());
    for (key, secret) in &config.kafka.options {
        add(key.as_bytes());
        add(secret.0.as_bytes());
    }
    for pipeline in config.pipelines.values() {
        // Any string may come from a file or the environment, so what was resolved counts, not only the texts.
        add(format!("{:?}", (&pipeline.name, &pipeline.from, &pipeline.group, &pipeline.instance)).as_bytes());
        add(format!("{:?}", (&pipeline.to, &pipeline.topics, &pipeline.dead_letter)).as_bytes());
        for (key, secret) in pipeline.consumer.iter().chain(&pipeline.producer) {
            add(key.as_bytes());
            add(secret.0.as_bytes());
        }
        if let Some(probe) = &pipeline.probe {
            for file in [Some(&probe.input), probe.expect.as_ref()].into_iter().flatten() {
                add(name(&file.path));
                add(&file.bytes);
            }
        }
        for interceptor in &pipeline.interceptors {
            add(interceptor.plugin.sha256.as_bytes());
            add(interceptor.config.as_bytes());
            for (name, bytes) in &interceptor.files {
                add(name.as_bytes());
                add(bytes);
            }
        }
    }
    hash.finalize().into()
}

fn name(path: &Path) -> &[u8] {
    path.file_name().unwrap_or_default().as_encoded_bytes()
}
