package matching_test

import (
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/matching"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func each(t *testing.T, do func(t *testing.T, h *platformtest.House)) {
	t.Helper()
	t.Parallel()
	platformtest.Each(t, do)
}

func draft() demand.Draft {
	return demand.Draft{AmountFen: 20_000_000, TermMonths: 12, Use: demand.UseWorkingCapital}
}

// market admits the example banks with all their products.
func market(t *testing.T, h *platformtest.House) (anOfficer party.Actor) {
	t.Helper()
	for _, b := range product.SeedBanks() {
		anOfficer, _ = h.Bank(b.Name)
	}
	n, err := h.Product.Seed(t.Context())
	if err != nil || n != len(product.Examples()) {
		t.Fatalf("seeded %d of %d products: %v", n, len(product.Examples()), err)
	}
	if again, err := h.Product.Seed(t.Context()); err != nil || again != 0 {
		t.Fatalf("seeding twice published %d more: %v", again, err)
	}
	return anOfficer
}

func TestMatch(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		market(t, h)
		firm := h.Firm() // a small manufacturer, four years old
		d, err := h.Demand.Publish(ctx, firm, draft())
		platformtest.Must(t, err)
		matches, err := h.Matching.Match(ctx, firm, d.ID)
		platformtest.Must(t, err)
		if len(matches) != len(product.Examples()) {
			t.Fatalf("%d matches of %d products: none may be hidden", len(matches), len(product.Examples()))
		}
		byName := map[string]matching.Match{}
		order := map[product.Outcome]int{product.Passed: 0, product.Pending: 1, product.Failed: 2}
		for i, m := range matches {
			byName[m.Product.NameZH] = m
			if i == 0 {
				continue
			}
			before := matches[i-1]
			if order[before.Verdict] > order[m.Verdict] || before.Verdict == m.Verdict && m.Verdict != product.Failed &&
				before.RateLowBP+before.RateHighBP > m.RateLowBP+m.RateHighBP {
				t.Errorf("%s (%s, %d–%d bp) stands after %s (%s, %d–%d bp)", m.Product.NameEN, m.Verdict, m.RateLowBP, m.RateHighBP,
					before.Product.NameEN, before.Verdict, before.RateLowBP, before.RateHighBP)
			}
		}
		for name, want := range map[string]product.Outcome{
			"皋城信用贷": product.Pending, "税易贷": product.Pending, "首贷通": product.Pending, "科创贷": product.Pending, "发票贷": product.Pending,
			"惠农振兴贷": product.Failed, // not in agriculture
			"个体经营贷": product.Failed, // for individual businesses
			"厂房抵押贷": product.Failed, // no mortgage offered
			"政银担保贷": product.Failed, // no guarantee offered
			"设备更新贷": product.Failed, // not for equipment
		} {
			m, ok := byName[name]
			if !ok || m.Verdict != want {
				t.Errorf("%s is %q, want %q; failed %+v", name, m.Verdict, want, m.Failed)
			}
			if (m.Verdict != product.Failed) != (m.MonthlyFen > 0) {
				t.Errorf("%s: first instalment is %d", name, m.MonthlyFen)
			}
		}
		if farm := byName["惠农振兴贷"]; len(farm.Failed) != 1 || len(farm.Reasons) != 1 || farm.Reasons[0].Code != "one_rule_short" || !strings.Contains(farm.Reasons[0].ZH, "农业") {
			t.Errorf("the near miss says %+v", farm.Reasons)
		}
		codes := map[string]bool{}
		for _, m := range matches {
			for _, r := range m.Reasons {
				codes[r.Code] = true
				if r.ZH == "" || r.EN == "" {
					t.Errorf("a reason in one language only: %+v", r)
				}
			}
		}
		for _, code := range []string{"cheapest", "fastest", "unsecured", "one_rule_short"} {
			if !codes[code] {
				t.Errorf("no match is %s", code)
			}
		}
	})
}

func TestDemands(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer := market(t, h)
		firm := h.Firm()
		d, err := h.Demand.Publish(ctx, firm, draft())
		platformtest.Must(t, err)
		again, err := h.Demand.Publish(ctx, firm, draft())
		if err != nil || again.ID != d.ID {
			t.Errorf("a double click published %s beside %s, %v", again.ID, d.ID, err)
		}
		cards, err := h.Demand.Market(ctx, officer)
		if err != nil || len(cards) != 1 || cards[0].AmountFen != d.AmountFen || cards[0].AgeYears != 4 || cards[0].IndustrySection != "C" {
			t.Errorf("the bank sees %+v, %v", cards, err)
		}
		for range 2 {
			if d, err = h.Demand.Withdraw(ctx, firm, d.ID); err != nil || d.State != demand.StateWithdrawn {
				t.Errorf("withdrawn: %+v, %v", d, err)
			}
		}
		second, err := h.Demand.Publish(ctx, firm, draft())
		platformtest.Must(t, err)
		h.Pass(30*24*time.Hour - time.Second)
		if n, err := h.Demand.Expire(ctx); err != nil || n != 0 {
			t.Errorf("expired %d too early, %v", n, err)
		}
		h.Pass(time.Second)
		if n, err := h.Demand.Expire(ctx); err != nil || n != 1 {
			t.Errorf("expired %d, %v", n, err)
		}
		if second, err = h.Demand.Get(ctx, firm, second.ID); err != nil || second.State != demand.StateExpired {
			t.Errorf("second: %+v, %v", second, err)
		}
		if cards, err := h.Demand.Market(ctx, officer); err != nil || len(cards) != 0 {
			t.Errorf("the bank still sees %+v, %v", cards, err)
		}
		_, err = h.Demand.Publish(ctx, firm, demand.Draft{AmountFen: 1, TermMonths: 0, Use: "x", Security: "y", NeededBy: h.Now().AddDate(0, 0, -2)})
		if p := problem.Of(err); p == nil || len(p.Fields) != 5 {
			t.Errorf("a wrong demand: %v", err)
		}
	})
}

func TestTenants(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer := market(t, h)
		firm, other := h.Firm(), h.Firm()
		d, err := h.Demand.Publish(ctx, firm, draft())
		platformtest.Must(t, err)
		for _, by := range []party.Actor{other, officer, {}, {OrgID: firm.OrgID, Role: party.RoleBankOfficer}} {
			_, errMatch := h.Matching.Match(ctx, by, d.ID)
			_, errGet := h.Demand.Get(ctx, by, d.ID)
			_, errWithdraw := h.Demand.Withdraw(ctx, by, d.ID)
			for what, err := range map[string]error{"match": errMatch, "get": errGet, "withdraw": errWithdraw} {
				if !problem.Is(err, problem.NotFound) {
					t.Errorf("%s as %s: %v", what, by.Role, err)
				}
			}
		}
		for _, by := range []party.Actor{other, {}} {
			if all, err := h.Demand.List(ctx, by); err != nil || len(all) != 0 {
				t.Errorf("%s lists %+v, %v", by.Role, all, err)
			}
			if _, err := h.Demand.Market(ctx, by); !problem.Is(err, problem.Forbidden) {
				t.Errorf("%s sees the market: %v", by.Role, err)
			}
		}
	})
}
