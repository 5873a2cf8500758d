package exchange

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
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
	City      string             // whose node it is for
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

// Receiver takes what arrived, in the transaction that keeps it: its rows are written once. It may be called again when that transaction
// lost against another, so what is not a row belongs into tx.Then. An error keeps nothing, and the node sends it again.
type Receiver func(ctx context.Context, tx *store.Tx, r Received) error

// Options wire an exchange. The receivers may be nil.
type Options struct {
	Store  *store.Store
	Keys   *border.Keyring // of the platform
	Log    *translog.Log   // of the platform
	Logger *slog.Logger
	// OnAnswer gets results and refusals, OnAlert alerts, OnDigest the city's digests.
	OnAnswer, OnAlert, OnDigest Receiver
}

// Exchange talks with the cities' nodes.
type Exchange struct {
	o      Options
	random io.Reader
	bell   bell // rung by city when something was queued
	answer bell // rung by request id when its answer was kept
}

// Open returns the exchange over a store and a log.
func Open(o Options) *Exchange {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Exchange{o: o, random: rand.Reader}
}

// Send seals a message for a city's node and queues it.
func (x *Exchange) Send(ctx context.Context, city string, m proto.Message) (Sent, error) {
	sent, err := x.Seal(ctx, city, m)
	if err != nil {
		return Sent{}, err
	}
	if err := x.o.Store.Update(ctx, func(tx *store.Tx) error { return x.Queue(ctx, tx, sent) }); err != nil {
		return Sent{}, fmt.Errorf("queue a message for the node of %s: %w", city, err)
	}
	return sent, nil
}

// Seal signs a message for a city's node and appends it to the log. It is not on its way before Queue.
func (x *Exchange) Seal(ctx context.Context, city string, m proto.Message) (Sent, error) {
	e, err := border.Sign(x.o.Keys.Signer, m, border.NodeName(city), x.o.Store.NewID(), x.o.Store.Now())
	if err != nil {
		return Sent{}, fmt.Errorf("sign a message for the node of %s: %w", city, err)
	}
	// The leaf bears the time of the signature, so that the same envelope is the same leaf whenever it is appended.
	entry, err := x.o.Log.Append(ctx, translog.EnvelopeLeaf(e, e.GetSignedAt().AsTime()))
	if err != nil {
		return Sent{}, fmt.Errorf("log a message for the node of %s: %w", city, err)
	}
	if e.LogProof, err = x.o.Log.Prove(ctx, entry.Index); err != nil {
		return Sent{}, fmt.Errorf("prove a message for the node of %s: %w", city, err)
	}
	return Sent{ID: e.GetId(), City: city, Envelope: e, Origin: x.o.Log.Origin(), LeafIndex: entry.Index}, nil
}

const queueEnvelope = `
insert into envelope (id, city, kind, outbound, body, position, kept_at)
values ($1, $2, $3, 1, $4, (select coalesce(max(position), 0) + 1 from envelope where city = $2 and outbound = 1), $5)`

// Queue puts a sealed message into the city's queue, in the caller's transaction: it goes out when that commits.
func (x *Exchange) Queue(ctx context.Context, tx *store.Tx, s Sent) error {
	body, err := proto.Marshal(s.Envelope)
	if err != nil {
		return fmt.Errorf("encode an envelope: %w", err)
	}
	if _, err := tx.Exec(ctx, queueEnvelope, s.ID, s.City, int64(s.Envelope.GetKind()), body, store.Micros(x.o.Store.Now())); err != nil {
		return fmt.Errorf("queue an envelope: %w", err)
	}
	tx.Then(func() { x.bell.ring(s.City) })
	return nil
}

// answerPoll is how often an answer is looked for that another process of the platform may have kept.
const answerPoll = 250 * time.Millisecond

// Await returns the verified answer to a request (a result or a refusal; border.Decode opens it). It waits as long as ctx does.
func (x *Exchange) Await(ctx context.Context, requestID string) (*borderv1.Envelope, error) {
	for {
		rung := x.answer.listen(requestID)
		e, err := x.envelope(ctx, `select body from envelope where request_id = $1`, requestID)
		if err == nil || !errors.Is(err, ErrUnknown) {
			return e, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-rung:
		case <-time.After(answerPoll):
		}
	}
}

