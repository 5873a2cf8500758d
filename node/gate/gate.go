package gate

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/translog"
)

// Options wire a gate.
type Options struct {
	City   string
	Keys   *border.Keyring // of the node
	Log    *translog.Log   // of the node
	Clock  func() time.Time
	Logger *slog.Logger
}

// Gate answers requests.
type Gate struct{}

var errPending = errors.New("not ready")

// Open opens the gate of the node in dir.
func Open(ctx context.Context, dir string, o Options) (*Gate, error) { return nil, errPending }

// Handle answers one envelope from the platform. It returns what is to be sent back: a result or refusal, or nothing for a grant, a
// revocation and a watch that was taken on. The same envelope again returns the same answer.
func (g *Gate) Handle(ctx context.Context, e *borderv1.Envelope) ([]*borderv1.Envelope, error) {
	return nil, errPending
}

// Reload takes over the newest snapshot when it is another than the one in use, and puts alerts and the digest into the outbox.
func (g *Gate) Reload(ctx context.Context) (changed bool, err error) { return false, errPending }

// Close closes the gate's files.
func (g *Gate) Close() error { return errPending }
