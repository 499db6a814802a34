//! Ways to save a file: each is applied once, soon after it is whole, and never half.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
    thread::sleep,
};

use super::{
    thread::{SOON, started},
    *,
};

/// Between two pieces of a file that is written slowly: longer than it is quiet before a look.
const PAUSE: Duration = Duration::from_millis(450);
/// From the last close or rename to the new generation: two seconds, and as long again and more for a machine that has much
/// else to do.
const LIMIT: Duration = Duration::from_secs(8);

fn table(version: u32) -> Vec<String> {
    let rows = (0..7).map(|row| format!("{row},{version}\n"));
    std::iter::once("country,region\n".to_owned()).chain(rows).collect()
}

struct Saving {
    fixture: Fixture,
    reload: Reload,
    heard: Receiver<Outcome>,
}

impl Saving {
    fn start() -> Self {
        let (fixture, reloader) = Fixture::with_files(&with_lookup(), &[("regions.csv", &table(0).concat())]);
        let (reload, heard) = started(reloader);
        // The look with which it begins has to be over: it is one that an event could have called for.
        sleep(PAUSE);
        assert_eq!(reload.request(), Some(Outcome::Unchanged));
        assert_eq!(heard.recv_timeout(SOON), Ok(Outcome::Unchanged));
        Self { fixture, reload, heard }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.fixture.folder.path().join(name)
    }

    /// Writes a table into an open file, slowly; nothing is heard of it meanwhile.
    fn write_slowly(&self, mut file: File, version: u32) {
        for line in table(version) {
            sleep(PAUSE);
            file.write_all(line.as_bytes()).unwrap();
            assert_eq!(self.heard.try_recv().ok(), None);
        }
        sleep(PAUSE);
        assert_eq!(self.heard.try_recv().ok(), None, "it is not closed");
    }

    /// What was just saved becomes this generation, and nothing else comes of it.
    #[track_caller]
    fn is_applied_once(&self, number: u64) {
        let saved = Instant::now();
        let outcome = self.heard.recv_timeout(SOON).unwrap();
        let took = saved.elapsed();
        assert!(matches!(outcome, Outcome::Applied { generation, .. } if generation == number), "{outcome:?}");
        assert!(took < LIMIT, "{took:?}");
        assert_eq!(self.reload.request(), Some(Outcome::Unchanged));
        assert_eq!(self.heard.recv_timeout(SOON), Ok(Outcome::Unchanged), "the answer, and nothing before it");
        assert_eq!(self.fixture.handed().len() as u64, number - 1);
    }
}

#[test]
fn a_table_that_is_copied_slowly_is_applied_when_it_is_closed() {
    let saving = Saving::start();
    saving.write_slowly(File::create(saving.path("regions.csv")).unwrap(), 1);
    saving.is_applied_once(2);
    // And where somebody asks for it meanwhile.
    let mut file = File::create(saving.path("regions.csv")).unwrap();
    file.write_all(table(2)[..4].concat().as_bytes()).unwrap();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| saving.reload.request());
        sleep(PAUSE);
        assert!(!asking.is_finished());
        file.write_all(table(2)[4..].concat().as_bytes()).unwrap();
        drop(file);
        assert!(matches!(asking.join().unwrap(), Some(Outcome::Applied { generation: 3, .. })));
    });
}

#[test]
fn a_table_that_is_deleted_and_written_anew_is_applied_when_it_is_closed() {
    let saving = Saving::start();
    fs::remove_file(saving.path("regions.csv")).unwrap();
    saving.write_slowly(File::create_new(saving.path("regions.csv")).unwrap(), 1);
    saving.is_applied_once(2);
}

/// As vim writes by default: the old file is renamed away, the new one written in its place, and the old one deleted.
fn save_as_vim(path: &Path, text: &str) {
    let backup = path.with_extension("csv~");
    fs::rename(path, &backup).unwrap();
    let mut file = File::create_new(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.sync_all().unwrap();
    drop(file);
    let permissions = fs::metadata(&backup).unwrap().permissions();
    fs::set_permissions(path, permissions).unwrap();
    fs::remove_file(backup).unwrap();
}

#[test]
fn what_an_editor_saves_is_applied_once() {
    let saving = Saving::start();
    save_as_vim(&saving.path("regions.csv"), &table(1).concat());
    saving.is_applied_once(2);
    fs::write(saving.path("regions.new"), table(2).concat()).unwrap();
    fs::rename(saving.path("regions.new"), saving.path("regions.csv")).unwrap();
    saving.is_applied_once(3);
}

#[test]
fn a_table_that_is_written_where_no_event_tells_of_it_is_applied_when_it_stays() {
    let saving = Saving::start();
    // By another name of the same file: as on a network file system, nothing is heard of it.
    let elsewhere = tempfile::tempdir_in(saving.fixture.folder.path()).unwrap();
    let alias = elsewhere.path().join("regions.csv");
    fs::hard_link(saving.path("regions.csv"), &alias).unwrap();
    let mut file = OpenOptions::new().write(true).truncate(true).open(alias).unwrap();
    let begun = Instant::now();
    // Over the time of a poll, which would find a table each time.
    for number in 0.. {
        let version = if begun.elapsed() > Duration::from_secs(6) { 2 } else { 1 };
        let line = if number == 0 { "country,region\n".to_owned() } else { format!("{number},{version}\n") };
        file.write_all(line.as_bytes()).unwrap();
        sleep(PAUSE);
        assert_eq!(saving.heard.try_recv().ok(), None);
        if version == 2 {
            break;
        }
    }
    drop(file);
    let outcome = saving.heard.recv_timeout(SOON).unwrap();
    assert!(matches!(outcome, Outcome::Applied { generation: 2, .. }), "{outcome:?}");
    assert_eq!(saving.reload.request(), Some(Outcome::Unchanged));
}
