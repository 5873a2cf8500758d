package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
	"github.com/yidaitong/yidaitong/platform/store"
)

const visitor party.Role = "visitor"

// mayOpen says, apart from the policies, who is meant to reach which part of the site.
func mayOpen(r route, role party.Role) bool {
	_, path, _ := strings.Cut(r.pattern, " ")
	switch {
	case path == "/{$}", strings.HasPrefix(path, "/register"), strings.HasPrefix(path, "/signin"), strings.HasPrefix(path, "/products"),
		strings.HasPrefix(path, "/audit"), strings.HasPrefix(path, "/logs"):
		return true
	case path == "/signout", strings.HasPrefix(path, "/account"):
		return role != visitor
	case strings.HasPrefix(path, "/firm"):
		return role.Borrower()
	case path == "/bank/products/new", r.pattern == "POST /bank/products":
		return role == party.RoleBankRisk
	case strings.HasPrefix(path, "/bank"):
		return role.Bank()
	case path == "/gov/departments":
		return slices.Contains([]party.Role{party.RoleDepartmentClerk, party.RoleDataBureau, party.RoleFinanceOffice, party.RoleTreasury, party.RoleAuditor, party.RoleOperator}, role)
	case path == "/gov":
		return slices.Contains([]party.Role{party.RoleDataBureau, party.RoleFinanceOffice, party.RoleTreasury, party.RoleAuditor, party.RoleOperator}, role)
	case path == "/operator":
		return role == party.RoleOperator
	}
	return false
}

// TestEveryRouteAndRole sends every route as every role: who may gets an answer of the handler, who may not is refused or asked to
// sign in, and nothing else happens.
func TestEveryRouteAndRole(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, role := range append([]party.Role{visitor}, party.Roles()...) {
			g := s.guest(t)
			if role != visitor {
				g = s.as(t, s.actorOf(t, role))
			}
			g.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			token := g.get("/account").attr("input[name=csrf]", "value")
			if role == visitor {
				token = g.get("/signin").attr("input[name=csrf]", "value")
			}
			for _, r := range (&Portal{}).routes() {
				if r.pattern == "POST /signout" { // ends what the others need
					continue
				}
				s.tries(t, g, r, role, token)
			}
		}
	})
}

func (s *site) tries(t *testing.T, g *guest, r route, role party.Role, token string) {
	method, path, _ := strings.Cut(r.pattern, " ")
	path = strings.NewReplacer("{$}", "", "{id}", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "{log}/{index}", "node/0", "{log}/{path...}", "node/checkpoint").Replace(path)
	page := g.get
	if method == http.MethodPost {
		page = func(path string) *sheet { return g.post(path, url.Values{"csrf": {token}, "version": {"1"}}) }
	}
	got := page(path)
	signIn := got.status == http.StatusSeeOther && strings.HasPrefix(got.header.Get("Location"), "/signin")
	refused := got.status == http.StatusForbidden && got.attr("[data-error]", "data-code") == errDenied.Code
	switch {
	case got.status >= 500:
		t.Errorf("%s %s: %d: %s", role, r.pattern, got.status, got.said())
	case mayOpen(r, role) && (signIn || refused):
		t.Errorf("%s may %s but got %d", role, r.pattern, got.status)
	case !mayOpen(r, role) && role == visitor && !signIn:
		t.Errorf("a visitor may not %s but got %d", r.pattern, got.status)
	case !mayOpen(r, role) && role != visitor && !refused:
		t.Errorf("%s may not %s but got %d", role, r.pattern, got.status)
	}
}

// actorOf makes an account of a role; borrowers are verified.
func (s *site) actorOf(t *testing.T, role party.Role) party.Actor {
	t.Helper()
	switch role {
	case party.RoleEnterprise:
		return s.Firm()
	case party.RoleIndividual:
		account, err := s.Party.Register(t.Context(), party.Registration{Kind: party.KindIndividual, Login: "stall.keeper", Password: platformtest.Password,
			PersonName: "李小红", FirmName: "金安区小红早点铺"})
		platformtest.Must(t, err)
		platformtest.Must(t, s.Store.Update(t.Context(), func(tx *store.Tx) error {
			return party.MarkVerified(t.Context(), tx, party.Verified{OrgID: account.OrgID, AccountID: account.ID, USCI: platformtest.USCIs[4],
				FirmName: "金安区小红早点铺", PersonName: "李小红", ResidentHash: "h", ResidentMasked: "342***********002X", At: s.Now()})
		}))
		return party.Actor{AccountID: account.ID, OrgID: account.OrgID, Role: role, Name: account.Name}
	case party.RoleBankOfficer:
		officer, _ := s.Bank("淠河银行")
		return officer
	case party.RoleBankRisk:
		_, risk := s.Bank("大别山村镇银行")
		return risk
	}
	if role == party.RoleOperator {
		accounts, err := s.Party.SeedStaff(t.Context(), []party.Staff{{OrgKind: party.KindOperator, OrgName: "一贷通运营中心", City: platformtest.City,
			Login: "operator", Password: platformtest.Password, Name: "姚远", Role: role}})
		platformtest.Must(t, err)
		return party.Actor{AccountID: accounts[0].ID, OrgID: accounts[0].OrgID, Role: role, Name: accounts[0].Name}
	}
	return s.Office(role)
}

