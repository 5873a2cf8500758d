package node

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"
	"golang.org/x/sync/errgroup"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/border/v1/borderv1connect"
	"github.com/yidaitong/yidaitong/node/gate"
	"github.com/yidaitong/yidaitong/translog"
)

// ServeOptions say whom a node serves and with which keys.
type ServeOptions struct {
	Dir      string // the node's folder
	Platform string // https://HOST:PORT of the platform's listener for nodes
	KeyDir   string // the folder of keys; Dir/../keys when empty
	LogDir   string // the node's transparency log; Dir/../log/node when empty
	Clock    func() time.Time
	Logger   *slog.Logger
}

const (
	pullWait      = 25 * time.Second
	pullAtOnce    = 64
	pushAtOnce    = 64
	handleAtOnce  = 16
	snapshotPoll  = 200 * time.Millisecond
	pushTimeout   = 30 * time.Second
	backoffLeast  = 100 * time.Millisecond
	backoffMost   = 15 * time.Second
	maxMessage    = pullAtOnce*border.MaxEnvelope + 1<<20
	linkPing      = 10 * time.Second
	linkPingReply = 5 * time.Second
)

// worker is a node at work: it fetches envelopes, has the gate answer them, and sends what is in the outbox.
type worker struct {
	city   string
	gate   *gate.Gate
	client borderv1connect.ExchangeClient
	logger *slog.Logger
	wake   chan struct{} // rung when there is something to send that is not in the outbox

	mu   sync.Mutex
	done []string // handled, without an answer, and not yet said so
}

// Serve dials out to the platform and answers its requests until ctx ends; then it returns nil. It opens no port, and it never opens the
// lake. A platform that cannot be reached is tried again for as long as it takes: what waits on either side is not lost.
func Serve(ctx context.Context, o ServeOptions) error {
	w, release, err := newWorker(ctx, o)
	if err != nil {
		return unlessStopped(ctx, err)
	}
	return errors.Join(unlessStopped(ctx, w.work(ctx)), release())
}

