package cockpit_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/cockpit"
	"github.com/yidaitong/yidaitong/platform/exchange"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// now is 2026-11-01 00:30 in Shanghai, still October in UTC.
var now = time.Date(2026, 10, 31, 16, 30, 0, 0, time.UTC)

// fixture is two cities. In 341500: two banks, three firms in two counties, four applications, three loans.
const fixture = `
insert into organisation (id, kind, name, city, division, usci, verified_at, created_at) values
    ('gov', 'government', '金融局', '341500', '', 'u1', 0, 1), ('gov2', 'government', '金融局', '340100', '', 'u2', 0, 1),
    ('bank1', 'bank', '甲银行', '341500', '', 'u3', 0, 1), ('bank2', 'bank', '乙银行', '341500', '', 'u4', 0, 1),
    ('f1', 'enterprise', '一', '341500', '341502', 'u5', 9, 1), ('f2', 'enterprise', '二', '341500', '341502', 'u6', 0, 1),
    ('f3', 'individual', '三', '341500', '341525', 'u7', 9, 1), ('g1', 'enterprise', '外', '340100', '340102', 'u8', 9, 1);
insert into account (id, org_id, login, name, role, password_hash, created_at) values ('acc', 'bank1', 'a', 'a', 'bank_officer', '', 1);
insert into product (id, bank_id, city, version) values ('p1', 'bank1', '341500', 1), ('p2', 'bank2', '341500', 1);
insert into product_version (product_id, version, kind, name_zh, name_en, body, effective_from, published_by, published_at) values
    ('p1', 1, 'credit', '信用贷', 'Credit', '{"Security":"none"}', 1, 'acc', 1), ('p2', 1, 'mortgage', '抵押贷', 'Mortgage', '{"Security":"mortgage"}', 1, 'acc', 1);
insert into demand (id, org_id, city, region, amount_fen, term_months, used_for, security, state, published_at, expires_at) values
    ('d1', 'f1', '341500', '341502', 100, 12, 'x', 'none', 'applied', $1, 9), ('d2', 'f2', '341500', '341502', 50, 12, 'x', 'none', 'open', $2, 9),
    ('d9', 'g1', '340100', '340102', 7, 12, 'x', 'none', 'open', $1, 9);
insert into application (id, number, org_id, bank_id, city, region, product_id, product_version, demand_id, amount_fen, term_months, used_for,
    repayment, state, version, grant_id, created_at, updated_at, decided_at) values
    ('a1', '1', 'f1', 'bank1', '341500', '341502', 'p1', 1, 'd1', 100, 12, 'x', 'x', 'repaying', 1, 'g', $1, 1, $3),
    ('a2', '2', 'f1', 'bank1', '341500', '341502', 'p1', 1, null, 300, 12, 'x', 'x', 'repaying', 1, 'g', $1, 1, $4),
    ('a3', '3', 'f3', 'bank2', '341500', '341525', 'p2', 1, null, 600, 12, 'x', 'x', 'settled', 1, 'g', $2, 1, 0),
    ('a4', '4', 'f3', 'bank1', '341500', '341525', 'p1', 1, null, 600, 12, 'x', 'x', 'declined', 1, 'g', $2, 1, 0);
insert into offer (application_id, amount_fen, term_months, rate_bp, lpr_bp, repayment, day_count, conditions, valid_until, made_by, made_at) values
    ('a1', 100, 12, 400, 300, 'x', 'x', '', 1, 'acc', 1), ('a2', 300, 12, 500, 300, 'x', 'x', '', 1, 'acc', 1);
insert into loan (id, application_id, org_id, bank_id, amount_fen, rate_bp, term_months, repayment, day_count, bank_reference, disbursed_on,
    disbursed_at, due_on, outstanding_fen, overdue_fen, first_loan) values
    ('l1', 'a1', 'f1', 'bank1', 100, 400, 12, 'x', 'x', 'r1', 1, $3, 1, 80, 5, 1),
    ('l2', 'a2', 'f1', 'bank1', 300, 500, 12, 'x', 'x', 'r2', 1, $4, 1, 300, 0, 0),
    ('l3', 'a3', 'f3', 'bank2', 600, 600, 12, 'x', 'x', 'r3', 1, $5, 1, 0, 0, 0)`

// hours after now, as a row holds it.
func at(hours int) int64 { return store.Micros(now.Add(time.Duration(hours) * time.Hour)) }

