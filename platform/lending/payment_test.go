package lending

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPaymentsAddUp pays a random loan in random portions on random days and settles it early: at every moment what is open, what was
// paid and what is planned agree to the fen, and in the end the principal was paid exactly once.
func TestPaymentsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		plan, err := Schedule(p)
		if err != nil {
			t.Fatal(err)
		}
		loan := Loan{AmountFen: p.PrincipalFen, OutstandingFen: p.PrincipalFen, RateBP: p.RateBP, DayCount: p.DayCount, DisbursedOn: p.On}
		var interest, principal int64
		on := p.On
		for range rapid.IntRange(0, 20).Draw(t, "payments") {
			on = on.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "days"))
			open := payable(plan, on)
			if open == 0 {
				break
			}
			amount := rapid.Int64Range(1, open).Draw(t, "amount")
			i, c := allocate(plan, amount, on)
			if i+c != amount || i < 0 || c < 0 {
				t.Fatalf("%d was booked as %d of interest and %d of principal", amount, i, c)
			}
			interest, principal = interest+i, principal+c
			loan.OutstandingFen -= c
			checkPlan(t, plan, p.PrincipalFen, interest+principal)
			if loan.OutstandingFen < 0 {
				t.Fatalf("outstanding is %d", loan.OutstandingFen)
			}
		}
		on = on.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "settled after"))
		q, settled := settleOn(loan, plan, on)
		if q.TotalFen < 0 || q.TotalFen != q.InterestFen+q.PrincipalFen || q.PrincipalFen != loan.OutstandingFen {
			t.Fatalf("quote is %+v with %d outstanding", q, loan.OutstandingFen)
		}
		if over := allocateAll(settled, q.TotalFen, on); over != 0 {
			t.Fatalf("the quote differs from the plan by %d", over)
		}
		if q.TotalFen == 0 {
			return // everything was paid ahead: the service refuses to settle, because there is no payment to book
		}
		checkPlan(t, settled, p.PrincipalFen, interest+principal+q.TotalFen)
		for _, i := range settled {
			if i.PaidFen != i.PrincipalFen+i.InterestFen {
				t.Fatalf("after settling, instalment %d is open: %+v", i.Number, i)
			}
		}
	})
}

// allocateAll allocates and returns what found no place.
func allocateAll(plan []Instalment, amount int64, on time.Time) int64 {
	i, c := allocate(plan, amount, on)
	return amount - i - c
}

func checkPlan(t *rapid.T, plan []Instalment, principal, paid int64) {
	var planned, booked int64
	for _, i := range plan {
		planned, booked = planned+i.PrincipalFen, booked+i.PaidFen
		if i.PaidFen < 0 || i.PaidFen > i.PrincipalFen+i.InterestFen || i.InterestFen < 0 {
			t.Fatalf("instalment %d is %+v", i.Number, i)
		}
		if paid := i.PaidFen == i.PrincipalFen+i.InterestFen; i.PaidFen > 0 && paid == i.PaidOn.IsZero() {
			t.Fatalf("instalment %d is paid on %v: %+v", i.Number, i.PaidOn, i)
		}
	}
	if planned != principal || booked != paid {
		t.Fatalf("planned %d of %d, booked %d of %d", planned, principal, booked, paid)
	}
}
