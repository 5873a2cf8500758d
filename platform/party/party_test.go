package party_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const password = "安心 loan 2026"

type bench struct {
	*party.Service
	store *store.Store
	now   time.Time
}

func each(t *testing.T, do func(t *testing.T, b *bench)) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, open func(store.Options) *store.Store) {
		b := &bench{now: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)}
		b.store = open(store.Options{Clock: func() time.Time { return b.now }})
		var err error
		if b.Service, err = party.New(b.store, party.Options{City: "341500"}); err != nil {
			t.Fatal(err)
		}
		do(t, b)
	})
}

func (b *bench) firm(t *testing.T, login string) party.Actor {
	t.Helper()
	a, err := b.Register(t.Context(), party.Registration{Kind: party.KindEnterprise, Login: login, Password: password,
		PersonName: "王小明", FirmName: "六安市皋城农业科技有限公司"})
	if err != nil {
		t.Fatal(err)
	}
	return party.Actor{AccountID: a.ID, OrgID: a.OrgID, Role: a.Role, Name: a.Name}
}

func code(err error) string {
	p := problem.Of(err)
	if p == nil {
		return ""
	}
	if len(p.Fields) > 0 {
		return p.Fields[0].Name + ":" + p.Fields[0].Code
	}
	return p.Code
}

func TestRegisterSignInSignOut(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.firm(t, "13800000001")
		token, session, err := b.SignIn(t.Context(), " 13800000001", password)
		if err != nil {
			t.Fatal(err)
		}
		if session.Account.Role != party.RoleEnterprise || session.Organisation.City != "341500" || session.Organisation.Verified() {
			t.Errorf("session is %+v", session)
		}
		again, err := b.Session(t.Context(), token)
		if err != nil || again.Account != session.Account || again.CSRF == "" || again.CSRF == token {
			t.Errorf("second look: %+v, %v", again, err)
		}
		if err := b.SignOut(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Session(t.Context(), token); code(err) != "signed_out" {
			t.Errorf("after signing out: %v", err)
		}
		_, err = b.Register(t.Context(), party.Registration{Kind: party.KindIndividual, Login: "13800000001", Password: password, PersonName: "李四", FirmName: "李四小吃店"})
		if code(err) != "login:taken" {
			t.Errorf("the login was given twice: %v", err)
		}
	})
}

func TestRegisterNamesEveryWrongField(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		_, err := b.Register(t.Context(), party.Registration{Kind: "bank", Login: "1380000", Password: "1234567890", PersonName: "", FirmName: "<b>"})
		p := problem.Of(err)
		if p == nil || len(p.Fields) != 5 {
			t.Fatalf("got %v", err)
		}
		for _, secret := range []string{"1380000", "1234567890", "<b>"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error repeats what was typed: %v", err)
			}
		}
	})
}

func TestLockout(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.firm(t, "13800000001")
		// An unknown login behaves exactly as a known one.
		for _, login := range []string{"13800000001", "13899999999"} {
			for i := range 5 {
				if _, _, err := b.SignIn(t.Context(), login, "wrong"); code(err) != "wrong_login" {
					t.Fatalf("%s, failure %d: %v", login, i+1, err)
				}
			}
			if _, _, err := b.SignIn(t.Context(), login, password); !problem.Is(err, problem.Locked) {
				t.Fatalf("%s: not locked: %v", login, err)
			}
		}
		b.now = b.now.Add(15*time.Minute + time.Second)
		for range 4 {
			_, _, _ = b.SignIn(t.Context(), "13800000001", "wrong")
		}
		if _, _, err := b.SignIn(t.Context(), "13800000001", password); err != nil {
			t.Errorf("after the lock: %v", err)
		}
		// Success forgets the failures before it.
		for range 4 {
			_, _, _ = b.SignIn(t.Context(), "13800000001", "wrong")
		}
		if _, _, err := b.SignIn(t.Context(), "13800000001", password); err != nil {
			t.Errorf("four failures after a success: %v", err)
		}
	})
}

