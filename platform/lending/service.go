package lending

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/riverqueue/river"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
)

// Options wire the service.
type Options struct {
	Store    *store.Store
	Products *product.Service
	Consents *consent.Service
	Exchange *exchange.Exchange
	// Disbursed is told of every new loan once it is committed; it may be nil. What it misses after a crash, its owner finds itself.
	Disbursed func(ctx context.Context, l Loan) error
}

// Service carries applications.
type Service struct {
	store    *store.Store
	products *product.Service
	consents *consent.Service
	exchange *exchange.Exchange
	jobs     *store.Jobs // inserts only; the platform runs them
	told     func(ctx context.Context, l Loan) error
}

// New returns the service.
func New(o Options) (*Service, error) {
	jobs, err := o.Store.NewJobs(&river.Config{})
	if err != nil {
		return nil, err
	}
	return &Service{store: o.Store, products: o.Products, consents: o.Consents, exchange: o.Exchange, jobs: jobs, told: o.Disbursed}, nil
}

// secondLevelFen is the amount above which the bank's risk officer makes the offer.
const secondLevelFen = 1_000_000_00

// Apply submits an application of the actor's firm. It needs a verified firm and a pre-loan grant to the product's bank. The
// same form sent twice returns the first application.
func (s *Service) Apply(ctx context.Context, by party.Actor, f Form) (Application, error) {
	if !by.Role.Borrower() {
		return Application{}, problem.New(problem.Forbidden, "not_a_borrower", "只有借款企业可以申请贷款。", "Only a borrowing firm applies.")
	}
	p, err := s.products.Get(ctx, f.ProductID)
	if err != nil {
		return Application{}, err
	}
	if err := f.check(p); err != nil {
		return Application{}, err
	}
	var a Application
	err = s.store.Update(ctx, func(tx *store.Tx) (err error) {
		open, err := store.Collect(ctx, tx, scanApplication, selectApplication+` where a.org_id = $1 and a.product_id = $2 and coalesce(a.demand_id, '') = $3
			and a.state in ('draft', 'submitted', 'accepted', 'in_review', 'more_information', 'approved', 'offer_accepted', 'contract_signed')`,
			by.OrgID, p.ID, f.DemandID)
		if err != nil || len(open) > 0 {
			if len(open) > 0 {
				a = open[0]
			}
			return err
		}
		a, err = s.submit(ctx, tx, by, f, p)
		return err
	})
	return a, problem.Wrap("apply", err)
}

func (f Form) check(p product.Product) error {
	var wrong problem.Fields
	if f.AmountFen < p.AmountMinFen || f.AmountFen > p.AmountMaxFen {
		wrong.Add("amount_wan", "range", fmt.Sprintf("该产品金额为 %s–%s 万元。", wan(p.AmountMinFen), wan(p.AmountMaxFen)),
			fmt.Sprintf("This product lends %s to %s (in 10,000 yuan).", wan(p.AmountMinFen), wan(p.AmountMaxFen)))
	}
	if f.TermMonths < p.TermMinMonths || f.TermMonths > p.TermMaxMonths {
		wrong.Add("term_months", "range", fmt.Sprintf("该产品期限为 %d–%d 个月。", p.TermMinMonths, p.TermMaxMonths),
			fmt.Sprintf("This product's term is %d to %d months.", p.TermMinMonths, p.TermMaxMonths))
	}
	if !slices.Contains(p.Repayments, f.Repayment) {
		wrong.Add("repayment", "unknown", "请选择该产品支持的还款方式。", "Choose one of the product's ways of repayment.")
	}
	if !slices.Contains(demand.Uses(), demand.Use(f.Use)) {
		wrong.Add("use", "unknown", "请选择资金用途。", "Choose the use of the money.")
	}
	return wrong.Err()
}

