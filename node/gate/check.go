package gate

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/yidaitong/yidaitong/border"
	borderv1 "github.com/yidaitong/yidaitong/border/v1"
)

func refusal(code borderv1.RefusalCode, field, why string) error {
	return &border.Refused{Code: code, Field: field, Why: why}
}

// answering is one envelope being answered, in one transaction, from one snapshot.
type answering struct {
	g        *Gate
	s        *snapshot
	tx       *sql.Tx
	now      time.Time
	envelope *borderv1.Envelope
}

// answer returns the result, or why there is none (refused), or neither when there is nothing to say. An error means that the
// transaction can not go on.
func (a *answering) answer(ctx context.Context, m proto.Message) (result proto.Message, refused, err error) {
	if refused = a.checkClock(m); refused != nil {
		return nil, refused, nil
	}
	if city := m.(interface{ GetCity() string }).GetCity(); city != a.g.City {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_WRONG_CITY, "city", "is another city"), nil
	}
	switch m := m.(type) {
	case *borderv1.Grant:
		return nil, nil, nil // it comes again with each request; that it was given is in the log
	case *borderv1.Revocation:
		return nil, nil, a.revoke(ctx, m)
	case *borderv1.IdentityRequest:
		return a.identity(ctx, m)
	case *borderv1.CreditRequest:
		return a.credit(ctx, m)
	case *borderv1.WatchRequest:
		return a.watch(ctx, m)
	}
	return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_MALFORMED, "kind", "is not for a node"), nil
}

// checkClock refuses what comes from the future, and what is older than the gate's memory of what it answered.
func (a *answering) checkClock(m proto.Message) error {
	signed := a.envelope.GetSignedAt().AsTime()
	switch {
	case signed.After(a.now.Add(maxAhead)):
		return refusal(borderv1.RefusalCode_REFUSAL_CODE_CLOCK, "signed_at", "is in the future")
	case signed.Before(a.now.Add(-maxAge)):
		return refusal(borderv1.RefusalCode_REFUSAL_CODE_CLOCK, "signed_at", "is too long ago")
	}
	r, ok := m.(interface{ GetRequestedAt() *timestamppb.Timestamp })
	if ok && r.GetRequestedAt().AsTime().After(a.now.Add(maxAhead)) {
		return refusal(borderv1.RefusalCode_REFUSAL_CODE_CLOCK, "requested_at", "is in the future")
	}
	return nil
}

func (a *answering) revoke(ctx context.Context, r *borderv1.Revocation) error {
	_, err := a.tx.ExecContext(ctx, `insert into revocation (grant_id, revoked_at) values (?, ?) on conflict do nothing`,
		r.GetGrantId(), micros(r.GetRevokedAt().AsTime()))
	if err != nil {
		return fmt.Errorf("note a revocation: %w", err)
	}
	_, err = a.tx.ExecContext(ctx, `update watch set ended_at = ? where grant_id = ? and ended_at = 0`, micros(a.now), r.GetGrantId())
	if err != nil {
		return fmt.Errorf("end the watches under a revoked grant: %w", err)
	}
	return nil
}

// grantOf opens the grant in a request and checks, in this order, that it is the platform's, for this city, in its time, not revoked
// and not used up.
func (a *answering) grantOf(ctx context.Context, e *borderv1.Envelope) (g *borderv1.Grant, refused, err error) {
	if e == nil {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_NO_GRANT, "grant", "is missing"), nil
	}
	m, refused := border.Open(e, a.g.Keys.Verifier, a.g.party)
	if refused != nil {
		return nil, refused, nil
	}
	g, ok := m.(*borderv1.Grant)
	switch {
	case !ok:
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_NO_GRANT, "grant", "is another message"), nil
	case g.GetCity() != a.g.City:
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_WRONG_CITY, "grant", "is for another city"), nil
	case !a.now.Before(g.GetNotAfter().AsTime()):
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_GRANT_EXPIRED, "grant", "has expired"), nil
	case g.GetNotBefore().AsTime().After(a.now.Add(maxAhead)):
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_GRANT_EXPIRED, "grant", "does not hold yet"), nil
	}
	revoked, err := count(ctx, a.tx, `select count(*) from revocation where grant_id = ?`, g.GetId())
	if err != nil {
		return nil, nil, fmt.Errorf("look for a revocation: %w", err)
	}
	if revoked > 0 {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_GRANT_REVOKED, "grant", "was withdrawn"), nil
	}
	used, err := count(ctx, a.tx, `select count(*) from grant_use where grant_id = ?`, g.GetId())
	if err != nil {
		return nil, nil, fmt.Errorf("count the uses of a grant: %w", err)
	}
	if used >= int64(g.GetMaxUses()) {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_GRANT_USED_UP, "grant", "has no use left"), nil
	}
	return g, nil, nil
}