func TestSessionLimits(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.firm(t, "13800000001")
		start := b.now
		token, _, err := b.SignIn(t.Context(), "13800000001", password)
		if err != nil {
			t.Fatal(err)
		}
		for b.now.Sub(start) < 11*time.Hour+30*time.Minute {
			b.now = b.now.Add(25 * time.Minute)
			if _, err := b.Session(t.Context(), token); err != nil {
				t.Fatalf("after %v: %v", b.now.Sub(start), err)
			}
		}
		b.now = start.Add(12 * time.Hour)
		if _, err := b.Session(t.Context(), token); code(err) != "signed_out" {
			t.Errorf("after the absolute limit: %v", err)
		}
		token, _, err = b.SignIn(t.Context(), "13800000001", password)
		if err != nil {
			t.Fatal(err)
		}
		b.now = b.now.Add(30 * time.Minute)
		if _, err := b.Session(t.Context(), token); code(err) != "signed_out" {
			t.Errorf("after the idle limit: %v", err)
		}
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		by := b.firm(t, "13800000001")
		token, _, _ := b.SignIn(t.Context(), "13800000001", password)
		if err := b.ChangePassword(t.Context(), by, "wrong", "another good 1"); code(err) != "old:wrong" {
			t.Errorf("wrong old password: %v", err)
		}
		if err := b.ChangePassword(t.Context(), by, password, "13800000001a"); code(err) != "password:contains_login" {
			t.Errorf("weak new password: %v", err)
		}
		if err := b.ChangePassword(t.Context(), by, password, "another good 1"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Session(t.Context(), token); code(err) != "signed_out" {
			t.Errorf("old session lives on: %v", err)
		}
		if _, _, err := b.SignIn(t.Context(), "13800000001", "another good 1"); err != nil {
			t.Error(err)
		}
	})
}

func TestDescribe(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		by := b.firm(t, "13800000001")
		org, err := b.Describe(t.Context(), by, party.Profile{USCI: "９１３３０１００ 799655058b", IndustrySection: "C", SizeDeclared: "micro", EstablishedOn: b.now.AddDate(-3, 0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		if org.Profile.USCI != "91330100799655058B" || org.Profile.Division != "330100" {
			t.Errorf("profile is %+v", org.Profile)
		}
		_, err = b.Describe(t.Context(), by, party.Profile{USCI: "91330100799655058C", Division: "34", IndustrySection: "Z", SizeDeclared: "big", Employees: -1, EstablishedOn: b.now.AddDate(1, 0, 0)})
		if p := problem.Of(err); p == nil || len(p.Fields) != 6 {
			t.Errorf("wrong profile: %v", err)
		}
	})
}

// TestTenants lets one firm ask for what is another's.
func TestTenants(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		one, two := b.firm(t, "13800000001"), b.firm(t, "13800000002")
		accounts, err := b.Accounts(t.Context(), one)
		if err != nil || len(accounts) != 1 || accounts[0].ID != one.AccountID {
			t.Errorf("accounts of one: %+v, %v", accounts, err)
		}
		stolen := party.Actor{AccountID: two.AccountID, OrgID: one.OrgID, Role: one.Role}
		if err := b.ChangePassword(t.Context(), stolen, password, "another good 1"); !problem.Is(err, problem.NotFound) {
			t.Errorf("changed another tenant's password: %v", err)
		}
	})
}

