package exchange_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/border/v1/borderv1connect"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
	"github.com/yidaitong/yidaitong/translog"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	city  = "341500"
	other = "340100"
	usci  = "91330100799655058B"
)

// house is a platform's exchange on a real listener, and a node's keys and log to answer with.
type house struct {
	*exchange.Exchange
	t        *testing.T
	store    *store.Store
	keysDir  string
	address  string
	node     *border.Keyring
	nodeLog  *translog.Log
	received atomic.Int32
	fail     atomic.Bool // the receiver refuses to keep what comes
}

func newHouse(t *testing.T, open func(store.Options) *store.Store) *house {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	h := &house{t: t, store: open(store.Options{}), keysDir: filepath.Join(dir, "keys")}
	must(t, border.CreateKeys(h.keysDir, time.Now(), city, other))
	platformKeys := keysOf(t, h.keysDir, border.Platform)
	h.node = keysOf(t, h.keysDir, border.NodeName(city))
	h.nodeLog = openLog(t, filepath.Join(dir, "node-log"), h.node)
	h.Exchange = exchange.Open(exchange.Options{Store: h.store, Keys: platformKeys,
		Log: openLog(t, filepath.Join(dir, "platform-log"), platformKeys),
		OnAnswer: func(_ context.Context, tx *store.Tx, _ exchange.Received) error {
			if h.fail.Load() {
				return errors.New("not now")
			}
			tx.Then(func() { h.received.Add(1) })
			return nil
		}})
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	must(t, err)
	h.address = "https://" + listener.Addr().String()
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- h.Serve(serving, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func keysOf(t *testing.T, dir, party string) *border.Keyring {
	t.Helper()
	k, err := border.LoadKeys(dir, party)
	must(t, err)
	return k
}

func openLog(t *testing.T, dir string, k *border.Keyring) *translog.Log {
	t.Helper()
	l, err := translog.Open(t.Context(), dir, border.LogOrigin(k.Party), k.Log, translog.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, l.Close(context.Background())) })
	return l
}

// dial returns a client with the certificate of a party.
func (h *house) dial(party string) borderv1connect.ExchangeClient {
	return h.client(keysOf(h.t, h.keysDir, party).ClientTLS())
}

func (h *house) client(config *tls.Config) borderv1connect.ExchangeClient {
	transport := &http.Transport{TLSClientConfig: config}
	h.t.Cleanup(transport.CloseIdleConnections)
	return borderv1connect.NewExchangeClient(&http.Client{Transport: transport}, h.address)
}

func (h *house) grant() *borderv1.Grant {
	now := time.Now().UTC().Truncate(time.Second)
	return &borderv1.Grant{Id: h.store.NewID(), City: city, SubjectUsci: usci, GranteeId: h.store.NewID(),
		Purpose:     borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW,
		DataClasses: border.CreditClasses(), NotBefore: timestamppb.New(now), NotAfter: timestamppb.New(now.Add(time.Hour)), MaxUses: 3,
		TextVersion: "pre-loan-1", EvidenceDigest: make([]byte, 32)}
}

// ask sends a grant and a request under it, and returns the request.
func (h *house) ask() exchange.Sent {
	h.t.Helper()
	grant := h.grant()
	sealed, err := h.Send(h.t.Context(), city, grant)
	must(h.t, err)
	sent, err := h.Send(h.t.Context(), city, &borderv1.CreditRequest{Id: h.store.NewID(), City: city, Grant: sealed.Envelope,
		Purpose: grant.GetPurpose(), SubjectUsci: usci, RequesterId: grant.GetGranteeId(), RequestedAt: timestamppb.New(h.store.Now())})
	must(h.t, err)
	return sent
}

// answer is a refusal as the node would send it, logged and signed.
func (h *house) answer(requestID string) *borderv1.Envelope {
	h.t.Helper()
	return h.sign(&borderv1.Refusal{RequestId: requestID, Code: borderv1.RefusalCode_REFUSAL_CODE_UNKNOWN_FIRM})
}

const yes = borderv1.Verdict_VERDICT_YES

func grantOf(t *testing.T, request exchange.Sent) string {
	t.Helper()
	m, err := border.Decode(request.Envelope)
	must(t, err)
	return m.(*borderv1.CreditRequest).GetGrant().GetId()
}

// sign logs and signs a message as the node does.
func (h *house) sign(m proto.Message) *borderv1.Envelope {
	h.t.Helper()
	e, err := border.Sign(h.node.Signer, m, border.Platform, h.store.NewID(), time.Now())
	must(h.t, err)
	entry, err := h.nodeLog.Append(h.t.Context(), translog.EnvelopeLeaf(e, e.GetSignedAt().AsTime()))
	must(h.t, err)
	e.LogProof, err = h.nodeLog.Prove(h.t.Context(), entry.Index)
	must(h.t, err)
	return e
}

