// Package platformtest gives tests the platform's services on each engine, with everything real but the city: the store, the log, the
// exchange on a mutual-TLS listener, and a node's keys and log with which a played node answers as a test tells it to.
//
// It is for tests only.
package platformtest

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/proto"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/border/v1/borderv1connect"
	"github.com/yidaitong/yidaitong/platform/cockpit"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/matching"
	"github.com/yidaitong/yidaitong/platform/monitoring"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/party/identity"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
	"github.com/yidaitong/yidaitong/translog"
)

// City is the city of every test.
const City = "341500"

// Password is everybody's.
const Password = "安心 loan 2026"

// USCIs are public codes of real firms; a house hands them out to its firms.
var USCIs = []string{"91330100799655058B", "914403001922038216", "91110000802100433B", "91110108551385082Q", "9144030071526726XG"}

// House is a platform in a test.
type House struct {
	Store      *store.Store
	Exchange   *exchange.Exchange
	Party      *party.Service
	Identity   *identity.Service
	Consent    *consent.Service
	Product    *product.Service
	Demand     *demand.Service
	Matching   *matching.Service
	Monitoring *monitoring.Service
	Lending    *lending.Service
	Cockpit    *cockpit.Service
	Node       *Node
	// The two logs, as a reader sees them.
	PlatformLog, NodeLog Log

	t     testing.TB
	mu    sync.Mutex
	now   time.Time
	firms int
}

// Log is a transparency log in a folder, and the key that it is verified with.
type Log struct {
	Dir      string
	Verifier note.Verifier
}

// Each runs do on each engine, in a house of its own.
func Each(t *testing.T, do func(t *testing.T, h *House)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		t.Parallel() // a house mostly waits: for the disk, the log's next batch, the node
		do(t, newHouse(t, open))
	})
}

// Must ends the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newHouse(t *testing.T, open func(store.Options) *store.Store) *House {
	t.Helper()
	h := &House{t: t, now: time.Now().UTC().Truncate(time.Microsecond)}
	h.Store = open(store.Options{Clock: h.Now})
	keys := filepath.Join(t.TempDir(), "keys")
	Must(t, border.CreateKeys(keys, h.now, City))
	own := loadKeys(t, keys, border.Platform)
	h.PlatformLog = Log{t.TempDir(), own.LogVerifier(border.Platform)}
	h.Exchange = exchange.Open(exchange.Options{Store: h.Store, Keys: own, Log: openLog(t, h.PlatformLog.Dir, own), OnAnswer: h.take,
		OnAlert: monitoring.Receive, OnDigest: cockpit.Receive})
	var err error
	h.Party, err = party.New(h.Store, party.Options{City: City})
	Must(t, err)
	h.Consent, err = consent.New(h.Store, h.Exchange)
	Must(t, err)
	h.Product, err = product.New(t.Context(), h.Store)
	Must(t, err)
	h.Identity = identity.New(h.Store, h.Exchange, h.Consent)
	h.Demand = demand.New(h.Store)
	h.Matching = matching.New(h.Store, h.Product)
	h.Monitoring = monitoring.New(h.Store, h.Exchange, h.Consent)
	h.Lending, err = lending.New(lending.Options{Store: h.Store, Products: h.Product, Consents: h.Consent, Exchange: h.Exchange,
		Disbursed: func(ctx context.Context, _ lending.Loan) error {
			_, err := h.Monitoring.Begin(ctx)
			return err
		}})
	Must(t, err)
	h.Cockpit = cockpit.New(h.Store, City)
	h.Node = &Node{keys: loadKeys(t, keys, border.NodeName(City)), house: h, revoked: map[string]bool{}}
	h.NodeLog = Log{t.TempDir(), own.LogVerifier(border.NodeName(City))}
	h.Node.log = openLog(t, h.NodeLog.Dir, h.Node.keys)
	h.connect(t)
	return h
}

