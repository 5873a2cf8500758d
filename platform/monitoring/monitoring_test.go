package monitoring_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/monitoring"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
	"github.com/yidaitong/yidaitong/translog"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	city = "341500"
	usci = "91330100799655058B"
)

// house is the monitoring of a bank with one open loan to a firm.
type house struct {
	*monitoring.Service
	t                *testing.T
	store            *store.Store
	exchange         *exchange.Exchange
	firm, bank       string // organisations
	stranger         string // another bank
	account, officer string
	now              time.Time
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newHouse(t *testing.T, open func(store.Options) *store.Store) *house {
	t.Helper()
	h := &house{t: t, now: time.Now().UTC().Truncate(time.Second)}
	h.store = open(store.Options{Clock: func() time.Time { return h.now }})
	dir := t.TempDir()
	must(t, border.CreateKeys(filepath.Join(dir, "keys"), h.now, city))
	keys, err := border.LoadKeys(filepath.Join(dir, "keys"), border.Platform)
	must(t, err)
	log, err := translog.Open(t.Context(), filepath.Join(dir, "log"), border.LogOrigin(border.Platform), keys.Log, translog.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, log.Close(context.Background())) })
	h.exchange = exchange.Open(exchange.Options{Store: h.store, Keys: keys, Log: log, OnAlert: monitoring.Receive})
	consents, err := consent.New(h.store, h.exchange)
	must(t, err)
	h.Service = monitoring.New(h.store, h.exchange, consents)
	h.firm, h.bank, h.stranger = h.store.NewID(), h.store.NewID(), h.store.NewID()
	h.account, h.officer = h.store.NewID(), h.store.NewID()
	h.lend()
	return h
}

// lend puts the rows of a paid-out loan where the other services would have put them.
func (h *house) lend() {
	h.t.Helper()
	ctx, ms := h.t.Context(), store.Micros(h.now)
	must(h.t, h.store.Update(ctx, func(tx *store.Tx) error {
		for _, s := range []struct {
			text string
			args []any
		}{
			{`insert into organisation (id, kind, name, city, usci, verified_at, created_at) values ($1, 'enterprise', '皋城农业', $2, $3, 1, 1)`, []any{h.firm, city, usci}},
			{`insert into organisation (id, kind, name, city, created_at) values ($1, 'bank', '甲银行', $3, 1), ($2, 'bank', '乙银行', $3, 1)`, []any{h.bank, h.stranger, city}},
			{`insert into account (id, org_id, login, name, role, password_hash, created_at) values ($1, $2, 'firm', '张三', 'enterprise', '', 1)`, []any{h.account, h.firm}},
			{`insert into account (id, org_id, login, name, role, password_hash, created_at) values ($1, $2, 'officer', '李四', 'bank_officer', '', 1)`, []any{h.officer, h.bank}},
			{`insert into product (id, bank_id, city, version) values ('p', $1, $2, 1)`, []any{h.bank, city}},
			{`insert into product_version (product_id, version, kind, name_zh, name_en, body, effective_from, published_by, published_at)
				values ('p', 1, 'credit', '信用贷', 'Credit', '{}', 1, $1, 1)`, []any{h.officer}},
			{`insert into application (id, number, org_id, bank_id, city, region, product_id, product_version, amount_fen, term_months, used_for,
				repayment, state, version, grant_id, created_at, updated_at)
				values ('a', '1', $1, $2, $3, '341502', 'p', 1, 100, 12, 'x', 'x', 'repaying', 1, 'g', 1, 1)`, []any{h.firm, h.bank, city}},
			{`insert into loan (id, application_id, org_id, bank_id, amount_fen, rate_bp, term_months, repayment, day_count, bank_reference,
				disbursed_on, disbursed_at, due_on, outstanding_fen) values ('l', 'a', $1, $2, 100, 400, 12, 'x', 'x', 'r', 1, $3, 1, 100)`,
				[]any{h.firm, h.bank, ms}},
		} {
			if _, err := tx.Exec(ctx, s.text, s.args...); err != nil {
				return err
			}
		}
		return nil
	}))
}

// allow gives a monitoring grant as the firm and returns its id.
func (h *house) allow() string {
	h.t.Helper()
	consents, err := consent.New(h.store, h.exchange)
	must(h.t, err)
	text := consents.CurrentText(borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING)
	g, err := consents.Give(h.t.Context(), h.borrower(), consent.Request{GranteeID: h.bank, Purpose: borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING,
		Classes: border.CreditClasses(), Duration: 24 * time.Hour,
		Evidence: consent.Evidence{TextVersion: text.Version, Language: "zh", Screen: "/firm/authorise", Method: "session"}})
	must(h.t, err)
	return g.ID
}

func (h *house) borrower() party.Actor {
	return party.Actor{AccountID: h.account, OrgID: h.firm, Role: party.RoleEnterprise, Name: "张三"}
}

func (h *house) banker(org string) party.Actor {
	return party.Actor{AccountID: h.officer, OrgID: org, Role: party.RoleBankOfficer, Name: "李四"}
}

// watches returns the watch requests that are queued for the node.
func (h *house) watches() (ids []string) {
	h.t.Helper()
	must(h.t, h.store.View(h.t.Context(), func(tx *store.Tx) (err error) {
		ids, err = store.Collect(h.t.Context(), tx, func(scan func(...any) error) (s string, err error) { return s, scan(&s) },
			`select id from envelope where outbound = 1 and kind = $1 order by position`, int64(borderv1.PayloadKind_PAYLOAD_KIND_WATCH_REQUEST))
		return err
	}))
	return ids
}

