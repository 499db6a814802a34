//! A record costs no allocation of its own: each built-in by itself and all together, on records of every kind, from several
//! partitions of two topics, from the filling of the batch to the reading of what comes out.

use std::{fs, sync::Arc};

use allocation_counter::measure;
use weir::{
    chain::{Chain, Fate, Flow},
    record::{Header, Record, Timestamp},
    wasm::Engine,
};
use weir_tests::rng::Rng;

use crate::job;

/// Records that come again and again, in batches of any size.
const RECORDS: usize = 64;
/// Sizes that are compared. Those of a pair come to a plugin in the same way: the small ones are few bytes and come packed; of
/// the large ones decides how many bytes a record has. None is so large that it takes several calls.
const SIZES: [[usize; 2]; 2] = [[RECORDS, 2 * RECORDS], [512, 1024]];
/// Batches until every buffer has its size: those of all partitions, twice.
const WARM: usize = 12;
const MEASURED: usize = 12;

const HEAD: &str = r#"
[kafka]
brokers = "localhost:9092"
[pipelines.p]
from = ["steady"]
group = "steady"
to = "steady-out"
topics = ["steady-*"]
delivery = "at-least-once"
"#;

/// Interceptors, by what is particular about them. None sets a record aside: that costs allocations, and may.
const CHAINS: [(&str, &str); 11] = [
    ("none", ""),
    (
        "regex-extractor",
        r#"rules = [
  { pattern = '"action":(\d+)', headers = ["action"] },
  { pattern = '"name":"(.+?)"', headers = ["name"], preserve_existing = true },
  { pattern = '(?P<kind>[a-z]+)-(\d+)', source = "key", no_match = { default = "?" } },
  { pattern = '^(.)', source = { header = "trace" }, headers = ["first"] },
  { pattern = '"day":"(.+?)"', headers = ["day"], date = { format = "%Y-%m-%d" } },
]"#,
    ),
    (
        "regex-extractor",
        r#"run = "guest"
rules = [ { pattern = '"action":(\d+)', headers = ["action"] }, { pattern = '"name":"(.+?)"', headers = ["name"] } ]"#,
    ),
    (
        "header-enricher",
        r#"headers = [
  { name = "dc", value = "hz1" },
  { name = "path", value = "/{topic}/{partition}/{json:/name}/{timestamp:%Y%m%d}", missing = "empty" },
  { name = "trace", value = "{key}", preserve_existing = true },
]
rename = [ { from = "agent", to = "client" } ]
remove = ["secret"]"#,
    ),
    (
        "timestamp-fixer",
        r#"from = { json = "/action" }
max_ahead = "5m"
max_behind = "24h"
keep_original = "client-timestamp"
set_header = "timestamp""#,
    ),
    (
        "mod-router",
        r#"from = { json = "/user" }
buckets = 12
topic = "steady-{bucket:02}"
missing = "keep"
tombstone = "all-buckets""#,
    ),
    (
        "mod-router",
        r#"from = { header = "trace" }
buckets = 4
hash = "murmur2"
topic = "steady-{bucket}"
missing = { topic = "steady-other" }"#,
    ),
    (
        "header-router",
        r#"header = "agent"
match = { app = "steady-app", "" = "steady-none" }"#,
    ),
    (
        "filter",
        r#"drop = { all = [{ json = "/user", less = 0 }, { value = true, matches = "user" }] }
keep = { any = [{ value = true, null = true }, { json = "/name", in = ["acme", ""] }, { not = { header = "none", exists = true } }] }"#,
    ),
    (
        "topic-router",
        r#"topic = "steady-{agent}"
missing = "keep"
invalid = "replace""#,
    ),
    (
        "key-setter",
        r#"from = { header = "trace" }
missing = "null""#,
    ),
];

/// The chain of these interceptors.
pub(crate) fn chain(engine: &Engine, interceptors: &[(&str, &str)]) -> Chain {
    let folder = tempfile::tempdir().unwrap();
    let tables = interceptors.iter().enumerate().filter(|(_, (plugin, _))| *plugin != "none").map(|(at, (plugin, config))| {
        format!("[[pipelines.p.interceptors]]\nname = \"i{at}\"\nplugin = \"{plugin}\"\n[pipelines.p.interceptors.config]\n{config}\n")
    });
    let path = folder.path().join("weir.toml");
    fs::write(&path, format!("{HEAD}{}", tables.collect::<String>())).unwrap();
    job::load(engine, &path, "p")
}

