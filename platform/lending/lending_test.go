package lending_test

import (
	"context"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"google.golang.org/protobuf/proto"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const preLoan = borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW

// loan is one loan's way in a test.
type loan struct {
	*platformtest.House
	t                   *testing.T
	firm, officer, risk party.Actor
	product             product.Product
	app                 lending.Application
}

func each(t *testing.T, do func(l *loan)) {
	t.Helper()
	t.Parallel()
	platformtest.Each(t, func(t *testing.T, h *platformtest.House) {
		l := &loan{House: h, t: t}
		l.officer, l.risk = h.Bank("淠河银行")
		l.firm, l.product = h.Firm(), h.Offers(l.officer)
		do(l)
	})
}

func (l *loan) form() lending.Form {
	return lending.Form{ProductID: l.product.ID, AmountFen: 30_000_000, TermMonths: 12, Use: string(demand.UseWorkingCapital), Repayment: product.EqualInstalments}
}

func (l *loan) ref() lending.Ref { return lending.Ref{ID: l.app.ID, Version: l.app.Version} }

// then takes the result of a step.
func (l *loan) then(a lending.Application, err error) {
	l.t.Helper()
	platformtest.Must(l.t, err)
	l.app = a
}

func (l *loan) apply() {
	l.t.Helper()
	l.Allow(l.firm, l.officer.OrgID, preLoan)
	l.then(l.Lending.Apply(l.t.Context(), l.firm, l.form()))
}

func (l *loan) toReview() {
	l.t.Helper()
	l.apply()
	l.then(l.Lending.Accept(l.t.Context(), l.officer, l.ref()))
	_, err := l.Lending.RequestReport(l.t.Context(), l.officer, l.app.ID, 0)
	platformtest.Must(l.t, err)
	l.then(l.Lending.Review(l.t.Context(), l.officer, l.ref()))
}

func (l *loan) toContract() {
	l.t.Helper()
	ctx := l.t.Context()
	l.toReview()
	l.then(l.Lending.Offer(ctx, l.officer, l.ref(), lending.Terms{}))
	l.then(l.Lending.AcceptOffer(ctx, l.firm, l.ref()))
	l.then(l.Lending.Sign(ctx, l.firm, l.ref()))
}

func (l *loan) disburse() lending.Loan {
	l.t.Helper()
	l.toContract()
	lent, err := l.Lending.Disburse(l.t.Context(), l.officer, l.ref(), "PAY-0001")
	platformtest.Must(l.t, err)
	return lent
}

// refused checks that a step was refused with a problem of that code.
func (l *loan) refused(what, code string, err error) {
	l.t.Helper()
	p := problem.Of(err)
	if p == nil {
		l.t.Errorf("%s: got %v, want problem %s", what, err, code)
		return
	}
	got := p.Code
	if len(p.Fields) > 0 {
		got = p.Fields[0].Name + ":" + p.Fields[0].Code
	}
	if got != code || p.EN == "" || p.ZH == "" {
		l.t.Errorf("%s: got problem %s (%v), want %s", what, got, err, code)
	}
}

func (l *loan) readCase(by party.Actor) lending.Case {
	l.t.Helper()
	c, err := l.Lending.Case(l.t.Context(), by, l.app.ID)
	platformtest.Must(l.t, err)
	return c
}

func TestFromFormToLastFen(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		lent := l.disburse()
		if lent.State != lending.Disbursed || lent.OutstandingFen != 30_000_000 || lent.RateBP != 410 || lent.Class != lending.ClassNormal {
			l.t.Errorf("loan is %+v", lent)
		}
		c := l.readCase(l.firm)
		if len(c.Instalments) != 12 || c.Contract == nil || c.Contract.SignedAt.IsZero() || c.Contract.Origin == "" || c.Report.Result.GetScore() != 640 {
			l.t.Errorf("case is %+v", c)
		}
		events := ""
		for _, s := range c.Steps {
			events += string(s.Event) + " "
			if s.ActorID == "" || s.ActorName == "" || s.At.IsZero() {
				l.t.Errorf("a step without actor or time: %+v", s)
			}
		}
		if events != "submit accept review offer accept_offer sign disburse " {
			l.t.Errorf("history is %s", events)
		}
		for i, instalment := range c.Instalments {
			l.Pass(instalment.DueOn.Add(4 * time.Hour).Sub(l.Now())) // noon in Shanghai
			var err error
			lent, err = l.Lending.Repay(ctx, l.officer, lent.ID, "R-000"+string(rune('a'+i)), instalment.PrincipalFen+instalment.InterestFen, instalment.DueOn)
			platformtest.Must(l.t, err)
		}
		if lent.State != lending.Settled || lent.OutstandingFen != 0 || lent.SettledAt.IsZero() {
			l.t.Errorf("after the last instalment: %+v", lent)
		}
		_, plan, paid, err := l.Lending.Loan(ctx, l.firm, lent.ID)
		platformtest.Must(l.t, err)
		var principal, interest, planned int64
		for _, r := range paid {
			principal, interest = principal+r.PrincipalFen, interest+r.InterestFen
		}
		for _, i := range plan {
			planned += i.InterestFen
		}
		if principal != 30_000_000 || interest != planned {
			l.t.Errorf("paid %d of principal and %d of interest, planned %d", principal, interest, planned)
		}
	})
}

