package node

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/indicator"
)

// A refresh recomputes only the firms that are concerned by what has happened since the one before: rows landed, rows ended, links moved, the
// register changed. What was seen by the last refresh is noted in refresh.state (one row: its dates, the newest delivery, the newest link),
// refresh.taken (the deliveries and what had landed of each) and refresh.firm_print (a digest of each firm's links and of what figures use of its
// registration). The notes are deleted when a refresh begins and written when it is done: after a crash there are none, and everything is computed.

const noteTables = `CREATE SCHEMA IF NOT EXISTS refresh;
	CREATE TABLE IF NOT EXISTS refresh.state (as_of DATE, period_end DATE, newest_delivery BIGINT, newest_link BIGINT, newest_run BIGINT);
	CREATE TABLE IF NOT EXISTS refresh.taken (delivery_no BIGINT, landed BIGINT);
	CREATE TABLE IF NOT EXISTS refresh.firm_print (firm_id BIGINT, links UBIGINT, registered UBIGINT);
	CREATE OR REPLACE TABLE refresh.concern (catalogue VARCHAR, firm_id BIGINT, since DATE);
	CREATE OR REPLACE TABLE refresh.rewritten (firm_id BIGINT)`

// concern says who is concerned since the last refresh; its tables are refresh.concern and refresh.rewritten (indicator.Changes tells what they hold;
// since is the first date on which a figure can have changed).
type concern struct {
	afresh                bool // there are no notes
	asOf, periodEnd       time.Time
	newestDelivery        int64
	newestLink, newestRun int64
	catalogues            []string
	arrived               string // a condition for landed rows that the last refresh did not see
	firms                 int64  // how many are concerned
	// Catalogues with new deliveries, with more or fewer landed rows of old ones, with deliveries known between the dates, with rows newly ended.
	deliveries, reworked, seenBetween, endsTold map[string]bool
}

// carries reports whether figures as of a date can be made of those that were kept.
func (c concern) carries(at observation) bool { return !c.afresh && !at.asOf.Before(c.asOf) }

// lookForConcern compares the lake and its links with the notes. It takes the notes away.
func (n *Node) lookForConcern(ctx context.Context, at observation) (concern, error) {
	var c concern
	var err error
	if c.catalogues, err = indicator.Catalogues(); err != nil {
		return c, err
	}
	if err := n.run(ctx, noteTables, trendTables); err != nil {
		return c, fmt.Errorf("prepare the notes: %w", err)
	}
	if err := n.printFirms(ctx, &c); err != nil {
		return c, fmt.Errorf("digest the links: %w", err)
	}
	err = n.DB().QueryRowContext(ctx, "SELECT as_of, period_end, newest_delivery, newest_link, newest_run FROM refresh.state").Scan(&c.asOf, &c.periodEnd, &c.newestDelivery, &c.newestLink, &c.newestRun)
	if errors.Is(err, sql.ErrNoRows) {
		c.afresh = true
		return c, n.run(ctx, "DELETE FROM refresh.trend_basis")
	}
	if err != nil {
		return c, fmt.Errorf("read the notes: %w", err)
	}
	c.arrived = fmt.Sprintf("_id >= %d", (c.newestDelivery+1)<<32)
	if err := n.run(ctx, "DELETE FROM refresh.state"); err != nil {
		return c, err
	}
	for _, look := range []func(context.Context, *concern, observation) error{n.lookAtDeliveries, n.lookAtRows, n.lookAtLinks} {
		if err := look(ctx, &c, at); err != nil {
			return c, fmt.Errorf("look for changes: %w", err)
		}
	}
	return c, n.DB().QueryRowContext(ctx, "SELECT count(DISTINCT firm_id) FROM refresh.concern").Scan(&c.firms)
}

