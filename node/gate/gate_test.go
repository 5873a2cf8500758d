package gate_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/node/gate"
	"github.com/yidaitong/yidaitong/node/gate/gatetest"
	"github.com/yidaitong/yidaitong/translog"
)

// world is a gate with a platform that speaks to it.
type world struct {
	t             testing.TB
	dir           string
	clock         *gatetest.Clock
	platform      *border.Keyring
	node          *border.Keyring
	platformLog   *translog.Log
	nodeLog       *translog.Log
	gate          *gate.Gate
	bank, another string
}

func newWorld(t testing.TB, s gatetest.Snapshot) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), clock: &gatetest.Clock{At: time.Date(2026, 10, 15, 9, 30, 0, 0, time.UTC)}}
	keyDir := w.dir + "/keys"
	check(t, border.CreateKeys(keyDir, time.Now(), gatetest.City))
	var err error
	w.platform, err = border.LoadKeys(keyDir, border.Platform)
	check(t, err)
	w.node, err = border.LoadKeys(keyDir, border.NodeName(gatetest.City))
	check(t, err)
	w.platformLog = w.openLog("platform", border.LogOrigin(border.Platform), w.platform)
	w.nodeLog = w.openLog("node", border.LogOrigin(w.node.Party), w.node)
	w.bank, w.another = w.id(), w.id()
	gatetest.Write(t, w.dir, s)
	w.open()
	t.Cleanup(func() {
		w.gate.Close()
		w.nodeLog.Close(context.Background())
		w.platformLog.Close(context.Background())
	})
	return w
}

func (w *world) openLog(name, origin string, k *border.Keyring) *translog.Log {
	w.t.Helper()
	l, err := translog.Open(w.t.Context(), w.dir+"/log/"+name, origin, k.Log, translog.Options{})
	check(w.t, err)
	return l
}

func (w *world) open() {
	w.t.Helper()
	var err error
	w.gate, err = gate.Open(w.t.Context(), w.dir, gate.Options{City: gatetest.City, Keys: w.node, Log: w.nodeLog, Clock: w.clock.Now})
	check(w.t, err)
	_, err = w.gate.Reload(w.t.Context())
	check(w.t, err)
}

// restart is a new process on the same folder.
func (w *world) restart() {
	w.t.Helper()
	check(w.t, w.gate.Close())
	check(w.t, w.nodeLog.Close(context.Background()))
	w.nodeLog = w.openLog("node", border.LogOrigin(w.node.Party), w.node)
	w.open()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) id() string {
	id, err := border.NewID(w.clock.Now(), rand.Reader)
	check(w.t, err)
	return id
}

// seal signs a message as the platform does, and logs it.
func (w *world) seal(m proto.Message) *borderv1.Envelope {
	w.t.Helper()
	e, err := border.Sign(w.platform.Signer, m, w.node.Party, w.id(), w.clock.Now())
	check(w.t, err)
	w.prove(e)
	return e
}

func (w *world) prove(e *borderv1.Envelope) {
	w.t.Helper()
	entry, err := w.platformLog.Append(w.t.Context(), translog.EnvelopeLeaf(e, e.GetSignedAt().AsTime()))
	check(w.t, err)
	e.LogProof, err = w.platformLog.Prove(w.t.Context(), entry.Index)
	check(w.t, err)
}

func (w *world) now() *timestamppb.Timestamp { return timestamppb.New(w.clock.Now()) }

func (w *world) grant(change func(g *borderv1.Grant)) *borderv1.Envelope {
	w.t.Helper()
	g := &borderv1.Grant{Id: w.id(), City: gatetest.City, SubjectUsci: gatetest.USCI(1), GranteeId: w.bank,
		Purpose: borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW, DataClasses: border.CreditClasses(),
		NotBefore: w.now(), NotAfter: timestamppb.New(w.clock.Now().Add(30 * 24 * time.Hour)), MaxUses: 5,
		TextVersion: "pre-loan-1", EvidenceDigest: make([]byte, 32)}
	if change != nil {
		change(g)
	}
	return w.seal(g)
}

func (w *world) credit(grant *borderv1.Envelope, change func(r *borderv1.CreditRequest)) *borderv1.Envelope {
	w.t.Helper()
	r := &borderv1.CreditRequest{Id: w.id(), City: gatetest.City, Grant: grant, Purpose: borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW,
		SubjectUsci: gatetest.USCI(1), RequesterId: w.bank, RequestedAt: w.now()}
	if change != nil {
		change(r)
	}
	return w.seal(r)
}

// answer hands an envelope to the gate and opens what comes back as the platform does.
func (w *world) answer(e *borderv1.Envelope) proto.Message {
	w.t.Helper()
	answers, err := w.gate.Handle(w.t.Context(), e)
	check(w.t, err)
	if len(answers) == 0 {
		return nil
	}
	return w.opened(answers[0])
}

func (w *world) opened(e *borderv1.Envelope) proto.Message {
	w.t.Helper()
	m, err := border.Open(e, w.platform.Verifier, border.Platform)
	check(w.t, err)
	_, err = translog.VerifyEnvelope(e, w.platform.LogVerifier(w.node.Party))
	check(w.t, err)
	return m
}