func TestApplyNeedsGrantAndIdentity(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		_, err := l.Lending.Apply(ctx, l.Stranger(), l.form())
		l.refused("an unverified firm", "not_verified", err)
		_, err = l.Lending.Apply(ctx, l.firm, l.form())
		l.refused("without a grant", "no_covering_grant", err)
		other, _ := l.Bank("江淮银行")
		l.Allow(l.firm, other.OrgID, preLoan)
		_, err = l.Lending.Apply(ctx, l.firm, l.form())
		l.refused("with a grant to another bank", "no_covering_grant", err)
		l.apply()
		first := l.app
		again, err := l.Lending.Apply(ctx, l.firm, l.form())
		if err != nil || again.ID != first.ID {
			l.t.Errorf("a double click made %s beside %s, %v", again.ID, first.ID, err)
		}
		wrong := l.form()
		wrong.AmountFen, wrong.TermMonths, wrong.Use, wrong.Repayment = 1, 99, "x", "y"
		_, err = l.Lending.Apply(ctx, l.firm, wrong)
		if p := problem.Of(err); p == nil || len(p.Fields) != 4 {
			l.t.Errorf("wrong form: %v", err)
		}
		_, err = l.Lending.Apply(ctx, l.officer, l.form())
		l.refused("a bank applies", "not_a_borrower", err)
	})
}

func TestStaleVersionsAndTwoOfficers(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.apply()
		seen := l.ref()
		results := make(chan error, 2)
		for _, by := range []party.Actor{l.officer, l.risk} {
			go func() {
				_, err := l.Lending.Accept(ctx, by, seen)
				results <- err
			}()
		}
		one, two := <-results, <-results
		if (one == nil) == (two == nil) {
			l.t.Fatalf("two officers at once: %v and %v", one, two)
		}
		if one == nil {
			one = two
		}
		l.refused("the slower officer", "stale_version", one)
		c := l.readCase(l.officer)
		l.app = c.Application
		if len(c.Steps) != 2 || c.Application.Version != 3 {
			l.t.Errorf("history after two clicks: %+v", c.Steps)
		}
		_, err := l.Lending.Accept(ctx, l.officer, l.ref())
		l.refused("accepting twice", "wrong_state", err)
		_, err = l.Lending.Sign(ctx, l.firm, l.ref())
		l.refused("signing before there is a contract", "stale_version", err)
		_, err = l.Lending.Review(ctx, l.firm, l.ref())
		l.refused("the borrower reviews", "not_yours", err)
	})
}