func loadKeys(t testing.TB, dir, name string) *border.Keyring {
	t.Helper()
	k, err := border.LoadKeys(dir, name)
	Must(t, err)
	return k
}

func openLog(t testing.TB, dir string, k *border.Keyring) *translog.Log {
	t.Helper()
	l, err := translog.Open(t.Context(), dir, border.LogOrigin(k.Party), k.Log, translog.Options{})
	Must(t, err)
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Errorf("close a log: %v", err)
		}
	})
	return l
}

func (h *House) take(ctx context.Context, tx *store.Tx, r exchange.Received) error {
	if taken, err := h.Identity.TakeAnswer(ctx, tx, r); err != nil || taken {
		return err
	}
	if taken, err := h.Lending.TakeAnswer(ctx, tx, r); err != nil || taken {
		return err
	}
	_, err := h.Consent.TakeAnswer(ctx, tx, r)
	return err
}

// connect starts the listener and lets the node dial it until the test ends.
func (h *House) connect(t *testing.T) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	Must(t, err)
	h.Node.client = borderv1connect.NewExchangeClient(
		&http.Client{Transport: &http.Transport{TLSClientConfig: h.Node.keys.ClientTLS()}}, "https://"+listener.Addr().String())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.Exchange.Serve(ctx, listener); err != nil {
			t.Errorf("serve the nodes: %v", err)
		}
	})
	running.Go(func() { h.Node.work(ctx) })
	t.Cleanup(func() {
		stop()
		running.Wait()
	})
}

// Now is the house's clock.
func (h *House) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// Pass lets time pass.
func (h *House) Pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// Bank makes a bank with an officer and a risk officer.
func (h *House) Bank(name string) (officer, risk party.Actor) {
	h.t.Helper()
	login := "bank" + h.Store.NewID()[16:]
	staff := func(suffix string, role party.Role) party.Staff {
		return party.Staff{OrgKind: party.KindBank, OrgName: name, OrgNameEN: "Bank", City: City, Login: lower(login) + suffix, Password: Password, Name: "员工" + suffix, Role: role}
	}
	accounts, err := h.Party.SeedStaff(h.t.Context(), []party.Staff{staff(".officer", party.RoleBankOfficer), staff(".risk", party.RoleBankRisk)})
	Must(h.t, err)
	return actor(accounts[0]), actor(accounts[1])
}

// Office makes a government account.
func (h *House) Office(role party.Role) party.Actor {
	h.t.Helper()
	accounts, err := h.Party.SeedStaff(h.t.Context(), []party.Staff{{OrgKind: party.KindGovernment, OrgName: string(role), City: City,
		Login: "office." + string(role), Password: Password, Name: string(role), Role: role}})
	Must(h.t, err)
	return actor(accounts[0])
}

// Firm registers a firm that proved who it is.
func (h *House) Firm() party.Actor {
	h.t.Helper()
	by := h.Stranger()
	h.mu.Lock()
	usci := USCIs[h.firms%len(USCIs)]
	h.firms++
	h.mu.Unlock()
	ctx := h.t.Context()
	Must(h.t, h.Store.Update(ctx, func(tx *store.Tx) error {
		return party.MarkVerified(ctx, tx, party.Verified{OrgID: by.OrgID, AccountID: by.AccountID, USCI: usci, FirmName: "六安市皋城农业科技有限公司",
			PersonName: "王小明", ResidentHash: "h", ResidentMasked: "110***********002X", At: h.Now()})
	}))
	_, err := h.Party.Describe(ctx, by, party.Profile{Division: "341502", IndustrySection: "C", SizeDeclared: "small", Employees: 12,
		EstablishedOn: h.Now().AddDate(-4, 0, 0).Truncate(24 * time.Hour)})
	Must(h.t, err)
	return by
}

// Stranger registers a firm that proved nothing yet.
func (h *House) Stranger() party.Actor {
	h.t.Helper()
	account, err := h.Party.Register(h.t.Context(), party.Registration{Kind: party.KindEnterprise, Login: "firm" + lower(h.Store.NewID()[16:]),
		Password: Password, PersonName: "王小明", FirmName: "六安市皋城农业科技有限公司"})
	Must(h.t, err)
	return actor(account)
}

