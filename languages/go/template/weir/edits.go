package weir

import (
	"errors"
	"slices"
	"strconv"
)

const (
	verdictKeep byte = iota
	verdictDrop
	verdictDeadLetter
)

// leave is the entry of a row that is not routed, or gets no partition.
const leave int32 = -1

type headerOp uint8

// In the order of the interface.
const (
	opSet headerOp = iota
	opAppend
	opRemove
)

// A Topic is a topic that rows of this batch may be routed to; see [Edits.Topic].
type Topic int32

// Edits are the changes to the rows of one batch. Rows that it does not speak of stay as they are.
//
// Naming a row that is not there fails the batch with a message. Of a row written twice, the last counts.
type Edits struct {
	inputs, rows int
	// isTouched tells whether anything was written that speaks of rows.
	isTouched  bool
	isExpanded bool
	mistake    string

	expand     []uint32
	verdicts   []byte
	reasons    Cells
	headers    []headerEdit
	key, value Cells
	timestamps []int64
	untimed    []byte
	topics     []string
	routes     []int32
	partitions []int32

	// free holds cells of earlier batches, whose memory is used again.
	free []*Cells
}

type headerEdit struct {
	name  string
	op    headerOp
	cells *Cells
}

// reset begins the edits of a batch of that many rows. Memory of the batch before is used again.
func (e *Edits) reset(rows int) {
	for at := range e.headers {
		for cells := e.headers[at].cells; cells != nil; {
			next := cells.next
			cells.next = nil
			e.free = append(e.free, cells)
			cells = next
		}
	}
	clear(e.headers)
	clear(e.topics)
	e.inputs, e.rows = rows, rows
	e.isTouched, e.isExpanded, e.mistake = false, false, ""
	e.expand, e.verdicts, e.headers = e.expand[:0], e.verdicts[:0], e.headers[:0]
	e.timestamps, e.untimed = e.timestamps[:0], e.untimed[:0]
	e.topics, e.routes, e.partitions = e.topics[:0], e.routes[:0], e.partitions[:0]
	e.begin(&e.reasons)
	e.begin(&e.key)
	e.begin(&e.value)
}

// begin makes cells write nothing yet, for the rows that there are.
func (e *Edits) begin(cells *Cells) { cells.reset(e, e.rows) }

// Rows returns how many rows the edits speak of: the batch's, or after [Edits.Expand] that of its rows.
func (e *Edits) Rows() int { return e.rows }

// Expand makes new rows: row j is a copy of the batch's row sources[j], ascending; a row of the batch that is not named is
// dropped, which needs [EffectDrop]. All other edits speak of the new rows, so it comes first. Needs [EffectExpand].
func (e *Edits) Expand(sources []int) {
	if e.isTouched || e.isExpanded {
		e.fail("Expand comes after other edits: call it first, and once")
		return
	}
	for at, row := range sources {
		if row < 0 || row >= e.inputs {
			e.fail(noRow(row, e.inputs))
			return
		}
		if at > 0 && row < sources[at-1] {
			e.fail("Expand names rows out of order")
			return
		}
		e.expand = append(e.expand, uint32(row))
	}
	e.rows, e.isExpanded = len(sources), true
	e.begin(&e.reasons)
	e.begin(&e.key)
	e.begin(&e.value)
}

// Drop drops a row: it goes nowhere and is counted as dropped. Needs [EffectDrop].
func (e *Edits) Drop(row int) { e.verdict(row, verdictDrop) }

// DeadLetter sets the record aside, as it came, with the reason (at most 1 KiB of it is kept). All rows that came from that
// record go with it. Needs [EffectDeadLetter].
func (e *Edits) DeadLetter(row int, reason string) {
	if e.verdict(row, verdictDeadLetter) {
		e.reasons.RowString(row, reason)
	}
}

func (e *Edits) verdict(row int, verdict byte) bool {
	if !e.isRow(row) {
		return false
	}
	if len(e.verdicts) == 0 {
		e.verdicts = filled(e.verdicts, e.rows, verdictKeep)
	}
	e.verdicts[row] = verdict
	return true
}

