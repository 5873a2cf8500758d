package identity_test

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/party/identity"
	"github.com/yidaitong/yidaitong/platform/platformtest"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// residentID is the example of GB 11643.
const residentID = "11010519491231002X"

func each(t *testing.T, do func(t *testing.T, h *platformtest.House)) {
	t.Helper()
	t.Parallel()
	platformtest.Each(t, do)
}

func claim(h *platformtest.House) identity.Claim {
	return identity.Claim{FirmName: "六安市皋城农业科技有限公司", USCI: " 91330100799655058b", PersonName: "王小明", ResidentID: "１1010519491231002x", Agree: true,
		Text: h.Consent.CurrentText(borderv1.Purpose_PURPOSE_IDENTITY_CHECK).Version, Screen: "/firm/identity"}
}

func TestVerify(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		asked := make(chan *borderv1.IdentityRequest, 1)
		h.Node.Identity = func(r *borderv1.IdentityRequest) proto.Message {
			asked <- r
			return answer(h, r, borderv1.Verdict_VERDICT_YES)
		}
		by := h.Stranger()
		check, err := h.Identity.Verify(ctx, by, claim(h))
		if err != nil || check.State != identity.StateVerified || check.Result.GetPersonExists() != borderv1.Verdict_VERDICT_YES {
			t.Fatalf("check is %+v, %v", check, err)
		}
		if r := <-asked; r.GetResidentId() != residentID || r.GetSubjectUsci() != "91330100799655058B" {
			t.Error("the node was asked about somebody else")
		}
		org, err := h.Party.Own(ctx, by)
		if err != nil || !org.Verified() || org.Profile.USCI != "91330100799655058B" || org.Profile.Division != "330100" {
			t.Errorf("organisation is %+v, %v", org, err)
		}
		accounts, err := h.Party.Accounts(ctx, by)
		if err != nil || accounts[0].ResidentMasked != "110***********002X" || accounts[0].VerifiedAt.IsZero() {
			t.Errorf("account is %+v, %v", accounts, err)
		}
		uses, err := h.Consent.Uses(ctx, by)
		platformtest.Must(t, err)
		kinds := ""
		for _, u := range uses {
			kinds += string(u.Kind) + " "
			// The person is forgotten after the answer, what happened is still proven.
			if u.Proof != consent.ProofVerified {
				t.Errorf("use %s is %s", u.Kind, u.Proof)
			}
		}
		if kinds != "answer request grant " {
			t.Errorf("uses are %s", kinds)
		}
		if _, err := h.Identity.Verify(ctx, by, claim(h)); problem.Of(err) == nil || problem.Of(err).Code != "already_verified" {
			t.Errorf("verified twice: %v", err)
		}
		nowhere(t, h)
	})
}

// nowhere looks for the identity number in every text and byte column of every table.
func nowhere(t *testing.T, h *platformtest.House) {
	t.Helper()
	ctx := t.Context()
	tables := `select name from sqlite_master where type = 'table'`
	if h.Store.Engine() == store.PostgreSQL {
		tables = `select table_name from information_schema.tables where table_schema = 'public'`
	}
	platformtest.Must(t, h.Store.View(ctx, func(tx *store.Tx) error {
		names, err := store.Collect(ctx, tx, func(scan func(...any) error) (s string, err error) { return s, scan(&s) }, tables)
		if err != nil {
			return err
		}
		seen := 0
		for _, name := range names {
			rows, err := tx.Query(ctx, `select * from "`+name+`"`)
			if err != nil {
				return err
			}
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			for rows.Next() {
				values, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				if err := rows.Scan(into...); err != nil {
					return err
				}
				for i, v := range values {
					text, _ := v.(string)
					if raw, ok := v.([]byte); ok {
						text = string(raw)
					}
					seen++
					if strings.Contains(text, residentID) || strings.Contains(text, residentID[6:14]) {
						t.Errorf("%s.%s holds the identity number", name, columns[i])
					}
				}
			}
			if err := rows.Err(); err != nil {
				return err
			}
			rows.Close()
		}
		if seen < 100 {
			t.Errorf("only %d values were looked at", seen)
		}
		return nil
	}))
}

