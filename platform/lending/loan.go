package lending

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// referencePattern is what a bank's booking reference looks like.
var referencePattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._/-]{3,63}$`)

func checkReference(wrong *problem.Fields, reference string) {
	if !referencePattern.MatchString(reference) {
		wrong.Add("bank_reference", "malformed", "请填写 4–64 位字母、数字组成的银行流水号。", "Give the bank's reference: 4 to 64 letters, digits, dots, dashes.")
	}
}

func referenceTaken() error {
	var wrong problem.Fields
	wrong.Add("bank_reference", "taken", "该流水号已用于另一笔记账，请核对。", "This reference belongs to another booking; please check it.")
	return wrong.Err()
}

// Disburse records that the bank paid out, under the bank's reference. The same reference twice returns the first loan.
func (s *Service) Disburse(ctx context.Context, by party.Actor, ref Ref, bankReference string) (Loan, error) {
	var wrong problem.Fields
	checkReference(&wrong, bankReference)
	if err := wrong.Err(); err != nil {
		return Loan{}, err
	}
	var loan Loan
	created := false
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		a, err := ownApplication(ctx, tx, by, ref.ID)
		if err != nil {
			return err
		}
		booked, err := optional(scanLoan(tx.Row(ctx, selectLoan+` where l.bank_id = $1 and l.bank_reference = $2`, by.OrgID, bankReference).Scan))
		switch {
		case err != nil:
			return err
		case booked != nil && booked.ApplicationID != a.ID:
			return referenceTaken()
		case booked != nil:
			loan = *booked
			return nil
		case a.Version != ref.Version:
			return stale()
		}
		created = true
		loan, err = s.disburse(ctx, tx, by, a, bankReference)
		return err
	})
	if err == nil && created && s.told != nil {
		err = s.told(ctx, loan)
	}
	return loan, problem.Wrap("disburse the loan", err)
}

func (s *Service) disburse(ctx context.Context, tx *store.Tx, by party.Actor, a Application, bankReference string) (Loan, error) {
	now := s.store.Now()
	offer, err := offerOf(ctx, tx, a.ID)
	if err != nil {
		return Loan{}, err
	}
	if offer == nil {
		return Loan{}, stale()
	}
	plan, err := Schedule(offer.plan(Day(now)))
	if err != nil {
		return Loan{}, err
	}
	first, err := firstLoan(ctx, tx, a)
	if err != nil {
		return Loan{}, err
	}
	loan := Loan{ID: s.store.NewID(), ApplicationID: a.ID, OrgID: a.OrgID, BankID: a.BankID, AmountFen: offer.AmountFen, RateBP: offer.RateBP,
		TermMonths: offer.TermMonths, Repayment: offer.Repayment, DayCount: offer.DayCount, BankReference: bankReference,
		DisbursedOn: Day(now), DueOn: plan[len(plan)-1].DueOn}
	if err := insertLoan(ctx, tx, loan, now, first); err != nil {
		return Loan{}, err
	}
	if err := insertInstalments(ctx, tx, loan.ID, plan); err != nil {
		return Loan{}, err
	}
	if _, err := s.move(ctx, tx, by, attempt{application: a, event: EventDisburse, now: now}); err != nil {
		return Loan{}, err
	}
	if a.DemandID != "" {
		if err := demand.MarkFunded(ctx, tx, a.DemandID, now); err != nil {
			return Loan{}, err
		}
	}
	return ownLoan(ctx, tx, by, loan.ID)
}

// firstLoan says whether the firm never had a loan: none before on the platform, and a report with no balance elsewhere.
func firstLoan(ctx context.Context, tx *store.Tx, a Application) (bool, error) {
	var before int
	if err := tx.Row(ctx, `select count(*) from loan where org_id = $1`, a.OrgID).Scan(&before); err != nil || before > 0 {
		return false, err
	}
	report, err := newestReport(ctx, tx, a.ID)
	if err != nil || report == nil {
		return false, err
	}
	for _, f := range report.Result.GetFigures() {
		if f.GetKind() == borderv1.FigureKind_FIGURE_KIND_LOAN_BALANCE {
			return f.GetEdgeIndex() == 0, nil
		}
	}
	return false, nil
}

// Repay books a payment, oldest instalment first, in it interest before principal. The same reference twice books once.
func (s *Service) Repay(ctx context.Context, by party.Actor, loanID, bankReference string, amountFen int64, on time.Time) (Loan, error) {
	return s.book(ctx, by, loanID, bankReference, on, func(loan Loan, plan []Instalment) (Repaid, []Instalment, error) {
		paid := Repaid{BankReference: bankReference, PaidOn: on, AmountFen: amountFen}
		var wrong problem.Fields
		open := payable(plan, on)
		switch {
		case amountFen <= 0:
			wrong.Add("amount_yuan", "range", "请填写大于 0 的金额。", "Give an amount above zero.")
		case amountFen > open:
			wrong.Add("amount_yuan", "too_much", "金额超过到本期为止的应还款，请核对；提前还清请使用“提前结清”。", "More than what is due up to this period; to pay everything back, use early settlement.")
		}
		if err := wrong.Err(); err != nil {
			return Repaid{}, nil, err
		}
		paid.InterestFen, paid.PrincipalFen = allocate(plan, amountFen, on)
		return paid, plan, nil
	})
}

// payable is what may be paid on a day: what fell due, and the instalment that comes next.
func payable(plan []Instalment, on time.Time) (open int64) {
	for _, i := range plan {
		open += i.PrincipalFen + i.InterestFen - i.PaidFen
		if !i.DueOn.Before(on) {
			break
		}
	}
	return open
}

// allocate pays instalments from the oldest on and returns how much of it was interest and principal.
func allocate(plan []Instalment, amountFen int64, on time.Time) (interest, principal int64) {
	for n := range plan {
		i := &plan[n]
		due := i.PrincipalFen + i.InterestFen - i.PaidFen
		pay := min(due, amountFen)
		if pay == 0 {
			continue
		}
		forInterest := min(pay, max(i.InterestFen-i.PaidFen, 0))
		interest, principal = interest+forInterest, principal+pay-forInterest
		i.PaidFen += pay
		if amountFen -= pay; pay == due {
			i.PaidOn = on
		}
	}
	return interest, principal
}

// book is one payment: it finds the booking again, or lets settle change the plan, and writes both.
func (s *Service) book(ctx context.Context, by party.Actor, loanID, bankReference string, on time.Time,
	settle func(Loan, []Instalment) (Repaid, []Instalment, error)) (Loan, error) {
	now := s.store.Now()
	var wrong problem.Fields
	checkReference(&wrong, bankReference)
	if on.After(Day(now)) {
		wrong.Add("paid_on", "future", "还款日期不能晚于今天。", "The payment cannot lie in the future.")
	}
	if err := wrong.Err(); err != nil {
		return Loan{}, err
	}
	var loan Loan
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if loan, err = ownLoan(ctx, tx, by, loanID); err != nil {
			return err
		}
		if !by.Role.Bank() {
			return problem.New(problem.Forbidden, "not_yours", "还款由银行记账。", "The bank books payments.")
		}
		if again, err := s.booked(ctx, tx, loan, bankReference); err != nil || again {
			return err
		}
		if on.Before(loan.DisbursedOn) {
			var wrong problem.Fields
			wrong.Add("paid_on", "too_early", "还款日期不能早于放款日。", "The payment cannot lie before the disbursement.")
			return wrong.Err()
		}
		plan, err := instalmentsOf(ctx, tx, loanID)
		if err != nil {
			return err
		}
		paid, plan, err := settle(loan, plan)
		if err != nil {
			return err
		}
		paid.BookedBy, paid.BookedAt = by.AccountID, now
		if err := s.write(ctx, tx, by, loan, paid, plan, now); err != nil {
			return err
		}
		loan, err = ownLoan(ctx, tx, by, loanID)
		return err
	})
	return loan, problem.Wrap("book the payment", err)
}

// booked reports whether the reference was booked for this loan before.
func (s *Service) booked(ctx context.Context, tx *store.Tx, loan Loan, reference string) (bool, error) {
	var other string
	err := tx.Row(ctx, `select loan_id from repayment where bank_id = $1 and bank_reference = $2`, loan.BankID, reference).Scan(&other)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err == nil && other != loan.ID:
		return false, referenceTaken()
	}
	return true, err
}

// write keeps a payment and the plan that it changed, and moves the application.
func (s *Service) write(ctx context.Context, tx *store.Tx, by party.Actor, loan Loan, paid Repaid, plan []Instalment, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into repayment (loan_id, bank_id, bank_reference, paid_on, amount_fen, interest_fen, principal_fen, early, booked_by, booked_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, loan.ID, loan.BankID, paid.BankReference, store.Micros(paid.PaidOn), paid.AmountFen,
		paid.InterestFen, paid.PrincipalFen, store.Bool(paid.Early), paid.BookedBy, store.Micros(paid.BookedAt))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from instalment where loan_id = $1`, loan.ID); err != nil {
		return err
	}
	if err := insertInstalments(ctx, tx, loan.ID, plan); err != nil {
		return err
	}
	p, err := positionOf(ctx, tx, loan.ID, Day(now))
	if err != nil {
		return err
	}
	if err := updatePosition(ctx, tx, loan.ID, p); err != nil {
		return err
	}
	settled := time.Time{}
	if p.openFen == 0 {
		settled = now
	}
	_, err = tx.Exec(ctx, `update loan set outstanding_fen = outstanding_fen - $1, settled_at = $2 where id = $3`, paid.PrincipalFen, store.Micros(settled), loan.ID)
	if err != nil {
		return err
	}
	a, err := applicationOfLoan(ctx, tx, loan.ID)
	if err != nil {
		return err
	}
	_, err = s.move(ctx, tx, by, attempt{application: a, event: paymentEvent(a.State, p), now: now, loan: &p})
	return err
}