// SetHeader sets the headers of that name: the first keeps its place and takes the value, the others go; a row without one
// gets it at the end. Called again with the same name it goes on with the same cells.
func (e *Edits) SetHeader(name string) *Cells { return e.header(name, opSet) }

// AppendHeader adds a header at the end, whatever is there. A row written twice gets two headers, and one written besides
// [Cells.All] gets that first. Of several names, all headers of the one that was named first come first.
func (e *Edits) AppendHeader(name string) *Cells { return e.header(name, opAppend) }

// RemoveHeader removes all headers of that name, from the rows that the removal names.
func (e *Edits) RemoveHeader(name string) Removal { return Removal{e.header(name, opRemove)} }

func (e *Edits) header(name string, op headerOp) *Cells {
	e.isTouched = true
	// Only the last edit of a name may go on: an earlier one is applied before it, and must not see later cells.
	for at := len(e.headers) - 1; at >= 0; at-- {
		if known := &e.headers[at]; known.name == name {
			if known.op == op {
				return known.cells
			}
			break
		}
	}
	cells := e.newCells()
	cells.appends = op == opAppend
	e.headers = append(e.headers, headerEdit{name: name, op: op, cells: cells})
	return cells
}

func (e *Edits) newCells() *Cells {
	var cells *Cells
	if last := len(e.free) - 1; last >= 0 {
		cells, e.free = e.free[last], e.free[:last]
	} else {
		cells = new(Cells)
	}
	e.begin(cells)
	return cells
}

// Key writes keys. Needs [EffectKey].
func (e *Edits) Key() *Cells {
	e.isTouched = true
	return &e.key
}

// Value writes values. Needs [EffectValue].
func (e *Edits) Value() *Cells {
	e.isTouched = true
	return &e.value
}

// Timestamp writes a row's timestamp: ms since the epoch. Needs [EffectTimestamp].
func (e *Edits) Timestamp(row int, ms int64) {
	if !e.isRow(row) {
		return
	}
	if len(e.timestamps) == 0 {
		e.timestamps, e.untimed = filled(e.timestamps, e.rows, 0), filled(e.untimed, e.rows, 1)
	}
	e.timestamps[row], e.untimed[row] = ms, 0
}

// Topic returns the number of a topic within these edits, for a plugin that routes row by row.
func (e *Edits) Topic(name string) Topic {
	for at, known := range e.topics {
		if known == name {
			return Topic(at)
		}
	}
	return e.NewTopic(name)
}

// NewTopic is Topic without the search, for a plugin with a table of topics, which names each once. The same table in the
// same order at every batch costs weir least.
func (e *Edits) NewTopic(name string) Topic {
	e.topics = append(e.topics, name)
	return Topic(len(e.topics) - 1)
}

// Route routes a row to a topic. Needs the topic in [Plan.Topics].
func (e *Edits) Route(row int, topic Topic) {
	if topic < 0 || int(topic) >= len(e.topics) {
		e.fail("a route to a topic of other edits")
		return
	}
	if e.isRow(row) {
		if len(e.routes) == 0 {
			e.routes = filled(e.routes, e.rows, leave)
		}
		e.routes[row] = int32(topic)
	}
}

// RouteTo routes a row to a topic by name.
func (e *Edits) RouteTo(row int, topic string) { e.Route(row, e.Topic(topic)) }

// Partition sends a row to a partition of its topic, from 0. Needs [EffectPartition].
func (e *Edits) Partition(row int, partition int32) {
	if partition < 0 {
		e.fail("there is no partition " + strconv.Itoa(int(partition)))
		return
	}
	if e.isRow(row) {
		if len(e.partitions) == 0 {
			e.partitions = filled(e.partitions, e.rows, leave)
		}
		e.partitions[row] = partition
	}
}

func (e *Edits) isRow(row int) bool {
	if row >= 0 && row < e.rows {
		e.isTouched = true
		return true
	}
	e.fail(noRow(row, e.rows))
	return false
}

// fail keeps the first mistake.
func (e *Edits) fail(mistake string) {
	if e.mistake == "" {
		e.mistake = mistake
	}
}

