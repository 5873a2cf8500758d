package lending

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write states.md again")

// TestTheDrawingIsTheTable keeps states.md what the table says: go test -run Drawing -update writes it.
func TestTheDrawingIsTheTable(t *testing.T) {
	want := draw()
	if *update {
		if err := os.WriteFile("states.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("states.md")
	if err != nil || string(got) != want {
		t.Errorf("states.md is not what the table says (%v); run this test with -update", err)
	}
}

// draw writes the state machine as a diagram and two tables.
func draw() string {
	var out strings.Builder
	fmt.Fprintf(&out, "# The way of an application\n\nWritten by a test from the table in states.go.\n\n```mermaid\nstateDiagram-v2\n    [*] --> %s\n", Draft)
	for _, row := range Table() {
		fmt.Fprintf(&out, "    %s --> %s: %s\n", row.From, row.To, row.Event)
	}
	for _, s := range States() {
		if s.Final() {
			fmt.Fprintf(&out, "    %s --> [*]\n", s)
		}
	}
	out.WriteString("```\n\n| from | event | guard | to | who |\n|---|---|---|---|---|\n")
	for _, row := range Table() {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", row.From, row.Event, row.Guard, row.To, row.Who)
	}
	out.WriteString("\n| waiting state | whose turn | by when |\n|---|---|---|\n")
	for _, w := range Waitings() {
		when := "the product's or the schedule's date"
		if w.Within > 0 {
			when = fmt.Sprintf("%d days", w.Within/day)
		}
		fmt.Fprintf(&out, "| %s | %s | %s |\n", w.State, w.Owner, when)
	}
	return out.String()
}
