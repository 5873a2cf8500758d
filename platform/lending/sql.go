package lending

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
)

// selectApplication: one row per application, with the names of its sides and its product.
const selectApplication = `select a.id, a.number, a.org_id, f.name, f.usci, a.city, a.region, a.bank_id, b.name, a.product_id, a.product_version,
	v.name_zh, v.name_en, coalesce(a.demand_id, ''), a.amount_fen, a.term_months, a.used_for, a.repayment, a.state, a.version, a.owner, a.deadline,
	a.officer_id, coalesce(o.name, ''), a.grant_id, a.reason_code, a.reason_text, a.created_at, a.updated_at
	from application a join organisation f on f.id = a.org_id join organisation b on b.id = a.bank_id
	join product_version v on v.product_id = a.product_id and v.version = a.product_version
	left join account o on o.id = a.officer_id`

func scanApplication(scan func(...any) error) (a Application, err error) {
	var deadline, created, updated int64
	err = scan(&a.ID, &a.Number, &a.OrgID, &a.FirmName, &a.FirmUSCI, &a.City, &a.Region, &a.BankID, &a.BankName, &a.ProductID, &a.ProductVersion,
		&a.ProductNameZH, &a.ProductNameEN, &a.DemandID, &a.AmountFen, &a.TermMonths, &a.Use, &a.Repayment, &a.State, &a.Version, &a.Owner, &deadline,
		&a.OfficerID, &a.OfficerName, &a.GrantID, &a.ReasonCode, &a.ReasonText, &created, &updated)
	a.Deadline, a.CreatedAt, a.UpdatedAt = store.Time(deadline), store.Time(created), store.Time(updated)
	return a, err
}

// tenant binds an application (or loan, report) to the actor's organisation: the firm sees its own, the bank those made to it, and
// nobody else any: also not somebody who is no one.
func tenant(by party.Actor, alias string) (clause string, id string) {
	switch {
	case by.Role.Borrower():
		return alias + `.org_id = $1`, by.OrgID
	case by.Role.Bank():
		return alias + `.bank_id = $1`, by.OrgID
	}
	return `$1 <> $1`, by.OrgID
}

// ownApplication reads an application that the actor may see; sql.ErrNoRows otherwise.
func ownApplication(ctx context.Context, tx *store.Tx, by party.Actor, id string) (Application, error) {
	clause, org := tenant(by, "a")
	return scanApplication(tx.Row(ctx, selectApplication+` where `+clause+` and a.id = $2`, org, id).Scan)
}

// current is ownApplication, refused when the actor looked at an older version.
func current(ctx context.Context, tx *store.Tx, by party.Actor, ref Ref) (Application, error) {
	a, err := ownApplication(ctx, tx, by, ref.ID)
	if err == nil && a.Version != ref.Version {
		return Application{}, stale()
	}
	return a, err
}

func stale() error {
	return problem.New(problem.Conflict, "stale_version", "此申请刚被更新，请刷新页面后再操作。",
		"This application was changed a moment ago; please reload the page and try again.")
}

func applicationByID(ctx context.Context, tx *store.Tx, id string) (Application, error) {
	return scanApplication(tx.Row(ctx, selectApplication+` where a.id = $1`, id).Scan)
}

func applicationOfLoan(ctx context.Context, tx *store.Tx, loanID string) (Application, error) {
	return scanApplication(tx.Row(ctx, selectApplication+` where a.id = (select l.application_id from loan l where l.id = $1)`, loanID).Scan)
}