// printFirms digests each firm's links, those that the last refresh can have seen apart, and its registration as far as figures use it.
func (n *Node) printFirms(ctx context.Context, c *concern) error {
	return n.run(ctx, `CREATE OR REPLACE TABLE refresh.firm_print_now AS
		WITH linked AS (
			SELECT firm_id, bit_xor(hash(catalogue, _identity)) AS links,
			       bit_xor(CASE WHEN rowid <= coalesce((SELECT newest_link FROM refresh.state), -1) THEN hash(catalogue, _identity) ELSE 0 END) AS older_links
			FROM entity.link WHERE firm_id IS NOT NULL AND catalogue IN ('`+strings.Join(c.catalogues, "', '")+`') GROUP BY 1)
		SELECT f.firm_id, coalesce(l.links, 0) AS links, coalesce(l.older_links, 0) AS older_links, hash(f.established_on, f.closed_on, f.status) AS registered
		FROM entity.firm f LEFT JOIN linked l USING (firm_id)`)
}

// lookAtDeliveries finds the catalogues in which something happened.
func (n *Node) lookAtDeliveries(ctx context.Context, c *concern, at observation) error {
	c.deliveries, c.reworked, c.seenBetween, c.endsTold = map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	between := fmt.Sprintf("d.known_on > %s AND d.known_on <= %s", dateSQL(c.asOf), dateSQL(at.asOf))
	for _, each := range []struct {
		into  map[string]bool
		query string
	}{
		{c.deliveries, fmt.Sprintf("SELECT DISTINCT d.department || '__' || d.catalogue FROM ledger.delivery d WHERE d.landed > 0 AND d.delivery_no > %d", c.newestDelivery)},
		{c.reworked, fmt.Sprintf("SELECT DISTINCT d.department || '__' || d.catalogue FROM ledger.delivery d LEFT JOIN refresh.taken t USING (delivery_no) WHERE d.delivery_no <= %d AND d.landed IS DISTINCT FROM t.landed", c.newestDelivery)},
		{c.seenBetween, "SELECT DISTINCT d.department || '__' || d.catalogue FROM ledger.delivery d WHERE " + between},
		{c.endsTold, fmt.Sprintf("SELECT DISTINCT department || '__' || catalogue FROM ledger.superseded WHERE since > %d", c.newestDelivery)},
	} {
		if err := n.catalogueSet(ctx, each.query, each.into); err != nil {
			return err
		}
	}
	return nil
}

// catalogueSet reads names into a set.
func (n *Node) catalogueSet(ctx context.Context, query string, into map[string]bool) error {
	rows, err := n.DB().QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var catalogue string
		if err := rows.Scan(&catalogue); err != nil {
			return err
		}
		into[catalogue] = true
	}
	return rows.Err()
}

// lookAtRows notes the firms of rows that landed, that ended, or that the date now reaches, catalogue by catalogue.
func (n *Node) lookAtRows(ctx context.Context, c *concern, at observation) error {
	if err := n.run(ctx, "CREATE OR REPLACE TABLE refresh.arrived (catalogue VARCHAR, _identity UBIGINT)"); err != nil {
		return err
	}
	before, now := dateSQL(c.asOf), dateSQL(at.asOf)
	for _, catalogue := range c.catalogues {
		var statements []string
		note := func(since, condition string, rewritten bool) {
			statements = append(statements, fmt.Sprintf("INSERT INTO refresh.concern SELECT '%s', firm_id, min(%s) FROM linked.%s WHERE %s GROUP BY 2", catalogue, since, catalogue, condition))
			if rewritten {
				statements = append(statements, fmt.Sprintf("INSERT INTO refresh.rewritten SELECT DISTINCT firm_id FROM linked.%s WHERE %s", catalogue, condition))
			}
		}
		if c.deliveries[catalogue] {
			statements = append(statements, fmt.Sprintf("INSERT INTO refresh.arrived SELECT DISTINCT '%[1]s', _identity FROM landed.%[1]s WHERE %[2]s AND _identity IS NOT NULL", catalogue, c.arrived))
			note("_known_on", c.arrived, false)
		}
		if c.reworked[catalogue] {
			note("_known_on", "_id >> 32 IN (SELECT d.delivery_no FROM ledger.delivery d LEFT JOIN refresh.taken t USING (delivery_no) WHERE d.landed IS DISTINCT FROM t.landed) AND NOT "+c.arrived, true)
		}
		if c.endsTold[catalogue] {
			department, name, _ := strings.Cut(catalogue, "__")
			note("_known_on", fmt.Sprintf("_id IN (SELECT id FROM ledger.superseded WHERE department = '%s' AND catalogue = '%s' AND since > %d) AND NOT %s", department, name, c.newestDelivery, c.arrived), true)
		}
		if c.seenBetween[catalogue] {
			note("_known_on", fmt.Sprintf("_known_on > %s AND _known_on <= %s AND NOT %s", before, now, c.arrived), false)
			note("_superseded_on", fmt.Sprintf("_superseded_on > %s AND _superseded_on <= %s", before, now), true)
		}
		if err := n.run(ctx, statements...); err != nil {
			return fmt.Errorf("%s: %w", catalogue, err)
		}
	}
	return nil
}