func (w *world) wantRefusal(e *borderv1.Envelope, code borderv1.RefusalCode) {
	w.t.Helper()
	r, ok := w.answer(e).(*borderv1.Refusal)
	if !ok || r.GetCode() != code || r.GetRequestId() != e.GetId() {
		w.t.Fatalf("got %v, want %v for %s", r, code, e.GetId())
	}
}

// outbox returns what waits to be sent, and takes it as sent.
func (w *world) outbox() []proto.Message {
	w.t.Helper()
	waiting, err := w.gate.Waiting(w.t.Context(), 1000)
	check(w.t, err)
	var all []proto.Message
	var ids []string
	for _, e := range waiting {
		all, ids = append(all, w.opened(e)), append(ids, e.GetId())
	}
	check(w.t, w.gate.Sent(w.t.Context(), ids, nil))
	return all
}

func oneFirm() gatetest.Snapshot {
	return gatetest.Snapshot{Generation: 1, Firms: []gatetest.Firm{gatetest.Good(1, "六安市皋城农业科技有限公司")},
		Persons: map[string]string{gatetest.ResidentID(1): "王小明", gatetest.ResidentID(2): "李大力"}}
}

func TestACreditReport(t *testing.T) {
	s := oneFirm()
	s.Events = []gatetest.Event{
		{FirmID: 1, Code: 7, Severity: 2, KnownOn: "2026-08-01", Key: "a"},
		{FirmID: 1, Code: 7, Severity: 2, KnownOn: "2026-08-09", Key: "b"},
		{FirmID: 1, Code: 2, Severity: 3, KnownOn: "2025-10-01", Key: "more than a year ago"},
	}
	w := newWorld(t, s)
	request := w.credit(w.grant(nil), nil)
	got := w.answer(request).(*borderv1.CreditResult)
	want := `{"score":688,"grade":"GRADE_B","pd_band":"PD_BAND_2_TO_4_PCT","limit_band":"LIMIT_BAND_500K_TO_1M"}`
	var expected borderv1.CreditResult
	check(t, protojson.Unmarshal([]byte(want), &expected))
	if got.Score != expected.Score || got.Grade != expected.Grade || got.PdBand != expected.PdBand || got.LimitBand != expected.LimitBand {
		t.Errorf("got %v", got)
	}
	if got.RequestId != request.Id || got.SubjectUsci != gatetest.USCI(1) || got.ModelVersion != "20261015.1" || got.DataVersion != "20261015.1" {
		t.Errorf("got %v", got)
	}
	if len(got.Dimensions) != 6 || got.Dimensions[5].Value != 92 || got.Dimensions[0].Drivers[1].Reason != borderv1.Reason_REASON_TAX_GRADE {
		t.Errorf("dimensions %v", got.Dimensions)
	}
	if len(got.Reasons) != 4 || got.Reasons[1].Direction != borderv1.Direction_DIRECTION_LOWERS {
		t.Errorf("reasons %v", got.Reasons)
	}
	// 4,200,000 yuan lies above 0, 100,000, 300,000, 1 and 3 million; growth of −12 % above −50 and −20.
	edges := map[borderv1.FigureKind]uint32{1: 5, 2: 4, 3: 3, 4: 0, 5: 4, 6: 2}
	for _, f := range got.Figures {
		if f.EdgeIndex != edges[f.Kind] {
			t.Errorf("%v is in band %d, want %d", f.Kind, f.EdgeIndex, edges[f.Kind])
		}
	}
	if len(got.Figures) != 6 || len(got.Trend) != 3 || got.Trend[2].Score != 688 {
		t.Errorf("figures %v, trend %v", got.Figures, got.Trend)
	}
	if len(got.Flags) != 1 || got.Flags[0] != borderv1.AlertCode_ALERT_CODE_PENALTY {
		t.Errorf("flags %v", got.Flags)
	}
	// The request and the answer stand in the node's log, and nothing of the firm does.
	check(t, w.nodeLog.Close(context.Background()))
	lines := readLog(t, w)
	if len(lines) != 2 || lines[0].Leaf.ID != request.Id || lines[0].Leaf.Kind != translog.Request || lines[1].Leaf.Kind != translog.Answer {
		t.Fatalf("the log holds %v", lines)
	}
	for _, line := range lines {
		if bytes.Contains(line.Raw, []byte(gatetest.USCI(1))) {
			t.Error("a leaf names the firm")
		}
	}
	w.nodeLog = w.openLog("node", border.LogOrigin(w.node.Party), w.node)
}

func readLog(t *testing.T, w *world) []translog.Line {
	t.Helper()
	r, err := translog.OpenReader(w.dir+"/log/node", w.node.LogVerifier(w.node.Party))
	check(t, err)
	lines, err := r.Entries(t.Context(), 0, 1000)
	check(t, err)
	return lines
}

