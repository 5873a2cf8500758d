package product

import (
	"context"
	"errors"
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/party"
)

// Service publishes, lists and judges products.
type Service struct{}

var errPending = errors.New("not ready")

// Publish checks and publishes a product or its next version. A wrong rule is refused with field rule_N and its line:column.
func (s *Service) Publish(ctx context.Context, by party.Actor, d Draft) (Product, error) {
	return Product{}, errPending
}

// Suspend stops new applications for the actor's bank's product; Resume allows them again.
func (s *Service) Suspend(ctx context.Context, by party.Actor, productID string) error {
	return errPending
}

// Resume allows applications again.
func (s *Service) Resume(ctx context.Context, by party.Actor, productID string) error {
	return errPending
}

// Filter of the public list; zero values ask for everything.
type Filter struct {
	City       string
	Kind       Kind
	BankID     string
	AmountFen  int64
	TermMonths int
	Text       string // part of a name
}

// List returns the products in force, cheapest first.
func (s *Service) List(ctx context.Context, f Filter) ([]Product, error) { return nil, errPending }

// Get returns the version in force of a product (also when suspended).
func (s *Service) Get(ctx context.Context, productID string) (Product, error) {
	return Product{}, errPending
}

// Version returns one version of a product.
func (s *Service) Version(ctx context.Context, productID string, version int) (Product, error) {
	return Product{}, errPending
}

// OfBank lists the actor's bank's own products, newest version each, in every state.
func (s *Service) OfBank(ctx context.Context, by party.Actor) ([]Product, error) {
	return nil, errPending
}

// Judge evaluates a product's rules, and its ranges as rules of their own.
func (s *Service) Judge(ctx context.Context, p Product, f Facts) ([]Verdict, error) {
	return nil, errPending
}

// LPR returns the loan prime rate in force on a date.
func (s *Service) LPR(ctx context.Context, on time.Time) (LPR, error) { return LPR{}, errPending }

// RateBP returns the annual rate in basis points for a grade on a date; ok is false when the product does not lend to it.
func (s *Service) RateBP(ctx context.Context, p Product, grade borderv1.Grade, on time.Time) (bp int, ok bool, err error) {
	return 0, false, errPending
}

// RateRangeBP returns the lowest and highest annual rate of a product on a date, in basis points.
func (s *Service) RateRangeBP(ctx context.Context, p Product, on time.Time) (low, high int, err error) {
	return 0, 0, errPending
}

// Seed makes sure that the example banks' products exist. banks maps a bank's name to its organisation id.
func (s *Service) Seed(ctx context.Context, city string, banks map[string]string) error {
	return errPending
}

// SeedBanks lists the banks that Seed has products for.
func SeedBanks() []party.Organisation { return nil }

// Vocabulary lists what rules may name, for the help next to the form.
func Vocabulary() []Term { return nil }

// Term is one word of the vocabulary.
type Term struct {
	Name    string // such as credit.grade
	Type    string // such as string
	ZH, EN  string
	Example string
}
