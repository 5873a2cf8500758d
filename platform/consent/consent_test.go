package consent_test

import (
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/platformtest"
	"github.com/yidaitong/yidaitong/platform/problem"
	"github.com/yidaitong/yidaitong/platform/store"
	"github.com/yidaitong/yidaitong/platform/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const preLoan = borderv1.Purpose_PURPOSE_PRE_LOAN_REVIEW

func each(t *testing.T, do func(t *testing.T, h *platformtest.House)) {
	t.Helper()
	t.Parallel()
	platformtest.Each(t, do)
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

func TestGiveUseRevoke(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer, _ := h.Bank("淠河银行")
		firm := h.Firm()
		g := h.Allow(firm, officer.OrgID, preLoan)
		if g.GranteeName != "淠河银行" || g.State(h.Now()) != consent.StateActive || g.MaxUses != 10 {
			t.Errorf("grant is %+v", g)
		}
		again := h.Allow(firm, officer.OrgID, preLoan)
		if again.ID != g.ID {
			t.Errorf("a double click gave %s beside %s", again.ID, g.ID)
		}
		need := consent.Need{SubjectOrg: firm.OrgID, GranteeID: officer.OrgID, Purpose: preLoan, Classes: border.CreditClasses()}
		for _, by := range []party.Actor{firm, officer} {
			if covering, err := h.Consent.Covering(ctx, by, need); err != nil || covering.ID != g.ID {
				t.Errorf("as %s: covering is %s, %v", by.Role, covering.ID, err)
			}
		}
		wider := need
		wider.Classes = append(border.CreditClasses(), borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY)
		if _, err := h.Consent.Covering(ctx, officer, wider); code(err) != "no_covering_grant" {
			t.Errorf("a class that was not granted is covered: %v", err)
		}
		other := need
		other.Purpose = borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING
		if _, err := h.Consent.Covering(ctx, officer, other); code(err) != "no_covering_grant" {
			t.Errorf("another purpose is covered: %v", err)
		}

		envelope, err := h.Consent.Envelope(ctx, g.ID)
		platformtest.Must(t, err)
		if err := h.Exchange.VerifyProof(envelope); err != nil {
			t.Errorf("the grant is not in the log: %v", err)
		}
		var clicks sync.WaitGroup
		for range 2 {
			clicks.Go(func() {
				if _, err := h.Consent.Revoke(ctx, firm, g.ID); err != nil {
					t.Error(err)
				}
			})
		}
		clicks.Wait()
		if _, err := h.Consent.Covering(ctx, officer, need); code(err) != "no_covering_grant" {
			t.Errorf("a withdrawn grant covers: %v", err)
		}
		if err := h.Store.Update(ctx, func(tx *store.Tx) error { return h.Consent.Spend(ctx, tx, g.ID) }); code(err) != "no_covering_grant" {
			t.Errorf("a withdrawn grant was used: %v", err)
		}
		if !h.Node.Revoked(g.ID) {
			t.Error("the withdrawal did not reach the node")
		}
		uses, err := h.Consent.Uses(ctx, firm)
		platformtest.Must(t, err)
		if len(uses) != 2 || uses[0].Kind != consent.UseRevocation || uses[1].Kind != consent.UseGrant {
			t.Fatalf("uses are %+v", uses)
		}
		for _, u := range uses {
			if u.Proof != consent.ProofVerified || u.UserName != "淠河银行" || u.Purpose != preLoan || len(u.Classes) != len(border.CreditClasses()) {
				t.Errorf("use is %+v", u)
			}
		}
	})
}

func TestGrantsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer, _ := h.Bank("淠河银行")
		firm := h.Firm()
		r := h.Ask(officer.OrgID, preLoan)
		r.MaxUses, r.Duration = 2, 30*24*time.Hour
		g, err := h.Consent.Give(ctx, firm, r)
		platformtest.Must(t, err)
		spend := func() error {
			return h.Store.Update(ctx, func(tx *store.Tx) error { return h.Consent.Spend(ctx, tx, g.ID) })
		}
		platformtest.Must(t, spend())
		platformtest.Must(t, spend())
		if err := spend(); code(err) != "no_covering_grant" {
			t.Errorf("a third use of two: %v", err)
		}
		need := consent.Need{SubjectOrg: firm.OrgID, GranteeID: officer.OrgID, Purpose: preLoan}
		if _, err := h.Consent.Covering(ctx, officer, need); code(err) != "no_covering_grant" {
			t.Errorf("a used-up grant covers: %v", err)
		}
		longer := h.Allow(firm, officer.OrgID, preLoan)
		h.Pass(90*24*time.Hour - time.Microsecond)
		if covering, err := h.Consent.Covering(ctx, officer, need); err != nil || covering.ID != longer.ID {
			t.Errorf("just before the end: %v", err)
		}
		h.Pass(time.Microsecond)
		if _, err := h.Consent.Covering(ctx, officer, need); code(err) != "no_covering_grant" {
			t.Errorf("at the end: %v", err)
		}
	})
}

func TestGiveRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer, _ := h.Bank("淠河银行")
		firm, stranger := h.Firm(), h.Stranger()
		for what, c := range map[string]struct {
			by     party.Actor
			change func(*consent.Request)
			code   string
		}{
			"without a class":      {firm, func(r *consent.Request) { r.Classes = nil }, "class:missing"},
			"an unknown class":     {firm, func(r *consent.Request) { r.Classes = []borderv1.DataClass{99} }, "class:unknown"},
			"an unknown purpose":   {firm, func(r *consent.Request) { r.Purpose = 99 }, "purpose:unknown"},
			"for a lifetime":       {firm, func(r *consent.Request) { r.Duration = 20 * 366 * 24 * time.Hour }, "duration:range"},
			"under an old text":    {firm, func(r *consent.Request) { r.Evidence.TextVersion = "pre-loan-review-v0" }, "text:outdated"},
			"to nobody":            {firm, func(r *consent.Request) { r.GranteeID = h.Store.NewID() }, "product:unknown_bank"},
			"to another firm":      {firm, func(r *consent.Request) { r.GranteeID = stranger.OrgID }, "product:unknown_bank"},
			"by an unproven firm":  {stranger, func(*consent.Request) {}, "not_verified"},
			"by the bank itself":   {officer, func(*consent.Request) {}, "not_a_borrower"},
			"too many uses":        {firm, func(r *consent.Request) { r.MaxUses = border.MaxGrantUses + 1 }, "max_uses:range"},
			"for negative minutes": {firm, func(r *consent.Request) { r.Duration = -time.Minute }, "duration:range"},
		} {
			r := h.Ask(officer.OrgID, preLoan)
			c.change(&r)
			if _, err := h.Consent.Give(ctx, c.by, r); code(err) != c.code {
				t.Errorf("%s: %v, want %s", what, err, c.code)
			}
		}
		if grants, err := h.Consent.Grants(ctx, firm); err != nil || len(grants) != 0 {
			t.Errorf("refused grants were kept: %+v, %v", grants, err)
		}
	})
}

func TestTenants(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer, _ := h.Bank("淠河银行")
		stranger, _ := h.Bank("江淮银行")
		firm, other := h.Firm(), h.Firm()
		g := h.Allow(firm, officer.OrgID, preLoan)
		for _, by := range []party.Actor{other, stranger, officer, {}} {
			_, errRead := h.Consent.Grant(ctx, by, g.ID)
			_, errRevoke := h.Consent.Revoke(ctx, by, g.ID)
			for what, err := range map[string]error{"read": errRead, "revoke": errRevoke} {
				if !problem.Is(err, problem.NotFound) {
					t.Errorf("%s as %s: %v", what, by.Role, err)
				}
			}
			grants, err := h.Consent.Grants(ctx, by)
			uses, err2 := h.Consent.Uses(ctx, by)
			if err != nil || err2 != nil || len(grants)+len(uses) != 0 {
				t.Errorf("%s sees %d grants and %d uses: %v %v", by.Role, len(grants), len(uses), err, err2)
			}
		}
		need := consent.Need{SubjectOrg: firm.OrgID, GranteeID: officer.OrgID, Purpose: preLoan}
		if _, err := h.Consent.Covering(ctx, stranger, need); !problem.Is(err, problem.NotFound) {
			t.Errorf("another bank looked up a grant: %v", err)
		}
	})
}

