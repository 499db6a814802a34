//! Edits that outlive what they came in, for tests.

use std::borrow::Cow;

use super::{BytesColumn, Cells, Edits, HeaderEdit, SparseCells};

impl Edits<'_> {
    /// The same, with bytes of its own.
    pub fn into_owned(self) -> Edits<'static> {
        Edits {
            expand: self.expand,
            verdicts: self.verdicts,
            reasons: self.reasons.map(BytesColumn::into_owned),
            headers: self.headers.into_iter().map(HeaderEdit::into_owned).collect(),
            key: self.key.map(Cells::into_owned),
            value: self.value.map(Cells::into_owned),
            timestamps: self.timestamps,
            route: self.route,
            partitions: self.partitions,
        }
    }
}

impl HeaderEdit<'_> {
    fn into_owned(self) -> HeaderEdit<'static> {
        HeaderEdit { name: self.name.into_owned().into(), op: self.op, cells: self.cells.into_owned() }
    }
}

impl Cells<'_> {
    fn into_owned(self) -> Cells<'static> {
        match self {
            Self::Constant(bytes) => Cells::Constant(bytes.map(|bytes| Cow::Owned(bytes.into_owned()))),
            Self::Each(column) => Cells::Each(column.into_owned()),
            Self::Sparse(SparseCells { rows, cells }) => Cells::Sparse(SparseCells { rows, cells: cells.into_owned() }),
        }
    }
}

impl BytesColumn<'_> {
    fn into_owned(self) -> BytesColumn<'static> {
        let Self { offsets, data, nulls } = self;
        BytesColumn { offsets, data: data.into_owned().into(), nulls: nulls.into_owned().into() }
    }
}