func insertApplication(ctx context.Context, tx *store.Tx, a Application) error {
	demand := sql.NullString{String: a.DemandID, Valid: a.DemandID != ""}
	_, err := tx.Exec(ctx, `insert into application (id, number, org_id, bank_id, city, region, product_id, product_version, demand_id, amount_fen,
		term_months, used_for, repayment, state, version, owner, grant_id, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		a.ID, a.Number, a.OrgID, a.BankID, a.City, a.Region, a.ProductID, a.ProductVersion, demand, a.AmountFen, a.TermMonths, a.Use, a.Repayment,
		a.State, a.Version, a.Owner, a.GrantID, store.Micros(a.CreatedAt), store.Micros(a.UpdatedAt))
	return err
}

// updateApplication writes a state change; another one that came first makes it stale.
func updateApplication(ctx context.Context, tx *store.Tx, a Application, before int) error {
	decided := int64(0)
	switch a.State {
	case Declined, Approved, Rejected:
		decided = store.Micros(a.UpdatedAt)
	}
	n, err := tx.Exec(ctx, `update application set state = $1, version = $2, owner = $3, deadline = $4, officer_id = $5, reason_code = $6,
		reason_text = $7, updated_at = $8, decided_at = coalesce(nullif(cast($9 as bigint), 0), decided_at) where id = $10 and version = $11`,
		a.State, a.Version, a.Owner, store.Micros(a.Deadline), a.OfficerID, a.ReasonCode, a.ReasonText, store.Micros(a.UpdatedAt), decided, a.ID, before)
	if err == nil && n == 0 {
		return stale()
	}
	return err
}

func insertStep(ctx context.Context, tx *store.Tx, a Application, s Step) error {
	_, err := tx.Exec(ctx, `insert into application_step (application_id, seq, at, actor_id, actor_name, side, from_state, event, to_state,
		reason_code, reason_text) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.ID, a.Version, store.Micros(s.At), s.ActorID, s.ActorName, s.Side, s.From, s.Event, s.To, s.ReasonCode, s.ReasonText)
	return err
}

func stepsOf(ctx context.Context, tx *store.Tx, applicationID string) ([]Step, error) {
	return store.Collect(ctx, tx, func(scan func(...any) error) (s Step, err error) {
		var at int64
		err = scan(&at, &s.ActorID, &s.ActorName, &s.Side, &s.From, &s.Event, &s.To, &s.ReasonCode, &s.ReasonText)
		s.At = store.Time(at)
		return s, err
	}, `select at, actor_id, actor_name, side, from_state, event, to_state, reason_code, reason_text
		from application_step where application_id = $1 order by seq`, applicationID)
}

const selectReport = `select r.id, r.application_id, r.request_id, r.grant_id, r.state, r.result, r.refusal, r.envelope_id, r.origin, r.leaf_index,
	r.requested_by, r.requested_at, r.arrived_at from credit_report r`

func scanReport(scan func(...any) error) (r Report, err error) {
	var raw []byte
	var refusal, leaf, requested, arrived int64
	err = scan(&r.ID, &r.ApplicationID, &r.RequestID, &r.GrantID, &r.State, &raw, &refusal, &r.EnvelopeID, &r.Origin, &leaf, &r.RequestedBy, &requested, &arrived)
	if err != nil {
		return Report{}, err
	}
	r.Refusal, r.LeafIndex = borderv1.RefusalCode(refusal), uint64(leaf)
	r.RequestedAt, r.ArrivedAt = store.Time(requested), store.Time(arrived)
	if raw != nil {
		r.Result = &borderv1.CreditResult{}
		if err := proto.Unmarshal(raw, r.Result); err != nil {
			return Report{}, fmt.Errorf("decode a credit report: %w", err)
		}
	}
	return r, nil
}

// newestReport returns the application's newest report, nil when none was asked for. One that arrived comes before a later refusal
// or question, because it is what the review stands on.
func newestReport(ctx context.Context, tx *store.Tx, applicationID string) (*Report, error) {
	return optional(scanReport(tx.Row(ctx, selectReport+` where r.application_id = $1
		order by case when r.state = 'arrived' then 0 else 1 end, r.requested_at desc, r.id desc limit 1`, applicationID).Scan))
}

// optional makes nil of a row that is not there.
func optional[T any](row T, err error) (*T, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &row, nil
}

