package lending

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"github.com/yidaitong/yidaitong/platform/calendar"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
)

// system is who acts when a deadline passes.
var system = party.Actor{AccountID: "system", Name: "系统"}

// sides are what an actor is to an application. Somebody who is nothing to it does not see it.
func sides(by party.Actor, a Application) []Side {
	switch {
	case by == system:
		return []Side{System}
	case by.Role.Borrower() && by.OrgID == a.OrgID:
		return []Side{Borrower}
	case by.Role == party.RoleBankRisk && by.OrgID == a.BankID:
		return []Side{Bank, BankRisk}
	case by.Role == party.RoleBankOfficer && by.OrgID == a.BankID:
		return []Side{Bank}
	}
	return nil
}

func acts(by []Side, who Side) bool {
	for _, s := range by {
		if s == who {
			return true
		}
	}
	return false
}

// mayDo lists the events whose row names the actor's side; guards may still refuse.
func mayDo(by party.Actor, a Application) []Event {
	var may []Event
	own := sides(by, a)
	for _, row := range Table() {
		if row.From == a.State && acts(own, row.Who) {
			may = append(may, row.Event)
		}
	}
	return may
}

// move makes an event happen to an application that was just read in tx: it finds the row of the table, checks side and guard,
// writes the new state and the history, and sets the next deadline.
func (s *Service) move(ctx context.Context, tx *store.Tx, by party.Actor, try attempt) (Application, error) {
	a := try.application
	row, ok := transition(a.State, try.event)
	if !ok {
		return Application{}, problem.New(problem.Conflict, "wrong_state", "申请的状态已变化，此操作不再适用，请刷新页面。",
			"The application is in another state now and this no longer applies; please reload the page.")
	}
	own := sides(by, a)
	if row.Who == Government && by.Role == party.RoleFinanceOffice {
		own = []Side{Government}
	}
	if !acts(own, row.Who) {
		return Application{}, problem.New(problem.Forbidden, "not_yours", "您的角色不能执行此操作。", "Your role may not do this.")
	}
	if check := guards[row.Guard]; check != nil {
		if err := check(try); err != nil {
			return Application{}, err
		}
	}
	before := a.Version
	a.State, a.Version, a.UpdatedAt = row.To, a.Version+1, try.now
	if row.Event == EventAccept {
		a.OfficerID, a.OfficerName = by.AccountID, by.Name
	}
	if try.why != (Reason{}) {
		a.ReasonCode, a.ReasonText = try.why.Code, try.why.Text
	}
	if err := s.wait(ctx, tx, &a, try); err != nil {
		return Application{}, err
	}
	if err := updateApplication(ctx, tx, a, before); err != nil {
		return Application{}, err
	}
	if err := insertStep(ctx, tx, a, Step{At: try.now, ActorID: by.AccountID, ActorName: by.Name, Side: row.Who, From: row.From, Event: row.Event,
		To: row.To, ReasonCode: try.why.Code, ReasonText: try.why.Text}); err != nil {
		return Application{}, err
	}
	return a, s.remind(ctx, tx, a)
}

// wait sets whose turn it is in the new state, and by when.
func (s *Service) wait(ctx context.Context, tx *store.Tx, a *Application, try attempt) error {
	a.Owner, a.Deadline = "", time.Time{}
	w, waiting := waitingIn(a.State)
	if !waiting {
		return nil
	}
	a.Owner = w.Owner
	switch {
	case a.State == Approved && try.offer != nil:
		a.Deadline = try.offer.ValidUntil
	case w.Within > 0:
		a.Deadline = try.now.Add(w.Within)
	case a.State == Disbursed || a.State == Repaying:
		return s.waitForInstalment(ctx, tx, a)
	default:
		p, err := product.VersionIn(ctx, tx, a.ProductID, a.ProductVersion)
		if err != nil {
			return err
		}
		within := p.DecideWithin
		if a.State == Submitted {
			within = p.AcceptWithin
		}
		a.Deadline = try.now.Add(within)
	}
	return nil
}

// waitForInstalment sets the end of the day in Shanghai on which the next instalment is due.
func (s *Service) waitForInstalment(ctx context.Context, tx *store.Tx, a *Application) error {
	var due int64
	err := tx.Row(ctx, `select coalesce(min(i.due_on), 0) from instalment i join loan l on l.id = i.loan_id
		where l.application_id = $1 and i.paid_on = 0 and i.principal_fen + i.interest_fen > i.paid_fen`, a.ID).Scan(&due)
	if err != nil || due == 0 {
		return err
	}
	a.Deadline = endOfDay(store.Time(due))
	return nil
}

