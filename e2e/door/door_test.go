// Package door_test opens the one door between the two networks from both sides: a real node dials a real platform over mutual TLS on loopback,
// the link is cut, processes die and come back, strangers knock.
package door_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/border/v1/borderv1connect"
	"github.com/yidaitong/yidaitong/node"
	"github.com/yidaitong/yidaitong/node/gate/gatetest"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
	"github.com/yidaitong/yidaitong/translog"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// city is a platform and a node, each of which can be stopped and started, with a link between them that can be cut.
type city struct {
	t    testing.TB
	dir  string
	bank string
	open func(store.Options) *store.Store

	keys  *border.Keyring // of the platform
	store *store.Store
	x     *exchange.Exchange
	link  *link

	stopNode, stopPlatform func()

	mu       sync.Mutex
	received []exchange.Received
}

func newCity(t testing.TB, open func(store.Options) *store.Store) *city {
	t.Helper()
	c := &city{t: t, dir: t.TempDir(), open: open}
	check(t, border.CreateKeys(filepath.Join(c.dir, "keys"), time.Now(), gatetest.City))
	var err error
	c.keys, err = border.LoadKeys(filepath.Join(c.dir, "keys"), border.Platform)
	check(t, err)
	c.bank = c.id()
	check(t, node.Init(filepath.Join(c.dir, "node"), gatetest.City))
	c.refresh(gatetest.Snapshot{Generation: 1})
	c.link = newLink(t)
	c.store = open(store.Options{})
	c.startPlatform()
	c.startNode()
	t.Cleanup(func() {
		c.stopNode()
		c.stopPlatform()
		c.link.listener.Close()
	})
	return c
}

// refresh writes the node's snapshot; firm 1 is always in it.
func (c *city) refresh(s gatetest.Snapshot) {
	c.t.Helper()
	s.Firms = append(s.Firms, gatetest.Good(1, "六安市皋城农业科技有限公司"))
	s.Persons = map[string]string{gatetest.ResidentID(1): "王小明"}
	gatetest.Write(c.t, filepath.Join(c.dir, "node"), s)
}

func (c *city) startPlatform() {
	c.t.Helper()
	log, err := translog.Open(context.Background(), filepath.Join(c.dir, "log/platform"), border.LogOrigin(border.Platform), c.keys.Log, translog.Options{})
	check(c.t, err)
	// Only what is committed has arrived: a transaction that lost against another, or was cut off, is done again.
	keep := func(_ context.Context, tx *store.Tx, r exchange.Received) error {
		tx.Then(func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.received = append(c.received, r)
		})
		return nil
	}
	c.x = exchange.Open(exchange.Options{Store: c.store, Keys: c.keys, Log: log, OnAnswer: keep, OnAlert: keep, OnDigest: keep})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(c.t, err)
	c.link.to(listener.Addr().String())
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- c.x.Serve(ctx, listener) }()
	c.stopPlatform = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			c.t.Errorf("platform: %v", err)
		}
		log.Close(context.Background())
	})
}

func (c *city) startNode() {
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- node.Serve(ctx, node.ServeOptions{Dir: filepath.Join(c.dir, "node"), Platform: "https://" + c.link.listener.Addr().String(),
			Logger: slog.New(slog.NewTextHandler(testWriter{c.t}, nil))})
	}()
	c.stopNode = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			c.t.Errorf("node: %v", err)
		}
	})
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("node: %s", strings.TrimSpace(string(p)))
	return len(p), nil
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *city) id() string {
	id, err := border.NewID(time.Now(), rand.Reader)
	check(c.t, err)
	return id
}

func now() *timestamppb.Timestamp { return timestamppb.New(time.Now().Truncate(time.Microsecond)) }

func (c *city) send(m proto.Message) exchange.Sent {
	c.t.Helper()
	sent, err := c.x.Send(context.Background(), gatetest.City, m)
	check(c.t, err)
	return sent
}

func (c *city) await(requestID string) proto.Message {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	e, err := c.x.Await(ctx, requestID)
	check(c.t, err)
	m, err := border.Decode(e)
	check(c.t, err)
	return m
}

