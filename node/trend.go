package node

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/indicator"
)

// A score as of a past date stays what it was, so that it is kept from one refresh to the next (refresh.trend) for as long as the card is the same,
// but for the firms of which something that was known on that date has changed: a late delivery, a link.

// trend says which observation dates a trend shows, and which of them must be scored anew, for every firm or for those concerned.
type trend struct {
	all, stale, partly []observation
}

const trendTables = `CREATE TABLE IF NOT EXISTS refresh.trend (firm_id BIGINT, as_of DATE, score INTEGER);
	CREATE TABLE IF NOT EXISTS refresh.trend_basis (as_of DATE, basis VARCHAR)`

// openTrend finds the observation dates up to the refresh, and those whose scores do not stand any more. The date of the refresh itself is
// scored every time.
func (n *Node) openTrend(ctx context.Context, m *model, at observation) (trend, error) {
	t := trend{all: observationsUntil(at.asOf, trendPoints)}
	for _, o := range t.all {
		if o.asOf.Equal(at.asOf) {
			continue
		}
		var stands bool
		err := n.DB().QueryRowContext(ctx, "SELECT count(*) > 0 FROM refresh.trend_basis WHERE as_of = "+dateSQL(o.asOf)+" AND basis = '"+m.basis()+"'").Scan(&stands)
		if err != nil {
			return t, fmt.Errorf("look for kept trends: %w", err)
		}
		if stands {
			t.partly = append(t.partly, o)
		} else {
			t.stale = append(t.stale, o)
		}
	}
	return t, nil
}

// basis is what the scores of every date are made of.
func (m *model) basis() string {
	if m.card == nil {
		return "none"
	}
	return m.card.Version
}

// lookBack makes refresh.past_spine and refresh.past_figure: what the card looks at, as of the earlier dates that must be scored anew.
func (n *Node) lookBack(ctx context.Context, m *model, t trend) error {
	none := []string{"SELECT NULL::BIGINT AS firm_id, NULL::DATE AS as_of, NULL::DATE AS period_end WHERE false"}
	if m.card != nil {
		for _, o := range t.stale {
			none = append(none, standingThen(o, "true"))
		}
		for _, o := range t.partly {
			none = append(none, standingThen(o, "firm_id IN ("+concernedBy(o)+")"))
		}
	}
	if err := n.run(ctx, "CREATE OR REPLACE TABLE refresh.past_spine AS "+strings.Join(none, "\nUNION ALL ")); err != nil {
		return fmt.Errorf("make the spine of earlier dates: %w", err)
	}
	if m.card == nil {
		return nil
	}
	return indicator.ComputeKept(ctx, n.DB(), "refresh.past_spine", "refresh.past_figure", newJudge(m.card).needs()...)
}

// standingThen are the firms that stood on a date.
func standingThen(o observation, condition string) string {
	d := dateSQL(o.asOf)
	return fmt.Sprintf("SELECT firm_id, %s, %s FROM entity.firm WHERE %s AND (established_on IS NULL OR established_on <= %s) AND (closed_on IS NULL OR closed_on > %s)", d, dateSQL(o.periodEnd), condition, d, d)
}

// concernedBy are the firms whose scores as of a past date may have changed.
func concernedBy(o observation) string {
	return "SELECT firm_id FROM refresh.concern WHERE since <= " + dateSQL(o.asOf)
}

// keepTrend takes the scores of this refresh into refresh.trend, and drops the dates that no trend shows any more.
func (n *Node) keepTrend(ctx context.Context, m *model, t trend) error {
	dates := dateList(t.all)
	statements := []string{"BEGIN", "DELETE FROM refresh.trend WHERE as_of NOT IN (" + dates + ") OR as_of NOT IN (" + dateList(t.partly) + ")"}
	for _, o := range t.partly {
		statements = append(statements, "DELETE FROM refresh.trend WHERE as_of = "+dateSQL(o.asOf)+" AND firm_id IN ("+concernedBy(o)+")")
	}
	statements = append(statements,
		"INSERT INTO refresh.trend SELECT firm_id, as_of, score FROM refresh.scored WHERE as_of IN ("+dates+")",
		"DELETE FROM refresh.trend_basis", "INSERT INTO refresh.trend_basis SELECT unnest(["+dates+"]), '"+m.basis()+"'", "COMMIT")
	if err := n.run(ctx, strings.Join(statements, ";\n")); err != nil {
		return fmt.Errorf("keep trends: %w", err)
	}
	return nil
}

// dateList are dates for IN; of none it is a list of a date that never is.
func dateList(all []observation) string {
	dates := []string{}
	for _, o := range all {
		dates = append(dates, dateSQL(o.asOf))
	}
	if len(dates) == 0 {
		return "DATE '0001-01-01'"
	}
	return strings.Join(dates, ", ")
}

func dateSQL(d time.Time) string { return "DATE '" + d.Format(time.DateOnly) + "'" }
