package quality

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

//go:embed sql/schema.sql
var schemaSQL string

// Prepare makes the schema quality where it is not there yet, and notes contracts that have come into force.
func Prepare(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, now time.Time) error {
	if _, err := l.DB().ExecContext(ctx, schemaSQL); err != nil {
		return fmt.Errorf("prepare the quality tables: %w", err)
	}
	known, err := texts(ctx, l.DB(), `SELECT department || '/' || catalogue || '/' || sha256 FROM quality.contract`)
	if err != nil {
		return fmt.Errorf("read which contracts were in force: %w", err)
	}
	seen := map[string]bool{}
	for _, each := range known {
		seen[each] = true
	}
	var rows []string
	for _, c := range contracts.All() {
		if !seen[c.Department+"/"+c.Name+"/"+c.SHA256] {
			rows = append(rows, fmt.Sprintf("(%s, %s, %s, %s, %t, TIMESTAMP '%s')", lake.Quote(c.Department), lake.Quote(c.Name), lake.Quote(c.Version),
				lake.Quote(c.SHA256), c.Added, now.UTC().Format(time.DateTime)))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := l.DB().ExecContext(ctx, "INSERT INTO quality.contract VALUES "+strings.Join(rows, ", ")); err != nil {
		return fmt.Errorf("note the contracts in force: %w", err)
	}
	return nil
}

func texts(ctx context.Context, db *sql.DB, query string, args ...any) ([]string, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		found = append(found, text)
	}
	return found, rows.Err()
}

// Measured says what a measuring did.
type Measured struct {
	Deliveries int     `json:"deliveries"`
	Rows       int64   `json:"rows"`
	Seconds    float64 `json:"seconds"`
}

// Measure counts, for every delivery that has not been measured yet, what the dimensions are made of, and enters today's scores of the
// catalogues. It reads the landed rows of new deliveries only. A department's code bounds it to that department; "" measures all.
func Measure(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, department string, now time.Time) (Measured, error) {
	started := time.Now()
	var m Measured
	if err := Prepare(ctx, l, contracts, now); err != nil {
		return m, err
	}
	pending, err := pendingDeliveries(ctx, l.DB(), department)
	if err != nil {
		return m, err
	}
	conn, err := l.DB().Conn(ctx)
	if err != nil {
		return m, fmt.Errorf("open the lake: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, macros); err != nil {
		return m, fmt.Errorf("prepare the engine: %w", err)
	}
	for _, c := range contracts.All() {
		its := pending[c.Table()]
		if len(its) == 0 {
			continue
		}
		rows, err := measureCatalogue(ctx, conn, c, its, now)
		if err != nil {
			return m, fmt.Errorf("measure %s: %w", c.View(), err)
		}
		m.Deliveries += len(its)
		m.Rows += rows
	}
	for _, d := range contracts.Departments() {
		if department == "" || d.Code == department {
			if err := enterScores(ctx, l.DB(), contracts.Of(d.Code), now); err != nil {
				return m, fmt.Errorf("score the catalogues of %s: %w", d.Code, err)
			}
		}
	}
	m.Seconds = time.Since(started).Seconds()
	return m, nil
}

// pendingDeliveries are the numbers of the deliveries to measure, by catalogue (DEPARTMENT__NAME), in ascending order.
func pendingDeliveries(ctx context.Context, db *sql.DB, department string) (map[string][]int64, error) {
	rows, err := db.QueryContext(ctx, `SELECT d.department || '__' || d.catalogue, d.delivery_no FROM ledger.delivery AS d LEFT JOIN quality.delivery AS m USING (delivery_no)
		WHERE (m.delivery_no IS NULL OR m.landed <> d.landed) AND (? = '' OR d.department = ?) ORDER BY ALL`, department, department)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	defer rows.Close()
	found := map[string][]int64{}
	for rows.Next() {
		var table string
		var number int64
		if err := rows.Scan(&table, &number); err != nil {
			return nil, fmt.Errorf("read the ledger: %w", err)
		}
		found[table] = append(found[table], number)
	}
	return found, rows.Err()
}

// measureCatalogue measures some deliveries of a catalogue and returns how many landed rows they have.
func measureCatalogue(ctx context.Context, conn *sql.Conn, c *catalog.Contract, deliveries []int64, now time.Time) (int64, error) {
	p := planFor(c, deliveries)
	for _, statement := range p.statements(now) {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return 0, fmt.Errorf("%w (statement: %.60s…)", err, statement)
		}
	}
	var rows int64
	err := conn.QueryRowContext(ctx, "SELECT coalesce(sum(rows), 0)::BIGINT FROM counted").Scan(&rows)
	return rows, err
}

// macros are the check characters of GB 32100 and GB 11643 over values of the right form.
const macros = `
CREATE OR REPLACE TEMP MACRO usci_digit(s, i) AS strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(s, i, 1)) - 1;
CREATE OR REPLACE TEMP MACRO usci_wrong(s) AS (31 - (usci_digit(s, 1) + usci_digit(s, 2) * 3 + usci_digit(s, 3) * 9 + usci_digit(s, 4) * 27 + usci_digit(s, 5) * 19
    + usci_digit(s, 6) * 26 + usci_digit(s, 7) * 16 + usci_digit(s, 8) * 17 + usci_digit(s, 9) * 20 + usci_digit(s, 10) * 29 + usci_digit(s, 11) * 25
    + usci_digit(s, 12) * 13 + usci_digit(s, 13) * 8 + usci_digit(s, 14) * 24 + usci_digit(s, 15) * 10 + usci_digit(s, 16) * 30 + usci_digit(s, 17) * 28) % 31) % 31 <> usci_digit(s, 18);
CREATE OR REPLACE TEMP MACRO resident_digit(s, i) AS strpos('0123456789', substr(s, i, 1)) - 1;
CREATE OR REPLACE TEMP MACRO resident_wrong(s) AS substr('10X98765432', ((resident_digit(s, 1) * 7 + resident_digit(s, 2) * 9 + resident_digit(s, 3) * 10 + resident_digit(s, 4) * 5
    + resident_digit(s, 5) * 8 + resident_digit(s, 6) * 4 + resident_digit(s, 7) * 2 + resident_digit(s, 8) + resident_digit(s, 9) * 6 + resident_digit(s, 10) * 3
    + resident_digit(s, 11) * 7 + resident_digit(s, 12) * 9 + resident_digit(s, 13) * 10 + resident_digit(s, 14) * 5 + resident_digit(s, 15) * 8 + resident_digit(s, 16) * 4
    + resident_digit(s, 17) * 2) % 11 + 1)::INTEGER, 1) <> substr(s, 18, 1);
CREATE OR REPLACE TEMP MACRO usci_formed(s) AS regexp_full_match(s, '[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}');
CREATE OR REPLACE TEMP MACRO resident_formed(s) AS regexp_full_match(s, '[0-9]{17}[0-9X]');
`
