package indicator

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Figures as of one date are carried from one refresh to the next: only the groups whose catalogues have changed are computed again, and only for
// the firms concerned. What is carried stands in the schema kept: a table per group with one row per firm, invoice_month for all firms and dates,
// invoice_partner as of the date. A figure comes out the same as if all had been computed afresh.

// keptMonths is the gathered table that serves every date.
const keptMonths = "invoice_month"

// keptPartners is the gathered table as of the date that figures are carried for.
const keptPartners = "invoice_partner"

// byDay are the groups whose windows end on as_of; those of the others end at period_end.
var byDay = []string{"loan", "court", "arrears", "registration", "science", "compliance", "ratio"}

// Changes say what has happened since figures were carried last.
type Changes struct {
	// Afresh says that nothing is kept that could be carried over.
	Afresh bool
	// Before and PeriodBefore are the as_of and the period_end for which figures were kept last; as_of does not go back.
	Before, PeriodBefore time.Time
	// Concern is a table of (catalogue VARCHAR, firm_id BIGINT): firms of which rows of DEPARTMENT__CATALOGUE landed or ended; catalogue is NULL for a
	// firm that is concerned whatever the catalogue.
	Concern string
	// Rewritten is a table of (firm_id BIGINT): firms whose rows that were there before ended, or became theirs, or were theirs.
	Rewritten string
	// Arrived is a condition that holds for landed rows which are new.
	Arrived string
}

// Carry makes outTable like Compute, for a spine of every firm on one date, out of what is kept and what has changed. It must be called with every
// change once; when it fails, or the process ends meanwhile, what is kept is of no use and the next call must be Afresh.
func Carry(ctx context.Context, db *sql.DB, spineTable, outTable string, changes Changes) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("carry indicators: %w", err)
	}
	defer conn.Close()
	c := carrying{computation: computation{conn: conn, since: "'0001-01-01'", which: ofSpine}, changes: changes}
	if err := c.run(ctx, spineTable, outTable); err != nil {
		return fmt.Errorf("carry indicators of %s: %w", spineTable, err)
	}
	return nil
}

// ComputeKept is Compute where Carry has been: it does not gather the months of invoices again.
func ComputeKept(ctx context.Context, db *sql.DB, spineTable, outTable string, names ...string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("compute indicators: %w", err)
	}
	defer conn.Close()
	c := computation{conn: conn, asked: names, kept: true, which: ofSpine}
	if err := c.run(ctx, spineTable, outTable); err != nil {
		return fmt.Errorf("compute indicators of %s: %w", spineTable, err)
	}
	return nil
}

// carrying is a Carry under way.
type carrying struct {
	computation
	changes Changes
	asOf    time.Time
	moved   bool     // period_end is another, and with it all windows
	whole   []string // catalogues that are seen on as_of for the first time: they mean something for every firm
}

func (c *carrying) run(ctx context.Context, spineTable, outTable string) error {
	if err := checkSpine(ctx, c.conn, spineTable); err != nil {
		return err
	}
	var dates int
	var asOf, periodEnd sql.NullTime
	if err := c.conn.QueryRowContext(ctx, "SELECT count(DISTINCT (as_of, period_end)), max(as_of), max(period_end) FROM "+spineTable).Scan(&dates, &asOf, &periodEnd); err != nil {
		return err
	}
	if dates > 1 {
		return fmt.Errorf("it has %d dates, and figures are carried for one", dates)
	}
	c.asOf, c.moved = asOf.Time, !periodEnd.Time.Equal(c.changes.PeriodBefore)
	if err := c.exec(ctx, "CREATE SCHEMA IF NOT EXISTS kept; CREATE OR REPLACE TEMP TABLE every_firm AS SELECT firm_id, as_of, period_end FROM "+spineTable); err != nil {
		return err
	}
	if err := c.lookForFirsts(ctx); err != nil {
		return err
	}
	if err := c.gather(ctx); err != nil {
		return fmt.Errorf("gather: %w", err)
	}
	for _, group := range groups {
		if err := c.carry(ctx, group); err != nil {
			return fmt.Errorf("group %s: %w", group, err)
		}
	}
	return c.finish(ctx, outTable)
}

// spineOf makes the spine of the firms for which a condition holds, and counts them.
func (c *carrying) spineOf(ctx context.Context, condition string) (int64, error) {
	if err := c.exec(ctx, spineQuery("(SELECT * FROM every_firm WHERE "+condition+")")); err != nil {
		return 0, err
	}
	var n int64
	err := c.conn.QueryRowContext(ctx, "SELECT count(*) FROM spine").Scan(&n)
	return n, err
}

var firstKnown = regexp.MustCompile(`min\(_known_on\)[^,;]*?FROM linked\.(\w+)`)

