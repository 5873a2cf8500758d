package gate

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/node/gate/gatetest"
)

// ReportForTest makes the report about the only firm of a snapshot, as it goes through the folder current/.
func ReportForTest(t testing.TB, s gatetest.Snapshot) *borderv1.CreditResult {
	t.Helper()
	dir := t.TempDir()
	gatetest.Write(t, dir, s)
	loaded, err := loadSnapshot(context.Background(), filepath.Join(dir, "current"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range loaded.firms {
		return loaded.report(f, "01JZZZZZZZZZZZZZZZZZZZZZZZ", &borderv1.Grant{Id: "01JZZZZZZZZZZZZZZZZZZZZZZZ", DataClasses: border.CreditClasses()})
	}
	return nil
}

// HandlePhases is Handle with the time of each part: checks and verdict, its own record, the log.
func (g *Gate) HandlePhases(ctx context.Context, e *borderv1.Envelope) (open, decide, settle time.Duration, err error) {
	start := time.Now()
	m, refused := g.open(e)
	open = time.Since(start)
	start = time.Now()
	d, err := g.decide(ctx, e, m, refused)
	decide = time.Since(start)
	start = time.Now()
	if err == nil {
		err = g.settle(ctx, d.leaves)
	}
	return open, decide, time.Since(start), err
}