func fill(t *testing.T, s *store.Store) {
	t.Helper()
	// $1: November in Shanghai. $2: October. Decisions and money: 2, 4 and (from October) 30 hours later.
	values := []any{at(0), at(-24), at(2), at(4), at(6)}
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for _, one := range statements(fixture) {
			if _, err := tx.Exec(t.Context(), one.text, one.pick(values)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNumbersOfOneCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		s := open(store.Options{Clock: func() time.Time { return now }})
		fill(t, s)
		n, err := cockpit.New(s, "341500").Numbers(t.Context(), party.Actor{OrgID: "gov", Role: party.RoleFinanceOffice})
		if err != nil {
			t.Fatal(err)
		}
		check(t, "firms", n.Firms, 3)
		check(t, "verified firms", n.VerifiedFirms, 2)
		check(t, "banks", n.Banks, 2)
		check(t, "products", n.Products, 2)
		check(t, "demands", n.Demands, 2)
		check(t, "demand fen", n.DemandFen, 150)
		check(t, "matched demands", n.MatchedDemands, 1)
		check(t, "applications", n.Applications, 4)
		check(t, "loans", n.Loans, 3)
		check(t, "disbursed", n.DisbursedFen, 1000)
		check(t, "outstanding", n.OutstandingFen, 380)
		check(t, "overdue", n.OverdueFen, 5)
		check(t, "first loans", n.FirstLoans, 1)
		check(t, "unsecured", n.UnsecuredFen, 400)
		check(t, "average rate", n.AverageRateBP, (100*400+300*500+600*600)/1000)
		check(t, "median time to funds", n.TimeToFunds, 4*time.Hour)
		if len(n.ByBank) != 2 || n.ByBank[0].BankID != "bank2" || n.ByBank[1] != (cockpit.BankRow{BankID: "bank1", Name: "甲银行", Applications: 3,
			Approved: 2, Loans: 2, DisbursedFen: 400, AverageRateBP: 475, MedianHours: 3}) {
			t.Errorf("by bank: %+v", n.ByBank)
		}
		if len(n.ByCounty) != 2 || n.ByCounty[0] != (cockpit.CountyRow{Division: "341502", Firms: 2, Demands: 2, Applications: 2, Loans: 2, DisbursedFen: 400}) {
			t.Errorf("by county: %+v", n.ByCounty)
		}
		if len(n.ByMonth) != 12 {
			t.Fatalf("%d months", len(n.ByMonth))
		}
		october, november := n.ByMonth[10], n.ByMonth[11]
		check(t, "October's applications", october.Applications, 2)
		check(t, "November's applications", november.Applications, 2)
		check(t, "November's loans", november.Loans, 3)
		if november.Month.Format(time.DateOnly) != "2026-11-01" {
			t.Errorf("the running month is %v: months must begin in Shanghai", november.Month)
		}
		if len(n.ByKind) != 2 || n.ByKind[0] != (cockpit.KindRow{Kind: "mortgage", Loans: 1, DisbursedFen: 600}) {
			t.Errorf("by kind: %+v", n.ByKind)
		}
		other, err := cockpit.New(s, "341500").Numbers(t.Context(), party.Actor{OrgID: "gov2", Role: party.RoleFinanceOffice})
		if err != nil {
			t.Fatal(err)
		}
		check(t, "the other city's firms", other.Firms, 1)
		check(t, "the other city's loans", other.Loans, 0)
	})
}

func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestNumbersOfAnEmptyCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		n, err := cockpit.New(open(store.Options{}), "341500").Public(t.Context())
		if err != nil || n.Firms != 0 || n.AverageRateBP != 0 {
			t.Errorf("empty city: %+v, %v", n, err)
		}
	})
}

func TestOnlyGovernmentSeesTheCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		s := open(store.Options{})
		fill(t, s)
		for _, role := range party.Roles() {
			_, err := cockpit.New(s, "341500").Numbers(t.Context(), party.Actor{OrgID: "gov", Role: role})
			if outsider := role.Borrower() || role.Bank(); problem.Is(err, problem.Forbidden) != outsider {
				t.Errorf("%s: %v", role, err)
			}
		}
	})
}

func TestNewestDigestOfTheActorsCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		s := open(store.Options{})
		fill(t, s)
		service, mine := cockpit.New(s, "341500"), party.Actor{OrgID: "gov", Role: party.RoleDataBureau}
		if _, ok, err := service.Digest(t.Context(), mine); ok || err != nil {
			t.Fatalf("a digest before the first: %v, %v", ok, err)
		}
		receive(t, s, "341500", 100, now)
		receive(t, s, "341500", 200, now.Add(time.Minute))
		receive(t, s, "340100", 999, now.Add(time.Hour))
		got, ok, err := service.Digest(t.Context(), mine)
		if err != nil || !ok {
			t.Fatalf("%v, %v", ok, err)
		}
		check(t, "firms", got.Digest.GetFirms(), 200)
		check(t, "leaf", got.LeafIndex, 200)
	})
}

func receive(t *testing.T, s *store.Store, city string, firms uint32, at time.Time) {
	t.Helper()
	d := &borderv1.CityDigest{Id: s.NewID(), City: city, AsOf: timestamppb.New(at), Firms: firms}
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return cockpit.Receive(t.Context(), tx, exchange.Received{City: city, Envelope: &borderv1.Envelope{Id: d.GetId()},
			Message: proto.Message(d), LeafIndex: uint64(firms), At: at})
	})
	if err != nil {
		t.Fatal(err)
	}
}