// endOfDay is the instant at which a date ends in Shanghai.
func endOfDay(date time.Time) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day()+1, 0, 0, 0, 0, calendar.Shanghai()).UTC()
}

// DeadlineArgs is the timed job behind every deadline before the money is out. It is written in the transaction that sets the
// deadline, so that a restart loses none.
type DeadlineArgs struct {
	ApplicationID string `json:"application_id"`
	Version       int    `json:"version"`
}

// Kind names the job.
func (DeadlineArgs) Kind() string { return "lending_deadline" }

// remind writes the job that acts when the deadline passes. The queue runs on the wall clock, so the job is due after the same span.
func (s *Service) remind(ctx context.Context, tx *store.Tx, a Application) error {
	if a.Deadline.IsZero() || a.State.Lent() {
		return nil
	}
	due := time.Now().Add(a.Deadline.Sub(s.store.Now()))
	if _, err := s.jobs.InsertTx(ctx, tx.Tx, DeadlineArgs{a.ID, a.Version}, &river.InsertOpts{ScheduledAt: due}); err != nil {
		return fmt.Errorf("set the deadline: %w", err)
	}
	return nil
}

// DeadlineWorker ends what waited too long.
type DeadlineWorker struct {
	river.WorkerDefaults[DeadlineArgs]
	service *Service
}

// AddWorkers registers the jobs of this package.
func (s *Service) AddWorkers(workers *river.Workers) {
	river.AddWorker(workers, NewDeadlineWorker(s))
}

// NewDeadlineWorker returns the worker of a service's deadlines.
func NewDeadlineWorker(s *Service) *DeadlineWorker { return &DeadlineWorker{service: s} }

// Work lets an application expire if it still waits in the state that the job was written for.
func (w *DeadlineWorker) Work(ctx context.Context, job *river.Job[DeadlineArgs]) error {
	left, err := w.service.expire(ctx, job.Args.ApplicationID, job.Args.Version)
	if err == nil && left > 0 {
		return river.JobSnooze(left)
	}
	return err
}

// expire ends one application whose deadline has passed; left is how long it still has. A version of 0 means the present one.
func (s *Service) expire(ctx context.Context, id string, version int) (left time.Duration, err error) {
	now := s.store.Now()
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		a, err := applicationByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if version != 0 && a.Version != version || a.Deadline.IsZero() || a.State.Lent() {
			return nil // it moved on
		}
		if left = a.Deadline.Sub(now); left > 0 {
			return nil
		}
		_, err = s.move(ctx, tx, system, attempt{application: a, event: EventExpire, now: now})
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return left, problem.Wrap("let an application expire", err)
}

// RunDay ends what is past its deadline, marks what is overdue as of the clock's day and sets the risk classes; the nightly job
// calls it. Running it twice changes nothing.
func (s *Service) RunDay(ctx context.Context) (changed int, err error) {
	now := s.store.Now()
	var late, loans []string
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		late, err = store.Collect(ctx, tx, scanID, `select id from application where deadline > 0 and deadline <= $1
			and state not in ('disbursed', 'repaying', 'overdue') order by id`, store.Micros(now))
		if err != nil {
			return err
		}
		loans, err = store.Collect(ctx, tx, scanID, `select l.id from loan l where l.settled_at = 0 and (l.overdue_days > 0
			or exists (select 1 from instalment i where i.loan_id = l.id and i.paid_on = 0 and i.due_on < $1
				and i.principal_fen + i.interest_fen > i.paid_fen)) order by l.id`, store.Micros(Day(now)))
		return err
	})
	for _, id := range late {
		_, failed := s.expire(ctx, id, 0)
		err = errors.Join(err, failed)
	}
	for _, id := range loans {
		err = errors.Join(err, s.store.Update(ctx, func(tx *store.Tx) error { return s.markOverdue(ctx, tx, id, now) }))
	}
	return len(late) + len(loans), problem.Wrap("run the day", err)
}

// markOverdue writes where a loan stands today, and moves its application when it falls overdue.
func (s *Service) markOverdue(ctx context.Context, tx *store.Tx, loanID string, now time.Time) error {
	p, err := positionOf(ctx, tx, loanID, Day(now))
	if err != nil {
		return err
	}
	if err := updatePosition(ctx, tx, loanID, p); err != nil {
		return err
	}
	a, err := applicationOfLoan(ctx, tx, loanID)
	if err != nil || p.overdueFen == 0 || a.State == Overdue || !a.State.Lent() {
		return err
	}
	_, err = s.move(ctx, tx, system, attempt{application: a, event: EventFallDue, now: now, loan: &p})
	return err
}

func scanID(scan func(...any) error) (id string, err error) {
	err = scan(&id)
	return id, err
}
