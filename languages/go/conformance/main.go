// The reference plugin of the conformance kit: does what the script in its config says. The commands are those of
// conformance/README.md.
package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"reference/weir"
)

// Config is the config of this plugin.
type Config struct {
	// Script is what the plugin does, a command a line.
	Script []string `json:"script"`
}

const configSchema = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "script": { "type": "array", "items": { "type": "string" }, "description": "What it does, a command a line." }
  },
  "required": ["script"],
  "additionalProperties": false
}`

// intKinds are the inputs whose columns are of integers.
var intKinds = []string{"timestamp", "timestamp-type", "received", "offset", "json-int"}

var (
	effects = map[string]weir.Effects{
		"key":         weir.EffectKey,
		"value":       weir.EffectValue,
		"timestamp":   weir.EffectTimestamp,
		"headers":     weir.EffectHeaders,
		"route":       weir.EffectRoute,
		"partition":   weir.EffectPartition,
		"drop":        weir.EffectDrop,
		"dead-letter": weir.EffectDeadLetter,
		"expand":      weir.EffectExpand,
	}
	levels = map[string]weir.Level{
		"debug": weir.LevelDebug,
		"info":  weir.LevelInfo,
		"warn":  weir.LevelWarn,
		"error": weir.LevelError,
	}
)

// reference is what is left of the script after configuring.
type reference struct {
	commands []string
	// ints tells which columns are of integers.
	ints []bool
	// files are nil where there is none.
	files map[string][]byte
}

func (*reference) Describe() weir.Description {
	return weir.Description{
		Name:         "reference",
		Version:      "0.1.0",
		Summary:      "Does what its script says.",
		ConfigSchema: configSchema,
	}
}

func (r *reference) Configure(text []byte) (*weir.Plan, error) {
	var config Config
	if err := weir.Decode(text, &config); err != nil {
		return nil, err
	}
	*r = reference{files: map[string][]byte{}}
	plan := weir.NewPlan()
	var mistakes weir.Mistakes
	for at, line := range config.Script {
		command, rest := split(line)
		switch command {
		case "input":
			kind, _ := split(rest)
			r.ints = append(r.ints, slices.Contains(intKinds, kind))
			plan.Inputs(input(rest))
		case "all-headers":
			plan.AllHeaders()
		case "effects":
			for _, name := range strings.Split(rest, " ") {
				plan.Effects(effects[name])
			}
		case "header-name":
			plan.HeaderNames(rest)
		case "topic":
			plan.Topics(rest)
		case "file":
			r.files[rest], _ = weir.Lookup(rest)
		case "mistake":
			mistakes.Add(weir.Pointer("script", strconv.Itoa(at)), rest)
		default:
			r.commands = append(r.commands, line)
		}
	}
	return plan, mistakes.Err()
}

func (r *reference) Process(batch *weir.Batch, edits *weir.Edits) error {
	rows := rows{plugin: r, batch: batch}
	for row := range batch.Len() {
		rows.sources = append(rows.sources, row)
	}
	for _, line := range r.commands {
		command, rest := split(line)
		first, last := split(rest)
		switch command {
		case "log":
			weir.Log(levels[first], last)
		case "count":
			weir.Count(first, number(last))
		case "fail":
			if rows.any(first) {
				return errors.New(last)
			}
		case "panic":
			if rows.any(first) {
				panic(last)
			}
		case "expand":
			rows.sources = nil
			for row, count := range batch.Ints(number(first)).All() {
				rows.sources = append(rows.sources, slices.Repeat([]int{row}, int(count))...)
			}
			edits.Expand(rows.sources)
		case "drop":
			rows.each(first, edits.Drop)
		case "dead-letter":
			rows.each(first, func(row int) { edits.DeadLetter(row, last) })
		case "set":
			rows.write(edits.SetHeader(first), last)
		case "append":
			rows.write(edits.AppendHeader(first), last)
		case "remove":
			removal := edits.RemoveHeader(first)
			if form, where := split(last); form == "all" {
				removal.All()
			} else {
				rows.each(where, removal.Row)
			}
		case "key":
			rows.write(edits.Key(), rest)
		case "value":
			rows.write(edits.Value(), rest)
		case "timestamp":
			rows.each(first, func(row int) { edits.Timestamp(row, int64(number(last))) })
		case "partition":
			rows.each(first, func(row int) { edits.Partition(row, int32(number(last))) })
		case "route":
			topic := edits.Topic(last)
			rows.each(first, func(row int) { edits.Route(row, topic) })
		default:
			return errors.New("no such command: " + line)
		}
	}
	return nil
}

// rows are the rows that edits speak of.
type rows struct {
	plugin *reference
	batch  *weir.Batch
	// sources are, for each, the row of the batch that it was made of.
	sources []int
}

// each calls do for the rows of which a WHERE holds.
func (r *rows) each(where string, do func(row int)) {
	for row, source := range r.sources {
		if r.holds(where, source) {
			do(row)
		}
	}
}

// any tells whether there is a row of which a WHERE holds.
func (r *rows) any(where string) bool {
	return slices.ContainsFunc(r.sources, func(source int) bool { return r.holds(where, source) })
}

func (r *rows) holds(where string, source int) bool {
	if where == "*" {
		return true
	}
	if column, ok := strings.CutSuffix(where, "!"); ok {
		return r.cell(number(column), source) == nil
	}
	if column, ok := strings.CutSuffix(where, "?"); ok {
		return r.cell(number(column), source) != nil
	}
	column, text, _ := strings.Cut(where, "=")
	cell := r.cell(number(column), source)
	return cell != nil && string(cell) == text
}

// write writes CELLS.
func (r *rows) write(cells *weir.Cells, spec string) {
	form, rest := split(spec)
	switch form {
	case "all":
		cells.AllString(rest)
	case "all-null":
		cells.AllNull()
	case "column":
		for row, cell := range r.batch.Bytes(number(rest)).All() {
			cells.Row(row, cell)
		}
	case "row":
		where, value := split(rest)
		r.each(where, func(row int) {
			if cell := r.value(value, r.sources[row]); cell != nil {
				cells.Row(row, cell)
			} else {
				cells.RowNull(row)
			}
		})
	}
}

// value returns a VALUE of a row of the batch, nil for null.
func (r *rows) value(spec string, row int) []byte {
	kind, rest := split(spec)
	switch kind {
	case "text":
		return []byte(rest)
	case "column":
		return r.cell(number(rest), row)
	case "file":
		return r.plugin.files[rest]
	case "last":
		value, _ := r.batch.Headers().Last(row, rest)
		return value
	case "headers":
		var texts []string
		for name, value := range r.batch.Headers().Row(row) {
			if value != nil {
				name += "=" + string(value)
			}
			texts = append(texts, name)
		}
		return []byte(strings.Join(texts, ","))
	case "seen":
		seen := fmt.Appendf(nil, "%s %d", r.batch.Topic(), r.batch.Partition())
		for at := range r.plugin.ints {
			seen = append(seen, '|')
			if cell := r.cell(at, row); cell != nil {
				seen = append(seen, cell...)
			} else {
				seen = append(seen, '-')
			}
		}
		return seen
	}
	return nil
}

// cell returns the bytes of a cell, integers in decimal digits; nil for null.
func (r *rows) cell(at, row int) []byte {
	if !r.plugin.ints[at] {
		cell, _ := r.batch.Bytes(at).Get(row)
		return cell
	}
	if cell, ok := r.batch.Ints(at).Get(row); ok {
		return strconv.AppendInt(nil, cell, 10)
	}
	return nil
}

// split returns a line's first word and the rest.
func split(line string) (first, rest string) {
	first, rest, _ = strings.Cut(line, " ")
	return first, rest
}

func number(text string) int {
	number, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return number
}

func input(spec string) weir.Input {
	kind, rest := split(spec)
	source, last := split(rest)
	switch kind {
	case "key":
		return weir.Key()
	case "value":
		return weir.Value()
	case "header":
		return weir.Header(rest)
	case "timestamp":
		return weir.Timestamp()
	case "timestamp-type":
		return weir.TimestampType()
	case "received":
		return weir.Received()
	case "offset":
		return weir.Offset()
	case "json":
		return of(source, weir.JSON(last))
	case "json-int":
		return of(source, weir.JSONInt(last))
	case "capture":
		group, pattern := split(last)
		return of(source, weir.Capture(pattern, uint32(number(group))))
	}
	panic("no such input: " + spec)
}

func of(source string, input weir.Input) weir.Input {
	if name, ok := strings.CutPrefix(source, "header:"); ok {
		return input.OfHeader(name)
	}
	if source == "key" {
		return input.OfKey()
	}
	return input
}

func init() { weir.Register(&reference{}) }

// main is not called: a plugin is a library.
func main() {}