// TestAFalseProofIsSeen changes what the rows claim and looks again.
func TestAFalseProofIsSeen(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer, _ := h.Bank("淠河银行")
		firm := h.Firm()
		g := h.Allow(firm, officer.OrgID, preLoan)
		kept, err := h.Exchange.Envelope(ctx, g.EnvelopeID)
		platformtest.Must(t, err)
		kept.LogProof.Leaf[len(kept.LogProof.Leaf)/2] ^= 1
		forged, err := proto.Marshal(kept)
		platformtest.Must(t, err)
		platformtest.Must(t, h.Store.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update envelope set body = $1 where id = $2`, forged, g.EnvelopeID)
			return err
		}))
		if uses, err := h.Consent.Uses(ctx, firm); err != nil || len(uses) != 1 || uses[0].Proof != consent.ProofFailed {
			t.Errorf("a forged leaf: %+v, %v", uses, err)
		}
		g = h.Allow(firm, officer.OrgID, borderv1.Purpose_PURPOSE_POST_LOAN_MONITORING)
		platformtest.Must(t, h.Store.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `delete from data_use where grant_id <> $1`, g.ID)
			return err
		}))
		for what, change := range map[string]string{
			"another place": `update data_use set leaf_index = leaf_index + 1`,
			"another log":   `update data_use set leaf_index = leaf_index - 1, origin = 'elsewhere'`,
			"no envelope":   `update data_use set envelope_id = '01ARYZ6S410000000000000000'`,
		} {
			platformtest.Must(t, h.Store.Update(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, change)
				return err
			}))
			uses, err := h.Consent.Uses(ctx, firm)
			if err != nil || len(uses) != 1 || uses[0].Proof != consent.ProofFailed {
				t.Errorf("%s: %+v, %v", what, uses, err)
			}
		}
	})
}

// TestAWithdrawalSurvivesACrash stops between the withdrawal and its sending, and resumes.
func TestAWithdrawalSurvivesACrash(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer, _ := h.Bank("淠河银行")
		firm := h.Firm()
		g := h.Allow(firm, officer.OrgID, preLoan)
		platformtest.Must(t, h.Store.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update consent_grant set revoked_at = $1, revoked_by = $2 where id = $3`, store.Micros(h.Now()), firm.AccountID, g.ID)
			return err
		}))
		for range 2 {
			platformtest.Must(t, h.Consent.Resume(ctx))
		}
		if !h.Node.Revoked(g.ID) {
			t.Error("the withdrawal was lost")
		}
		if uses, err := h.Consent.Uses(ctx, firm); err != nil || len(uses) != 2 {
			t.Errorf("uses are %+v, %v", uses, err)
		}
	})
}

// TestAnAnswerNobodyAskedForIsShown: a request that went past the services is still a use of the data.
func TestAnAnswerNobodyAskedForIsShown(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		ctx := t.Context()
		officer, _ := h.Bank("淠河银行")
		firm := h.Firm()
		g := h.Allow(firm, officer.OrgID, preLoan)
		_, err := h.Consent.Revoke(ctx, firm, g.ID)
		platformtest.Must(t, err)
		if !h.Node.Revoked(g.ID) {
			t.Fatal("the withdrawal did not reach the node")
		}
		envelope, err := h.Consent.Envelope(ctx, g.ID)
		platformtest.Must(t, err)
		sent, err := h.Exchange.Send(ctx, platformtest.City, &borderv1.CreditRequest{Id: h.Store.NewID(), City: platformtest.City, Grant: envelope,
			Purpose: preLoan, SubjectUsci: g.SubjectUSCI, RequesterId: officer.OrgID, RequestedAt: timestamppb.New(h.Now())})
		platformtest.Must(t, err)
		answer, err := h.Exchange.Await(ctx, sent.ID)
		platformtest.Must(t, err)
		if answer.GetKind() != borderv1.PayloadKind_PAYLOAD_KIND_REFUSAL {
			t.Errorf("the node answered with %v", answer.GetKind())
		}
		uses, err := h.Consent.Uses(ctx, firm)
		platformtest.Must(t, err)
		if u := uses[0]; u.Kind != consent.UseRefusal || u.Refusal != borderv1.RefusalCode_REFUSAL_CODE_GRANT_REVOKED || u.Proof != consent.ProofVerified || u.Origin == uses[1].Origin {
			t.Errorf("newest use is %+v", u)
		}
	})
}

func TestTexts(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		for purpose := range borderv1.Purpose_name {
			p := borderv1.Purpose(purpose)
			text := h.Consent.CurrentText(p)
			if p == borderv1.Purpose_PURPOSE_UNSPECIFIED {
				continue
			}
			if text.Version == "" || text.TitleZH == "" || text.TitleEN == "" || text.BodyZH == "" || text.BodyEN == "" || len(text.SHA256) != 64 {
				t.Errorf("%v has no complete text: %+v", p, text)
			}
		}
	})
}

// TestTextsNeverChange pins what people have agreed to: a new wording is a new version.
func TestTextsNeverChange(t *testing.T) {
	each(t, func(t *testing.T, h *platformtest.House) {
		for _, text := range h.Consent.Texts() {
			if want, ok := pinnedTexts[text.Version]; !ok || want != text.SHA256 {
				t.Errorf("text %s has SHA-256 %s, pinned is %q: give a new wording a new version", text.Version, text.SHA256, want)
			}
		}
	})
}

var pinnedTexts = map[string]string{
	"identity-check-v1":       "967d7e72cad4daf729fa0a5a3e5169ab1d5ea5feb56c6ab4d86578d134e4dc35",
	"pre-loan-review-v1":      "2953368313946560173f7ecc5c4272a73fb1dd961cf8b9a2a9c2fc36fd00e1bc",
	"post-loan-monitoring-v1": "9486ccd6c0637eb5188ec7a68ae4a2166f7f11004127b4437684761a6b52d480",
}
