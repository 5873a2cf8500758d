package delivery

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// DepartmentReadiness is how far a department's data have come, for the city's digest.
type DepartmentReadiness struct {
	Department     string
	Catalogues     int // with at least one delivery
	Received       int64
	Landed         int64
	Quarantined    int64
	Duplicates     int64
	LinkedPerMille int // share of the landed rows naming a firm that are linked to one; 0 before the first linking
	LatestDelivery time.Time
}

// Readiness has one entry per department that ever delivered. Files that came a second time are not counted again.
func Readiness(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs) ([]DepartmentReadiness, error) {
	rows, err := l.DB().QueryContext(ctx, `SELECT department, count(DISTINCT catalogue), sum(received)::BIGINT, sum(landed)::BIGINT, sum(quarantined)::BIGINT, sum(duplicates)::BIGINT, max(known_on)
		FROM ledger.delivery GROUP BY department ORDER BY department`)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	var found []DepartmentReadiness
	for rows.Next() {
		var d DepartmentReadiness
		if err := rows.Scan(&d.Department, &d.Catalogues, &d.Received, &d.Landed, &d.Quarantined, &d.Duplicates, &d.LatestDelivery); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		found = append(found, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	return found, addLinked(ctx, l.DB(), contracts, found)
}

// addLinked tells, per department, which share of the rows that name a firm is linked: from the counts that the last linking kept, and where there
// are none by counting.
func addLinked(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, found []DepartmentReadiness) error {
	tables := map[string]bool{}
	rows, err := db.QueryContext(ctx, `SELECT table_name FROM duckdb_tables() WHERE schema_name = 'entity'`)
	if err != nil {
		return fmt.Errorf("look for links: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("look for links: %w", err)
		}
		tables[name] = true
	}
	if err := rows.Err(); err != nil || !tables["link"] {
		return err
	}
	for i, d := range found {
		counts := linkedCounts(contracts.Of(d.Department), tables["linked_rows"])
		if counts == "" {
			continue
		}
		statement := "SELECT coalesce(sum(linked) * 1000 // nullif(sum(rows), 0), 0)::BIGINT FROM (" + counts + ")"
		if err := db.QueryRowContext(ctx, statement).Scan(&found[i].LinkedPerMille); err != nil {
			return fmt.Errorf("count linked rows: %w", err)
		}
	}
	return nil
}

// linkedCounts is one row per catalogue: its rows that name a firm, and how many of them are linked.
func linkedCounts(contracts []*catalog.Contract, kept bool) string {
	var names, counts []string
	for _, c := range contracts {
		if c.HasFirm() {
			names = append(names, lake.Quote(c.Table()))
			counts = append(counts, fmt.Sprintf(
				"SELECT count(*) AS rows, count(k._identity) AS linked FROM %s AS v LEFT JOIN (SELECT DISTINCT _identity FROM entity.link WHERE catalogue = %s AND firm_id IS NOT NULL) AS k USING (_identity)",
				c.View(), lake.Quote(c.Table())))
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case kept:
		return "SELECT linked + unlinked AS rows, linked FROM entity.linked_rows WHERE catalogue IN (" + strings.Join(names, ", ") + ")"
	default:
		return strings.Join(counts, " UNION ALL ")
	}
}