// lookAtLinks notes the firms whose older links are others than they were, the firms of new links that older rows have, and firms that the register
// holds newly or otherwise.
func (n *Node) lookAtLinks(ctx context.Context, c *concern, _ observation) error {
	const ever = "DATE '0001-01-01'"
	return n.run(ctx,
		"INSERT INTO refresh.concern SELECT NULL, n.firm_id, "+ever+" FROM refresh.firm_print_now n LEFT JOIN refresh.firm_print p USING (firm_id) WHERE p.registered IS DISTINCT FROM n.registered",
		fmt.Sprintf(`CREATE OR REPLACE TABLE refresh.relinked AS
			SELECT firm_id FROM refresh.firm_print_now n FULL JOIN refresh.firm_print p USING (firm_id) WHERE coalesce(n.older_links, 0) <> coalesce(p.links, 0)
			UNION SELECT k.firm_id FROM entity.link k WHERE k.rowid > %d AND k.firm_id IS NOT NULL AND (k.catalogue, k._identity) NOT IN (SELECT (catalogue, _identity) FROM refresh.arrived) AND k.catalogue IN ('%s')
			UNION SELECT unnest([firm_id, other_firm_id]) FROM entity.change WHERE run > %d`, c.newestLink, strings.Join(c.catalogues, "', '"), c.newestRun),
		"INSERT INTO refresh.concern SELECT NULL, firm_id, "+ever+" FROM refresh.relinked WHERE firm_id IS NOT NULL",
		"INSERT INTO refresh.rewritten SELECT firm_id FROM refresh.relinked WHERE firm_id IS NOT NULL",
		"DROP TABLE refresh.relinked; DROP TABLE refresh.arrived")
}

// takeNotes writes down what this refresh has seen.
func (n *Node) takeNotes(ctx context.Context, at observation) error {
	err := n.run(ctx, `BEGIN;
		DELETE FROM refresh.taken; INSERT INTO refresh.taken SELECT delivery_no, landed FROM ledger.delivery;
		DELETE FROM refresh.firm_print; INSERT INTO refresh.firm_print SELECT firm_id, links, registered FROM refresh.firm_print_now;
		DELETE FROM refresh.state; INSERT INTO refresh.state SELECT `+dateSQL(at.asOf)+`, `+dateSQL(at.periodEnd)+`,
			(SELECT coalesce(max(delivery_no), -1) FROM ledger.delivery), (SELECT coalesce(max(rowid), -1) FROM entity.link), (SELECT coalesce(max(run), 0) FROM entity.run);
		DROP TABLE refresh.firm_print_now; COMMIT`)
	if err != nil {
		return fmt.Errorf("take notes: %w", err)
	}
	return nil
}
