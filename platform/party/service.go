package party

import (
	"context"
	"errors"
)

// Service registers, signs in and knows people and organisations.
type Service struct{}

var errPending = errors.New("not ready")

// Register creates a borrower's organisation and its first account. Wrong fields are all named at once.
func (s *Service) Register(ctx context.Context, r Registration) (Account, error) {
	return Account{}, errPending
}

// SignIn checks the password and opens a session; the token belongs in an HttpOnly cookie. Five failures in a row lock the
// login for 15 minutes; an unknown login takes the same time and gives the same answer as a wrong password.
func (s *Service) SignIn(ctx context.Context, login, password string) (token string, session Session, err error) {
	return "", Session{}, errPending
}

// Session returns the session of a token and pushes its idle limit out; problem kind Forbidden when it is over.
func (s *Service) Session(ctx context.Context, token string) (Session, error) {
	return Session{}, errPending
}

// SignOut ends the session of a token. Ending it twice is fine.
func (s *Service) SignOut(ctx context.Context, token string) error { return errPending }

// ChangePassword replaces the actor's password and ends its other sessions.
func (s *Service) ChangePassword(ctx context.Context, by Actor, old, replacement string) error {
	return errPending
}

// Own returns the actor's own organisation.
func (s *Service) Own(ctx context.Context, by Actor) (Organisation, error) {
	return Organisation{}, errPending
}

// Describe stores what the actor's firm says about itself. Once verified, the USCI no longer changes.
func (s *Service) Describe(ctx context.Context, by Actor, p Profile) (Organisation, error) {
	return Organisation{}, errPending
}

// Banks lists the admitted banks by name; their names are public.
func (s *Service) Banks(ctx context.Context) ([]Organisation, error) { return nil, errPending }

// SeedStaff makes sure that the staff accounts exist, and changes nothing about those that do.
func (s *Service) SeedStaff(ctx context.Context, staff []Staff) ([]Account, error) {
	return nil, errPending
}

// Accounts lists the accounts of the actor's own organisation; an operator sees the staff of every organisation.
func (s *Service) Accounts(ctx context.Context, by Actor) ([]Account, error) { return nil, errPending }
