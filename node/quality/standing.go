package quality

import (
	"context"
	"fmt"
	"time"

	"github.com/yidaitong/yidaitong/node/catalog"
	"github.com/yidaitong/yidaitong/node/lake"
)

// Standings say for every catalogue how its deliveries stand, by table. What is new is measured first.
func Standings(ctx context.Context, l *lake.Lake, contracts *catalog.Catalogs, now time.Time) (map[string]catalog.Standing, error) {
	if _, err := Measure(ctx, l, contracts, "", now); err != nil {
		return nil, err
	}
	found := map[string]catalog.Standing{}
	for _, d := range contracts.Departments() {
		its := contracts.Of(d.Code)
		m, err := readMeasures(ctx, l.DB(), its, now)
		if err != nil {
			return nil, fmt.Errorf("read the measures of %s: %w", d.Code, err)
		}
		for _, c := range its {
			found[c.Table()] = m.standing(c)
		}
	}
	return found, nil
}

func (m *measures) standing(c *catalog.Contract) catalog.Standing {
	all := m.sum(c)
	if all.deliveries == 0 {
		return catalog.Standing{}
	}
	its := m.deliveries[c.Name]
	last := its[len(its)-1].knownOn
	d := all.dimensions(m.agreementOf(c))
	s := catalog.Standing{Deliveries: all.deliveries, Received: all.received, Landed: all.landed, Latest: last, Overall: d.Overall,
		DaysLate: max(0, int(m.now.Sub(last).Hours()/24)-cycleDays[c.UpdateCycle])}
	for i, each := range d.named() {
		s.Scores = append(s.Scores, catalog.DimensionScore{TitleZH: each.Title, TitleEN: dimensionsEN[i], Share: each.Share})
	}
	return s
}

var dimensionsEN = [6]string{"normative", "complete", "accurate", "consistent", "timely", "accessible"}