// submit writes the draft and submits it.
func (s *Service) submit(ctx context.Context, tx *store.Tx, by party.Actor, f Form, p product.Product) (Application, error) {
	org, err := party.OrganisationByID(ctx, tx, by.OrgID)
	if err != nil {
		return Application{}, err
	}
	if f.DemandID != "" {
		d, err := demand.Own(ctx, tx, by, f.DemandID)
		if err != nil {
			return Application{}, err
		}
		if d.State != demand.StateOpen && d.State != demand.StateApplied {
			return Application{}, problem.New(problem.Conflict, "demand_closed", "该融资需求已结束，请重新发布。", "This demand is closed; publish a new one.")
		}
		if err := demand.MarkApplied(ctx, tx, d.ID); err != nil {
			return Application{}, err
		}
	}
	now, id := s.store.Now(), s.store.NewID()
	draft := Application{ID: id, Number: "YD" + Day(now).Format("20060102") + "-" + id[18:], OrgID: org.ID, City: org.City, Region: org.Profile.Division,
		BankID: p.BankID, ProductID: p.ID, ProductVersion: p.Version, DemandID: f.DemandID, AmountFen: f.AmountFen, TermMonths: f.TermMonths,
		Use: f.Use, Repayment: f.Repayment, State: Draft, Version: 1, Owner: Borrower, CreatedAt: now, UpdatedAt: now}
	grant, err := s.authorised(ctx, tx, by, org, p, now)
	if err != nil {
		return Application{}, err
	}
	draft.GrantID = grant.ID
	if err := insertApplication(ctx, tx, draft); err != nil {
		return Application{}, err
	}
	if draft, err = applicationByID(ctx, tx, id); err != nil {
		return Application{}, err
	}
	return s.move(ctx, tx, by, attempt{application: draft, event: EventSubmit, now: now, verify: func() error {
		_, err := s.authorised(ctx, tx, by, org, p, now)
		return err
	}})
}

// authorised is the guard of submission.
func (s *Service) authorised(ctx context.Context, tx *store.Tx, by party.Actor, org party.Organisation, p product.Product, now time.Time) (consent.Grant, error) {
	if !org.Verified() {
		return consent.Grant{}, problem.New(problem.Forbidden, "not_verified", "请先完成企业和本人身份认证。", "Verify your firm and yourself first.")
	}
	if !p.InForce(now) {
		return consent.Grant{}, problem.New(problem.Conflict, "product_closed", "该产品已暂停或下架。", "This product takes no applications now.")
	}
	return s.consents.CoveringIn(ctx, tx, by, preLoan(org.ID, p))
}

func preLoan(orgID string, p product.Product) consent.Need {
	return consent.Need{SubjectOrg: orgID, GranteeID: p.BankID, Purpose: borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW, Classes: p.DataClasses}
}

// List returns the actor's side's applications: the firm's own, or the bank's, newest first.
func (s *Service) List(ctx context.Context, by party.Actor, states ...State) ([]Application, error) {
	clause, org := tenant(by, "a")
	var all []Application
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scanApplication, selectApplication+` where `+clause+` order by a.created_at desc, a.id desc`, org)
		return err
	})
	if len(states) > 0 {
		all = slices.DeleteFunc(all, func(a Application) bool { return !slices.Contains(states, a.State) })
	}
	return all, problem.Wrap("list the applications", err)
}

// Inbox returns what waits for the actor's bank, nearest deadline first.
func (s *Service) Inbox(ctx context.Context, by party.Actor) ([]Application, error) {
	if !by.Role.Bank() {
		return nil, problem.New(problem.Forbidden, "not_a_bank", "只有银行有收件箱。", "Only a bank has an inbox.")
	}
	var all []Application
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scanApplication, selectApplication+` where a.bank_id = $1 and a.owner = 'bank' order by a.deadline, a.id`, by.OrgID)
		return err
	})
	return all, problem.Wrap("read the inbox", err)
}

