package consent

import (
	"context"
	"errors"
	"time"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/party"
)

// Service gives, finds and withdraws grants.
type Service struct{}

var errPending = errors.New("not ready")

// Give signs a grant in the actor's firm's name, logs it and sends it to the city's node.
func (s *Service) Give(ctx context.Context, by party.Actor, r Request) (Grant, error) {
	return Grant{}, errPending
}

// Revoke withdraws a grant at once, here and at the node. Withdrawing twice is fine.
func (s *Service) Revoke(ctx context.Context, by party.Actor, grantID string) (Grant, error) {
	return Grant{}, errPending
}

// Grants lists the actor's firm's grants, newest first.
func (s *Service) Grants(ctx context.Context, by party.Actor) ([]Grant, error) {
	return nil, errPending
}

// Grant returns one grant of the actor's firm.
func (s *Service) Grant(ctx context.Context, by party.Actor, id string) (Grant, error) {
	return Grant{}, errPending
}

// Need is what somebody wants to use data for.
type Need struct {
	SubjectOrg string
	GranteeID  string
	Purpose    borderv1.Purpose
	Classes    []borderv1.DataClass // empty asks for any
	At         time.Time            // zero means now
}

// Covering returns the grant that covers the need and ends last; problem code no_covering_grant when there is none. The actor
// must belong to the grantee or to the subject.
func (s *Service) Covering(ctx context.Context, by party.Actor, n Need) (Grant, error) {
	return Grant{}, errPending
}

// Uses lists who used the actor's firm's data, newest first, each proof verified on the way.
func (s *Service) Uses(ctx context.Context, by party.Actor) ([]Use, error) { return nil, errPending }

// CurrentText returns the text to show before consent for a purpose.
func (s *Service) CurrentText(purpose borderv1.Purpose) Text { return Text{} }

// Texts lists every version ever shown.
func (s *Service) Texts() []Text { return nil }