func TestReport(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.apply()
		_, err := l.Lending.RequestReport(ctx, l.officer, l.app.ID, 0)
		l.refused("before acceptance", "not_accepted", err)
		l.then(l.Lending.Accept(ctx, l.officer, l.ref()))
		_, err = l.Lending.RequestReport(ctx, l.firm, l.app.ID, 0)
		l.refused("by the borrower", "not_yours", err)

		release := l.Node.Hold()
		waiting, err := l.Lending.RequestReport(ctx, l.officer, l.app.ID, 20*time.Millisecond)
		if err != nil || waiting.State != lending.ReportRequested {
			l.t.Fatalf("while the node is away: %+v, %v", waiting, err)
		}
		second, err := l.Lending.RequestReport(ctx, l.risk, l.app.ID, 20*time.Millisecond)
		if err != nil || second.ID != waiting.ID {
			l.t.Fatalf("a second officer asked again: %+v, %v", second, err)
		}
		release()
		arrived, err := l.Lending.RequestReport(ctx, l.officer, l.app.ID, 5*time.Second)
		if err != nil || arrived.ID != waiting.ID || arrived.State != lending.ReportArrived || arrived.Result.GetScore() != 640 || arrived.Origin == "" {
			l.t.Fatalf("after the node is back: %+v, %v", arrived, err)
		}
		fresh, err := l.Lending.RequestReport(ctx, l.officer, l.app.ID, 0)
		if err != nil || fresh.ID != arrived.ID {
			l.t.Errorf("a fresh report was asked for again: %+v, %v", fresh, err)
		}
		portrait, ok, err := l.Lending.Portrait(ctx, l.firm)
		if err != nil || !ok || portrait.ID != arrived.ID {
			l.t.Errorf("portrait is %+v, %v, %v", portrait, ok, err)
		}

		l.Pass(25 * time.Hour)
		next, err := l.Lending.RequestReport(ctx, l.officer, l.app.ID, 5*time.Second)
		if err != nil || next.ID == arrived.ID {
			l.t.Errorf("a report of yesterday was used: %+v, %v", next, err)
		}
		if grants, err := l.Consent.Grants(ctx, l.firm); err != nil || grants[0].Uses != 2 {
			l.t.Errorf("two reports used the grant %d times, %v", grants[0].Uses, err)
		}
		grants, _ := l.Consent.Grants(ctx, l.firm)
		_, err = l.Consent.Revoke(ctx, l.firm, grants[0].ID)
		platformtest.Must(l.t, err)
		_, err = l.Lending.RequestReport(ctx, l.officer, l.app.ID, 0)
		l.refused("after the withdrawal, although a fresh report is there", "no_covering_grant", err)
	})
}

func TestARefusedReportIsNoGroundForAnOffer(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.Node.Credit = func(r *borderv1.CreditRequest) proto.Message {
			return &borderv1.Refusal{RequestId: r.GetId(), GrantId: l.app.GrantID, Code: borderv1.RefusalCode_REFUSAL_CODE_NOT_SCORABLE}
		}
		l.apply()
		l.then(l.Lending.Accept(ctx, l.officer, l.ref()))
		r, err := l.Lending.RequestReport(ctx, l.officer, l.app.ID, 5*time.Second)
		if err != nil || r.State != lending.ReportRefused || r.Refusal != borderv1.RefusalCode_REFUSAL_CODE_NOT_SCORABLE {
			l.t.Fatalf("report is %+v, %v", r, err)
		}
		l.then(l.Lending.Review(ctx, l.officer, l.ref()))
		_, err = l.Lending.Offer(ctx, l.officer, l.ref(), lending.Terms{RateBP: 400})
		l.refused("an offer without a report", "no_report", err)
	})
}

func TestOffer(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.toReview()
		for what, c := range map[string]struct {
			terms lending.Terms
			code  string
		}{
			"more than asked for":    {lending.Terms{AmountFen: 30_000_001}, "amount_wan:range"},
			"below the minimum":      {lending.Terms{AmountFen: 1}, "amount_wan:range"},
			"cheaper than the price": {lending.Terms{RateBP: 359}, "rate_pct:range"},
			"dearer than the price":  {lending.Terms{RateBP: 491}, "rate_pct:range"},
			"longer than the term":   {lending.Terms{TermMonths: 25}, "term_months:range"},
			"an unknown repayment":   {lending.Terms{Repayment: "later"}, "repayment:unknown"},
		} {
			_, err := l.Lending.Offer(ctx, l.officer, l.ref(), c.terms)
			l.refused(what, c.code, err)
		}
		l.then(l.Lending.Offer(ctx, l.officer, l.ref(), lending.Terms{AmountFen: 20_000_000, TermMonths: 6, Repayment: product.InterestFirst, Conditions: "按月提供流水"}))
		c := l.readCase(l.firm)
		if c.Offer == nil || c.Offer.RateBP != 410 || c.Offer.SpreadBP != 110 || len(c.Offer.Instalments) != 6 || c.Application.Owner != lending.Borrower {
			l.t.Errorf("offer is %+v", c.Offer)
		}
		l.Pass(8 * 24 * time.Hour)
		_, err := l.Lending.AcceptOffer(ctx, l.firm, l.ref())
		l.refused("a lapsed offer", "offer_lapsed", err)
	})
}

