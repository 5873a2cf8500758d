package node

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A score as of a past date stays what it was, so that it is kept from one refresh to the next (refresh.trend) for as long as what it was made
// of is the same: the card, the links, and the deliveries that were known on that date.

// trend says which observation dates a trend shows, and which of them must be scored anew.
type trend struct {
	all, stale []observation
}

const trendTables = `CREATE SCHEMA IF NOT EXISTS refresh;
	CREATE TABLE IF NOT EXISTS refresh.trend (firm_id BIGINT, as_of DATE, score INTEGER);
	CREATE TABLE IF NOT EXISTS refresh.trend_basis (as_of DATE, basis VARCHAR)`

// openTrend finds the observation dates up to the refresh, and those whose scores do not stand any more. The date of the refresh itself is
// scored every time.
func (n *Node) openTrend(ctx context.Context, m *model, at observation) (trend, error) {
	t := trend{all: observationsUntil(at.asOf, trendPoints)}
	if _, err := n.DB().ExecContext(ctx, trendTables); err != nil {
		return t, fmt.Errorf("prepare trends: %w", err)
	}
	if m == nil {
		t.stale = t.all
		return t, nil
	}
	for _, o := range t.all {
		var stands bool
		err := n.DB().QueryRowContext(ctx, "SELECT count(*) > 0 FROM refresh.trend_basis WHERE as_of = "+dateSQL(o.asOf)+" AND basis = "+basisSQL(m, o)).Scan(&stands)
		if err != nil {
			return t, fmt.Errorf("look for kept trends: %w", err)
		}
		if !stands {
			t.stale = append(t.stale, o)
		}
	}
	return t, nil
}

// basisSQL is what the scores of a date are made of, as an expression.
func basisSQL(m *model, o observation) string {
	version := "none"
	if m.card != nil {
		version = m.card.Version
	}
	return fmt.Sprintf(`md5(concat_ws('|', '%s', (SELECT max(delivery_no) FROM ledger.delivery WHERE known_on <= %s), (SELECT basis::VARCHAR FROM entity.basis)))`,
		version, dateSQL(o.asOf))
}

// keepTrend takes the scores of this refresh into refresh.trend, and drops the dates that no trend shows any more.
func (n *Node) keepTrend(ctx context.Context, m *model, t trend) error {
	var shown, scored []string
	for _, o := range t.all {
		shown = append(shown, dateSQL(o.asOf))
	}
	statement := "BEGIN; DELETE FROM refresh.trend WHERE as_of NOT IN (" + strings.Join(shown, ", ") + ") OR as_of IN (SELECT as_of FROM refresh.scored);\n" +
		"DELETE FROM refresh.trend_basis WHERE as_of NOT IN (SELECT as_of FROM refresh.trend);\n" +
		"INSERT INTO refresh.trend SELECT firm_id, as_of, score FROM refresh.scored WHERE as_of IN (" + strings.Join(shown, ", ") + ");\n"
	for _, o := range t.all {
		scored = append(scored, "INSERT INTO refresh.trend_basis SELECT "+dateSQL(o.asOf)+", "+basisSQL(m, o)+" WHERE "+dateSQL(o.asOf)+" IN (SELECT as_of FROM refresh.scored)")
	}
	if _, err := n.DB().ExecContext(ctx, statement+strings.Join(scored, ";\n")+"; COMMIT"); err != nil {
		return fmt.Errorf("keep trends: %w", err)
	}
	return nil
}

func dateSQL(d time.Time) string { return "DATE '" + d.Format(time.DateOnly) + "'" }
