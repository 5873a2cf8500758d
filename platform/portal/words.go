package portal

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
	"github.com/yidaitong/yidaitong/platform/cockpit"
	"github.com/yidaitong/yidaitong/platform/consent"
	"github.com/yidaitong/yidaitong/platform/demand"
	"github.com/yidaitong/yidaitong/platform/party"
	"github.com/yidaitong/yidaitong/platform/product"
)

func amountRange(v *view, low, high int64) string {
	if v.Lang == Chinese && low%1_000_000 == 0 && high%1_000_000 == 0 {
		return fmt.Sprintf("%s–%s 万元", wanText(low), wanText(high))
	}
	return v.Amount(low) + " – " + strings.TrimPrefix(v.Amount(high), "CNY ")
}

func termRange(v *view, low, high int) string {
	if low == high {
		return v.T("term.months", low)
	}
	return v.T("term.range", low, high)
}

func repaymentNames(v *view, all []product.Repayment) string {
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = v.T("repayment." + string(r))
	}
	return strings.Join(names, v.T("list.comma"))
}

func borrowerNames(v *view, all []string) string {
	names := make([]string, len(all))
	for i, kind := range all {
		names[i] = v.T("org_kind." + kind)
	}
	return strings.Join(names, v.T("list.comma"))
}

// basisPoints writes a spread over the LPR.
func basisPoints(n int) string {
	if n < 0 {
		return fmt.Sprintf("LPR − %d bp", -n)
	}
	return fmt.Sprintf("LPR + %d bp", n)
}

func ruleIcon(needsCredit bool) string {
	if needsCredit {
		return "hourglass"
	}
	return "circle-check"
}

func authoriseURL(productID, demandID string) string {
	q := url.Values{"product": {productID}}
	if demandID != "" {
		q.Set("demand", demandID)
	}
	return "/firm/authorise?" + q.Encode()
}

func doneState(done bool) string {
	if done {
		return "done"
	}
	return "open"
}

// stamp is a time as machines read it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func paragraphs(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// identityVerdict is one of the four answers of an identity check.
type identityVerdict struct {
	key     string
	verdict borderv1.Verdict
}

func identityVerdicts(r *borderv1.IdentityResult) []identityVerdict {
	return []identityVerdict{
		{"firm_registered", r.GetFirmRegistered()}, {"firm_name_matches", r.GetFirmNameMatches()},
		{"person_exists", r.GetPersonExists()}, {"person_represents_firm", r.GetPersonRepresentsFirm()},
	}
}

func verdictIcon(verdict borderv1.Verdict) string {
	switch verdict {
	case borderv1.Verdict_VERDICT_YES:
		return "circle-check"
	case borderv1.Verdict_VERDICT_NO:
		return "circle-x"
	}
	return "help-circle"
}

func demandTone(s demand.State) string {
	switch s {
	case demand.StateOpen:
		return "tone-go"
	case demand.StateApplied:
		return "tone-busy"
	case demand.StateFunded:
		return "tone-good"
	}
	return "tone-over"
}

func outcomeTone(o product.Outcome) string {
	switch o {
	case product.Passed:
		return "tone-good"
	case product.Pending:
		return "tone-busy"
	}
	return "tone-bad"
}

func outcomeIcon(o product.Outcome) string {
	switch o {
	case product.Passed:
		return "circle-check"
	case product.Pending:
		return "hourglass"
	}
	return "circle-x"
}

func grantTone(s consent.State) string {
	switch s {
	case consent.StateActive:
		return "tone-good"
	case consent.StateRevoked:
		return "tone-bad"
	}
	return "tone-over"
}

func classIcon(class borderv1.DataClass) string {
	switch class {
	case borderv1.DataClass_DATA_CLASS_REGISTRATION:
		return "building-store"
	case borderv1.DataClass_DATA_CLASS_TAX:
		return "report-money"
	case borderv1.DataClass_DATA_CLASS_INVOICE:
		return "receipt"
	case borderv1.DataClass_DATA_CLASS_SOCIAL_INSURANCE, borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY:
		return "users"
	case borderv1.DataClass_DATA_CLASS_HOUSING_FUND:
		return "home"
	case borderv1.DataClass_DATA_CLASS_COURT:
		return "scale"
	case borderv1.DataClass_DATA_CLASS_UTILITIES:
		return "bulb"
	case borderv1.DataClass_DATA_CLASS_PENALTY:
		return "alert-triangle"
	case borderv1.DataClass_DATA_CLASS_ENVIRONMENT:
		return "leaf"
	case borderv1.DataClass_DATA_CLASS_INTELLECTUAL_PROPERTY:
		return "certificate"
	case borderv1.DataClass_DATA_CLASS_LOAN:
		return "cash"
	}
	return "file-text"
}