func offerOf(ctx context.Context, tx *store.Tx, applicationID string) (*Offer, error) {
	var o Offer
	var until, made int64
	err := tx.Row(ctx, `select application_id, amount_fen, term_months, rate_bp, lpr_bp, repayment, day_count, conditions, valid_until, made_by, made_at
		from offer where application_id = $1`, applicationID).
		Scan(&o.ApplicationID, &o.AmountFen, &o.TermMonths, &o.RateBP, &o.LPRBP, &o.Repayment, &o.DayCount, &o.Conditions, &until, &o.MadeBy, &made)
	o.ValidUntil, o.MadeAt, o.SpreadBP = store.Time(until), store.Time(made), o.RateBP-o.LPRBP
	return optional(o, err)
}

func insertOffer(ctx context.Context, tx *store.Tx, o Offer) error {
	_, err := tx.Exec(ctx, `insert into offer (application_id, amount_fen, term_months, rate_bp, lpr_bp, repayment, day_count, conditions,
		valid_until, made_by, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		o.ApplicationID, o.AmountFen, o.TermMonths, o.RateBP, o.LPRBP, o.Repayment, o.DayCount, o.Conditions, store.Micros(o.ValidUntil), o.MadeBy, store.Micros(o.MadeAt))
	return err
}

func contractOf(ctx context.Context, tx *store.Tx, applicationID string) (*Contract, error) {
	var c Contract
	var signed, leaf int64
	err := tx.Row(ctx, `select application_id, number, text_zh, sha256, signed_by, signed_at, origin, leaf_index from contract where application_id = $1`, applicationID).
		Scan(&c.ApplicationID, &c.Number, &c.TextZH, &c.SHA256, &c.SignedBy, &signed, &c.Origin, &leaf)
	c.SignedAt, c.LeafIndex = store.Time(signed), uint64(leaf)
	return optional(c, err)
}

// selectLoan: one row per loan, with its state, names, next instalment and watch.
const selectLoan = `select l.id, l.application_id, l.org_id, f.name, l.bank_id, b.name, v.name_zh, v.name_en, l.amount_fen, l.rate_bp, l.term_months,
	l.repayment, l.day_count, l.bank_reference, l.disbursed_on, l.due_on, l.outstanding_fen, l.overdue_days, l.overdue_fen, l.class, a.state,
	l.settled_at, coalesce(n.due_on, 0), coalesce(n.principal_fen + n.interest_fen - n.paid_fen, 0), coalesce(w.id, ''), coalesce(w.grant_id, '')
	from loan l join application a on a.id = l.application_id join organisation f on f.id = l.org_id join organisation b on b.id = l.bank_id
	join product_version v on v.product_id = a.product_id and v.version = a.product_version
	left join instalment n on n.loan_id = l.id and n.number = (select min(i.number) from instalment i
		where i.loan_id = l.id and i.paid_on = 0 and i.principal_fen + i.interest_fen > i.paid_fen)
	left join watch w on w.id = (select max(y.id) from watch y where y.loan_id = l.id)`

func scanLoan(scan func(...any) error) (l Loan, err error) {
	var disbursed, due, settled, next int64
	err = scan(&l.ID, &l.ApplicationID, &l.OrgID, &l.FirmName, &l.BankID, &l.BankName, &l.ProductNameZH, &l.ProductNameEN, &l.AmountFen, &l.RateBP,
		&l.TermMonths, &l.Repayment, &l.DayCount, &l.BankReference, &disbursed, &due, &l.OutstandingFen, &l.OverdueDays, &l.OverdueFen, &l.Class,
		&l.State, &settled, &next, &l.NextDueFen, &l.WatchID, &l.MonitoringGrant)
	l.DisbursedOn, l.DueOn, l.SettledAt, l.NextDueOn = store.Time(disbursed), store.Time(due), store.Time(settled), store.Time(next)
	return l, err
}

func ownLoan(ctx context.Context, tx *store.Tx, by party.Actor, id string) (Loan, error) {
	clause, org := tenant(by, "l")
	return scanLoan(tx.Row(ctx, selectLoan+` where `+clause+` and l.id = $2`, org, id).Scan)
}

func loanOf(ctx context.Context, tx *store.Tx, applicationID string) (*Loan, error) {
	return optional(scanLoan(tx.Row(ctx, selectLoan+` where l.application_id = $1`, applicationID).Scan))
}

func insertLoan(ctx context.Context, tx *store.Tx, l Loan, disbursedAt time.Time, first bool) error {
	_, err := tx.Exec(ctx, `insert into loan (id, application_id, org_id, bank_id, amount_fen, rate_bp, term_months, repayment, day_count,
		bank_reference, disbursed_on, disbursed_at, due_on, outstanding_fen, first_loan)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		l.ID, l.ApplicationID, l.OrgID, l.BankID, l.AmountFen, l.RateBP, l.TermMonths, l.Repayment, l.DayCount, l.BankReference,
		store.Micros(l.DisbursedOn), store.Micros(disbursedAt), store.Micros(l.DueOn), l.AmountFen, store.Bool(first))
	return err
}

