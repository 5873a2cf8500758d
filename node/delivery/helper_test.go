package delivery_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/delivery"
	"github.com/yidaitong/yidaitong/node/lake"
)

// today is the day on which files without a date in their name are delivered.
var today = time.Date(2026, 10, 16, 9, 0, 0, 0, time.UTC)

// house is a lake with the contracts of the tree, for one test.
type house struct {
	t         *testing.T
	dir       string
	lake      *lake.Lake
	contracts *catalog.Catalogs
}

// theContracts are the tree's contracts, read once for all tests.
var theContracts = sync.OnceValues(func() (*catalog.Catalogs, error) { return catalog.Load(catalogs.FS) })

func newHouse(t *testing.T) *house {
	t.Helper()
	contracts, err := theContracts()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, dir: filepath.Join(t.TempDir(), "lake"), contracts: contracts}
	h.open()
	t.Cleanup(h.close)
	return h
}

func (h *house) open() {
	h.t.Helper()
	l, err := lake.Open(h.t.Context(), h.dir, lake.Options{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.lake = l
	if err := delivery.Prepare(h.t.Context(), l, h.contracts); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	if h.lake == nil {
		return
	}
	if err := h.lake.Close(); err != nil {
		h.t.Error(err)
	}
	h.lake = nil
}

func (h *house) load(paths ...string) delivery.LoadReport {
	h.t.Helper()
	report, err := delivery.Load(h.t.Context(), h.lake, h.contracts, paths, delivery.LoadOptions{Clock: func() time.Time { return today }})
	if err != nil {
		for e := err; e != nil; e = errors.Unwrap(e) {
			h.t.Log(e)
		}
		h.t.Fatal(err)
	}
	return report
}

// file writes a file of a department under a new folder and returns its path.
func (h *house) file(department, name, content string) string {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), department, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// query returns a result as rows of text, NULL as "∅".
func (h *house) query(statement string) [][]string {
	h.t.Helper()
	return queryRows(h.t, h.lake.DB(), statement)
}

func queryRows(t *testing.T, db *sql.DB, statement string) [][]string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "SELECT COLUMNS(*)::VARCHAR FROM ("+statement+")")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var result [][]string
	for rows.Next() {
		cells := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, c := range cells {
			row[i] = "∅"
			if c.Valid {
				row[i] = c.String
			}
		}
		result = append(result, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return result
}

// sharedData is a folder of the real data, beside the repository; the test is skipped where it is absent.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the real data in shared/data/%s are absent", name)
		}
		t.Skipf("the real data in shared/data/%s are absent", name)
	}
	return dir
}
