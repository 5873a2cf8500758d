package portal

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/yidaitong/yidaitong/platform/cockpit"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/matching"
	"github.com/yidaitong/yidaitong/platform/monitoring"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/party/identity"
	"github.com/yidaitong/yidaitong/platform/product"
)

// Services are what the pages call. All are needed.
type Services struct {
	Party      *party.Service
	Identity   *identity.Service
	Consent    *consent.Service
	Product    *product.Service
	Demand     *demand.Service
	Matching   *matching.Service
	Lending    *lending.Service
	Monitoring *monitoring.Service
	Cockpit    *cockpit.Service
}

// Options of the portal.
type Options struct {
	City    string           // six-digit division whose name stands in the header, such as 341500
	Logs    []Log            // the transparency logs to show and to serve
	Secure  bool             // the listener is reached over TLS: cookies are sent over TLS only
	Demo    []DemoAccount    // shown on the sign-in page of a demonstration, and nowhere else
	Clock   func() time.Time // time.Now when nil
	Logger  *slog.Logger     // slog.Default when nil
	Timeout time.Duration    // for one request: 30 seconds when 0
}

// Log is a transparency log in a folder, as tlog-tiles.
type Log struct {
	Name     string        // node or platform: the part of its addresses
	Dir      string        // read only
	Verifier note.Verifier // of its checkpoints
}

// DemoAccount is an account whose password a demonstration may show.
type DemoAccount struct {
	Login, Password string
	Role            party.Role
	Name            string // of the organisation
}

// Portal is the pages' handler.
type Portal struct {
	Services
	o        Options
	messages catalogue
	policies policies
	assets   assets
	handler  http.Handler
}

// New reads texts, policies and assets, and returns the handler of all pages. Missing npm files are said once in the log; the pages
// work without them, without their looks.
func New(s Services, o Options) (*Portal, error) {
	if s.Party == nil || s.Identity == nil || s.Consent == nil || s.Product == nil || s.Demand == nil || s.Matching == nil ||
		s.Lending == nil || s.Monitoring == nil || s.Cockpit == nil {
		return nil, errors.New("the portal needs all its services")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	p := &Portal{Services: s, o: o}
	var err error
	if p.messages, err = loadCatalogue(); err != nil {
		return nil, fmt.Errorf("read the portal's texts: %w", err)
	}
	if p.policies, err = loadPolicies(); err != nil {
		return nil, fmt.Errorf("read the portal's policies: %w", err)
	}
	var missing []string
	if p.assets, missing, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("read the portal's assets: %w", err)
	}
	if len(missing) > 0 {
		o.Logger.Warn("the pages will lack their looks: " + strings.Join(missing, ", ") + " are not in this binary; build it with 'make build'")
	}
	p.handler = p.protect(p.mux())
	return p, nil
}

func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// route is one address, the action that its policy must allow, and what is done. Handlers that act on a thing check the thing's own
// action once more.
type route struct {
	pattern string
	action  string
	do      func(*call) error
}

