package platform_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/lending"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
	"github.com/yidaitong/yidaitong/platform/product"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// site is a platform's folder and clock, which outlive a run.
type site struct {
	dir, db string
	keys    *border.Keyring
	mu      sync.Mutex
	ahead   time.Duration
}

func newSite(t *testing.T, db func(dir string) string) *site {
	t.Helper()
	s := &site{dir: t.TempDir()}
	s.db = db(s.dir)
	platformtest.Must(t, border.CreateKeys(filepath.Join(s.dir, "keys"), time.Now(), platformtest.City))
	var err error
	s.keys, err = border.LoadKeys(filepath.Join(s.dir, "keys"), border.Platform)
	platformtest.Must(t, err)
	return s
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

func (s *site) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

func (s *site) open(t *testing.T) *platform.Platform {
	t.Helper()
	p, err := platform.Open(t.Context(), platform.Options{Dir: s.dir, DB: s.db, Keys: s.keys, City: platformtest.City, Clock: s.now,
		Logger: slog.New(slog.DiscardHandler)})
	platformtest.Must(t, err)
	return p
}

func each(t *testing.T, do func(t *testing.T, s *site)) {
	t.Run("sqlite", func(t *testing.T) {
		do(t, newSite(t, func(dir string) string { return "sqlite:" + filepath.Join(dir, "platform.db") }))
	})
	t.Run("postgres", func(t *testing.T) { do(t, newSite(t, func(string) string { return storetest.Postgres(t) })) })
}

func staff() []party.Staff {
	one := func(kind party.OrgKind, org, login string, role party.Role) party.Staff {
		return party.Staff{OrgKind: kind, OrgName: org, City: platformtest.City, Login: login, Password: platformtest.Password, Name: "员工", Role: role}
	}
	return []party.Staff{one(party.KindBank, product.SeedBanks()[0].Name, "officer", party.RoleBankOfficer), one(party.KindOperator, "运营方", "operator", party.RoleOperator)}
}

// apply makes a verified firm with an application that waits for the bank, and returns both.
func apply(t *testing.T, p *platform.Platform) (party.Actor, lending.Application) {
	t.Helper()
	ctx := t.Context()
	platformtest.Must(t, p.Seed(ctx, staff()))
	account, err := p.Party.Register(ctx, party.Registration{Kind: party.KindEnterprise, Login: "13800000001", Password: platformtest.Password,
		PersonName: "王小明", FirmName: "六安市皋城农业科技有限公司"})
	platformtest.Must(t, err)
	by := party.Actor{AccountID: account.ID, OrgID: account.OrgID, Role: account.Role, Name: account.Name}
	platformtest.Must(t, p.Store.Update(ctx, func(tx *store.Tx) error {
		return party.MarkVerified(ctx, tx, party.Verified{OrgID: by.OrgID, AccountID: by.AccountID, USCI: platformtest.USCIs[0], FirmName: account.Name,
			PersonName: account.Name, At: p.Store.Now()})
	}))
	products, err := p.Product.List(ctx, product.Filter{Kind: product.KindCredit})
	platformtest.Must(t, err)
	const purpose = borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW
	_, err = p.Consent.Give(ctx, by, consent.Request{GranteeID: products[0].BankID, Purpose: purpose, Classes: products[0].DataClasses,
		Evidence: consent.Evidence{TextVersion: p.Consent.CurrentText(purpose).Version}})
	platformtest.Must(t, err)
	a, err := p.Lending.Apply(ctx, by, lending.Form{ProductID: products[0].ID, AmountFen: 10_000_000, TermMonths: 12,
		Use: string(demand.UseWorkingCapital), Repayment: product.EqualInstalments})
	platformtest.Must(t, err)
	return by, a
}

// TestADeadlineSurvivesARestart lets a deadline pass while the platform is down.
func TestADeadlineSurvivesARestart(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		p := s.open(t)
		by, a := apply(t, p)
		platformtest.Must(t, p.Close())
		s.pass(3 * 24 * time.Hour)
		p = s.open(t)
		defer func() { platformtest.Must(t, p.Close()) }()
		var c lending.Case
		for end := time.Now().Add(20 * time.Second); c.Application.State != lending.Expired && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			var err error
			c, err = p.Lending.Case(t.Context(), by, a.ID)
			platformtest.Must(t, err)
		}
		if last := c.Steps[len(c.Steps)-1]; c.Application.State != lending.Expired || last.Event != lending.EventExpire || last.ActorID != "system" {
			t.Errorf("after the deadline: %+v", c.Application)
		}
	})
}

func TestSeedTwice(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		p := s.open(t)
		platformtest.Must(t, p.Seed(t.Context(), staff()))
		first, err := p.Product.List(t.Context(), product.Filter{})
		platformtest.Must(t, err)
		platformtest.Must(t, p.Close())
		p = s.open(t)
		defer func() { platformtest.Must(t, p.Close()) }()
		platformtest.Must(t, p.Seed(t.Context(), staff()))
		second, err := p.Product.List(t.Context(), product.Filter{})
		platformtest.Must(t, err)
		if len(first) != 3 || len(second) != 3 || first[0].ID != second[0].ID {
			t.Errorf("seeded %d products, then %d", len(first), len(second))
		}
	})
}

func TestASecondPlatformStaysOut(t *testing.T) {
	s := newSite(t, func(dir string) string { return "sqlite:" + filepath.Join(dir, "platform.db") })
	p := s.open(t)
	_, err := platform.Open(t.Context(), platform.Options{Dir: s.dir, DB: s.db, Keys: s.keys, City: platformtest.City, Logger: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "another platform runs in") {
		t.Errorf("a second platform in the same folder: %v", err)
	}
	platformtest.Must(t, p.Close())
	platformtest.Must(t, s.open(t).Close())
}

func TestServe(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		p := s.open(t)
		platformtest.Must(t, p.Seed(t.Context(), staff()))
		var config net.ListenConfig
		pages, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
		platformtest.Must(t, err)
		nodes, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
		platformtest.Must(t, err)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Serve(ctx, pages, nodes) }()
		for _, c := range [][2]string{{"/healthz", "ok"}, {"/products", "皋城信用贷"}, {"/", "一贷通"}, {"/metrics", "yidaitong_http_requests_total{"}} {
			if body := get(t, "http://"+pages.Addr().String()+c[0]); !strings.Contains(body, c[1]) {
				t.Errorf("%s does not say %q: %.300s", c[0], c[1], body)
			}
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		platformtest.Must(t, p.Close())
	})
}

func get(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	platformtest.Must(t, err)
	response, err := http.DefaultClient.Do(r)
	platformtest.Must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	platformtest.Must(t, err)
	return string(body)
}
