//! A batch as a call passes it: columns that are borrowed from where they were gathered.

/// Consecutive records of one partition, as a plugin reads them.
#[derive(Clone, Debug)]
pub struct BatchView<'a> {
    /// The source topic.
    pub topic: &'a str,
    /// The source partition.
    pub partition: i32,
    /// Records; never 0.
    pub count: u32,
    /// One an input of the plan, in its order.
    pub columns: Vec<ColumnView<'a>>,
    /// All headers, where the plan wants them.
    pub headers: Option<HeaderTable<'a>>,
}

/// What one input is of every record.
#[derive(Clone, Copy, Debug)]
pub enum ColumnView<'a> {
    /// Bytes.
    Bytes(BytesView<'a>),
    /// Integers.
    Ints(IntsView<'a>),
}

/// Cell `i` is `data[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Copy, Debug)]
pub struct BytesView<'a> {
    /// One more than there are cells, ascending; the first is 0.
    pub offsets: &'a [u32],
    /// All cells, one after the other.
    pub data: &'a [u8],
    /// One a cell: 1 = null.
    pub nulls: &'a [u8],
}

/// Integers, some of them null.
#[derive(Clone, Copy, Debug)]
pub struct IntsView<'a> {
    /// One a cell; 0 where it is null.
    pub values: &'a [i64],
    /// One a cell: 1 = null.
    pub nulls: &'a [u8],
}

/// Row `i` owns the entries `starts[i]..starts[i + 1]`; entry `j` is named `names[name_index[j]]` and its value is cell `j`.
#[derive(Clone, Copy, Debug)]
pub struct HeaderTable<'a> {
    /// One more than there are rows.
    pub starts: &'a [u32],
    /// Every name once.
    pub names: &'a [&'a str],
    /// One an entry.
    pub name_index: &'a [u32],
    /// One an entry.
    pub cells: BytesView<'a>,
}
