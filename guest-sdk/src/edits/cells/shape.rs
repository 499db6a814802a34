//! From what was written to what the interface says.

use super::{Cells, LEFT, NULL};
use crate::{
    bindings::types::{self, BytesColumn, SparseCells},
    packed::Answer,
};

impl Cells {
    /// The shape that says it in the fewest bytes; `None` if nothing was written.
    pub(in crate::edits) fn into_wit(self, rows: usize) -> Result<Option<types::Cells>, String> {
        // Most of the cells that an answer could have are never written.
        if self.is_empty() {
            return Ok(None);
        }
        self.within(rows)?;
        let mut cells = self.ordered();
        if let Some(all) = cells.all.take() {
            if cells.written == 0 {
                return Ok(Some(types::Cells::Constant(all)));
            }
            cells = cells.spread(all.as_deref(), rows);
        }
        if cells.written == 0 {
            return Ok(None);
        }
        if cells.is_dense(rows) {
            return Ok(Some(types::Cells::Each(cells.into_column(rows))));
        }
        Ok(Some(types::Cells::Sparse(cells.into_sparse())))
    }

    /// Appends the same shape to a packed answer: of cells of which some are written.
    pub(in crate::edits) fn write(&mut self, rows: usize, answer: &mut Answer) -> Result<(), String> {
        if self.all.is_none() && self.late.is_empty() && self.rows() <= rows && self.is_dense(rows) {
            self.complete(rows);
            answer.each(&self.offsets, &self.marks, &self.data);
            return Ok(());
        }
        if let (Some(all), true, true) = (&self.all, self.offsets.is_empty(), self.late.is_empty()) {
            answer.constant(all.as_deref());
            return Ok(());
        }
        let cells = std::mem::take(self).into_wit(rows)?;
        cells.iter().for_each(|cells| answer.cells(cells));
        Ok(())
    }

    /// Whether one cell a row says it in the fewest bytes, of cells in their order of which none is for all rows.
    fn is_dense(&self, rows: usize) -> bool {
        self.nulls == 0 && self.written > 0 && (self.written == rows || self.written * 4 > rows)
    }

    /// One cell a row, for what the interface wants whole.
    pub(in crate::edits) fn into_whole_column(self, rows: usize) -> Result<BytesColumn, String> {
        self.within(rows)?;
        Ok(self.ordered().into_column(rows))
    }

    /// The same for appending, where a row that was written twice gets both: in as many edits as the fullest row needs.
    pub(in crate::edits) fn into_appended(mut self, rows: usize) -> Result<Vec<types::Cells>, String> {
        self.within(rows)?;
        let all = self.all.take();
        let mut appended: Vec<types::Cells> = all.map(types::Cells::Constant).into_iter().collect();
        let mut late = std::mem::take(&mut self.late);
        late.sort_by_key(|(row, _)| *row);
        let mut rounds = vec![self];
        let (mut round, mut before) = (0, None);
        for (row, bytes) in late {
            let again = before == Some(row);
            round = if again { round + 1 } else { usize::from(rounds[0].entry(row as usize).is_some()) };
            before = Some(row);
            if rounds.len() == round {
                rounds.push(Self::default());
            }
            rounds[round].put(row, bytes.as_deref());
        }
        for round in rounds {
            appended.extend(round.into_wit(rows)?);
        }
        Ok(appended)
    }

    /// What was written to a row in order; outer none: nothing, inner none: null.
    fn entry(&self, row: usize) -> Option<Option<&[u8]>> {
        let [from, to] = *self.offsets.get(row..)?.first_chunk()?;
        match self.marks.get(row) {
            Some(&LEFT) => None,
            Some(&NULL) => Some(None),
            _ => Some(Some(&self.data[from as usize..to as usize])),
        }
    }

    fn put(&mut self, row: u32, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.row(row as usize, bytes),
            None => self.row_null(row as usize),
        }
    }

    fn within(&self, rows: usize) -> Result<(), String> {
        let late = self.late.iter().map(|(row, _)| *row as usize).max();
        match self.rows().checked_sub(1).max(late) {
            Some(row) if row >= rows => Err(crate::edits::no_row(row, rows)),
            _ => Ok(()),
        }
    }

    /// Everything in its place; of what was written to a row, the last.
    #[inline]
    fn ordered(self) -> Self {
        if self.late.is_empty() { self } else { self.sorted() }
    }

    #[inline(never)]
    fn sorted(mut self) -> Self {
        let mut late = std::mem::take(&mut self.late);
        late.sort_by_key(|(row, _)| *row);
        let mut tidy = Self { all: self.all.take(), ..Self::default() };
        let last = late.last().map_or(0, |(row, _)| *row as usize + 1);
        let mut late = late.into_iter().peekable();
        for row in 0..self.rows().max(last) {
            let mut entry = self.entry(row).map(|bytes| bytes.map(<[u8]>::to_vec));
            while let Some((_, bytes)) = late.next_if(|(next, _)| *next as usize == row) {
                entry = Some(bytes);
            }
            if let Some(bytes) = entry {
                tidy.put(row as u32, bytes.as_deref());
            }
        }
        tidy
    }

    /// Every row written: those that were not, with `rest`.
    fn spread(self, rest: Option<&[u8]>, rows: usize) -> Self {
        let mut full = Self::default();
        for row in 0..rows {
            full.put(row as u32, self.entry(row).unwrap_or(rest));
        }
        full
    }

    /// One cell a row, null where nothing was written or null was.
    fn into_column(mut self, rows: usize) -> BytesColumn {
        self.complete(rows);
        BytesColumn { offsets: self.offsets, data: self.data, nulls: self.marks }
    }

    /// Makes a cell of every row, null where nothing was written or null was.
    fn complete(&mut self, rows: usize) {
        if self.written < rows || self.nulls > 0 {
            self.marks.resize(self.rows(), 0);
            self.marks.resize(rows, LEFT);
            if self.nulls > 0 {
                self.marks.iter_mut().for_each(|mark| *mark = u8::from(*mark != 0));
            }
        }
        let end = self.offsets.last().copied().unwrap_or_default();
        self.offsets.resize(rows + 1, end);
    }

    /// One cell for each row that was written.
    fn into_sparse(mut self) -> SparseCells {
        let mut sparse = SparseCells {
            rows: Vec::with_capacity(self.written),
            cells: BytesColumn {
                offsets: Vec::with_capacity(self.written + 1),
                data: Vec::new(),
                nulls: Vec::with_capacity(if self.nulls > 0 { self.written } else { 0 }),
            },
        };
        sparse.cells.offsets.push(0);
        let (mut from, mut kept) = (0, 0);
        for (row, &end) in self.offsets.iter().skip(1).enumerate() {
            let (bytes, mark) = (from..end as usize, self.marks.get(row).copied().unwrap_or_default());
            from = bytes.end;
            if mark == LEFT {
                continue;
            }
            if self.nulls > 0 {
                sparse.cells.nulls.push(u8::from(mark == NULL));
            }
            // A row that is left alone may have bytes where a whole column was taken over.
            let length = bytes.len();
            if bytes.start != kept {
                self.data.copy_within(bytes, kept);
            }
            kept += length;
            sparse.rows.push(row as u32);
            sparse.cells.offsets.push(kept as u32);
        }
        self.data.truncate(kept);
        sparse.cells.data = self.data;
        sparse
    }
}