func actor(a party.Account) party.Actor {
	return party.Actor{AccountID: a.ID, OrgID: a.OrgID, Role: a.Role, Name: a.Name}
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// Allow gives a bank a grant in a firm's name.
func (h *House) Allow(firm party.Actor, bank string, purpose borderv1.Purpose) consent.Grant {
	h.t.Helper()
	g, err := h.Consent.Give(h.t.Context(), firm, h.Ask(bank, purpose))
	Must(h.t, err)
	return g
}

// Ask is what a person ticks to give a bank a grant over everything.
func (h *House) Ask(bank string, purpose borderv1.Purpose) consent.Request {
	return consent.Request{GranteeID: bank, Purpose: purpose, Classes: border.CreditClasses(),
		Evidence: consent.Evidence{TextVersion: h.Consent.CurrentText(purpose).Version, Language: "zh", Screen: "/firm/authorise", Method: "session"}}
}

// Offers publishes a simple product: up to 300,000 yuan, up to 24 months, grades A to C, the limit must cover the amount.
func (h *House) Offers(officer party.Actor) product.Product {
	h.t.Helper()
	p, err := h.Product.Publish(h.t.Context(), officer, product.Draft{Product: product.Product{
		Kind: product.KindCredit, NameZH: "信用贷", NameEN: "Credit loan", Borrowers: []string{"enterprise"}, AmountMinFen: 1_000_000, AmountMaxFen: 200_000_000,
		TermMinMonths: 3, TermMaxMonths: 24, Repayments: product.RepaymentKinds(), DayCount: product.Thirty360, LPRTenor: product.LPR1Y,
		Pricing:  []product.GradePrice{{Grade: borderv1.Grade_GRADE_A, BasisPoints: 60}, {Grade: borderv1.Grade_GRADE_B, BasisPoints: 110}, {Grade: borderv1.Grade_GRADE_C, BasisPoints: 190}},
		Security: product.SecurityNone, DataClasses: border.CreditClasses(), AcceptWithin: 48 * time.Hour, DecideWithin: 96 * time.Hour, ExpectedDays: 2,
		Rules: []product.Rule{{Code: "limit", Expr: "demand.amount_fen <= credit.limit_up_to_fen", MessageZH: "金额在建议额度以内", MessageEN: "Amount within the advised limit"}},
	}})
	Must(h.t, err)
	return p
}

// Node is the city's node, played: it verifies what it gets, logs and signs what it answers.
type Node struct {
	// Credit makes the answer to a credit request; nil gives a good report. Identity the same. Set them before anything is asked.
	Credit   func(*borderv1.CreditRequest) proto.Message
	Identity func(*borderv1.IdentityRequest) proto.Message

	keys    *border.Keyring
	log     *translog.Log
	client  borderv1connect.ExchangeClient
	house   *House
	mu      sync.Mutex
	silent  bool
	held    []*borderv1.Envelope
	watches []*borderv1.WatchRequest
	revoked map[string]bool
}

// Hold keeps answers back until the returned function is called.
func (n *Node) Hold() (release func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.silent = true
	return func() {
		n.mu.Lock()
		n.silent = false
		held := n.held
		n.held = nil
		n.mu.Unlock()
		for _, e := range held {
			n.push(context.Background(), e)
		}
	}
}

// Watches returns the watch requests that reached the node.
func (n *Node) Watches() []*borderv1.WatchRequest {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]*borderv1.WatchRequest(nil), n.watches...)
}

// Revoked reports whether the withdrawal of a grant reached the node, and waits for it some seconds.
func (n *Node) Revoked(grantID string) bool {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		n.mu.Lock()
		known := n.revoked[grantID]
		n.mu.Unlock()
		if known {
			return true
		}
	}
	return false
}

