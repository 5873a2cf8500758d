package portal

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
)

// chromium returns the browser's path. A test without it is skipped, except where CI=true.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("Chromium is not installed; the pages cannot be looked at")
	}
	t.Skip("Chromium is not installed; install it to look at the pages in a browser")
	return ""
}

// window is a real browser, and what its console said.
type window struct {
	ctx  context.Context
	t    *testing.T
	base string
	mu   sync.Mutex
	said []string
}

func (s *site) window(t *testing.T) *window {
	t.Helper()
	allocated, stop := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(chromium(t)), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	ctx, done := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(done)
	w := &window{ctx: ctx, t: t, base: s.base}
	w.do(chromedp.Navigate("about:blank"))
	platformtest.Must(t, chromedp.Listen(ctx, func(event any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			w.said = append(w.said, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			w.said = append(w.said, "console."+e.Type.String())
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
				w.said = append(w.said, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	}))
	return w
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *window) signIn(login string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.base+"/signin"), chromedp.SendKeys("#f-login", login), chromedp.SendKeys("#f-password", platformtest.Password),
		chromedp.Click("form[data-form=signin] button[type=submit]"), chromedp.WaitVisible("details.menu"))
}

// looks opens a page at a phone's and a desk's width: nothing in the console, nothing that has to be scrolled sideways, a picture kept
// in the test's own folder.
func (w *window) looks(path string, selectors ...string) {
	w.t.Helper()
	for _, width := range []int64{390, 1440} {
		w.do(chromedp.EmulateViewport(width, 900), chromedp.Navigate(w.base+path))
		for _, selector := range selectors {
			w.do(chromedp.WaitVisible(selector))
		}
		wide, err := chromedp.Run(w.ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		platformtest.Must(w.t, err)
		if wide > width {
			w.t.Errorf("%s is %d wide on a screen of %d", path, wide, width)
		}
		picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
		platformtest.Must(w.t, err)
		if len(picture) < 5_000 {
			w.t.Errorf("%s at %d is an empty picture", path, width)
		}
		platformtest.Must(w.t, os.WriteFile(filepath.Join(w.t.TempDir(), "page.png"), picture, 0o600))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range w.said {
		w.t.Errorf("%s: the console says: %s", path, text)
	}
	w.said = nil
}

// TestPagesInABrowser looks at the pages that draw something, in Chromium.
func TestPagesInABrowser(t *testing.T) {
	chromium(t)
	if _, missing, err := loadAssets(); err != nil || len(missing) > 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the npm files are not there: %v, %v", missing, err)
		}
		t.Skip("the npm files are not there; run 'make assets' to look at the pages in a browser")
	}
	each(t, func(t *testing.T, s *site) {
		if s.Store.Engine() != "sqlite" { // the browser does not see the difference
			return
		}
		s.aLoanInReview(t)
		s.Node.Send(t.Context(), s.Digest())
		w := s.window(t)
		w.looks("/", ".hero")
		w.looks("/register", "form[data-form=register]")
		w.looks("/products", "[data-kind=product]")
		w.looks("/audit/node/0", "[data-kind=entry][data-state=verified]")
		w.do(chromedp.Click("[data-verify]"), chromedp.WaitVisible(".verify-outcome.is-good"))
		w.signIn("office.finance_office")
		w.looks("/gov", "[data-charts=drawn] canvas")
		w.looks("/gov/departments", "canvas")
		w.do(chromedp.Click("details.menu > summary"), chromedp.Click("form[data-form=signout] button"), chromedp.WaitVisible(".hero"))
		w.signIn("13800001234")
		for path, selector := range map[string]string{"/firm": "svg[data-chart=radar]", "/firm/portrait": "svg[data-chart=radar]", "/firm/data-use": "[data-kind=use]",
			"/firm/demands/new": "form[data-form=demand]", "/firm/consents": "[data-kind=grant]"} {
			w.looks(path, selector)
		}
	})
}

// aLoanInReview makes a firm with an application, a report and an offer.
func (s *site) aLoanInReview(t *testing.T) {
	t.Helper()
	officer, _ := s.Bank("淠河银行")
	s.Offers(officer)
	s.Office(party.RoleFinanceOffice)
	firm := s.guest(t)
	firm.get("/register").send("register", with(url.Values{"login": {"13800001234"}, "password": {platformtest.Password}, "person_name": {"王小明"},
		"firm_name": {"六安市皋城农业科技有限公司"}}, "agree", "yes")).want(http.StatusOK)
	firm.verifies()
	s.as(t, officer).decides(firm.applies())
}
