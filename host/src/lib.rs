//! weir stands between Kafka topics and runs sandboxed WebAssembly interceptors over every record.
//!
//! # The data's way
//!
//! ```text
//! weir.toml -> config
//! source -> batch -> chain (wasm) -> router -> sink -> commit
//! reload swaps the chain between two batches; replay runs the line without Kafka and without commit; app owns what runs;
//! admin shows it
//! ```
//!
//! # Rooms
//!
//! Each module is a room with one duty, and may use the rooms of the last column and no others; `tests/tests/tidy.rs`
//! reads this table and the sources, and fails where they differ.
//!
//! | room | duty | may use |
//! | --- | --- | --- |
//! | `failpoint` | ends a thread or the process where a test asks for it; debug builds only | |
//! | `threads` | starts threads by name; no panic in them goes unseen | `failpoint` |
//! | `bounded_file` | reads a file that somebody else writes, up to a limit | |
//! | `record` | one Kafka record with its whole envelope | |
//! | `batch` | consecutive records of one partition in one buffer | `record` |
//! | `endpoint` | partitions, messages and reports; the traits of what a pipeline reads from and writes to | `record`, `batch` |
//! | `config` | what the operator wrote, checked, every mistake at once; opens no socket | `bounded_file` |
//! | `metrics` | the registry of metrics and the names in it | |
//! | `cpu` | CPU time of threads | |
//! | `abi` | what plugins and the host say to each other, whatever version of the interface | |
//! | `wasm` | loads plugins, calls them, limits them; the only room that knows wasmtime and the generated types | `abi`, `bounded_file`, `cpu`, `threads` |
//! | `extract` | the columns that plugins declared, cut out of records natively | `batch`, `cpu` |
//! | `chain` | runs a batch through the interceptors; a failure costs the record that caused it | `record`, `batch`, `config`, `abi`, `wasm`, `extract` |
//! | `kafka` | the clients; the only room that knows librdkafka | `record`, `batch`, `endpoint`, `config`, `metrics`, `threads` |
//! | `delivery` | the watermark below which every record is settled, and when it is committed; pure | `endpoint` |
//! | `ledger` | what a ledger topic says: which generation carried which range; pure | `delivery` |
//! | `pipeline` | one line from source to commit: its workers, its drain, its stop | `batch`, `endpoint`, `config`, `metrics`, `wasm`, `chain`, `ledger`, `delivery`, `threads`, `failpoint` |
//! | `reload` | builds a new generation beside the running one, swaps it in or says why not | `config`, `abi`, `wasm`, `chain`, `probe`, `threads`, `failpoint` |
//! | `app` | what runs in the process, what may be asked of it, and how it ends | `endpoint`, `config`, `metrics`, `wasm`, `chain`, `kafka`, `pipeline`, `probe`, `reload`, `threads`, `failpoint` |
//! | `admin` | answers operators over HTTP; the only room that knows HTTP's server | `app`, `config`, `metrics`, `pipeline`, `reload`, `threads` |
//! | `record_file` | records as lines of JSON, and other files of lines as records | `record` |
//! | `replay` | the chain over a record file; cannot reach a broker | `record`, `batch`, `config`, `chain`, `record_file`, `threads` |
//! | `probe` | records that a new generation must pass before it serves; cannot reach a broker | `config`, `chain`, `wasm`, `record_file`, `replay` |
//! | `plugin_cases` | a plugin's cases: records in, records expected; cannot reach a broker | `record`, `config`, `chain`, `wasm`, `record_file`, `replay` |
//! | `capture` | a bounded range of a topic, into a record file | `record`, `endpoint`, `config`, `kafka`, `record_file` |
//! | `import` | configurations of other systems, translated; pure | |
//! | `dev` | the line against a broker inside the process | `record`, `endpoint`, `config`, `metrics`, `chain`, `kafka`, `pipeline`, `record_file`, `app` |
//! | `cli` | arguments in, exit status out | `bounded_file`, `record`, `config`, `metrics`, `abi`, `wasm`, `chain`, `kafka`, `pipeline`, `record_file`, `replay`, `plugin_cases`, `capture`, `ledger`, `import`, `dev`, `threads`, `app`, `admin` |
//! | `main` | starts the process | `cli` |

pub mod abi;
pub mod admin;
pub mod app;
pub mod batch;
pub mod bounded_file;
pub mod capture;
pub mod chain;
pub mod cli;
pub mod config;
pub mod cpu;
pub mod delivery;
pub mod dev;
pub mod endpoint;
pub mod extract;
pub mod failpoint;
pub mod import;
pub mod kafka;
pub mod ledger;
pub mod metrics;
pub mod pipeline;
pub mod plugin_cases;
pub mod probe;
pub mod record;
pub mod record_file;
pub mod reload;
pub mod replay;
pub mod threads;
pub mod wasm;
