//! The same plugin answers the same, whether its batches come packed or as lists.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use proptest::prelude::*;

use super::{Bytes, Ints, cell};
use crate::{
    abi::{self, BatchView, Cells, ColumnView, Edits, HeaderTable},
    wasm::{Engine, Fault, Instance, Limits, Plugin, Setup},
};

/// What of an answer each row gets: of header edits one after the other.
type Told = (Option<Vec<u32>>, Vec<u8>, Vec<Row>, Vec<Option<String>>);
type Row = Vec<(String, Option<Option<Vec<u8>>>)>;

const CASES: [(&str, &str); 11] = [
    (
        "regex-extractor",
        r#"{"rules": [{"pattern": "a(.*)", "headers": ["a"]}, {"pattern": "b(.)(.)", "headers": ["b", "c"]},
            {"pattern": "(x)", "headers": ["a"], "no_match": {"default": "none"}, "preserve_existing": true}]}"#,
    ),
    (
        "header-enricher",
        r#"{"headers": [{"name": "dc", "value": "hz1"}, {"name": "p", "value": "/{a}/{key}/{topic}-{partition}/{offset}"},
            {"name": "v", "value": "{value}", "missing": "empty"}], "rename": [{"from": "a", "to": "z"}],
            "remove_matching": ["^n"]}"#,
    ),
    (
        "header-enricher",
        r#"{"headers": [{"name": "j", "value": "{a}{b}"}, {"name": "k", "value": "{key}"}], "remove": ["b"],
            "preserve_existing": true}"#,
    ),
    ("header-enricher", r#"{"headers": [{"name": "k", "value": "{a}"}, {"name": "k", "value": "{b}"}]}"#),
    ("filter", r#"{"drop": {"value": true, "equals": "b"}, "dead_letter": {"header": "a", "matches": "^[0-4]"}}"#),
    ("splitter", r#"{"by": "lines", "position_header": "i", "count_header": "n"}"#),
    ("key-setter", r#"{"from": {"header": "a"}, "missing": "null"}"#),
    ("mod-router", r#"{"from": {"header": "n"}, "buckets": 12, "topic": "t-{bucket}", "missing": "dead-letter"}"#),
    ("topic-router", r#"{"topic": "t-{a}", "missing": "keep", "invalid": "replace"}"#),
    ("header-router", r#"{"header": "a", "match": {"b": "t", "1": "u"}, "default": "keep"}"#),
    (
        "timestamp-fixer",
        r#"{"from": {"header": "n"}, "unit": "ms", "max_ahead": "5m", "max_behind": "24h", "set_header": "t",
            "keep_original": "o"}"#,
    ),
];

fn plugin(engine: &Engine, name: &str) -> Plugin {
    let built_in = weir_plugins::BUILT_INS.iter().find(|built_in| built_in.name == name).unwrap();
    engine.load(built_in.bytes).unwrap()
}

fn instance(plugin: &Plugin, name: &str, config: &str) -> (Instance, abi::Plan) {
    let limits = Limits { deadline: Duration::from_secs(10), memory: 64 << 20 };
    let setup = Setup { config: config.to_owned(), files: BTreeMap::new(), limits };
    plugin.set_up(&setup).unwrap_or_else(|error| panic!("{name} {config}: {error:?}"))
}

/// What a record has, by whatever a plan may ask for: texts for columns of bytes, numbers for those of integers, headers.
#[derive(Clone, Debug)]
struct Record {
    texts: Vec<Option<Vec<u8>>>,
    numbers: Vec<Option<i64>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

/// Columns of each kind that records have cells for; a plan's further columns begin again.
const COLUMNS: usize = 8;

fn records() -> impl Strategy<Value = Vec<Record>> {
    let text = prop_oneof![
        2 => Just(None),
        3 => "[abnx0-9\n]{0,20}".prop_map(|text| Some(text.into_bytes())),
        2 => "[0-9]{1,13}".prop_map(|text| Some(text.into_bytes())),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Some),
    ];
    let number = prop::option::of(prop_oneof![0..2_000_000_000_000_i64, any::<i64>()]);
    let headers = prop::collection::vec(("[abnpz]{1,2}", text.clone()), 0..4);
    let texts = prop::collection::vec(text, COLUMNS);
    let record = (texts, prop::collection::vec(number, COLUMNS), headers);
    prop::collection::vec(record.prop_map(|(texts, numbers, headers)| Record { texts, numbers, headers }), 1..40)
}

enum Column {
    Bytes(Bytes),
    Ints(Ints),
}

/// One call about these records.
fn call<'a>(instance: &'a mut Instance, plan: &abi::Plan, records: &[Record]) -> Result<Box<Edits<'a>>, Fault> {
    let columns: Vec<Column> = (0..)
        .zip(&plan.inputs)
        .map(|(at, input): (usize, _)| {
            if input.is_int() {
                let cells: Vec<_> = records.iter().map(|record| record.numbers[at % COLUMNS]).collect();
                return Column::Ints(Ints::of(&cells));
            }
            let cells: Vec<_> = records.iter().map(|record| record.texts[at % COLUMNS].clone()).collect();
            Column::Bytes(Bytes::of(&cells))
        })
        .collect();
    let columns = columns.iter().map(|column| match column {
        Column::Bytes(column) => ColumnView::Bytes(column.view()),
        Column::Ints(column) => ColumnView::Ints(column.view()),
    });
    let (mut names, mut index, mut starts, mut cells) = (Vec::<&str>::new(), Vec::new(), vec![0], Vec::new());
    for record in records {
        for (name, value) in &record.headers {
            let at = names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            index.push(at as u32);
            cells.push(value.clone());
        }
        starts.push(index.len() as u32);
    }
    let cells = Bytes::of(&cells);
    let table = HeaderTable { starts: &starts, names: &names, name_index: &index, cells: cells.view() };
    instance.process(BatchView {
        topic: "events",
        partition: 3,
        count: records.len() as u32,
        columns: columns.collect(),
        headers: plan.all_headers.then_some(table),
    })
}

fn written(cells: &Cells<'_>, row: usize) -> Option<Option<Vec<u8>>> {
    match cells {
        Cells::Constant(all) => Some(all.as_ref().map(|all| all.to_vec())),
        Cells::Each(column) => cell(column, row).map(Some),
        Cells::Sparse(sparse) => {
            let at = sparse.rows.iter().position(|listed| *listed as usize == row)?;
            Some(cell(&sparse.cells, at))
        }
    }
}

/// What an answer says, however it says it.
fn told(edits: &Edits<'_>, rows: usize) -> Told {
    let rows = edits.expand.as_ref().map_or(rows, Vec::len);
    let row = |row: usize| {
        let mut all: Row = Vec::new();
        for edit in &edits.headers {
            all.push((format!("{:?} {}", edit.op, edit.name), written(&edit.cells, row)));
        }
        all.push(("key".to_owned(), edits.key.as_ref().and_then(|cells| written(cells, row))));
        all.push(("value".to_owned(), edits.value.as_ref().and_then(|cells| written(cells, row))));
        all.push(("reason".to_owned(), edits.reasons.as_ref().map(|reasons| cell(reasons, row))));
        let time = edits.timestamps.as_ref().filter(|times| times.nulls.get(row).is_none_or(|mark| *mark == 0));
        all.push(("time".to_owned(), time.map(|times| Some(times.values[row].to_string().into_bytes()))));
        let partition = edits.partitions.as_ref().map(|partitions| Some(partitions[row].to_string().into_bytes()));
        all.push(("partition".to_owned(), partition));
        all.retain(|(_, written)| written.is_some());
        all
    };
    let route = |row: usize| {
        let route = edits.route.as_ref()?;
        route.topics.iter().nth(usize::try_from(route.index[row]).ok()?).map(str::to_owned)
    };
    (edits.expand.clone(), edits.verdicts.clone(), (0..rows).map(row).collect(), (0..rows).map(route).collect())
}

#[test]
fn an_answer_is_the_same_whether_the_batch_came_packed_or_as_lists() {
    let engine = Engine::new(None).unwrap();
    for (name, config) in CASES {
        let plugin = plugin(&engine, name);
        let (packed, plan) = instance(&plugin, name, config);
        let (mut lists, _) = instance(&plugin, name, config);
        lists.exports.leave_packed();
        let instances = RefCell::new([packed, lists]);
        let config_of_test = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
        proptest!(config_of_test, |(batches in prop::collection::vec(records(), 1..4))| {
            // One after the other: what an instance keeps for its room must not be seen.
            for records in &batches {
                let answers = instances.borrow_mut().each_mut().map(|instance| {
                    let answer = call(instance, &plan, records).map(|edits| told(&edits, records.len()));
                    let said = instance.take_said();
                    (answer, said.counts, said.logs)
                });
                let [packed, lists] = answers;
                prop_assert_eq!(packed, lists, "{} {}", name, config);
            }
        });
    }
}
