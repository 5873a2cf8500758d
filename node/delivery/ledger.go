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

// Prepare makes the ledger and a landed view for every contract, and sweeps the files that a crash left without an entry in the ledger.
func Prepare(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs) error {
	if _, err := l.DB().ExecContext(ctx, ledgerSQL); err != nil {
		return fmt.Errorf("prepare the ledger: %w", err)
	}
	all, err := states(ctx, l.DB())
	if err != nil {
		return err
	}
	var segments []segment
	for _, each := range all {
		segments = append(segments, each.segments...)
	}
	if err := sweep(l.Dir(), segments); err != nil {
		return err
	}
	if err := fillIdentityTables(ctx, l, contracts, all); err != nil {
		return err
	}
	return makeViews(ctx, l, contracts, all)
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
func makeViews(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, all map[string]*state) error {
	existing, err := existingViews(ctx, l.DB())
	if err != nil {
		return err
	}
	var statements []string
	for _, c := range contracts.All() {
		its := all[c.Table()]
		if its == nil {
			its = &state{}
		}
		if statement := viewSQL(c, l.Dir(), its); existing[c.Table()] != fingerprint(statement) {
			statements = append(statements, commented(c, statement))
		}
	}
	if len(statements) == 0 {
		return nil
	}
	// One transaction for all: a commit each would take a new lake of three hundred catalogues seconds.
	statement := "BEGIN;\n" + strings.Join(statements, ";\n") + ";\nCOMMIT"
	if _, err := l.DB().ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("make the landed views: %w", err)
	}
	return nil
}

// execer is a connection or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// replaceView makes a view.
func replaceView(ctx context.Context, db execer, c *catalog.Contract, statement string) error {
	if _, err := db.ExecContext(ctx, commented(c, statement)); err != nil {
		return fmt.Errorf("make the view %s: %w", c.View(), err)
	}
	return nil
}

// commented notes as a view's comment what it was made from.
func commented(c *catalog.Contract, statement string) string {
	return statement + ";\nCOMMENT ON VIEW " + c.View() + " IS " + lake.Quote(fingerprint(statement))
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
func viewSQL(c *catalog.Contract, dir string, its *state) string {
	segments := its.segments
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
		b.WriteString(", NULL::BIGINT AS _id WHERE false")
		return b.String()
	}
	b.WriteString("p._delivery, p._row, p._known_on, ")
	if its.superseded {
		b.WriteString("CASE WHEN s.id IS NULL THEN p._superseded_on ELSE s.superseded_on END AS _superseded_on")
	} else {
		b.WriteString("p._superseded_on")
	}
	if c.HasFirm() {
		b.WriteString(", p._identity")
	}
	fmt.Fprintf(&b, ", p._id FROM %s AS p", readSegments(dir, segments))
	if its.superseded {
		fmt.Fprintf(&b, " LEFT JOIN (SELECT id, superseded_on FROM ledger.superseded WHERE department = %s AND catalogue = %s) AS s ON s.id = p._id",
			lake.Quote(c.Department), lake.Quote(c.Name))
	}
	if its.ends() {
		b.WriteString(" WHERE p._ends IS NOT TRUE")
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