// TestScope: what the grant does not cover is left out; without what the score is made of there is no report.
func TestScope(t *testing.T) {
	s := oneFirm()
	s.ModelReasons = []borderv1.Reason{borderv1.Reason_REASON_SALES_12M, borderv1.Reason_REASON_TAX_GRADE}
	s.Events = []gatetest.Event{{FirmID: 1, Code: 1, Severity: 3, KnownOn: "2026-08-01", Key: "court"}, {FirmID: 1, Code: 6, Severity: 2, KnownOn: "2026-08-01", Key: "tax"}}
	w := newWorld(t, s)
	only := func(classes ...borderv1.DataClass) *borderv1.Envelope {
		return w.grant(func(g *borderv1.Grant) { g.DataClasses = classes })
	}
	w.wantRefusal(w.credit(only(borderv1.DataClass_DATA_CLASS_TAX), nil), borderv1.RefusalCode_REFUSAL_CODE_OUT_OF_SCOPE)
	got := w.answer(w.credit(only(borderv1.DataClass_DATA_CLASS_TAX, borderv1.DataClass_DATA_CLASS_INVOICE), nil)).(*borderv1.CreditResult)
	if len(got.Dimensions) != 0 {
		t.Errorf("no dimension is made of tax and invoices only: %v", got.Dimensions)
	}
	for _, f := range got.Figures {
		if !slices.Contains([]borderv1.FigureKind{1, 2, 6}, f.Kind) {
			t.Errorf("a figure outside of the grant: %v", f)
		}
	}
	for _, d := range got.Reasons {
		if d.Reason == borderv1.Reason_REASON_FIRM_AGE_MONTHS {
			t.Errorf("a reason outside of the grant: %v", d)
		}
	}
	if len(got.Flags) != 1 || got.Flags[0] != borderv1.AlertCode_ALERT_CODE_TAX_ARREARS {
		t.Errorf("flags %v", got.Flags)
	}
	all := border.CreditClasses()
	withoutCourt := slices.DeleteFunc(slices.Clone(all), func(c borderv1.DataClass) bool { return c == borderv1.DataClass_DATA_CLASS_COURT })
	got = w.answer(w.credit(only(withoutCourt...), nil)).(*borderv1.CreditResult)
	for _, d := range got.Dimensions {
		if d.Dimension == borderv1.Dimension_DIMENSION_REPAYMENT_WILL || d.Dimension == borderv1.Dimension_DIMENSION_COMPLIANCE {
			t.Errorf("a dimension that needs the courts' data: %v", d)
		}
	}
	if len(got.Dimensions) != 4 {
		t.Errorf("dimensions %v", got.Dimensions)
	}
}

