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

// addLinked counts, per department, which share of the rows that name a firm is linked.
func addLinked(ctx context.Context, db *sql.DB, contracts *catalog.Catalogs, found []DepartmentReadiness) error {
	var linking bool
	if err := db.QueryRowContext(ctx, `SELECT count(*) > 0 FROM duckdb_tables() WHERE schema_name = 'entity' AND table_name = 'link'`).Scan(&linking); err != nil {
		return fmt.Errorf("look for links: %w", err)
	}
	if !linking {
		return nil
	}
	for i, d := range found {
		var counts []string
		for _, c := range contracts.Of(d.Department) {
			if c.HasFirm() {
				counts = append(counts, fmt.Sprintf(
					"SELECT count(*) AS rows, count(k._identity) AS linked FROM %s AS v LEFT JOIN (SELECT DISTINCT _identity FROM entity.link WHERE catalogue = %s AND firm_id IS NOT NULL) AS k USING (_identity)",
					c.View(), lake.Quote(c.Table())))
			}
		}
		if len(counts) == 0 {
			continue
		}
		statement := "SELECT coalesce(sum(linked) * 1000 // nullif(sum(rows), 0), 0)::BIGINT FROM (" + strings.Join(counts, " UNION ALL ") + ")"
		if err := db.QueryRowContext(ctx, statement).Scan(&found[i].LinkedPerMille); err != nil {
			return fmt.Errorf("count linked rows: %w", err)
		}
	}
	return nil
}
