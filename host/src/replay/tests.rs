#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says where")]

use std::{
    convert::Infallible,
    fmt::Write as _,
    io::Cursor,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::*;
use crate::{chain::Blueprint, chain::DeathKind, config, record_file::Format, wasm::Engine};

/// A guest that misbehaves for values that begin with `!`.
const POISON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/guests/poison.wat");

fn chain(rest: &str) -> Chain {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weir.toml");
    let text = format!("[kafka]\nbrokers = \"b:1\"\n[pipelines.p]\nfrom = [\"in\"]\ngroup = \"g\"\n{rest}");
    std::fs::write(&path, text).unwrap();
    let config = config::load(&path).unwrap();
    let engine = Engine::new(None).unwrap();
    let pipeline = &config.pipelines["p"];
    Blueprint::build(&engine, &config, pipeline, Arc::from("")).unwrap().prepare(None).unwrap().adopt(None)
}

fn poison(on_fault: &str) -> Chain {
    let path = Path::new(POISON).canonicalize().unwrap();
    chain(&format!(
        "to = \"out\"\ndead_letter = \"dead\"\ndelivery = \"at-least-once\"\n\
         [[pipelines.p.interceptors]]\nname = \"guest\"\nplugin = \"{}\"\non_fault = \"{on_fault}\"\n",
        path.display()
    ))
}

/// What comes out at batches of so many records, with why it ended early.
fn replay(chain: &mut Chain, records: usize, input: &str) -> (String, Result<Summary, Error<Infallible>>) {
    let mut out = Vec::new();
    let mut reader = Reader::new(input.as_bytes(), Format::Records, "in");
    let cut = Cut { records, ..Cut::default() };
    let ended = run(chain, cut, &mut reader, |produced| {
        produced.write(&mut out);
        Ok(())
    });
    (String::from_utf8(out).unwrap(), ended)
}

fn payloads(text: &str) -> Vec<String> {
    let payload = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["payload"].to_string();
    text.lines().map(payload).collect()
}

/// Records whose partitions take turns; every `poison`-th one misbehaves.
fn records(count: usize, poison: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let payload = if number % poison == poison - 1 { format!("!t{number}") } else { format!("v{number}") };
        let (partition, offset) = (number % 3, number * 2);
        writeln!(text, r#"{{"partition":{partition},"offset":{offset},"ts":5,"payload":"{payload}"}}"#).unwrap();
    }
    text
}

#[test]
fn records_come_out_in_the_order_of_the_lines_with_dead_letters_in_place_whatever_the_batches() {
    let input = records(120, 40);
    let mut chain = poison("dead-letter");
    let (whole, ended) = replay(&mut chain, 1024, &input);
    assert_eq!(payloads(&whole), payloads(&input));
    assert_eq!(whole.lines().filter(|line| line.starts_with(r#"{"topic":"dead""#)).count(), 3);
    let summary = ended.unwrap();
    assert_eq!((summary.out, summary.dropped, summary.records()), (117, 0, 120));
    assert_eq!(summary.dead, [(DeathKind::Trap, 3)].into());
    assert_eq!(summary.topics, [("dead".to_owned(), 3), ("out".to_owned(), 117)].into());
    for records in [1, 2, 7] {
        assert_eq!(replay(&mut chain, records, &input).0, whole, "batches of {records}");
    }
}

#[test]
fn a_chain_that_stops_gives_what_the_lines_before_gave_whatever_the_batches() {
    let input = records(120, 50);
    let mut chain = poison("stop");
    for records in [1, 2, 7, 1024] {
        let (out, ended) = replay(&mut chain, records, &input);
        assert_eq!(payloads(&out), payloads(&input)[..49], "batches of {records}");
        match ended.unwrap_err() {
            Error::Stop { line: 50, stop } => assert_eq!((stop.offset, stop.death.kind), (98, DeathKind::Trap)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_bad_line_ends_a_replay_behind_what_the_lines_before_gave() {
    let mut chain = chain("to = \"out\"\ndelivery = \"at-least-once\"\n");
    let (out, ended) = replay(&mut chain, 1024, "{\"payload\":\"a\"}\n{\"payload\":5}\n{\"payload\":\"b\"}\n");
    assert_eq!(payloads(&out), ["\"a\""]);
    assert!(ended.unwrap_err().to_string().starts_with("line 2: column "));
}

/// The same with the input read and the chain run ahead.
fn replay_ahead(chain: Chain, records: usize, input: &str) -> (String, Result<Summary, Error<Infallible>>) {
    let mut out = Vec::new();
    let reader = Reader::new(Cursor::new(input.to_owned()), Format::Records, "in");
    let cut = Cut { records, ..Cut::default() };
    let ended = run_ahead(chain, cut, reader, |produced| {
        produced.write(&mut out);
        Ok(())
    });
    (String::from_utf8(out).unwrap(), ended.map(|(summary, _)| summary))
}

#[test]
fn an_input_that_is_read_ahead_gives_the_same_and_ends_in_the_same_way() {
    let (long, broken) = (records(3000, 200), records(1000, 2000) + "{}\n{\"payload\":5}\n" + &records(50, 2000));
    for (on_fault, input) in [("dead-letter", &long), ("stop", &long), ("stop", &broken)] {
        let mut chain = poison(on_fault);
        for records in [1, 7, 1024] {
            let (out, ended) = replay(&mut chain, records, input);
            let (out_ahead, ended_ahead) = replay_ahead(poison(on_fault), records, input);
            assert!(out == out_ahead, "{on_fault}, batches of {records}");
            assert_eq!(ended_ahead.map_err(|error| error.to_string()), ended.map_err(|error| error.to_string()));
        }
    }
}

#[test]
fn what_takes_too_much_memory_ends_a_replay_behind_the_lines_that_do_not() {
    let mut chain = chain("to = \"out\"\ndelivery = \"at-least-once\"\n");
    let large = format!("{{\"payload\":\"{}\"}}\n", "x".repeat(300 << 10));
    let mut run = |memory: usize| {
        let text = large.repeat(8);
        let mut reader = Reader::new(text.as_bytes(), Format::Records, "in");
        let mut out = 0;
        let ended = run_within(memory, &mut chain, Cut { records: 1, ..Cut::default() }, &mut reader, |_| {
            out += 1;
            Ok::<(), Infallible>(())
        });
        (out, ended.map(|_| ()).map_err(|error| error.to_string()))
    };
    assert_eq!(run(64 << 20), (8, Ok(())));
    let (out, ended) = run(1 << 20);
    assert!((1..4).contains(&out), "{out}");
    assert_eq!(ended, Err(format!("line {}: what comes out up to here takes more than 1 MiB of memory", out + 1)));
}

/// An input without end, which says how much of it was read.
struct Endless(Arc<AtomicUsize>);

impl io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let line = b"{\"payload\":\"x\"}\n";
        let whole = buffer.len() / line.len() * line.len();
        buffer[..whole].chunks_exact_mut(line.len()).for_each(|place| place.copy_from_slice(line));
        self.0.fetch_add(whole, Ordering::Relaxed);
        Ok(whole)
    }
}

#[test]
fn no_more_is_read_ahead_than_is_taken_and_none_once_nobody_takes_it() {
    let chain = chain("to = \"out\"\ndelivery = \"at-least-once\"\n");
    let read = Arc::<AtomicUsize>::default();
    let input = io::BufReader::new(Endless(Arc::clone(&read)));
    let mut taken = 0;
    let ended = run_ahead(chain, Cut::default(), Reader::new(input, Format::Records, "in"), |_| {
        if taken == 0 {
            // However long the first one takes.
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        taken += 1;
        if taken < 100_000 { Ok(()) } else { Err("enough") }
    });
    assert!(matches!(ended, Err(Error::Emit("enough"))));
    // What was taken, the part that it was of, the one that is being run, the one that waits and the one that is being read.
    let most = (100_000 + 4 * Window::new(Cut::default(), usize::MAX).records()) * 16 + 8192;
    assert!(read.load(Ordering::Relaxed) <= most, "{} of {most}", read.load(Ordering::Relaxed));
}

#[test]
fn an_identity_chain_keeps_every_byte_and_invents_no_time() {
    let mut chain = chain("to = \"out\"\ndelivery = \"at-least-once\"\n");
    let input = "{\"headers\":[\"a\",null,\"a\",{\"base64\":\"/w==\"}],\"key\":\"\",\"payload\":null}\n\
                 {\"ts\":7,\"tstype\":\"logappend\",\"topic\":\"elsewhere\",\"partition\":4}\n";
    let expected = "{\"topic\":\"out\",\"partition\":null,\"offset\":null,\"tstype\":\"unknown\",\"ts\":null,\
                    \"headers\":[\"a\",null,\"a\",{\"base64\":\"/w==\"}],\"key\":\"\",\"payload\":null}\n\
                    {\"topic\":\"out\",\"partition\":null,\"offset\":null,\"tstype\":\"create\",\"ts\":7,\
                    \"headers\":[],\"key\":null,\"payload\":null}\n";
    assert_eq!(replay(&mut chain, 1024, input).0, expected);
}

#[test]
fn offsets_that_do_not_ascend_begin_another_batch() {
    let mut chain = chain("to = \"out\"\ndelivery = \"at-least-once\"\n");
    let line = |offset: i64, payload: &str| format!("{{\"offset\":{offset},\"payload\":\"{payload}\"}}\n");
    let input = [line(9, "a"), line(9, "b"), line(3, "c"), line(4, "d")].concat();
    assert_eq!(payloads(&replay(&mut chain, 1024, &input).0), ["\"a\"", "\"b\"", "\"c\"", "\"d\""]);
}

#[test]
fn a_dead_letter_takes_the_time_of_receipt_and_none_where_that_is_unknown() {
    let mut chain = poison("dead-letter");
    let line = |members: &str| format!("{{{members}\"payload\":\"!t\"}}\n");
    let input = [line(r#""ts":5,"received":8,"#), line(r#""ts":5,"offset":7,"#), line(r#""offset":9,"#)].concat();
    let (out, _) = replay(&mut chain, 1024, &input);
    let ts = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["ts"].to_string();
    assert_eq!(out.lines().map(ts).collect::<Vec<_>>(), ["8", "5", "null"]);
}

fn push(comparison: &mut Comparison<&[u8]>, line: u64, record: Record) {
    let mut text = Vec::new();
    record_file::write_record(&record, &mut text);
    comparison.push(line, &text, || record).unwrap();
}

fn compare(expected: &[&str], got: &[&str]) -> Vec<String> {
    let line = |value: &&str| format!("{{\"topic\":\"t\",\"payload\":\"{value}\"}}\n");
    let expected: String = expected.iter().map(line).collect();
    let mut comparison = Comparison::new(Expectation::new(expected.as_bytes()), 10);
    for (at, value) in got.iter().enumerate() {
        let value = Some(value.as_bytes().to_vec());
        push(&mut comparison, at as u64 + 1, Record { topic: "t".into(), value, ..Record::default() });
    }
    let (first, count) = comparison.finish().unwrap();
    assert_eq!(first.len() as u64, count);
    first.iter().map(ToString::to_string).collect()
}

#[test]
fn equal_records_have_no_difference() {
    assert!(compare(&["a", "b"], &["a", "b"]).is_empty());
    assert!(compare(&[], &[]).is_empty());
}

#[test]
fn a_changed_record_shows_the_field_and_both_sides() {
    let told = compare(&["a", "old", "c"], &["a", "new", "c"]);
    assert_eq!(told, ["record 2 differs (from input line 2):\n  payload\n    expected \"old\"\n    got      \"new\""]);
}

#[test]
fn a_record_that_is_missing_or_one_too_many_is_one_difference() {
    let missing = compare(&["a", "b", "c", "d"], &["a", "c", "d"]);
    assert_eq!(missing, ["record 2 is missing:\n  topic t, key null, payload \"b\""]);
    let extra = compare(&["a", "c", "d"], &["a", "b", "c", "d"]);
    assert_eq!(extra, ["a record too many (from input line 2):\n  topic t, key null, payload \"b\""]);
    assert_eq!(compare(&["a"], &[]).len(), 1);
    assert_eq!(compare(&[], &["a", "b"]).len(), 2);
}

#[test]
fn a_difference_fits_into_one_line() {
    let side =
        |topic: &str, value: &str| Record { topic: topic.into(), value: Some(value.into()), ..Record::default() };
    let (expected, got) = (side("t", "old"), side("u", "new"));
    let kind = Kind::Changed(difference::fields(&expected, &got));
    let changed = Difference { kind, expected: Some((2, expected)), got: Some((3, got.clone())) };
    let line = "record 2 differs (from input line 3): topic expected t, got u; payload expected \"old\", got \"new\"";
    assert_eq!(format!("{changed:#}"), line);
    let extra = Difference { kind: Kind::Extra, expected: None, got: Some((3, got)) };
    assert_eq!(format!("{extra:#}"), "a record too many (from input line 3): topic u, key null, payload \"new\"");
}

#[test]
fn differences_far_apart_and_close_together_are_each_told_once() {
    let expected: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let mut got = expected.clone();
    got[3] = "changed";
    got.remove(500);
    got.insert(700, "added");
    got[701] = "next to it";
    got.truncate(998);
    let told = compare(&expected, &got);
    let heads: Vec<&str> = told.iter().filter_map(|told| told.lines().next()).collect();
    let expected = [
        "record 4 differs (from input line 4):",
        "record 501 is missing:",
        "record 702 differs (from input line 701):",
        "a record too many (from input line 702):",
        "record 999 is missing:",
        "record 1000 is missing:",
    ];
    assert_eq!(heads, expected);
}

#[test]
fn a_line_that_is_written_in_another_way_is_the_same_record() {
    let expected = "{\"payload\" : \"\\u0061\", \"topic\":\"t\"}\r\n\n{\"topic\":\"t\",\"payload\":\"b\"}";
    let mut comparison = Comparison::new(Expectation::new(expected.as_bytes()), 10);
    for (line, value) in [(1, "a"), (2, "b")] {
        let value = Some(value.into());
        push(&mut comparison, line, Record { topic: "t".into(), value, ..Record::default() });
    }
    assert_eq!(comparison.finish().unwrap(), (Vec::new(), 0));
}

#[test]
fn a_line_of_the_expectation_that_is_no_record_is_named() {
    let mut comparison = Comparison::new(Expectation::new(&b"{\"topic\":\"t\"}\nnonsense\n"[..]), 10);
    push(&mut comparison, 1, Record { topic: "t".into(), ..Record::default() });
    let told = comparison.push(2, b"{}", Record::default).unwrap_err().to_string();
    assert!(told.starts_with("line 2: column "), "{told}");
}

#[test]
fn of_a_long_value_the_part_that_differs_is_shown() {
    let (one, other) = (format!("{}ä1{}", "x".repeat(500), "y".repeat(500)), "x".repeat(500));
    let told = compare(&[&one], &[&format!("{other}ä2{}", "y".repeat(500))]).remove(0);
    assert!(told.contains("ä1yyy") && told.contains("ä2yyy") && told.len() < 600, "{told}");
}

#[test]
fn null_and_empty_and_a_partition_that_is_set_are_told_apart() {
    let expected = "{\"topic\":\"t\",\"partition\":0,\"payload\":\"\",\"headers\":[\"h\",\"1\"]}\n";
    let mut comparison = Comparison::new(Expectation::new(expected.as_bytes()), 10);
    let headers = vec![Header { name: b"h".to_vec(), value: None }];
    push(&mut comparison, 1, Record { topic: "t".into(), headers, ..Record::default() });
    let (first, _) = comparison.finish().unwrap();
    let Kind::Changed(fields) = &first[0].kind else { panic!("{first:?}") };
    let fields: Vec<_> = fields.iter().map(|field| (&*field.name, &*field.expected, &*field.got)).collect();
    assert_eq!(fields, [("partition", "0", "null"), ("payload", "\"\"", "null"), ("header `h`", "\"1\"", "null")]);
}

#[test]
fn the_generation_that_a_dead_letter_names_may_be_another() {
    let expected = "{\"topic\":\"t\",\"headers\":[\"weir.error.generation\",\"0123456789ab\"]}\n";
    let compare = |name: &str| {
        let mut comparison = Comparison::new(Expectation::new(expected.as_bytes()), 10);
        let headers = vec![Header { name: name.into(), value: Some(b"ba9876543210".to_vec()) }];
        push(&mut comparison, 1, Record { topic: "t".into(), headers, ..Record::default() });
        comparison.finish().unwrap().1
    };
    assert_eq!((compare("weir.error.generation"), compare("weir.error.message")), (0, 1));
}
