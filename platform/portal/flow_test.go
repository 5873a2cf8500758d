package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
)

// A resident number whose check digit holds; it belongs to nobody.

func yes(names ...string) url.Values {
	v := url.Values{}
	for _, name := range names {
		v.Set(name, "yes")
	}
	return v
}

func with(v url.Values, name, value string) url.Values {
	v.Set(name, value)
	return v
}

// TestALoanByHand carries a loan from registration to withdrawal of consent through the pages alone.
func TestALoanByHand(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		officer, _ := s.Bank("淠河银行")
		s.Offers(officer)
		firm := s.registers(t)
		firm.verifies()
		application := firm.applies()
		bank := s.as(t, officer)
		bank.decides(application)
		firm.signs(application)
		loan := bank.paysOut(application)
		s.warns(t, bank, firm, loan)
		s.checksUse(t, firm)
		s.withdraws(firm, bank, application)
	})
}

func (s *site) registers(t *testing.T) *guest {
	g := s.guest(t)
	page := g.get("/register").want(http.StatusOK)
	typed := url.Values{"login": {"13800001234"}, "password": {platformtest.Password}, "person_name": {"王小明"}, "firm_name": {"六安市皋城农业科技有限公司"}}
	wrong := page.send("register", typed).want(http.StatusUnprocessableEntity).has("[data-field=agree]")
	if wrong.attr("#f-firm_name", "value") != "六安市皋城农业科技有限公司" || wrong.attr("#f-password", "value") != "" {
		t.Error("the form lost what was typed, or sent the password back")
	}
	in := wrong.send("register", with(typed, "agree", "yes")).want(http.StatusOK).has("[data-done]").has("form[data-form=identity]")
	if in.path != "/firm/identity" {
		t.Errorf("after registration the page is %s", in.path)
	}
	// What needs a verified identity leads back here with a word, and nothing is shown of it.
	if page := g.get("/firm/authorise?product=x"); page.path != "/firm/identity" {
		t.Errorf("an unverified firm got %s", page.path)
	}
	return g
}

func (g *guest) verifies() {
	page := g.get("/firm/identity")
	typed := with(yes("agree"), "usci", platformtest.USCIs[0])
	wrong := page.send("identity", with(typed, "resident_id", "110105194912310021")).want(http.StatusUnprocessableEntity).has("[data-field=resident_id]")
	if html, _ := wrong.Html(); strings.Contains(html, "110105194912310021") {
		g.t.Error("a page sent a resident number back")
	}
	// Full-width digits, as phones type them, are read.
	typed.Set("resident_id", "１１０１０５１９４９１２３１００２X")
	page.send("identity", typed).want(http.StatusOK)
	g.get("/firm/identity").want(http.StatusOK).has("[data-kind=check][data-state=verified]")
	g.get("/firm").has("[data-kind=organisation][data-state=verified]")
}

func (g *guest) applies() (application string) {
	form := g.get("/firm/demands/new").want(http.StatusOK)
	form.send("demand", url.Values{"amount_wan": {"三十"}}).want(http.StatusUnprocessableEntity).has("[data-field=amount_wan]")
	demand := form.send("demand", url.Values{"amount_wan": {"30"}, "established_on": {"2019-05-06"}, "division": {"341502"}, "industry_section": {"C"}, "employees": {"12"}})
	demand.want(http.StatusOK).has("[data-kind=demand][data-state=open]").has("[data-kind=match][data-verdict=pending] [data-reason]")
	consent := g.get(demand.attr("[data-kind=match] .match-act a", "href")).want(http.StatusOK)
	consent.send("authorise", nil).want(http.StatusUnprocessableEntity).has("[data-field=agree]")
	apply := consent.send("authorise", yes("agree")).want(http.StatusOK).has("form[data-form=apply]")
	apply.send("apply", url.Values{"amount_wan": {"3000"}}).want(http.StatusUnprocessableEntity).has("[data-error]")
	sent := apply.send("apply", nil).want(http.StatusOK).has("[data-kind=application][data-state=submitted]")
	application = sent.attr("[data-kind=application]", "data-id")
	// The browser's back button and a second click change nothing.
	if again := apply.send("apply", nil).want(http.StatusOK); again.attr("[data-kind=application]", "data-id") != application {
		g.t.Error("the same form sent twice made two applications")
	}
	return application
}

func (g *guest) decides(application string) {
	page := g.get("/bank/applications/" + application).want(http.StatusOK)
	page.send("decline", url.Values{"reason": {""}}).want(http.StatusUnprocessableEntity).has("[data-error]")
	accepted := page.send("accept", nil).want(http.StatusOK).has("[data-state=accepted]")
	page.send("accept", nil).want(http.StatusConflict).has("[data-error]") // a stale page
	report := accepted.send("report", nil).want(http.StatusOK).has("[data-kind=report][data-state=arrived][data-score='640'][data-grade=B]")
	report.has("svg[data-chart=radar]").has("[data-kind=dimension]").has("[data-kind=reason]")
	g.get("/bank/applications/" + application + "/report").want(http.StatusOK).has("svg[data-chart=gauge]").has("svg[data-chart=trend]").has("[data-kind=figure]")
	review := report.send("review", nil).want(http.StatusOK).has("[data-kind=application][data-state=in_review]")
	wrong := review.send("offer", url.Values{"rate_pct": {"4,x"}}).want(http.StatusUnprocessableEntity).has("[data-field=rate_pct]")
	if wrong.attr("#f-offer-rate_pct", "value") != "4,x" {
		g.t.Error("the offer form lost what was typed")
	}
	wrong.send("offer", url.Values{"rate_pct": {""}}).want(http.StatusOK).has("[data-kind=offer][data-rate-bp='410']")
}