// unlessStopped drops an error that only says that ctx has ended.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (w *worker) work(ctx context.Context) error {
	if err := w.reload(ctx); err != nil {
		return fmt.Errorf("take over the serving snapshot: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.follow(ctx) })
	group.Go(func() error { return w.pull(ctx) })
	group.Go(func() error { return w.push(ctx) })
	return group.Wait()
}

// newWorker opens what a worker needs; release closes it.
func newWorker(ctx context.Context, o ServeOptions) (w *worker, release func() error, err error) {
	if !strings.HasPrefix(o.Platform, "https://") {
		return nil, nil, errors.New("the platform's address has to begin with https://: nodes speak mutual TLS only")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := readSettings(o.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s is not a node's folder; make it one with 'yidaitong node init --node %s --city CODE'", o.Dir, o.Dir)
	}
	if err != nil {
		return nil, nil, err
	}
	party := border.NodeName(s.City)
	keys, err := border.LoadKeys(cmp.Or(o.KeyDir, filepath.Join(o.Dir, "..", "keys")), party)
	if err != nil {
		return nil, nil, err
	}
	log, err := translog.Open(ctx, cmp.Or(o.LogDir, filepath.Join(o.Dir, "..", "log", "node")), border.LogOrigin(party), keys.Log, translog.Options{})
	if err != nil {
		return nil, nil, err
	}
	closeLog := func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return log.Close(ctx)
	}
	g, err := gate.Open(ctx, o.Dir, gate.Options{City: s.City, Keys: keys, Log: log, Clock: o.Clock, Logger: o.Logger})
	if err != nil {
		return nil, nil, errors.Join(err, closeLog())
	}
	transport := &http.Transport{TLSClientConfig: keys.ClientTLS(), ForceAttemptHTTP2: true, IdleConnTimeout: 2 * time.Minute,
		TLSHandshakeTimeout: 10 * time.Second, HTTP2: &http.HTTP2Config{SendPingTimeout: linkPing, PingTimeout: linkPingReply}}
	client := borderv1connect.NewExchangeClient(&http.Client{Transport: transport}, o.Platform, connect.WithReadMaxBytes(maxMessage))
	release = func() error {
		transport.CloseIdleConnections()
		return errors.Join(g.Close(), closeLog())
	}
	return &worker{city: s.City, gate: g, client: client, logger: o.Logger, wake: make(chan struct{}, 1)}, release, nil
}

func (w *worker) reload(ctx context.Context) error {
	changed, err := w.gate.Reload(ctx)
	if changed {
		w.logger.InfoContext(ctx, "took over a new snapshot")
	}
	return err
}

// follow takes over each new snapshot.
func (w *worker) follow(ctx context.Context) error {
	tries := 0
	for {
		wait := snapshotPoll
		if err := w.reload(ctx); err != nil && ctx.Err() == nil {
			w.logger.ErrorContext(ctx, "take over a new snapshot", "error", err)
			wait = backoff(&tries)
			if err := w.gate.Resume(ctx); err != nil && ctx.Err() == nil {
				w.logger.ErrorContext(ctx, "log what was decided", "error", err)
			}
		} else {
			tries = 0
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// pull fetches envelopes and has them answered. After a failure it takes a new session, so that what may have been lost on the way is handed
// out again.
func (w *worker) pull(ctx context.Context) error {
	for !w.gate.Ready() {
		if err := sleep(ctx, snapshotPoll); err != nil {
			return err
		}
	}
	session, tries := "", 0
	for {
		if session == "" {
			var err error
			if session, err = border.NewID(time.Now(), rand.Reader); err != nil {
				return err
			}
		}
		envelopes, err := w.fetch(ctx, session)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			w.logger.WarnContext(ctx, "the platform cannot be reached", "error", err)
			session = ""
			if err := sleep(ctx, backoff(&tries)); err != nil {
				return err
			}
			continue
		}
		tries = 0
		if err := w.handleAll(ctx, envelopes); err != nil {
			return err
		}
	}
}

func (w *worker) fetch(ctx context.Context, session string) ([]*borderv1.Envelope, error) {
	ctx, cancel := context.WithTimeout(ctx, pullWait+10*time.Second)
	defer cancel()
	response, err := w.client.Pull(ctx, &borderv1.PullRequest{City: w.city, Session: session,
		WaitMilliseconds: uint32(pullWait.Milliseconds()), MaxEnvelopes: pullAtOnce})
	if err != nil {
		return nil, err
	}
	return response.GetEnvelopes(), nil
}

// handleAll has envelopes answered, several at once. What withdraws a grant is handled before anything that comes with or after it.
func (w *worker) handleAll(ctx context.Context, envelopes []*borderv1.Envelope) error {
	for _, e := range envelopes {
		if e.GetKind() == borderv1.PayloadKind_PAYLOAD_KIND_REVOCATION {
			if err := w.handle(ctx, e); err != nil {
				return err
			}
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(handleAtOnce)
	for _, e := range envelopes {
		if e.GetKind() != borderv1.PayloadKind_PAYLOAD_KIND_REVOCATION {
			group.Go(func() error { return w.handle(ctx, e) })
		}
	}
	return group.Wait()
}

// handle has one envelope answered. It goes on trying while the gate cannot decide (its disk is full, say), because the platform hands
// an envelope out once a session.
func (w *worker) handle(ctx context.Context, e *borderv1.Envelope) error {
	for tries := 0; ; {
		answers, err := w.gate.Handle(ctx, e)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if border.CodeOf(err) != borderv1.RefusalCode_REFUSAL_CODE_UNSPECIFIED {
			w.logger.WarnContext(ctx, "drop an envelope that can not even be refused", "reason", err)
			return nil
		}
		if err == nil {
			if len(answers) == 0 {
				w.took(e.GetId())
			}
			return nil
		}
		w.logger.ErrorContext(ctx, "answer an envelope", "envelope", e.GetId(), "error", err)
		if err := sleep(ctx, backoff(&tries)); err != nil {
			return err
		}
	}
}

// took notes an envelope that was handled and needs no answer.
func (w *worker) took(id string) {
	w.mu.Lock()
	w.done = append(w.done, id)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// push sends what is in the outbox until the platform says that it is stored.
func (w *worker) push(ctx context.Context) error {
	for tries := 0; ; {
		more, err := w.pushSome(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			w.logger.WarnContext(ctx, "answers wait: the platform cannot be reached", "error", err)
			if err := sleep(ctx, backoff(&tries)); err != nil {
				return err
			}
			continue
		case more:
			tries = 0
			continue
		}
		tries = 0
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.gate.Outbox():
		case <-w.wake:
		}
	}
}

// pushSome sends one message; more says that there may be more to send at once.
func (w *worker) pushSome(ctx context.Context) (more bool, err error) {
	envelopes, err := w.gate.Waiting(ctx, pushAtOnce)
	if err != nil {
		return false, err
	}
	w.mu.Lock()
	done := w.done[:len(w.done):len(w.done)]
	w.mu.Unlock()
	if len(envelopes)+len(done) == 0 {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, pushTimeout)
	defer cancel()
	response, err := w.client.Push(ctx, &borderv1.PushRequest{City: w.city, Envelopes: envelopes, Done: done})
	if err != nil {
		return false, err
	}
	w.mu.Lock()
	w.done = w.done[len(done):]
	w.mu.Unlock()
	for _, r := range response.GetRejected() {
		w.logger.ErrorContext(ctx, "the platform rejects an envelope", "envelope", r.GetId(), "code", r.GetCode())
	}
	if err := w.gate.Sent(ctx, response.GetAccepted(), response.GetRejected()); err != nil {
		return false, err
	}
	if settled := len(response.GetAccepted()) + len(response.GetRejected()); settled < len(envelopes) {
		return false, fmt.Errorf("the platform stored %d of %d envelopes", settled, len(envelopes))
	}
	return true, nil
}

// backoff is how long to wait before the next try: twice as long each time, up to a bound, and never the same for all.
func backoff(tries *int) time.Duration {
	wait := min(backoffLeast<<min(*tries, 20), backoffMost)
	*tries++
	return wait/2 + mathrand.N(wait/2+1)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
