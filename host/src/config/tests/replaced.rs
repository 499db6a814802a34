//! Files that are replaced while they are read.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use super::*;

/// How often the configuration is read.
const READINGS: usize = 300;

/// Puts the version of that number in place of the one before, as a kubelet does: a new link is renamed over the old.
fn swap(folder: &Path, number: u32) {
    let version = folder.join(format!("..{number}"));
    fs::create_dir(&version).unwrap();
    let pipeline = format!("[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g{number}\"\nto = \"out\"\n");
    let text = format!("[kafka]\nbrokers = {{ file = \"brokers\" }}\n{pipeline}delivery = \"at-least-once\"\n");
    fs::write(version.join("weir.toml"), text).unwrap();
    fs::write(version.join("brokers"), format!("b{number}:1")).unwrap();
    symlink(&version, folder.join("..data_tmp")).unwrap();
    fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
}

#[test]
fn files_that_are_swapped_together_are_read_together() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for file in ["weir.toml", "brokers"] {
        symlink(format!("..data/{file}"), folder.join(file)).unwrap();
    }
    swap(folder, 0);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let swaps = scope.spawn(|| {
            let mut number = 0;
            while !is_over.load(Ordering::Acquire) {
                number += 1;
                swap(folder, number);
                thread::sleep(Duration::from_micros(500));
            }
            number
        });
        let readings: Vec<_> = (0..READINGS)
            .map(|_| {
                thread::sleep(Duration::from_micros(300));
                load(&folder.join("weir.toml"))
            })
            .collect();
        is_over.store(true, Ordering::Release);
        assert!(swaps.join().unwrap() > 50, "swapped too seldom to prove anything");
        for config in readings.into_iter().map(Result::unwrap) {
            assert_eq!(config.kafka.brokers, config.pipelines["p"].group.replace('g', "b") + ":1");
        }
    });
}