// paymentEvent is what a payment means where the schedule stands after it.
func paymentEvent(from State, p position) Event {
	switch {
	case p.openFen == 0:
		return EventSettle
	case from == Overdue && p.overdueFen == 0:
		return EventCure
	}
	return EventRepay
}

// SettleQuote says what paying everything back on a day costs.
func (s *Service) SettleQuote(ctx context.Context, by party.Actor, loanID string, on time.Time) (Quote, error) {
	loan, plan, _, err := s.Loan(ctx, by, loanID)
	if err != nil {
		return Quote{}, err
	}
	q, _ := settleOn(loan, plan, on)
	return q, nil
}

// settleOn computes the price of settling on a day, and the plan as it is after that: what fell due stays, and the rest of the
// principal is due on the day with the interest up to it. Interest that was paid ahead counts towards the principal.
func settleOn(loan Loan, plan []Instalment, on time.Time) (Quote, []Instalment) {
	var kept []Instalment
	last, prepaid, rest, open := loan.DisbursedOn, int64(0), int64(0), int64(0)
	for _, i := range plan {
		if i.DueOn.After(on) {
			rest, prepaid = rest+i.PrincipalFen, prepaid+i.PaidFen
			continue
		}
		open += i.PrincipalFen + i.InterestFen - i.PaidFen
		last = i.DueOn
		kept = append(kept, i)
	}
	if rest > 0 {
		days := Days(loan.DayCount, last, on)
		final := Instalment{Number: len(kept) + 1, DueOn: on, Days: days, PrincipalFen: rest, InterestFen: Interest(rest, loan.RateBP, days), PaidFen: prepaid}
		// Nothing is paid back: who paid ahead more than all of it keeps the planned interest of that payment.
		final.InterestFen = max(final.InterestFen, prepaid-rest)
		open += rest + final.InterestFen - prepaid
		kept = append(kept, final)
	}
	return Quote{On: on, PrincipalFen: loan.OutstandingFen, InterestFen: open - loan.OutstandingFen, TotalFen: open}, kept
}

