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
	"github.com/yidaitong/yidaitong/node/news"
)

//go:embed sql/*.sql
var queries embed.FS

// RefreshOptions choose the date of a refresh. The zero value takes the day that the lake's data speak of.
type RefreshOptions struct {
	AsOf time.Time
	// Progress hears of every step when it is done; nil when nobody listens.
	Progress func(Step)
}

// RefreshReport is what a refresh did.
type RefreshReport struct {
	Linked     int64       `json:"linked"`   // landed rows that name a firm and are linked to it
	Unlinked   int64       `json:"unlinked"` // landed rows that name a firm and are not
	Firms      int64       `json:"firms"`
	Concerned  int64       `json:"concerned"` // firms whose figures were computed anew
	Scored     int64       `json:"scored"`
	Indicators int         `json:"indicators"` // computed for each firm
	Events     int64       `json:"events"`
	Seconds    float64     `json:"seconds"`
	AsOf       string      `json:"as_of"`
	PeriodEnd  string      `json:"period_end"`
	Generation int64       `json:"generation"`
	Model      ModelReport `json:"model"`
	News       news.Report `json:"news"`
	Steps      []Step      `json:"steps"`
}

// Step is how long a part of a refresh took.
type Step struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Refresh links what has landed, computes the indicators of the firms that this concerns, trains the city's card when there is none, scores every firm and publishes the
// serving snapshot current/ in one step. What it computes on the way stands in the lake's schema refresh until the next one.
func Refresh(ctx context.Context, n *Node, o RefreshOptions) (RefreshReport, error) {
	r := &refreshing{node: n, started: time.Now(), progress: o.Progress}
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
	progress      func(Step)
}

func (r *refreshing) step(name string) {
	now := time.Now()
	done := Step{name, now.Sub(r.last).Seconds()}
	r.report.Steps = append(r.report.Steps, done)
	r.last = now
	if r.progress != nil {
		r.progress(done)
	}
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
	if report.News, err = news.Refresh(ctx, n.DB(), n.Catalogs); err != nil {
		return err
	}
	r.step("news")
	m, err := n.openModel()
	if err != nil {
		return err
	}
	concerned, err := n.lookForConcern(ctx, at)
	if err != nil {
		return err
	}
	r.step("concern")
	if err := n.carryFigures(ctx, at, concerned); err != nil {
		return err
	}
	report.Indicators = len(indicator.All())
	report.Concerned = report.Firms
	if concerned.carries(at) {
		report.Concerned = concerned.firms
	}
	r.step("indicators")
	if m == nil {
		if m, err = n.trainModel(ctx, at); err != nil {
			return fmt.Errorf("train the city's card: %w", err)
		}
		r.step("train")
	}
	report.Model = m.report
	t, err := n.openTrend(ctx, m, at)
	if err != nil {
		return err
	}
	if err := n.lookBack(ctx, m, t); err != nil {
		return err
	}
	r.step("trend")
	if err := n.score(ctx, m, at); err != nil {
		return fmt.Errorf("score: %w", err)
	}
	if err := n.keepTrend(ctx, m, t); err != nil {
		return err
	}
	r.step("score")
	if err := n.publish(ctx, m, at, report); err != nil {
		return fmt.Errorf("publish the snapshot: %w", err)
	}
	if err := n.takeNotes(ctx, at); err != nil {
		return err
	}
	r.step("publish")
	return nil
}

// carryFigures makes refresh.figure: one row per firm of the register, as of the date of the refresh.
func (n *Node) carryFigures(ctx context.Context, at observation, c concern) error {
	err := n.run(ctx, fmt.Sprintf("CREATE OR REPLACE TABLE refresh.spine AS SELECT firm_id, %s AS as_of, %s AS period_end, 'now' AS purpose FROM entity.firm", dateSQL(at.asOf), dateSQL(at.periodEnd)))
	if err != nil {
		return fmt.Errorf("make the spine: %w", err)
	}
	return indicator.Carry(ctx, n.DB(), "refresh.spine", "refresh.figure", indicator.Changes{
		Afresh: !c.carries(at), Before: c.asOf, PeriodBefore: c.periodEnd, Arrived: c.arrived,
		Concern: "(SELECT catalogue, firm_id FROM refresh.concern)", Rewritten: "refresh.rewritten",
	})
}

// bind writes dates into a query in the places ?1, ?2: COPY and CREATE TABLE take no parameters.
func bind(query string, dates ...time.Time) string {
	for i, d := range slices.Backward(dates) {
		query = strings.ReplaceAll(query, fmt.Sprintf("?%d", i+1), "'"+d.Format(time.DateOnly)+"'")
	}
	return query
}
