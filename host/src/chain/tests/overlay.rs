//! Header edits of several interceptors in a row, and what those between them read, against lists edited one by one.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::{
    fixture::{Closure, cells, chain, nothing, plugin, run, sent},
    model::{edit_headers, header_edit, records},
};
use crate::{
    abi::{Edits, HeaderEdit, Input},
    record::{Header, Record},
};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "none"];

/// By name, what each row's last header of it was.
type Seen = Vec<Vec<Option<Vec<u8>>>>;

/// What a stage does: header edits, and rows that it drops.
#[derive(Clone, Debug)]
struct Act {
    edits: Vec<HeaderEdit<'static>>,
    drops: Vec<bool>,
}

fn act(count: usize) -> impl Strategy<Value = Act> {
    let drops =
        prop_oneof![3 => Just(vec![false; count]), 1 => prop::collection::vec(prop::bool::weighted(0.2), count)];
    (prop::collection::vec(header_edit(count), 0..4), drops).prop_map(|(edits, drops)| Act { edits, drops })
}

fn case() -> impl Strategy<Value = (Vec<Record>, Vec<Act>)> {
    (1usize..12).prop_flat_map(|count| (records(count), prop::collection::vec(act(count), 1..4)))
}

/// Rows of an edit made for `count` rows, cut to those that are left.
fn answer(act: &Act, left: usize) -> Option<Edits<'static>> {
    (left == act.drops.len()).then(|| Edits {
        headers: act.edits.clone(),
        verdicts: act.drops.iter().map(|drop| u8::from(*drop)).collect(),
        ..nothing()
    })
}

/// Reads every name's column, notes it, and does what `act` says while no row is gone.
fn stage(act: Act, all_headers: bool, seen: &Arc<Mutex<Vec<Seen>>>) -> Closure {
    let seen = Arc::clone(seen);
    let inputs = NAMES.iter().map(|name| Input::Header((*name).to_owned())).collect();
    let closure = plugin(inputs, move |batch, _| {
        let owned = |at| cells(batch, at).into_iter().map(|cell| cell.map(<[u8]>::to_vec)).collect();
        seen.lock().unwrap().push((0..NAMES.len()).map(owned).collect());
        Ok(answer(&act, batch.count as usize).unwrap_or_else(nothing))
    });
    closure.with(|closure| closure.plan.all_headers = all_headers)
}

fn last(headers: &[Header], name: &str) -> Option<Vec<u8>> {
    headers.iter().rfind(|header| header.name == name.as_bytes()).and_then(|header| header.value.clone())
}

/// What the stages see, and what goes out.
fn modelled(mut rows: Vec<Vec<Header>>, acts: &[Act]) -> (Vec<Seen>, Vec<Vec<Header>>) {
    let mut seen = Vec::new();
    for act in acts {
        if rows.is_empty() {
            break;
        }
        seen.push(NAMES.iter().map(|name| rows.iter().map(|row| last(row, name)).collect()).collect());
        if rows.len() != act.drops.len() {
            continue;
        }
        for (at, headers) in rows.iter_mut().enumerate() {
            act.edits.iter().for_each(|edit| edit_headers(headers, edit, at));
        }
        let mut at = 0;
        rows.retain(|_| {
            at += 1;
            !act.drops[at - 1]
        });
    }
    (seen, rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn what_is_held_back_is_read_and_goes_out_as_if_it_had_been_written_at_once(
        (records, acts) in case(),
        all_headers in prop::collection::vec(any::<bool>(), 4),
    ) {
        let notes = Arc::default();
        let idle = Act { edits: Vec::new(), drops: vec![false; records.len()] };
        let acts: Vec<Act> = acts.into_iter().chain([idle]).collect();
        let stages = acts.iter().zip(&all_headers).map(|(act, all)| stage(act.clone(), *all, &notes)).collect();
        let out: Vec<_> = sent(&run(&mut chain(stages), &records)).into_iter().map(|record| record.headers).collect();
        let (seen, expected) = modelled(records.into_iter().map(|record| record.headers).collect(), &acts);
        prop_assert_eq!(&*notes.lock().unwrap(), &seen);
        prop_assert_eq!(out, expected);
    }
}
