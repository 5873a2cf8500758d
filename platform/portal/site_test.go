package portal

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// site is the portal on real services, with a played node behind them.
type site struct {
	*platformtest.House
	t    *testing.T
	base string
}

func newSite(t *testing.T, h *platformtest.House) *site {
	t.Helper()
	p, err := New(Services{Party: h.Party, Identity: h.Identity, Consent: h.Consent, Product: h.Product, Demand: h.Demand,
		Matching: h.Matching, Lending: h.Lending, Monitoring: h.Monitoring, Cockpit: h.Cockpit},
		Options{City: platformtest.City, Clock: h.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Logs: []Log{
			{Name: "platform", Dir: h.PlatformLog.Dir, Verifier: h.PlatformLog.Verifier}, {Name: "node", Dir: h.NodeLog.Dir, Verifier: h.NodeLog.Verifier}}})
	platformtest.Must(t, err)
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	return &site{House: h, t: t, base: server.URL}
}

// guest is one person's browser without JavaScript.
type guest struct {
	site   *site
	t      *testing.T
	client *http.Client
}

func (s *site) guest(t *testing.T) *guest {
	t.Helper()
	jar, err := cookiejar.New(nil)
	platformtest.Must(t, err)
	return &guest{site: s, t: t, client: &http.Client{Jar: jar}}
}

// as signs an account in.
func (s *site) as(t *testing.T, by party.Actor) *guest {
	t.Helper()
	g := s.guest(t)
	accounts, err := s.Party.Accounts(t.Context(), by)
	platformtest.Must(t, err)
	for _, a := range accounts {
		if a.ID == by.AccountID {
			g.get("/signin").send("signin", url.Values{"login": {a.Login}, "password": {platformtest.Password}}).want(http.StatusOK)
		}
	}
	return g
}

// sheet is a page as it arrived.
type sheet struct {
	*goquery.Document
	g      *guest
	status int
	path   string
	header http.Header
}

func (g *guest) get(path string) *sheet {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.site.base+path, nil)
	platformtest.Must(g.t, err)
	return g.do(request)
}

func (g *guest) post(path string, form url.Values) *sheet {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, g.site.base+path, strings.NewReader(form.Encode()))
	platformtest.Must(g.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return g.do(request)
}

func (g *guest) do(request *http.Request) *sheet {
	g.t.Helper()
	response, err := g.client.Do(request)
	platformtest.Must(g.t, err)
	defer response.Body.Close()
	doc, err := goquery.NewDocumentFromReader(response.Body)
	platformtest.Must(g.t, err)
	page := &sheet{Document: doc, g: g, status: response.StatusCode, path: response.Request.URL.Path, header: response.Header}
	page.holds()
	return page
}

// holds checks what every page has to keep: no id twice, no text missing, a label for each field.
func (s *sheet) holds() {
	s.g.t.Helper()
	seen := map[string]bool{}
	s.Find("[id]").Each(func(_ int, node *goquery.Selection) {
		id := node.AttrOr("id", "")
		if seen[id] {
			s.g.t.Errorf("%s has the id %s twice", s.path, id)
		}
		seen[id] = true
	})
	s.Find("input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select, textarea").Each(func(_ int, node *goquery.Selection) {
		if s.Find("label[for='"+node.AttrOr("id", "-")+"']").Length() == 0 {
			s.g.t.Errorf("%s has a field %s without a label", s.path, node.AttrOr("name", ""))
		}
	})
	if text := s.Text(); strings.ContainsAny(text, "⟦⟧") || strings.Contains(text, "%!") {
		s.g.t.Errorf("%s shows a text that is missing or wrongly filled in", s.path)
	}
}

// send fills the named form over what it holds and sends it.
func (s *sheet) send(name string, fill url.Values) *sheet {
	s.g.t.Helper()
	form := s.Find("form[data-form=" + name + "]").First()
	if form.Length() == 0 {
		s.g.t.Fatalf("%s has no form %s (%d: %s)", s.path, name, s.status, s.said())
	}
	values := url.Values{}
	form.Find("input, select, textarea").Each(func(_ int, in *goquery.Selection) {
		name, value := in.AttrOr("name", ""), in.AttrOr("value", "")
		switch kind := in.AttrOr("type", ""); {
		case goquery.NodeName(in) == "select":
			value = in.Find("option[selected]").AttrOr("value", in.Find("option").First().AttrOr("value", ""))
		case goquery.NodeName(in) == "textarea":
			value = in.Text()
		case kind == "checkbox" || kind == "radio":
			if _, checked := in.Attr("checked"); !checked {
				return
			}
		}
		values.Add(name, value)
	})
	for field, value := range fill {
		values[field] = value
	}
	return s.g.post(form.AttrOr("action", ""), values)
}

func (s *sheet) want(status int) *sheet {
	s.g.t.Helper()
	if s.status != status {
		s.g.t.Fatalf("%s answered %d, want %d: %s", s.path, s.status, status, s.said())
	}
	return s
}

// has fails unless the selector finds something.
func (s *sheet) has(selector string) *sheet {
	s.g.t.Helper()
	if s.Find(selector).Length() == 0 {
		s.g.t.Errorf("%s shows no %s: %s", s.path, selector, s.said())
	}
	return s
}

func (s *sheet) attr(selector, name string) string { return s.Find(selector).First().AttrOr(name, "") }

// said is what the page says went wrong.
func (s *sheet) said() string {
	return strings.Join(strings.Fields(s.Find("[data-error]").Text()), " ")
}

// each runs a test on a site on each engine.
func each(t *testing.T, do func(t *testing.T, s *site)) {
	t.Helper()
	t.Parallel()
	platformtest.Each(t, func(t *testing.T, h *platformtest.House) { do(t, newSite(t, h)) })
}
