package indicator

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed sql/*.sql
var queries embed.FS

// groups are the files of sql/ in the order in which they run; each becomes a table of one row per spine row at most, which later ones may
// read. The columns of all groups together are the indicators.
var groups = []string{
	"invoice_sales", "invoice_purchases", "invoice_history", "loan", "court", "tax", "arrears", "utilities", "employment", "registration", "science", "compliance", "ratio",
}

// gathered are files of sql/ that run before the groups which name them: rows brought together that several groups read.
var gathered = []string{"invoice_month", "invoice_partner"}

// Compute makes outTable with one row per row of spineTable: firm_id, as_of, then a DOUBLE per indicator named, in the order of All; per indicator
// of All where none is named. What is not asked for costs as little as its group allows, nothing where the whole group is not asked for.
//
// spineTable holds (firm_id BIGINT, as_of DATE, period_end DATE), each firm_id and as_of once; period_end is the last day of a month and no
// later than as_of. Figures that are counted month by month (invoices, tax, insurance, power) end at period_end; events and states (courts,
// penalties, lists, arrears) are those that had happened by as_of. Nothing that was not known on as_of enters. The views linked.* and
// entity.firm must exist (entity.Refresh makes them, empty where nothing was delivered); neither table may be temporary.
func Compute(ctx context.Context, db *sql.DB, spineTable, outTable string, names ...string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("compute indicators: %w", err)
	}
	defer conn.Close()
	c := computation{conn: conn, asked: names, which: ofSpine}
	if err := c.run(ctx, spineTable, outTable); err != nil {
		return fmt.Errorf("compute indicators of %s: %w", spineTable, err)
	}
	return nil
}

// ofSpine holds for the linked rows of the firms that figures are asked for.
const ofSpine = "firm_id IN (SELECT firm_id FROM spine)"

// computation works on one connection, because the groups are temporary tables of it.
type computation struct {
	conn  *sql.Conn
	asked []string
	kept  bool   // read the months of invoices that Carry keeps
	since string // the first day of invoices that the figures asked for look at, as a literal
	which string // a condition on the invoices to gather
}

func (c *computation) run(ctx context.Context, spineTable, outTable string) error {
	if err := checkSpine(ctx, c.conn, spineTable); err != nil {
		return err
	}
	wanted, err := c.wanted()
	if err != nil {
		return err
	}
	if err := c.exec(ctx, spineQuery(spineTable)); err != nil {
		return err
	}
	if err := c.lookBack(ctx, wanted); err != nil {
		return err
	}
	for _, group := range wanted {
		if err := c.make(ctx, group); err != nil {
			return err
		}
	}
	if err := c.exec(ctx, c.outQuery(outTable, wanted)); err != nil {
		return err
	}
	return c.drop(ctx, append(wanted, "spine")...)
}

// drop removes temporary tables; a table that is a view of a kept one goes as a view.
func (c *computation) drop(ctx context.Context, names ...string) error {
	for _, name := range names {
		kind := "TABLE "
		if c.kept && name == keptMonths {
			kind = "VIEW "
		}
		if err := c.exec(ctx, "DROP "+kind+name); err != nil {
			return err
		}
	}
	return nil
}

func (c *computation) exec(ctx context.Context, statement string) error {
	_, err := c.conn.ExecContext(ctx, statement)
	return err
}

// make runs a file of sql/ into a temporary table of its name.
func (c *computation) make(ctx context.Context, group string) error {
	if c.kept && group == keptMonths {
		return c.exec(ctx, "CREATE OR REPLACE TEMP VIEW "+keptMonths+" AS FROM kept."+keptMonths)
	}
	text, err := c.text(group)
	if err != nil {
		return err
	}
	if err := c.exec(ctx, "CREATE OR REPLACE TEMP TABLE "+group+" AS "+text); err != nil {
		return fmt.Errorf("group %s: %w", group, err)
	}
	return nil
}

// text is a file of sql/ with its places filled.
func (c *computation) text(group string) (string, error) {
	text, err := queries.ReadFile("sql/" + group + ".sql")
	if err != nil {
		return "", err
	}
	return strings.NewReplacer("?since", c.since, "?which", c.which).Replace(string(text)), nil
}

// lookBack finds the first day of invoices that is looked at: a year before the first period_end, or ever where the whole history is asked for.
func (c *computation) lookBack(ctx context.Context, wanted []string) error {
	c.since = "'0001-01-01'"
	if slices.Contains(wanted, "invoice_history") {
		return nil
	}
	var first sql.NullTime
	if err := c.conn.QueryRowContext(ctx, "SELECT min(from_12m) FROM spine").Scan(&first); err != nil {
		return err
	}
	if first.Valid {
		c.since = "'" + first.Time.Format(time.DateOnly) + "'"
	}
	return nil
}

// wanted are the files that the figures asked for need, in the order in which they run: the gathered ones first.
func (c *computation) wanted() ([]string, error) {
	var wanted []string
	for _, group := range slices.Backward(slices.Concat(gathered, groups)) {
		text, err := queries.ReadFile("sql/" + group + ".sql")
		if err != nil {
			return nil, err
		}
		needed := len(c.asked) == 0 || slices.ContainsFunc(c.asked, func(name string) bool { return makes(string(text), name) })
		for _, later := range wanted {
			reader, err := queries.ReadFile("sql/" + later + ".sql")
			if err != nil {
				return nil, err
			}
			needed = needed || reads(string(reader), group)
		}
		if needed {
			wanted = append(wanted, group)
		}
	}
	slices.Reverse(wanted)
	return wanted, nil
}

// makes reports whether a group's SQL has a column of the name in its result.
func makes(text, name string) bool {
	return regexp.MustCompile(`\bAS ` + regexp.QuoteMeta(name) + `\b`).MatchString(text[strings.LastIndex(text, "\nSELECT "):])
}

// reads reports whether a group's SQL reads the table of another.
func reads(text, table string) bool {
	return regexp.MustCompile(`(?:FROM|JOIN) ` + regexp.QuoteMeta(table) + `\b`).MatchString(text)
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
func (c *computation) outQuery(outTable string, wanted []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE OR REPLACE TABLE %s AS SELECT s.firm_id, s.as_of", outTable)
	for _, i := range All() {
		if len(c.asked) == 0 || slices.Contains(c.asked, i.Name) {
			fmt.Fprintf(&b, ",\n\tCAST(%s AS DOUBLE) AS %s", i.Name, i.Name)
		}
	}
	b.WriteString("\nFROM spine s")
	for _, group := range wanted {
		if slices.Contains(groups, group) {
			fmt.Fprintf(&b, "\nLEFT JOIN %s ON %s.firm_id = s.firm_id AND %s.as_of = s.as_of", group, group, group)
		}
	}
	return b.String()
}