// Send signs, logs and pushes a message of the node's own, such as an alert.
func (n *Node) Send(ctx context.Context, m proto.Message) *borderv1.Envelope {
	n.house.t.Helper()
	e, err := border.Sign(n.keys.Signer, m, border.Platform, n.house.Store.NewID(), n.house.Now())
	Must(n.house.t, err)
	entry, err := n.log.Append(ctx, translog.EnvelopeLeaf(e, e.GetSignedAt().AsTime()))
	Must(n.house.t, err)
	e.LogProof, err = n.log.Prove(ctx, entry.Index)
	Must(n.house.t, err)
	n.push(ctx, e)
	return e
}

func (n *Node) push(ctx context.Context, e *borderv1.Envelope) {
	n.mu.Lock()
	if n.silent {
		n.held = append(n.held, e)
		n.mu.Unlock()
		return
	}
	n.mu.Unlock()
	r, err := n.client.Push(ctx, &borderv1.PushRequest{City: City, Envelopes: []*borderv1.Envelope{e}})
	if ctx.Err() == nil && (err != nil || len(r.GetAccepted()) != 1) {
		n.house.t.Errorf("the platform did not take %v: %v, %v", e.GetKind(), r.GetRejected(), err)
	}
}

func (n *Node) work(ctx context.Context) {
	session := n.house.Store.NewID()
	for ctx.Err() == nil {
		r, err := n.client.Pull(ctx, &borderv1.PullRequest{City: City, WaitMilliseconds: 1000, MaxEnvelopes: 10, Session: session})
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		for _, e := range r.GetEnvelopes() {
			n.handle(ctx, e)
		}
	}
}

func (n *Node) handle(ctx context.Context, e *borderv1.Envelope) {
	m, err := border.Open(e, n.keys.Verifier, n.keys.Party)
	if err != nil {
		n.house.t.Errorf("the node got what it cannot believe: %v", err)
		return
	}
	switch m := m.(type) {
	case *borderv1.Revocation:
		n.mu.Lock()
		n.revoked[m.GetGrantId()] = true
		n.mu.Unlock()
	case *borderv1.WatchRequest:
		n.mu.Lock()
		n.watches = append(n.watches, m)
		n.mu.Unlock()
	case *borderv1.CreditRequest:
		n.Send(ctx, n.credit(m))
	case *borderv1.IdentityRequest:
		n.Send(ctx, n.identity(m))
	}
}

// grantOf reads the grant in a request.
func (n *Node) grantOf(e *borderv1.Envelope) *borderv1.Grant {
	m, err := border.Open(e, n.keys.Verifier, n.keys.Party)
	if err != nil {
		n.house.t.Errorf("the node got a grant it cannot believe: %v", err)
		return nil
	}
	g, _ := m.(*borderv1.Grant)
	return g
}

// GrantID is the id of the grant in a request.
func (n *Node) GrantID(e *borderv1.Envelope) string { return n.grantOf(e).GetId() }

func (n *Node) credit(r *borderv1.CreditRequest) proto.Message {
	grant := n.grantOf(r.GetGrant())
	n.mu.Lock()
	revoked := n.revoked[grant.GetId()]
	n.mu.Unlock()
	switch {
	case revoked:
		return &borderv1.Refusal{RequestId: r.GetId(), GrantId: grant.GetId(), Code: borderv1.RefusalCode_REFUSAL_CODE_GRANT_REVOKED}
	case n.Credit != nil:
		return n.Credit(r)
	}
	return n.Report(r)
}

func (n *Node) identity(r *borderv1.IdentityRequest) proto.Message {
	if n.Identity != nil {
		return n.Identity(r)
	}
	const yes = borderv1.Verdict_VERDICT_YES
	return &borderv1.IdentityResult{RequestId: r.GetId(), GrantId: n.GrantID(r.GetGrant()), FirmRegistered: yes, FirmNameMatches: yes,
		PersonExists: yes, PersonRepresentsFirm: yes}
}