// finish tells what is wrong with the edits; nil where nothing is.
func (e *Edits) finish() error {
	if e.mistake != "" {
		return errors.New(e.mistake)
	}
	for _, edit := range e.headers {
		if edit.cells.appends {
			edit.cells.part()
		}
	}
	return nil
}

func noRow(row, rows int) string {
	return "an edit speaks of row " + strconv.Itoa(row) + " of " + strconv.Itoa(rows)
}

// filled returns n entries that are all the same, in the memory of some if that is enough.
func filled[T any](some []T, n int, entry T) []T {
	some = slices.Grow(some[:0], n)[:n]
	for at := range some {
		some[at] = entry
	}
	return some
}

// A Removal names the rows whose headers of a name go.
type Removal struct{ cells *Cells }

// All removes them from every row.
func (r Removal) All() { r.cells.AllNull() }

// Row removes them from one row.
func (r Removal) Row(row int) { r.cells.Row(row, nil) }

// Cells are written to the rows of a batch: the same to all, or to each row its own bytes or null.
//
// Rows may be written in any order (ascending is cheapest). A row that is not written is left alone. The bytes are copied.
type Cells struct {
	edits *Edits
	// hasAll tells that all goes to every row without a mark; isAllNull, that this is null.
	hasAll, isAllNull bool
	all               []byte
	// Of each row that was written: where its bytes begin and end in data. All three are empty until a row is written.
	from, to []uint32
	marks    []byte
	data     []byte
	rows     int
	// written counts rows with a mark, nulls those with markNull.
	written, nulls int
	// behind is the row after the last one written; isOrdered tells whether rows came in ascending order.
	behind    int
	isOrdered bool
	// appends tells that a row written twice keeps both; next holds what rows were given in addition.
	appends bool
	next    *Cells
}

const (
	markNone byte = iota
	markBytes
	markNull
)

func (c *Cells) reset(edits *Edits, rows int) {
	*c = Cells{
		edits: edits, rows: rows, isOrdered: true,
		all: c.all[:0], from: c.from[:0], to: c.to[:0], marks: c.marks[:0], data: c.data[:0],
	}
}

// All writes the same bytes to every row that is not written on its own.
func (c *Cells) All(bytes []byte) {
	c.hasAll, c.isAllNull, c.all = true, false, append(c.all[:0], bytes...)
}

// AllString is All for text.
func (c *Cells) AllString(text string) {
	c.hasAll, c.isAllNull, c.all = true, false, append(c.all[:0], text...)
}

// AllNull writes null to every row that is not written on its own.
func (c *Cells) AllNull() { c.hasAll, c.isAllNull = true, true }

// Row writes bytes, which may be empty, to a row.
func (c *Cells) Row(row int, bytes []byte) {
	if c = c.at(row); c != nil {
		c.data = append(c.data, bytes...)
		c.close(row, markBytes)
	}
}

// RowString is Row for text.
func (c *Cells) RowString(row int, text string) {
	if c = c.at(row); c != nil {
		c.data = append(c.data, text...)
		c.close(row, markBytes)
	}
}

// RowAppend writes what the function appends to its buffer, without a copy in between: for strconv.AppendInt and the like.
// What is in the buffer already belongs to other rows.
func (c *Cells) RowAppend(row int, write func(buffer []byte) []byte) {
	if c = c.at(row); c != nil {
		c.data = write(c.data)
		c.close(row, markBytes)
	}
}

// RowNull writes null to a row.
func (c *Cells) RowNull(row int) {
	if c = c.at(row); c != nil {
		c.close(row, markNull)
	}
}

// at returns the cells that take what is written to a row, and nil where there is no such row.
func (c *Cells) at(row int) *Cells {
	if row < 0 || row >= c.rows {
		c.edits.fail(noRow(row, c.rows))
		return nil
	}
	for c.appends && len(c.marks) > 0 && c.marks[row] != markNone {
		if c.next == nil {
			c.next = c.edits.newCells()
			c.next.appends = true
		}
		c = c.next
	}
	if len(c.marks) == 0 {
		c.from, c.to = filled(c.from, c.rows, 0), filled(c.to, c.rows, 0)
		c.marks = filled(c.marks, c.rows, markNone)
	}
	c.from[row] = uint32(len(c.data))
	return c
}

