package lending

import (
	"context"
	"errors"
	"time"

	"github.com/yidaitong/yidaitong/platform/party"
)

// Service carries applications.
type Service struct{}

var errPending = errors.New("not ready")

// Apply submits an application of the actor's firm. It needs a verified firm and a pre-loan grant to the product's bank. The
// same form sent twice returns the first application.
func (s *Service) Apply(ctx context.Context, by party.Actor, f Form) (Application, error) {
	return Application{}, errPending
}

// List returns the actor's side's applications: the firm's own, or the bank's, newest first.
func (s *Service) List(ctx context.Context, by party.Actor, states ...State) ([]Application, error) {
	return nil, errPending
}

// Inbox returns what waits for the actor's bank, nearest deadline first.
func (s *Service) Inbox(ctx context.Context, by party.Actor) ([]Application, error) {
	return nil, errPending
}

// Case returns one application with everything around it.
func (s *Service) Case(ctx context.Context, by party.Actor, id string) (Case, error) {
	return Case{}, errPending
}

// Accept takes the application in: the officer becomes its officer.
func (s *Service) Accept(ctx context.Context, by party.Actor, a Ref) (Application, error) {
	return Application{}, errPending
}

// Decline refuses it before review. A reason that helps the borrower is required.
func (s *Service) Decline(ctx context.Context, by party.Actor, a Ref, why Reason) (Application, error) {
	return Application{}, errPending
}

// RequestReport asks the city's node for the credit report and waits up to wait (0 takes the service's limit). A report that
// comes later is stored when it comes; Case shows it. Asking again while one is underway or there returns that one.
func (s *Service) RequestReport(ctx context.Context, by party.Actor, id string, wait time.Duration) (Report, error) {
	return Report{}, errPending
}

// Review starts the review.
func (s *Service) Review(ctx context.Context, by party.Actor, a Ref) (Application, error) {
	return Application{}, errPending
}

// AskMore puts a question to the borrower; Answer returns the ball.
func (s *Service) AskMore(ctx context.Context, by party.Actor, a Ref, question Reason) (Application, error) {
	return Application{}, errPending
}

// Answer answers the bank's question.
func (s *Service) Answer(ctx context.Context, by party.Actor, a Ref, answer string) (Application, error) {
	return Application{}, errPending
}

// Reject refuses it after review, with a reason.
func (s *Service) Reject(ctx context.Context, by party.Actor, a Ref, why Reason) (Application, error) {
	return Application{}, errPending
}

// Offer proposes terms. The report must be there, the product's rules must hold and the rate must be within the product's prices.
func (s *Service) Offer(ctx context.Context, by party.Actor, a Ref, t Terms) (Application, error) {
	return Application{}, errPending
}

// AcceptOffer takes the offer as it is.
func (s *Service) AcceptOffer(ctx context.Context, by party.Actor, a Ref) (Application, error) {
	return Application{}, errPending
}

// Sign signs the contract in the borrower's name; its digest goes into the log. The contract's text is in Case before.
func (s *Service) Sign(ctx context.Context, by party.Actor, a Ref) (Application, error) {
	return Application{}, errPending
}

// Disburse records that the bank paid out, under the bank's reference. The same reference twice returns the first loan.
func (s *Service) Disburse(ctx context.Context, by party.Actor, a Ref, bankReference string) (Loan, error) {
	return Loan{}, errPending
}

// Repay books a payment. The same reference twice books once.
func (s *Service) Repay(ctx context.Context, by party.Actor, loanID, bankReference string, amountFen int64, on time.Time) (Loan, error) {
	return Loan{}, errPending
}

// SettleQuote says what paying everything back on a day costs.
func (s *Service) SettleQuote(ctx context.Context, by party.Actor, loanID string, on time.Time) (Quote, error) {
	return Quote{}, errPending
}

// SettleEarly books the payment of everything. The amount is SettleQuote's.
func (s *Service) SettleEarly(ctx context.Context, by party.Actor, loanID, bankReference string, on time.Time) (Loan, error) {
	return Loan{}, errPending
}

// WriteOff closes a loan that is overdue for more than 360 days.
func (s *Service) WriteOff(ctx context.Context, by party.Actor, loanID string, why Reason) (Loan, error) {
	return Loan{}, errPending
}

// Withdraw takes the application back, until the contract is signed.
func (s *Service) Withdraw(ctx context.Context, by party.Actor, a Ref, why Reason) (Application, error) {
	return Application{}, errPending
}

// Loans lists the actor's side's loans, newest first.
func (s *Service) Loans(ctx context.Context, by party.Actor) ([]Loan, error) { return nil, errPending }

// Loan returns one loan with its schedule and payments.
func (s *Service) Loan(ctx context.Context, by party.Actor, id string) (Loan, []Instalment, []Repaid, error) {
	return Loan{}, nil, nil, errPending
}

// Portrait returns the newest report about the actor's own firm; ok is false when there is none.
func (s *Service) Portrait(ctx context.Context, by party.Actor) (report Report, ok bool, err error) {
	return Report{}, false, errPending
}

// RunDay marks what is overdue as of the clock's day and sets the risk classes; the nightly job calls it.
func (s *Service) RunDay(ctx context.Context) (marked int, err error) { return 0, errPending }

// Reasons lists the reasons a form offers for an event (decline, reject, withdraw, ask_more).
func Reasons(e Event) []ReasonChoice { return nil }

// Table returns the state machine, for the docs and for the pages that draw it.
func Table() []Transition { return nil }
