//! Where a batch is cut changes nothing, and a fault finds exactly the records that cause it.

use proptest::prelude::*;

use super::{
    edits::{column, constant, header},
    fixture::{Closure, cells, chain, fill, nothing, plugin, record, sent},
};
use crate::{
    abi::{Capture, Cells, Edits, HeaderOp, Input, Routing, Source},
    chain::{Fate, Flow},
    record::Record,
    wasm::Fault,
};

/// Does to every row what its value says, and traps, lies or errs where it says so.
fn obedient() -> Closure {
    plugin(vec![Input::Value], |batch, _| {
        let values = cells(batch, 0);
        let has = |word: &str, value: &Option<&[u8]>| {
            value.is_some_and(|value| String::from_utf8_lossy(value).contains(word))
        };
        if values.iter().any(|value| has("trap", value)) {
            return Err(Fault::Trap("unreachable".to_owned()));
        }
        if values.iter().any(|value| has("err", value)) {
            return Err(Fault::Failed("no".to_owned()));
        }
        if values.iter().any(|value| has("lie", value)) {
            return Ok(Edits { verdicts: vec![9; values.len()], ..nothing() });
        }
        let mut expand = Vec::new();
        for (row, value) in (0..).zip(&values) {
            let copies = if has("triple", value) { 3 } else { usize::from(!has("skip", value)) };
            expand.extend(std::iter::repeat_n(row, copies));
        }
        let rows: Vec<&Option<&[u8]>> = expand.iter().map(|row| &values[*row as usize]).collect();
        let verdicts = rows.iter().map(|value| {
            if has("drop", value) {
                1
            } else if has("dead", value) {
                2
            } else {
                0
            }
        });
        let routes = rows.iter().map(|value| if has("route", value) { 0 } else { -1 });
        let texts: Vec<String> = rows.iter().map(|value| format!("{}!", value.map_or(0, <[u8]>::len))).collect();
        let texts: Vec<Option<&str>> =
            texts.iter().zip(&rows).map(|(text, value)| has("write", value).then_some(&**text)).collect();
        Ok(Edits {
            verdicts: verdicts.collect(),
            route: Some(Routing { topics: ["route-x"].into_iter().collect(), index: routes.collect() }),
            headers: vec![
                header("all", HeaderOp::Set, constant("1")),
                header("len", HeaderOp::Append, Cells::Each(column(&texts))),
            ],
            value: Some(Cells::Each(column(&texts))),
            expand: Some(expand),
            ..nothing()
        })
    })
}

/// Sends what it captures from the value that it sees onwards as a header.
fn capturing() -> Closure {
    let capture = Capture { source: Source::Value, pattern: r"(\d+)!".to_owned(), group: 1 };
    plugin(vec![Input::Capture(capture), Input::Header("all".to_owned())], |batch, _| {
        let texts: Vec<_> =
            cells(batch, 0).into_iter().map(|cell| cell.map(|c| String::from_utf8_lossy(c).into_owned())).collect();
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        assert!(cells(batch, 1).iter().all(|all| *all == Some(b"1")));
        Ok(Edits { headers: vec![header("seen", HeaderOp::Append, Cells::Each(column(&texts)))], ..nothing() })
    })
}

fn run_cut(records: &[Record], size: usize) -> (Vec<Record>, Vec<Fate>) {
    let mut chain = chain(vec![obedient(), capturing(), obedient()]);
    let mut flow = Flow::default();
    let (mut out, mut fates) = (Vec::new(), Vec::new());
    for (at, records) in records.chunks(size).enumerate() {
        fill(&mut flow, records, (at * size) as i64);
        chain.run(&mut flow).unwrap();
        out.extend(sent(&flow));
        fates.extend_from_slice(flow.fates());
    }
    (out, fates)
}

fn orders() -> impl Strategy<Value = Vec<Record>> {
    let order = prop::sample::select(
        &[
            "",
            "",
            "triple write",
            "skip",
            "drop",
            "dead",
            "route",
            "write",
            "trap",
            "err",
            "lie",
            "triple",
            "triple dead",
        ][..],
    );
    prop::collection::vec(order.prop_map(record), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn outputs_and_fates_do_not_depend_on_where_batches_are_cut(records in orders()) {
        let whole = run_cut(&records, records.len());
        for size in [1, 2, 7] {
            prop_assert_eq!(&run_cut(&records, size), &whole, "batches of {}", size);
        }
    }

    #[test]
    fn exactly_the_poisoned_records_die(poison in prop::collection::btree_set(0usize..200, 0..6), count in 200usize..300) {
        let mut records = vec![record("fine"); count];
        for at in &poison {
            records[*at] = record("trap");
        }
        let closure = obedient();
        let (calls, made) = (closure.calls.clone(), closure.made.clone());
        let mut chain = chain(vec![closure]);
        let mut flow = Flow::default();
        fill(&mut flow, &records, 0);
        chain.run(&mut flow).unwrap();
        let dead: Vec<usize> = (0..count).filter(|at| matches!(flow.fates()[*at], Fate::Dead(_))).collect();
        prop_assert_eq!(dead, poison.iter().copied().collect::<Vec<_>>());
        // Halving: two calls a level, and one more in a fresh instance for each that is at fault.
        let most = 1 + poison.len() * (2 * 9 + 1);
        prop_assert!(calls.load(std::sync::atomic::Ordering::Relaxed) <= most);
        prop_assert!(made.load(std::sync::atomic::Ordering::Relaxed) <= most);
    }
}