func TestSeedStaffTwice(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		staff := []party.Staff{
			{OrgKind: party.KindBank, OrgName: "淠河银行", City: "341500", Login: "officer", Password: password, Name: "陈敏", Role: party.RoleBankOfficer},
			{OrgKind: party.KindBank, OrgName: "淠河银行", City: "341500", Login: "risk", Password: password, Name: "赵风控", Role: party.RoleBankRisk},
			{OrgKind: party.KindGovernment, OrgName: "六安市数据资源管理局", City: "341500", Login: "bureau", Password: password, Name: "周科长", Role: party.RoleDataBureau},
		}
		first, err := b.SeedStaff(t.Context(), staff)
		if err != nil {
			t.Fatal(err)
		}
		staff[0].Password = "a different one 9"
		second, err := b.SeedStaff(t.Context(), staff)
		if err != nil {
			t.Fatal(err)
		}
		for i := range first {
			if first[i] != second[i] {
				t.Errorf("seeding twice made %+v of %+v", second[i], first[i])
			}
		}
		if first[0].OrgID != first[1].OrgID || first[0].OrgID == first[2].OrgID {
			t.Error("organisations are mixed up")
		}
		for _, wrong := range []party.Role{party.RoleEnterprise, party.RoleAuditor, party.RoleOperator, "king"} {
			one := staff[0]
			one.Login, one.Role = "another", wrong
			if _, err := b.SeedStaff(t.Context(), []party.Staff{one}); code(err) != "role:wrong_kind" {
				t.Errorf("a bank has a %s: %v", wrong, err)
			}
		}
		if _, _, err := b.SignIn(t.Context(), "officer", password); err != nil {
			t.Errorf("the password was replaced: %v", err)
		}
		if banks, err := b.Banks(t.Context()); err != nil || len(banks) != 1 {
			t.Errorf("banks: %v, %v", banks, err)
		}
	})
}

func TestMarkVerifiedOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		mark := func(by party.Actor) error {
			return b.store.Update(ctx, func(tx *store.Tx) error {
				return party.MarkVerified(ctx, tx, party.Verified{OrgID: by.OrgID, AccountID: by.AccountID, USCI: "91330100799655058B",
					FirmName: "某某有限公司", PersonName: "王小明", ResidentHash: "h", ResidentMasked: "341***********0011", At: b.now})
			})
		}
		one, two := b.firm(t, "13800000001"), b.firm(t, "13800000002")
		if err := mark(one); err != nil {
			t.Fatal(err)
		}
		if err := mark(two); code(err) != "usci_taken" {
			t.Errorf("two accounts proved the same firm: %v", err)
		}
		if _, err := b.Describe(ctx, one, party.Profile{USCI: "914403001922038216"}); code(err) != "usci:verified" {
			t.Errorf("a verified code was changed: %v", err)
		}
		if org, err := b.Own(ctx, one); err != nil || !org.Verified() || org.Profile.USCI != "91330100799655058B" || org.Profile.Division != "330100" {
			t.Errorf("own: %+v, %v", org, err)
		}
	})
}

func TestIdentifiers(t *testing.T) {
	if got := party.MaskResidentID("11010519491231002X"); got != "110***********002X" {
		t.Errorf("masked: %s", got)
	}
	if got := party.Tidy("　９１33-0100 799655058b"); got != "91330100799655058B" {
		t.Errorf("tidied: %s", got)
	}
}

func TestSecrets(t *testing.T) {
	one, err := party.HashSecret(rand.Reader, password)
	two, err2 := party.HashSecret(rand.Reader, password)
	if err != nil || err2 != nil || one == two {
		t.Fatalf("two hashes of one secret are alike: %v %v", err, err2)
	}
	if !party.MatchesSecret(one, password) || party.MatchesSecret(one, password+" ") || party.MatchesSecret("", "") || party.MatchesSecret("argon2id$v=19$m=1,t=0,p=0$$", "") {
		t.Error("secrets are matched wrongly")
	}
	if _, err := party.HashSecret(bytes.NewReader(nil), password); err == nil {
		t.Error("hashed without a salt")
	}
}

func FuzzTidy(f *testing.F) {
	f.Add("９１３３０１００799655058b")
	f.Fuzz(func(t *testing.T, s string) {
		tidy := party.Tidy(s)
		if party.Tidy(tidy) != tidy {
			t.Errorf("tidying %q twice differs", s)
		}
	})
}