// close ends the bytes of a row.
func (c *Cells) close(row int, mark byte) {
	c.isOrdered = c.isOrdered && row >= c.behind
	c.behind = row + 1
	switch c.marks[row] {
	case markNone:
		c.written++
	case markNull:
		c.nulls--
	}
	if mark == markNull {
		c.nulls++
	}
	c.marks[row], c.to[row] = mark, uint32(len(c.data))
}

type shape uint8

// In the order of the interface.
const (
	shapeConstant shape = iota
	shapeEach
	shapeSparse
	shapeNothing
)

// bytesColumn is a column as it goes to the host.
type bytesColumn struct {
	offsets     []uint32
	data, nulls []byte
}

// shape returns the shape that says it in the fewest bytes. With shapeConstant it is all, or null where isAllNull.
func (c *Cells) shape() shape {
	switch {
	case c.written == 0 && c.hasAll:
		return shapeConstant
	case c.written == 0:
		return shapeNothing
	case c.hasAll:
		c.spread()
	}
	if c.nulls == 0 && c.written*4 > c.rows {
		return shapeEach
	}
	return shapeSparse
}

// part leaves all alone in the cells and moves the rows that were written to the next: for appending, where a row gets both.
func (c *Cells) part() {
	if !c.hasAll || c.written == 0 {
		return
	}
	rows := c.edits.newCells()
	*c, *rows = *rows, *c
	c.appends, c.next = true, rows
	c.hasAll, c.isAllNull, c.all, rows.all = true, rows.isAllNull, rows.all, c.all
	rows.hasAll = false
}

// spread writes all to the rows that were not written.
func (c *Cells) spread() {
	c.hasAll = false
	from := uint32(len(c.data))
	mark := markBytes
	if c.isAllNull {
		mark = markNull
	} else {
		c.data = append(c.data, c.all...)
	}
	for row, known := range c.marks {
		if known == markNone {
			c.from[row], c.to[row], c.marks[row] = from, uint32(len(c.data)), mark
			c.written++
			if mark == markNull {
				c.nulls++
			}
			c.isOrdered = false
		}
	}
}

// order puts the bytes of the rows one after the other.
func (c *Cells) order() {
	if c.isOrdered {
		return
	}
	data := make([]byte, 0, len(c.data))
	for row, mark := range c.marks {
		if mark == markBytes {
			from := uint32(len(data))
			data = append(data, c.data[c.from[row]:c.to[row]]...)
			c.from[row], c.to[row] = from, uint32(len(data))
		}
	}
	c.data, c.isOrdered = data, true
}

// each returns one cell a row, null where nothing was written or null was. It uses the memory of the cells up.
func (c *Cells) each() bytesColumn {
	c.order()
	offsets, end := append(c.from[:0], 0), uint32(0)
	for row, mark := range c.marks {
		if mark == markBytes {
			end = c.to[row]
		}
		c.marks[row] = 0
		if mark != markBytes {
			c.marks[row] = 1
		}
		offsets = append(offsets, end)
	}
	column := bytesColumn{offsets: offsets, data: c.data}
	if c.written < c.rows || c.nulls > 0 {
		column.nulls = c.marks
	}
	c.from = offsets
	return column
}

// sparse returns the rows that were written, and one cell for each. It uses the memory of the cells up.
func (c *Cells) sparse() ([]uint32, bytesColumn) {
	c.order()
	// None of these is written further than it was read.
	rows, offsets, nulls := c.to[:0], append(c.from[:0], 0), c.marks[:0]
	for row, mark := range c.marks {
		if mark == markNone {
			continue
		}
		end, null := offsets[len(offsets)-1], byte(1)
		if mark == markBytes {
			end, null = c.to[row], 0
		}
		rows, nulls, offsets = append(rows, uint32(row)), append(nulls, null), append(offsets, end)
	}
	c.from, c.to = offsets, rows
	column := bytesColumn{offsets: offsets, data: c.data}
	if c.nulls > 0 {
		column.nulls = nulls
	}
	return rows, column
}