func (c *city) grant(change func(g *borderv1.Grant)) *borderv1.Envelope {
	c.t.Helper()
	g := &borderv1.Grant{Id: c.id(), City: gatetest.City, SubjectUsci: gatetest.USCI(1), GranteeId: c.bank,
		Purpose: borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW, DataClasses: border.CreditClasses(),
		NotBefore: now(), NotAfter: timestamppb.New(now().AsTime().Add(time.Hour)), MaxUses: 1000,
		TextVersion: "pre-loan-1", EvidenceDigest: make([]byte, 32)}
	if change != nil {
		change(g)
	}
	return c.send(g).Envelope
}

func (c *city) credit(grant *borderv1.Envelope) *borderv1.CreditRequest {
	return &borderv1.CreditRequest{Id: c.id(), City: gatetest.City, Grant: grant, Purpose: borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW,
		SubjectUsci: gatetest.USCI(1), RequesterId: c.bank, RequestedAt: now()}
}

func (c *city) identity(resident int) proto.Message {
	c.t.Helper()
	g := c.grant(func(g *borderv1.Grant) {
		g.GranteeId, g.Purpose = border.Platform, borderv1.Purpose_PURPOSE_IDENTITY_CHECK
		g.DataClasses = []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_REGISTRATION, borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY}
	})
	return c.await(c.send(&borderv1.IdentityRequest{Id: c.id(), City: gatetest.City, Grant: g, SubjectUsci: gatetest.USCI(1),
		FirmName: "六安市皋城农业科技有限公司", PersonName: "王小明", ResidentId: gatetest.ResidentID(resident), RequestedAt: now()}).ID)
}

// arrivals waits until n messages of a kind have arrived, and returns them.
func arrivals[M proto.Message](c *city, n int) []M {
	c.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var all []M
		c.mu.Lock()
		for _, r := range c.received {
			if m, ok := r.Message.(M); ok {
				all = append(all, m)
			}
		}
		c.mu.Unlock()
		if len(all) >= n || time.Now().After(deadline) {
			if len(all) != n {
				c.t.Fatalf("%d messages arrived, want %d: %v", len(all), n, all)
			}
			return all
		}
	}
}

// verifyLogs computes both logs again.
func (c *city) verifyLogs() (node, platform uint64) {
	c.t.Helper()
	c.stopNode()
	c.stopPlatform()
	for name, size := range map[string]*uint64{"node": &node, "platform": &platform} {
		party := border.Platform
		if name == "node" {
			party = border.NodeName(gatetest.City)
		}
		report, err := translog.VerifyDir(context.Background(), filepath.Join(c.dir, "log", name), border.LogOrigin(party), c.keys.LogVerifier(party))
		check(c.t, err)
		*size = report.Size
	}
	return node, platform
}

func TestThroughTheDoor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		c := newCity(t, open)
		yes := c.identity(1).(*borderv1.IdentityResult)
		if yes.PersonRepresentsFirm != borderv1.Verdict_VERDICT_YES || yes.FirmNameMatches != borderv1.Verdict_VERDICT_YES {
			t.Errorf("the owner: %v", yes)
		}
		if no := c.identity(2).(*borderv1.IdentityResult); no.PersonRepresentsFirm != borderv1.Verdict_VERDICT_NO {
			t.Errorf("a stranger: %v", no)
		}
		g := c.grant(nil)
		sent := c.send(c.credit(g))
		report := c.await(sent.ID).(*borderv1.CreditResult)
		if report.Score != 688 || report.GrantId != g.Id {
			t.Errorf("report %v", report)
		}
		answer, err := c.x.Await(t.Context(), sent.ID)
		check(t, err)
		verifier := c.keys.LogVerifier(border.NodeName(gatetest.City))
		if _, err := translog.VerifyAgainstDir(t.Context(), filepath.Join(c.dir, "log/node"), answer.LogProof, verifier); err != nil {
			t.Errorf("the answer's proof against the node's log: %v", err)
		}
		c.send(&borderv1.Revocation{GrantId: g.Id, City: gatetest.City, RevokedAt: now()})
		refusal, ok := c.await(c.send(c.credit(g)).ID).(*borderv1.Refusal)
		if !ok || refusal.Code != borderv1.RefusalCode_REFUSAL_CODE_GRANT_REVOKED {
			t.Errorf("after the withdrawal: %v", refusal)
		}
		// What crossed is in both logs: 3 grants, a revocation, 4 requests, 4 answers.
		if node, platform := c.verifyLogs(); node != 12 || platform != 12 {
			t.Errorf("the logs hold %d and %d leaves, want 12 and 12", node, platform)
		}
	})
}