// checkUse checks that a grant is for this purpose, this requester and this firm.
func checkUse(g *borderv1.Grant, purpose borderv1.Purpose, requester, usci string) error {
	switch {
	case g.GetPurpose() != purpose:
		return refusal(borderv1.RefusalCode_REFUSAL_CODE_WRONG_PURPOSE, "purpose", "is not the grant's")
	case g.GetGranteeId() != requester:
		return refusal(borderv1.RefusalCode_REFUSAL_CODE_WRONG_REQUESTER, "requester_id", "is not whom the grant names")
	case g.GetSubjectUsci() != usci:
		return refusal(borderv1.RefusalCode_REFUSAL_CODE_WRONG_SUBJECT, "subject_usci", "is not the grant's firm")
	}
	return nil
}

// use counts one use of a grant.
func (a *answering) use(ctx context.Context, g *borderv1.Grant, requestID string) error {
	_, err := a.tx.ExecContext(ctx, `insert into grant_use (grant_id, request_id, used_at) values (?, ?, ?)`, g.GetId(), requestID, micros(a.now))
	if err != nil {
		return fmt.Errorf("count the use of a grant: %w", err)
	}
	return nil
}

var identityClasses = []borderv1.DataClass{borderv1.DataClass_DATA_CLASS_REGISTRATION, borderv1.DataClass_DATA_CLASS_PERSON_IDENTITY}

func (a *answering) identity(ctx context.Context, r *borderv1.IdentityRequest) (result proto.Message, refused, err error) {
	g, refused, err := a.grantOf(ctx, r.GetGrant())
	if refused != nil || err != nil {
		return nil, refused, err
	}
	if refused = checkUse(g, borderv1.Purpose_PURPOSE_IDENTITY_CHECK, border.Platform, r.GetSubjectUsci()); refused != nil {
		return nil, refused, nil
	}
	if !border.Covers(g.GetDataClasses(), identityClasses) {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_OUT_OF_SCOPE, "data_classes", "lack what an identity check needs"), nil
	}
	verdicts := a.s.identify(r)
	verdicts.RequestId, verdicts.GrantId = r.GetId(), g.GetId()
	return verdicts, nil, a.use(ctx, g, r.GetId())
}

func (a *answering) credit(ctx context.Context, r *borderv1.CreditRequest) (result proto.Message, refused, err error) {
	if r.GetPurpose() == borderv1.Purpose_PURPOSE_IDENTITY_CHECK {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_WRONG_PURPOSE, "purpose", "is none of a credit report"), nil
	}
	g, refused, err := a.grantOf(ctx, r.GetGrant())
	if refused != nil || err != nil {
		return nil, refused, err
	}
	if refused = checkUse(g, r.GetPurpose(), r.GetRequesterId(), r.GetSubjectUsci()); refused != nil {
		return nil, refused, nil
	}
	if !border.Covers(g.GetDataClasses(), a.s.modelClasses) {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_OUT_OF_SCOPE, "data_classes", "lack what the score is made of"), nil
	}
	f, ok := a.s.firms[r.GetSubjectUsci()]
	if !ok {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_UNKNOWN_FIRM, "subject_usci", "is not known to the node"), nil
	}
	report := a.s.report(f, r.GetId(), g)
	if report == nil {
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_NOT_SCORABLE, "subject_usci", "has too few data for a score"), nil
	}
	if err := border.Validate(report); err != nil {
		// The snapshot holds what must not leave. The bank hears that there is no score; the operator hears which field.
		a.g.Logger.ErrorContext(ctx, "a report would break the output rules", "request", r.GetId(), "reason", err)
		return nil, refusal(borderv1.RefusalCode_REFUSAL_CODE_NOT_SCORABLE, "subject_usci", "has no report that may leave"), nil
	}
	return report, nil, a.use(ctx, g, r.GetId())
}

// grantID names the grant of a request, for a refusal; empty when it has none that can be read.
func grantID(m proto.Message) string {
	r, ok := m.(interface{ GetGrant() *borderv1.Envelope })
	if !ok || r.GetGrant() == nil || !border.ValidID(r.GetGrant().GetId()) {
		return ""
	}
	return r.GetGrant().GetId()
}