// TestPoliciesBindToTheTenant asks the policies themselves about things of others.
func TestPoliciesBindToTheTenant(t *testing.T) {
	p, err := loadPolicies()
	if err != nil {
		t.Fatal(err)
	}
	session := func(role party.Role) *party.Session {
		return &party.Session{Account: party.Account{ID: "a", OrgID: "ours", Role: role}, Organisation: party.Organisation{ID: "ours"}}
	}
	for _, c := range []struct {
		role   party.Role
		action string
		on     object
		want   bool
	}{
		{party.RoleEnterprise, "firm.application.read", object{kind: "Application", id: "1", firm: "ours", bank: "b"}, true},
		{party.RoleEnterprise, "firm.application.read", object{kind: "Application", id: "1", firm: "theirs", bank: "ours"}, false},
		{party.RoleEnterprise, "firm.consent.revoke", object{kind: "Grant", id: "1", firm: "theirs"}, false},
		{party.RoleEnterprise, "bank.application.read", object{kind: "Application", id: "1", firm: "ours", bank: "ours"}, false},
		{party.RoleBankOfficer, "bank.application.read", object{kind: "Application", id: "1", firm: "f", bank: "ours"}, true},
		{party.RoleBankOfficer, "bank.application.read", object{kind: "Application", id: "1", firm: "f", bank: "theirs"}, false},
		{party.RoleBankOfficer, "bank.loan.write_off", object{kind: "Application", id: "1", bank: "ours"}, false},
		{party.RoleBankRisk, "bank.loan.write_off", object{kind: "Application", id: "1", bank: "ours"}, true},
		{party.RoleBankRisk, "bank.loan.disburse", object{kind: "Application", id: "1", bank: "ours"}, false},
		{party.RoleBankRisk, "bank.product.suspend", object{kind: "Product", id: "1", bank: "theirs"}, false},
		{party.RoleEnterprise, "firm.apply", aPage, false}, // not verified
		{party.RoleOperator, "firm.application.read", object{kind: "Application", id: "1", firm: "ours"}, false},
		{party.RoleAuditor, "no.such.action", aPage, false},
	} {
		got, err := p.allows(session(c.role), c.action, c.on)
		if err != nil || got != c.want {
			t.Errorf("%s %s on %+v: %v, %v; want %v", c.role, c.action, c.on, got, err, c.want)
		}
	}
	if ok, _ := p.allows(nil, "firm.home", aPage); ok {
		t.Error("a visitor may open a firm's page")
	}
}

// TestTheDoorsOfAForm holds what protects every form and page.
func TestTheDoorsOfAForm(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		g := s.guest(t)
		page := g.get("/signin").want(http.StatusOK)
		for header, part := range map[string]string{"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff",
			"X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"} {
			if !strings.Contains(page.header.Get(header), part) {
				t.Errorf("header %s is %q", header, page.header.Get(header))
			}
		}
		if page.Find("script:not([src]):not([type='application/json']), [style], [onclick]").Length() > 0 {
			t.Error("the page has inline script or style")
		}
		form := url.Values{"login": {"nobody"}, "password": {"wrong password"}}
		g.post("/signin", form).want(http.StatusForbidden).has("[data-code=stale_form]")
		page.send("signin", form).want(http.StatusForbidden).has("[data-code=wrong_login]")
		page.send("signin", url.Values{"login": {strings.Repeat("x", 70_000)}}).want(http.StatusUnprocessableEntity).has("[data-code=too_large]")
		g.get("/nowhere").want(http.StatusNotFound).has("[data-code=not_found]")
		g.get("/products/../../etc/passwd").want(http.StatusNotFound)
		g.get("/audit/node/99999999").want(http.StatusNotFound)
		g.get("/logs/node/../../keys/platform.key").want(http.StatusNotFound)
		s.foreign(t, g, page)
		english := g.get("/?lang=en").want(http.StatusOK)
		if english.attr("html", "lang") != "en" || g.get("/products").attr("html", "lang") != "en" {
			t.Error("the language is not kept")
		}
		for path, want := range map[string]string{"//evil.example": "", "/firm": "/firm", "https://evil.example": "", "/\\evil": "", "/signin": ""} {
			if got := localPath(path, ""); got != want {
				t.Errorf("after signing in %q leads to %q", path, got)
			}
		}
	})
}

// foreign sends a form as another site's page would.
func (s *site) foreign(t *testing.T, g *guest, page *sheet) {
	body := url.Values{"csrf": {page.attr("input[name=csrf]", "value")}, "login": {"a"}, "password": {"b"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+"/signin", strings.NewReader(body.Encode()))
	platformtest.Must(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://evil.example")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	g.do(request).want(http.StatusForbidden).has("[data-code=stale_form]")
}
