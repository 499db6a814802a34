//! The functions of WASI 0.2 that have an answer; all others are refused.

use wasmtime::{
    StoreContextMut,
    component::{ResourceDynamic, Val},
};

use super::{CLOCK_RESOLUTION, MONOTONIC_CLOCK, SEED, Stream, WALL_CLOCK, preview1, xorshift};
use crate::wasm::host_imports::State;

/// What a function does with its arguments, whose receiver has that number: its result, if it has one. Results of another type than the component's own are an error of the
/// call, which the engine finds.
pub(super) type Answer = fn(&mut StoreContextMut<'_, State>, u32, &[Val]) -> wasmtime::Result<Option<Val>>;

/// Random bytes of one call; a runtime asks for some dozens.
const RANDOM_BYTES: u64 = 64 << 10;

/// What a stream takes at once, in bytes: what `blocking-write-and-flush` takes by its contract.
const STREAM_BYTES: u64 = 4 << 10;

/// Kinds of resources that an answer makes.
const POLLABLE: u32 = 1;
const INPUT_STREAM: u32 = 2;
const OUTPUT_STREAM: u32 = 3;

/// A resource is of the same kind in every interface that names it.
pub(super) fn resource_kind(name: &str) -> u32 {
    match name {
        "pollable" => POLLABLE,
        "input-stream" => INPUT_STREAM,
        "output-stream" => OUTPUT_STREAM,
        // Of wasi:http, where the three are one.
        "fields" | "headers" | "trailers" => 4,
        // Nobody makes one, so kinds that coincide harm nobody.
        other => other.bytes().fold(17, |hash: u32, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) | 16,
    }
}

/// The answer of a function of `interface`, named without its version.
pub(super) fn of(interface: &str, function: &str) -> Option<Answer> {
    match interface {
        "wasi:cli/environment"
        | "wasi:cli/exit"
        | "wasi:cli/stdin"
        | "wasi:cli/stdout"
        | "wasi:cli/stderr"
        | "wasi:cli/terminal-stdin"
        | "wasi:cli/terminal-stdout"
        | "wasi:cli/terminal-stderr" => cli(function),
        "wasi:filesystem/preopens" if function == "get-directories" => Some(|_, _, _| Ok(Some(Val::List(Vec::new())))),
        "wasi:clocks/monotonic-clock" => monotonic_clock(function),
        "wasi:clocks/wall-clock" => wall_clock(function),
        "wasi:random/random" | "wasi:random/insecure" | "wasi:random/insecure-seed" => random(function),
        "wasi:io/poll" => poll(function),
        "wasi:io/streams" => streams(function),
        "wasi:io/error" if function == "[method]error.to-debug-string" => {
            Some(|_, _, _| Ok(Some(Val::String(String::new()))))
        }
        "weir:wasi/preview1" => from_preview1(function),
        _ => None,
    }
}

fn cli(function: &str) -> Option<Answer> {
    Some(match function {
        "get-environment" | "get-arguments" => |_, _, _| Ok(Some(Val::List(Vec::new()))),
        "initial-cwd" | "get-terminal-stdin" | "get-terminal-stdout" | "get-terminal-stderr" => {
            |_, _, _| Ok(Some(Val::Option(None)))
        }
        "get-stdin" => |store, _, _| resource(store, INPUT_STREAM, 0),
        "get-stdout" => |store, _, _| resource(store, OUTPUT_STREAM, 1),
        "get-stderr" => |store, _, _| resource(store, OUTPUT_STREAM, 2),
        "exit" => |_, _, arguments| match arguments {
            [Val::Result(Ok(_))] => Err(exited(0)),
            _ => Err(exited(1)),
        },
        "exit-with-code" => |_, _, arguments| match arguments {
            [Val::U8(status)] => Err(exited((*status).into())),
            _ => Err(exited(1)),
        },
        _ => return None,
    })
}

fn monotonic_clock(function: &str) -> Option<Answer> {
    Some(match function {
        "now" => |_, _, _| Ok(Some(Val::U64(MONOTONIC_CLOCK))),
        "resolution" => |_, _, _| Ok(Some(Val::U64(CLOCK_RESOLUTION))),
        "subscribe-duration" | "subscribe-instant" => |store, _, _| resource(store, POLLABLE, 0),
        _ => return None,
    })
}

fn wall_clock(function: &str) -> Option<Answer> {
    fn time(seconds: u64, nanoseconds: u32) -> Val {
        Val::Record(vec![("seconds".to_owned(), Val::U64(seconds)), ("nanoseconds".to_owned(), Val::U32(nanoseconds))])
    }
    Some(match function {
        "now" => |_, _, _| Ok(Some(time(WALL_CLOCK, 0))),
        "resolution" => |_, _, _| Ok(Some(time(0, CLOCK_RESOLUTION as u32))),
        _ => return None,
    })
}

fn random(function: &str) -> Option<Answer> {
    Some(match function {
        "get-random-bytes" | "get-insecure-random-bytes" => |_, _, arguments| {
            let count = match arguments {
                [Val::U64(count)] => *count,
                _ => 0,
            };
            if count > RANDOM_BYTES {
                let most = RANDOM_BYTES >> 10;
                return Err(wasmtime::Error::msg(format!("asked for more than {most} KiB of random bytes at once")));
            }
            let mut state = SEED;
            let bytes = (0..count).map(|_| {
                state = xorshift(state);
                Val::U8(state as u8)
            });
            Ok(Some(Val::List(bytes.collect())))
        },
        "get-random-u64" | "get-insecure-random-u64" => |_, _, _| Ok(Some(Val::U64(xorshift(SEED)))),
        // Both names: the first is that of 0.2.
        "insecure-seed" | "get-insecure-seed" => {
            |_, _, _| Ok(Some(Val::Tuple(vec![Val::U64(xorshift(SEED)), Val::U64(xorshift(xorshift(SEED)))])))
        }
        _ => return None,
    })
}

fn poll(function: &str) -> Option<Answer> {
    Some(match function {
        "[method]pollable.ready" => |_, _, _| Ok(Some(Val::Bool(true))),
        "[method]pollable.block" => |_, _, _| Ok(None),
        "poll" => |_, _, arguments| {
            let [Val::List(all)] = arguments else { return Ok(None) };
            if all.is_empty() {
                return Err(wasmtime::Error::msg("called `wasi:io/poll#poll` with nothing to wait for"));
            }
            Ok(Some(Val::List((0..all.len()).map(|at| Val::U32(at as u32)).collect())))
        },
        _ => return None,
    })
}

fn streams(function: &str) -> Option<Answer> {
    const DONE: Answer = |_, _, _| Ok(Some(Val::Result(Ok(None))));
    const CLOSED: Answer =
        |_, _, _| Ok(Some(Val::Result(Err(Some(Box::new(Val::Variant("closed".to_owned(), None)))))));
    let (stream, method) = function.strip_prefix("[method]")?.split_once('.')?;
    Some(match (stream, method) {
        (_, "subscribe") => |store, _, _| resource(store, POLLABLE, 0),
        ("input-stream", "read" | "blocking-read" | "skip" | "blocking-skip") => CLOSED,
        ("output-stream", "check-write") => |_, _, _| Ok(Some(Val::Result(Ok(Some(Box::new(Val::U64(STREAM_BYTES))))))),
        ("output-stream", "write" | "blocking-write-and-flush") => |store, number, arguments| {
            if let [_, Val::List(text)] = arguments {
                let bytes: Vec<u8> =
                    text.iter().map(|byte| if let Val::U8(byte) = byte { *byte } else { b'?' }).collect();
                store.data_mut().print(Stream::of(number), &bytes)?;
            }
            Ok(Some(Val::Result(Ok(None))))
        },
        ("output-stream", "flush" | "blocking-flush" | "write-zeroes" | "blocking-write-zeroes-and-flush") => DONE,
        ("output-stream", "splice" | "blocking-splice") => CLOSED,
        _ => return None,
    })
}

/// What the adapter for core modules asks of weir itself.
fn from_preview1(function: &str) -> Option<Answer> {
    Some(match function {
        preview1::EXIT => |_, _, arguments| match arguments {
            [Val::U32(status)] => Err(exited(*status)),
            _ => Err(exited(1)),
        },
        _ => return None,
    })
}

fn resource(store: &mut StoreContextMut<'_, State>, kind: u32, number: u32) -> wasmtime::Result<Option<Val>> {
    store.data_mut().resources.add()?;
    let resource = ResourceDynamic::new_own(number, kind).try_into_resource_any(store)?;
    Ok(Some(Val::Resource(resource)))
}

fn exited(status: u32) -> wasmtime::Error {
    wasmtime::Error::msg(format!("ended the program with status {status}"))
}