func TestAlertsAndDigests(t *testing.T) {
	c := newCity(t, sqlite(t))
	g := c.grant(func(g *borderv1.Grant) { g.Purpose = borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING })
	watch := c.send(&borderv1.WatchRequest{Id: c.id(), City: gatetest.City, Grant: g, SubjectUsci: gatetest.USCI(1), RequesterId: c.bank, RequestedAt: now()})
	// A request that is answered was handled after the watch that came before it.
	c.await(c.send(c.credit(c.grant(nil))).ID)
	digest := &borderv1.CityDigest{AsOf: timestamppb.New(time.Date(2026, 10, 16, 0, 0, 0, 0, time.UTC)), Firms: 12, SuppressedFirms: 12,
		DataVersion: "20261016.2", ModelId: "card-341500"}
	c.refresh(gatetest.Snapshot{Generation: 2, AsOf: "2026-10-16", Digest: digest,
		Events: []gatetest.Event{{FirmID: 1, Code: 1, Severity: 3, KnownOn: "2026-10-16", Key: "court-1"}}})
	alert := arrivals[*borderv1.Alert](c, 1)[0]
	if alert.Code != borderv1.AlertCode_ALERT_CODE_DISHONEST_DEBTOR || alert.WatchId != watch.ID || alert.GrantId != g.Id {
		t.Errorf("alert %v", alert)
	}
	if d := arrivals[*borderv1.CityDigest](c, 1)[0]; d.Firms != 12 || d.City != gatetest.City {
		t.Errorf("digest %v", d)
	}
	// A restart announces nothing again.
	c.stopNode()
	c.startNode()
	c.await(c.send(c.credit(c.grant(nil))).ID)
	arrivals[*borderv1.Alert](c, 1)
}

func sqlite(t testing.TB) func(store.Options) *store.Store {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "platform.db")
	return func(o store.Options) *store.Store {
		s, err := store.Open(context.Background(), dsn, o)
		check(t, err)
		t.Cleanup(func() { s.Close() })
		return s
	}
}

// TestTheLinkIsCut: while requests are sent, the link breaks again and again in the middle of whatever goes on, and node and platform are
// stopped and started. Each request is answered once.
func TestTheLinkIsCut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		c := newCity(t, open)
		g := c.grant(nil)
		var requests []string
		stop := make(chan struct{})
		var breaking sync.WaitGroup
		breaking.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Duration(mathrand.IntN(40)) * time.Millisecond):
					c.link.cut()
				}
			}
		})
		for i := range 60 {
			requests = append(requests, c.send(c.credit(g)).ID)
			switch i {
			case 20, 40:
				c.stopNode()
				c.startNode()
			case 30:
				c.stopPlatform()
				c.startPlatform()
			}
			time.Sleep(time.Duration(mathrand.IntN(15)) * time.Millisecond)
		}
		close(stop)
		breaking.Wait()
		for _, id := range requests {
			if report, ok := c.await(id).(*borderv1.CreditResult); !ok || report.RequestId != id {
				t.Errorf("request %s: %v", id, report)
			}
		}
		// Whatever is still on its way would arrive now.
		time.Sleep(200 * time.Millisecond)
		results := arrivals[*borderv1.CreditResult](c, len(requests))
		seen := map[string]bool{}
		for _, r := range results {
			if seen[r.RequestId] || !slices.Contains(requests, r.RequestId) {
				t.Errorf("an answer to %s that was not asked for or came twice", r.RequestId)
			}
			seen[r.RequestId] = true
		}
		// One grant, 60 requests and 60 answers, each logged once on both sides.
		if node, platform := c.verifyLogs(); node != 121 || platform != 121 {
			t.Errorf("the logs hold %d and %d leaves, want 121 and 121", node, platform)
		}
	})
}

