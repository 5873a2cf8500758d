// Package identity asks the city's node whether a person is the legal person (or operator) of a firm, and keeps the answer.
//
// It owns the table identity_check. The resident identity number passes through in memory towards the government network;
// only its salted hash and a masked form are kept.
package identity

import (
	"context"
	"errors"
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/party"
)

// Claim is the form of the identity page: fields firm_name, usci, person_name, resident_id, agree.
type Claim struct {
	FirmName   string
	USCI       string
	PersonName string
	ResidentID string
	Agree      bool   // the person ticked the authorisation of this check
	Text       string // version of the consent text that was shown
	Screen     string // which page it was ticked on, such as /firm/identity
}

// Check is one attempt and its answer.
type Check struct {
	ID         string
	OrgID      string
	RequestID  string
	GrantID    string
	State      State
	Result     *borderv1.IdentityResult // nil until answered
	Refusal    borderv1.RefusalCode     // set when the node refused
	EnvelopeID string                   // of the answer
	AskedAt    time.Time
	AnsweredAt time.Time
}

// State of a check.
type State string

const (
	StateAsked    State = "asked"    // waiting for the node
	StateVerified State = "verified" // four times yes
	StateFailed   State = "failed"   // a no among the answers
	StateRefused  State = "refused"  // the node refused to answer
)

// Service runs identity checks.
type Service struct{}

var errPending = errors.New("not ready")

// Verify gives the PURPOSE_IDENTITY_CHECK grant in the person's name, asks the node and waits up to the service's time limit.
// A check that is still StateAsked is finished when the answer arrives; the page shows Latest.
func (s *Service) Verify(ctx context.Context, by party.Actor, c Claim) (Check, error) {
	return Check{}, errPending
}

// Latest returns the newest check of the actor's firm; ok is false when there was none.
func (s *Service) Latest(ctx context.Context, by party.Actor) (check Check, ok bool, err error) {
	return Check{}, false, errPending
}
