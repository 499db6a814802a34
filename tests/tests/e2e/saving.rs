//! Ways to save a file while records flow: each takes effect once, soon after the file is whole, and never half.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Write as _,
    net::SocketAddr,
    os::unix::fs::symlink,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use weir_tests::{
    Broker, Gateway, Load, Record, Running, Topic,
    admin::{address, get, json},
    eventually, unique, within,
};

use super::reload::{PARTITIONS, carried};

/// From the last close or rename to the new generation: two seconds, and as long again and more for a machine that has much
/// else to do.
const LIMIT: Duration = Duration::from_secs(8);
/// Between two pieces of a file: longer than it is quiet before weir looks.
const PAUSE: Duration = Duration::from_millis(600);
/// So many, that they take longer than it is until weir looks in any case, and than the time between two polls.
const PIECES: usize = 11;
/// About 3 MB.
const ROWS: usize = 15_000;

/// What the files say: the number of the configuration and that of the table.
type State = (u32, u32);

/// Of which every beginning that ends with a line is a table, too.
fn table(number: u32) -> String {
    let rows = |name: &'static str| (0..PARTITIONS).map(move |partition| format!("{name}-{partition},{number}\n"));
    let filler = (0..ROWS).map(|row| format!("{row},{}\n", "x".repeat(190)));
    let head = std::iter::once("key,value\n".to_owned());
    head.chain(rows("first")).chain(filler).chain(rows("last")).collect()
}

/// Of which the beginning up to the last interceptor is a configuration, too.
fn config((from, to): (&str, &str), number: u32) -> String {
    let interceptor = |name: &str, more: &str, headers: &str| {
        format!(
            "[[pipelines.p.interceptors]]\nname = \"{name}\"\nplugin = \"header-enricher\"\n{more}\
             config = {{ headers = [{headers}] }}\n\n"
        )
    };
    let header = |name: &str, value: &str| format!("{{ name = \"{name}\", value = \"{value}\" }}");
    let looked_up = |name: &str| header(name, &format!("{{lookup:t:{name}-{{partition}}}}"));
    let tables = "files = { t = \"./table.csv\" }\nmemory = \"64MiB\"\n";
    let interceptors = [
        interceptor("begin", "", &header("begin", &number.to_string())),
        interceptor("table", tables, &[looked_up("first"), looked_up("last")].join(", ")),
        interceptor("end", "", &header("end", &number.to_string())),
    ];
    let pipeline = format!(
        "[admin]\nlisten = \"127.0.0.1:0\"\n\n[pipelines.p]\nfrom = [\"{from}\"]\nto = \"{to}\"\ngroup = \"{from}\"\n\n{}",
        interceptors.concat()
    );
    Gateway::config(Broker::shared(), &pipeline)
}

/// What a record says of the files that were in force; it must have met them whole.
fn state(record: &Record) -> State {
    let number = |name: &str| record.text(name).unwrap_or_else(|| panic!("half a file: {record:?}")).parse().unwrap();
    let state = (number("begin"), number("first"));
    assert_eq!(state, (number("end"), number("last")), "halves of two files: {record:?}");
    state
}

/// A weir that runs under load.
struct Saving {
    topics: (String, String),
    gateway: Gateway,
    running: Running,
    load: Load,
    address: SocketAddr,
    saved: Vec<State>,
}

impl Saving {
    /// `lay_out` puts the files of the first state where weir finds them.
    fn start(lay_out: impl FnOnce(&Gateway, &(String, String))) -> Self {
        let topics = (unique("saving"), unique("saving-out"));
        Broker::shared().oracle.create([&topics.0, &topics.1].map(|topic| Topic::new(topic, PARTITIONS)));
        let gateway = Gateway::new("");
        lay_out(&gateway, &topics);
        let running = gateway.run();
        let address = address(&running);
        let load = Load::start(Broker::shared(), &topics.0, PARTITIONS, 500);
        let saving = Self { topics, gateway, running, load, address, saved: vec![(0, 0)] };
        saving.shows();
        saving
    }

    fn config(&self, number: u32) -> String {
        config((&self.topics.0, &self.topics.1), number)
    }

    fn generation(&self) -> u64 {
        json(get(self.address, "/status")).1["pipelines"][0]["generation"].as_u64().unwrap()
    }

    /// Records show what was saved last.
    fn shows(&self) {
        let wanted = self.saved.last().unwrap();
        eventually(30, &format!("records show {wanted:?}"), || {
            let last = Broker::shared().oracle.last(&self.topics.1);
            last.iter().any(|record| state(record) == *wanted).then_some(())
        });
    }

