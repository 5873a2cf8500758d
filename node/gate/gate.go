package gate

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

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

// Gate answers requests. It is safe for concurrent use.
type Gate struct {
	Options
	party   string
	current string // the folder of the serving snapshot
	state   *state
	newest  atomic.Pointer[snapshot]
	outbox  chan struct{} // rung when an envelope is ready to be sent

	reload    sync.Mutex
	announced int64 // the generation of which nothing is left to be announced
}

// How far a request's time may be from the gate's clock. A link that was cut for days delivers late; a request from the future, or one
// older than what the gate remembers, is refused.
const (
	maxAhead = 2 * time.Minute
	maxAge   = 7 * 24 * time.Hour
	// remembered is how long an answered request is known; longer than maxAge, so that no request outlives the memory of it.
	remembered = 30 * 24 * time.Hour
)

// ErrNoSnapshot says that the node has no serving snapshot yet.
var ErrNoSnapshot = errors.New("the node has no serving snapshot yet; run 'yidaitong node refresh' first")

// Open opens the gate of the node in dir, and finishes what a crash left open. A node that was never refreshed has no snapshot: the gate
// opens all the same, and takes it over at Reload.
func Open(ctx context.Context, dir string, o Options) (*Gate, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := openState(ctx, filepath.Join(dir, "gate"))
	if err != nil {
		return nil, err
	}
	g := &Gate{Options: o, party: border.NodeName(o.City), current: filepath.Join(dir, "current"), state: s, outbox: make(chan struct{}, 1)}
	if err := errors.Join(g.Resume(ctx), g.forget(ctx)); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return g, nil
}

// Resume logs what was decided but could not be logged: when the last run ended, or while the log could not be written.
func (g *Gate) Resume(ctx context.Context) error {
	leaves, err := g.state.unlogged(ctx)
	if err != nil {
		return err
	}
	return g.settle(ctx, leaves)
}

// forget drops what is too old to come again.
func (g *Gate) forget(ctx context.Context) error {
	before := micros(g.Clock().Add(-remembered))
	return g.state.update(ctx, func(tx *sql.Tx) error {
		_, err1 := tx.ExecContext(ctx, `delete from handled where handled_at < ?`, before)
		_, err2 := tx.ExecContext(ctx, `delete from outbox where made_at < ? and sent_at > 0`, before)
		return errors.Join(err1, err2)
	})
}

// Close closes the gate's files. The log is the caller's.
func (g *Gate) Close() error { return g.state.db.Close() }

// Reload takes over the newest snapshot when it is another than the one in use, and puts the alerts and the digest that follow from it into
// the outbox. A node without a snapshot changes nothing. After an error it can be called again, and goes on.
func (g *Gate) Reload(ctx context.Context) (changed bool, err error) {
	g.reload.Lock()
	defer g.reload.Unlock()
	m, err := readMeta(g.current)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s := g.newest.Load()
	if s == nil || s.Generation != m.Generation {
		if s, err = loadSnapshot(ctx, g.current); err != nil {
			return false, err
		}
		g.newest.Store(s)
		changed = true
	}
	if g.announced == s.Generation {
		return changed, nil
	}
	if err := g.announce(ctx, s); err != nil {
		return changed, err
	}
	g.announced = s.Generation
	return changed, nil
}

// Ready reports whether there is a snapshot to answer from.
func (g *Gate) Ready() bool { return g.newest.Load() != nil }

// Handle answers one envelope from the platform. It returns what is sent back, which is in the outbox too: a result or refusal, or nothing
// for a grant, a revocation and a watch that was taken on. The same envelope again gets the same answer. An error means that nothing
// was decided: the envelope may be handled again. A *border.Refused as error means that it can not even be refused, for want of an id.
func (g *Gate) Handle(ctx context.Context, e *borderv1.Envelope) ([]*borderv1.Envelope, error) {
	if !g.Ready() {
		return nil, ErrNoSnapshot
	}
	m, refused := g.open(e)
	if refused != nil && !border.ValidID(e.GetId()) {
		return nil, refused
	}
	d, err := g.decide(ctx, e, m, refused)
	if err != nil {
		return nil, fmt.Errorf("answer an envelope: %w", err)
	}
	if err := g.settle(ctx, d.leaves); err != nil {
		return nil, err
	}
	if d.answerID == "" {
		return nil, nil
	}
	answer, ready, err := g.state.outgoing(ctx, d.answerID)
	if err == nil && !ready {
		// It was decided by a run that could not log it.
		if err = g.Resume(ctx); err == nil {
			answer, _, err = g.state.outgoing(ctx, d.answerID)
		}
	}
	if err != nil {
		return nil, err
	}
	return []*borderv1.Envelope{answer}, nil
}

