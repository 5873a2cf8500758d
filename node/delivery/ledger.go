package delivery

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

//go:embed sql/ledger.sql
var ledgerSQL string

// landedFolder holds the Parquet files, under the lake's folder: landed/DEPARTMENT/CATALOGUE/NUMBER.parquet.
const landedFolder = "landed"

// Prepare makes the ledger and a landed view for every contract, and sweeps the files that a crash left without an entry in the ledger.
func Prepare(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs) error {
	if _, err := l.DB().ExecContext(ctx, ledgerSQL); err != nil {
		return fmt.Errorf("prepare the ledger: %w", err)
	}
	segments, err := allSegments(ctx, l.DB())
	if err != nil {
		return err
	}
	if err := sweep(l.Dir(), segments); err != nil {
		return err
	}
	return makeViews(ctx, l, contracts, segments)
}

// segment is a Parquet file of landed rows.
type segment struct {
	path                  string
	department, catalogue string
	rows, bytes           int64
	sha256                string
	fields                []string
}

func allSegments(ctx context.Context, db *sql.DB) ([]segment, error) {
	rows, err := db.QueryContext(ctx, `SELECT path, department, catalogue, rows, bytes, sha256, array_to_string(fields, ',') FROM ledger.segment ORDER BY path`)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	var found []segment
	for rows.Next() {
		var s segment
		var fields string
		if err := rows.Scan(&s.path, &s.department, &s.catalogue, &s.rows, &s.bytes, &s.sha256, &fields); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		s.fields = strings.Split(fields, ",")
		found = append(found, s)
	}
	return found, rows.Err()
}

// sweep removes every file under landed that the ledger does not know.
func sweep(dir string, segments []segment) error {
	orphans, err := orphans(dir, segments)
	if err != nil {
		return err
	}
	for _, path := range orphans {
		if err := os.Remove(filepath.Join(dir, path)); err != nil {
			return fmt.Errorf("sweep the lake: %w", err)
		}
	}
	return nil
}

// orphans are the files under landed that no segment of the ledger names, as paths under the lake's folder.
func orphans(dir string, segments []segment) ([]string, error) {
	known := map[string]bool{}
	for _, s := range segments {
		known[s.path] = true
	}
	var found []string
	err := filepath.WalkDir(filepath.Join(dir, landedFolder), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		within, err := filepath.Rel(dir, path)
		if err == nil && !known[filepath.ToSlash(within)] {
			found = append(found, filepath.ToSlash(within))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for stray files in the lake: %w", err)
	}
	return found, nil
}

// makeViews makes the landed view of every contract. Views that already say the same are left alone; they say other things when the lake's folder
// was moved or a contract has changed.
func makeViews(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, segments []segment) error {
	superseded, err := catalogsWithSuperseded(ctx, l.DB())
	if err != nil {
		return err
	}
	existing, err := existingViews(ctx, l.DB())
	if err != nil {
		return err
	}
	for _, c := range contracts.All() {
		statement := viewSQL(c, l.Dir(), segmentsOf(c, segments), superseded[c.Table()])
		if existing[c.Table()] == fingerprint(statement) {
			continue
		}
		if err := replaceView(ctx, l.DB(), c, statement); err != nil {
			return err
		}
	}
	return nil
}

// execer is a connection or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// replaceView makes a view and notes as its comment what it was made from.
func replaceView(ctx context.Context, db execer, c *catalog.Contract, statement string) error {
	_, err := db.ExecContext(ctx, statement+";\nCOMMENT ON VIEW "+c.View()+" IS "+lake.Quote(fingerprint(statement)))
	if err != nil {
		return fmt.Errorf("make the view %s: %w", c.View(), err)
	}
	return nil
}

func existingViews(ctx context.Context, db *sql.DB) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT view_name, coalesce(comment, '') FROM duckdb_views() WHERE schema_name = 'landed'`)
	if err != nil {
		return nil, fmt.Errorf("read the lake's views: %w", err)
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var name, comment string
		if err := rows.Scan(&name, &comment); err != nil {
			return nil, fmt.Errorf("read the lake's views: %w", err)
		}
		found[name] = comment
	}
	return found, rows.Err()
}

func catalogsWithSuperseded(ctx context.Context, db *sql.DB) (map[string]bool, error) {
	rows, err := db.QueryContext(ctx, `SELECT DISTINCT department || '__' || catalogue FROM ledger.superseded`)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		found[name] = true
	}
	return found, rows.Err()
}

func segmentsOf(c *catalog.Contract, segments []segment) []segment {
	var found []segment
	for _, s := range segments {
		if s.department == c.Department && s.catalogue == c.Name {
			found = append(found, s)
		}
	}
	return found
}

// viewSQL is the landed view of a contract over its segments; without any it is empty but has the right types. Fields that came to the contract
// after a segment was written are NULL in its rows.
func viewSQL(c *catalog.Contract, dir string, segments []segment, superseded bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE OR REPLACE VIEW %s AS SELECT ", c.View())
	for _, f := range c.Fields {
		if slices.ContainsFunc(segments, func(s segment) bool { return slices.Contains(s.fields, f.Name) }) {
			fmt.Fprintf(&b, "p.%s::%s AS %s, ", f.Name, f.Type.SQL(), f.Name)
		} else {
			fmt.Fprintf(&b, "NULL::%s AS %s, ", f.Type.SQL(), f.Name)
		}
	}
	if len(segments) == 0 {
		b.WriteString("NULL::VARCHAR AS _delivery, NULL::BIGINT AS _row, NULL::DATE AS _known_on, NULL::DATE AS _superseded_on")
		if c.HasFirm() {
			b.WriteString(", NULL::UBIGINT AS _identity")
		}
		b.WriteString(" WHERE false")
		return b.String()
	}
	b.WriteString("p._delivery, p._row, p._known_on, ")
	if superseded {
		b.WriteString("coalesce(s.superseded_on, p._superseded_on) AS _superseded_on")
	} else {
		b.WriteString("p._superseded_on")
	}
	if c.HasFirm() {
		b.WriteString(", p._identity")
	}
	fmt.Fprintf(&b, " FROM %s AS p", readSegments(dir, segments))
	if superseded {
		fmt.Fprintf(&b, " LEFT JOIN (SELECT id, superseded_on FROM ledger.superseded WHERE department = %s AND catalogue = %s) AS s ON s.id = p._id",
			lake.Quote(c.Department), lake.Quote(c.Name))
	}
	return b.String()
}

func readSegments(dir string, segments []segment) string {
	paths := make([]string, len(segments))
	for i, s := range segments {
		paths[i] = lake.Path(filepath.Join(dir, s.path))
	}
	return "read_parquet([" + strings.Join(paths, ", ") + "], union_by_name = true)"
}
