// Package matching ranks products for a demand and says why.
//
// It owns no table. It must use declared facts only, unless the firm's own report is given; and it never hides a product: what
// does not match comes last with its reason.
package matching

import (
	"context"
	"errors"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/product"
)

// Match is a product seen from a demand.
type Match struct {
	Product      product.Product
	Verdict      product.Outcome // passed: all rules; pending: none failed, some need the report; failed
	Passed       []product.Rule
	Pending      []product.Rule
	Failed       []product.Rule
	RateLowBP    int // annual rate in basis points, best grade
	RateHighBP   int
	MonthlyFen   int64 // first instalment at the low rate, for the asked amount and term
	ExpectedDays int
	Reasons      []Reason // why it stands where it stands
}

// Reason is a sentence about the rank.
type Reason struct {
	Code   string // cheapest, fastest, all_rules_passed, unsecured, nearest_miss, ...
	ZH, EN string
}

// Service matches.
type Service struct{}

var errPending = errors.New("not ready")

// Match ranks the products in force in the firm's city for the actor's firm's demand.
func (s *Service) Match(ctx context.Context, by party.Actor, demandID string) ([]Match, error) {
	return nil, errPending
}
