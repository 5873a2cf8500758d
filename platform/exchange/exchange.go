package exchange

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/translog"
)

// Sent is a message on its way to a city's node.
type Sent struct {
	ID        string             // of the envelope, and of the message in it when it has one
	Envelope  *borderv1.Envelope // with its log proof; put it into requests as the grant
	Origin    string             // of the platform's log
	LeafIndex uint64             // of the envelope's leaf there
}

// Received is a verified envelope from a city's node.
type Received struct {
	City      string
	Envelope  *borderv1.Envelope
	Message   proto.Message // *borderv1.IdentityResult, *CreditResult, *Refusal, *Alert or *CityDigest
	RequestID string        // of a result or refusal; empty for alerts and digests
	Origin    string        // of the node's log
	LeafIndex uint64        // of the envelope's leaf there
	At        time.Time
}

// Receiver takes what arrived, once, in the transaction that keeps it. An error keeps nothing, and the node sends it again.
type Receiver func(ctx context.Context, tx *store.Tx, r Received) error

// Options wire an exchange. The receivers may be nil.
type Options struct {
	Store  *store.Store
	Keys   *border.Keyring // of the platform
	Log    *translog.Log   // of the platform
	Clock  func() time.Time
	Logger *slog.Logger
	// OnAnswer gets results and refusals, OnAlert alerts, OnDigest the city's digests.
	OnAnswer, OnAlert, OnDigest Receiver
}

// Exchange talks with the cities' nodes.
type Exchange struct{}

var errPending = errors.New("not ready")

// Open finishes what an earlier run left unlogged and returns the exchange.
func Open(ctx context.Context, o Options) (*Exchange, error) { return nil, errPending }

// Send signs a message for a city's node, appends it to the log and queues it. The same message id again returns what was sent first.
func (x *Exchange) Send(ctx context.Context, city string, m proto.Message) (Sent, error) {
	return Sent{}, errPending
}

// Await returns the verified answer to a request (a result or a refusal; border.Decode opens it). It waits as long as ctx does.
func (x *Exchange) Await(ctx context.Context, requestID string) (*borderv1.Envelope, error) {
	return nil, errPending
}

// Handler is what the nodes dial; it needs to be served with the keyring's ServerTLS.
func (x *Exchange) Handler() http.Handler { return nil }

// Serve serves the nodes on a listener, over mutual TLS, until ctx ends.
func (x *Exchange) Serve(ctx context.Context, l net.Listener) error { return errPending }