func (h *house) pull(c borderv1connect.ExchangeClient, session string) []*borderv1.Envelope {
	h.t.Helper()
	r, err := c.Pull(h.t.Context(), &borderv1.PullRequest{City: city, WaitMilliseconds: 20, MaxEnvelopes: 100, Session: session})
	must(h.t, err)
	return r.GetEnvelopes()
}

func (h *house) push(c borderv1connect.ExchangeClient, done []string, envelopes ...*borderv1.Envelope) *borderv1.PushResponse {
	h.t.Helper()
	r, err := c.Push(h.t.Context(), &borderv1.PushRequest{City: city, Done: done, Envelopes: envelopes})
	must(h.t, err)
	return r
}

func TestQueueIsHandedOutInOrderUntilClosed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		node := h.dial(border.NodeName(city))
		request := h.ask()
		session := h.store.NewID()
		first := h.pull(node, session)
		if len(first) != 2 || first[0].GetKind() != borderv1.PayloadKind_PAYLOAD_KIND_GRANT || first[1].GetId() != request.ID {
			t.Fatalf("want the grant, then the request; got %d envelopes", len(first))
		}
		for _, e := range first {
			if _, err := border.Open(e, h.node.Verifier, border.NodeName(city)); err != nil {
				t.Errorf("the node cannot open what it was handed: %v", err)
			}
			if err := h.VerifyProof(e); err != nil {
				t.Errorf("proof of an outbound envelope: %v", err)
			}
		}
		if again := h.pull(node, session); len(again) != 0 {
			t.Errorf("the same session was handed %d envelopes twice", len(again))
		}
		h.push(node, []string{first[0].GetId(), first[1].GetId()})
		if left := h.pull(node, h.store.NewID()); len(left) != 1 || left[0].GetId() != request.ID {
			t.Errorf("after done: want only the unanswered request for a new session, got %d", len(left))
		}
		h.push(node, nil, h.answer(request.ID))
		if left := h.pull(node, h.store.NewID()); len(left) != 0 {
			t.Errorf("after the answer %d envelopes are still handed out", len(left))
		}
	})
}

func TestPullWakesWhenSomethingIsQueued(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		node := h.dial(border.NodeName(city))
		got := make(chan int, 1)
		go func() {
			r, err := node.Pull(t.Context(), &borderv1.PullRequest{City: city, WaitMilliseconds: 30_000, MaxEnvelopes: 1, Session: h.store.NewID()})
			if err != nil {
				t.Errorf("pull: %v", err)
			}
			got <- len(r.GetEnvelopes())
		}()
		_, err := h.Send(t.Context(), city, h.grant())
		must(t, err)
		if n := <-got; n != 1 {
			t.Errorf("a waiting pull got %d envelopes", n)
		}
	})
}

func TestAnswerIsKeptOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		node := h.dial(border.NodeName(city))
		request := h.ask()
		answer := h.answer(request.ID)

		h.fail.Store(true)
		if r := h.push(node, nil, answer); len(r.GetAccepted()) != 0 || len(r.GetRejected()) != 0 {
			t.Fatalf("an answer whose receiver failed was settled: %v", r)
		}
		h.fail.Store(false)
		for range 3 {
			if r := h.push(node, nil, answer); len(r.GetAccepted()) != 1 {
				t.Fatalf("answer not accepted: %v", r)
			}
		}
		// A second answer to the same request changes nothing.
		h.push(node, nil, h.answer(request.ID))
		if n := h.received.Load(); n != 1 {
			t.Errorf("the receiver was called %d times with success", n)
		}
		kept, err := h.Await(t.Context(), request.ID)
		must(t, err)
		if !proto.Equal(kept, answer) {
			t.Error("the kept answer is not the one that came first")
		}
	})
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		if _, err := h.Await(ctx, h.ask().ID); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("await without an answer: %v", err)
		}
	})
}

