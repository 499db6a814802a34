//! What calls cost in instructions, which do not depend on the machine.

use crate::{
    abi::{BatchView, BytesView, ColumnView, HeaderTable, Input, IntsView, Plan},
    wasm::{Fault, Plugin, Setup},
};

/// Rows of the larger batch.
const ROWS: usize = 129;

/// What stands in every cell of bytes.
const CELL: &[u8] = b"weir-sample";

/// What stands in every cell of integers: ms of the year 2023, which all but times take for a large number.
const INTEGER: i64 = 1_700_000_000_000;

/// Instructions of WebAssembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cost {
    Measured {
        /// Of a call, whatever it holds.
        call: u64,
        /// Of each record in it.
        record: u64,
    },
    /// A call faulted: the sample is not what the plugin is made for.
    Faulted(Fault),
}

/// Calls the plugin with one row and with [`ROWS`], in which every cell holds the same short text or number.
///
/// # Errors
/// It cannot be set up.
pub(super) fn of(counting: &Plugin, setup: &Setup, plan: &Plan) -> anyhow::Result<Cost> {
    let (mut instance, _) = counting.set_up(setup)?;
    let mut instructions = |rows: usize| -> Result<u64, Fault> {
        let before = instance.instructions();
        let cells = Cells::new(rows);
        match instance.process(cells.batch(plan)).map(drop) {
            // An error is an answer.
            Ok(_) | Err(Fault::Failed(_)) => Ok(instance.instructions() - before),
            Err(fault) => Err(fault),
        }
    };
    // Twice first: what is made at the first calls is not what a call costs.
    let measured = instructions(ROWS).and_then(|_| instructions(1)).and_then(|_| {
        let (one, many) = (instructions(1)?, instructions(ROWS)?);
        let record = many.saturating_sub(one) / (ROWS as u64 - 1);
        Ok(Cost::Measured { call: one.saturating_sub(record), record })
    });
    Ok(measured.unwrap_or_else(Cost::Faulted))
}

/// The columns of so many rows.
struct Cells {
    offsets: Vec<u32>,
    data: Vec<u8>,
    nulls: Vec<u8>,
    values: Vec<i64>,
    no_headers: Vec<u32>,
}

impl Cells {
    fn new(rows: usize) -> Self {
        Self {
            offsets: (0..=rows).map(|row| (row * CELL.len()) as u32).collect(),
            data: CELL.repeat(rows),
            nulls: vec![0; rows],
            values: vec![INTEGER; rows],
            no_headers: vec![0; rows + 1],
        }
    }

    fn batch(&self, plan: &Plan) -> BatchView<'_> {
        let column = |input: &Input| {
            if input.is_int() {
                ColumnView::Ints(IntsView { values: &self.values, nulls: &self.nulls })
            } else {
                ColumnView::Bytes(BytesView { offsets: &self.offsets, data: &self.data, nulls: &self.nulls })
            }
        };
        BatchView {
            topic: "sample",
            partition: 0,
            count: self.nulls.len() as u32,
            columns: plan.inputs.iter().map(column).collect(),
            headers: plan.all_headers.then(|| HeaderTable {
                starts: &self.no_headers,
                names: &[],
                name_index: &[],
                cells: BytesView { offsets: &self.offsets[..1], data: &[], nulls: &[] },
            }),
        }
    }
}
