//! Compiled code is kept, and nothing but what weir wrote itself is run.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use sha2::Digest as _;
use tempfile::TempDir;

use super::{super::cache::Cache, *};

struct Fixture {
    folder: TempDir,
    engine: Engine,
}

impl Fixture {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let engine = Engine::new(Some(folder.path().join("a/b"))).unwrap();
        Self { folder, engine }
    }

    fn cache(&self) -> &Cache {
        self.engine.inner.cache.as_ref().unwrap()
    }

    /// Whether the cache has usable code for the guest.
    fn has(&self, name: &str) -> bool {
        let key = self.cache().key(&sha2::Sha256::digest(guest(name)).into());
        self.cache().get(&self.engine.inner.engine, &key).is_some()
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.folder.path().join("a/b")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Loads the guest, sees it work, returns its only file.
    fn load(&self, name: &str) -> PathBuf {
        let plugin = self.engine.load(&guest(name)).unwrap();
        let (mut instance, _) = plugin.set_up(&setup()).unwrap();
        call(&mut instance, &[b"one"]).unwrap();
        let [file] = &self.files()[..] else { panic!("{:?}", self.files()) };
        file.clone()
    }
}

#[test]
fn code_is_kept_and_used_again() {
    let fixture = Fixture::new();
    assert!(!fixture.has("identity.wat"));
    let file = fixture.load("identity.wat");
    assert!(fixture.has("identity.wat") && !fixture.has("trap.wat"));
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(file.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);

    let written = file.metadata().unwrap().ino();
    let second = Engine::new(Some(fixture.folder.path().join("a/b"))).unwrap();
    let (mut instance, _) = second.load(&guest("identity.wat")).unwrap().set_up(&setup()).unwrap();
    call(&mut instance, &[b"one"]).unwrap();
    assert_eq!(file.metadata().unwrap().ino(), written, "the second engine compiled again");
}

#[test]
fn damaged_code_is_compiled_again() {
    let fixture = Fixture::new();
    let file = fixture.load("identity.wat");
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let mut other = whole.clone();
    other[0] ^= 1;
    for damaged in [&whole[..0], &whole[..40], &whole[..48], &whole[..whole.len() - 1], &flipped, &other] {
        fs::write(&file, damaged).unwrap();
        assert!(!fixture.has("identity.wat"));
        fixture.load("identity.wat");
        assert_eq!(fs::read(&file).unwrap(), whole);
    }
}

#[test]
fn code_that_others_could_have_written_is_not_used() {
    let fixture = Fixture::new();
    let file = fixture.load("identity.wat");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o620)).unwrap();
    assert!(!fixture.has("identity.wat"));
    fixture.load("identity.wat");
    assert!(fixture.has("identity.wat"));

    let elsewhere = fixture.folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert!(!fixture.has("identity.wat"));
    fixture.load("identity.wat");
    assert!(file.symlink_metadata().unwrap().is_file());
}

#[test]
fn a_folder_that_others_can_write_to_is_not_used() {
    let folder = TempDir::new().unwrap();
    let shared = folder.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o770)).unwrap();
    let link = folder.path().join("link");
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(&own, &link).unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for bad in [shared, link, file] {
        let engine = Engine::new(Some(bad.clone())).unwrap();
        assert!(engine.inner.cache.is_none(), "{}", bad.display());
        engine.load(&guest("identity.wat")).unwrap().set_up(&setup()).unwrap();
    }
    assert_eq!(fs::read_dir(own).unwrap().count(), 0);
}

#[test]
fn a_pipe_in_place_of_code_is_not_waited_for() {
    let fixture = Fixture::new();
    let file = fixture.load("identity.wat");
    fs::remove_file(&file).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &file, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    assert!(!fixture.has("identity.wat"));
    fixture.load("identity.wat");
    assert!(file.metadata().unwrap().is_file());
}

#[test]
fn what_was_used_longest_ago_is_thrown_out_where_the_cache_is_too_large() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path().join("a/b");
    let file = |name: &str, hours_ago: u64, bytes: u64| {
        let file = fs::File::create(folder.join(name)).unwrap();
        file.set_len(bytes).unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(3600 * hours_ago)).unwrap();
    };
    let trim = |keep: &str, limit: u64| {
        super::super::cache::trim(fs::File::open(&folder).unwrap(), keep, limit).unwrap();
        let mut left: Vec<String> =
            fixture.files().iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
        left.sort();
        left
    };
    file("old.code", 30, 100);
    file("older.code", 40, 100);
    file("new.code", 1, 100);
    file("foreign", 90, 1000);
    file(".1-1-killed.code", 20, 100);
    file(".1-2-writing.code", 0, 100);
    assert_eq!(trim("new.code", 300), [".1-2-writing.code", "foreign", "new.code", "old.code", "older.code"]);
    assert_eq!(trim("new.code", 299), [".1-2-writing.code", "foreign", "new.code", "old.code"]);
    file("older.code", 40, 100);
    assert_eq!(trim("older.code", 0), [".1-2-writing.code", "foreign", "older.code"]);
}

#[test]
fn code_that_is_used_again_is_no_longer_the_oldest() {
    let fixture = Fixture::new();
    let file = fixture.load("identity.wat");
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    fs::File::options().append(true).open(&file).unwrap().set_modified(long_ago).unwrap();
    assert!(fixture.has("identity.wat"));
    assert!(file.metadata().unwrap().modified().unwrap() > long_ago + Duration::from_secs(3000));
}