func insertInstalments(ctx context.Context, tx *store.Tx, loanID string, plan []Instalment) error {
	for _, i := range plan {
		_, err := tx.Exec(ctx, `insert into instalment (loan_id, number, due_on, days, principal_fen, interest_fen, paid_fen, paid_on, balance_fen)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			loanID, i.Number, store.Micros(i.DueOn), i.Days, i.PrincipalFen, i.InterestFen, i.PaidFen, store.Micros(i.PaidOn), i.BalanceFen)
		if err != nil {
			return err
		}
	}
	return nil
}

func instalmentsOf(ctx context.Context, tx *store.Tx, loanID string) ([]Instalment, error) {
	return store.Collect(ctx, tx, func(scan func(...any) error) (i Instalment, err error) {
		var due, paid int64
		err = scan(&i.Number, &due, &i.Days, &i.PrincipalFen, &i.InterestFen, &i.PaidFen, &paid, &i.BalanceFen)
		i.DueOn, i.PaidOn = store.Time(due), store.Time(paid)
		return i, err
	}, `select number, due_on, days, principal_fen, interest_fen, paid_fen, paid_on, balance_fen from instalment where loan_id = $1 order by number`, loanID)
}

func repaymentsOf(ctx context.Context, tx *store.Tx, loanID string) ([]Repaid, error) {
	return store.Collect(ctx, tx, scanRepaid, selectRepaid+` where loan_id = $1 order by booked_at, bank_reference`, loanID)
}

const selectRepaid = `select bank_reference, paid_on, amount_fen, interest_fen, principal_fen, early, booked_by, booked_at from repayment`

func scanRepaid(scan func(...any) error) (r Repaid, err error) {
	var on, early, at int64
	err = scan(&r.BankReference, &on, &r.AmountFen, &r.InterestFen, &r.PrincipalFen, &early, &r.BookedBy, &at)
	r.PaidOn, r.Early, r.BookedAt = store.Time(on), early == 1, store.Time(at)
	return r, err
}

// positionOf sums a loan's schedule as of a date: what is due on the date itself is not overdue yet.
func positionOf(ctx context.Context, tx *store.Tx, loanID string, on time.Time) (position, error) {
	var p position
	var earliest int64
	err := tx.Row(ctx, `select coalesce(sum(principal_fen + interest_fen - paid_fen), 0),
		coalesce(sum(case when due_on < $1 then principal_fen + interest_fen - paid_fen else 0 end), 0),
		coalesce(min(case when due_on < $1 and principal_fen + interest_fen > paid_fen then due_on end), 0)
		from instalment where loan_id = $2 and paid_on = 0`, store.Micros(on), loanID).Scan(&p.openFen, &p.overdueFen, &earliest)
	if earliest > 0 {
		p.overdueDays = int(on.Sub(store.Time(earliest)) / day)
	}
	return p, err
}

func updatePosition(ctx context.Context, tx *store.Tx, loanID string, p position) error {
	_, err := tx.Exec(ctx, `update loan set overdue_days = $1, overdue_fen = $2, class = $3 where id = $4`, p.overdueDays, p.overdueFen, ClassOf(p.overdueDays), loanID)
	return err
}