// open checks who speaks: signature, sender, recipient, every field, and that the platform's log holds the envelope.
func (g *Gate) open(e *borderv1.Envelope) (proto.Message, error) {
	m, err := border.Open(e, g.Keys.Verifier, g.party)
	if err != nil {
		return nil, err
	}
	if _, err := translog.VerifyEnvelope(e, g.Keys.LogVerifier(border.Platform)); err != nil {
		return nil, &border.Refused{Code: borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, Field: "log_proof",
			Why: "does not show that the platform logged the request"}
	}
	return m, nil
}

// decision is what became of an envelope.
type decision struct {
	answerID string // in the outbox; empty when there is nothing to answer
	leaves   []pendingLeaf
}

// decide answers an envelope and writes down, in one transaction, that it was handled, what was used up, and what leaves. Everything
// that leaves was written down before.
func (g *Gate) decide(ctx context.Context, e *borderv1.Envelope, m proto.Message, refused error) (decision, error) {
	sum := sha256.Sum256(append(border.SignedBytes(e), e.GetSignature()...))
	digest, now := sum[:], g.Clock()
	var d decision
	err := g.state.update(ctx, func(tx *sql.Tx) error {
		name := e.GetId()
		if refused != nil {
			name = hex.EncodeToString(digest) // its id may be another's
		}
		before, err := findHandled(ctx, tx, name)
		if err != nil {
			return err
		}
		if before != nil && string(before.digest) != string(digest) {
			refused = refusal(borderv1.RefusalCode_REFUSAL_CODE_REPLAYED, "id", "was used by another request")
			name, m = hex.EncodeToString(digest), nil // the log knows the id as the other request's
			if before, err = findHandled(ctx, tx, name); err != nil {
				return err
			}
		}
		if before != nil {
			d.answerID = before.answerID
			return again(ctx, tx, before.answerID)
		}
		a := answering{g: g, s: g.newest.Load(), tx: tx, now: now, envelope: e}
		answer := proto.Message(nil)
		if refused == nil {
			answer, refused, err = a.answer(ctx, m)
		}
		if err != nil {
			return err
		}
		if m != nil {
			if err := d.log(ctx, tx, e, ""); err != nil {
				return err
			}
		}
		if refused != nil {
			g.Logger.InfoContext(ctx, "refuse a request", "request", e.GetId(), "reason", refused)
			answer = &borderv1.Refusal{RequestId: e.GetId(), GrantId: grantID(m), Code: border.CodeOf(refused)}
		}
		if answer != nil {
			if err := g.send(ctx, tx, answer, now, &d); err != nil {
				return err
			}
		}
		return putHandled(ctx, tx, name, digest, d.answerID, now)
	})
	return d, err
}

// again sends an answer once more: who asks again may not have it.
func again(ctx context.Context, tx *sql.Tx, answerID string) error {
	if answerID == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `update outbox set sent_at = 0 where id = ?`, answerID)
	return err
}

// send signs a message for the platform and puts it into the outbox, with its leaf.
func (g *Gate) send(ctx context.Context, tx *sql.Tx, m proto.Message, now time.Time, d *decision) error {
	id, err := border.NewID(now, rand.Reader)
	if err != nil {
		return err
	}
	e, err := border.Sign(g.Keys.Signer, m, border.Platform, id, now)
	if err != nil {
		return fmt.Errorf("sign what leaves: %w", err)
	}
	if err := putOutgoing(ctx, tx, e, now); err != nil {
		return err
	}
	d.answerID = e.GetId()
	return d.log(ctx, tx, e, e.GetId())
}

