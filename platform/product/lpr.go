package product

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// lprHistory is the loan prime rate as the National Interbank Funding Center published it, one line per change.
//
//go:embed lpr.csv
var lprHistory string

// LPR is the loan prime rate of a date, in basis points (300 = 3.00 %).
type LPR struct {
	On       time.Time // when it was published
	OneYear  int
	FiveYear int
}

// Of returns the rate of a tenor.
func (l LPR) Of(t Tenor) int {
	if t == LPR5Y {
		return l.FiveYear
	}
	return l.OneYear
}

func parseLPR(text string) ([]LPR, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	var all []LPR
	for i, row := range rows[1:] {
		on, err := time.Parse(time.DateOnly, row[0])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		one, err := basisPoints(row[1])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		five, err := basisPoints(row[2])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		all = append(all, LPR{On: on, OneYear: one, FiveYear: five})
	}
	return all, nil
}

func basisPoints(pct string) (int, error) {
	f, err := strconv.ParseFloat(pct, 64)
	return int(math.Round(f * 100)), err
}

// seedLPR adds the published history; rates added later by the operator stay.
func (s *Service) seedLPR(ctx context.Context) error {
	history, err := parseLPR(lprHistory)
	if err != nil {
		return fmt.Errorf("read the LPR history: %w", err)
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		for _, l := range history {
			_, err := tx.Exec(ctx, `insert into lpr (published_on, one_year_bp, five_year_bp) values ($1, $2, $3)
				on conflict (published_on) do nothing`, store.Micros(l.On), l.OneYear, l.FiveYear)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// LPR returns the loan prime rate in force on a date.
func (s *Service) LPR(ctx context.Context, on time.Time) (LPR, error) {
	var l LPR
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		l, err = lprOn(ctx, tx, on)
		return err
	})
	return l, problem.Wrap("read the LPR", err)
}

func lprOn(ctx context.Context, tx *store.Tx, on time.Time) (l LPR, err error) {
	var published int64
	err = tx.Row(ctx, `select published_on, one_year_bp, five_year_bp from lpr where published_on <= $1
		order by published_on desc limit 1`, store.Micros(on)).Scan(&published, &l.OneYear, &l.FiveYear)
	l.On = store.Time(published)
	return l, err
}

// spread is a grade's basis points over the LPR.
func (p Product) spread(g borderv1.Grade) (int, bool) {
	for _, price := range p.Pricing {
		if price.Grade == g {
			return price.BasisPoints, true
		}
	}
	return 0, false
}

// RateBP returns the annual rate in basis points for a grade on a date; ok is false when the product does not lend to it.
func (s *Service) RateBP(ctx context.Context, p Product, grade borderv1.Grade, on time.Time) (bp int, ok bool, err error) {
	lpr, err := s.LPR(ctx, on)
	if err != nil {
		return 0, false, err
	}
	bp, ok = p.RateFor(grade, lpr)
	return bp, ok, nil
}

// RateFor returns the annual rate for a grade under an LPR; ok is false when the product does not lend to it.
func (p Product) RateFor(grade borderv1.Grade, l LPR) (bp int, ok bool) {
	spread, ok := p.spread(grade)
	if !ok {
		return 0, false
	}
	return l.Of(p.LPRTenor) + spread, true
}

// RateRangeBP returns the lowest and highest annual rate of a product on a date, in basis points.
func (s *Service) RateRangeBP(ctx context.Context, p Product, on time.Time) (low, high int, err error) {
	lpr, err := s.LPR(ctx, on)
	if err != nil {
		return 0, 0, err
	}
	low, high = p.RateRange(lpr)
	return low, high, nil
}

// RateRange returns the lowest and highest annual rate under an LPR.
func (p Product) RateRange(l LPR) (low, high int) {
	for i, price := range p.Pricing {
		rate := l.Of(p.LPRTenor) + price.BasisPoints
		if i == 0 || rate < low {
			low = rate
		}
		if i == 0 || rate > high {
			high = rate
		}
	}
	return low, high
}

func checkPricing(wrong *problem.Fields, pricing []GradePrice) {
	if len(pricing) == 0 {
		wrong.Add("pricing", "missing", "请至少给一个等级定价。", "Price at least one grade.")
	}
	seen := map[borderv1.Grade]bool{}
	for _, p := range pricing {
		if GradeLetter(p.Grade) == "" || seen[p.Grade] {
			wrong.Add("pricing", "grade", "每个等级 A–E 只能定价一次。", "Each grade from A to E is priced at most once.")
			return
		}
		seen[p.Grade] = true
		// A guard against a slip of the pen (percent typed for basis points), not a rule of law.
		if p.BasisPoints < -300 || p.BasisPoints > 1_000 {
			wrong.Add("pricing", "spread", "加点须在 -300 至 1000 个基点之间。", "The spread lies between -300 and 1000 basis points.")
			return
		}
	}
}