// Case returns one application with everything around it.
func (s *Service) Case(ctx context.Context, by party.Actor, id string) (Case, error) {
	var c Case
	var org party.Organisation
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if c.Application, err = ownApplication(ctx, tx, by, id); err != nil {
			return err
		}
		if org, err = party.OrganisationByID(ctx, tx, c.Application.OrgID); err != nil {
			return err
		}
		return c.read(ctx, tx)
	})
	if err != nil {
		return Case{}, problem.Wrap("read the application", err)
	}
	c.MayDo = mayDo(by, c.Application)
	if c.Offer != nil {
		if c.Offer.Instalments, err = Schedule(c.Offer.plan(Day(s.store.Now()))); err != nil {
			return Case{}, err
		}
	}
	c.Verdicts, err = s.products.Judge(ctx, c.Product, c.facts(org, c.Application.AmountFen, c.Application.TermMonths, s.store.Now()))
	return c, problem.Wrap("judge the application", err)
}

func (c *Case) read(ctx context.Context, tx *store.Tx) (err error) {
	id := c.Application.ID
	if c.Product, err = product.VersionIn(ctx, tx, c.Application.ProductID, c.Application.ProductVersion); err != nil {
		return err
	}
	if c.Steps, err = stepsOf(ctx, tx, id); err != nil {
		return err
	}
	if c.Report, err = newestReport(ctx, tx, id); err != nil {
		return err
	}
	if c.Offer, err = offerOf(ctx, tx, id); err != nil {
		return err
	}
	if c.Contract, err = contractOf(ctx, tx, id); err != nil {
		return err
	}
	if c.Loan, err = loanOf(ctx, tx, id); err != nil || c.Loan == nil {
		return err
	}
	if c.Instalments, err = instalmentsOf(ctx, tx, c.Loan.ID); err != nil {
		return err
	}
	c.Repayments, err = repaymentsOf(ctx, tx, c.Loan.ID)
	return err
}

// facts are what the product's rules are judged on, for an amount and a term.
func (c *Case) facts(org party.Organisation, amountFen int64, months int, now time.Time) product.Facts {
	f := product.Facts{
		Demand: product.DemandFacts{AmountFen: amountFen, TermMonths: months, Use: c.Application.Use, Region: c.Application.Region,
			// An application names the product, and with it the security that the product asks for.
			Security: string(c.Product.Security)},
		Firm: FirmFacts(org, now),
	}
	if c.Report != nil {
		f.Credit = c.Report.Result
		f.Firm = withReport(f.Firm, f.Credit)
	}
	return f
}

// act is what most events are: read the application as the actor saw it, move it.
func (s *Service) act(ctx context.Context, by party.Actor, ref Ref, doing string, event Event, why Reason) (Application, error) {
	var a Application
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		read, err := current(ctx, tx, by, ref)
		if err != nil {
			return err
		}
		a, err = s.move(ctx, tx, by, attempt{application: read, event: event, why: why, now: s.store.Now()})
		return err
	})
	return a, problem.Wrap(doing, err)
}

// Accept takes the application in: the officer becomes its officer.
func (s *Service) Accept(ctx context.Context, by party.Actor, a Ref) (Application, error) {
	return s.act(ctx, by, a, "accept the application", EventAccept, Reason{})
}

// Decline refuses it before review. A reason that helps the borrower is required.
func (s *Service) Decline(ctx context.Context, by party.Actor, a Ref, why Reason) (Application, error) {
	return s.act(ctx, by, a, "decline the application", EventDecline, why)
}

// Review starts the review.
func (s *Service) Review(ctx context.Context, by party.Actor, a Ref) (Application, error) {
	return s.act(ctx, by, a, "start the review", EventReview, Reason{})
}

// AskMore puts a question to the borrower; Answer returns the ball.
func (s *Service) AskMore(ctx context.Context, by party.Actor, a Ref, question Reason) (Application, error) {
	return s.act(ctx, by, a, "ask the borrower", EventAskMore, question)
}

// Answer answers the bank's question.
func (s *Service) Answer(ctx context.Context, by party.Actor, a Ref, answer string) (Application, error) {
	return s.act(ctx, by, a, "answer the bank", EventAnswer, Reason{Text: answer})
}