// TestRefusals: each thing that has to hold, broken alone.
func TestRefusals(t *testing.T) {
	s := oneFirm()
	unscored := gatetest.Good(2, "某某")
	unscored.Score, unscored.Grade, unscored.PD = nil, nil, nil
	s.Firms = append(s.Firms, unscored)
	w := newWorld(t, s)
	resign := func(m proto.Message, by *border.Signer, recipient string) *borderv1.Envelope {
		e, err := border.Sign(by, m, recipient, w.id(), w.clock.Now())
		check(t, err)
		return e
	}
	decoded := func(e *borderv1.Envelope) *borderv1.CreditRequest {
		m, err := border.Decode(e)
		check(t, err)
		return m.(*borderv1.CreditRequest)
	}
	for _, c := range []struct {
		name string
		code borderv1.RefusalCode
		make func() *borderv1.Envelope
	}{
		{"a bit of the signature", borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, func() *borderv1.Envelope {
			e := w.credit(w.grant(nil), nil)
			e.Signature[5] ^= 1
			return e
		}},
		{"a bit of the payload", borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, func() *borderv1.Envelope {
			e := w.credit(w.grant(nil), nil)
			e.Payload[len(e.Payload)-1] ^= 1
			return e
		}},
		{"no log proof", borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, func() *borderv1.Envelope {
			e := w.credit(w.grant(nil), nil)
			e.LogProof = nil
			return e
		}},
		{"the log proof of another envelope", borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, func() *borderv1.Envelope {
			e := w.credit(w.grant(nil), nil)
			e.LogProof = w.grant(nil).LogProof
			return e
		}},
		{"signed by a stranger who claims to be the platform", borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, func() *borderv1.Envelope {
			dir := t.TempDir()
			check(t, border.CreateKeys(dir, time.Now(), gatetest.City))
			stranger, err := border.LoadKeys(dir, border.Platform)
			check(t, err)
			return resign(decoded(w.credit(w.grant(nil), nil)), stranger.Signer, w.node.Party)
		}},
		{"truncated", borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, func() *borderv1.Envelope {
			e := w.credit(w.grant(nil), nil)
			e.Payload = e.Payload[:len(e.Payload)/2]
			return e
		}},
		{"huge", borderv1.RefusalCode_REFUSAL_CODE_MALFORMED, func() *borderv1.Envelope {
			e := w.credit(w.grant(nil), nil)
			e.Payload = make([]byte, border.MaxPayload+1)
			return e
		}},
		{"for another city's node", borderv1.RefusalCode_REFUSAL_CODE_WRONG_CITY, func() *borderv1.Envelope {
			return resign(decoded(w.credit(w.grant(nil), nil)), w.platform.Signer, border.NodeName("340100"))
		}},
		{"about another city", borderv1.RefusalCode_REFUSAL_CODE_WRONG_CITY, func() *borderv1.Envelope {
			return w.credit(w.grant(nil), func(r *borderv1.CreditRequest) { r.City = "340100" })
		}},
		{"a grant for another city", borderv1.RefusalCode_REFUSAL_CODE_WRONG_CITY, func() *borderv1.Envelope {
			return w.credit(w.grant(func(g *borderv1.Grant) { g.City = "340100" }), nil)
		}},
		{"from the future", borderv1.RefusalCode_REFUSAL_CODE_CLOCK, func() *borderv1.Envelope {
			w.clock.At = w.clock.At.Add(time.Hour)
			defer func() { w.clock.At = w.clock.At.Add(-time.Hour) }()
			return w.credit(w.grant(nil), nil)
		}},
		{"asked in the future", borderv1.RefusalCode_REFUSAL_CODE_CLOCK, func() *borderv1.Envelope {
			return w.credit(w.grant(nil), func(r *borderv1.CreditRequest) { r.RequestedAt = timestamppb.New(w.clock.Now().Add(time.Hour)) })
		}},
		{"older than the gate's memory", borderv1.RefusalCode_REFUSAL_CODE_CLOCK, func() *borderv1.Envelope {
			w.clock.At = w.clock.At.Add(-8 * 24 * time.Hour)
			defer func() { w.clock.At = w.clock.At.Add(8 * 24 * time.Hour) }()
			return w.credit(w.grant(nil), nil)
		}},
		{"no grant", borderv1.RefusalCode_REFUSAL_CODE_NO_GRANT, func() *borderv1.Envelope { return w.credit(nil, nil) }},
		{"a revocation in place of the grant", borderv1.RefusalCode_REFUSAL_CODE_NO_GRANT, func() *borderv1.Envelope {
			return w.credit(w.seal(&borderv1.Revocation{GrantId: w.id(), City: gatetest.City, RevokedAt: w.now()}), nil)
		}},
		{"a forged grant", borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE, func() *borderv1.Envelope {
			g := w.grant(nil)
			g.Signature[0] ^= 1
			return w.credit(g, nil)
		}},
		{"an expired grant", borderv1.RefusalCode_REFUSAL_CODE_GRANT_EXPIRED, func() *borderv1.Envelope {
			return w.credit(w.grant(func(g *borderv1.Grant) {
				g.NotBefore, g.NotAfter = timestamppb.New(w.clock.Now().Add(-time.Hour)), w.now()
			}), nil)
		}},
		{"a grant that does not hold yet", borderv1.RefusalCode_REFUSAL_CODE_GRANT_EXPIRED, func() *borderv1.Envelope {
			return w.credit(w.grant(func(g *borderv1.Grant) { g.NotBefore = timestamppb.New(w.clock.Now().Add(time.Hour)) }), nil)
		}},
		{"a revoked grant", borderv1.RefusalCode_REFUSAL_CODE_GRANT_REVOKED, func() *borderv1.Envelope {
			g := w.grant(nil)
			if m := w.answer(w.seal(&borderv1.Revocation{GrantId: g.Id, City: gatetest.City, RevokedAt: w.now()})); m != nil {
				t.Errorf("a revocation was answered: %v", m)
			}
			return w.credit(g, nil)
		}},
		{"a used-up grant", borderv1.RefusalCode_REFUSAL_CODE_GRANT_USED_UP, func() *borderv1.Envelope {
			g := w.grant(func(g *borderv1.Grant) { g.MaxUses = 2 })
			for range 2 {
				if _, ok := w.answer(w.credit(g, nil)).(*borderv1.CreditResult); !ok {
					t.Error("refused before it was used up")
				}
				w.restart() // the count survives
			}
			return w.credit(g, nil)
		}},
		{"another purpose than the grant's", borderv1.RefusalCode_REFUSAL_CODE_WRONG_PURPOSE, func() *borderv1.Envelope {
			return w.credit(w.grant(nil), func(r *borderv1.CreditRequest) { r.Purpose = borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING })
		}},
		{"a report for an identity check", borderv1.RefusalCode_REFUSAL_CODE_WRONG_PURPOSE, func() *borderv1.Envelope {
			g := w.grant(func(g *borderv1.Grant) { g.Purpose = borderv1.Purpose_PURPOSE_IDENTITY_CHECK })
			return w.credit(g, func(r *borderv1.CreditRequest) { r.Purpose = borderv1.Purpose_PURPOSE_IDENTITY_CHECK })
		}},
		{"another bank", borderv1.RefusalCode_REFUSAL_CODE_WRONG_REQUESTER, func() *borderv1.Envelope {
			return w.credit(w.grant(nil), func(r *borderv1.CreditRequest) { r.RequesterId = w.another })
		}},
		{"another firm", borderv1.RefusalCode_REFUSAL_CODE_WRONG_SUBJECT, func() *borderv1.Envelope {
			return w.credit(w.grant(nil), func(r *borderv1.CreditRequest) { r.SubjectUsci = gatetest.USCI(2) })
		}},
		{"too few data classes", borderv1.RefusalCode_REFUSAL_CODE_OUT_OF_SCOPE, func() *borderv1.Envelope {
			return w.credit(w.grant(func(g *borderv1.Grant) { g.DataClasses = g.DataClasses[1:] }), nil)
		}},
		{"a firm that the city does not know", borderv1.RefusalCode_REFUSAL_CODE_UNKNOWN_FIRM, func() *borderv1.Envelope {
			g := w.grant(func(g *borderv1.Grant) { g.SubjectUsci = gatetest.USCI(77) })
			return w.credit(g, func(r *borderv1.CreditRequest) { r.SubjectUsci = gatetest.USCI(77) })
		}},
		{"a firm without a score", borderv1.RefusalCode_REFUSAL_CODE_NOT_SCORABLE, func() *borderv1.Envelope {
			g := w.grant(func(g *borderv1.Grant) { g.SubjectUsci = gatetest.USCI(2) })
			return w.credit(g, func(r *borderv1.CreditRequest) { r.SubjectUsci = gatetest.USCI(2) })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			e := c.make()
			w.wantRefusal(e, c.code)
			w.wantRefusal(e, c.code) // and again
		})
	}
	w.t = t
}

