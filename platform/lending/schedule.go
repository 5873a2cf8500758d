package lending

import (
	"errors"
	"math/big"
	"time"

	"github.com/yidaitong/yidaitong/platform/product"
)

// Plan is what a schedule follows from.
type Plan struct {
	PrincipalFen int64
	RateBP       int // annual
	Months       int
	Repayment    product.Repayment
	DayCount     product.DayCount
	On           time.Time // date of disbursement
}

// yearDays is the year of both day counts; rateUnit makes basis points a share.
const (
	yearDays = 360
	rateUnit = 10_000
)

// Schedule computes the instalments. Their principal sums to the loan exactly; every amount is rounded half up to a fen, and what
// rounding leaves is settled in the last instalment.
func Schedule(p Plan) ([]Instalment, error) {
	if p.PrincipalFen <= 0 || p.PrincipalFen > 1_000_000_000_000 || p.Months < 1 || p.Months > 360 || p.RateBP < 0 || p.RateBP > 10_000 {
		return nil, errors.New("a plan has a principal of up to 10 billion yuan, 1 to 360 months, and a rate of 0 to 100 %")
	}
	periods := p.periods()
	switch p.Repayment {
	case product.EqualInstalments:
		return p.equalInstalments(periods), nil
	case product.EqualPrincipal:
		share := p.PrincipalFen / int64(p.Months)
		return p.fill(periods, func(Instalment, int64) int64 { return share }), nil
	case product.InterestFirst, product.Bullet:
		return p.fill(periods, func(Instalment, int64) int64 { return 0 }), nil
	}
	return nil, errors.New("there is no such way of repayment: " + string(p.Repayment))
}

// periods are the due days: each month on the day of disbursement, or the month's last when it is shorter; one for a bullet.
func (p Plan) periods() []Instalment {
	first, step := 1, 1
	if p.Repayment == product.Bullet {
		first, step = p.Months, p.Months
	}
	var all []Instalment
	previous, months := p.On, 0
	for n := first; n <= p.Months; n += step {
		due := addMonths(p.On, n)
		all = append(all, Instalment{Number: len(all) + 1, DueOn: due, Days: periodDays(p.DayCount, previous, due, n-months)})
		previous, months = due, n
	}
	return all
}

// fill computes the interest on what is left, and takes the principal from share; the last instalment takes the rest.
func (p Plan) fill(periods []Instalment, share func(i Instalment, interest int64) int64) []Instalment {
	left := p.PrincipalFen
	for n := range periods {
		i := &periods[n]
		i.InterestFen = Interest(left, p.RateBP, i.Days)
		i.PrincipalFen = min(max(share(*i, i.InterestFen), 0), left)
		if n == len(periods)-1 {
			i.PrincipalFen = left
		}
		left -= i.PrincipalFen
		i.BalanceFen = left
	}
	return periods
}

// equalInstalments solves for the payment that leaves nothing after the last period: A = P·∏(1+rᵢ) / Σᵢ ∏ⱼ₍ⱼ﹥ᵢ₎(1+rⱼ). With equal
// periods that is the annuity P·r·(1+r)ⁿ / ((1+r)ⁿ − 1).
func (p Plan) equalInstalments(periods []Instalment) []Instalment {
	unit := big.NewInt(yearDays * rateUnit)
	// growth is ∏(1+rᵢ) and sum is Σ∏, both over unit to the power of the number of periods.
	growth, sum, scale := big.NewInt(1), new(big.Int), big.NewInt(1)
	for _, i := range periods {
		factor := big.NewInt(yearDays*rateUnit + int64(p.RateBP)*int64(i.Days))
		growth.Mul(growth, factor)
		sum.Add(sum.Mul(sum, factor), scale.Mul(scale, unit))
	}
	payment := halfUp(growth.Mul(growth, big.NewInt(p.PrincipalFen)), sum)
	return p.fill(periods, func(_ Instalment, interest int64) int64 { return payment - interest })
}

// Interest is the interest on a principal for so many days of a year of 360, rounded half up.
func Interest(principalFen int64, rateBP, days int) int64 {
	n := new(big.Int).Mul(big.NewInt(principalFen), big.NewInt(int64(rateBP)*int64(days)))
	return halfUp(n, big.NewInt(yearDays*rateUnit))
}

// halfUp divides what is not negative.
func halfUp(n, d *big.Int) int64 {
	twice := new(big.Int).Lsh(n, 1)
	return twice.Add(twice, d).Quo(twice, new(big.Int).Lsh(d, 1)).Int64()
}

// Days between two dates by a day count; 30/360 takes every month for 30 days (the 31st counts as the 30th).
func Days(c product.DayCount, from, to time.Time) int {
	if c == product.Thirty360 {
		months := (to.Year()-from.Year())*12 + int(to.Month()) - int(from.Month())
		return months*30 + min(to.Day(), 30) - min(from.Day(), 30)
	}
	return int(to.Sub(from) / (24 * time.Hour))
}

// periodDays counts a whole period of the schedule: under 30/360 a month is 30 days, also from 31 January to 28 February.
func periodDays(c product.DayCount, from, to time.Time, months int) int {
	if c == product.Thirty360 {
		return 30 * months
	}
	return Days(c, from, to)
}

// addMonths is the same day n months on, or that month's last day when it is shorter.
func addMonths(day time.Time, n int) time.Time {
	first := time.Date(day.Year(), day.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(day.Day(), last)-1)
}

// ClassOf is the risk class that the days overdue lead to (商业银行金融资产风险分类办法, 2023).
func ClassOf(overdueDays int) FiveClass {
	switch {
	case overdueDays > 360:
		return ClassLoss
	case overdueDays > 270:
		return ClassDoubtful
	case overdueDays > 90:
		return ClassSubstandard
	case overdueDays > 0:
		return ClassSpecialMention
	}
	return ClassNormal
}
