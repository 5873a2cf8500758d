package gate

import (
	"strings"

	"golang.org/x/text/width"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// statusActive is how market regulation writes that a firm exists.
const statusActive = "存续"

// identify answers whether a firm is registered under a name, whether a person exists, and whether that person is the firm's legal person
// (or operator). The answer has four verdicts whatever the case, so that its shape tells nothing.
func (s *snapshot) identify(r *borderv1.IdentityRequest) *borderv1.IdentityResult {
	result := &borderv1.IdentityResult{
		FirmRegistered: no, FirmNameMatches: no, PersonExists: unknown, PersonRepresentsFirm: no,
	}
	if known, ok := s.persons[personKeyOf(r.GetResidentId())]; ok {
		result.PersonExists = verdict(known == nameKeyOf(r.GetPersonName()))
	}
	f, ok := s.firms[r.GetSubjectUsci()]
	if !ok {
		return result
	}
	result.FirmRegistered = verdict(f.status == statusActive)
	result.FirmNameMatches = verdict(plainName(f.name) == plainName(r.GetFirmName()))
	if f.legalPersonID == "" {
		// The register names no number: a name alone never identifies a person, but another name excludes one.
		result.PersonRepresentsFirm = unknown
		if f.legalPerson != "" && plainName(f.legalPerson) != plainName(r.GetPersonName()) {
			result.PersonRepresentsFirm = no
		}
		return result
	}
	result.PersonRepresentsFirm = verdict(strings.EqualFold(f.legalPersonID, r.GetResidentId()) && result.PersonExists != no)
	return result
}

const (
	yes     = borderv1.Verdict_VERDICT_YES
	no      = borderv1.Verdict_VERDICT_NO
	unknown = borderv1.Verdict_VERDICT_UNKNOWN
)

func verdict(b bool) borderv1.Verdict {
	if b {
		return yes
	}
	return no
}

// plainName folds what people and departments write differently: full and half width, blanks, letter case.
func plainName(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(width.Fold.String(s)), ""))
}