func TestWhatCannotBeBelievedIsRejected(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		node := h.dial(border.NodeName(city))
		request := h.ask()
		stranger := keysOf(t, h.keysDir, border.NodeName(other))
		cases := map[string]func(e *borderv1.Envelope) *borderv1.Envelope{
			"another payload": func(e *borderv1.Envelope) *borderv1.Envelope {
				payload, err := proto.Marshal(&borderv1.Refusal{RequestId: request.ID, Code: borderv1.RefusalCode_REFUSAL_CODE_CLOCK})
				must(t, err)
				e.Payload = payload
				return e
			},
			"no proof": func(e *borderv1.Envelope) *borderv1.Envelope { e.LogProof = nil; return e },
			"the proof of another envelope": func(e *borderv1.Envelope) *borderv1.Envelope {
				e.LogProof = h.answer(request.ID).GetLogProof()
				return e
			},
			"an answer to nothing": func(*borderv1.Envelope) *borderv1.Envelope { return h.answer(h.store.NewID()) },
			"signed by another city": func(e *borderv1.Envelope) *borderv1.Envelope {
				m, err := border.Decode(e)
				must(t, err)
				forged, err := border.Sign(stranger.Signer, m, border.Platform, h.store.NewID(), time.Now())
				must(t, err)
				forged.LogProof = e.GetLogProof()
				return forged
			},
			"a result of another kind": func(*borderv1.Envelope) *borderv1.Envelope {
				return h.sign(&borderv1.IdentityResult{RequestId: request.ID, GrantId: grantOf(t, request), FirmRegistered: yes, FirmNameMatches: yes,
					PersonExists: yes, PersonRepresentsFirm: yes})
			},
			"under another grant": func(*borderv1.Envelope) *borderv1.Envelope {
				return h.sign(&borderv1.Refusal{RequestId: request.ID, GrantId: h.store.NewID(), Code: borderv1.RefusalCode_REFUSAL_CODE_UNKNOWN_FIRM})
			},
			"about another firm": func(*borderv1.Envelope) *borderv1.Envelope {
				return h.sign(&borderv1.CreditResult{RequestId: request.ID, GrantId: grantOf(t, request), SubjectUsci: "91110000802100433B",
					ModelId: "card-341500", ModelVersion: "20261015.1", DataVersion: "20261015.1",
					AsOf:  timestamppb.New(time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC)),
					Score: 600, Grade: borderv1.Grade_GRADE_B, PdBand: borderv1.PdBand_PD_BAND_1_TO_2_PCT, LimitBand: borderv1.LimitBand_LIMIT_BAND_NONE})
			},
			"a message of the platform": func(*borderv1.Envelope) *borderv1.Envelope { return request.Envelope },
		}
		for name, forge := range cases {
			r := h.push(node, nil, forge(h.answer(request.ID)))
			if len(r.GetAccepted()) != 0 || len(r.GetRejected()) != 1 {
				t.Errorf("%s: accepted %d, rejected %d", name, len(r.GetAccepted()), len(r.GetRejected()))
			}
		}
		if n := h.received.Load(); n != 0 {
			t.Errorf("%d forged answers reached the receiver", n)
		}
	})
}

func TestOnlyACitysOwnCertificateOpensItsQueue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		h.ask()
		pull := &borderv1.PullRequest{City: city, MaxEnvelopes: 10, Session: h.store.NewID()}
		_, err := h.dial(border.NodeName(other)).Pull(t.Context(), pull)
		if connect.CodeOf(err) != connect.CodePermissionDenied {
			t.Errorf("another city's certificate: %v", err)
		}
		bare := keysOf(t, h.keysDir, border.NodeName(city)).ClientTLS()
		bare.Certificates = nil
		if _, err := h.client(bare).Pull(t.Context(), pull); err == nil {
			t.Error("a client without a certificate was served")
		}
	})
}

func TestRecordIsMadeOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		id := h.store.NewID()
		first, err := h.Record(t.Context(), translog.Contract, id, []byte("text"))
		must(t, err)
		h.ask()
		again, err := h.Record(t.Context(), translog.Contract, id, []byte("text"))
		must(t, err)
		if first != again {
			t.Errorf("recorded twice: %v and %v", first, again)
		}
	})
}

func TestAnsweredIdentityRequestForgetsThePerson(t *testing.T) {
	const residentID = "11010519491231002X"
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		grant := h.grant()
		grant.Purpose = borderv1.Purpose_PURPOSE_IDENTITY_CHECK
		grant.DataClasses = []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_REGISTRATION, borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY}
		sealed, err := h.Send(t.Context(), city, grant)
		must(t, err)
		request, err := h.Send(t.Context(), city, &borderv1.IdentityRequest{Id: h.store.NewID(), City: city, Grant: sealed.Envelope,
			SubjectUsci: usci, FirmName: "六安市皋城农业科技有限公司", PersonName: "张三", ResidentId: residentID,
			RequestedAt: timestamppb.New(h.store.Now())})
		must(t, err)
		if !kept(t, h.store, residentID) {
			t.Fatal("the number is not where this test looks for it")
		}
		h.push(h.dial(border.NodeName(city)), nil, h.answer(request.ID))
		if kept(t, h.store, residentID) {
			t.Error("the person's number is still kept after the answer")
		}
		blanked, err := h.Envelope(t.Context(), request.ID)
		must(t, err)
		if err := h.VerifyProof(blanked); err != nil {
			t.Errorf("the request's leaf can no longer be shown: %v", err)
		}
		blanked.LogProof = sealed.Envelope.GetLogProof()
		if h.VerifyProof(blanked) == nil {
			t.Error("another envelope's proof was taken for the blanked one")
		}
	})
}

// kept reports whether any kept envelope holds a text.
func kept(t *testing.T, s *store.Store, text string) bool {
	t.Helper()
	var bodies [][]byte
	must(t, s.View(t.Context(), func(tx *store.Tx) (err error) {
		bodies, err = store.Collect(t.Context(), tx, func(scan func(...any) error) (b []byte, err error) { return b, scan(&b) },
			`select body from envelope`)
		return err
	}))
	for _, b := range bodies {
		if bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}
