package entity_test

import (
	"bufio"
	"compress/gzip"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the engine

	"github.com/yidaitong/yidaitong/node/entity"
	"github.com/yidaitong/yidaitong/node/entity/entitytest"
	"github.com/yidaitong/yidaitong/node/lake"
)

// realNames are trade names as written in the wild (shared/data/README.md, names), or none where they are not on this machine.
func realNames(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "names", "trade_names.txt.gz"))
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("CI") == "true" {
			t.Fatal("the trade names of shared/data/names are not here")
		}
		t.Skip("the trade names of shared/data/names are not here: not measured on real names")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for lines := bufio.NewScanner(z); lines.Scan(); {
		if name := strings.TrimSpace(lines.Text()); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// measured is how links compare with the truth.
type measured struct {
	precision, recall, outside float64
	namesakes                  int64 // linked records about a firm that differs from one of the reference in one part of its name
}

func measureFiles(t *testing.T, o entitytest.Options) measured {
	t.Helper()
	dir := t.TempDir()
	files, err := entitytest.Write(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "Y.csv")
	if _, err := entity.MatchFiles(t.Context(), files.Reference, files.Records, out); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var m measured
	err = db.QueryRowContext(t.Context(), `SELECT count(*) FILTER (l.firm_id = t.firm_id) / count(l.firm_id), count(*) FILTER (l.firm_id = t.firm_id) / count(t.firm_id),
			count(l.firm_id) FILTER (t.firm_id IS NULL) / count(*) FILTER (t.firm_id IS NULL), count(l.firm_id) FILTER (origin NOT IN ('inside', 'outside'))
		FROM read_csv(`+lake.Path(files.Truth)+`, all_varchar = true) t JOIN read_csv(`+lake.Path(out)+`, all_varchar = true) l USING (record_id)`).
		Scan(&m.precision, &m.recall, &m.outside, &m.namesakes)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("precision %.5f, recall %.5f, F1 %.5f, %.4f of the records about firms outside are linked, %d of them namesakes", m.precision, m.recall, m.f1(), m.outside, m.namesakes)
	return m
}

func (m measured) f1() float64 { return 2 * m.precision * m.recall / (m.precision + m.recall) }

// TestHardRecords measures what is promised: F1 and precision at 15 % damaged identifiers, and firms outside the reference that stay unmatched, half of
// which differ from a firm of the reference in division, industry or form only, and some of which share its head or its address.
func TestHardRecords(t *testing.T) {
	o := entitytest.Options{Firms: 2000, Records: 12000, Seed: 11, Damage: 0.15, Bare: 0.08, Outside: 0.2}
	t.Run("made names", func(t *testing.T) { checkHard(t, o, 0.98) })
	t.Run("real names", func(t *testing.T) {
		o := o
		o.Trades = realNames(t)
		checkHard(t, o, 0.98)
	})
	// Records that bear no identifier at all. Those of individual businesses that give nothing but a name cannot be linked: such names repeat.
	t.Run("no identifiers", func(t *testing.T) {
		o := o
		o.Bare = 1
		checkHard(t, o, 0.94)
	})
}

func checkHard(t *testing.T, o entitytest.Options, f1 float64) {
	t.Helper()
	m := measureFiles(t, o)
	if m.f1() < f1 || m.precision < 0.995 || m.outside > 0.01 {
		t.Errorf("F1 %.5f (at least %.2f), precision %.5f, outside %.4f", m.f1(), f1, m.precision, m.outside)
	}
}