// lookForFirsts finds the catalogues that were not yet delivered on the date before and are now: a firm without a row in them has 0 from then on.
func (c *carrying) lookForFirsts(ctx context.Context) error {
	var seen []string
	for _, group := range groups {
		text, err := c.text(group)
		if err != nil {
			return err
		}
		for _, match := range firstKnown.FindAllStringSubmatch(text, -1) {
			seen = append(seen, fmt.Sprintf("SELECT '%s' AS catalogue, coalesce((SELECT min(_known_on) FROM linked.%s) <= DATE '%s', false) AS seen", match[1], match[1], c.asOf.Format(time.DateOnly)))
		}
	}
	if err := c.exec(ctx, "CREATE OR REPLACE TEMP TABLE seen_now AS "+strings.Join(seen, " UNION ALL ")); err != nil {
		return err
	}
	if !c.changes.Afresh {
		rows, err := c.conn.QueryContext(ctx, "SELECT catalogue FROM seen_now EXCEPT SELECT n.catalogue FROM seen_now n JOIN kept.seen k ON k.catalogue = n.catalogue AND k.seen = n.seen")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var catalogue string
			if err := rows.Scan(&catalogue); err != nil {
				return err
			}
			c.whole = append(c.whole, catalogue)
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return c.exec(ctx, "CREATE OR REPLACE TABLE kept.seen AS FROM seen_now")
}

// gather brings what is kept of the invoices up to date: firms whose old rows changed are gathered anew, and what arrived for the others is added.
func (c *carrying) gather(ctx context.Context) error {
	for _, table := range gathered {
		if c.changes.Afresh {
			if _, err := c.spineOf(ctx, "true"); err != nil {
				return err
			}
			everything := c.computation
			everything.which = "true"
			text, err := everything.text(table)
			if err != nil {
				return err
			}
			if err := c.exec(ctx, "CREATE OR REPLACE TABLE kept."+table+" AS "+text); err != nil {
				return err
			}
			continue
		}
		if err := c.add(ctx, table); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return c.exec(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP VIEW %[1]s AS FROM kept.%[1]s; CREATE OR REPLACE TEMP VIEW %[2]s AS SELECT firm_id, DATE '%[3]s' AS as_of, side, counterparty, net_12m, gross FROM kept.%[2]s",
		keptMonths, keptPartners, c.asOf.Format(time.DateOnly)))
}

// add brings a gathered table up to date.
func (c *carrying) add(ctx context.Context, table string) error {
	sources, err := c.sources(table)
	if err != nil {
		return err
	}
	if c.moved && table == keptPartners {
		if err := c.turn(ctx); err != nil {
			return err
		}
	}
	concerned, err := c.spineOf(ctx, c.concerned(sources))
	if err != nil || concerned == 0 {
		return err
	}
	anew, err := c.spineOf(ctx, c.concerned(sources)+" AND firm_id IN (FROM "+c.changes.Rewritten+")")
	if err != nil {
		return err
	}
	if anew > 0 {
		text, err := c.text(table)
		if err != nil {
			return err
		}
		if err := c.exec(ctx, "DELETE FROM kept."+table+" WHERE firm_id IN (SELECT firm_id FROM spine); INSERT INTO kept."+table+" "+text); err != nil {
			return err
		}
	}
	more, err := c.spineOf(ctx, c.concerned(sources)+" AND firm_id NOT IN (FROM "+c.changes.Rewritten+")")
	if err != nil || more == 0 {
		return err
	}
	adding := c.computation
	adding.which = ofSpine + " AND " + c.changes.Arrived
	if table == keptPartners {
		adding.which = fmt.Sprintf("%s AND (%s OR _known_on > DATE '%s')", ofSpine, c.changes.Arrived, c.changes.Before.Format(time.DateOnly))
	}
	text, err := adding.text(table)
	if err != nil {
		return err
	}
	if table == keptMonths {
		return c.exec(ctx, "INSERT INTO kept."+table+" "+text)
	}
	return c.exec(ctx, `CREATE OR REPLACE TEMP TABLE grown AS
		SELECT firm_id, max(as_of) AS as_of, side, counterparty, sum(net_12m) AS net_12m, sum(gross) AS gross
		FROM (SELECT * FROM kept.invoice_partner WHERE firm_id IN (SELECT firm_id FROM spine) UNION ALL SELECT * FROM (`+text+`))
		GROUP BY 1, 3, 4;
		DELETE FROM kept.invoice_partner WHERE firm_id IN (SELECT firm_id FROM spine);
		INSERT INTO kept.invoice_partner FROM grown;
		DROP TABLE grown`)
}

// turn brings invoice_partner from one period_end to the next, as far as rows were there before: totals grow by what was issued in between, and the
// twelve months are read again. What arrived is left out, for add to bring in.
func (c *carrying) turn(ctx context.Context) error {
	if _, err := c.spineOf(ctx, "true"); err != nil {
		return err
	}
	old := fmt.Sprintf("NOT (%s) AND _known_on <= DATE '%s'", c.changes.Arrived, c.changes.Before.Format(time.DateOnly))
	year, between := c.computation, c.computation
	year.which, between.which = old, fmt.Sprintf("%s AND issued_on > DATE '%s'", old, c.changes.PeriodBefore.Format(time.DateOnly))
	if err := year.lookBack(ctx, nil); err != nil {
		return err
	}
	between.since = "'" + c.changes.PeriodBefore.Format(time.DateOnly) + "'"
	lately, err := year.text(keptPartners)
	if err != nil {
		return err
	}
	since, err := between.text(keptPartners)
	if err != nil {
		return err
	}
	return c.exec(ctx, `CREATE OR REPLACE TABLE kept.invoice_partner AS
		SELECT firm_id, DATE '`+c.asOf.Format(time.DateOnly)+`' AS as_of, side, counterparty, sum(net_12m) AS net_12m, sum(gross) AS gross
		FROM (SELECT firm_id, side, counterparty, CAST(NULL AS DOUBLE) AS net_12m, gross FROM kept.invoice_partner
			UNION ALL SELECT firm_id, side, counterparty, NULL, gross FROM (`+since+`)
			UNION ALL SELECT firm_id, side, counterparty, net_12m, 0 FROM (`+lately+`))
		GROUP BY 1, 3, 4`)
}

// concerned is the condition for firms of which something has changed in one of the catalogues.
func (c *carrying) concerned(sources []string) string {
	return "firm_id IN (SELECT firm_id FROM " + c.changes.Concern + " WHERE catalogue IS NULL OR catalogue IN ('" + strings.Join(sources, "', '") + "'))"
}

var linkedTable = regexp.MustCompile(`\blinked\.(\w+)`)

// sources are the catalogues that a file of sql/ reads, also by way of what was gathered.
func (c *carrying) sources(group string) ([]string, error) {
	text, err := c.text(group)
	if err != nil {
		return nil, err
	}
	_, query, _ := strings.Cut(text, "WITH ") // the comment at the head names tables too
	var found []string
	for _, match := range linkedTable.FindAllStringSubmatch(query, -1) {
		found = append(found, match[1])
	}
	for _, table := range gathered {
		if table != group && reads(text, table) {
			more, err := c.sources(table)
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// Catalogues are the DEPARTMENT__CATALOGUE that indicators read.
func Catalogues() ([]string, error) {
	c := carrying{computation: computation{which: ofSpine}}
	var all []string
	for _, group := range groups {
		sources, err := c.sources(group)
		if err != nil {
			return nil, err
		}
		all = append(all, sources...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// carry brings a group's kept table up to date and shows it as of the date under the group's name.
func (c *carrying) carry(ctx context.Context, group string) error {
	text, err := c.text(group)
	if err != nil {
		return err
	}
	sources, err := c.sources(group)
	if err != nil {
		return err
	}
	condition := c.concerned(sources)
	all := c.changes.Afresh || c.moved || group == "ratio" || slices.Contains(byDay, group) && !c.asOf.Equal(c.changes.Before) ||
		slices.ContainsFunc(sources, func(s string) bool { return slices.Contains(c.whole, s) })
	if all {
		condition = "true"
	}
	firms, err := c.spineOf(ctx, condition)
	if err != nil {
		return err
	}
	switch {
	case all:
		err = c.exec(ctx, "CREATE OR REPLACE TABLE kept."+group+" AS "+text)
	case firms > 0:
		err = c.exec(ctx, "CREATE OR REPLACE TEMP TABLE fresh AS "+text+
			";\nDELETE FROM kept."+group+" WHERE firm_id IN (SELECT firm_id FROM spine); INSERT INTO kept."+group+" FROM fresh; DROP TABLE fresh")
	}
	if err != nil {
		return err
	}
	return c.exec(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %[1]s AS SELECT * REPLACE (DATE '%[2]s' AS as_of) FROM kept.%[1]s", group, c.asOf.Format(time.DateOnly)))
}

// finish joins the groups of every firm and leaves nothing temporary behind.
func (c *carrying) finish(ctx context.Context, outTable string) error {
	if _, err := c.spineOf(ctx, "true"); err != nil {
		return err
	}
	if err := c.exec(ctx, c.outQuery(outTable, groups)); err != nil {
		return err
	}
	if err := c.exec(ctx, "DROP VIEW "+strings.Join(gathered, "; DROP VIEW ")); err != nil {
		return err
	}
	return c.drop(ctx, append(slices.Clone(groups), "spine", "every_firm", "seen_now")...)
}
