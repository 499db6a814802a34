// Tests of the package weir of the template, as a plugin sees it.
package tests

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"my-plugin/weir"
)

// plugin is a plugin made of its plan and a function.
type plugin struct {
	plan    *weir.Plan
	process func(*weir.Batch, *weir.Edits)
}

func (plugin) Describe() weir.Description { return weir.Description{} }

func (p plugin) Configure([]byte) (*weir.Plan, error) { return p.plan, nil }

func (p plugin) Process(batch *weir.Batch, edits *weir.Edits) error {
	p.process(batch, edits)
	return nil
}

// rows returns rows that are all of one null key.
func rows(count int) []weir.Row {
	rows := make([]weir.Row, count)
	for row := range rows {
		rows[row] = weir.Of(nil)
	}
	return rows
}

func write(t *testing.T, count int, process func(*weir.Edits)) []weir.Outcome {
	t.Helper()
	outcomes, err := weir.Try(plugin{weir.NewPlan(weir.Key()), func(_ *weir.Batch, edits *weir.Edits) {
		process(edits)
	}}, "{}", "in", rows(count)...)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// values shows what was written to the values: "-" where nothing was.
func values(outcomes []weir.Outcome) string {
	var shown []string
	for _, outcome := range outcomes {
		if outcome.Value == nil {
			shown = append(shown, "-")
		} else {
			shown = append(shown, *outcome.Value)
		}
	}
	return strings.Join(shown, " ")
}

func TestCellsOfEveryShapeSayWhatWasWritten(t *testing.T) {
	for want, process := range map[string]func(cells *weir.Cells){
		"- - -":               func(cells *weir.Cells) {},
		"x x x":               func(cells *weir.Cells) { cells.AllString("x") },
		"∅ ∅ ∅":               func(cells *weir.Cells) { cells.AllNull() },
		"ab - -":              func(cells *weir.Cells) { cells.RowString(0, "ab") },
		"- ∅ -":               func(cells *weir.Cells) { cells.RowNull(1) },
		"- - - - - - - c -":   func(cells *weir.Cells) { cells.RowString(7, "c") },
		"- b - - - - - c -":   func(cells *weir.Cells) { cells.RowString(7, "c"); cells.RowString(1, "b") },
		"x b x":               func(cells *weir.Cells) { cells.RowString(1, "b"); cells.All([]byte("x")) },
		"∅ b ∅":               func(cells *weir.Cells) { cells.AllNull(); cells.RowString(1, "b") },
		"x ∅ x":               func(cells *weir.Cells) { cells.AllString("x"); cells.RowNull(1) },
		"∅ b C":               lastWordCounts,
		"1 -2 3":              numbers,
		"- - - - ∅ - - - - d": func(cells *weir.Cells) { cells.RowNull(4); cells.Row(9, []byte("d")) },
		"a  c":                func(cells *weir.Cells) { cells.RowString(0, "a"); cells.Row(1, nil); cells.RowString(2, "c") },
		"- b - d e f g h - j": func(cells *weir.Cells) {
			for _, row := range []int{9, 1, 3, 4, 7, 5, 6} {
				cells.RowString(row, string(rune('a'+row)))
			}
		},
	} {
		count := strings.Count(want, " ") + 1
		if got := values(write(t, count, func(edits *weir.Edits) { process(edits.Value()) })); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func lastWordCounts(cells *weir.Cells) {
	cells.RowString(0, "gone")
	cells.RowString(2, "c")
	cells.RowNull(0)
	cells.RowNull(1)
	cells.RowString(1, "b")
	cells.RowString(2, "C")
}

func numbers(cells *weir.Cells) {
	for row, number := range []int{1, -2, 3} {
		cells.RowAppend(row, func(buffer []byte) []byte { return fmt.Append(buffer, number) })
	}
}

func TestHeadersKeepTheOrderOfTheirEdits(t *testing.T) {
	outcomes := write(t, 2, func(edits *weir.Edits) {
		edits.AppendHeader("a").RowString(1, "1")
		edits.AppendHeader("b").AllString("2")
		edits.AppendHeader("a").RowString(1, "3")
		edits.AppendHeader("a").RowString(1, "4")
		edits.AppendHeader("a").RowString(0, "5")
		edits.RemoveHeader("a").Row(0)
		edits.SetHeader("a").RowNull(0)
		edits.RemoveHeader("c").All()
		edits.SetHeader("never")
	})
	want := [][]string{
		{"append a=5", "append b=2", "remove a", "set a=∅", "remove c"},
		{"append a=1", "append a=3", "append a=4", "append b=2", "remove c"},
	}
	for row, outcome := range outcomes {
		if !reflect.DeepEqual(outcome.Headers, want[row]) {
			t.Errorf("row %d: got %q, want %q", row, outcome.Headers, want[row])
		}
	}
}

func TestWhatIsAppendedToAllComesBeforeRows(t *testing.T) {
	appended := plugin{weir.NewPlan(weir.Key()), func(_ *weir.Batch, edits *weir.Edits) {
		edits.AppendHeader("a").RowString(1, "1")
		edits.AppendHeader("a").AllString("all")
		edits.AppendHeader("a").RowNull(1)
		edits.AppendHeader("b").AllNull()
		edits.AppendHeader("b").RowString(0, "2")
	}}
	want := [][]string{
		{"append a=all", "append b=∅", "append b=2"},
		{"append a=all", "append a=1", "append a=∅", "append b=∅"},
	}
	outcomes, err := weir.Try(appended, "{}", "in", rows(2)...)
	if err != nil {
		t.Fatal(err)
	}
	for row, outcome := range outcomes {
		if !reflect.DeepEqual(outcome.Headers, want[row]) {
			t.Errorf("row %d: got %q, want %q", row, outcome.Headers, want[row])
		}
	}
}

func TestWhatIsNotWrittenStays(t *testing.T) {
	outcomes := write(t, 3, func(edits *weir.Edits) {
		edits.Timestamp(1, math.MinInt64)
		edits.RouteTo(2, "t")
		edits.Partition(0, 7)
	})
	for row, outcome := range outcomes {
		isStamped, isRouted, isPlaced := outcome.Timestamp != nil, outcome.Topic == "t", outcome.Partition == 7
		if isStamped != (row == 1) || isRouted != (row == 2) || isPlaced != (row == 0) {
			t.Errorf("row %d: %+v", row, outcome)
		}
		if outcome.Verdict != weir.Kept || outcome.Key != nil || outcome.Value != nil || outcome.Headers != nil {
			t.Errorf("row %d: %+v", row, outcome)
		}
	}
}

func TestAfterExpandRowsAreTheNewOnes(t *testing.T) {
	outcomes := write(t, 3, func(edits *weir.Edits) {
		edits.Expand([]int{0, 2, 2, 2})
		edits.DeadLetter(3, "why")
		edits.Key().RowString(2, "k")
	})
	if len(outcomes) != 4 || outcomes[1].Source != 2 || *outcomes[2].Key != "k" || outcomes[3].Reason != "why" {
		t.Errorf("%+v", outcomes)
	}
	if outcomes := write(t, 3, func(edits *weir.Edits) { edits.Expand(nil) }); len(outcomes) != 0 {
		t.Errorf("%+v", outcomes)
	}
}

func TestRowsThatAreNotThereFailTheBatch(t *testing.T) {
	for at, process := range []func(edits *weir.Edits){
		func(edits *weir.Edits) { edits.Drop(2) },
		func(edits *weir.Edits) { edits.Drop(-1) },
		func(edits *weir.Edits) { edits.DeadLetter(2, "why") },
		func(edits *weir.Edits) { edits.Timestamp(2, 0) },
		func(edits *weir.Edits) { edits.Partition(2, 0) },
		func(edits *weir.Edits) { edits.Partition(0, -1) },
		func(edits *weir.Edits) { edits.RouteTo(2, "t") },
		func(edits *weir.Edits) { edits.Route(0, 0) },
		func(edits *weir.Edits) { edits.Key().RowString(2, "k") },
		func(edits *weir.Edits) { edits.SetHeader("h").RowNull(2) },
		func(edits *weir.Edits) { edits.Expand([]int{0, 2}) },
		func(edits *weir.Edits) { edits.Expand([]int{1, 0}) },
		func(edits *weir.Edits) { edits.Drop(0); edits.Expand([]int{0}) },
	} {
		_, err := weir.Try(plugin{weir.NewPlan(weir.Key()), func(_ *weir.Batch, edits *weir.Edits) {
			process(edits)
		}}, "{}", "in", rows(2)...)
		if err == nil {
			t.Errorf("case %d was accepted", at)
		}
	}
}

func TestColumnsAndHeadersAreRead(t *testing.T) {
	plan := weir.NewPlan(weir.Value(), weir.JSONInt("/n")).AllHeaders()
	check := func(batch *weir.Batch, _ *weir.Edits) {
		values, numbers, headers := batch.Bytes(0), batch.Ints(1), batch.Headers()
		if cell, ok := values.Get(0); !ok || cell == nil || len(cell) != 0 {
			t.Error("an empty cell is not null")
		}
		if _, ok := values.Get(1); ok || !values.IsNull(1) {
			t.Error("a null cell is null")
		}
		if _, ok := values.Text(2); ok {
			t.Error("what is not UTF-8 is not text")
		}
		if number, ok := numbers.Get(0); !ok || number != math.MaxInt64 {
			t.Error("an integer is read")
		}
		if _, ok := numbers.Get(1); ok {
			t.Error("a null integer is null")
		}
		var read []string
		for name, value := range headers.Row(2) {
			read = append(read, name, string(value))
		}
		if strings.Join(read, ",") != "a,1,b,,a,2" {
			t.Errorf("headers: %q", read)
		}
		if last, ok := headers.Last(2, "a"); !ok || string(last) != "2" {
			t.Errorf("last: %q", last)
		}
		if last, ok := headers.Last(2, "b"); !ok || last != nil {
			t.Errorf("null: %q", last)
		}
		if _, ok := headers.Last(1, "a"); ok {
			t.Error("a header of another row")
		}
	}
	_, err := weir.Try(plugin{plan, check}, "{}", "in",
		weir.Row{Cells: []any{"", math.MaxInt64}},
		weir.Row{Cells: []any{nil, nil}, Headers: []string{"c", "3"}},
		weir.Row{Cells: []any{"\xff", 1}, Headers: []string{"a", "1", "b", weir.Null, "a", "2"}},
	)
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryMistakeOfAConfigHasItsPlace(t *testing.T) {
	type rule struct {
		Name  string `json:"name"`
		Group *uint8 `json:"group"`
	}
	type config struct {
		Rules []rule         `json:"rules"`
		Words map[string]int `json:"words"`
		On    bool           `json:"on"`
		Any   any            `json:"any"`
	}
	for text, want := range map[string]string{
		`{}`: "",
		`{"rules":[{"name":"a","group":3},{"group":null}],"words":{"a":1},"on":true,"any":null}`: "",
		`[1`:   ": the config is not JSON: unexpected end of JSON input",
		`7`:    ": must be an object, and is 7",
		`null`: ": must be an object, and is null",
		`{"rules":[{"name":1},{"nme":"a","group":300}],"on":null,"words":{"a/b~":"x"},"a/b":1}`: `/a~1b: is not a known key; known: ` + "`any`, `on`, `rules`, `words`" + `
/on: must be true or false, and is null
/rules/0/name: must be a string, and is 1
/rules/1/group: must be an integer from 0, and is 300
/rules/1/nme: is not a known key; known: ` + "`group`, `name`" + `
/words/a~1b~0: must be an integer, and is "x"`,
	} {
		got := ""
		var decoded config
		if err := weir.Decode([]byte(text), &decoded); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}