func (g *guest) signs(application string) {
	offer := g.get("/firm/applications/" + application).want(http.StatusOK).has("[data-kind=offer]")
	contract := offer.send("accept_offer", nil).want(http.StatusOK).has("[data-kind=contract][data-state=unsigned]")
	contract.send("sign", nil).want(http.StatusUnprocessableEntity).has("[data-field=agree]")
	contract.send("sign", yes("agree", "monitoring")).want(http.StatusOK).has("[data-kind=contract][data-state=signed]")
	g.get("/firm/consents").has("[data-kind=grant][data-purpose=POST_LOAN_MONITORING][data-state=active]")
}

func (g *guest) paysOut(application string) (loan string) {
	page := g.get("/bank/applications/" + application).want(http.StatusOK)
	page.send("disburse", nil).want(http.StatusUnprocessableEntity).has("[data-field=bank_reference]")
	lent := page.send("disburse", url.Values{"bank_reference": {"PAY-0001"}}).want(http.StatusOK)
	lent.has("[data-kind=loan][data-outstanding-yuan='300000.00']")
	if n := lent.Find("[data-kind=instalment]").Length(); n != 12 {
		g.t.Errorf("the schedule has %d instalments", n)
	}
	lent.send("repay", url.Values{"bank_reference": {"R-0001"}, "amount_yuan": {"-5"}}).want(http.StatusUnprocessableEntity).has("[data-field=amount_yuan]")
	lent.send("repay", url.Values{"bank_reference": {"R-0001"}}).want(http.StatusOK).has("[data-kind=instalment][data-id='1'][data-state=paid]")
	g.get("/bank/loans").want(http.StatusOK).has("[data-kind=loan]")
	return lent.attr("[data-kind=loan]", "data-id")
}

// warns lets the node warn the bank, which records what it did.
func (s *site) warns(t *testing.T, bank, firm *guest, loan string) {
	var watch *borderv1.WatchRequest
	for end := time.Now().Add(5 * time.Second); watch == nil && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, w := range s.Node.Watches() {
			watch = w
		}
	}
	if watch == nil {
		t.Fatal("the node was not asked to watch")
	}
	s.Node.Send(t.Context(), &borderv1.Alert{Id: s.Store.NewID(), WatchId: watch.GetId(), GrantId: s.Node.GrantID(watch.GetGrant()), SubjectUsci: watch.GetSubjectUsci(),
		Code: borderv1.AlertCode_ALERT_CODE_TAX_ARREARS, Severity: borderv1.Severity_SEVERITY_WARNING, ObservedAt: timestamppb.New(s.Now().Truncate(24 * time.Hour))})
	page := bank.get("/bank/alerts").want(http.StatusOK).has("[data-kind=alert][data-state=open][data-loan='" + loan + "']")
	page.send("acknowledge", url.Values{"action": {"contacted"}, "note": {"已约谈"}}).want(http.StatusOK).has("[data-kind=alert][data-state=acknowledged]")
	firm.get("/firm").want(http.StatusOK).has(".alert-warning")
}

// checksUse reads who used the data, and follows each line to its proof.
func (s *site) checksUse(t *testing.T, firm *guest) {
	page := firm.get("/firm/data-use").want(http.StatusOK)
	for _, event := range []string{"grant", "request", "answer", "alert"} {
		page.has("[data-kind=use][data-event=" + event + "][data-state=verified]")
	}
	entry := s.guest(t).get(page.attr("[data-kind=use] a[href^='/audit/']", "href")).want(http.StatusOK)
	entry.has("[data-kind=entry][data-state=verified]").has("script#proof-data")
	s.guest(t).get("/audit?log=node&kind=answer").want(http.StatusOK).has("[data-kind=log][data-state=verified]").has("[data-kind=entry][data-state=answer]")
	if bare := s.guest(t).get("/logs/node/checkpoint").want(http.StatusOK); !strings.Contains(bare.Text(), "node-341500") {
		t.Error("the log's checkpoint is not served")
	}
	firm.get("/firm/portrait").want(http.StatusOK).has("svg[data-chart=radar]").has(".advice-list")
}

func (s *site) withdraws(firm, bank *guest, application string) {
	for range 2 {
		firm.get("/firm/consents").send("revoke", nil).want(http.StatusOK).has("[data-kind=grant][data-state=revoked]")
	}
	refused := bank.get("/bank/applications/"+application).send("report", nil)
	if refused.status != http.StatusForbidden && refused.status != http.StatusConflict || refused.said() == "" {
		s.t.Errorf("after the withdrawal the bank got %d: %s", refused.status, refused.said())
	}
}

// TestTheCityAtAGlance shows the government's pages with a digest, and without one.
func TestTheCityAtAGlance(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		office := s.as(t, s.Office(party.RoleFinanceOffice))
		office.get("/gov").want(http.StatusOK)
		office.get("/gov/departments").want(http.StatusOK)
		s.Node.Send(t.Context(), s.Digest())
		page := office.get("/gov").want(http.StatusOK).has("[data-kind=digest]").has("script#chart-grades").has("script#chart-readiness")
		if rows := page.Find("figure table tbody tr").Length(); rows < 10 {
			t.Errorf("the charts' tables have %d rows", rows)
		}
		office.get("/gov/departments").want(http.StatusOK).has("[data-kind=department][data-state=conserved]")
	})
}
