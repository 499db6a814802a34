//! What is said packed is what is said in lists, whatever a plugin reads and whatever it writes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answer;
mod columns;
mod steps;

use proptest::prelude::*;

use crate::{Batch, Edits, bindings::types};
use columns::{Given, given};
use steps::{Step, said, steps};

/// Returns what is said to batches, one after the other, each of edits of its own.
fn by_lists(given: &Given, steps: &[Step]) -> Result<types::Edits, String> {
    let batch = Batch::from_wit(given.lists());
    let mut edits = Edits::for_rows(batch.len());
    steps.iter().for_each(|step| step.take(&batch, &mut edits));
    edits.into_wit()
}

/// The same in edits that answered other batches before.
fn packed(given: &Given, steps: &[Step], edits: &mut Edits) -> Result<types::Edits, String> {
    let batch = Batch::from_words(given.words()).unwrap();
    edits.begin(batch.len());
    steps.iter().for_each(|step| step.take(&batch, edits));
    edits.pack().map(|bytes| answer::read(&bytes, &given.lists()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_that_answered_other_batches_say_what_fresh_ones_say(
        calls in prop::collection::vec((given(), steps(), 0..8_u8), 1..5)
    ) {
        let mut kept = Edits::default();
        for (given, steps, fate) in &calls {
            if *fate == 0 {
                // The plugin fails when it has written all this.
                let batch = Batch::from_words(given.words()).unwrap();
                kept.begin(batch.len());
                steps.iter().for_each(|step| step.take(&batch, &mut kept));
                continue;
            }
            let (fresh, packed) = (by_lists(given, steps), packed(given, steps, &mut kept));
            let exact = steps.iter().all(|step| !matches!(step, Step::SetHeaderColumn(..)));
            if exact {
                prop_assert_eq!(fresh, packed);
            } else {
                let rows = given.rows();
                prop_assert_eq!(fresh.map(|edits| said(&edits, rows)), packed.map(|edits| said(&edits, rows)));
            }
        }
    }

    #[test]
    fn a_packed_batch_reads_as_its_lists_do(given in given()) {
        let (lists, packed) = (Batch::from_wit(given.lists()), Batch::from_words(given.words()).unwrap());
        let whole = |batch: &Batch| (batch.topic().to_owned(), batch.partition(), batch.len(), batch.rows());
        prop_assert_eq!(whole(&lists), whole(&packed));
        for at in 0..given.columns() + 2 {
            let bytes = |batch: &Batch| {
                batch.bytes(at).map(|column| {
                    let cells: Vec<_> = column.iter().map(|cell| cell.map(<[u8]>::to_vec)).collect();
                    (cells, column.len(), column.nulls(), column.data().to_vec())
                })
            };
            prop_assert_eq!(bytes(&lists), bytes(&packed));
            let ints = |batch: &Batch| batch.ints(at).map(|column| column.iter().collect::<Vec<_>>());
            prop_assert_eq!(ints(&lists), ints(&packed));
        }
        let headers = |batch: &Batch| {
            batch.headers().map(|headers| {
                let names: Vec<_> = headers.names().map(str::to_owned).collect();
                let row = |row: usize| {
                    let entries = headers.row(row).map(|(name, value)| (name.to_owned(), value.map(<[u8]>::to_vec)));
                    (entries.collect::<Vec<_>>(), headers.numbers(row).collect::<Vec<_>>())
                };
                (names, (0..given.rows() + 1).map(row).collect::<Vec<_>>())
            })
        };
        prop_assert_eq!(headers(&lists), headers(&packed));
    }

    /// In a sandbox nothing worse than a panic comes of it, but weir's own words are all there is to trust.
    #[test]
    fn a_batch_that_is_cut_off_is_refused_or_read_in_part(given in given(), cut in any::<prop::sample::Index>()) {
        let mut words = given.words();
        words.truncate(cut.index(words.len()));
        if let Ok(batch) = Batch::from_words(words) {
            let (_topic, _partition) = (batch.topic(), batch.partition());
            for at in 0..given.columns() {
                let _bytes = batch.bytes(at).map(|column| column.len());
                let _ints = batch.ints(at).map(|column| column.len());
            }
        }
    }
}