// Reject refuses it after review, with a reason.
func (s *Service) Reject(ctx context.Context, by party.Actor, a Ref, why Reason) (Application, error) {
	return s.act(ctx, by, a, "reject the application", EventReject, why)
}

// Withdraw takes the application back, until the contract is signed.
func (s *Service) Withdraw(ctx context.Context, by party.Actor, a Ref, why Reason) (Application, error) {
	return s.act(ctx, by, a, "withdraw the application", EventWithdraw, why)
}

// offerValid is how long an offer stands.
const offerValid = 7 * day

// Offer proposes terms. The report must be there, the product's rules must hold and the rate must be within the product's prices.
func (s *Service) Offer(ctx context.Context, by party.Actor, ref Ref, t Terms) (Application, error) {
	now := s.store.Now()
	lpr, err := s.products.LPR(ctx, now)
	if err != nil {
		return Application{}, err
	}
	var a Application
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		var c Case
		var err error
		if c.Application, err = current(ctx, tx, by, ref); err != nil {
			return err
		}
		org, err := party.OrganisationByID(ctx, tx, c.Application.OrgID)
		if err != nil {
			return err
		}
		if err := c.read(ctx, tx); err != nil {
			return err
		}
		offer := c.offer(by, t, lpr, now)
		a, err = s.move(ctx, tx, by, attempt{application: c.Application, event: EventOffer, now: now, offer: &offer,
			verify: func() error { return s.offerHolds(ctx, by, &c, org, offer, lpr, now) }})
		if err != nil {
			return err
		}
		return insertOffer(ctx, tx, offer)
	})
	return a, problem.Wrap("make the offer", err)
}

// offer fills in what the terms left to the product.
func (c *Case) offer(by party.Actor, t Terms, lpr product.LPR, now time.Time) Offer {
	o := Offer{ApplicationID: c.Application.ID, AmountFen: t.AmountFen, TermMonths: t.TermMonths, RateBP: t.RateBP, LPRBP: lpr.Of(c.Product.LPRTenor),
		Repayment: t.Repayment, DayCount: c.Product.DayCount, Conditions: strings.TrimSpace(t.Conditions), ValidUntil: now.Add(offerValid),
		MadeBy: by.AccountID, MadeAt: now}
	if o.AmountFen == 0 {
		o.AmountFen = c.Application.AmountFen
	}
	if o.TermMonths == 0 {
		o.TermMonths = c.Application.TermMonths
	}
	if o.Repayment == "" {
		o.Repayment = c.Application.Repayment
	}
	if o.RateBP == 0 && c.Report != nil {
		o.RateBP, _ = c.Product.RateFor(c.Report.Result.GetGrade(), lpr)
	}
	return o
}

// offerHolds is the guard of an offer.
func (s *Service) offerHolds(ctx context.Context, by party.Actor, c *Case, org party.Organisation, o Offer, lpr product.LPR, now time.Time) error {
	if c.Report == nil || c.Report.State != ReportArrived {
		return problem.New(problem.Conflict, "no_report", "请先取得信用报告再审批。", "Get the credit report before you decide.")
	}
	var wrong problem.Fields
	if o.AmountFen > c.Application.AmountFen || o.AmountFen < c.Product.AmountMinFen {
		wrong.Add("amount_wan", "range", "批准金额须在产品下限与申请金额之间。", "The amount lies between the product's minimum and what was asked for.")
	}
	if o.TermMonths < c.Product.TermMinMonths || o.TermMonths > c.Product.TermMaxMonths {
		wrong.Add("term_months", "range", "期限须在产品范围内。", "The term is within the product's.")
	}
	if low, high := c.Product.RateRange(lpr); o.RateBP < low || o.RateBP > high {
		wrong.Add("rate_pct", "range", fmt.Sprintf("利率须在产品定价 %s–%s%% 之间。", pct(low), pct(high)),
			fmt.Sprintf("The rate lies within the product's prices, %s to %s %%.", pct(low), pct(high)))
	}
	if !slices.Contains(c.Product.Repayments, o.Repayment) {
		wrong.Add("repayment", "unknown", "请选择该产品支持的还款方式。", "Choose one of the product's ways of repayment.")
	}
	if utf8.RuneCountInString(o.Conditions) > 500 {
		wrong.Add("conditions", "too_long", "最多 500 个字。", "At most 500 characters.")
	}
	if err := wrong.Err(); err != nil {
		return err
	}
	if o.AmountFen > secondLevelFen && by.Role != party.RoleBankRisk {
		return problem.New(problem.Forbidden, "second_level", "超过 100 万元须由风控岗审批。", "Above one million yuan the risk officer decides.")
	}
	verdicts, err := s.products.Judge(ctx, c.Product, c.facts(org, o.AmountFen, o.TermMonths, now))
	if err != nil {
		return err
	}
	var failedZH, failedEN []string
	for _, v := range verdicts {
		if v.Outcome != product.Passed {
			failedZH, failedEN = append(failedZH, v.Rule.MessageZH), append(failedEN, v.Rule.MessageEN)
		}
	}
	if len(failedZH) > 0 {
		return problem.New(problem.Conflict, "rules", "产品准入条件未满足："+strings.Join(failedZH, "；"), "The product's conditions do not hold: "+strings.Join(failedEN, "; "))
	}
	return nil
}