func answer(h *platformtest.House, r *borderv1.IdentityRequest, represents borderv1.Verdict) *borderv1.IdentityResult {
	const yes = borderv1.Verdict_VERDICT_YES
	return &borderv1.IdentityResult{RequestId: r.GetId(), GrantId: h.Node.GrantID(r.GetGrant()), FirmRegistered: yes, FirmNameMatches: yes,
		PersonExists: yes, PersonRepresentsFirm: represents}
}

func TestSomebodyElse(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		h.Node.Identity = func(r *borderv1.IdentityRequest) proto.Message { return answer(h, r, borderv1.Verdict_VERDICT_NO) }
		by := h.Stranger()
		for i := range 5 {
			check, err := h.Identity.Verify(ctx, by, claim(h))
			if err != nil || check.State != identity.StateFailed {
				t.Fatalf("attempt %d: %+v, %v", i+1, check, err)
			}
			h.Pass(time.Minute)
		}
		if org, err := h.Party.Own(ctx, by); err != nil || org.Verified() {
			t.Errorf("verified all the same: %+v, %v", org, err)
		}
		if _, err := h.Identity.Verify(ctx, by, claim(h)); !problem.Is(err, problem.Locked) {
			t.Errorf("a sixth attempt on one day: %v", err)
		}
		h.Pass(24 * time.Hour)
		if _, err := h.Identity.Verify(ctx, by, claim(h)); err != nil {
			t.Errorf("on the next day: %v", err)
		}
	})
}

func TestTheNodeIsAway(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		by := h.Stranger()
		release := h.Node.Hold()
		check, err := h.Identity.Within(20*time.Millisecond).Verify(ctx, by, claim(h))
		if err != nil || check.State != identity.StateAsked {
			t.Fatalf("while the node is away: %+v, %v", check, err)
		}
		release()
		for end := time.Now().Add(5 * time.Second); check.State == identity.StateAsked && time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			check, _, err = h.Identity.Latest(ctx, by)
			platformtest.Must(t, err)
		}
		if check.State != identity.StateVerified {
			t.Errorf("after the node is back: %+v", check)
		}
	})
}

func TestTwoAccountsForOneFirm(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		first, second := h.Stranger(), h.Stranger()
		if check, err := h.Identity.Verify(ctx, first, claim(h)); err != nil || check.State != identity.StateVerified {
			t.Fatalf("first: %+v, %v", check, err)
		}
		if check, err := h.Identity.Verify(ctx, second, claim(h)); err != nil || check.State != identity.StateFailed {
			t.Errorf("second: %+v, %v", check, err)
		}
	})
}

func TestVerifyNamesEveryWrongField(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		by := h.Stranger()
		_, err := h.Identity.Verify(t.Context(), by, identity.Claim{FirmName: "x", USCI: "91330100799655058C", PersonName: "", ResidentID: "110105194912310021"})
		p := problem.Of(err)
		if p == nil || len(p.Fields) != 5 {
			t.Fatalf("got %v", err)
		}
		if strings.Contains(err.Error(), "1101051949") || strings.Contains(err.Error(), "9133010079") {
			t.Errorf("the error repeats what was typed: %v", err)
		}
		if _, ok, err := h.Identity.Latest(t.Context(), by); ok || err != nil {
			t.Errorf("a check was made: %v", err)
		}
	})
}

func TestTenants(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		by := h.Stranger()
		_, err := h.Identity.Verify(t.Context(), by, claim(h))
		platformtest.Must(t, err)
		for _, other := range []party.Actor{h.Stranger(), {}} {
			if check, ok, err := h.Identity.Latest(t.Context(), other); ok || err != nil {
				t.Errorf("another tenant sees %+v, %v", check, err)
			}
		}
	})
}
