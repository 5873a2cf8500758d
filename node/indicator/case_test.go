package indicator

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/entity"
)

// A case is a text file: tables in, the expected table out. A block begins with its table's name ("linked.tax__sales_invoice",
// "entity.firm", "spine", "expect"), then a line of columns and lines of values, parted by |; an empty value is NULL. Columns left out are
// NULL, but _known_on, which is long ago. Lines that begin with # say what the case shows.
type block struct {
	name    string
	columns []string
	rows    [][]string
	line    int
}

func readCase(t *testing.T, path string) []block {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	fresh := true
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			fresh = true
		case fresh:
			blocks = append(blocks, block{name: line, line: i + 1})
			fresh = false
		default:
			b := &blocks[len(blocks)-1]
			var values []string
			for _, v := range strings.Split(line, "|") {
				values = append(values, strings.TrimSpace(v))
			}
			if b.columns == nil {
				b.columns = values
				continue
			}
			if len(values) != len(b.columns) {
				t.Fatalf("%s:%d: %d values for %d columns", path, i+1, len(values), len(b.columns))
			}
			b.rows = append(b.rows, values)
		}
	}
	return blocks
}

// openCity is an engine with the linked tables of the contracts, empty; with those that indicators read where none is named.
func openCity(t *testing.T, linked ...*catalog.Contract) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if len(linked) == 0 {
		linked = readCatalogues(t)
	}
	if err := entity.Prepare(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	for _, c := range linked {
		columns := []string{"firm_id BIGINT", "_delivery VARCHAR", "_row BIGINT", "_known_on DATE DEFAULT DATE '2000-01-01'", "_superseded_on DATE", "_identity UBIGINT", "_id BIGINT"}
		for _, f := range c.Fields {
			columns = append(columns, f.Name+" "+f.Type.SQL())
		}
		run(t, db, fmt.Sprintf("CREATE TABLE linked.%s (%s)", c.Table(), strings.Join(columns, ", ")))
	}
	run(t, db, "CREATE TABLE spine_asked (firm_id BIGINT, as_of DATE, period_end DATE)")
	return db
}

func run(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%v\nin %s", err, query)
	}
}

func fill(t *testing.T, db *sql.DB, b block) {
	t.Helper()
	table := b.name
	if table == "spine" {
		table = "spine_asked"
	}
	for _, row := range b.rows {
		values := make([]string, len(row))
		for i, v := range row {
			values[i] = "NULL"
			if v != "" {
				values[i] = "'" + strings.ReplaceAll(v, "'", "''") + "'"
			}
		}
		run(t, db, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(b.columns, ", "), strings.Join(values, ", ")))
	}
}

// values reads figures of one spine row; NaN is NULL.
func values(ctx context.Context, db *sql.DB, table string, columns []string, firm, asOf string) ([]float64, error) {
	found := make([]sql.NullFloat64, len(columns))
	into := make([]any, len(columns))
	for i := range found {
		into[i] = &found[i]
	}
	query := fmt.Sprintf("SELECT %s FROM %s WHERE firm_id = %s AND as_of = '%s'", strings.Join(columns, ", "), table, firm, asOf)
	if err := db.QueryRowContext(ctx, query).Scan(into...); err != nil {
		return nil, fmt.Errorf("%w in %s", err, query)
	}
	out := make([]float64, len(columns))
	for i, v := range found {
		out[i] = math.NaN()
		if v.Valid {
			out[i] = v.Float64
		}
	}
	return out, nil
}

func TestCases(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) < len(groups) {
		t.Fatalf("%d cases for %d groups of SQL (%v)", len(paths), len(groups), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) { playCase(t, path) })
	}
}

func playCase(t *testing.T, path string) {
	db := openCity(t)
	var expected []block
	for _, b := range readCase(t, path) {
		if b.name == "expect" {
			expected = append(expected, b)
			continue
		}
		fill(t, db, b)
	}
	if err := Compute(t.Context(), db, "spine_asked", "figures"); err != nil {
		t.Fatal(err)
	}
	if len(expected) == 0 {
		t.Fatalf("%s expects nothing", path)
	}
	for _, b := range expected {
		for _, row := range b.rows {
			got, err := values(t.Context(), db, "figures", b.columns[2:], row[0], row[1])
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range row[2:] {
				if text := show(got[i]); !same(got[i], want) {
					t.Errorf("%s:%d: firm %s as of %s: %s is %s, expected %q", path, b.line, row[0], row[1], b.columns[i+2], text, want)
				}
			}
		}
	}
}

func same(got float64, want string) bool {
	if want == "" {
		return math.IsNaN(got)
	}
	w, err := strconv.ParseFloat(want, 64)
	return err == nil && math.Abs(got-w) <= 1e-4*math.Max(1, math.Abs(w))
}

func show(v float64) string {
	if math.IsNaN(v) {
		return "NULL"
	}
	return strconv.FormatFloat(v, 'g', 8, 64)
}
