package indicator

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed sql/*.sql
var queries embed.FS

// groups are the files of sql/ in the order in which they run; each becomes a table of one row per spine row at most, which later ones may
// read. The columns of all groups together are the indicators.
var groups = []string{
	"invoice_sales", "invoice_purchases", "invoice_history", "loan", "court", "tax", "utilities", "employment", "registration", "science", "compliance", "ratio",
}

// gathered are files of sql/ that run before the groups: rows brought together that several groups read.
var gathered = []string{"invoice_month"}

// Compute makes outTable with one row per row of spineTable: firm_id, as_of, then a DOUBLE per indicator, in the order of All.
//
// spineTable holds (firm_id BIGINT, as_of DATE, period_end DATE), each firm_id and as_of once; period_end is the last day of a month and no
// later than as_of. Figures that are counted month by month (invoices, tax, insurance, power) end at period_end; events and states (courts,
// penalties, lists, arrears) are those that had happened by as_of. Nothing that was not known on as_of enters. The views linked.* and
// entity.firm must exist (entity.Refresh makes them, empty where nothing was delivered); neither table may be temporary.
func Compute(ctx context.Context, db *sql.DB, spineTable, outTable string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("compute indicators: %w", err)
	}
	defer conn.Close()
	if err := compute(ctx, conn, spineTable, outTable); err != nil {
		return fmt.Errorf("compute indicators of %s: %w", spineTable, err)
	}
	return nil
}

// compute works on one connection, because the groups are temporary tables of it.
func compute(ctx context.Context, conn *sql.Conn, spineTable, outTable string) error {
	if err := checkSpine(ctx, conn, spineTable); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, spineQuery(spineTable)); err != nil {
		return err
	}
	for _, group := range slices.Concat(gathered, groups) {
		text, err := queries.ReadFile("sql/" + group + ".sql")
		if err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE "+group+" AS "+string(text)); err != nil {
			return fmt.Errorf("group %s: %w", group, err)
		}
	}
	if _, err := conn.ExecContext(ctx, outQuery(outTable)); err != nil {
		return err
	}
	for _, temporary := range slices.Concat(gathered, groups, []string{"spine"}) {
		if _, err := conn.ExecContext(ctx, "DROP TABLE "+temporary); err != nil {
			return err
		}
	}
	return nil
}

// checkSpine refuses a spine on which the windows would be cut within a month, or whose rows would be multiplied.
func checkSpine(ctx context.Context, conn *sql.Conn, spineTable string) error {
	var cut, late, rows, distinct int64
	err := conn.QueryRowContext(ctx, `SELECT count(*) FILTER (period_end <> last_day(period_end)), count(*) FILTER (period_end > as_of),
		count(*), count(DISTINCT (firm_id, as_of)) FROM `+spineTable).Scan(&cut, &late, &rows, &distinct)
	switch {
	case err != nil:
		return err
	case cut > 0:
		return fmt.Errorf("%d rows have a period_end that is not the last day of a month", cut)
	case late > 0:
		return fmt.Errorf("%d rows have a period_end after their as_of", late)
	case rows != distinct:
		return fmt.Errorf("%d rows repeat a firm_id and as_of", rows-distinct)
	}
	return nil
}

// spineQuery adds the dates at which windows begin: from_Nm is the first month of the N months that end at period_end, as_of_Nm the day N
// months before as_of.
func spineQuery(spineTable string) string {
	return `CREATE OR REPLACE TEMP TABLE spine AS
		SELECT firm_id, as_of, period_end,
			CAST(date_trunc('month', period_end) - INTERVAL 11 MONTH AS DATE) AS from_12m,
			CAST(date_trunc('month', period_end) - INTERVAL 23 MONTH AS DATE) AS from_24m,
			CAST(as_of - INTERVAL 24 MONTH AS DATE) AS as_of_24m,
			CAST(as_of - INTERVAL 36 MONTH AS DATE) AS as_of_36m
		FROM ` + spineTable
}

// outQuery joins the groups; a column that no group or more than one computes is an error of the engine.
func outQuery(outTable string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE OR REPLACE TABLE %s AS SELECT s.firm_id, s.as_of", outTable)
	for _, i := range All() {
		fmt.Fprintf(&b, ",\n\tCAST(%s AS DOUBLE) AS %s", i.Name, i.Name)
	}
	b.WriteString("\nFROM spine s")
	for _, group := range groups {
		fmt.Fprintf(&b, "\nLEFT JOIN %s ON %s.firm_id = s.firm_id AND %s.as_of = s.as_of", group, group, group)
	}
	return b.String()
}