/// Records with and without everything that a record may have. The same for the same number.
fn records(count: usize) -> Vec<Record> {
    (0..count as u64).map(|number| record(&mut Rng::new(number))).collect()
}

fn record(rng: &mut Rng) -> Record {
    let action = rng.pick(&["1700000000000", "1893456000000", "\"1699999999\"", "null", "0"]);
    let name = rng.pick(&["acme", "", "a \\u00e9 b", "\\\"\\\"", "é😀", "a name that is longer than the others are"]);
    let user = rng.below(1_000_000);
    let json = format!(r#"{{"action":{action},"name":"{name}","day":"2023-11-14","more":[1,2],"user":{user}}}"#);
    let value = match rng.below(8) {
        0 => None,
        1 => Some(Vec::new()),
        2 => Some(b"\xFF\xC3 no JSON \"action\":17".to_vec()),
        _ => Some(json.into_bytes()),
    };
    let key = match rng.below(4) {
        0 => None,
        1 => Some(b"\xFF".to_vec()),
        _ => Some(format!("user-{user}").into_bytes()),
    };
    let mut headers = Vec::new();
    for name in ["trace", "agent", "secret", "agent", "name"] {
        let value = match rng.below(5) {
            0 => None,
            1 => Some(Vec::new()),
            2 => Some(b"app".to_vec()),
            3 => Some(format!("{:x}", rng.next_u64()).into_bytes()),
            _ => continue,
        };
        headers.push(Header { name: name.as_bytes().to_vec(), value });
    }
    let timestamp = match rng.below(3) {
        0 => Timestamp::None,
        1 => Timestamp::Create(1_700_000_000_000),
        _ => Timestamp::LogAppend(1_700_000_100_000),
    };
    Record { timestamp, key, value, headers, ..Record::default() }
}

/// Allocations of each measured batch of these records.
fn allocations(chain: &mut Chain, records: &[Record]) -> Vec<u64> {
    let topics: [Arc<str>; 2] = ["steady", "steady-too"].map(Arc::from);
    let mut flow = Flow::default();
    let mut read = 0;
    let mut counted = Vec::new();
    for round in 0..WARM + MEASURED {
        let allocated = measure(|| {
            job::fill_from(&mut flow, (&topics[round % 2], (round % 3) as i32), records);
            chain.run(&mut flow).unwrap();
            for output in flow.outputs() {
                let headers = flow.batch.named(output.headers).map(|(_, value)| value.map_or(0, <[u8]>::len));
                read += headers.sum::<usize>() + output.value.map_or(0, <[u8]>::len) + output.topic.len();
            }
        });
        assert!(flow.fates().iter().all(|fate| *fate == Fate::Out), "something was set aside");
        if round >= WARM {
            counted.push(allocated.count_total);
        }
    }
    assert!(read > 0);
    counted
}

#[track_caller]
fn steady(engine: &Engine, interceptors: &[(&str, &str)]) {
    let some = records(RECORDS);
    // The same records again: which counts a plugin has to tell, each by its name, depends on what it sees.
    let of = |size: usize| {
        let records: Vec<Record> = some.iter().cycle().take(size).cloned().collect();
        let counted = allocations(&mut chain(engine, interceptors), &records);
        let all_same = counted.windows(2).all(|pair| pair[0] == pair[1]);
        assert!(all_same, "batches of {size}: {counted:?} of {interceptors:?}");
        counted
    };
    for [small, large] in SIZES {
        assert_eq!(of(small), of(large), "batches of {small} and of {large}, of {interceptors:?}");
    }
}

#[test]
fn no_built_in_costs_an_allocation_for_a_record() {
    let engine = Engine::new(None).unwrap();
    for one in CHAINS {
        steady(&engine, &[one]);
    }
}

#[test]
fn nor_do_all_of_them_one_after_the_other() {
    steady(&Engine::new(None).unwrap(), &CHAINS);
}
