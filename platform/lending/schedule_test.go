package lending

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/platform/product"
)

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func mustSchedule(t testing.TB, p Plan) []Instalment {
	t.Helper()
	s, err := Schedule(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Figures of published tables: a million yuan over 30 years at 4.9 % is the example of China's mortgage calculators; 100,000 at 6 %
// and 200,000 at 6.5 % over 30 years are the textbook ones.
func TestPublishedAnnuities(t *testing.T) {
	for _, c := range []struct {
		principal int64
		bp, n     int
		payment   int64
		interest  int64 // of the whole term, 0 when the table does not say
	}{
		{1_000_000_00, 490, 360, 5307_27, 910_616_19},
		{1_000_000_00, 490, 240, 6544_44, 570_665_72},
		{100_000_00, 600, 360, 599_55, 0},
		{200_000_00, 650, 360, 1264_14, 0},
		{10_000_00, 1200, 12, 888_49, 0},
	} {
		s := mustSchedule(t, Plan{c.principal, c.bp, c.n, product.EqualInstalments, product.Thirty360, date(2026, 1, 15)})
		if got := s[0].PrincipalFen + s[0].InterestFen; got != c.payment {
			t.Errorf("%d at %d bp over %d: pays %d, want %d", c.principal, c.bp, c.n, got, c.payment)
		}
		var interest int64
		for _, i := range s {
			interest += i.InterestFen
		}
		// The tables multiply the unrounded payment; ours differs by rounding, at most a fen a month.
		if diff := interest - c.interest; c.interest != 0 && (diff > int64(c.n) || diff < -int64(c.n)) {
			t.Errorf("%d at %d bp over %d: interest %d, want %d", c.principal, c.bp, c.n, interest, c.interest)
		}
	}
}

func TestPublishedEqualPrincipal(t *testing.T) {
	s := mustSchedule(t, Plan{1_000_000_00, 490, 360, product.EqualPrincipal, product.Thirty360, date(2026, 1, 15)})
	if first := s[0].PrincipalFen + s[0].InterestFen; first != 6861_10 && first != 6861_11 {
		t.Errorf("first payment is %d, the tables say 6861.11", first)
	}
	var interest int64
	for _, i := range s {
		interest += i.InterestFen
	}
	if diff := interest - 737_041_67; diff > 360 || diff < -360 {
		t.Errorf("interest is %d, the tables say 737041.67", interest)
	}
}

func TestInterestFirstAndBullet(t *testing.T) {
	on := date(2026, 1, 31)
	s := mustSchedule(t, Plan{300_000_00, 360, 3, product.InterestFirst, product.Actual360, on})
	want := []Instalment{
		{Number: 1, DueOn: date(2026, 2, 28), Days: 28, InterestFen: 840_00, BalanceFen: 300_000_00},
		{Number: 2, DueOn: date(2026, 3, 31), Days: 31, InterestFen: 930_00, BalanceFen: 300_000_00},
		{Number: 3, DueOn: date(2026, 4, 30), Days: 30, InterestFen: 900_00, PrincipalFen: 300_000_00},
	}
	for i := range want {
		if s[i] != want[i] {
			t.Errorf("instalment %d is %+v, want %+v", i+1, s[i], want[i])
		}
	}
	s = mustSchedule(t, Plan{300_000_00, 360, 12, product.Bullet, product.Thirty360, on})
	if len(s) != 1 || s[0] != (Instalment{Number: 1, DueOn: date(2027, 1, 31), Days: 360, PrincipalFen: 300_000_00, InterestFen: 10_800_00}) {
		t.Errorf("bullet is %+v", s)
	}
	leap := mustSchedule(t, Plan{300_000_00, 360, 12, product.Bullet, product.Actual360, date(2027, 12, 31)})
	if leap[0].Days != 366 || leap[0].DueOn != date(2028, 12, 31) {
		t.Errorf("over a leap day: %+v", leap[0])
	}
}

func TestDays(t *testing.T) {
	for _, c := range []struct {
		count    product.DayCount
		from, to time.Time
		want     int
	}{
		{product.Actual360, date(2028, 2, 28), date(2028, 3, 1), 2},
		{product.Actual360, date(2026, 12, 31), date(2027, 1, 1), 1},
		{product.Thirty360, date(2026, 1, 31), date(2026, 2, 28), 28},
		{product.Thirty360, date(2026, 1, 30), date(2026, 1, 31), 0},
		{product.Thirty360, date(2026, 1, 15), date(2027, 1, 15), 360},
		{product.Thirty360, date(2026, 12, 20), date(2027, 1, 5), 15},
	} {
		if got := Days(c.count, c.from, c.to); got != c.want {
			t.Errorf("%s from %s to %s: %d, want %d", c.count, c.from.Format(time.DateOnly), c.to.Format(time.DateOnly), got, c.want)
		}
	}
}

func drawPlan(t *rapid.T) Plan {
	return Plan{
		PrincipalFen: rapid.Int64Range(1, 5_000_000_00).Draw(t, "principal"),
		RateBP:       rapid.IntRange(0, 3600).Draw(t, "rate"),
		Months:       rapid.IntRange(1, 120).Draw(t, "months"),
		Repayment:    rapid.SampledFrom(product.RepaymentKinds()).Draw(t, "repayment"),
		DayCount:     rapid.SampledFrom([]product.DayCount{product.Actual360, product.Thirty360}).Draw(t, "count"),
		On:           date(2024, 1, 1).AddDate(0, 0, rapid.IntRange(0, 1500).Draw(t, "day")),
	}
}

func TestEveryScheduleAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		s, err := Schedule(p)
		if err != nil {
			t.Fatal(err)
		}
		left, previous, days := p.PrincipalFen, p.On, 0
		for n, i := range s {
			if i.Number != n+1 || !i.DueOn.After(previous) || i.PrincipalFen < 0 || i.InterestFen < 0 {
				t.Fatalf("instalment %d is %+v", n+1, i)
			}
			if want := Interest(left, p.RateBP, i.Days); i.InterestFen != want {
				t.Fatalf("instalment %d bears %d of interest on %d, want %d", n+1, i.InterestFen, left, want)
			}
			if left -= i.PrincipalFen; i.BalanceFen != left {
				t.Fatalf("instalment %d leaves %d, want %d", n+1, i.BalanceFen, left)
			}
			previous, days = i.DueOn, days+i.Days
		}
		if left != 0 {
			t.Fatalf("%d fen are left", left)
		}
		if previous != addMonths(p.On, p.Months) {
			t.Fatalf("ends on %v", previous)
		}
		if want := Days(p.DayCount, p.On, previous); p.DayCount == product.Actual360 && days != want || p.DayCount == product.Thirty360 && days != 30*p.Months {
			t.Fatalf("%d days", days)
		}
	})
}

