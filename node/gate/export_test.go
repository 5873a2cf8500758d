package gate

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/node/gate/gatetest"
)

// ReportsForTest makes the reports about the firms of a snapshot, as it goes through the folder current/, under a grant over everything.
func ReportsForTest(t testing.TB, s gatetest.Snapshot) []*borderv1.CreditResult {
	t.Helper()
	dir := t.TempDir()
	gatetest.Write(t, dir, s)
	loaded, err := loadSnapshot(context.Background(), filepath.Join(dir, "current"))
	if err != nil {
		t.Fatal(err)
	}
	var all []*borderv1.CreditResult
	for _, f := range loaded.firms {
		r := loaded.report(f, "01JZZZZZZZZZZZZZZZZZZZZZZZ", &borderv1.Grant{Id: "01JZZZZZZZZZZZZZZZZZZZZZZZ", DataClasses: border.CreditClasses()})
		if r != nil {
			all = append(all, r)
		}
	}
	return all
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

// BenchmarkLoad reads the snapshot of a large city: 200,000 firms with six scores each, 400,000 events, a million residents.
func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	gatetest.Write(b, dir, gatetest.Snapshot{Generation: 1, Firms: []gatetest.Firm{gatetest.Good(1, "六安市皋城农业科技有限公司")}})
	current := filepath.Join(dir, "current")
	db, err := sql.Open("duckdb", "")
	if err != nil {
		b.Fatal(err)
	}
	for file, query := range map[string]string{
		"firm":   `select * replace (i as firm_id, '9134150' || printf('%011d', i) as usci) from read_parquet('firm.parquet'), range(200000) r(i)`,
		"trend":  `select i // 6 as firm_id, date '2025-07-15' + cast(i % 6 * 90 as integer) as as_of, 600 + i % 100 as score from range(1200000) r(i)`,
		"event":  `select i // 2 as firm_id, 1 + i % 10 as alert_code, 2 as severity, date '2026-08-01' as known_on, 'key-' || i as event_key from range(400000) r(i)`,
		"person": `select '34150219800101' || printf('%06d', i) as resident_id, '王小明' as person_name from range(1000000) r(i)`,
	} {
		query = strings.ReplaceAll(query, "firm.parquet", filepath.Join(current, "firm.parquet"))
		for _, statement := range []string{"create table " + file + " as " + query,
			"copy " + file + " to '" + filepath.Join(current, file+".parquet") + "' (format parquet)"} {
			if _, err := db.ExecContext(b.Context(), statement); err != nil {
				b.Fatal(err)
			}
		}
	}
	db.Close()
	for b.Loop() {
		s, err := loadSnapshot(b.Context(), current)
		if err != nil || len(s.firms) != 200_000 || len(s.persons) != 1_000_000 {
			b.Fatal(err)
		}
	}
}
