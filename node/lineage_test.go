package node_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/node"
)

// The rows that lineage names are those that a figure was counted from, and they stand in the delivered files where it says; when retention ends them,
// the next refresh counts without them.
func TestFiguresLeadBackToDeliveredRows(t *testing.T) {
	dir, n := makeCity(t, 150)
	load(t, n, filepath.Join(dir, "deliveries"))
	refresh(t, n, node.RefreshOptions{})
	var usci string
	var value float64
	err := n.DB().QueryRowContext(t.Context(), "SELECT usci, enforcements_36m FROM refresh.figure JOIN entity.firm USING (firm_id) ORDER BY enforcements_36m DESC NULLS LAST, usci LIMIT 1").Scan(&usci, &value)
	if err != nil || value == 0 {
		t.Fatalf("no firm is under enforcement: %v", err)
	}
	l, err := n.Lineage(t.Context(), strings.ToLower(usci), "enforcements_36m", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if l.Value == nil || *l.Value != value || len(l.Sources) != 1 || l.Sources[0].From == "" {
		t.Fatalf("lineage %+v, want the value %v", l, value)
	}
	cases, rows := map[string]bool{}, int64(0)
	for _, d := range l.Sources[0].Deliveries {
		for _, row := range d.Rows {
			rows++
			var no string
			err := n.DB().QueryRowContext(t.Context(), fmt.Sprintf("SELECT case_no FROM landed.court__enforcement WHERE _id = %d AND filed_on > DATE '%s' - INTERVAL 36 MONTH", d.Number<<32+row, l.AsOf)).Scan(&no)
			if err != nil {
				continue // on the edge of the window
			}
			cases[no] = true
			text, err := os.ReadFile(filepath.Join(dir, "deliveries", "court", d.File))
			if err != nil {
				t.Fatal(err)
			}
			if line := strings.Split(string(text), "\n")[row]; !strings.Contains(line, no) {
				t.Errorf("row %d of %s does not hold the case", row, d.File)
			}
		}
	}
	if rows != l.Sources[0].Rows || float64(len(cases)) != value {
		t.Errorf("%d rows and %d cases, the figure is %v", rows, len(cases), value)
	}
	if _, err := n.Lineage(t.Context(), "91341500MA2EXAMP0X", "enforcements_36m", time.Time{}); err == nil || !strings.Contains(err.Error(), "no firm") {
		t.Errorf("an unknown firm: %v", err)
	}
	if _, err := n.Lineage(t.Context(), usci, "luck", time.Time{}); err == nil || !strings.Contains(err.Error(), "luck") {
		t.Errorf("an unknown indicator: %v", err)
	}
	ended, err := n.Retain(t.Context(), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC), true)
	if err != nil || ended.Landed == 0 {
		t.Fatalf("%+v %v", ended, err)
	}
	if report, err := n.Verify(t.Context()); err != nil || !report.OK {
		t.Errorf("after the retention: %v %v", report.Problems, err)
	}
	if _, err := n.Lineage(t.Context(), usci, "enforcements_36m", time.Time{}); err == nil || !strings.Contains(err.Error(), "refresh") {
		t.Errorf("figures that rest on rows which are gone: %v", err)
	}
}