// TestEqualInstalmentsAreEqual allows the last one to differ by what rounding left: half a fen of the payment and half a fen of the
// interest in each period, with their interest.
func TestEqualInstalmentsAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		p.Repayment = product.EqualInstalments
		p.PrincipalFen += 1_000_000
		s, err := Schedule(p)
		if err != nil {
			t.Fatal(err)
		}
		total := func(i Instalment) int64 { return i.PrincipalFen + i.InterestFen }
		for _, i := range s[:len(s)-1] {
			if total(i) != total(s[0]) {
				t.Fatalf("instalment %d pays %d, the first %d", i.Number, total(i), total(s[0]))
			}
		}
		slack := int64(1)
		for rest := range s {
			slack += int64(math.Ceil(math.Pow(1+float64(p.RateBP)*31/yearDays/rateUnit, float64(rest))))
		}
		if diff := total(s[len(s)-1]) - total(s[0]); diff > slack || diff < -slack {
			t.Fatalf("the last differs by %d fen", diff)
		}
	})
}

func TestScheduleRefuses(t *testing.T) {
	good := Plan{100, 300, 12, product.Bullet, product.Actual360, date(2026, 1, 1)}
	for name, change := range map[string]func(*Plan){
		"no principal": func(p *Plan) { p.PrincipalFen = 0 }, "no term": func(p *Plan) { p.Months = 0 }, "a century": func(p *Plan) { p.Months = 1200 },
		"a negative rate": func(p *Plan) { p.RateBP = -1 }, "an unknown way": func(p *Plan) { p.Repayment = "later" },
	} {
		p := good
		change(&p)
		if _, err := Schedule(p); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestClassOf(t *testing.T) {
	for days, want := range map[int]FiveClass{0: ClassNormal, 1: ClassSpecialMention, 90: ClassSpecialMention, 91: ClassSubstandard,
		270: ClassSubstandard, 271: ClassDoubtful, 360: ClassDoubtful, 361: ClassLoss} {
		if got := ClassOf(days); got != want {
			t.Errorf("%d days: %s, want %s", days, got, want)
		}
	}
}