    /// The last file of this state was closed or renamed just now.
    fn has_saved(&mut self, way: &str, state: State) {
        let closed = Instant::now();
        let before = self.saved.len() as u64;
        self.saved.push(state);
        eventually(30, &format!("{way}: {state:?} is applied"), || (self.generation() > before).then_some(()));
        let took = closed.elapsed();
        assert!(took < LIMIT, "{way}: {state:?} after {took:?}");
        self.shows();
        assert_eq!(self.generation(), before + 1, "{way}: {state:?} is applied once");
    }

    /// Every record was carried, and shows one of the saved states; nothing else came of the savings.
    fn end(self) {
        let metrics = get(self.address, "/metrics").1;
        let reloads: Vec<&str> = metrics.lines().filter(|line| line.starts_with("weir_reloads_total{")).collect();
        let applied = format!("weir_reloads_total{{outcome=\"applied\"}} {}", self.saved.len() - 1);
        assert!(reloads.contains(&&*applied), "{reloads:?}");
        let refused = |line: &&&str| line.contains("refused") && !line.ends_with(" 0");
        assert_eq!(reloads.iter().find(refused), None, "{}", self.running.log());
        let (from, to) = &self.topics;
        let outputs = carried(Broker::shared(), self.running, self.load, (from, to));
        let seen: BTreeSet<State> = outputs.iter().map(state).collect();
        assert_eq!(seen, self.saved.into_iter().collect());
    }
}

/// As `cp` does of a large file from a slow disk.
fn write_slowly(mut file: File, text: &str) {
    let mut rest = text;
    for piece in (1..=PIECES).rev() {
        let end = rest[..rest.len() / piece].rfind('\n').map_or(0, |at| at + 1);
        file.write_all(&rest.as_bytes()[..end]).unwrap();
        rest = &rest[end..];
        // It is the slowness itself.
        thread::sleep(PAUSE);
    }
    assert_eq!(rest, "");
}

/// As vim does: the old file is renamed away, the new one written in its place, and the old one deleted.
fn save_as_vim(path: &Path, text: &str) {
    let mut backup = path.as_os_str().to_owned();
    backup.push("~");
    fs::rename(path, &backup).unwrap();
    let mut file = File::create_new(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.sync_all().unwrap();
    drop(file);
    fs::set_permissions(path, fs::metadata(&backup).unwrap().permissions()).unwrap();
    fs::remove_file(backup).unwrap();
}

#[test]
fn a_file_that_is_written_in_place_takes_effect_once_and_never_half() {
    within(240, || {
        let mut saving = Saving::start(|gateway, (from, to)| {
            gateway.write("table.csv", table(0));
            gateway.write("weir.toml", config((from, to), 0));
        });
        let [toml, csv] = ["weir.toml", "table.csv"].map(|name| saving.gateway.path(name));
        write_slowly(File::create(&csv).unwrap(), &table(1));
        saving.has_saved("a slow copy", (0, 1));
        write_slowly(File::create(&toml).unwrap(), &saving.config(1));
        saving.has_saved("a slow copy", (1, 1));
        save_as_vim(&csv, &table(2));
        saving.has_saved("an editor", (1, 2));
        save_as_vim(&toml, &saving.config(2));
        saving.has_saved("an editor", (2, 2));
        fs::remove_file(&csv).unwrap();
        write_slowly(File::create_new(&csv).unwrap(), &table(3));
        saving.has_saved("deleted and written anew", (2, 3));
        fs::remove_file(&toml).unwrap();
        write_slowly(File::create_new(&toml).unwrap(), &saving.config(3));
        saving.has_saved("deleted and written anew", (3, 3));
        saving.end();
    });
}

#[test]
fn files_that_are_swapped_by_one_link_take_effect_once() {
    within(120, || {
        let prepare = |gateway: &Gateway, (from, to): &(String, String), number: u32| {
            let version = gateway.path(&format!("..{number}"));
            fs::create_dir(&version).unwrap();
            fs::write(version.join("weir.toml"), config((from, to), number)).unwrap();
            fs::write(version.join("table.csv"), table(number)).unwrap();
            symlink(format!("..{number}"), gateway.path("..data_tmp")).unwrap();
        };
        let swap = |gateway: &Gateway| fs::rename(gateway.path("..data_tmp"), gateway.path("..data")).unwrap();
        let mut saving = Saving::start(|gateway, topics| {
            prepare(gateway, topics, 0);
            swap(gateway);
            fs::remove_file(gateway.path("weir.toml")).unwrap();
            for file in ["weir.toml", "table.csv"] {
                symlink(format!("..data/{file}"), gateway.path(file)).unwrap();
            }
        });
        for number in 1..4 {
            prepare(&saving.gateway, &saving.topics, number);
            swap(&saving.gateway);
            saving.has_saved("a swap", (number, number));
            // A kubelet removes what was before.
            fs::remove_dir_all(saving.gateway.path(&format!("..{}", number - 1))).unwrap();
        }
        saving.end();
    });
}