// log notes the leaf of an envelope. The leaf bears the time of the signature, so that the same envelope is always the same leaf.
func (d *decision) log(ctx context.Context, tx *sql.Tx, e *borderv1.Envelope, outgoingID string) error {
	leaf := pendingLeaf{translog.EnvelopeLeaf(e, e.GetSignedAt().AsTime()).Marshal(), outgoingID}
	d.leaves = append(d.leaves, leaf)
	return putLeaf(ctx, tx, leaf.text, outgoingID)
}

// settle appends leaves to the log, attaches the proofs of those that leave, and rings for the sender.
func (g *Gate) settle(ctx context.Context, pending []pendingLeaf) error {
	defer g.ring()
	if len(pending) == 0 {
		return nil
	}
	leaves := make([]translog.Leaf, len(pending))
	for i, p := range pending {
		leaf, err := translog.ParseLeaf(p.text)
		if err != nil {
			return fmt.Errorf("read a leaf to be logged: %w", err)
		}
		leaves[i] = leaf
	}
	entries, err := g.Log.AppendAll(ctx, leaves...)
	if err != nil {
		return fmt.Errorf("log what crossed: %w", err)
	}
	proofs := map[string]*borderv1.LogProof{}
	for i, p := range pending {
		if p.outgoingID == "" {
			continue
		}
		if proofs[p.outgoingID], err = g.Log.Prove(ctx, entries[i].Index); err != nil {
			return err
		}
	}
	return g.state.update(ctx, func(tx *sql.Tx) error { return attach(ctx, tx, pending, proofs) })
}

// attach puts proofs to the envelopes that waited for them.
func attach(ctx context.Context, tx *sql.Tx, pending []pendingLeaf, proofs map[string]*borderv1.LogProof) error {
	for id, p := range proofs {
		var body []byte
		if err := tx.QueryRowContext(ctx, `select envelope from outbox where id = ?`, id).Scan(&body); err != nil {
			return fmt.Errorf("attach a proof: %w", err)
		}
		e := &borderv1.Envelope{}
		if err := proto.Unmarshal(body, e); err != nil {
			return fmt.Errorf("attach a proof: %w", err)
		}
		e.LogProof = p
		body, err := proto.Marshal(e)
		if err != nil {
			return fmt.Errorf("attach a proof: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `update outbox set envelope = ?, ready = 1 where id = ?`, body, id); err != nil {
			return fmt.Errorf("attach a proof: %w", err)
		}
	}
	for _, p := range pending {
		if _, err := tx.ExecContext(ctx, `delete from leaf where text = ?`, p.text); err != nil {
			return fmt.Errorf("note that a leaf is logged: %w", err)
		}
	}
	return nil
}

func (g *Gate) ring() {
	select {
	case g.outbox <- struct{}{}:
	default:
	}
}

// Outbox is readable when there may be something to send.
func (g *Gate) Outbox() <-chan struct{} { return g.outbox }

// Waiting returns envelopes that the platform has not stored yet, oldest first.
func (g *Gate) Waiting(ctx context.Context, most int) ([]*borderv1.Envelope, error) {
	return g.state.waiting(ctx, most)
}

// Sent notes what the platform said about envelopes from the outbox.
func (g *Gate) Sent(ctx context.Context, accepted []string, rejected []*borderv1.Rejection) error {
	now := micros(g.Clock())
	return g.state.update(ctx, func(tx *sql.Tx) error {
		for _, id := range accepted {
			if _, err := tx.ExecContext(ctx, `update outbox set sent_at = ? where id = ?`, now, id); err != nil {
				return fmt.Errorf("note what was sent: %w", err)
			}
		}
		for _, r := range rejected {
			if _, err := tx.ExecContext(ctx, `update outbox set rejected = ? where id = ?`, int64(max(r.GetCode(), 1)), r.GetId()); err != nil {
				return fmt.Errorf("note what was rejected: %w", err)
			}
		}
		return nil
	})
}
