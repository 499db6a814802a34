//go:build !wasip1

package weir

import (
	"fmt"
	"strconv"
)

// This file is for `go test`, outside of weir. What a plugin logs and counts is kept in [Said].

// Said is what plugins logged and counted since the last [Said.Forget]. For tests; it is not for several goroutines.
var Said Sayings

// Sayings are log lines and counts.
type Sayings struct {
	// Logs are lines such as "1 text": level and message.
	Logs []string
	// Counts are summed by name.
	Counts map[string]int
	// Files are what [Lookup] finds.
	Files map[string][]byte
}

// Forget removes everything that was said.
func (s *Sayings) Forget() { s.Logs, s.Counts = nil, nil }

func hostLog(level Level, message string) {
	Said.Logs = append(Said.Logs, strconv.Itoa(int(level))+" "+message)
}

func hostCount(name string, by uint32) {
	if Said.Counts == nil {
		Said.Counts = map[string]int{}
	}
	Said.Counts[name] += int(by)
}

func hostLookup(name string) ([]byte, bool) {
	file, ok := Said.Files[name]
	return file, ok
}

// A Verdict is what becomes of a row.
type Verdict byte

// The verdicts.
const (
	// Kept rows go on.
	Kept Verdict = iota
	// Dropped rows go nowhere.
	Dropped
	// DeadLettered rows are set aside.
	DeadLettered
)

// An Outcome is what a plugin wrote for a row.
type Outcome struct {
	// Source is the row of the batch that this row is, or is a copy of.
	Source  int
	Verdict Verdict
	// Reason is that of a dead letter.
	Reason string
	// Headers are the changes, in order: "set name=value", "append name=value", "remove name"; null is written ∅.
	Headers []string
	// Key and Value are nil where they were not written; null is written ∅.
	Key, Value *string
	// Timestamp is nil where it was not written.
	Timestamp *int64
	// Topic is empty where the row was not routed.
	Topic string
	// Partition is -1 where none was chosen.
	Partition int32
}

// Null is how an outcome shows null.
const Null = "∅"

// A Row is what a test gives for a record.
type Row struct {
	// Cells are those of the plan's inputs, in its order: each a string, []byte, int, int64 or nil.
	Cells []any
	// Headers are names and values in turn, for a plan that reads all headers.
	Headers []string
}

// Of returns a row of these cells.
func Of(cells ...any) Row { return Row{Cells: cells} }

// Try configures a plugin, passes it the rows as one batch and returns what it wrote.
func Try(plugin Interceptor, config string, topic string, rows ...Row) ([]Outcome, error) {
	plan, err := plugin.Configure([]byte(config))
	if err != nil {
		return nil, err
	}
	batch := &Batch{topic: topic, count: len(rows)}
	for at, input := range plan.inputs {
		batch.columns = append(batch.columns, columnOf(rows, at, input.isInts()))
	}
	if plan.allHeaders {
		batch.headers = headersOf(rows)
	}
	edits := new(Edits)
	edits.reset(len(rows))
	if err := plugin.Process(batch, edits); err != nil {
		return nil, err
	}
	if err := edits.finish(); err != nil {
		return nil, err
	}
	return edits.outcomes(), nil
}

func columnOf(rows []Row, at int, isInts bool) column {
	made := column{isInts: isInts, bytes: Bytes{offsets: []uint32{0}, data: []byte{}}}
	var nulls []byte
	for _, row := range rows {
		var bytes []byte
		var number int64
		null := byte(0)
		switch cell := row.Cells[at].(type) {
		case nil:
			null = 1
		case string:
			bytes = []byte(cell)
		case []byte:
			bytes = cell
		case int:
			number = int64(cell)
		case int64:
			number = cell
		default:
			panic(fmt.Sprintf("a cell cannot be a %T", cell))
		}
		made.bytes.data = append(made.bytes.data, bytes...)
		made.bytes.offsets = append(made.bytes.offsets, uint32(len(made.bytes.data)))
		made.ints.values = append(made.ints.values, number)
		nulls = append(nulls, null)
	}
	made.bytes.nulls, made.ints.nulls = nulls, nulls
	return made
}

func headersOf(rows []Row) *Headers {
	table := &Headers{starts: []uint32{0}, cells: Bytes{offsets: []uint32{0}, data: []byte{}}}
	for _, row := range rows {
		for at := 0; at+1 < len(row.Headers); at += 2 {
			table.index = append(table.index, uint32(len(table.names)))
			table.names = append(table.names, row.Headers[at])
			null := byte(1)
			if row.Headers[at+1] != Null {
				null = 0
				table.cells.data = append(table.cells.data, row.Headers[at+1]...)
			}
			table.cells.nulls = append(table.cells.nulls, null)
			table.cells.offsets = append(table.cells.offsets, uint32(len(table.cells.data)))
		}
		table.starts = append(table.starts, uint32(len(table.index)))
	}
	return table
}

func (e *Edits) outcomes() []Outcome {
	outcomes := make([]Outcome, e.rows)
	for row := range outcomes {
		outcomes[row] = Outcome{Source: row, Partition: leave}
		outcome := &outcomes[row]
		if e.isExpanded {
			outcome.Source = int(e.expand[row])
		}
		if len(e.verdicts) > 0 {
			outcome.Verdict = Verdict(e.verdicts[row])
		}
		if len(e.timestamps) > 0 && e.untimed[row] == 0 {
			outcome.Timestamp = &e.timestamps[row]
		}
		if len(e.routes) > 0 && e.routes[row] != leave {
			outcome.Topic = e.topics[e.routes[row]]
		}
		if len(e.partitions) > 0 {
			outcome.Partition = e.partitions[row]
		}
	}
	e.reasons.showAll(func(row int, text string) { outcomes[row].Reason = text })
	e.key.showAll(func(row int, text string) { outcomes[row].Key = &text })
	e.value.showAll(func(row int, text string) { outcomes[row].Value = &text })
	for _, edit := range e.headers {
		for cells := edit.cells; cells != nil; cells = cells.next {
			cells.showAll(func(row int, text string) {
				change := [...]string{"set ", "append ", "remove "}[edit.op] + edit.name
				if edit.op != opRemove {
					change += "=" + text
				}
				outcomes[row].Headers = append(outcomes[row].Headers, change)
			})
		}
	}
	return outcomes
}

// showAll calls show for every row that is written, by the shape that weir would get.
func (c *Cells) showAll(show func(row int, text string)) {
	text := func(column bytesColumn, at int) string {
		if len(column.nulls) > 0 && column.nulls[at] != 0 {
			return Null
		}
		return string(column.data[column.offsets[at]:column.offsets[at+1]])
	}
	switch c.shape() {
	case shapeConstant:
		all := string(c.all)
		if c.isAllNull {
			all = Null
		}
		for row := range c.rows {
			show(row, all)
		}
	case shapeEach:
		column := c.each()
		for row := range c.rows {
			if len(column.nulls) == 0 || column.nulls[row] == 0 {
				show(row, text(column, row))
			}
		}
	case shapeSparse:
		rows, column := c.sparse()
		for at, row := range rows {
			show(int(row), text(column, at))
		}
	}
}