func TestSecondLevel(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		report := func(limit borderv1.LimitBand) func(r *borderv1.CreditRequest) proto.Message {
			return func(r *borderv1.CreditRequest) proto.Message {
				c := l.Node.Report(r)
				c.LimitBand = limit
				return c
			}
		}
		l.Node.Credit = report(borderv1.LimitBand_LIMIT_BAND_1M_TO_2M)
		l.Allow(l.firm, l.officer.OrgID, preLoan)
		form := l.form()
		form.AmountFen = 150_000_000
		l.then(l.Lending.Apply(ctx, l.firm, form))
		l.then(l.Lending.Accept(ctx, l.officer, l.ref()))
		_, err := l.Lending.RequestReport(ctx, l.officer, l.app.ID, 5*time.Second)
		platformtest.Must(l.t, err)
		l.then(l.Lending.Review(ctx, l.officer, l.ref()))
		_, err = l.Lending.Offer(ctx, l.officer, l.ref(), lending.Terms{})
		l.refused("an officer offers 1.5 million", "second_level", err)
		l.then(l.Lending.Offer(ctx, l.risk, l.ref(), lending.Terms{}))
	})
}

func TestProductRulesHold(t *testing.T) {
	each(t, func(l *loan) {
		l.Node.Credit = func(r *borderv1.CreditRequest) proto.Message {
			c := l.Node.Report(r)
			c.LimitBand = borderv1.LimitBand_LIMIT_BAND_UP_TO_100K
			return c
		}
		l.toReview()
		_, err := l.Lending.Offer(l.t.Context(), l.officer, l.ref(), lending.Terms{})
		l.refused("above the advised limit", "rules", err)
		l.then(l.Lending.Offer(l.t.Context(), l.officer, l.ref(), lending.Terms{AmountFen: 10_000_000}))
	})
}

func TestReasons(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.apply()
		_, err := l.Lending.Decline(ctx, l.officer, l.ref(), lending.Reason{})
		l.refused("declined without a reason", "reason:missing", err)
		_, err = l.Lending.Decline(ctx, l.officer, l.ref(), lending.Reason{Code: "other"})
		l.refused("declined for other reasons without words", "text:missing", err)
		l.then(l.Lending.Decline(ctx, l.officer, l.ref(), lending.Reason{Code: "short_history", Text: "成立不足一年"}))
		if l.app.State != lending.Declined || l.app.ReasonCode != "short_history" || !l.app.Deadline.IsZero() || l.app.Owner != "" {
			l.t.Errorf("declined: %+v", l.app)
		}
		// A firm that was declined may apply again.
		l.then(l.Lending.Apply(ctx, l.firm, l.form()))
		l.then(l.Lending.Withdraw(ctx, l.firm, l.ref(), lending.Reason{Code: "no_need"}))
		if l.app.State != lending.Withdrawn {
			l.t.Errorf("withdrawn: %+v", l.app)
		}
	})
}

func TestQuestionAndAnswer(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.toReview()
		l.then(l.Lending.AskMore(ctx, l.officer, l.ref(), lending.Reason{Code: "contracts"}))
		if l.app.Owner != lending.Borrower {
			l.t.Errorf("after the question: %+v", l.app)
		}
		_, err := l.Lending.Answer(ctx, l.firm, l.ref(), " ")
		l.refused("an empty answer", "reason:missing", err)
		l.then(l.Lending.Answer(ctx, l.firm, l.ref(), "合同已上传"))
		l.then(l.Lending.Reject(ctx, l.risk, l.ref(), lending.Reason{Code: "debt_too_high"}))
		if l.app.State != lending.Rejected {
			l.t.Errorf("rejected: %+v", l.app)
		}
	})
}

func TestDeadlines(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.apply()
		if want := l.Now().Add(48 * time.Hour); !l.app.Deadline.Equal(want) {
			l.t.Errorf("deadline is %v, want %v", l.app.Deadline, want)
		}
		inbox, err := l.Lending.Inbox(ctx, l.officer)
		if err != nil || len(inbox) != 1 || inbox[0].ID != l.app.ID {
			l.t.Errorf("inbox is %+v, %v", inbox, err)
		}
		l.Pass(48*time.Hour - time.Second)
		_, err = l.Lending.RunDay(ctx)
		platformtest.Must(l.t, err)
		if c := l.readCase(l.firm); c.Application.State != lending.Submitted {
			l.t.Errorf("expired a second too early: %+v", c.Application)
		}
		l.Pass(time.Second)
		for range 2 {
			_, err = l.Lending.RunDay(ctx)
			platformtest.Must(l.t, err)
		}
		c := l.readCase(l.firm)
		last := c.Steps[len(c.Steps)-1]
		if c.Application.State != lending.Expired || last.ActorID != "system" || len(c.Steps) != 2 {
			l.t.Errorf("after the deadline: %+v, %+v", c.Application, c.Steps)
		}
	})
}

