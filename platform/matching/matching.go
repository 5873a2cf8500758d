// Package matching ranks products for a demand and says why.
//
// It owns no table. It must use declared facts only; and it never hides a product: what
// does not match comes last with its reason.
package matching

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
)

// Match is a product seen from a demand.
type Match struct {
	Product      product.Product
	Verdict      product.Outcome // passed: all rules; pending: none failed, some need the report; failed
	Passed       []product.Rule
	Pending      []product.Rule
	Failed       []product.Rule
	RateLowBP    int // annual rate in basis points, best grade
	RateHighBP   int
	MonthlyFen   int64 // first instalment at the low rate, for the asked amount and term; 0 when out of the product's ranges
	ExpectedDays int
	Reasons      []Reason // why it stands where it stands
}

// Reason is a sentence about the rank.
type Reason struct {
	Code   string // cheapest, fastest, unsecured, one_rule_short
	ZH, EN string
}

// Service matches.
type Service struct {
	store    *store.Store
	products *product.Service
}

// New returns the service.
func New(s *store.Store, p *product.Service) *Service { return &Service{store: s, products: p} }

// Match ranks the products in force in the firm's city for the actor's firm's demand: first what fits, then what waits for the
// report, then what does not fit, nearest miss first; within each the cheaper, then the faster.
func (s *Service) Match(ctx context.Context, by party.Actor, demandID string) ([]Match, error) {
	var d demand.Demand
	var org party.Organisation
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if d, err = demand.Own(ctx, tx, by, demandID); err != nil {
			return err
		}
		org, err = party.OrganisationByID(ctx, tx, by.OrgID)
		return err
	})
	if err != nil {
		return nil, problem.Wrap("match the demand", err)
	}
	now := s.store.Now()
	facts := Facts(d, org, now)
	products, err := s.products.List(ctx, product.Filter{City: d.City})
	if err != nil {
		return nil, err
	}
	lpr, err := s.products.LPR(ctx, now)
	if err != nil {
		return nil, err
	}
	matches := make([]Match, 0, len(products))
	for _, p := range products {
		m, err := s.match(ctx, p, facts, lpr, now)
		if err != nil {
			return nil, err
		}
		matches = append(matches, m)
	}
	rank(matches)
	explain(matches)
	return matches, nil
}

// Facts are what is known of a demand and a firm before any report.
func Facts(d demand.Demand, org party.Organisation, now time.Time) product.Facts {
	return product.Facts{
		Demand: product.DemandFacts{AmountFen: d.AmountFen, TermMonths: d.TermMonths, Use: string(d.Use), Region: d.Region, Security: string(d.Security)},
		Firm:   lending.FirmFacts(org, now),
	}
}

func (s *Service) match(ctx context.Context, p product.Product, f product.Facts, lpr product.LPR, now time.Time) (Match, error) {
	verdicts, err := s.products.Judge(ctx, p, f)
	if err != nil {
		return Match{}, err
	}
	m := Match{Product: p, Verdict: product.Passed, ExpectedDays: p.ExpectedDays}
	for _, v := range verdicts {
		switch v.Outcome {
		case product.Passed:
			m.Passed = append(m.Passed, v.Rule)
		case product.Pending:
			m.Pending = append(m.Pending, v.Rule)
		case product.Failed:
			m.Failed = append(m.Failed, v.Rule)
		}
	}
	switch {
	case len(m.Failed) > 0:
		m.Verdict = product.Failed
	case len(m.Pending) > 0:
		m.Verdict = product.Pending
	}
	m.RateLowBP, m.RateHighBP = p.RateRange(lpr)
	plan, err := lending.Schedule(lending.Plan{PrincipalFen: f.Demand.AmountFen, RateBP: m.RateLowBP, Months: f.Demand.TermMonths,
		Repayment: p.Repayments[0], DayCount: p.DayCount, On: lending.Day(now)})
	if err == nil && m.Verdict != product.Failed {
		m.MonthlyFen = plan[0].PrincipalFen + plan[0].InterestFen
	}
	return m, nil
}

var verdictRank = map[product.Outcome]int{product.Passed: 0, product.Pending: 1, product.Failed: 2}

func rank(matches []Match) {
	slices.SortStableFunc(matches, func(a, b Match) int {
		return cmp.Or(
			cmp.Compare(verdictRank[a.Verdict], verdictRank[b.Verdict]),
			cmp.Compare(len(a.Failed), len(b.Failed)),
			cmp.Compare(a.RateLowBP+a.RateHighBP, b.RateLowBP+b.RateHighBP),
			cmp.Compare(a.ExpectedDays, b.ExpectedDays),
			strings.Compare(a.Product.ID, b.Product.ID),
		)
	})
}

// explain adds to each match what speaks for it, or how little is missing.
func explain(matches []Match) {
	var open []int
	for i, m := range matches {
		if m.Verdict != product.Failed {
			open = append(open, i)
		} else if len(m.Failed) == 1 {
			r := m.Failed[0]
			matches[i].Reasons = []Reason{{"one_rule_short", "只差一项：" + r.MessageZH, "One condition short: " + r.MessageEN}}
		}
	}
	if len(open) == 0 {
		return
	}
	cheapest := slices.MinFunc(open, func(a, b int) int { return matches[a].RateLowBP - matches[b].RateLowBP })
	fastest := slices.MinFunc(open, func(a, b int) int { return matches[a].ExpectedDays - matches[b].ExpectedDays })
	for _, i := range open {
		m := &matches[i]
		if m.RateLowBP == matches[cheapest].RateLowBP {
			m.Reasons = append(m.Reasons, Reason{"cheapest", "利率最低", "Lowest rate"})
		}
		if m.ExpectedDays == matches[fastest].ExpectedDays {
			m.Reasons = append(m.Reasons, Reason{"fastest", "放款最快", "Fastest"})
		}
		if m.Product.Security == product.SecurityNone {
			m.Reasons = append(m.Reasons, Reason{"unsecured", "无需抵押担保", "No security needed"})
		}
	}
}