func (o Offer) plan(on time.Time) Plan {
	return Plan{PrincipalFen: o.AmountFen, RateBP: o.RateBP, Months: o.TermMonths, Repayment: o.Repayment, DayCount: o.DayCount, On: on}
}

// AcceptOffer takes the offer as it is; the contract's text is made from it.
func (s *Service) AcceptOffer(ctx context.Context, by party.Actor, ref Ref) (Application, error) {
	now := s.store.Now()
	var a Application
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		read, err := current(ctx, tx, by, ref)
		if err != nil {
			return err
		}
		offer, err := offerOf(ctx, tx, read.ID)
		if err != nil {
			return err
		}
		if a, err = s.move(ctx, tx, by, attempt{application: read, event: EventAcceptOffer, now: now, offer: offer}); err != nil {
			return err
		}
		return insertContract(ctx, tx, a, *offer, now)
	})
	return a, problem.Wrap("accept the offer", err)
}

// Loans lists the actor's side's loans, newest first.
func (s *Service) Loans(ctx context.Context, by party.Actor) ([]Loan, error) {
	clause, org := tenant(by, "l")
	var all []Loan
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		all, err = store.Collect(ctx, tx, scanLoan, selectLoan+` where `+clause+` order by l.disbursed_at desc, l.id desc`, org)
		return err
	})
	return all, problem.Wrap("list the loans", err)
}

// Loan returns one loan with its schedule and payments.
func (s *Service) Loan(ctx context.Context, by party.Actor, id string) (loan Loan, plan []Instalment, paid []Repaid, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if loan, err = ownLoan(ctx, tx, by, id); err != nil {
			return err
		}
		if plan, err = instalmentsOf(ctx, tx, id); err != nil {
			return err
		}
		paid, err = repaymentsOf(ctx, tx, id)
		return err
	})
	return loan, plan, paid, problem.Wrap("read the loan", err)
}

// Portrait returns the newest report about the actor's own firm; ok is false when there is none.
func (s *Service) Portrait(ctx context.Context, by party.Actor) (report Report, ok bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		report, err = scanReport(tx.Row(ctx, selectReport+` where r.org_id = $1 and r.state = 'arrived' order by r.arrived_at desc, r.id desc limit 1`, by.OrgID).Scan)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) || !by.Role.Borrower() {
		return Report{}, false, nil
	}
	return report, err == nil, problem.Wrap("read the portrait", err)
}

func wan(fen int64) string {
	whole, rest := fen/1_000_000, fen%1_000_000
	if rest == 0 {
		return fmt.Sprint(whole)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%06d", whole, rest), "0")
}

func pct(bp int) string { return fmt.Sprintf("%d.%02d", bp/100, bp%100) }