// TestTheDeadlineJob runs nothing but the queue: the job that was written with the deadline ends the application, also when the
// process that wrote it is gone.
func TestTheDeadlineJob(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.apply()
		l.Pass(48 * time.Hour)
		// The queue goes by the wall clock, on which the two days have not passed.
		platformtest.Must(l.t, l.Store.Update(ctx, func(tx *store.Tx) error {
			n, err := tx.Exec(ctx, `update river_job set state = 'available', scheduled_at = current_timestamp where kind = 'lending_deadline'`)
			if n != 1 {
				l.t.Errorf("%d jobs were written", n)
			}
			return err
		}))
		workers := river.NewWorkers()
		l.Lending.AddWorkers(workers)
		queue, err := l.Store.NewJobs(&river.Config{Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}}, Workers: workers})
		platformtest.Must(l.t, err)
		platformtest.Must(l.t, queue.Start(context.WithoutCancel(ctx)))
		defer func() { platformtest.Must(l.t, queue.Stop(context.WithoutCancel(ctx))) }()
		for end := time.Now().Add(20 * time.Second); l.readCase(l.firm).Application.State == lending.Submitted && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
		if c := l.readCase(l.firm); c.Application.State != lending.Expired {
			l.t.Errorf("the job left it %s", c.Application.State)
		}
	})
}

// TestAnOldDeadlineJobDoesNothing: an application that moved on is not ended by the deadline that it left behind.
func TestAnOldDeadlineJobDoesNothing(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		l.apply()
		old := l.app.Version
		l.then(l.Lending.Accept(ctx, l.officer, l.ref()))
		l.Pass(365 * 24 * time.Hour)
		worker := lending.NewDeadlineWorker(l.Lending)
		platformtest.Must(l.t, worker.Work(ctx, &river.Job[lending.DeadlineArgs]{Args: lending.DeadlineArgs{ApplicationID: l.app.ID, Version: old}}))
		if c := l.readCase(l.firm); c.Application.State != lending.Accepted {
			l.t.Errorf("an old deadline made it %s", c.Application.State)
		}
		platformtest.Must(l.t, worker.Work(ctx, &river.Job[lending.DeadlineArgs]{Args: lending.DeadlineArgs{ApplicationID: l.app.ID, Version: l.app.Version}}))
		if c := l.readCase(l.firm); c.Application.State != lending.Expired {
			l.t.Errorf("its own deadline left it %s", c.Application.State)
		}
	})
}

func TestDisburseOnce(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		first := l.disburse()
		again, err := l.Lending.Disburse(ctx, l.officer, l.ref(), "PAY-0001")
		if err != nil || again.ID != first.ID {
			l.t.Errorf("the same reference made %s beside %s, %v", again.ID, first.ID, err)
		}
		_, err = l.Lending.Disburse(ctx, l.officer, l.ref(), "PAY-0002")
		l.refused("another reference", "stale_version", err)
		_, err = l.Lending.Disburse(ctx, l.officer, l.ref(), "a b")
		l.refused("a malformed reference", "bank_reference:malformed", err)
		all, err := l.Lending.Loans(ctx, l.firm)
		if err != nil || len(all) != 1 {
			l.t.Errorf("loans: %+v, %v", all, err)
		}
	})
}