// SettleEarly books the payment of everything. The amount is SettleQuote's.
func (s *Service) SettleEarly(ctx context.Context, by party.Actor, loanID, bankReference string, on time.Time) (Loan, error) {
	return s.book(ctx, by, loanID, bankReference, on, func(loan Loan, plan []Instalment) (Repaid, []Instalment, error) {
		if loan.OutstandingFen == 0 {
			return Repaid{}, nil, problem.New(problem.Conflict, "settled", "贷款已结清。", "The loan is settled already.")
		}
		q, plan := settleOn(loan, plan, on)
		if q.TotalFen == 0 {
			return Repaid{}, nil, problem.New(problem.Conflict, "nothing_due", "到该日无需再付，请在到期日结清。", "Nothing is left to pay on that day; settle on the due day.")
		}
		allocate(plan, q.TotalFen, on)
		return Repaid{BankReference: bankReference, PaidOn: on, AmountFen: q.TotalFen, InterestFen: q.InterestFen, PrincipalFen: q.PrincipalFen, Early: true}, plan, nil
	})
}

// WriteOff closes a loan that is overdue for more than 360 days.
func (s *Service) WriteOff(ctx context.Context, by party.Actor, loanID string, why Reason) (Loan, error) {
	if !by.Role.Bank() {
		return Loan{}, problem.New(problem.Forbidden, "not_yours", "核销由银行风控岗办理。", "The bank's risk officer writes off.")
	}
	clause, org := tenant(by, "l")
	return s.end(ctx, by, EventWriteOff, why, selectLoan+` where `+clause+` and l.id = $2`, org, loanID)
}

// Compensate closes a loan that is overdue for more than 60 days and was paid for by the guarantee pool. The finance office sees the
// loans of its own city.
func (s *Service) Compensate(ctx context.Context, by party.Actor, loanID string, why Reason) (Loan, error) {
	if by.Role != party.RoleFinanceOffice {
		return Loan{}, problem.New(problem.Forbidden, "not_yours", "代偿由金融管理部门确认。", "The finance office confirms a compensation.")
	}
	return s.end(ctx, by, EventCompensate, why,
		selectLoan+` where a.city = (select g.city from organisation g where g.id = $1 and g.kind = 'government') and l.id = $2`, by.OrgID, loanID)
}

// end closes a loan that its query lets the actor see.
func (s *Service) end(ctx context.Context, by party.Actor, event Event, why Reason, query, org, loanID string) (Loan, error) {
	now := s.store.Now()
	var loan Loan
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if loan, err = scanLoan(tx.Row(ctx, query, org, loanID).Scan); err != nil {
			return err
		}
		p, err := positionOf(ctx, tx, loanID, Day(now))
		if err != nil {
			return err
		}
		a, err := applicationOfLoan(ctx, tx, loanID)
		if err != nil {
			return err
		}
		if _, err := s.move(ctx, tx, by, attempt{application: a, event: event, why: why, now: now, loan: &p}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update loan set settled_at = $1 where id = $2`, store.Micros(now), loanID); err != nil {
			return err
		}
		loan, err = scanLoan(tx.Row(ctx, query, org, loanID).Scan)
		return err
	})
	return loan, problem.Wrap("close the loan", err)
}
