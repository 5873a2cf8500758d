package node

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/node/entity"
	"github.com/yidaitong/yidaitong/node/indicator"
)

//go:embed sql/*.sql
var queries embed.FS

// RefreshOptions choose the date of a refresh. The zero value takes the day that the lake's data speak of.
type RefreshOptions struct {
	AsOf time.Time
}

// RefreshReport is what a refresh did.
type RefreshReport struct {
	Linked     int64       `json:"linked"`   // landed rows that name a firm and are linked to it
	Unlinked   int64       `json:"unlinked"` // landed rows that name a firm and are not
	Firms      int64       `json:"firms"`
	Scored     int64       `json:"scored"`
	Indicators int         `json:"indicators"` // computed for each firm
	Events     int64       `json:"events"`
	Seconds    float64     `json:"seconds"`
	AsOf       string      `json:"as_of"`
	PeriodEnd  string      `json:"period_end"`
	Generation int64       `json:"generation"`
	Model      ModelReport `json:"model"`
	Steps      []Step      `json:"steps"`
}

// Step is how long a part of a refresh took.
type Step struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Refresh links what has landed, computes the indicators, trains the city's card when there is none, scores every firm and publishes the
// serving snapshot current/ in one step. What it computes on the way stands in the lake's schema refresh until the next one.
func Refresh(ctx context.Context, n *Node, o RefreshOptions) (RefreshReport, error) {
	r := &refreshing{node: n, started: time.Now()}
	r.last = r.started
	if err := r.run(ctx, o); err != nil {
		return r.report, fmt.Errorf("refresh: %w", err)
	}
	r.report.Seconds = time.Since(r.started).Seconds()
	return r.report, nil
}

// refreshing is a refresh under way.
type refreshing struct {
	node          *Node
	report        RefreshReport
	started, last time.Time
}

func (r *refreshing) step(name string) {
	now := time.Now()
	r.report.Steps = append(r.report.Steps, Step{name, now.Sub(r.last).Seconds()})
	r.last = now
}

func (r *refreshing) run(ctx context.Context, o RefreshOptions) error {
	n, report := r.node, &r.report
	at, err := observe(ctx, n.DB(), o.AsOf)
	if err != nil {
		return err
	}
	report.AsOf, report.PeriodEnd = at.asOf.Format(time.DateOnly), at.periodEnd.Format(time.DateOnly)
	links, err := entity.Refresh(ctx, n.DB(), n.Catalogs)
	if err != nil {
		return err
	}
	report.Linked, report.Unlinked, report.Firms = links.Linked, links.Unlinked, links.Firms
	r.step("link")
	m, err := n.openModel()
	if err != nil {
		return err
	}
	t, err := n.openTrend(ctx, m, at)
	if err != nil {
		return err
	}
	if err := n.makeSpine(ctx, at, t.stale); err != nil {
		return err
	}
	if m == nil {
		if err := pastLoans(ctx, n.DB(), at); err != nil {
			return err
		}
	}
	if err := indicator.Compute(ctx, n.DB(), "refresh.spine", "refresh.figure"); err != nil {
		return err
	}
	report.Indicators = len(indicator.All())
	r.step("indicators")
	if m == nil {
		if m, err = n.trainModel(ctx, at); err != nil {
			return fmt.Errorf("train the city's card: %w", err)
		}
		r.step("train")
	}
	report.Model = m.report
	if err := n.score(ctx, m, at); err != nil {
		return err
	}
	if err := n.keepTrend(ctx, m, t); err != nil {
		return err
	}
	r.step("score")
	if err := n.publish(ctx, m, at, report); err != nil {
		return fmt.Errorf("publish the snapshot: %w", err)
	}
	r.step("publish")
	return nil
}

// makeSpine asks for every firm on the date of the refresh, and on the given earlier dates for those that stood then.
func (n *Node) makeSpine(ctx context.Context, at observation, earlier []observation) error {
	now := at.asOf.Format(time.DateOnly)
	rows := []string{dates(at) + ", 'now')"}
	for _, o := range earlier {
		if !o.asOf.Equal(at.asOf) {
			rows = append(rows, dates(o)+", 'trend')")
		}
	}
	_, err := n.DB().ExecContext(ctx, `CREATE OR REPLACE TABLE refresh.spine AS
		SELECT e.firm_id, d.as_of, d.period_end, d.purpose
		FROM entity.firm e, (VALUES `+strings.Join(rows, ", ")+`) d(as_of, period_end, purpose)
		WHERE d.as_of = DATE '`+now+`'
		   OR ((e.established_on IS NULL OR e.established_on <= d.as_of) AND (e.closed_on IS NULL OR e.closed_on > d.as_of))`)
	if err != nil {
		return fmt.Errorf("make the spine: %w", err)
	}
	return nil
}

func dates(o observation) string {
	return fmt.Sprintf("(DATE '%s', DATE '%s'", o.asOf.Format(time.DateOnly), o.periodEnd.Format(time.DateOnly))
}

// bind writes dates into a query in the places ?1, ?2: COPY and CREATE TABLE take no parameters.
func bind(query string, dates ...time.Time) string {
	for i, d := range slices.Backward(dates) {
		query = strings.ReplaceAll(query, fmt.Sprintf("?%d", i+1), "'"+d.Format(time.DateOnly)+"'")
	}
	return query
}
