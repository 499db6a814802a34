//! Compiled code is kept, and nothing but what weir wrote itself is run.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::{super::cache::Cache, *};

struct Place {
    folder: TempDir,
    engine: Engine,
}

impl Place {
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
        let key = self.cache().key(&guest(name));
        self.cache().get(&self.engine.inner.engine, &key).is_some()
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.folder.path().join("a/b")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Loads the guest, sees it work, answers its only file.
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
    let place = Place::new();
    assert!(!place.has("identity.wat"));
    let file = place.load("identity.wat");
    assert!(place.has("identity.wat") && !place.has("trap.wat"));
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(file.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);

    let written = file.metadata().unwrap().ino();
    let second = Engine::new(Some(place.folder.path().join("a/b"))).unwrap();
    let (mut instance, _) = second.load(&guest("identity.wat")).unwrap().set_up(&setup()).unwrap();
    call(&mut instance, &[b"one"]).unwrap();
    assert_eq!(file.metadata().unwrap().ino(), written, "the second engine compiled again");
}

#[test]
fn damaged_code_is_compiled_again() {
    let place = Place::new();
    let file = place.load("identity.wat");
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let mut other = whole.clone();
    other[0] ^= 1;
    for damaged in [&whole[..0], &whole[..40], &whole[..48], &whole[..whole.len() - 1], &flipped, &other] {
        fs::write(&file, damaged).unwrap();
        assert!(!place.has("identity.wat"));
        place.load("identity.wat");
        assert_eq!(fs::read(&file).unwrap(), whole);
    }
}

#[test]
fn code_that_others_could_have_written_is_not_used() {
    let place = Place::new();
    let file = place.load("identity.wat");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o620)).unwrap();
    assert!(!place.has("identity.wat"));
    place.load("identity.wat");
    assert!(place.has("identity.wat"));

    let elsewhere = place.folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert!(!place.has("identity.wat"));
    place.load("identity.wat");
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