// ErrUnknown says that no such envelope is kept.
var ErrUnknown = errors.New("no such envelope is kept")

// Envelope returns a kept envelope, as it was signed. The caller must know that whoever asks may see it.
func (x *Exchange) Envelope(ctx context.Context, id string) (*borderv1.Envelope, error) {
	return x.envelope(ctx, `select body from envelope where id = $1`, id)
}

func (x *Exchange) envelope(ctx context.Context, query, id string) (*borderv1.Envelope, error) {
	var body []byte
	err := x.o.Store.View(ctx, func(tx *store.Tx) error { return tx.Row(ctx, query, id).Scan(&body) })
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, fmt.Errorf("read an envelope: %w", err)
	}
	e := &borderv1.Envelope{}
	if err := proto.Unmarshal(body, e); err != nil {
		return nil, fmt.Errorf("decode a kept envelope: %w", err)
	}
	return e, nil
}

// VerifyProof checks an envelope's log proof against its sender's log: what is shown as logged is logged.
func (x *Exchange) VerifyProof(e *borderv1.Envelope) error {
	verifier := x.o.Keys.LogVerifier(e.GetSender())
	if verifier == nil {
		return errors.New("the sender's log is not known")
	}
	if len(e.GetPayload()) > 0 {
		_, err := translog.VerifyEnvelope(e, verifier)
		return err
	}
	// The payload was deleted (see blank): its leaf still stands, under the same name.
	leaf, err := translog.VerifyProof(e.GetLogProof(), verifier)
	if err == nil && (leaf.ID != e.GetId() || leaf.Kind != translog.KindOf(e.GetKind())) {
		err = errors.New("the proof is of another envelope")
	}
	return err
}

// Receipt is the place of a record in the platform's log.
type Receipt struct {
	Origin    string
	LeafIndex uint64
}

// Record appends a leaf that commits to a content which is no envelope, such as a contract, and keeps its salt. A record is made once:
// the same kind and id again returns the first place.
func (x *Exchange) Record(ctx context.Context, kind translog.Kind, id string, content []byte) (Receipt, error) {
	var index int64
	err := x.o.Store.View(ctx, func(tx *store.Tx) error {
		return tx.Row(ctx, `select leaf_index from log_record where kind = $1 and id = $2`, string(kind), id).Scan(&index)
	})
	if err == nil {
		return Receipt{x.o.Log.Origin(), uint64(index)}, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Receipt{}, fmt.Errorf("read a log record: %w", err)
	}
	salt := make([]byte, 32)
	if _, err := io.ReadFull(x.random, salt); err != nil {
		return Receipt{}, fmt.Errorf("draw a salt: %w", err)
	}
	now := x.o.Store.Now()
	entry, err := x.o.Log.Append(ctx, translog.Leaf{Kind: kind, Time: now, ID: id, Commitment: translog.Commit(salt, content)})
	if err != nil {
		return Receipt{}, fmt.Errorf("log a record: %w", err)
	}
	err = x.o.Store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into log_record (kind, id, salt, leaf_index, kept_at) values ($1, $2, $3, $4, $5)`,
			string(kind), id, salt, int64(entry.Index), store.Micros(now))
		return err
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("keep a log record: %w", err)
	}
	return Receipt{x.o.Log.Origin(), entry.Index}, nil
}

// bell wakes those who listen for a name.
type bell struct {
	mu        sync.Mutex
	listeners map[string]chan struct{}
}

// listen returns a channel that is closed at the name's next ring.
func (b *bell) listen(name string) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listeners == nil {
		b.listeners = map[string]chan struct{}{}
	}
	c, ok := b.listeners[name]
	if !ok {
		c = make(chan struct{})
		b.listeners[name] = c
	}
	return c
}

func (b *bell) ring(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c, ok := b.listeners[name]; ok {
		close(c)
		delete(b.listeners, name)
	}
}