func TestWhatHasNoIDIsNotAnswered(t *testing.T) {
	w := newWorld(t, oneFirm())
	for _, e := range []*borderv1.Envelope{nil, {}, {Id: "not an id"}} {
		answers, err := w.gate.Handle(t.Context(), e)
		if border.CodeOf(err) != borderv1.RefusalCode_REFUSAL_CODE_MALFORMED || len(answers) != 0 {
			t.Errorf("%v, %v", answers, err)
		}
	}
}

func TestARequestIsAnsweredOnce(t *testing.T) {
	w := newWorld(t, oneFirm())
	g := w.grant(func(g *borderv1.Grant) { g.MaxUses = 1 })
	request := w.credit(g, nil)
	first, err := w.gate.Handle(t.Context(), request)
	check(t, err)
	for range 3 {
		w.clock.At = w.clock.At.Add(time.Hour)
		w.restart()
		again, err := w.gate.Handle(t.Context(), request)
		check(t, err)
		if !proto.Equal(first[0], again[0]) {
			t.Fatal("the second answer is another one")
		}
	}
	for range 2 {
		if got := w.outbox(); len(got) != 1 {
			t.Errorf("%d envelopes wait to be sent", len(got))
		}
		if got := w.outbox(); len(got) != 0 {
			t.Errorf("what was sent is offered again: %v", got)
		}
		w.answer(request) // who asks again has not got it
	}
	// Another request under the same id is a replay, and does not disturb the first answer. (An honest platform's log would not take it.)
	honest := w.platformLog
	w.platformLog = w.openLog("second", border.LogOrigin(border.Platform), w.platform)
	forged := w.credit(g, func(r *borderv1.CreditRequest) { r.Id = request.Id })
	check(t, w.platformLog.Close(context.Background()))
	w.platformLog = honest
	w.wantRefusal(forged, borderv1.RefusalCode_REFUSAL_CODE_REPLAYED)
	again, err := w.gate.Handle(t.Context(), request)
	check(t, err)
	if !proto.Equal(first[0], again[0]) {
		t.Fatal("a replay changed the answer")
	}
	w.wantRefusal(w.credit(g, nil), borderv1.RefusalCode_REFUSAL_CODE_GRANT_USED_UP)
}

// TestAForgedCopyComesFirst: it is refused, and the true request is answered all the same.
func TestAForgedCopyComesFirst(t *testing.T) {
	w := newWorld(t, oneFirm())
	request := w.credit(w.grant(nil), nil)
	for _, spoil := range []func(e *borderv1.Envelope){
		func(e *borderv1.Envelope) { e.Signature[0] ^= 1 },
		func(e *borderv1.Envelope) { e.LogProof = nil },
	} {
		forged := proto.CloneOf(request)
		spoil(forged)
		w.wantRefusal(forged, borderv1.RefusalCode_REFUSAL_CODE_BAD_SIGNATURE)
	}
	if _, ok := w.answer(request).(*borderv1.CreditResult); !ok {
		t.Error("the true request was not answered")
	}
}

// TestACrashBeforeTheLog: the answer was decided and written down, but the process died before it was logged.
func TestACrashBeforeTheLog(t *testing.T) {
	w := newWorld(t, oneFirm())
	request := w.credit(w.grant(nil), nil)
	check(t, w.nodeLog.Close(context.Background()))
	if _, err := w.gate.Handle(t.Context(), request); err == nil {
		t.Fatal("an answer that is not in the log went out")
	}
	if waiting, err := w.gate.Waiting(t.Context(), 10); err != nil || len(waiting) != 0 {
		t.Fatalf("an answer that is not in the log is offered for sending: %v, %v", waiting, err)
	}
	check(t, w.gate.Close())
	w.nodeLog = w.openLog("node", border.LogOrigin(w.node.Party), w.node)
	w.open()
	if got := w.outbox(); len(got) != 1 || got[0].(*borderv1.CreditResult).Score != 688 {
		t.Fatalf("after the restart: %v", got)
	}
	if _, ok := w.answer(request).(*borderv1.CreditResult); !ok {
		t.Fatal("the request is not answered after the restart")
	}
	check(t, w.nodeLog.Close(context.Background()))
	if lines := readLog(t, w); len(lines) != 2 {
		t.Errorf("the log holds %d leaves, want the request and the answer", len(lines))
	}
	w.nodeLog = w.openLog("node", border.LogOrigin(w.node.Party), w.node)
}

func TestConcurrentUsesAreCounted(t *testing.T) {
	w := newWorld(t, oneFirm())
	g := w.grant(func(g *borderv1.Grant) { g.MaxUses = 7 })
	var requests []*borderv1.Envelope
	for range 20 {
		requests = append(requests, w.credit(g, nil))
	}
	results := make(chan proto.Message)
	for _, r := range requests {
		go func() {
			answers, err := w.gate.Handle(context.Background(), r)
			if err != nil {
				t.Error(err)
				results <- nil
				return
			}
			m, err := border.Decode(answers[0])
			if err != nil {
				t.Error(err)
			}
			results <- m
		}()
	}
	reports := 0
	for range requests {
		if _, ok := (<-results).(*borderv1.CreditResult); ok {
			reports++
		}
	}
	if reports != 7 {
		t.Errorf("%d reports under a grant for 7", reports)
	}
}

