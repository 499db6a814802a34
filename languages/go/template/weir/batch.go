package weir

import (
	"iter"
	"strconv"
	"unicode/utf8"
)

// A Batch is consecutive records of one partition: the columns of the plan, in its order. It is never empty, and valid until
// Process returns.
type Batch struct {
	topic     string
	partition int32
	count     int
	columns   []column
	headers   *Headers
}

// column is a column of either kind.
type column struct {
	isInts bool
	bytes  Bytes
	ints   Ints
}

// Topic returns the topic that the records came from.
func (b *Batch) Topic() string { return b.topic }

// Partition returns the partition that the records came from.
func (b *Batch) Partition() int32 { return b.partition }

// Len returns how many records there are; rows are numbered from 0.
func (b *Batch) Len() int { return b.count }

// Bytes returns the column of the plan's input of that number. It panics where that is a column of integers.
func (b *Batch) Bytes(at int) Bytes {
	if column := b.column(at); !column.isInts {
		return column.bytes
	}
	panic("column " + strconv.Itoa(at) + " holds integers, not bytes")
}

// Ints returns the column of the plan's input of that number. It panics where that is a column of bytes.
func (b *Batch) Ints(at int) Ints {
	if column := b.column(at); column.isInts {
		return column.ints
	}
	panic("column " + strconv.Itoa(at) + " holds bytes, not integers")
}

func (b *Batch) column(at int) *column {
	if at < 0 || at >= len(b.columns) {
		panic("the plan has no column " + strconv.Itoa(at))
	}
	return &b.columns[at]
}

// Headers returns every header of every record. It panics where the plan does not read [Plan.AllHeaders].
func (b *Batch) Headers() *Headers {
	if b.headers == nil {
		panic("the plan does not read all headers")
	}
	return b.headers
}

// Bytes is a column of byte strings, each of which may be null. Empty is not null.
type Bytes struct {
	offsets     []uint32
	data, nulls []byte
}

// Len returns how many rows there are.
func (c Bytes) Len() int { return len(c.nulls) }

// IsNull tells whether the cell of a row is null.
func (c Bytes) IsNull(row int) bool { return c.nulls[row] != 0 }

// Get returns the cell of a row, and false where it is null. It is a view, not a copy: it is valid until Process returns and
// must not be written to. To compare it, convert it in place (`string(cell) == "x"`), which does not copy either.
func (c Bytes) Get(row int) (cell []byte, ok bool) {
	if c.nulls[row] != 0 {
		return nil, false
	}
	from, to := c.offsets[row], c.offsets[row+1]
	return c.data[from:to:to], true
}

// Text returns a copy of the cell of a row, and false where it is null or not UTF-8.
func (c Bytes) Text(row int) (text string, ok bool) {
	cell, ok := c.Get(row)
	if !ok || !utf8.Valid(cell) {
		return "", false
	}
	return string(cell), true
}

// All returns rows and cells in order, without those that are null.
func (c Bytes) All() iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for row := range c.nulls {
			if cell, ok := c.Get(row); ok && !yield(row, cell) {
				return
			}
		}
	}
}

// Ints is a column of integers, each of which may be null.
type Ints struct {
	values []int64
	nulls  []byte
}

// Len returns how many rows there are.
func (c Ints) Len() int { return len(c.nulls) }

// IsNull tells whether the cell of a row is null.
func (c Ints) IsNull(row int) bool { return c.nulls[row] != 0 }

// Get returns the cell of a row, and false where it is null.
func (c Ints) Get(row int) (cell int64, ok bool) {
	if c.nulls[row] != 0 {
		return 0, false
	}
	return c.values[row], true
}

// All returns rows and cells in order, without those that are null.
func (c Ints) All() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		for row := range c.nulls {
			if cell, ok := c.Get(row); ok && !yield(row, cell) {
				return
			}
		}
	}
}

// Headers is every header of every record of a batch.
type Headers struct {
	starts []uint32
	names  []string
	index  []uint32
	cells  Bytes
}

// Row returns name and value of a row's headers, in their order. Names may repeat; the value is nil where it is null, and
// not nil where it is empty.
func (h *Headers) Row(row int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for entry := h.starts[row]; entry < h.starts[row+1]; entry++ {
			value, _ := h.cells.Get(int(entry))
			if !yield(h.names[h.index[entry]], value) {
				return
			}
		}
	}
}

// Last returns the value of a row's last header of that name, nil where it is null, and false where there is no such header.
func (h *Headers) Last(row int, name string) (value []byte, ok bool) {
	for entry := h.starts[row+1]; entry > h.starts[row]; entry-- {
		if h.names[h.index[entry-1]] == name {
			value, _ = h.cells.Get(int(entry - 1))
			return value, true
		}
	}
	return nil, false
}
