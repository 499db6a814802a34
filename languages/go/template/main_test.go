//go:build !wasip1

package main

import (
	"testing"

	"my-plugin/weir"
)

func TestRecordsAreRoutedByTheirType(t *testing.T) {
	outcomes, err := weir.Try(&router{}, `{"drop":"noise"}`, "in",
		weir.Of("click", "7"),
		weir.Of("noise", "7"),
		weir.Of("view", nil),
		weir.Of(nil, "7"),
	)
	if err != nil {
		t.Fatal(err)
	}
	if click := outcomes[0]; click.Topic != "clicks" || click.Headers[0] != "set seen-by=weir" {
		t.Errorf("a click: %+v", click)
	}
	if noise := outcomes[1]; noise.Verdict != weir.Dropped {
		t.Errorf("noise: %+v", noise)
	}
	if view := outcomes[2]; view.Verdict != weir.DeadLettered || view.Reason != "no userId" {
		t.Errorf("a view without a user: %+v", view)
	}
	if other := outcomes[3]; other.Verdict != weir.Kept || other.Topic != "" {
		t.Errorf("a record without a type: %+v", other)
	}
}

func TestAllMistakesOfTheConfigAreNamed(t *testing.T) {
	_, err := weir.Try(&router{}, `{"drop":7,"dorp":"a"}`, "in")
	want := "/dorp: is not a known key; known: `drop`\n/drop: must be a string, and is 7"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
