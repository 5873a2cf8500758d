package border

import (
	"fmt"
	"regexp"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

// Bounds of what is accepted.
const (
	MinScore         = 300
	MaxScore         = 850
	MaxReasons       = 4
	MaxDrivers       = 3
	MaxTrend         = 12
	MinCellFirms     = 10 // a smaller cell of a digest would speak of single firms
	MaxGrantDuration = 5 * 366 * 24 * time.Hour
	MaxGrantUses     = 100_000
)

// The texts that may leave are codes of a fixed shape: there is no room for a word in them.
var (
	modelIDPattern      = regexp.MustCompile(`^(card|boosted)-[1-9][0-9]{5}$`)
	modelVersionPattern = regexp.MustCompile(`^[0-9]{8}\.[0-9]{1,4}$`)
	dataVersionPattern  = regexp.MustCompile(`^[0-9]{8}\.[0-9]{1,9}$`)
	textVersionPattern  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,47}$`)
	departmentPattern   = regexp.MustCompile(`^[a-z][a-z_]{1,39}$`)
	sectionPattern      = regexp.MustCompile(`^[A-T]$`)
)

// Validate checks every field of a message that crosses, in either direction. Fields that the type does not have are refused.
// Every error is a *Refused with code MALFORMED.
func Validate(m proto.Message) error {
	if m == nil || !m.ProtoReflect().IsValid() {
		return malformed("payload", "is missing")
	}
	if hasUnknown(m.ProtoReflect()) {
		return malformed("payload", "has a field that this version does not know")
	}
	switch m := m.(type) {
	case *borderv1.Grant:
		return validateGrant(m)
	case *borderv1.Revocation:
		return first(id("grant_id", m.GetGrantId()), city(m.GetCity()), moment("revoked_at", m.GetRevokedAt()))
	case *borderv1.IdentityRequest:
		return validateIdentityRequest(m)
	case *borderv1.CreditRequest:
		return first(id("id", m.GetId()), city(m.GetCity()), usci(m.GetSubjectUsci()), id("requester_id", m.GetRequesterId()),
			known("purpose", m.GetPurpose()), moment("requested_at", m.GetRequestedAt()))
	case *borderv1.WatchRequest:
		return first(id("id", m.GetId()), city(m.GetCity()), usci(m.GetSubjectUsci()), id("requester_id", m.GetRequesterId()),
			moment("requested_at", m.GetRequestedAt()))
	case *borderv1.IdentityResult:
		return first(id("request_id", m.GetRequestId()), id("grant_id", m.GetGrantId()),
			known("firm_registered", m.GetFirmRegistered()), known("firm_name_matches", m.GetFirmNameMatches()),
			known("person_exists", m.GetPersonExists()), known("person_represents_firm", m.GetPersonRepresentsFirm()))
	case *borderv1.CreditResult:
		return validateCreditResult(m)
	case *borderv1.Refusal:
		return first(id("request_id", m.GetRequestId()), optional(id, "grant_id", m.GetGrantId()), known("code", m.GetCode()))
	case *borderv1.Alert:
		return first(id("id", m.GetId()), id("watch_id", m.GetWatchId()), id("grant_id", m.GetGrantId()), usci(m.GetSubjectUsci()),
			known("code", m.GetCode()), known("severity", m.GetSeverity()), day("observed_at", m.GetObservedAt()))
	case *borderv1.CityDigest:
		return validateDigest(m)
	}
	return malformed("payload", "is no message that crosses")
}

func validateGrant(g *borderv1.Grant) error {
	err := first(id("id", g.GetId()), city(g.GetCity()), usci(g.GetSubjectUsci()), known("purpose", g.GetPurpose()),
		moment("not_before", g.GetNotBefore()), moment("not_after", g.GetNotAfter()),
		pattern(textVersionPattern, "text_version", g.GetTextVersion()),
		require(g.GetGranteeId() == Platform || ValidID(g.GetGranteeId()), "grantee_id", "is no party's id"),
		require(len(g.GetEvidenceDigest()) == 32, "evidence_digest", "is no SHA-256"),
		require(g.GetMaxUses() >= 1 && g.GetMaxUses() <= MaxGrantUses, "max_uses", "is out of bounds"),
		distinct("data_classes", g.GetDataClasses(), 1, 32))
	if err != nil {
		return err
	}
	length := g.GetNotAfter().AsTime().Sub(g.GetNotBefore().AsTime())
	return require(length > 0 && length <= MaxGrantDuration, "not_after", "is not after not_before, or later than a grant may last")
}

func validateIdentityRequest(r *borderv1.IdentityRequest) error {
	return first(id("id", r.GetId()), city(r.GetCity()), usci(r.GetSubjectUsci()), name("firm_name", r.GetFirmName(), 100),
		name("person_name", r.GetPersonName(), 50), moment("requested_at", r.GetRequestedAt()),
		require(ValidResidentID(r.GetResidentId()), "resident_id", "is no resident identity number"))
}

func validateCreditResult(r *borderv1.CreditResult) error {
	err := first(id("request_id", r.GetRequestId()), id("grant_id", r.GetGrantId()), usci(r.GetSubjectUsci()),
		pattern(modelIDPattern, "model_id", r.GetModelId()), pattern(modelVersionPattern, "model_version", r.GetModelVersion()),
		pattern(dataVersionPattern, "data_version", r.GetDataVersion()), day("as_of", r.GetAsOf()), score("score", r.GetScore()),
		known("grade", r.GetGrade()), known("pd_band", r.GetPdBand()), known("limit_band", r.GetLimitBand()),
		drivers("reasons", r.GetReasons(), MaxReasons), distinct("flags", r.GetFlags(), 0, 16),
		require(len(r.GetTrend()) <= MaxTrend, "trend", "is too long"))
	if err != nil {
		return err
	}
	return first(validateDimensions(r.GetDimensions()), validateFigures(r.GetFigures()), validateTrend(r.GetTrend()))
}

func validateDimensions(all []*borderv1.DimensionScore) error {
	var last borderv1.Dimension
	for _, d := range all {
		err := first(known("dimension", d.GetDimension()), require(d.GetDimension() > last, "dimensions", "are not in order, each once"),
			require(d.GetValue() <= 100, "dimension value", "is above 100"), drivers("drivers", d.GetDrivers(), MaxDrivers))
		if err != nil {
			return err
		}
		last = d.GetDimension()
	}
	return nil
}

func validateFigures(all []*borderv1.Figure) error {
	var last borderv1.FigureKind
	for _, f := range all {
		err := first(known("figure kind", f.GetKind()), require(f.GetKind() > last, "figures", "are not in order, each once"),
			require(int(f.GetEdgeIndex()) <= len(Bands(f.GetKind())), "edge_index", "is beyond the last band"))
		if err != nil {
			return err
		}
		last = f.GetKind()
	}
	return nil
}

func validateTrend(all []*borderv1.TrendPoint) error {
	var last time.Time
	for _, p := range all {
		err := first(day("trend as_of", p.GetAsOf()), score("trend score", p.GetScore()),
			require(p.GetAsOf().AsTime().After(last), "trend", "is not in order of dates"))
		if err != nil {
			return err
		}
		last = p.GetAsOf().AsTime()
	}
	return nil
}

func validateDigest(d *borderv1.CityDigest) error {
	err := first(id("id", d.GetId()), city(d.GetCity()), day("as_of", d.GetAsOf()), pattern(dataVersionPattern, "data_version", d.GetDataVersion()),
		pattern(modelIDPattern, "model_id", d.GetModelId()), require(len(d.GetCells()) <= 4000, "cells", "are too many"),
		require(len(d.GetDepartments()) <= 100, "departments", "are too many"))
	if err != nil {
		return err
	}
	type cell struct {
		division, section string
		grade             borderv1.Grade
	}
	seen, sum := map[cell]bool{}, uint64(d.GetSuppressedFirms())
	for _, c := range d.GetCells() {
		key := cell{c.GetDivision(), c.GetIndustrySection(), c.GetGrade()}
		err := first(require(ValidCity(c.GetDivision()), "division", "is no division code"), optional(section, "industry_section", c.GetIndustrySection()),
			known("grade", c.GetGrade()), require(c.GetFirms() >= MinCellFirms, "cell", "has too few firms to be shown"),
			require(!seen[key], "cells", "hold one twice"))
		if err != nil {
			return err
		}
		seen[key] = true
		sum += uint64(c.GetFirms())
	}
	if hidden := d.GetSuppressedFirms(); hidden > 0 && hidden < MinCellFirms {
		return malformed("suppressed_firms", "are so few that they can be told")
	}
	if sum != uint64(d.GetFirms()) {
		return malformed("firms", "is not the sum of the cells and of what is suppressed")
	}
	return validateReadiness(d.GetDepartments())
}

func section(field, s string) error { return pattern(sectionPattern, field, s) }

func validateReadiness(all []*borderv1.DepartmentReadiness) error {
	seen := map[string]bool{}
	for _, r := range all {
		err := first(pattern(departmentPattern, "department", r.GetDepartment()), require(!seen[r.GetDepartment()], "departments", "hold one twice"),
			require(r.GetLinkedPerMille() <= 1000, "linked_per_mille", "is above 1000"),
			require(r.GetCatalogues() <= 1000, "catalogues", "are too many"),
			require(r.GetReceived() == r.GetLanded()+r.GetQuarantined()+r.GetDuplicates(), "received", "is not the sum of landed, quarantined and duplicates"))
		if err != nil {
			return err
		}
		if r.GetLatestDelivery() != nil {
			if err := day("latest_delivery", r.GetLatestDelivery()); err != nil {
				return err
			}
		}
		seen[r.GetDepartment()] = true
	}
	return nil
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func require(ok bool, field, why string) error {
	if ok {
		return nil
	}
	return malformed(field, why)
}

func id(field, s string) error { return require(ValidID(s), field, "is not a ULID") }

func optional(check func(field, s string) error, field, s string) error {
	if s == "" {
		return nil
	}
	return check(field, s)
}

func city(s string) error { return require(ValidCity(s), "city", "is no division code") }

func usci(s string) error {
	return require(ValidUSCI(s), "subject_usci", "is no unified social credit code")
}

func pattern(p *regexp.Regexp, field, s string) error {
	return require(len(s) <= 64 && p.MatchString(s), field, "has not the agreed shape")
}

// name checks a text that travels into the government network only.
func name(field, s string, most int) error {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return malformed(field, fmt.Sprintf("is empty, longer than %d characters or no text", most))
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return malformed(field, "holds a character that cannot be printed")
		}
	}
	return nil
}

func score(field string, s uint32) error {
	return require(s >= MinScore && s <= MaxScore, field, "is out of bounds")
}

// known refuses a value that the enumeration does not name, and the unspecified one.
func known[E interface {
	~int32
	protoreflect.Enum
}](field string, e E) error {
	return require(e != 0 && e.Descriptor().Values().ByNumber(e.Number()) != nil, field, "is unspecified or unknown")
}

// distinct checks a set of enumeration values: rising, so that their order tells nothing.
func distinct[E interface {
	~int32
	protoreflect.Enum
}](field string, all []E, least, most int) error {
	if len(all) < least || len(all) > most {
		return malformed(field, "are too few or too many")
	}
	for i, e := range all {
		if err := known(field, e); err != nil {
			return err
		}
		if i > 0 && e <= all[i-1] {
			return malformed(field, "are not in order, each once")
		}
	}
	return nil
}

func drivers(field string, all []*borderv1.Driver, most int) error {
	if len(all) > most {
		return malformed(field, "are too many")
	}
	seen := map[borderv1.Reason]bool{}
	for _, d := range all {
		err := first(known(field, d.GetReason()), known(field, d.GetDirection()), require(!seen[d.GetReason()], field, "name one twice"))
		if err != nil {
			return err
		}
		seen[d.GetReason()] = true
	}
	return nil
}

var earliest, latest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// moment checks a point in time to the microsecond.
func moment(field string, t *timestamppb.Timestamp) error {
	ok := t != nil && t.IsValid() && t.GetNanos()%1000 == 0 && !t.AsTime().Before(earliest) && t.AsTime().Before(latest)
	return require(ok, field, "is no point in time between 2000 and 2100, to the microsecond")
}

// day checks a date: 00:00 UTC of that day. What leaves the network is never dated more exactly.
func day(field string, t *timestamppb.Timestamp) error {
	if err := moment(field, t); err != nil {
		return err
	}
	return require(t.GetNanos() == 0 && t.GetSeconds()%86400 == 0, field, "is no date (00:00 UTC)")
}