func TestRepayOnce(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		lent := l.disburse()
		today := lending.Day(l.Now())
		due := lent.NextDueFen
		for range 2 {
			after, err := l.Lending.Repay(ctx, l.officer, lent.ID, "R-0001", due-1, today)
			platformtest.Must(l.t, err)
			if after.State != lending.Repaying || after.NextDueFen != 1 {
				l.t.Errorf("after the payment: %+v", after)
			}
		}
		for what, c := range map[string]struct {
			reference string
			amount    int64
			on        time.Time
			code      string
		}{
			"more than what is due": {"R-0002", 2, today, "amount_yuan:too_much"},
			"nothing":               {"R-0002", 0, today, "amount_yuan:range"},
			"tomorrow":              {"R-0002", 1, today.AddDate(0, 0, 1), "paid_on:future"},
			"before disbursement":   {"R-0002", 1, today.AddDate(0, 0, -1), "paid_on:too_early"},
		} {
			_, err := l.Lending.Repay(ctx, l.officer, lent.ID, c.reference, c.amount, c.on)
			l.refused(what, c.code, err)
		}
		_, err := l.Lending.Repay(ctx, l.firm, lent.ID, "R-0002", 1, today)
		l.refused("the borrower books", "not_yours", err)
	})
}

func TestSettleEarly(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		lent := l.disburse()
		q, err := l.Lending.SettleQuote(ctx, l.firm, lent.ID, lent.DisbursedOn)
		if err != nil || q.TotalFen != 30_000_000 || q.InterestFen != 0 {
			l.t.Errorf("settling on the day of disbursement costs %+v, %v", q, err)
		}
		_, err = l.Lending.Repay(ctx, l.officer, lent.ID, "R-0001", lent.NextDueFen, lent.DisbursedOn)
		platformtest.Must(l.t, err)
		l.Pass(45 * 24 * time.Hour)
		on := lending.Day(l.Now())
		q, err = l.Lending.SettleQuote(ctx, l.firm, lent.ID, on)
		platformtest.Must(l.t, err)
		settled, err := l.Lending.SettleEarly(ctx, l.officer, lent.ID, "R-0002", on)
		platformtest.Must(l.t, err)
		if settled.State != lending.Settled || settled.OutstandingFen != 0 {
			l.t.Errorf("settled: %+v", settled)
		}
		_, plan, paid, err := l.Lending.Loan(ctx, l.firm, lent.ID)
		platformtest.Must(l.t, err)
		var principal, planned, total int64
		for _, r := range paid {
			principal, total = principal+r.PrincipalFen, total+r.AmountFen
		}
		for _, i := range plan {
			planned += i.PrincipalFen + i.InterestFen
		}
		if principal != 30_000_000 || planned != total || paid[len(paid)-1].AmountFen != q.TotalFen || !paid[len(paid)-1].Early {
			l.t.Errorf("principal %d, planned %d, paid %d, quote %+v", principal, planned, total, q)
		}
	})
}

func TestOverdueCureAndWriteOff(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		lent := l.disburse()
		runOn := func(day time.Time) lending.Loan {
			l.t.Helper()
			// Noon in Shanghai of that day.
			l.Pass(day.Add(4 * time.Hour).Sub(l.Now()))
			_, err := l.Lending.RunDay(ctx)
			platformtest.Must(l.t, err)
			now, _, _, err := l.Lending.Loan(ctx, l.firm, lent.ID)
			platformtest.Must(l.t, err)
			return now
		}
		due := lent.NextDueOn
		if now := runOn(due); now.State != lending.Disbursed || now.OverdueDays != 0 {
			l.t.Errorf("on the due day: %+v", now)
		}
		now := runOn(due.AddDate(0, 0, 1))
		if now.State != lending.Overdue || now.OverdueDays != 1 || now.OverdueFen != lent.NextDueFen || now.Class != lending.ClassSpecialMention {
			l.t.Errorf("a day later: %+v", now)
		}
		_, err := l.Lending.WriteOff(ctx, l.risk, lent.ID, lending.Reason{Code: "other", Text: "失联"})
		l.refused("written off after a day", "schedule", err)
		now, err = l.Lending.Repay(ctx, l.officer, lent.ID, "R-0001", 100, due.AddDate(0, 0, 1))
		if err != nil || now.State != lending.Overdue {
			l.t.Errorf("after part of it: %+v, %v", now, err)
		}
		now, err = l.Lending.Repay(ctx, l.officer, lent.ID, "R-0002", lent.NextDueFen-100, due.AddDate(0, 0, 1))
		if err != nil || now.State != lending.Repaying || now.OverdueDays != 0 || now.Class != lending.ClassNormal {
			l.t.Errorf("cured: %+v, %v", now, err)
		}
		second := now.NextDueOn
		for days, class := range map[int]lending.FiveClass{91: lending.ClassSubstandard} {
			if now := runOn(second.AddDate(0, 0, days)); now.Class != class || now.OverdueDays != days {
				l.t.Errorf("%d days: %+v", days, now)
			}
		}
		now = runOn(second.AddDate(0, 0, 361))
		if now.Class != lending.ClassLoss {
			l.t.Errorf("after a year: %+v", now)
		}
		_, err = l.Lending.WriteOff(ctx, l.officer, lent.ID, lending.Reason{Text: "失联"})
		l.refused("the officer writes off", "not_yours", err)
		now, err = l.Lending.WriteOff(ctx, l.risk, lent.ID, lending.Reason{Text: "失联"})
		if err != nil || now.State != lending.WrittenOff {
			l.t.Errorf("written off: %+v, %v", now, err)
		}
	})
}