func (h *house) receive(watch, subject string, code borderv1.AlertCode, severity borderv1.Severity) (string, error) {
	a := &borderv1.Alert{Id: h.store.NewID(), WatchId: watch, SubjectUsci: subject, Code: code, Severity: severity,
		ObservedAt: timestamppb.New(h.now.Truncate(24 * time.Hour))}
	return a.GetId(), h.store.Update(h.t.Context(), func(tx *store.Tx) error {
		return monitoring.Receive(h.t.Context(), tx, exchange.Received{City: city, Message: proto.Message(a), At: h.now, Origin: "o",
			Envelope: &borderv1.Envelope{Id: a.GetId(), Kind: borderv1.PayloadKind_PAYLOAD_KIND_ALERT}})
	})
}

func TestALoanIsWatchedOnlyUnderAGrantAndOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		if n, err := h.Begin(t.Context()); n != 0 || err != nil || len(h.watches()) != 0 {
			t.Fatalf("watched without a grant: %d, %v", n, err)
		}
		grant := h.allow()
		for range 3 {
			_, err := h.Begin(t.Context())
			must(t, err)
		}
		ids := h.watches()
		if len(ids) != 1 {
			t.Fatalf("%d watch requests for one loan", len(ids))
		}
		e, err := h.exchange.Envelope(t.Context(), ids[0])
		must(t, err)
		m, err := border.Decode(e)
		must(t, err)
		w := m.(*borderv1.WatchRequest)
		if w.GetGrant().GetId() != grant || w.GetSubjectUsci() != usci || w.GetRequesterId() != h.bank {
			t.Errorf("the request names grant %s, firm %s, requester %s", w.GetGrant().GetId(), w.GetSubjectUsci(), w.GetRequesterId())
		}
		h.now = h.now.Add(48 * time.Hour) // the grant is over; a new one means a new watch
		n, err := h.Begin(t.Context())
		must(t, err)
		if n != 0 {
			t.Error("an expired grant was used")
		}
		h.allow()
		_, err = h.Begin(t.Context())
		must(t, err)
		if len(h.watches()) != 2 {
			t.Error("a renewed grant did not renew the watch")
		}
	})
}

func TestAlertsReachTheLendingBankOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		h := newHouse(t, open)
		h.allow()
		_, err := h.Begin(t.Context())
		must(t, err)
		watch := h.watches()[0]

		var refused *border.Refused
		if _, err := h.receive(h.store.NewID(), usci, borderv1.AlertCode_ALERT_CODE_PENALTY, borderv1.Severity_SEVERITY_NOTICE); !errors.As(err, &refused) {
			t.Errorf("an alert without a watch: %v", err)
		}
		if _, err := h.receive(watch, "91110000802100433B", borderv1.AlertCode_ALERT_CODE_PENALTY, borderv1.Severity_SEVERITY_NOTICE); !errors.As(err, &refused) {
			t.Errorf("an alert about another firm: %v", err)
		}
		mild, err := h.receive(watch, usci, borderv1.AlertCode_ALERT_CODE_PENALTY, borderv1.Severity_SEVERITY_NOTICE)
		must(t, err)
		severe, err := h.receive(watch, usci, borderv1.AlertCode_ALERT_CODE_DISHONEST_DEBTOR, borderv1.Severity_SEVERITY_SEVERE)
		must(t, err)

		inbox, err := h.Inbox(t.Context(), h.banker(h.bank))
		must(t, err)
		if len(inbox) != 2 || inbox[0].ID != severe || inbox[1].ID != mild || inbox[0].FirmName != "皋城农业" || inbox[0].ApplicationID != "a" {
			t.Fatalf("inbox: %+v", inbox)
		}
		if other, err := h.Inbox(t.Context(), h.banker(h.stranger)); err != nil || len(other) != 0 {
			t.Errorf("another bank sees %d alerts, %v", len(other), err)
		}
		if _, err := h.Acknowledge(t.Context(), h.banker(h.stranger), severe, monitoring.ActionNone, ""); !problem.Is(err, problem.NotFound) {
			t.Errorf("another bank acknowledged: %v", err)
		}
		if _, err := h.Inbox(t.Context(), h.borrower()); !problem.Is(err, problem.Forbidden) {
			t.Errorf("a borrower opened the bank's inbox: %v", err)
		}
		_, err = h.Acknowledge(t.Context(), h.banker(h.bank), severe, monitoring.ActionContacted, "已电话联系")
		must(t, err)
		if _, err := h.Acknowledge(t.Context(), h.banker(h.bank), severe, monitoring.ActionNone, ""); !problem.Is(err, problem.Conflict) {
			t.Errorf("acknowledged twice: %v", err)
		}
		if _, err := h.Acknowledge(t.Context(), h.banker(h.bank), mild, "shrug", ""); !problem.Is(err, problem.Invalid) {
			t.Errorf("an unknown action: %v", err)
		}
		if n, err := h.Open(t.Context(), h.banker(h.bank)); err != nil || n != 1 {
			t.Errorf("open alerts: %d, %v", n, err)
		}
		own, err := h.OfFirm(t.Context(), h.borrower())
		must(t, err)
		if len(own) != 2 || own[0].Note != "" || own[1].Note != "" || own[0].Action != "" && own[1].Action != "" {
			t.Errorf("the firm's view: %+v", own)
		}
		consents, err := consent.New(h.store, h.exchange)
		must(t, err)
		uses, err := consents.Uses(t.Context(), h.borrower())
		must(t, err)
		kinds := map[consent.UseKind]int{}
		for _, u := range uses {
			kinds[u.Kind]++
		}
		if kinds[consent.UseAlert] != 2 || kinds[consent.UseRequest] != 1 {
			t.Errorf("who used my data: %v", kinds)
		}
	})
}
