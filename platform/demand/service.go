package demand

import (
	"context"
	"errors"

	"github.com/yidaitong/yidaitong/platform/party"
)

// Service publishes and lists demands.
type Service struct{}

var errPending = errors.New("not ready")

// Publish publishes a demand of the actor's firm for 30 days.
func (s *Service) Publish(ctx context.Context, by party.Actor, d Draft) (Demand, error) {
	return Demand{}, errPending
}

// Withdraw closes the actor's firm's demand. Withdrawing twice is fine.
func (s *Service) Withdraw(ctx context.Context, by party.Actor, id string) (Demand, error) {
	return Demand{}, errPending
}

// Get returns one demand of the actor's firm.
func (s *Service) Get(ctx context.Context, by party.Actor, id string) (Demand, error) {
	return Demand{}, errPending
}

// List returns the demands of the actor's firm, newest first.
func (s *Service) List(ctx context.Context, by party.Actor) ([]Demand, error) { return nil, errPending }

// Market returns the open demands of the actor's bank's city without names, newest first.
func (s *Service) Market(ctx context.Context, by party.Actor) ([]Card, error) { return nil, errPending }