// TestWhileTheNodeIsAway: requests wait for a node that is not there.
func TestWhileTheNodeIsAway(t *testing.T) {
	c := newCity(t, sqlite(t))
	g := c.grant(nil)
	c.stopNode()
	sent := c.send(c.credit(g))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.x.Await(ctx, sent.ID); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("without a node: %v", err)
	}
	c.startNode()
	if _, ok := c.await(sent.ID).(*borderv1.CreditResult); !ok {
		t.Error("the request that waited was not answered")
	}
}

// TestStrangers: who has no certificate of the pinned authority, or the wrong one, gets nothing.
func TestStrangers(t *testing.T) {
	c := newCity(t, sqlite(t))
	c.stopNode()
	secret := c.send(c.credit(c.grant(nil)))
	other := t.TempDir()
	check(t, border.CreateKeys(other, time.Now(), gatetest.City))
	foreign, err := border.LoadKeys(other, border.NodeName(gatetest.City))
	check(t, err)
	check(t, border.CreateKeys(filepath.Join(c.dir, "keys"), time.Now(), "340100"))
	neighbour, err := border.LoadKeys(filepath.Join(c.dir, "keys"), border.NodeName("340100"))
	check(t, err)
	trusting := foreign.ClientTLS()
	trusting.InsecureSkipVerify = true // a stranger does not care who we are
	bare := neighbour.ClientTLS()
	bare.Certificates = nil
	platform := c.keys.ClientTLS() // the platform's own certificate is for serving, not for dialling
	for name, config := range map[string]*tls.Config{
		"a certificate of another authority": trusting, "no certificate": bare, "the platform's certificate": platform,
		"the certificate of another city": neighbour.ClientTLS(),
	} {
		transport := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		client := borderv1connect.NewExchangeClient(&http.Client{Transport: transport}, "https://"+c.link.listener.Addr().String())
		response, err := client.Pull(t.Context(), &borderv1.PullRequest{City: gatetest.City, Session: c.id(), MaxEnvelopes: 10})
		if err == nil {
			t.Errorf("%s: got %d envelopes", name, len(response.GetEnvelopes()))
		}
		if name == "the certificate of another city" && connect.CodeOf(err) != connect.CodePermissionDenied {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := client.Push(t.Context(), &borderv1.PushRequest{City: gatetest.City, Done: []string{secret.ID}}); err == nil {
			t.Errorf("%s: could push", name)
		}
	}
	// A node does not speak to a platform of another authority.
	check(t, border.CreateKeys(filepath.Join(other, "keys"), time.Now(), gatetest.City))
	stranger, err := border.LoadKeys(filepath.Join(other, "keys"), border.NodeName(gatetest.City))
	check(t, err)
	if _, err := tls.Dial("tcp", c.link.listener.Addr().String(), stranger.ClientTLS()); err == nil {
		t.Error("a node trusts a platform of another authority")
	}
	c.startNode()
	c.await(secret.ID)
}

// TestForgedAnswers: the platform believes nothing but an envelope of this city's node that stands in its log and answers what was asked.
func TestForgedAnswers(t *testing.T) {
	c := newCity(t, sqlite(t))
	c.stopNode()
	asked := c.send(c.credit(c.grant(nil)))
	keys, err := border.LoadKeys(filepath.Join(c.dir, "keys"), border.NodeName(gatetest.City))
	check(t, err)
	log, err := translog.Open(t.Context(), filepath.Join(c.dir, "log/node"), border.LogOrigin(keys.Party), keys.Log, translog.Options{})
	check(t, err)
	sign := func(requestID string) *borderv1.Envelope {
		e, err := border.Sign(keys.Signer, &borderv1.Refusal{RequestId: requestID, Code: borderv1.RefusalCode_REFUSAL_CODE_NO_GRANT}, border.Platform, c.id(), time.Now())
		check(t, err)
		entry, err := log.Append(t.Context(), translog.EnvelopeLeaf(e, e.SignedAt.AsTime()))
		check(t, err)
		e.LogProof, err = log.Prove(t.Context(), entry.Index)
		check(t, err)
		return e
	}
	transport := &http.Transport{TLSClientConfig: keys.ClientTLS(), ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := borderv1connect.NewExchangeClient(&http.Client{Transport: transport}, "https://"+c.link.listener.Addr().String())
	other := sign(asked.ID)
	for name, change := range map[string]func(e *borderv1.Envelope){
		"no log proof":             func(e *borderv1.Envelope) { e.LogProof = nil },
		"another's log proof":      func(e *borderv1.Envelope) { e.LogProof = other.LogProof },
		"a bit of the signature":   func(e *borderv1.Envelope) { e.Signature[9] ^= 1 },
		"a bit of the inclusion":   func(e *borderv1.Envelope) { e.LogProof.LeafIndex++ },
		"an answer to nothing":     func(e *borderv1.Envelope) { proto.Reset(e); proto.Merge(e, sign(c.id())) },
		"another recipient":        func(e *borderv1.Envelope) { e.Recipient = border.NodeName("340100") },
		"an unknown field":         func(e *borderv1.Envelope) { e.ProtoReflect().SetUnknown([]byte{0xfa, 0x3f, 1, 'x'}) },
		"a later date than signed": func(e *borderv1.Envelope) { e.SignedAt = timestamppb.New(e.SignedAt.AsTime().Add(time.Hour)) },
	} {
		e := sign(asked.ID)
		change(e)
		response, err := client.Push(t.Context(), &borderv1.PushRequest{City: gatetest.City, Envelopes: []*borderv1.Envelope{e}})
		if err == nil && len(response.GetAccepted()) > 0 {
			t.Errorf("%s: accepted", name)
		}
	}
	c.mu.Lock()
	if len(c.received) > 0 {
		t.Errorf("believed: %v", c.received)
	}
	c.mu.Unlock()
	check(t, log.Close(context.Background()))
	c.startNode()
	if _, ok := c.await(asked.ID).(*borderv1.CreditResult); !ok {
		t.Error("a forged answer took the place of the true one")
	}
}

func TestServeSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		o    node.ServeOptions
		want string
	}{
		{node.ServeOptions{Dir: dir, Platform: "http://127.0.0.1:1"}, "https://"},
		{node.ServeOptions{Dir: dir, Platform: "https://127.0.0.1:1"}, "is not a node's folder"},
	} {
		if err := node.Serve(t.Context(), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	check(t, node.Init(filepath.Join(dir, "node"), gatetest.City))
	if err := node.Serve(t.Context(), node.ServeOptions{Dir: filepath.Join(dir, "node"), Platform: "https://127.0.0.1:1"}); err == nil || !strings.Contains(err.Error(), "has no keys") {
		t.Error(err)
	}
}

// BenchmarkRoundTrip is the time from a request to its verified, proven answer.
func BenchmarkRoundTrip(b *testing.B) {
	c := newCity(b, sqlite(b))
	g := c.grant(nil)
	c.await(c.send(c.credit(g)).ID)
	var took []time.Duration
	b.ResetTimer()
	for range b.N {
		start := time.Now()
		c.await(c.send(c.credit(g)).ID)
		took = append(took, time.Since(start))
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-p50")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

// link is a wire that can be cut.
type link struct {
	listener net.Listener
	mu       sync.Mutex
	target   string
	conns    map[net.Conn]bool
}

func newLink(t testing.TB) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	l := &link{listener: listener, conns: map[net.Conn]bool{}}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go l.join(near)
		}
	}()
	return l
}

func (l *link) to(target string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.target = target
}

func (l *link) join(near net.Conn) {
	l.mu.Lock()
	target := l.target
	l.mu.Unlock()
	far, err := net.Dial("tcp", target)
	if err != nil {
		near.Close()
		return
	}
	l.mu.Lock()
	l.conns[near], l.conns[far] = true, true
	l.mu.Unlock()
	var copying sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		copying.Go(func() {
			io.Copy(way[0], way[1])
			way[0].Close()
			way[1].Close()
		})
	}
	copying.Wait()
	l.mu.Lock()
	delete(l.conns, near)
	delete(l.conns, far)
	l.mu.Unlock()
}

// cut breaks every connection that is open now.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn := range l.conns {
		conn.Close()
	}
}
