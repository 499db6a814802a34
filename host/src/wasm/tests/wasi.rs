//! Guests that ask for a world: what they are given is inert, and what they are not given names itself.

use std::time::Instant;

use tracing::Level;
use wit_component::StringEncoding;
use wit_parser::Resolve;

use super::{super::componentize::WIT, *};

/// A guest that does nothing, with these imports and definitions, and `body` in its `process`, which has nothing to
/// answer. Free memory begins at 8192.
fn module(imports: &str, body: &str) -> Vec<u8> {
    let identity = String::from_utf8(guest("identity.wat")).unwrap();
    let (head, _) = identity.split_once("(func (export \"weir:interceptor/plugin@0.1.0#process\")").unwrap();
    let process = "(func (export \"weir:interceptor/plugin@0.1.0#process\") (param i32) (result i32)";
    let text = format!("{head}{process}\n{body}\n(i32.const 4096)))");
    text.replacen("(module\n", &format!("(module\n{imports}\n"), 1).into_bytes()
}

/// With imports of preview 1: name and signature of each, by which it is called.
fn preview1(imports: &[(&str, &str)], body: &str) -> Vec<u8> {
    let import = |(name, signature): &(&str, &str)| {
        format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} {signature}))\n")
    };
    module(&imports.iter().map(import).collect::<String>(), body)
}

/// Parts of WASI 0.2, of a patch version that nobody has released.
const WASI: &str = "
    package wasi:io@0.2.99 {
      interface error { resource error; }
      interface poll { resource pollable { block: func(); } poll: func(in: list<borrow<pollable>>) -> list<u32>; }
      interface streams {
        use error.{error};
        use poll.{pollable};
        variant stream-error { last-operation-failed(error), closed }
        resource output-stream {
          check-write: func() -> result<u64, stream-error>;
          blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>;
          subscribe: func() -> pollable;
        }
      }
    }
    package wasi:cli@0.2.99 {
      interface environment { get-environment: func() -> list<tuple<string, string>>; get-arguments: func() -> list<string>; }
      interface exit { exit: func(status: result); }
      interface stderr { use wasi:io/streams@0.2.99.{output-stream}; get-stderr: func() -> output-stream; }
    }
    package wasi:clocks@0.2.99 {
      interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }
      interface monotonic-clock {
        use wasi:io/poll@0.2.99.{pollable};
        now: func() -> u64;
        subscribe-duration: func(when: u64) -> pollable;
      }
    }
    package wasi:random@0.2.99 { interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; } }
    package wasi:sockets@0.2.99 { interface instance-network { resource network; instance-network: func() -> network; } }
    ";