func TestCompensate(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		lent := l.disburse()
		office := l.Office(party.RoleFinanceOffice)
		l.Pass(120 * 24 * time.Hour)
		_, err := l.Lending.RunDay(ctx)
		platformtest.Must(l.t, err)
		_, err = l.Lending.Compensate(ctx, l.Office(party.RoleTreasury), lent.ID, lending.Reason{Text: "x"})
		l.refused("the treasury compensates", "not_yours", err)
		now, err := l.Lending.Compensate(ctx, office, lent.ID, lending.Reason{Text: "代偿"})
		if err != nil || now.State != lending.Compensated {
			l.t.Errorf("compensated: %+v, %v", now, err)
		}
	})
}

func TestTheWatchBeginsWithTheMoney(t *testing.T) {
	each(t, func(l *loan) {
		grant := l.Allow(l.firm, l.officer.OrgID, borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING)
		l.disburse()
		for end := time.Now().Add(5 * time.Second); len(l.Node.Watches()) == 0 && time.Now().Before(end); {
			time.Sleep(5 * time.Millisecond)
		}
		watches := l.Node.Watches()
		if len(watches) != 1 || watches[0].GetRequesterId() != l.officer.OrgID {
			l.t.Fatalf("watches: %v", watches)
		}
		loans, err := l.Lending.Loans(l.t.Context(), l.officer)
		if err != nil || loans[0].MonitoringGrant != grant.ID || loans[0].WatchID == "" {
			l.t.Errorf("loans: %+v, %v", loans, err)
		}
	})
}

// TestTenants lets another bank and another firm try everything on a loan that is not theirs.
func TestTenants(t *testing.T) {
	each(t, func(l *loan) {
		ctx := l.t.Context()
		lent := l.disburse()
		strangers, strangersRisk := l.Bank("江淮银行")
		otherFirm := l.Firm()
		for _, by := range []party.Actor{strangers, strangersRisk, otherFirm, l.Office(party.RoleAuditor), l.Office(party.RoleFinanceOffice), {}} {
			_, errCase := l.Lending.Case(ctx, by, l.app.ID)
			_, _, _, errLoan := l.Lending.Loan(ctx, by, lent.ID)
			_, errQuote := l.Lending.SettleQuote(ctx, by, lent.ID, l.Now())
			_, errReport := l.Lending.RequestReport(ctx, by, l.app.ID, 0)
			_, errRepay := l.Lending.Repay(ctx, by, lent.ID, "R-0009", 1, lending.Day(l.Now()))
			_, errAccept := l.Lending.Accept(ctx, by, l.ref())
			_, errWithdraw := l.Lending.Withdraw(ctx, by, l.ref(), lending.Reason{Code: "other", Text: "x"})
			_, errDisburse := l.Lending.Disburse(ctx, by, l.ref(), "PAY-0009")
			for what, err := range map[string]error{"case": errCase, "loan": errLoan, "quote": errQuote, "report": errReport, "repay": errRepay,
				"accept": errAccept, "withdraw": errWithdraw, "disburse": errDisburse} {
				if !problem.Is(err, problem.NotFound) {
					l.t.Errorf("%s of another tenant as %s: %v", what, by.Role, err)
				}
			}
			apps, err := l.Lending.List(ctx, by)
			loans, err2 := l.Lending.Loans(ctx, by)
			_, ok, err3 := l.Lending.Portrait(ctx, by)
			if err != nil || err2 != nil || err3 != nil || len(apps)+len(loans) > 0 || ok {
				l.t.Errorf("%s sees %d applications, %d loans, portrait %v: %v %v %v", by.Role, len(apps), len(loans), ok, err, err2, err3)
			}
		}
	})
}