func TestIdentity(t *testing.T) {
	s := oneFirm()
	nameless := gatetest.Good(2, "六安市（皋城）Abc商贸有限公司")
	nameless.LegalPersonID = ""
	closed := gatetest.Good(3, "关门大吉有限公司")
	closed.Status = "注销"
	s.Firms = append(s.Firms, nameless, closed)
	w := newWorld(t, s)
	const y, n, u = borderv1.Verdict_VERDICT_YES, borderv1.Verdict_VERDICT_NO, borderv1.Verdict_VERDICT_UNKNOWN
	for _, c := range []struct {
		name             string
		firm             int
		firmName, person string
		resident         int
		want             [4]borderv1.Verdict
	}{
		{"all is true", 1, "六安市皋城农业科技有限公司", "王小明", 1, [4]borderv1.Verdict{y, y, y, y}},
		{"another person of the city", 1, "六安市皋城农业科技有限公司", "李大力", 2, [4]borderv1.Verdict{y, y, y, n}},
		{"the number is another's", 1, "六安市皋城农业科技有限公司", "李大力", 1, [4]borderv1.Verdict{y, y, n, n}},
		{"a person the city does not know", 1, "六安市皋城农业科技有限公司", "王小明", 9, [4]borderv1.Verdict{y, y, u, n}},
		{"another name of the firm", 1, "六安市皋城农业科技公司", "王小明", 1, [4]borderv1.Verdict{y, n, y, y}},
		{"half width and blanks", 2, "六安市(皋城) ABC商贸有限公司", "王小明", 1, [4]borderv1.Verdict{y, y, y, u}},
		{"the register has no number, and another name", 2, "x", "李大力", 2, [4]borderv1.Verdict{y, n, y, n}},
		{"a firm that is closed", 3, "关门大吉有限公司", "王小明", 3, [4]borderv1.Verdict{n, y, u, y}},
		{"no such firm", 5, "x", "王小明", 1, [4]borderv1.Verdict{n, n, y, n}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			g := w.grant(func(g *borderv1.Grant) {
				g.GranteeId, g.Purpose, g.SubjectUsci = border.Platform, borderv1.Purpose_PURPOSE_IDENTITY_CHECK, gatetest.USCI(c.firm)
				g.DataClasses = []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_REGISTRATION, borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY}
			})
			got := w.answer(w.seal(&borderv1.IdentityRequest{Id: w.id(), City: gatetest.City, Grant: g, SubjectUsci: gatetest.USCI(c.firm), FirmName: c.firmName,
				PersonName: c.person, ResidentId: gatetest.ResidentID(c.resident), RequestedAt: w.now()})).(*borderv1.IdentityResult)
			if v := [4]borderv1.Verdict{got.FirmRegistered, got.FirmNameMatches, got.PersonExists, got.PersonRepresentsFirm}; v != c.want {
				t.Errorf("got %v, want %v", v, c.want)
			}
		})
	}
	w.t = t
	bank := w.grant(func(g *borderv1.Grant) { g.Purpose = borderv1.Purpose_PURPOSE_IDENTITY_CHECK })
	w.wantRefusal(w.seal(&borderv1.IdentityRequest{Id: w.id(), City: gatetest.City, Grant: bank, SubjectUsci: gatetest.USCI(1), FirmName: "x",
		PersonName: "王小明", ResidentId: gatetest.ResidentID(1), RequestedAt: w.now()}), borderv1.RefusalCode_REFUSAL_CODE_WRONG_REQUESTER)
}

// TestNoPersonIsKept: the identifiers in an identity request pass through memory; no file of the gate or of a log holds them.
func TestNoPersonIsKept(t *testing.T) {
	w := newWorld(t, oneFirm())
	g := w.grant(func(g *borderv1.Grant) {
		g.GranteeId, g.Purpose = border.Platform, borderv1.Purpose_PURPOSE_IDENTITY_CHECK
		g.DataClasses = []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_REGISTRATION, borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY}
	})
	w.answer(w.seal(&borderv1.IdentityRequest{Id: w.id(), City: gatetest.City, Grant: g, SubjectUsci: gatetest.USCI(1), FirmName: "六安市皋城农业科技有限公司",
		PersonName: "王小明", ResidentId: gatetest.ResidentID(1), RequestedAt: w.now()}))
	searched := 0
	for _, folder := range []string{"gate", "log"} {
		check(t, filepath.WalkDir(filepath.Join(w.dir, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			for _, secret := range []string{"王小明", gatetest.ResidentID(1), gatetest.ResidentID(1)[6:14]} {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s holds what identifies a person", path)
				}
			}
			searched++
			return err
		}))
	}
	if searched < 5 {
		t.Errorf("only %d files were searched", searched)
	}
}

func (w *world) watch(g *borderv1.Envelope) *borderv1.Envelope {
	return w.seal(&borderv1.WatchRequest{Id: w.id(), City: gatetest.City, Grant: g, SubjectUsci: gatetest.USCI(1), RequesterId: w.bank, RequestedAt: w.now()})
}