/// With imports of WASI 0.2: interface, name, signature; each is called by its name.
fn preview2(imports: &[(&str, &str, &str)], body: &str) -> Vec<u8> {
    let import = |(interface, name, signature): &(&str, &str, &str)| {
        format!("(import \"wasi:{interface}@0.2.99\" \"{name}\" (func $\"{name}\" {signature}))\n")
    };
    let text = module(&imports.iter().map(import).collect::<String>(), body);
    let mut module = wat::parse_bytes(&text).unwrap().into_owned();
    let mut interfaces: Vec<String> =
        imports.iter().map(|(interface, ..)| format!("import wasi:{interface}@0.2.99;")).collect();
    interfaces.dedup();
    let world = format!(
        "package test:plugin; {WASI} world plugin {{ include weir:interceptor/interceptor@0.1.0; {} }}",
        interfaces.concat()
    );
    let mut resolve = Resolve::default();
    resolve.push_str("interceptor.wit", WIT).unwrap();
    let package = resolve.push_str("plugin.wit", &world).unwrap();
    let world = resolve.select_world(&[package], Some("plugin")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

fn instance(plugin: &[u8]) -> (Plugin, Instance) {
    let plugin = engine().load(plugin).unwrap_or_else(|error| panic!("{error}"));
    let (instance, _) = plugin.set_up(&setup()).unwrap();
    (plugin, instance)
}

/// Calls it twice: the second call must find nothing that the first left behind.
#[track_caller]
fn is_content(plugin: &[u8]) -> Said {
    let (_, mut instance) = instance(plugin);
    for _ in 0..2 {
        let begin = Instant::now();
        call(&mut instance, &[b"one"]).unwrap();
        assert!(begin.elapsed() < Duration::from_millis(50), "{:?}", begin.elapsed());
    }
    instance.take_said()
}

/// The fault of a call, which must not take long, and what is refused beforehand.
fn trap(plugin: &[u8]) -> (String, Vec<String>) {
    let (plugin, mut instance) = instance(plugin);
    let begin = Instant::now();
    let Err(Fault::Trap(text)) = call(&mut instance, &[b"one"]) else { panic!("no trap") };
    assert!(begin.elapsed() < Duration::from_millis(50), "{:?}", begin.elapsed());
    let refused = plugin.wasi_imports().iter().filter(|import| import.is_refused).map(ToString::to_string).collect();
    (text, refused)
}

/// Traps unless the 16 bytes at both places are the same.
const SAME: &str = "
    (if (i64.ne (i64.load (i32.const 8192)) (i64.load (i32.const 8256))) (then unreachable))
    (if (i64.ne (i64.load (i32.const 8200)) (i64.load (i32.const 8264))) (then unreachable))";

#[test]
fn the_clock_of_preview_1_stands_still_and_random_bytes_are_the_same() {
    let clock = ("clock_time_get", "(param i32 i64 i32) (result i32)");
    let random = ("random_get", "(param i32 i32) (result i32)");
    let read = |at: u32| {
        format!(
            "(drop (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const {at})))
             (drop (call $random_get (i32.const {}) (i32.const 8)))",
            at + 8
        )
    };
    let sane = "(if (i64.ne (i64.load (i32.const 8192)) (i64.const 946684800000000000)) (then unreachable))
                (if (i64.eqz (i64.load (i32.const 8200))) (then unreachable))";
    is_content(&preview1(&[clock, random], &format!("{}{}{SAME}{sane}", read(8192), read(8256))));
}

#[test]
fn the_clock_of_0_2_stands_still_and_random_bytes_are_the_same() {
    let imports = [
        ("clocks/wall-clock", "now", "(param i32)"),
        ("random/random", "get-random-bytes", "(param i64 i32)"),
        ("random/random", "get-random-u64", "(result i64)"),
    ];
    let read = |at: u32| {
        format!(
            "(call $\"now\" (i32.const {at}))
             (call $\"get-random-bytes\" (i64.const 8) (i32.const 9000))
             (i64.store (i32.const {}) (i64.load (i32.load (i32.const 9000))))",
            at + 8
        )
    };
    let sane = "(if (i64.ne (i64.load (i32.const 8192)) (i64.const 946684800)) (then unreachable))
                (if (i64.eqz (i64.load (i32.const 8200))) (then unreachable))
                (if (i64.ne (call $\"get-random-u64\") (call $\"get-random-u64\")) (then unreachable))";
    is_content(&preview2(&imports, &format!("{}{}{SAME}{sane}", read(8192), read(8256))));
}

#[test]
fn there_are_no_arguments_no_environment_and_no_files_and_input_is_at_its_end() {
    let sizes = "(param i32 i32) (result i32)";
    let imports = [
        ("args_sizes_get", sizes),
        ("environ_sizes_get", sizes),
        ("fd_prestat_get", sizes),
        ("fd_read", "(param i32 i32 i32 i32) (result i32)"),
        ("fd_fdstat_get", sizes),
    ];
    let is =
        |call: &str, expected: u32| format!("(if (i32.ne (call {call}) (i32.const {expected})) (then unreachable))\n");
    let zero = |at: u32| format!("(if (i32.load (i32.const {at})) (then unreachable))\n");
    let body = [
        "(i32.store (i32.const 8192) (i32.const 7)) (i32.store (i32.const 8208) (i32.const 7))".to_owned(),
        is("$args_sizes_get (i32.const 8192) (i32.const 8196)", 0),
        is("$environ_sizes_get (i32.const 8200) (i32.const 8204)", 0),
        is("$fd_read (i32.const 0) (i32.const 8300) (i32.const 1) (i32.const 8208)", 0),
        [8192, 8196, 8200, 8204, 8208].map(zero).concat(),
        is("$fd_prestat_get (i32.const 3) (i32.const 8192)", 8),
        is("$fd_fdstat_get (i32.const 3) (i32.const 8192)", 8),
        is("$fd_fdstat_get (i32.const 1) (i32.const 8192)", 0),
    ];
    is_content(&preview1(&imports, &body.concat()));

    let imports =
        [("cli/environment", "get-environment", "(param i32)"), ("cli/environment", "get-arguments", "(param i32)")];
    let body = "(call $\"get-environment\" (i32.const 8192)) (call $\"get-arguments\" (i32.const 8200))
                (if (i32.or (i32.load (i32.const 8196)) (i32.load (i32.const 8204))) (then unreachable))";
    is_content(&preview2(&imports, body));
}

#[test]
fn a_sleep_returns_at_once() {
    // One subscription to the monotonic clock, an hour from now.
    let body = "(i64.store (i32.const 8192) (i64.const 99)) (i32.store8 (i32.const 8200) (i32.const 0))
                (i32.store (i32.const 8208) (i32.const 1)) (i64.store (i32.const 8216) (i64.const 3600000000000))
                (if (call $poll_oneoff (i32.const 8192) (i32.const 9000) (i32.const 1) (i32.const 9100)) (then unreachable))
                (if (i64.ne (i64.load (i32.const 9000)) (i64.const 99)) (then unreachable))
                (if (i32.ne (i32.load (i32.const 9100)) (i32.const 1)) (then unreachable))";
    is_content(&preview1(&[("poll_oneoff", "(param i32 i32 i32 i32) (result i32)")], body));

    let imports = [
        ("clocks/monotonic-clock", "subscribe-duration", "(param i64) (result i32)"),
        ("io/poll", "[method]pollable.block", "(param i32)"),
    ];
    let body = "(call $\"[method]pollable.block\" (call $\"subscribe-duration\" (i64.const 3600000000000)))";
    is_content(&preview2(&imports, body));
}

/// Bytes at 8192, as the instruction that puts them there.
fn text(text: &str) -> String {
    let stores = text.bytes().enumerate();
    let store = |(at, byte): (usize, u8)| format!("(i32.store8 (i32.const {}) (i32.const {byte}))\n", 8192 + at);
    stores.map(store).collect()
}

fn print1(stream: u32, words: &str) -> String {
    format!(
        "{}(i32.store (i32.const 9000) (i32.const 8192)) (i32.store (i32.const 9004) (i32.const {}))
         (drop (call $fd_write (i32.const {stream}) (i32.const 9000) (i32.const 1) (i32.const 9008)))\n",
        text(words),
        words.len()
    )
}

const FD_WRITE: (&str, &str) = ("fd_write", "(param i32 i32 i32 i32) (result i32)");
const STDERR: [(&str, &str, &str); 2] = [
    ("io/streams", "[method]output-stream.blocking-write-and-flush", "(param i32 i32 i32 i32)"),
    ("cli/stderr", "get-stderr", "(result i32)"),
];

fn print2(words: &str) -> String {
    let length = words.len();
    format!(
        "{}(call $\"[method]output-stream.blocking-write-and-flush\" (call $\"get-stderr\")
           (i32.const 8192) (i32.const {length}) (i32.const 9000))\n",
        text(words)
    )
}

#[test]
fn what_is_printed_becomes_lines_of_the_log() {
    let body = [print1(1, "half a "), print1(2, "trouble"), print1(1, "line\nand another\n")].concat();
    let (_, mut instance) = instance(&preview1(&[FD_WRITE], &body));
    for _ in 0..2 {
        call(&mut instance, &[b"one"]).unwrap();
        let lines = instance.take_said().logs;
        let expected = [(Level::INFO, "half a line"), (Level::INFO, "and another"), (Level::WARN, "trouble")];
        assert_eq!(lines, expected.map(|(level, line)| (level, line.to_owned())));
    }
    let (_, mut instance) = self::instance(&preview2(&STDERR, &print2("two\nlines")));
    call(&mut instance, &[b"one"]).unwrap();
    let expected = [(Level::WARN, "two"), (Level::WARN, "lines")];
    assert_eq!(instance.take_said().logs, expected.map(|(level, line)| (level, line.to_owned())));
}

#[test]
fn a_fault_tells_what_was_printed_before_it_and_keeps_it_in_the_log() {
    let words = "thread main panicked at src/lib.rs:7:5:\nno such user\n";
    let told =
        "wasm `unreachable` instruction executed; it said: thread main panicked at src/lib.rs:7:5: | no such user";
    for plugin in [
        preview1(&[FD_WRITE], &format!("{}unreachable", print1(2, words))),
        preview2(&STDERR, &format!("{}unreachable", print2(words))),
    ] {
        let (_, mut instance) = instance(&plugin);
        assert_eq!(call(&mut instance, &[b"one"]).unwrap_err(), Fault::Trap(told.to_owned()));
        assert_eq!(instance.take_said().logs.len(), 2);
    }
}

#[test]
fn a_megabyte_on_standard_error_is_bounded() {
    let line = format!("{}\n", "x".repeat(511));
    let body = format!(
        "(local $left i32) (local.set $left (i32.const 2000))
         (loop $more {} (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))",
        print1(2, &line)
    );
    let plugin = preview1(&[FD_WRITE], &body);
    let (_, mut instance) = instance(&plugin);
    call(&mut instance, &[b"one"]).unwrap();
    let said = instance.take_said();
    assert_eq!(said.logs.len(), 1001);
    assert!(said.logs[1000].1.contains("the rest is dropped"), "{:?}", said.logs[1000]);
}

#[test]
fn an_exit_is_a_fault_that_tells_the_status() {
    let exit = preview1(&[("proc_exit", "(param i32)")], "(call $proc_exit (i32.const 7))");
    assert_eq!(trap(&exit), ("ended the program with status 7".to_owned(), vec![]));
    let exit = preview2(&[("cli/exit", "exit", "(param i32)")], "(call $\"exit\" (i32.const 1))");
    assert_eq!(trap(&exit).0, "ended the program with status 1");
}

#[test]
fn what_is_not_given_names_itself_before_it_is_called_and_when_it_is() {
    let sock = ("sock_send", "(param i32 i32 i32 i32 i32) (result i32)");
    let body = "(drop (call $sock_send (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))";
    let (text, refused) = trap(&preview1(&[sock], body));
    assert_eq!(text, "called `wasi_snapshot_preview1#sock_send`, which weir does not give to plugins");
    assert_eq!(refused, ["wasi_snapshot_preview1#sock_send"]);

    let network = [("sockets/instance-network", "instance-network", "(result i32)")];
    let (text, refused) = trap(&preview2(&network, "(drop (call $\"instance-network\"))"));
    let name = "wasi:sockets/instance-network@0.2.99#instance-network";
    assert_eq!(text, format!("called `{name}`, which weir does not give to plugins"));
    assert_eq!(refused, [name]);
}

#[test]
fn what_is_not_given_harms_nobody_who_does_not_call_it() {
    is_content(&preview1(&[("path_open", "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)")], ""));
    is_content(&preview2(&[("sockets/instance-network", "instance-network", "(result i32)")], ""));
}

#[test]
fn resources_are_bounded() {
    let imports =
        [("cli/stderr", "get-stderr", "(result i32)"), ("io/streams", "[resource-drop]output-stream", "(param i32)")];
    let (text, _) = trap(&preview2(&imports, "(loop $more (drop (call $\"get-stderr\")) (br $more))"));
    assert_eq!(text, "holds more than 1000 streams and timers of WASI");
    // Who drops what he took may take as many as he likes.
    let body = "(local $left i32) (local.set $left (i32.const 1500))
        (loop $more (call $\"[resource-drop]output-stream\" (call $\"get-stderr\"))
          (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))";
    is_content(&preview2(&imports, body));
}

/// Those of the snapshot, and two that binding generators ask their own adapters for.
const FUNCTIONS: &str = "adapter_monotonic_clock_set_paused args_get args_sizes_get clock_res_get clock_time_get \
    environ_get environ_sizes_get fd_advise fd_allocate fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags \
    fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size fd_filestat_set_times fd_pread fd_prestat_dir_name \
    fd_prestat_get fd_pwrite fd_read fd_readdir fd_renumber fd_seek fd_sync fd_tell fd_write path_create_directory \
    path_filestat_get path_filestat_set_times path_link path_open path_readlink path_remove_directory path_rename \
    path_symlink path_unlink_file poll_oneoff proc_exit proc_raise random_get reset_adapter_state sched_yield sock_accept \
    sock_recv sock_send sock_shutdown";

#[test]
fn every_function_of_preview_1_is_there() {
    let adapter = super::super::wasi::preview1::adapter().unwrap();
    let mut names = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(adapter) {
        if let wasmparser::Payload::ExportSection(exports) = payload.unwrap() {
            names.extend(exports.into_iter().map(|export| export.unwrap().name.to_owned()));
        }
    }
    names.sort();
    assert_eq!(names.join(" "), FUNCTIONS);
}

#[test]
fn calls_of_the_host_meet_the_deadline_as_well() {
    let log = "(import \"weir:interceptor/host@0.1.0\" \"log\" (func $log (param i32 i32 i32)))";
    // No loop and no function of the guest's own: nowhere else is the clock looked at.
    let body = "(call $log (i32.const 0) (i32.const 8192) (i32.const 100000))\n".repeat(20_000);
    let (_, mut instance) = instance(&module(log, &body));
    assert_eq!(call(&mut instance, &[b"one"]).unwrap_err(), Fault::Deadline(LIMITS.deadline));
    assert!(instance.cpu() < 10 * LIMITS.deadline, "{:?}", instance.cpu());
}

/// Why a component's imports of WASI are not linked.
fn not_linked(imports: &str) -> String {
    let engine = engine();
    let binary = wat::parse_str(format!("(component {imports})")).unwrap();
    let component = wasmtime::component::Component::new(&engine.inner.engine, binary).unwrap();
    match super::super::wasi::WasiLinker::of(&engine.inner.linker, &engine.inner.engine, &component) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it is linked"),
    }
}

#[test]
fn what_would_cost_the_host_its_memory_is_not_linked() {
    let flags = r#"(import "wasi:cli/environment@0.2.0" (instance
        (type $flags (flags "a" "b")) (export "flags" (type $named (eq $flags)))
        (export "get-environment" (func (param "x" (list (tuple u32 $named)))))))"#;
    assert_eq!(not_linked(flags), "imports `wasi:cli/environment@0.2.0#get-environment` with a list of flags");
    let functions: String = (0..2_001).map(|at| format!("(export \"f{at}\" (func))")).collect();
    let many = not_linked(&format!("(import \"wasi:a/b@0.2.0\" (instance {functions}))"));
    assert_eq!(many, "imports more than 2000 functions of WASI");
    let long = not_linked(&format!("(import \"wasi:a/b@0.2.0\" (instance (export \"{}\" (func))))", "f".repeat(300)));
    assert_eq!(long, "imports a name of WASI of more than 256 bytes");
}