// routes lists every address. A test goes through it with every role.
func (p *Portal) routes() []route {
	return []route{
		{"GET /{$}", "home", p.home},
		{"GET /register", "register", p.registerForm},
		{"POST /register", "register", p.register},
		{"GET /signin", "signin", p.signInForm},
		{"POST /signin", "signin", p.signIn},
		{"POST /signout", "signout", p.signOut},
		{"GET /account", "account", p.account},
		{"POST /account/password", "account", p.changePassword},
		{"GET /products", "products.browse", p.products},
		{"GET /products/{id}", "products.browse", p.product},

		{"GET /firm", "firm.home", p.firmHome},
		{"GET /firm/identity", "firm.identity", p.identityForm},
		{"POST /firm/identity", "firm.identity", p.verifyIdentity},
		{"GET /firm/profile", "firm.profile", p.profileForm},
		{"POST /firm/profile", "firm.profile", p.describe},
		{"GET /firm/demands", "firm.demands", p.demands},
		{"GET /firm/demands/new", "firm.demand.publish", p.demandForm},
		{"POST /firm/demands", "firm.demand.publish", p.publishDemand},
		{"GET /firm/demands/{id}", "firm.demands", p.demand},
		{"POST /firm/demands/{id}/withdraw", "firm.demands", p.withdrawDemand},
		{"GET /firm/authorise", "firm.authorise", p.authoriseForm},
		{"POST /firm/authorise", "firm.authorise", p.authorise},
		{"GET /firm/apply", "firm.apply", p.applyForm},
		{"POST /firm/applications", "firm.apply", p.apply},
		{"GET /firm/applications", "firm.applications", p.firmApplications},
		{"GET /firm/applications/{id}", "firm.applications", p.firmApplication},
		{"POST /firm/applications/{id}/answer", "firm.applications", p.answer},
		{"POST /firm/applications/{id}/accept", "firm.applications", p.acceptOffer},
		{"POST /firm/applications/{id}/sign", "firm.applications", p.sign},
		{"POST /firm/applications/{id}/withdraw", "firm.applications", p.withdrawApplication},
		{"GET /firm/portrait", "firm.portrait", p.portrait},
		{"GET /firm/data-use", "firm.data_use", p.dataUse},
		{"GET /firm/consents", "firm.consents", p.consents},
		{"POST /firm/consents/{id}/revoke", "firm.consents", p.revoke},

		{"GET /bank", "bank.inbox", p.bankInbox},
		{"GET /bank/applications", "bank.applications", p.bankApplications},
		{"GET /bank/applications/{id}", "bank.applications", p.bankApplication},
		{"GET /bank/applications/{id}/report", "bank.applications", p.bankReport},
		{"POST /bank/applications/{id}/accept", "bank.applications", p.bankAccept},
		{"POST /bank/applications/{id}/decline", "bank.applications", p.bankDecline},
		{"POST /bank/applications/{id}/report", "bank.applications", p.requestReport},
		{"POST /bank/applications/{id}/review", "bank.applications", p.bankReview},
		{"POST /bank/applications/{id}/ask", "bank.applications", p.bankAsk},
		{"POST /bank/applications/{id}/reject", "bank.applications", p.bankReject},
		{"POST /bank/applications/{id}/offer", "bank.applications", p.bankOffer},
		{"POST /bank/applications/{id}/disburse", "bank.applications", p.bankDisburse},
		{"POST /bank/applications/{id}/repay", "bank.applications", p.bankRepay},
		{"POST /bank/applications/{id}/settle", "bank.applications", p.bankSettle},
		{"POST /bank/applications/{id}/write-off", "bank.applications", p.bankWriteOff},
		{"GET /bank/market", "bank.market", p.bankMarket},
		{"GET /bank/loans", "bank.loans", p.bankLoans},
		{"GET /bank/alerts", "bank.alerts", p.bankAlerts},
		{"POST /bank/alerts/{id}/acknowledge", "bank.alerts", p.acknowledge},
		{"GET /bank/products", "bank.products", p.bankProducts},
		{"GET /bank/products/new", "bank.product.publish", p.productForm},
		{"POST /bank/products", "bank.product.publish", p.publishProduct},
		{"POST /bank/products/{id}/suspend", "bank.products", p.suspendProduct},
		{"POST /bank/products/{id}/resume", "bank.products", p.resumeProduct},

		{"GET /gov", "gov.cockpit", p.cockpit},
		{"GET /gov/departments", "gov.departments", p.departments},

		{"GET /audit", "log.browse", p.audit},
		{"GET /audit/{log}/{index}", "log.browse", p.auditEntry},
		{"GET /logs/{log}/{path...}", "log.download", p.logFile},

		{"GET /operator", "operator.accounts", p.operatorAccounts},
	}
}

// mux binds the routes. Everything else is a page that says so.
func (p *Portal) mux() http.Handler {
	mux := http.NewServeMux()
	for _, r := range p.routes() {
		mux.Handle(r.pattern, p.handle(r))
	}
	mux.Handle("GET /assets/", p.assets)
	mux.Handle("/", p.handle(route{action: "home", do: func(c *call) error { return errNotFound }}))
	return mux
}
