package indicator

import (
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/catalogs"
	"github.com/yidaitong/yidaitong/node/catalog"
)

func TestEveryReasonIsDeclaredOnce(t *testing.T) {
	seen := map[borderv1.Reason]bool{}
	last := borderv1.Reason(0)
	for _, i := range All() {
		if seen[i.Reason] || i.Reason <= last {
			t.Errorf("%s stands twice or out of order", i.Name)
		}
		seen[i.Reason], last = true, i.Reason
		for what, text := range map[string]string{
			"TitleZH": i.TitleZH, "TitleEN": i.TitleEN, "MeaningZH": i.MeaningZH, "MeaningEN": i.MeaningEN, "Formula": i.Formula,
			"Unit": i.Unit, "Window": i.Window, "MissingMeaning": i.MissingMeaning, "Owner": i.Owner,
		} {
			if text == "" {
				t.Errorf("%s has no %s", i.Name, what)
			}
		}
		if i.Dimension == 0 || i.Version == 0 || i.SecurityGrade == 0 || i.Direction < -1 || i.Direction > 1 {
			t.Errorf("%s is incomplete: %+v", i.Name, i)
		}
	}
	for n, name := range borderv1.Reason_name {
		if n != 0 && !seen[borderv1.Reason(n)] {
			t.Errorf("%s has no indicator", name)
		}
	}
}

func TestSourcesAreCatalogues(t *testing.T) {
	contracts, err := catalog.Load(catalogs.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range All() {
		if len(i.Sources) == 0 {
			t.Errorf("%s has no source", i.Name)
		}
		for _, source := range i.Sources {
			department, name, _ := strings.Cut(source, "/")
			if _, ok := contracts.Find(department, name); !ok {
				t.Errorf("%s: %s is no catalogue", i.Name, source)
			}
		}
	}
}

func TestEveryQueryRuns(t *testing.T) {
	files, err := fs.Glob(queries, "sql/*.sql")
	if err != nil || len(files) != len(gathered)+len(groups) {
		t.Fatalf("%d files of SQL for %d groups (%v)", len(files), len(groups), err)
	}
}

// TestTheFutureChangesNothing plays every case twice, the second time with its rows delivered again a day after the last date asked for, with
// other figures: what was true as of a date stays so.
func TestTheFutureChangesNothing(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			db := openCity(t)
			tables := map[string]bool{}
			for _, b := range readCase(t, path) {
				if b.name == "expect" {
					continue
				}
				fill(t, db, b)
				tables[b.name] = strings.HasPrefix(b.name, "linked.")
			}
			if err := Compute(t.Context(), db, "spine_asked", "before"); err != nil {
				t.Fatal(err)
			}
			for table, isLinked := range tables {
				if isLinked {
					deliverTomorrow(t, db, table)
				}
			}
			if err := Compute(t.Context(), db, "spine_asked", "after"); err != nil {
				t.Fatal(err)
			}
			var moved int
			if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM (FROM before EXCEPT FROM after)").Scan(&moved); err != nil {
				t.Fatal(err)
			}
			if moved != 0 {
				t.Errorf("%d rows changed with what was delivered later", moved)
			}
		})
	}
}

// deliverTomorrow supersedes every row of the table on the day after the last as_of and delivers it again with other figures.
func deliverTomorrow(t *testing.T, db *sql.DB, table string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT column_name FROM duckdb_columns()
		WHERE schema_name || '.' || table_name = ? AND (data_type LIKE 'DECIMAL%' OR column_name IN ('kwh', 'headcount', 'overdue_days'))`, table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	other := []string{"(SELECT max(as_of) + 1 FROM spine_asked) AS _known_on"}
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		other = append(other, fmt.Sprintf("2 * %s + 1 AS %s", column, column))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	run(t, db, fmt.Sprintf("CREATE OR REPLACE TABLE later AS SELECT * REPLACE (%s) FROM %s", strings.Join(other, ", "), table))
	run(t, db, fmt.Sprintf("UPDATE %s SET _superseded_on = (SELECT max(as_of) + 1 FROM spine_asked) WHERE _superseded_on IS NULL", table))
	run(t, db, fmt.Sprintf("INSERT INTO %s FROM later", table))
}

func TestComputeRefusesABrokenSpine(t *testing.T) {
	for name, row := range map[string]string{
		"within a month": "(1, '2024-04-15', '2024-03-30')",
		"after as_of":    "(1, '2024-03-15', '2024-03-31')",
		"twice":          "(1, '2024-04-15', '2024-03-31'), (1, '2024-04-15', '2023-12-31')",
	} {
		t.Run(name, func(t *testing.T) {
			db := openCity(t)
			run(t, db, "INSERT INTO spine_asked VALUES "+row)
			if err := Compute(t.Context(), db, "spine_asked", "figures"); err == nil {
				t.Error("computed all the same")
			}
		})
	}
}