func (w *world) monitoring(change func(g *borderv1.Grant)) *borderv1.Envelope {
	return w.grant(func(g *borderv1.Grant) {
		g.Purpose = borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING
		if change != nil {
			change(g)
		}
	})
}

// refresh gives the gate a new snapshot and returns what it sends because of it.
func (w *world) refresh(s gatetest.Snapshot) []proto.Message {
	w.t.Helper()
	gatetest.Write(w.t, w.dir, s)
	changed, err := w.gate.Reload(w.t.Context())
	check(w.t, err)
	if !changed {
		w.t.Fatal("the snapshot was not taken over")
	}
	return w.outbox()
}

func alertCodes(messages []proto.Message) []borderv1.AlertCode {
	var codes []borderv1.AlertCode
	for _, m := range messages {
		if a, ok := m.(*borderv1.Alert); ok {
			codes = append(codes, a.Code)
		}
	}
	slices.Sort(codes)
	return codes
}

func TestAlerts(t *testing.T) {
	s := oneFirm()
	s.Events = []gatetest.Event{{FirmID: 1, Code: 7, Severity: 2, KnownOn: "2026-08-01", Key: "known before"}}
	w := newWorld(t, s)
	w.wantRefusal(w.watch(w.grant(nil)), borderv1.RefusalCode_REFUSAL_CODE_WRONG_PURPOSE)
	w.wantRefusal(w.watch(nil), borderv1.RefusalCode_REFUSAL_CODE_NO_GRANT)
	w.outbox()
	full := w.monitoring(nil)
	taxOnly := w.monitoring(func(g *borderv1.Grant) { g.DataClasses = []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_TAX} })
	short := w.monitoring(func(g *borderv1.Grant) { g.NotAfter = timestamppb.New(w.clock.Now().Add(time.Hour)) })
	for _, g := range []*borderv1.Envelope{full, taxOnly, short} {
		request := w.watch(g)
		for range 2 { // it may be handed out twice
			if m := w.answer(request); m != nil {
				t.Fatalf("a watch was answered: %v", m)
			}
		}
	}
	next := func(change func(s *gatetest.Snapshot)) []borderv1.AlertCode {
		t.Helper()
		s.Generation++
		if change != nil {
			change(&s)
		}
		return alertCodes(w.refresh(s))
	}
	const dishonest, taxArrears, drop = borderv1.AlertCode_ALERT_CODE_DISHONEST_DEBTOR, borderv1.AlertCode_ALERT_CODE_TAX_ARREARS, borderv1.AlertCode_ALERT_CODE_GRADE_DROP
	want := func(got []borderv1.AlertCode, codes ...borderv1.AlertCode) {
		t.Helper()
		if !slices.Equal(got, codes) {
			t.Errorf("alerts %v, want %v", got, codes)
		}
	}
	want(next(nil))
	w.clock.At = w.clock.At.Add(2 * time.Hour) // the short grant is over
	want(next(func(s *gatetest.Snapshot) {
		s.Events = append(s.Events, gatetest.Event{FirmID: 1, Code: 1, Severity: 3, KnownOn: "2026-10-15", Key: "court-1"})
	}), dishonest)
	w.restart() // nothing twice
	want(next(nil))
	want(next(func(s *gatetest.Snapshot) {
		s.Events = append(s.Events, gatetest.Event{FirmID: 1, Code: 6, Severity: 2, KnownOn: "2026-10-15", Key: "tax-1"})
	}), taxArrears, taxArrears)
	want(next(func(s *gatetest.Snapshot) { s.Firms[0].Grade = "D" }), drop)
	want(next(nil))
	want(next(func(s *gatetest.Snapshot) { s.Firms[0].Grade = "A" }))
	want(next(func(s *gatetest.Snapshot) { s.Firms[0].Grade = "B" }), drop)
	w.answer(w.seal(&borderv1.Revocation{GrantId: full.Id, City: gatetest.City, RevokedAt: w.now()}))
	want(next(func(s *gatetest.Snapshot) {
		s.Events = append(s.Events, gatetest.Event{FirmID: 1, Code: 6, Severity: 2, KnownOn: "2026-10-16", Key: "tax-2"})
	}), taxArrears)
}

func TestDigest(t *testing.T) {
	s := oneFirm()
	s.Digest = &borderv1.CityDigest{AsOf: timestamppb.New(time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC)), Firms: 32, SuppressedFirms: 12,
		Cells:       []*borderv1.DigestCell{{Division: "341502", IndustrySection: "C", Grade: borderv1.Grade_GRADE_B, Firms: 20}},
		DataVersion: "20261015.1", ModelId: "card-341500"}
	w := newWorld(t, s)
	got := w.outbox()
	if len(got) != 1 || got[0].(*borderv1.CityDigest).Firms != 32 || got[0].(*borderv1.CityDigest).City != gatetest.City {
		t.Fatalf("got %v", got)
	}
	w.restart()
	if got := w.outbox(); len(got) != 0 {
		t.Fatalf("the same digest again: %v", got)
	}
	// What breaks a rule stays inside, and the node goes on.
	good := proto.CloneOf(s.Digest)
	for name, change := range map[string]func(d *borderv1.CityDigest){
		"a cell of nine firms":  func(d *borderv1.CityDigest) { d.Cells[0].Firms, d.SuppressedFirms = 9, 23 },
		"a county of elsewhere": func(d *borderv1.CityDigest) { d.Cells[0].Division = "110101" },
		"a word for a department": func(d *borderv1.CityDigest) {
			d.Departments = []*borderv1.DepartmentReadiness{{Department: "wang_xiaoming"}}
		},
	} {
		s.Generation, s.Digest = s.Generation+1, proto.CloneOf(good)
		change(s.Digest)
		if got := w.refresh(s); len(got) != 0 {
			t.Errorf("%s left: %v", name, got)
		}
	}
	s.Generation, s.Digest = s.Generation+1, good
	good.Departments = []*borderv1.DepartmentReadiness{{Department: "tax"}}
	if got := w.refresh(s); len(got) != 1 {
		t.Errorf("a good digest stayed inside: %v", got)
	}
}