func durationChoices(v *view) []choice {
	var all []choice
	for _, days := range durations {
		all = append(all, choice{fmt.Sprint(days), v.T("time.days", days)})
	}
	return all
}

func grantee(v *view, g consent.Grant) string {
	if g.GranteeID == border.Platform {
		return v.T("data_use.platform")
	}
	return g.GranteeName
}

// useWho names who did something with the data.
func useWho(v *view, u consent.Use) string {
	switch {
	case u.Kind == consent.UseGrant || u.Kind == consent.UseRevocation:
		return v.T("data_use.you")
	case u.Kind == consent.UseAnswer || u.Kind == consent.UseRefusal || u.Kind == consent.UseAlert:
		return v.T("data_use.node")
	case u.UserOrg == border.Platform:
		return v.T("data_use.platform")
	}
	return u.UserName
}

// useSentence says what happened, to whom, and what left.
func useSentence(v *view, u consent.Use) string {
	who := u.UserName
	if u.UserOrg == border.Platform {
		who = v.T("data_use.platform")
	}
	switch u.Kind {
	case consent.UseGrant, consent.UseRevocation, consent.UseRequest:
		return v.T("use_kind."+string(u.Kind)+".text", who, v.Enum(u.Purpose))
	case consent.UseAnswer:
		if u.Score > 0 {
			return v.T("use_kind.answer.credit", who, u.Score, v.Enum(u.Grade), v.Enum(u.LimitBand))
		}
		return v.T("use_kind.answer.identity", who)
	case consent.UseRefusal:
		return v.T("use_kind.refusal.text", who, v.Enum(u.Refusal))
	case consent.UseAlert:
		return v.T("use_kind.alert.text", who, v.Enum(u.Alert))
	}
	return ""
}

func useIcon(k consent.UseKind) string {
	switch k {
	case consent.UseGrant:
		return "fingerprint"
	case consent.UseRevocation:
		return "hand-stop"
	case consent.UseRequest:
		return "search"
	case consent.UseAnswer:
		return "file-search"
	case consent.UseRefusal:
		return "lock"
	}
	return "bell"
}

func proofIcon(p consent.Proof) string {
	switch p {
	case consent.ProofVerified:
		return "shield-check"
	case consent.ProofPending:
		return "hourglass"
	}
	return "alert-triangle"
}

func verifiedState(o party.Organisation) string {
	if o.Verified() {
		return "verified"
	}
	return "unverified"
}

// purposeCode is a purpose without its prefix, as machines read it.
func purposeCode(p borderv1.Purpose) string { return strings.TrimPrefix(p.String(), "PURPOSE_") }

func logState(l logData) string {
	switch {
	case l.Broken:
		return "broken"
	case l.Empty:
		return "empty"
	}
	return "verified"
}

func verifiedText(ok bool) string {
	if ok {
		return "verified"
	}
	return "failed"
}

func conservedState(d *borderv1.DepartmentReadiness) string {
	if conserved(d) {
		return "conserved"
	}
	return "missing"
}

// olderURL is the same list, further back.
func olderURL(d auditData) string {
	q := url.Values{"log": {d.Shown}, "before": {fmt.Sprint(d.Before)}}
	for _, name := range []string{"kind", "from", "to"} {
		if value := d.Form.get(name); value != "" {
			q.Set(name, value)
		}
	}
	return "/audit?" + q.Encode()
}

func rateOrDash(v *view, bp int) string {
	if bp == 0 {
		return "—"
	}
	return v.Rate(bp)
}

func durationOrDash(v *view, n cockpit.Numbers) string {
	if n.Loans == 0 {
		return "—"
	}
	return v.span(n.TimeToFunds)
}

func hoursOrDash(v *view, b cockpit.BankRow) string {
	if b.Approved == 0 {
		return "—"
	}
	return v.span(time.Duration(b.MedianHours) * time.Hour)
}

func shareOf(part, whole int64) string {
	if whole == 0 {
		return "—"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(part)/float64(whole))
}

func countyName(v *view, division string) string {
	if division == "" {
		return v.T("cockpit.no_county")
	}
	return v.Division(division)
}

func organisationName(v *view, names map[string]party.Organisation, id string) string {
	if o, ok := names[id]; ok {
		return v.Pick(o.Name, o.NameEN)
	}
	return v.T("operator.office")
}
