//! What reads captured dates.

use weir_sdk::{
    Batch, Input, Ints, Mistake, Plan,
    times::{Reader, Setup},
};

use crate::Date;

/// The key `date`, checked.
#[derive(Debug)]
pub(crate) struct DateReader {
    reader: Reader,
    formats: String,
    /// The column of the record's time, where a format leaves something out.
    reference: Option<usize>,
}

impl DateReader {
    /// `table` is a pointer to the key.
    pub(crate) fn new(date: &Date, table: &str) -> Result<Self, Vec<Mistake>> {
        let setup = Setup {
            table,
            key: "format",
            units: &date.format,
            zone: date.zone.as_deref(),
            zones: date.zones.as_ref(),
            months: date.months.as_ref(),
        };
        let formats = date.format.texts().join("` or `");
        Ok(Self { reader: Reader::new(&setup)?, formats, reference: None })
    }

    /// Adds what it needs to the plan.
    pub(crate) fn declare(&mut self, plan: &mut Plan) {
        self.reference = self.reader.needs_reference().then(|| plan.column(Input::timestamp()));
    }

    /// The records' times, where they are needed.
    pub(crate) fn references<'a>(&self, batch: &'a Batch) -> Result<Option<Ints<'a>>, String> {
        self.reference.map(|at| batch.ints(at)).transpose()
    }

    /// Returns milliseconds since the epoch, and counts the unit that read them in `reads`, where there are several.
    pub(crate) fn read(&self, text: &[u8], reference: Option<i64>, reads: &mut Vec<u32>) -> Option<i64> {
        // Kafka writes "no timestamp" as -1.
        let (unit, time) = self.reader.read(text, reference.filter(|&ms| ms >= 0))?;
        if self.reader.units() > 1 {
            reads.resize(reads.len().max(unit + 1), 0);
            reads[unit] += 1;
        }
        Some(time)
    }

    /// Says that a text is no such date.
    pub(crate) fn reason(&self, shown: &str) -> String {
        format!("`{shown}` is no date of the format `{}`", self.formats)
    }
}