func TestWithoutASnapshotNothingIsAnswered(t *testing.T) {
	w := newWorld(t, oneFirm())
	empty := t.TempDir()
	g, err := gate.Open(t.Context(), empty, gate.Options{City: gatetest.City, Keys: w.node, Log: w.nodeLog, Clock: w.clock.Now})
	check(t, err)
	defer g.Close()
	if changed, err := g.Reload(t.Context()); changed || err != nil {
		t.Fatalf("%v, %v", changed, err)
	}
	if _, err := g.Handle(t.Context(), w.credit(w.grant(nil), nil)); !errors.Is(err, gate.ErrNoSnapshot) {
		t.Fatal(err)
	}
}

// TestNothingRawLeaves: whatever stands in the snapshot, what leaves keeps the rules, and no text of the snapshot is in it.
func TestNothingRawLeaves(t *testing.T) {
	const canary = "机密CANARY"
	text := rapid.Map(rapid.OneOf(rapid.Just(canary), rapid.StringMatching(`([0-9]{1,3}:[+-];?){0,6}`), rapid.String(),
		rapid.Just("9:+;9:+;9:-;"+canary+":+;99999:+;0:-")), func(s string) string {
		return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	})
	number := rapid.OneOf(rapid.Just(math.NaN()), rapid.Float64(), rapid.Just(math.Inf(1)), rapid.Just(-1e300))
	pd := rapid.OneOf(rapid.Float64Range(0, 1), rapid.Float64Range(0, 1), rapid.Float64Range(0, 0.2), number)
	firms := rapid.Custom(func(rt *rapid.T) gatetest.Firm {
		f := gatetest.Good(1, canary)
		f.LegalPerson, f.Status = canary, text.Draw(rt, "status")
		f.Score = rapid.IntRange(280, 870).Draw(rt, "score")
		f.Grade = rapid.OneOf(rapid.SampledFrom([]string{"A", "B", "C", "D", "E"}), rapid.SampledFrom([]string{"A", "C", "E"}), rapid.SampledFrom([]string{"F", "UNSPECIFIED", ""}), text).Draw(rt, "grade")
		f.PD, f.LimitFen = pd.Draw(rt, "pd"), rapid.Int64().Draw(rt, "limit")
		for i := range f.Dims {
			f.Dims[i], f.DimDrivers[i] = rapid.IntRange(-5, 120).Draw(rt, "dim"), text.Draw(rt, "drivers")
		}
		f.Reasons = text.Draw(rt, "reasons")
		f.Sales, f.Heads, f.Grow = number.Draw(rt, "sales"), number.Draw(rt, "heads"), number.Draw(rt, "grow")
		f.Trend = append(f.Trend, gatetest.Point{AsOf: "2026-01-15", Score: rapid.IntRange(-1, 2000).Draw(rt, "trend")})
		return f
	})
	s := gatetest.Snapshot{Generation: 1}
	for i := range 500 {
		f := firms.Example(i)
		f.ID, f.USCI = int64(i+1), gatetest.USCI(i+1)
		s.Firms = append(s.Firms, f)
	}
	reports := gate.ReportsForTest(t, s)
	if len(reports) < 100 {
		t.Fatalf("only %d of %d random firms have a report", len(reports), len(s.Firms))
	}
	for _, r := range reports {
		if err := border.Validate(r); err != nil {
			t.Errorf("%v: %v", err, r)
		}
		wire, err := proto.Marshal(r)
		check(t, err)
		if bytes.Contains(wire, []byte("CANARY")) || bytes.Contains(wire, []byte("机密")) {
			t.Errorf("a text of the snapshot left: %v", r)
		}
	}
}

// BenchmarkGate answers requests one after the other: open is signatures and proofs, decide is checks, verdict, signing and the gate's own
// durable record, log is appending and proving.
func BenchmarkGate(b *testing.B) {
	w := newWorld(b, oneFirm())
	g := w.grant(func(g *borderv1.Grant) { g.MaxUses = border.MaxGrantUses })
	requests := make([]*borderv1.Envelope, b.N)
	for i := range requests {
		requests[i] = w.credit(g, nil)
	}
	var open, decide, log []time.Duration
	b.ResetTimer()
	for _, r := range requests {
		o, d, l, err := w.gate.HandlePhases(b.Context(), r)
		check(b, err)
		open, decide, log = append(open, o), append(decide, d), append(log, l)
	}
	b.StopTimer()
	for name, took := range map[string][]time.Duration{"open": open, "decide": decide, "log": log} {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-"+name+"-p50")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-"+name+"-p99")
	}
}
